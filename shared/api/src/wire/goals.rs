//! Goals, progress, leaderboards, awards.

use merit::goal::Goal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::wire::MoneyBody;

/// A version of a goal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GoalBody {
    pub goal: Goal,
    /// It holds for periods that begin on this day or later; absent: from tomorrow on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_on: Option<String>,
    /// Why, for colleagues.
    #[cfg_attr(feature = "schema", schemars(length(max = 200)))]
    #[serde(default)]
    pub note: String,
}

/// A version as it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GoalVersionReply {
    pub code: String,
    pub version: i64,
    pub effective_on: String,
}

/// The end of a goal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GoalEndBody {
    /// Absent: tomorrow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
}

/// When a goal ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GoalEndReply {
    pub ended_on: String,
}

/// A brand's goals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GoalsReply {
    pub items: Vec<GoalReply>,
}

/// A goal's version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GoalReply {
    pub code: String,
    pub version: i64,
    pub effective_on: String,
    pub ended_on: Option<String>,
    pub note: String,
    pub created_at: String,
    pub goal: Goal,
}

/// Outlets of a named group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OutletGroupBody {
    /// Codes.
    #[cfg_attr(feature = "schema", schemars(length(max = 2000)))]
    pub outlets: Vec<String>,
}

/// A group of outlets as it will be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OutletGroupReply {
    /// Codes.
    pub outlets: Vec<String>,
    /// The first day on which it holds: for periods that begin then or later.
    pub since: String,
}

/// Planned revenue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RevenuePlanBody {
    /// In the outlet's currency.
    pub revenue: MoneyBody,
}

/// How far the caller and their outlet are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProgressReply {
    pub outlet: String,
    pub date: String,
    pub goals: Vec<GoalProgress>,
}

/// How far along on one goal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GoalProgress {
    pub code: String,
    pub version: i64,
    /// In the language of the request.
    pub name: String,
    /// `person`, `shift`, `outlet`, `franchisee`, `city`, `country` or `group`.
    pub subject: String,
    /// First day, and the first that does not count.
    pub period_from: String,
    pub period_until: String,
    pub standing: StandingReply,
    /// The next level, in percent; null when there is none above.
    pub next_level_percent: Option<u16>,
}

/// How somebody stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StandingReply {
    /// One per component of the goal.
    pub parts: Vec<PartReply>,
    /// Percent of the whole, rounded for reading; null without a score.
    pub score_percent: Option<String>,
    /// Why there is no score: `below_minimum`, `nothing_yet`, `currencies` or `out_of_range`.
    pub no_score: Option<String>,
    /// The level reached, in percent.
    pub level_percent: Option<u16>,
    /// Among colleagues of the outlet in one's own progress, among all of the class on a leaderboard.
    pub place: Option<u32>,
    /// Of how many.
    pub of: u32,
    /// Receipts that count.
    pub receipts: i64,
}

/// A component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PartReply {
    /// Rounded for reading; null while there is nothing to measure.
    pub value: Option<String>,
    pub target: String,
    /// Percent of the component's whole.
    pub worth_percent: Option<String>,
}

/// Who is ahead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LeaderboardReply {
    pub code: String,
    pub version: i64,
    pub name: String,
    pub subject: String,
    pub period_from: String,
    pub period_until: String,
    /// By class and place; those without a score last.
    pub rows: Vec<LeaderboardRow>,
    /// How many there are in all.
    pub total: usize,
    /// When it was judged: a few seconds ago at most.
    pub as_of: String,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LeaderboardRow {
    /// Size class, the smallest outlets first; null for outlets that are new.
    pub class: Option<u8>,
    /// Null for people of others' outlets.
    pub name: Option<String>,
    /// Code of the outlet, where the row is named.
    pub outlet: Option<String>,
    /// Whether it is the caller's or of the caller's outlets.
    pub within: bool,
    pub standing: StandingReply,
}

/// A page of awards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AwardsPage {
    pub items: Vec<AwardReply>,
    pub next_cursor: Option<String>,
}

/// An award, or what takes one back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AwardReply {
    /// `awd_…`
    pub id: String,
    pub goal: String,
    pub version: i64,
    pub period_from: String,
    pub period_until: String,
    /// Who was measured.
    pub subject: String,
    /// `points`, `badge` or `money`.
    pub kind: String,
    pub badge: Option<String>,
    /// Below zero takes back.
    pub points: Option<String>,
    pub money: Option<MoneyBody>,
    /// Points that reached the guest account; null while none is linked.
    pub points_posted: Option<String>,
    /// The award that this takes back.
    pub reverses: Option<String>,
    /// What was counted, each part's value and worth as exact fractions, score, place and level.
    pub arithmetic: Value,
    pub decided_at: String,
}

/// What a run by hand did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AwardRunReply {
    /// Periods judged for the first time.
    pub periods: i64,
    pub awarded: i64,
    pub reversed: i64,
    /// Awards in points that reached the ledger.
    pub posted: i64,
    /// Winners whose staff code nobody has.
    pub unknown: i64,
    pub failed: usize,
    /// The run stopped at its bound.
    pub more: bool,
    pub next_due_at: Option<String>,
}

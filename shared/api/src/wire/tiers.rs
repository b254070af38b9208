//! Tiers: how a member stands and why, grants, previews, the job.

use serde::{Deserialize, Serialize};

use super::MoneyBody;
use super::programmes::{RuleProblem, RulesBody};

/// How a member stands, why, and what leads further.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TierStandingReply {
    /// `mbr_…`
    pub member: String,
    /// The tier that the member has: the highest of what was judged, reached and granted.
    pub tier: String,
    /// In the language of the request.
    pub name: String,
    /// What the member was judged to be on the last boundary; null before anything was decided.
    pub judged: Option<JudgedReply>,
    /// The day on which the member is judged next, at home.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date")))]
    pub next_on: String,
    /// What has been counted for that day so far.
    pub so_far: ArithmeticReply,
    /// Null at the highest tier.
    pub next_tier: Option<NextTierReply>,
    /// Grants that hold, or will.
    pub grants: Vec<TierGrantReply>,
    /// The latest changes, newest first.
    pub events: Vec<TierEventReply>,
}

/// What a member was judged to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JudgedReply {
    pub tier: String,
    /// First day on which it is no longer good; null where nothing ends.
    pub valid_until: Option<String>,
    /// The day on which grace ends; null outside of grace.
    pub grace_until: Option<String>,
    /// The member never falls below this tier.
    pub floor: String,
}

/// What was counted, and what it is enough for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ArithmeticReply {
    /// First day that counted; null: since ever.
    pub from: Option<String>,
    /// First day that did not count.
    pub until: String,
    /// Paid with money and not refunded, in the currency of the home outlet.
    pub spend: MoneyBody,
    /// Earned by receipts and not taken back.
    pub points: String,
    /// Business days with a receipt.
    pub visits: u32,
    /// The highest tier that this is enough for.
    pub earned: String,
    /// Version of the programme's rules, `prv_…`.
    pub programme: String,
}

/// The tier above, and what leads to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NextTierReply {
    pub tier: String,
    /// In the language of the request.
    pub name: String,
    pub requirement: RequirementReply,
}

/// A requirement, and how far the member is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RequirementReply {
    /// `spend`, `points`, `visits`, `all` or `any`.
    pub kind: String,
    pub met: bool,
    /// Asked for, as a decimal; absent for `all` and `any`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub need: Option<String>,
    /// Counted so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub have: Option<String>,
    /// Still missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<String>,
    /// Of spend.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The parts of `all` and `any`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<Self>,
}

/// A change of the tier that a member has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TierEventReply {
    /// `tev_…`
    pub id: String,
    /// `judged`, `corrected`, `reached`, `withdrawn`, `granted` or `grant_ended`.
    pub cause: String,
    pub from: String,
    pub to: String,
    /// From when it holds, in the zone of the home outlet.
    pub at: String,
    pub recorded_at: String,
    pub arithmetic: ArithmeticReply,
    /// `tgr_…` of a grant.
    pub grant: Option<String>,
}

/// Grants a tier for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TierGrantBody {
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub tier: String,
    /// Absent: from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
    pub from: Option<String>,
    /// Within a quarter from now for support, within two years for administrators.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
    pub until: String,
    /// Shown to the guest.
    #[cfg_attr(feature = "schema", schemars(length(min = 3, max = 200)))]
    pub reason: String,
}

/// A grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TierGrantReply {
    /// `tgr_…`
    pub id: String,
    /// `mbr_…`
    pub member: String,
    pub tier: String,
    pub from: String,
    pub until: Option<String>,
    pub reason: String,
    pub revoked_at: Option<String>,
}

/// Rules to try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TierPreviewBody {
    /// The programme's rules; see `kv-schemas/loyalty.programme.v1.schema.json`.
    pub rules: RulesBody,
}

/// Who would move, of a slice of the members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TierPreviewReply {
    pub moves: Vec<TierMoveReply>,
    /// Pass as `cursor` for the next slice and add the counts up; null at the end.
    pub next_cursor: Option<String>,
    /// What would keep the rules from being published; nobody was judged then.
    pub problems: Vec<RuleProblem>,
}

/// Members who would go from one tier to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TierMoveReply {
    pub from: String,
    pub to: String,
    pub members: i64,
    /// The day on which the first of them would move, at home: who falls does so when validity and grace are over.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date")))]
    pub first_on: String,
    /// The day on which the last of them would.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date")))]
    pub last_on: String,
    /// Ends of the ids of some of them.
    pub sample: Vec<String>,
}

/// What a run by hand did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TierRunReply {
    /// Members whose facts were looked at.
    pub judged: i64,
    /// Members whose tier changed.
    pub changed: i64,
    /// Members to be told that their tier ends.
    pub warned: i64,
    /// Members who could not be judged; they are met again.
    pub failed: i64,
    /// The run stopped at its bound: call again for the rest, or leave it to the timer.
    pub more: bool,
    pub next_due_at: Option<String>,
}

/// Moves a member's home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MemberHomeBody {
    /// Code of an outlet of the member's brand.
    pub outlet: String,
    /// Why; kept with the move until the member is erased.
    #[cfg_attr(feature = "schema", schemars(length(min = 3, max = 200)))]
    pub reason: String,
}

/// Where a member is at home: whose midnights end their months, and in which money they are judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemberHomeReply {
    /// `mbr_…`
    pub member: String,
    /// Code of the outlet; null before the first receipt.
    pub outlet: Option<String>,
    /// Its zone.
    pub zone: Option<String>,
    /// The latest moves, newest first.
    pub moves: Vec<HomeMoveReply>,
}

/// A move of a member's home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HomeMoveReply {
    /// Codes of the outlets.
    pub from: String,
    pub to: String,
    /// The last day that counts at the home of before.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date")))]
    pub on: String,
    pub at: String,
    /// `stf_…`; null: the home followed the member.
    pub by: Option<String>,
    pub reason: Option<String>,
}

//! Fraud control: rules, trials, cases, appeals.

use fraud::{Action, RuleSet};
use serde::{Deserialize, Serialize};

/// Whether what rules decide is done, or only written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RulesModeBody {
    Shadow,
    Live,
}

/// Publishes the next version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewFraudRulesBody {
    /// See `kv-schemas/fraud.rules.v1.schema.json`.
    pub rules: RuleSet,
    pub mode: RulesModeBody,
    /// What changed and why, for colleagues.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 200)))]
    pub note: String,
}

/// A version. Never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FraudRulesReply {
    /// `frv_…`; null for the standard rules, which hold until a version is published.
    pub id: Option<String>,
    pub brand: String,
    /// Zero for the standard rules.
    pub version: i64,
    pub mode: RulesModeBody,
    pub rules: RuleSet,
    pub note: String,
    /// `stf_…`
    pub created_by: Option<String>,
    pub created_at: Option<String>,
}

/// The rules that hold, and the versions before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FraudRulesPage {
    pub in_force: FraudRulesReply,
    /// Newest first.
    pub items: Vec<FraudRulesReply>,
    pub next_cursor: Option<String>,
}

/// Begins a trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewTrialBody {
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub brand: String,
    /// Rules to try; absent: the standard ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<RuleSet>,
    /// Receipts sold from then on.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
    pub from: String,
    /// And before.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
    pub until: String,
}

/// A number of something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NamedCount {
    pub name: String,
    pub count: i64,
}

/// A member of a trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TrialMember {
    /// `mbr_…`
    pub member: String,
    /// The highest.
    pub score: u32,
    pub action: String,
}

/// A trial as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TrialReply {
    /// `ftr_…`
    pub id: String,
    pub brand: String,
    /// Everything was looked at.
    pub done: bool,
    /// Receipts, holds and returns judged so far.
    pub events: i64,
    /// How often each action would have been taken.
    pub actions: Vec<NamedCount>,
    /// How often each rule held where something would have been done.
    pub rules: Vec<NamedCount>,
    /// Members to whom something would have been done, by the action at their highest score.
    pub members: Vec<NamedCount>,
    /// Those with the highest scores.
    pub top: Vec<TrialMember>,
    pub changed_at: String,
}

/// What was measured, in words and as numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FraudReasonReply {
    pub rule: String,
    pub weight: u32,
    /// In the language of the request.
    pub text: String,
}

/// A decision: of rules, or of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FraudDecisionReply {
    /// `fdc_…`
    pub id: String,
    /// `receipt`, `hold`, `return`, `sign_up`, `sign_in`, `referral`, `code_attempt`, `sweep`, or `review` by a person.
    pub event: String,
    /// `rcp_…`, `hld_…` or `ret_…`; `fcs_…` where a case of an erased account is carried over to the new one.
    pub reference: Option<String>,
    /// `mbr_…`
    pub member: Option<String>,
    pub outlet: Option<String>,
    /// The chain's code of the cashier.
    pub staff: Option<String>,
    /// `frv_…`; null for the standard rules and for people.
    pub rules: Option<String>,
    /// `stf_…` of a person.
    pub decided_by: Option<String>,
    pub note: Option<String>,
    pub mode: String,
    pub score: u32,
    pub action: String,
    pub reasons: Vec<FraudReasonReply>,
    /// When it happened.
    pub at: String,
    pub recorded_at: String,
}

/// Decisions that no case holds: what rules that only observe would have done, and what live ones found about nobody who is
/// known, as when codes are tried out on many phones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FraudDecisionPage {
    /// Newest first.
    pub items: Vec<FraudDecisionReply>,
    pub next_cursor: Option<String>,
}

/// A case in the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FraudCaseReply {
    /// `fcs_…`
    pub id: String,
    pub brand: String,
    /// `mbr_…`; null where only an outlet is known.
    pub member: Option<String>,
    pub outlet: Option<String>,
    /// What it is about where neither is known.
    pub subject: Option<FraudSubjectReply>,
    /// `open`, `upheld` or `overturned`.
    pub status: String,
    /// The highest of its decisions.
    pub score: u32,
    /// The sternest that was done.
    pub action: String,
    pub decisions: i64,
    /// An appeal waits for its answer.
    pub has_appeal: bool,
    pub opened_at: String,
    pub decided_at: Option<String>,
    /// `stf_…`
    pub decided_by: Option<String>,
    pub note: Option<String>,
    /// Where no member is known: how long the ruling holds, trust as well.
    pub until: Option<String>,
}

/// What codes are tried out from or on: nobody who is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FraudSubjectReply {
    /// `device`, `network`, `phone` or `phone_block`.
    pub kind: String,
    /// By which it is told apart from others: the leading digits of a block of numbers, otherwise a part of the keyed hash.
    pub label: String,
}

/// The queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FraudCasePage {
    /// The highest scores first.
    pub items: Vec<FraudCaseReply>,
    pub next_cursor: Option<String>,
}

/// Points that wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FraudDelayReply {
    pub points: String,
    pub until: String,
    /// `released`, `withheld`; null while they wait for a person or their time.
    pub ended: Option<String>,
    /// What the ledger took back of them when they were withheld; below zero: what came back after running out.
    pub taken: String,
}

/// An appeal, as people read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AppealReply {
    /// `apl_…`
    pub id: String,
    /// Null once the guest was erased.
    pub text: Option<String>,
    pub at: String,
    pub answered_at: Option<String>,
    /// Whether the guest was right; null until it is answered.
    pub upheld: Option<bool>,
}

/// A case with everything that a person needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FraudCaseView {
    pub case: FraudCaseReply,
    /// What holds for the member now: `challenge`, `hold`, `block`, `trusted`; null when nothing does.
    pub standing: Option<String>,
    /// Newest first.
    pub decisions: Vec<FraudDecisionReply>,
    pub delayed: Vec<FraudDelayReply>,
    pub appeals: Vec<AppealReply>,
}

/// Decides a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "outcome", rename_all = "snake_case", deny_unknown_fields)]
pub enum RulingBody {
    /// It was as it seemed.
    Uphold {
        /// What holds for the member from now on; `allow` for nothing. Of an outlet, a phone or a block of numbers: `allow` or
        /// `notify`; of a device also `hold` or `block`, by which its codes are not looked at for thirty days.
        action: Action,
        /// Delayed points are taken back until somebody overturns the case; otherwise they come at their time.
        #[serde(default)]
        withhold_points: bool,
        #[cfg_attr(feature = "schema", schemars(length(min = 3, max = 500)))]
        note: String,
    },
    /// It was not: delayed points come at once, what was stopped goes on.
    Overturn {
        /// Days in which rules do nothing to the member, and show nobody the outlet, device or phone; absent: 30.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "schema", schemars(range(max = 365)))]
        trust_days: Option<u32>,
        #[cfg_attr(feature = "schema", schemars(length(min = 3, max = 500)))]
        note: String,
    },
}

/// Blocks a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BlockBody {
    #[cfg_attr(feature = "schema", schemars(length(min = 3, max = 500)))]
    pub note: String,
}

/// Says why a guest thinks it is a mistake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AppealBody {
    #[cfg_attr(feature = "schema", schemars(length(min = 3, max = 2000)))]
    pub text: String,
}

/// How an account stands, for its guest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccountStandingReply {
    /// `challenge` (spending needs the rotating code), `hold`, `block`; null when nothing holds.
    pub standing: Option<String>,
    /// When it ends by itself; null: when a person decides so.
    pub standing_until: Option<String>,
    /// Points that wait for a check.
    pub points_waiting: String,
    /// Points that were taken back after one.
    pub points_withheld: String,
    /// When they come at the latest; null when nothing waits, or until the account is checked.
    pub until: Option<String>,
    /// The guest's appeals, oldest first, without their texts.
    pub appeals: Vec<AppealReply>,
    /// What to do, in the language asked for; null when nothing holds or waits.
    pub advice: Option<String>,
    /// Whether `POST /v1/appeals` would be taken now.
    pub can_appeal: bool,
    /// The page where guests appeal; null where an app does it by itself.
    pub appeal_url: Option<String>,
}

/// What a run by hand did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SweepReply {
    /// Linked members whose surroundings were looked at.
    pub looked_at: i64,
    /// Rings that have grown.
    pub rings: i64,
    /// Fresh accounts judged.
    pub fresh: i64,
    /// The run stopped at its bound: call again for the rest, or leave it to the timer.
    pub more: bool,
}

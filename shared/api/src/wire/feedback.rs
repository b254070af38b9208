//! Feedback: questions, answers, the game, reports, rules.

use serde::{Deserialize, Serialize};

use super::programmes::RulesBody;

/// A question about a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuestionReply {
    /// What the paths of its answer and its game are made of.
    pub token: String,
    /// Code of the outlet.
    pub outlet: String,
    pub outlet_name: String,
    /// Business day of the visit.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date")))]
    pub visited_on: String,
    /// The last moment for an answer, at the outlet.
    pub until: String,
    pub answered: bool,
    /// The question answered with 1 to 5 stars, in the language of the request.
    pub stars: String,
    pub tags: Vec<TagReply>,
    /// The question answered with 0 to 10; null: not asked.
    pub nps: Option<String>,
    /// What is asked for in words; null: not asked.
    pub text: Option<String>,
    /// Whether a photo may be attached.
    pub photo: bool,
    /// Null: no game.
    pub game: Option<GameReply>,
}

/// Questions that can be answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuestionsReply {
    /// Newest first, at most 20.
    pub items: Vec<QuestionReply>,
}

/// Something to tap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TagReply {
    pub code: String,
    pub text: String,
    /// Shown to answers with so many stars.
    pub stars_from: u8,
    pub stars_to: u8,
}

/// The game that an answer may play, with its odds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GameReply {
    /// `scratch`, `wheel` or `streak`.
    pub kind: String,
    /// `open`, `played` or `closed`.
    pub state: String,
    /// Why it is closed: `budget`, `too_often` or `returned`.
    pub reason: Option<String>,
    /// Tickets of the draw, all prizes together; of a streak 0.
    pub tickets: u64,
    pub prizes: Vec<PrizeReply>,
    /// What was won, once it was played; a code of a prize.
    pub prize: Option<String>,
    pub points: Option<String>,
}

/// A prize.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PrizeReply {
    pub code: String,
    pub name: String,
    pub points: String,
    /// Of a draw: tickets that win it. Of a streak: answers in a row that win it.
    pub weight: u32,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AnswerBody {
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 5)))]
    pub stars: u8,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = 10)))]
    pub tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(max = 10)))]
    pub nps: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 1000)))]
    pub text: Option<String>,
    /// Key of a photo in the chain's file store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 128)))]
    pub photo: Option<String>,
}

/// What an answer led to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AnsweredReply {
    /// `tkt_…` of the ticket that was opened; null: none.
    pub ticket: Option<String>,
    pub game: Option<GameReply>,
}

/// What a play brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlayedReply {
    /// Code of the prize; null of a streak that is not long enough yet.
    pub prize: Option<String>,
    /// Its name in the language of the request.
    pub name: Option<String>,
    pub points: String,
    /// Of a streak: questions answered in a row.
    pub streak: u32,
}

/// A run of the job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeedbackRunReply {
    /// Receipts looked at, some of them for a second time.
    pub looked_at: i64,
    pub planned: i64,
    pub asked: i64,
    pub skipped: i64,
    pub failed: i64,
    /// Whether it stopped at its bound with more to do.
    pub more: bool,
    pub next_due_at: Option<String>,
}

/// Ratings by groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RatingsReply {
    pub by: String,
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date")))]
    pub from: String,
    /// First business day that does not count.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date")))]
    pub until: String,
    /// In the order of the rating's lower end: what is certain, not what is lucky. Hours are in their own order.
    pub items: Vec<RatingRow>,
    /// What was tapped how often, from five times on.
    pub tags: Vec<TagCount>,
}

/// A group of answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RatingRow {
    pub key: String,
    pub name: String,
    pub answers: u64,
    /// Null where too few answers would show who gave them.
    pub rating: Option<Interval>,
    pub nps: Option<Interval>,
}

/// An estimate with its 95 % confidence interval, as decimals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Interval {
    /// Answers that it is made of.
    pub answers: u64,
    pub value: String,
    pub low: String,
    pub high: String,
}

/// How often a tag was tapped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TagCount {
    pub tag: String,
    pub answers: u64,
}

/// Publishes the next version of the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewFeedbackRulesBody {
    /// See `kv-schemas/feedback.rules.v1.schema.json`.
    pub rules: RulesBody,
    /// Absent: from now on. Otherwise after the newest version's, and not in the past.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
    pub effective_from: Option<String>,
    /// What changed and why, for colleagues.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 500)))]
    pub note: String,
}

/// A version of the rules. Never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeedbackRulesReply {
    pub brand: String,
    pub version: i64,
    pub effective_from: String,
    /// Whether it is the one in force now.
    pub in_force: bool,
    pub note: String,
    /// `stf_…`; null when the installation brought it.
    pub created_by: Option<String>,
    pub created_at: String,
    pub rules: RulesBody,
}

/// A page of versions, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeedbackRulesPage {
    pub items: Vec<FeedbackRulesReply>,
    /// Pass as `cursor` for the next page; null at the end.
    pub next_cursor: Option<String>,
}

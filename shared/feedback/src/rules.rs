//! Everything a brand decides about feedback, as plain data.
//!
//! Stored as JSON with each immutable version. Points are decimal strings, texts come in three languages.

use kernel::Points;
#[cfg(feature = "schema")]
use notation::PointsText;
use notation::{Names, points};
use serde::{Deserialize, Serialize};

use crate::game::Game;
use crate::ticket::{Desk, Priority};

/// The rules of a brand. Check them with [`FeedbackRules::check`] before they are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FeedbackRules {
    /// Code of the brand.
    pub brand: String,
    pub requests: RequestRules,
    /// By type of outlet. The first one is for every outlet that no other one names.
    pub question_sets: Vec<QuestionSet>,
    /// An answer with so many stars or fewer is a low one.
    pub low_stars_max: u8,
    /// In order: the first one that an answer fits opens its ticket. None fits: no ticket.
    pub routing: Vec<Route>,
    pub service: Service,
    pub compensation: Compensation,
    /// What an answer may win; `null` for no game.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub game: Option<Game>,
}

/// Which receipts are asked about, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RequestRules {
    /// Receipts of a thousand that are asked about.
    pub sample_per_mille: u32,
    /// Minutes from the sale to the question.
    pub delay_minutes: u32,
    /// A receipt that we learn of later than this, in hours after the sale, is not asked about.
    pub late_hours_max: u32,
    /// Hours for which a question can be answered.
    pub valid_hours: u32,
    /// Most questions to one guest within `cap_days` days.
    pub cap: u32,
    pub cap_days: u32,
    /// Local hours in which nobody is asked; `null` for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<Quiet>,
    pub consent: AskedWith,
    /// Sales channels, such as `hall` and `delivery`; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<String>,
}

/// From `from_hour` to `until_hour`, in the guest's zone; over midnight when the end is not after the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Quiet {
    pub from_hour: u8,
    pub until_hour: u8,
}

/// What a guest must have agreed to before they are asked. Nothing said is no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AskedWith {
    /// The handling of personal data.
    PersonalData,
    /// That, and advertising by text message or push.
    Marketing,
}

/// What guests of a type of outlet are asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct QuestionSet {
    /// The type, such as `kiosk`.
    pub outlet_type: String,
    /// Codes of the outlets; empty in the first set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outlets: Vec<String>,
    /// The question answered with one to five stars.
    pub stars: Names,
    /// What can be tapped besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    /// The question how likely it is that they recommend, 0 to 10; `null` for not asking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nps: Option<Names>,
    /// What is asked for in words; `null` for not asking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Names>,
    /// Whether a photo may be attached.
    pub photo: bool,
}

/// A tap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Tag {
    pub code: String,
    pub text: Names,
    /// Shown to answers with at least so many stars.
    pub stars_from: u8,
    /// And at most so many.
    pub stars_to: u8,
}

/// Which answers open a ticket, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// What the ticket is about, for lists and reports.
    pub topic: String,
    pub when: When,
    pub priority: Priority,
    pub desk: Desk,
    /// Code of the team that is given the ticket: the team of the outlet's franchisee, or else the chain's; `null` for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
}

/// Everything given must hold; nothing given always does.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct When {
    /// It is about one of these outlets, by their codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outlets: Vec<String>,
    /// So many stars or fewer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stars_max: Option<u8>,
    /// One of these was tapped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// A word of the text begins with one of these, whatever its case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// The guest's low answers within so many days, this one included, are at least so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats: Option<Repeats>,
}

/// Low answers of one guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Repeats {
    pub answers: u32,
    pub days: u32,
}

/// How soon tickets are to be dealt with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Service {
    pub urgent: Times,
    pub normal: Times,
    /// Days after closing in which a ticket can be reopened.
    pub reopen_days: u32,
}

/// Times of one priority, counted by the clock from the opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Times {
    /// Until the guest has a first answer.
    pub answer_minutes: u32,
    /// Until the ticket is closed.
    pub close_minutes: u32,
}

/// What may be given for what went wrong. Each limit holds by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Compensation {
    /// By role; a role that is not here gives nothing.
    pub limits: Vec<RoleLimit>,
    /// For one outlet's tickets in a calendar month.
    #[serde(with = "points")]
    #[cfg_attr(feature = "schema", schemars(with = "PointsText"))]
    pub outlet_month: Points,
    /// To one guest in a calendar month.
    #[serde(with = "points")]
    #[cfg_attr(feature = "schema", schemars(with = "PointsText"))]
    pub guest_month: Points,
    /// Days for which the points are good.
    pub good_days: u32,
}

/// What a role may give.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RoleLimit {
    /// Code of the role, such as `outlet_manager`.
    pub role: String,
    /// For one ticket, all its compensations together.
    #[serde(with = "points")]
    #[cfg_attr(feature = "schema", schemars(with = "PointsText"))]
    pub ticket: Points,
    /// By one person of the role in a day (UTC).
    #[serde(with = "points")]
    #[cfg_attr(feature = "schema", schemars(with = "PointsText"))]
    pub day: Points,
}

impl FeedbackRules {
    /// What is asked at an outlet; always something for checked rules.
    #[must_use]
    pub fn questions(&self, outlet: &str) -> Option<&QuestionSet> {
        let named = self.question_sets.iter().find(|set| set.outlets.iter().any(|code| code == outlet));
        named.or_else(|| self.question_sets.first())
    }

    /// The set of a type of outlet.
    #[must_use]
    pub fn question_set(&self, outlet_type: &str) -> Option<&QuestionSet> {
        self.question_sets.iter().find(|set| set.outlet_type == outlet_type)
    }
}

impl Service {
    /// The times of a priority.
    #[must_use]
    pub const fn times(&self, priority: Priority) -> Times {
        match priority {
            Priority::Urgent => self.urgent,
            Priority::Normal => self.normal,
        }
    }
}

impl Compensation {
    /// What a role may give for a ticket and in a day: nothing unless the rules say otherwise.
    #[must_use]
    pub fn limit(&self, role: &str) -> (Points, Points) {
        let found = self.limits.iter().find(|limit| limit.role == role);
        found.map_or((Points::ZERO, Points::ZERO), |limit| (limit.ticket, limit.day))
    }
}

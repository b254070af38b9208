//! What is done about a score.

use serde::{Deserialize, Serialize};

use crate::facts::Event;

/// What is done, the mildest first. Whatever it is, a sale is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Nothing.
    Allow,
    /// A person is shown it.
    Notify,
    /// From now on spending needs the rotating code of the member's own phone.
    Challenge,
    /// What the event earns becomes spendable later, so that a person can look at it before. Where it earns nothing,
    /// it is [`Action::Challenge`].
    DelayPoints,
    /// Nothing can be spent until a person has looked; what is earned is delayed.
    Hold,
    /// As [`Action::Hold`], and meant to stay: it ends when a person overturns it.
    Block,
}

impl Action {
    /// Every action, the mildest first.
    pub const ALL: [Self; 6] =
        [Self::Allow, Self::Notify, Self::Challenge, Self::DelayPoints, Self::Hold, Self::Block];

    /// The name on the wire and in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Notify => "notify",
            Self::Challenge => "challenge",
            Self::DelayPoints => "delay_points",
            Self::Hold => "hold",
            Self::Block => "block",
        }
    }

    /// The action with that name.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.code() == code)
    }

    /// What it comes to at an event: where nothing is earned there is nothing to delay, and a higher score must not mean
    /// less than a lower one.
    #[must_use]
    pub const fn at(self, event: Event) -> Self {
        match self {
            Self::DelayPoints if !event.earns() => Self::Challenge,
            other => other,
        }
    }

    /// Whether nothing may be spent under it.
    #[must_use]
    pub const fn stops_spending(self) -> bool {
        matches!(self, Self::Hold | Self::Block)
    }

    /// Whether what an event earns becomes spendable later.
    #[must_use]
    pub const fn delays_points(self) -> bool {
        matches!(self, Self::DelayPoints | Self::Hold | Self::Block)
    }
}

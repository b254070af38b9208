//! What happened, as plain facts: who asks need not be known here.

use kernel::{MemberId, OutletId, Timestamp};
use serde::{Deserialize, Serialize};

/// What is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A sale with a member's card.
    Receipt,
    /// Points are about to be spent.
    Hold,
    /// Goods come back.
    Return,
    /// A phone became a member.
    SignUp,
    /// A member signed in on a device.
    SignIn,
    /// A member's code for friends is used by a friend.
    Referral,
    /// A code of a card was wrong or was used before.
    CodeAttempt,
    /// The scheduled look at accounts that belong together.
    Sweep,
}

impl Event {
    /// Every event.
    pub const ALL: [Self; 8] = [
        Self::Receipt,
        Self::Hold,
        Self::Return,
        Self::SignUp,
        Self::SignIn,
        Self::Referral,
        Self::CodeAttempt,
        Self::Sweep,
    ];

    /// The name on the wire and in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::Hold => "hold",
            Self::Return => "return",
            Self::SignUp => "sign_up",
            Self::SignIn => "sign_in",
            Self::Referral => "referral",
            Self::CodeAttempt => "code_attempt",
            Self::Sweep => "sweep",
        }
    }

    /// Whether points may come of it: a receipt's, a welcome, a reward for a friend.
    #[must_use]
    pub const fn earns(self) -> bool {
        matches!(self, Self::Receipt | Self::SignUp | Self::Referral)
    }

    /// The event with that name.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.code() == code)
    }
}

/// A point on the globe, in millionths of a degree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    #[serde(rename = "a")]
    pub latitude_e6: i64,
    #[serde(rename = "o")]
    pub longitude_e6: i64,
}

/// Where something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub outlet: OutletId,
    /// Unknown for an outlet without coordinates.
    pub position: Option<Position>,
}

/// The member that something happened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Who {
    pub member: MemberId,
    pub joined_at: Timestamp,
}

/// How a code failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadCode {
    /// It proves nothing.
    Wrong,
    /// It was good, once.
    Replayed,
}

/// A device, a payment token, a phone or a network, as the first 63 bits of its keyed hash: enough to tell millions apart, nothing to pay with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Trace(i64);

impl Trace {
    /// From a keyed hash, of which the first eight bytes count.
    #[must_use]
    pub const fn from_hash(hash: &[u8; 32]) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = *hash;
        Self(i64::from_be_bytes([a & 0x7f, b, c, d, e, f, g, h]))
    }

    /// From a keyed digest of another length, such as a blind index; one that is too short is filled up with zeros.
    #[must_use]
    pub fn from_digest(digest: &[u8]) -> Self {
        let mut hash = [0; 32];
        let known = digest.len().min(hash.len());
        hash[..known].copy_from_slice(&digest[..known]);
        Self::from_hash(&hash)
    }

    /// From the number in the database.
    #[must_use]
    pub const fn from_raw(raw: i64) -> Self {
        Self(raw)
    }

    /// The number in the database.
    #[must_use]
    pub const fn raw(self) -> i64 {
        self.0
    }
}

/// Everything that is known of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    pub event: Event,
    /// When it happened (effective time).
    pub at: Timestamp,
    pub who: Option<Who>,
    pub place: Option<Place>,
    /// The chain's code of the cashier.
    pub staff: Option<String>,
    /// What was paid with.
    pub payment: Option<Trace>,
    /// The guest's device.
    pub device: Option<Trace>,
    /// The leading digits of the guest's phone.
    pub phone_prefix: Option<String>,
    /// The phone that a one-time code was for.
    pub phone: Option<Trace>,
    /// The network that a one-time code was sent from.
    pub network: Option<Trace>,
    /// Whether points are spent: a hold; a receipt that was paid with them; a return of such a receipt.
    pub spends: bool,
    /// A member's code for friends, used by `who`.
    pub referrer: Option<MemberId>,
    /// Set for [`Event::CodeAttempt`].
    pub bad_code: Option<BadCode>,
}

impl Facts {
    /// An event of which nothing is known yet.
    #[must_use]
    pub const fn new(event: Event, at: Timestamp) -> Self {
        Self {
            event,
            at,
            who: None,
            place: None,
            staff: None,
            payment: None,
            device: None,
            phone_prefix: None,
            phone: None,
            network: None,
            spends: false,
            referrer: None,
            bad_code: None,
        }
    }
}

//! Conditions: a closed tree over named facts.

use serde::{Deserialize, Serialize};

use crate::amounts::{Amounts, Day, TimeOfDay};

/// What must hold for a promotion to apply. Every leaf names one fact of cart, guest, place or clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// Every one of these.
    All {
        of: Vec<Self>,
    },
    /// At least one of these.
    Any {
        of: Vec<Self>,
    },
    /// Not this.
    Not {
        condition: Box<Self>,
    },
    /// Goods in the cart cost at least so much at list prices.
    Amount {
        #[serde(default, skip_serializing_if = "Selector::is_empty")]
        of: Selector,
        at_least: Amounts,
    },
    /// So many pieces in the cart.
    Pieces {
        #[serde(default, skip_serializing_if = "Selector::is_empty")]
        of: Selector,
        at_least: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_most: Option<u32>,
    },
    /// The guest is a signed-in member.
    Member {},
    /// The guest's tier is one of these.
    Tier {
        any_of: Vec<String>,
    },
    /// The guest is in one of these segments.
    Segment {
        any_of: Vec<String>,
    },
    /// The guest has one of these tags.
    Tag {
        any_of: Vec<String>,
    },
    /// The guest's birthday is at most so many days ahead, or so many ago.
    Birthday {
        days_before: u16,
        days_after: u16,
    },
    /// The guest has bought nothing yet.
    FirstPurchase {},
    /// How often the guest has been here before, this time not counted.
    Visits {
        within: VisitWindow,
        #[serde(default)]
        at_least: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_most: Option<u32>,
    },
    /// This visit is the guest's `every`th, twice that, three times that…
    EveryVisit {
        every: u32,
    },
    /// The outlet's code is one of these.
    Outlet {
        any_of: Vec<String>,
    },
    City {
        any_of: Vec<String>,
    },
    /// Codes of the outlet's legal entity.
    Franchisee {
        any_of: Vec<String>,
    },
    /// ISO 3166 codes.
    Country {
        any_of: Vec<String>,
    },
    /// How the order comes in.
    Channel {
        any_of: Vec<String>,
    },
    /// From a minute up to and without another, at the outlet; over midnight when the second is not later.
    TimeOfDay {
        from: TimeOfDay,
        until: TimeOfDay,
    },
    /// Days of the week at the outlet, Monday is 1.
    Weekday {
        any_of: Vec<u8>,
    },
    /// Calendar days at the outlet, both included.
    Days {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Day>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        through: Option<Day>,
    },
    /// A coupon of this promotion is on the cart.
    Coupon {},
    /// How the guest will pay.
    Payment {
        any_of: Vec<String>,
    },
}

/// How far back visits count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum VisitWindow {
    Ever,
    Days7,
    Days30,
    Days90,
}

/// Which goods: each list that is not empty must have something of the piece, and nothing of `except` may.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Selector {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sizes: Vec<String>,
    /// Codes of modifiers, at least one of which is on the piece.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modifiers: Vec<String>,
    #[serde(default, skip_serializing_if = "Except::is_empty")]
    pub except: Except,
}

/// Goods left out of a selection.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Except {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

impl Selector {
    /// Whether it says nothing: as an effect's aim everything, as an exclusion nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.products.is_empty()
            && self.categories.is_empty()
            && self.tags.is_empty()
            && self.sizes.is_empty()
            && self.modifiers.is_empty()
            && self.except.is_empty()
    }
}

impl Except {
    /// Whether nothing is left out.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.products.is_empty() && self.categories.is_empty() && self.tags.is_empty()
    }
}

impl Condition {
    /// Its kind, as in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::All { .. } => "all",
            Self::Any { .. } => "any",
            Self::Not { .. } => "not",
            Self::Amount { .. } => "amount",
            Self::Pieces { .. } => "pieces",
            Self::Member {} => "member",
            Self::Tier { .. } => "tier",
            Self::Segment { .. } => "segment",
            Self::Tag { .. } => "tag",
            Self::Birthday { .. } => "birthday",
            Self::FirstPurchase {} => "first_purchase",
            Self::Visits { .. } => "visits",
            Self::EveryVisit { .. } => "every_visit",
            Self::Outlet { .. } => "outlet",
            Self::City { .. } => "city",
            Self::Franchisee { .. } => "franchisee",
            Self::Country { .. } => "country",
            Self::Channel { .. } => "channel",
            Self::TimeOfDay { .. } => "time_of_day",
            Self::Weekday { .. } => "weekday",
            Self::Days { .. } => "days",
            Self::Coupon {} => "coupon",
            Self::Payment { .. } => "payment",
        }
    }
}

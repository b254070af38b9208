//! What became of each promotion, in words.

use kernel::{Money, PromotionId};
use notation::Names;

use crate::limit::Scope;

/// What became of one promotion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub promotion: PromotionId,
    pub version: u32,
    pub title: Names,
    pub outcome: Outcome,
}

/// Applied, or why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Applied,
    Failed(Failure),
}

/// Why a promotion did not apply: the condition that failed, with what was there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Not begun, or over.
    NotNow,
    Amount {
        needed: Money,
        have: Money,
    },
    /// The promotion has no sums in the cart's currency.
    Currency,
    TooFewPieces {
        needed: u32,
        have: u32,
    },
    TooManyPieces {
        most: u32,
        have: u32,
    },
    NotSignedIn,
    Tier {
        any_of: Vec<String>,
        have: String,
    },
    Segment {
        any_of: Vec<String>,
    },
    Tag {
        any_of: Vec<String>,
    },
    /// The birthday is not known or not near.
    Birthday,
    NotFirstPurchase,
    TooFewVisits {
        needed: u32,
        have: u32,
    },
    TooManyVisits {
        most: u32,
        have: u32,
    },
    /// Not every so-manieth visit: so many more before it.
    VisitsToGo {
        left: u32,
    },
    Outlet,
    City {
        any_of: Vec<String>,
        have: String,
    },
    Franchisee,
    Country {
        any_of: Vec<String>,
        have: String,
    },
    Channel {
        any_of: Vec<String>,
        have: String,
    },
    TimeOfDay {
        from: String,
        until: String,
    },
    Weekday {
        any_of: Vec<u8>,
    },
    Days {
        from: Option<String>,
        through: Option<String>,
    },
    NoCoupon,
    Payment {
        any_of: Vec<String>,
    },
    /// None of these held.
    NoneOf(Vec<Self>),
    /// Something holds that must not.
    Unless(Box<Holds>),
    /// Nothing in the cart is what the promotion is for.
    NoGoods,
    /// Something is there, and a set is not complete.
    IncompleteSet {
        missing: u32,
    },
    /// What it would have done, others do, or nothing is left to take off.
    NothingLeft,
    /// A budget has run out.
    BudgetSpent {
        scope: Scope,
    },
    /// The guest is one of those who never get it.
    Holdout,
    /// Lawful together with these it is not, and these are better for the guest.
    Outdone {
        by: Vec<PromotionId>,
    },
}

/// A condition that holds and must not: named by its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holds(pub &'static str);

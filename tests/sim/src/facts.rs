//! What is sent, as plain numbers: the reference judges it, `wire` writes it down for the product.

use kernel::{Currency, Date, Timestamp};

use crate::operation::HoldFault;

/// A sale as a till sends it. Two are the same receipt sent twice when all of it is equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    /// Whose till sends it.
    pub outlet: usize,
    /// The outlet named in it.
    pub names: usize,
    pub number: String,
    pub business_date: Date,
    pub sold_at: Timestamp,
    pub guest: Option<Named>,
    pub lines: Vec<SaleLine>,
    pub payments: Vec<Payment>,
    pub rounding: i64,
}

/// A guest as a till names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    pub member: usize,
    pub how: How,
}

/// How a guest is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    Card,
    Phone,
    /// A rotating code made at this time.
    Code(Timestamp),
    NoSuchCard,
}

/// A line of a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SaleLine {
    pub no: u32,
    pub good: usize,
    /// Thousandths.
    pub quantity: i64,
    pub price: i64,
    pub discount: i64,
    pub amount: i64,
    pub currency: Currency,
    pub promo: bool,
    /// The till names category and product; otherwise the catalogue does.
    pub told: bool,
}

/// A part of what was paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payment {
    pub points: bool,
    pub minor: i64,
    pub hold: Option<HoldName>,
}

/// A hold as a till names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldName {
    /// By its place among all holds.
    Known(usize),
    /// One that never was.
    Unknown,
}

/// A return as a till sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Return {
    pub outlet: usize,
    pub number: String,
    pub business_date: Date,
    pub returned_at: Timestamp,
    /// Natural key of the receipt: outlet, business date, number.
    pub receipt: (usize, Date, String),
    /// Line numbers and thousandths; `None`: everything that is left.
    pub lines: Option<Vec<(u32, i64)>>,
}

/// A correction of a balance by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Adjustment {
    pub member: usize,
    /// Hundredths: above zero given, below zero taken.
    pub points: i64,
    /// How long points given are good; `None` for ever.
    pub days: Option<u32>,
}

/// A request to reserve points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    pub outlet: usize,
    pub guest: Named,
    /// Hundredths; `None`: as many as the programme allows.
    pub points: Option<i64>,
    pub total: i64,
    pub fault: Option<HoldFault>,
}

/// A member asks to be forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erasure {
    pub member: usize,
    pub through_support: bool,
}

/// What a line of a batch reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BatchWhat {
    Sale(Sale),
    Return(Return),
}

impl BatchWhat {
    /// Whose till sends it.
    #[must_use]
    pub const fn outlet(&self) -> usize {
        match self {
            Self::Sale(sale) => sale.outlet,
            Self::Return(sent) => sent.outlet,
        }
    }
}

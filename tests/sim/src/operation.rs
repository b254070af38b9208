//! What happens in an episode. Every operation has a meaning by itself, so that a list of them can be cut anywhere:
//! what it refers to is named by a number near which something of the kind is looked for.

use serde::{Deserialize, Serialize};

/// One thing that happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// Also the number on a receipt or return that comes of it. Increases.
    pub id: u32,
    /// Milliseconds after the episode's start. Increases.
    pub at_ms: i64,
    pub act: Act,
}

/// What is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    Sell(Sell),
    /// A sale or return that was sent before is sent again, unchanged or with something else in it.
    SellAgain {
        receipt: Pick,
        changed: bool,
    },
    Return(Return),
    ReturnAgain {
        return_of: Pick,
        changed: bool,
    },
    Hold(Hold),
    Release {
        hold: Pick,
        /// At an outlet that did not make the hold.
        elsewhere: bool,
    },
    /// A member of staff gives or takes points (hundredths, not zero), good for so many days or for ever.
    Adjust {
        member: usize,
        points: i64,
        days: Option<u32>,
    },
    /// Holds lapse, pending points become available, points expire.
    Lifecycle,
    /// A till that was offline sends its queue: sales and returns, of which those of the first one's outlet are sent.
    /// They bear the numbers after the operation's own.
    Batch(Vec<Self>),
    /// A guest reads two pages of their history.
    History {
        member: usize,
        page: u8,
    },
    /// A guest proves their phone: one who comes later becomes a member by it.
    Join {
        member: usize,
    },
    /// A member is forgotten.
    Erase {
        member: usize,
        through_support: bool,
    },
}

/// Points at an earlier thing: the last one whose operation's id is at most `near`, else the first one, else none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pick {
    pub near: u32,
    /// Prefers one that is still open: a hold not ended, a receipt with something left to return.
    pub open: bool,
}

/// A sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sell {
    pub outlet: usize,
    pub guest: Option<GuestRef>,
    pub redeem: Option<Redeem>,
    /// How long ago the sale was; below zero it is yet to come.
    pub late_ms: i64,
    /// Days between the business date and the local date of the sale.
    pub date_off: i32,
    pub lines: Vec<Line>,
    pub rounding: i64,
    /// Paid with two methods.
    pub split: bool,
    pub fault: Option<Fault>,
}

/// Which guest, and how they are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestRef {
    pub member: usize,
    pub by: By,
}

/// How a guest is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    Card,
    Phone,
    /// A rotating code of this moment.
    Code,
    /// A card number that nobody has.
    NoSuchCard,
}

/// A part paid with points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redeem {
    /// `None`: a hold that never was.
    pub hold: Option<Pick>,
    /// The sale is made by the hold's guest at the hold's outlet, with one more line that makes it large enough.
    pub fits: bool,
    /// The good on that line.
    pub filler: usize,
    pub pays: Pays,
}

/// How much of a hold a receipt pays with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pays {
    Whole,
    Thousandths(i64),
    /// So many minor units more than the hold is worth.
    Over(i64),
}

/// A line of a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub good: usize,
    /// Thousandths.
    pub quantity: i64,
    pub price: i64,
    /// Thousandths of the list price that are taken off.
    pub markdown: i64,
    /// The amount differs by so many minor units from what it should be; one is tolerated.
    pub off: i64,
    pub promo: bool,
    /// The till names category and product; otherwise the catalogue does.
    pub told: bool,
}

/// Something wrong with a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    OtherOutlet,
    WrongCurrency,
    PaymentShort,
    DiscountAboveList,
    NegativePrice,
    ZeroQuantity,
    HalfPiece,
    NoLines,
    TwinLines,
    RoundingAboveMax,
    PointsWithoutHold,
    HoldWithoutPoints,
}

/// A return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Return {
    /// `None`: a receipt that never was.
    pub receipt: Option<Pick>,
    /// Where the goods come back; `None`: where they were sold.
    pub outlet: Option<usize>,
    /// How long ago.
    pub late_ms: i64,
    pub date_off: i32,
    pub what: What,
}

/// What comes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    Everything,
    /// Of the line at an index (modulo the lines), so many thousandths of what was sold, rounded to whole pieces
    /// unless sold by weight; at least the smallest part.
    Parts(Vec<(usize, i64)>),
    /// One whole piece more than is left of the first line.
    TooMuch,
    UnknownLine,
    TwinLines,
    NoLines,
    Nothing,
    HalfPiece,
}

/// Points to reserve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    pub outlet: usize,
    pub guest: GuestRef,
    pub ask: Ask,
    /// What the open receipt comes to.
    pub total: i64,
    pub fault: Option<HoldFault>,
}

/// How many points are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// As many as the programme allows.
    Most,
    /// Hundredths of a point.
    Points(i64),
    /// Thousandths of the available balance.
    OfBalance(i64),
}

/// Something wrong with the request for a hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldFault {
    OtherOutlet,
    WrongCurrency,
    NegativeTotal,
}

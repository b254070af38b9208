//! What is known about guest, place and hour when a cart is priced.

use kernel::{Date, MemberId, Points, PromotionId, Rate, Timestamp};

use crate::amounts::TimeOfDay;

/// Everything outside of the cart that a promotion may ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    pub now: Timestamp,
    /// Business day at the outlet (of the pick-up, where one is agreed).
    pub day: Date,
    /// Time at the outlet.
    pub time: TimeOfDay,
    pub place: Place,
    /// How the order comes in: `app`, `bot`, `kiosk`, `till`.
    pub channel: String,
    /// None for a guest who is not signed in.
    pub guest: Option<Guest>,
    /// Coupons on the cart that exist and may be used. Those that may not are the caller's to refuse.
    pub coupons: Vec<CouponFact>,
    /// How the guest will pay, where it is known: `sbp`, `card`, `cash`.
    pub payment: Option<String>,
    /// How the programme turns money into points; none where nothing is earned.
    pub earning: Option<Earning>,
    /// What is left of the budgets of promotions that have some; others are not limited.
    pub allowances: Vec<Allowance>,
}

/// Where the goods are sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub brand: String,
    /// The chain's own code of the outlet.
    pub outlet: String,
    pub city: String,
    /// Code of the legal entity.
    pub franchisee: String,
    /// ISO 3166.
    pub country: String,
}

/// Who buys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guest {
    pub member: MemberId,
    pub tier: String,
    pub segments: Vec<String>,
    pub tags: Vec<String>,
    /// Month and day.
    pub birthday: Option<(i8, i8)>,
    pub visits: Visits,
    /// Points that could be spent on the menu for points.
    pub points_available: Points,
}

/// How often the guest has bought before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Visits {
    pub ever: u32,
    pub days_7: u32,
    pub days_30: u32,
    pub days_90: u32,
}

/// A coupon on the cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CouponFact {
    /// Normalised.
    pub code: String,
    pub promotion: PromotionId,
}

/// How the programme turns money into points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Earning {
    /// The tier's share of the money that comes back.
    pub rate: Rate,
    /// What a point is worth, minor units.
    pub point_value_minor: i64,
}

/// What the budgets of one promotion leave for this cart: the least over all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    pub promotion: PromotionId,
    /// Whether one more cart may have it at all; otherwise what has run out.
    pub exhausted: Option<crate::limit::Scope>,
    /// Minor units of the cart's currency.
    pub discount_minor: Option<i64>,
    pub points: Option<Points>,
}

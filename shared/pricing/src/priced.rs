//! What a cart costs, and why.

use kernel::{Points, PromotionId};
use notation::Names;

use crate::condition::Selector;
use crate::funding::{PointsShare, Share};
use crate::verdict::Verdict;

/// The answer to a cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Priced {
    /// As the cart's lines.
    pub lines: Vec<PricedLine>,
    /// The promotions of the best combination, in the order in which they were applied.
    pub applied: Vec<Applied>,
    /// What the guest may add for nothing.
    pub gifts: Vec<GiftOffer>,
    /// Every promotion looked at: applied ones first.
    pub trace: Vec<Verdict>,
    pub near_misses: Vec<NearMiss>,
    pub list_minor: i64,
    pub discount_minor: i64,
    /// What is left to pay, before points are spent by wish.
    pub payable_minor: i64,
    /// Points on top of what the programme gives.
    pub points_bonus: Points,
    /// Points that the menu for points takes.
    pub points_price: Points,
    /// Whether no lawful combination is better; false when the search reached its limit.
    pub exact: bool,
}

/// What a line costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricedLine {
    pub line_no: u32,
    pub list_minor: i64,
    /// In the order in which they were applied; list less these is final.
    pub discounts: Vec<LineDiscount>,
    pub final_minor: i64,
    /// Points that the menu for points takes for pieces of this line.
    pub points_price: Points,
    /// Points on top that the line brings: the sum of `bonuses`.
    pub points_bonus: Points,
    /// In the order in which they were applied. A bonus for the whole cart is shared over the lines by what they cost,
    /// so that goods which come back take their part of it along.
    pub bonuses: Vec<LineBonus>,
}

/// Points that one promotion gives for a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineBonus {
    pub promotion: PromotionId,
    pub version: u32,
    pub points: Points,
    /// Who bears them; sums to the points.
    pub funding: Vec<PointsShare>,
}

/// What one promotion took off a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineDiscount {
    pub promotion: PromotionId,
    pub version: u32,
    pub amount_minor: i64,
    /// Who bears it; sums to the amount.
    pub funding: Vec<Share>,
}

/// What one promotion did to the cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    pub promotion: PromotionId,
    pub version: u32,
    pub title: Names,
    /// Sets, pieces or once, whatever the effect counts.
    pub times: u32,
    pub discount_minor: i64,
    /// Who bears it; sums to the discount.
    pub funding: Vec<Share>,
    pub points_bonus: Points,
    pub points_price: Points,
    /// The coupon that opened it.
    pub coupon: Option<String>,
    /// What it would have taken off without a limit, where a limit cut it.
    pub wanted_minor: Option<i64>,
}

/// Pieces that the guest may add and that then cost nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GiftOffer {
    pub promotion: PromotionId,
    pub version: u32,
    pub of: Selector,
    pub pieces: u32,
}

/// A promotion that the guest nearly has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    pub promotion: PromotionId,
    pub version: u32,
    pub title: Names,
    pub missing: Missing,
}

/// What is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// Goods for so much more, minor units of the cart's currency.
    Amount { minor: i64, of: Selector },
    /// So many more pieces.
    Pieces { count: u32, of: Selector },
}

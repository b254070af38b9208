//! The priced basket that guest and service agreed on: what an order is made from.
//!
//! A quote lives in the key-value store until it expires and may be lost; an order copies it. Money is in minor units
//! of the quote's currency, points in hundredths, times in milliseconds since the Unix epoch; ids are in their text form.

use notation::Names;
use pricing::funding::{PointsShare, Share};
use serde::{Deserialize, Serialize};

/// A priced basket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Quote {
    /// `quo_…`
    pub id: String,
    pub brand: String,
    /// `out_…`
    pub outlet: String,
    /// The chain's own number of the outlet.
    pub outlet_code: String,
    /// `mbr_…`; none for a guest who is not signed in.
    pub member: Option<String>,
    /// How the order comes in: `app`, `bot`, `kiosk`, `till`.
    pub channel: String,
    /// ISO 4217.
    pub currency: String,
    pub priced_at: i64,
    pub expires_at: i64,
    /// When the guest wants it; none for as soon as possible.
    pub pickup_at: Option<i64>,
    /// Revision of the outlet's menu that the prices are from.
    pub menu_revision: String,
    /// Codes as the guest typed them, normalised, those that had an effect.
    pub coupons: Vec<String>,
    pub lines: Vec<Line>,
    pub totals: Totals,
    /// What each promotion did, for its budgets and limits.
    pub uses: Vec<PromotionUse>,
    /// `prv_…`: the programme that points were counted by.
    pub programme_version: Option<String>,
}

/// So many pieces of one product made one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// From 1.
    pub line_no: u32,
    /// The brand's item.
    pub item: String,
    /// The code on the receipt: of the item in its size.
    pub product_code: String,
    pub name: Names,
    pub category: String,
    pub size: Option<Names>,
    /// Pieces.
    pub quantity: u32,
    pub modifiers: Vec<Modifier>,
    /// Of one piece with its modifiers, before discounts.
    pub unit_list_minor: i64,
    /// Of all pieces, before discounts.
    pub list_minor: i64,
    pub discounts: Vec<Discount>,
    /// Points spent on the line, and the money they stand for.
    pub points_spent: i64,
    pub points_spent_minor: i64,
    /// What is paid in money: list less discounts less points.
    pub final_minor: i64,
    /// The line as a cash register takes it: pieces of equal price together. Sums to `final_minor`.
    pub fiscal: Vec<FiscalLine>,
    /// Percent in hundredths: 20 % is 2000. None where the menu names no tax.
    pub tax_rate: Option<i64>,
    /// Points that the line will earn.
    pub points_earned: i64,
    /// The part of them that promotions give, each with who bears it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bonuses: Vec<Bonus>,
    pub till: TillProduct,
}

/// An addition to each piece of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Modifier {
    pub code: String,
    pub name: Names,
    /// How many go into one piece.
    pub amount: u32,
    /// How many of them are charged for: the group or the item may give some for free.
    pub charged: u32,
    pub unit_price_minor: i64,
    pub till: TillModifier,
}

/// What one promotion took off a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Discount {
    /// `prm_…`
    pub promotion: String,
    pub version: u32,
    pub title: Names,
    pub amount_minor: i64,
    /// Who bears it; sums to the amount.
    pub funding: Vec<Share>,
}

/// Points that one promotion gives for a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Bonus {
    /// `prm_…`
    pub promotion: String,
    pub version: u32,
    /// Hundredths.
    pub points: i64,
    /// Who bears them; sums to the points.
    pub funding: Vec<PointsShare>,
}

/// Pieces of one price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FiscalLine {
    pub quantity: u32,
    pub unit_minor: i64,
}

/// How the outlet's till names the product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TillProduct {
    pub product_id: String,
    pub size_id: Option<String>,
    /// The till takes it as a compound order item.
    pub compound: bool,
}

/// How the outlet's till names a modifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TillModifier {
    pub product_id: String,
    /// None for a modifier outside of any group.
    pub group_id: Option<String>,
}

/// Sums over the lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Totals {
    pub list_minor: i64,
    pub discount_minor: i64,
    pub points_spent: i64,
    pub points_spent_minor: i64,
    /// What the guest pays.
    pub payable_minor: i64,
    /// What the guest will earn, bonuses of promotions included.
    pub points_earned: i64,
    /// The part of it that promotions give.
    pub points_bonus: i64,
}

/// What one promotion did to the whole basket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PromotionUse {
    /// `prm_…`
    pub promotion: String,
    pub version: u32,
    /// How many times it applied.
    pub times: u32,
    pub discount_minor: i64,
    /// Points that it gives.
    pub points: i64,
    /// The coupon that opened it.
    pub coupon: Option<String>,
}

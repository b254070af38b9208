//! Quotes: what a cart costs, line by line, and why.

use serde::{Deserialize, Serialize};

use super::{MoneyBody, ReasonBody};

/// A cart to be priced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct QuoteBody {
    /// The chain's code of the outlet.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 32)))]
    pub outlet: String,
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 50)))]
    pub lines: Vec<QuoteLineBody>,
    /// Codes as the guest typed them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = 5), inner(length(min = 1, max = 64))))]
    pub coupons: Vec<String>,
    /// Points to spend: a number, or `max` for as many as the programme allows; absent: none. Needs a signed-in guest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^(max|[0-9]{1,9}(\.[0-9]{1,2})?)$")))]
    pub points: Option<String>,
    #[serde(default)]
    pub channel: OrderChannelBody,
    /// How the guest will pay, where it is known: promotions may ask for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<OrderPaymentBody>,
    /// When the guest wants it, RFC 3339 with an offset; absent: as soon as possible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
    pub pickup_at: Option<String>,
}

/// So many pieces of one item, made one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct QuoteLineBody {
    /// The brand's code of the item.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub item: String,
    /// Absent: the usual size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub size: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = 50)))]
    pub modifiers: Vec<QuoteModifierBody>,
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 99)))]
    pub quantity: u32,
    /// How many of the pieces are wanted from the menu for points.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(max = 99)))]
    pub for_points: u32,
}

/// An addition to each piece of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct QuoteModifierBody {
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub code: String,
    /// Needed where several groups of the item offer it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub group: Option<String>,
    /// How many go into one piece; absent: one.
    #[serde(default = "one")]
    #[cfg_attr(feature = "schema", schemars(range(max = 50)))]
    pub amount: u32,
}

const fn one() -> u32 {
    1
}

/// How an order comes in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OrderChannelBody {
    #[default]
    App,
    Bot,
    Kiosk,
    Till,
}

impl OrderChannelBody {
    /// The name on the wire and in quotes.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Bot => "bot",
            Self::Kiosk => "kiosk",
            Self::Till => "till",
        }
    }
}

/// How an order will be paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OrderPaymentBody {
    Sbp,
    Card,
    Cash,
}

impl OrderPaymentBody {
    /// The name on the wire and in promotions.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Sbp => "sbp",
            Self::Card => "card",
            Self::Cash => "cash",
        }
    }
}

/// A priced cart. Names and sentences are in the language of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuoteReply {
    /// `quo_…`: name it in the order. Null for a guest who is not signed in: only a signed-in guest can order.
    pub id: Option<String>,
    pub outlet: String,
    /// Revision of the outlet's menu that the prices are from.
    pub menu_revision: String,
    pub priced_at: String,
    /// Until then the prices hold, whatever happens to menu and promotions.
    pub expires_at: String,
    pub pickup_at: Option<String>,
    pub lines: Vec<QuotedLine>,
    pub totals: QuoteTotals,
    /// Null for a guest who is not signed in.
    pub points: Option<QuotePoints>,
    /// Promotions that gave something.
    pub applied: Vec<AppliedPromotion>,
    /// Promotions that have to do with the cart and do not apply, with the reason.
    pub not_applied: Vec<PromotionReason>,
    /// Promotions that the guest nearly has, and what is missing.
    pub near_misses: Vec<PromotionReason>,
    /// What may be added for nothing.
    pub gifts: Vec<GiftReply>,
    /// Coupons that may not be used, each with the reason.
    pub coupons_refused: Vec<CouponRefused>,
    /// What is often bought together with the cart.
    pub suggestions: Vec<Suggestion>,
}

/// A line at its price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuotedLine {
    /// From 1, in the order of the cart.
    pub line_no: u32,
    pub item: String,
    pub name: String,
    pub size: Option<String>,
    pub quantity: u32,
    pub modifiers: Vec<QuotedModifier>,
    /// Of one piece with its modifiers.
    pub unit_price: MoneyBody,
    /// Of all pieces, before discounts.
    pub list: MoneyBody,
    pub discounts: Vec<QuotedDiscount>,
    pub points_spent: String,
    /// What is paid in money.
    pub total: MoneyBody,
    /// Percent; null where the menu names no tax.
    pub tax_rate: Option<String>,
    pub points_earned: String,
    /// Why the line earns nothing, or not on its whole amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<ReasonBody>,
}

/// An addition with its price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuotedModifier {
    pub code: String,
    pub name: String,
    pub amount: u32,
    /// How many of them are charged for.
    pub charged: u32,
    /// Of one.
    pub price: MoneyBody,
}

/// What a promotion takes off a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuotedDiscount {
    /// `prm_…`
    pub promotion: String,
    pub title: String,
    pub amount: MoneyBody,
}

/// Sums over the lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuoteTotals {
    pub list: MoneyBody,
    pub discount: MoneyBody,
    pub points_spent: String,
    /// What the points spent by wish pay.
    pub points_value: MoneyBody,
    /// What the guest pays.
    pub payable: MoneyBody,
    /// What the guest will earn, bonuses of promotions included.
    pub points_earned: String,
    /// The part of it that promotions give.
    pub points_bonus: String,
}

/// What the guest may spend, and why the cart earns what it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuotePoints {
    /// As many may be spent on this cart.
    pub spendable: String,
    /// What they would pay.
    pub value: MoneyBody,
    /// What keeps it from being more.
    pub limit: ReasonBody,
    /// Why the cart earns what it does.
    pub reasons: Vec<ReasonBody>,
}

/// What a promotion gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AppliedPromotion {
    /// `prm_…`
    pub promotion: String,
    pub title: String,
    pub discount: MoneyBody,
    pub points: String,
    /// The coupon that opened it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coupon: Option<String>,
}

/// A promotion and a sentence about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PromotionReason {
    /// `prm_…`
    pub promotion: String,
    pub title: String,
    pub text: String,
}

/// Pieces that may be added for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GiftReply {
    /// `prm_…`
    pub promotion: String,
    pub title: String,
    pub pieces: u32,
    /// Items of this outlet to choose from.
    pub items: Vec<NamedItem>,
}

/// An item by its code and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NamedItem {
    pub code: String,
    pub name: String,
}

/// A coupon that may not be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CouponRefused {
    pub code: String,
    pub reason: ReasonBody,
}

/// An item that goes well with the cart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Suggestion {
    pub item: String,
    pub name: String,
    /// In its usual size.
    pub price: MoneyBody,
}

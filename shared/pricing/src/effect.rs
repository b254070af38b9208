//! Effects: what a promotion does.

use kernel::{Points, Rate};
#[cfg(feature = "schema")]
use notation::{PointsText, RateText};
use notation::{points, rate};
use serde::{Deserialize, Serialize};

use crate::amounts::Amounts;
use crate::condition::Selector;

/// One thing that a promotion does. An empty selector means every piece of the cart. Rates are shares: `0.2` is 20 %.
///
/// Effects that count pieces (`nth_item`, `buy_get`, `bundle`) use a piece once: what completes one set completes no
/// other, of this promotion or the next. Where there is a choice the dearer pieces are used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Effect {
    /// A share off.
    PercentOff {
        #[serde(default, skip_serializing_if = "Selector::is_empty")]
        on: Selector,
        #[serde(with = "rate")]
        #[cfg_attr(feature = "schema", schemars(with = "RateText"))]
        percent: Rate,
        #[serde(default)]
        base: Base,
    },
    /// A share off by the guest's tier.
    TierBenefit {
        #[serde(default, skip_serializing_if = "Selector::is_empty")]
        on: Selector,
        tiers: Vec<TierPercent>,
        #[serde(default)]
        base: Base,
    },
    /// A sum off.
    AmountOff {
        #[serde(default, skip_serializing_if = "Selector::is_empty")]
        on: Selector,
        amount: Amounts,
        #[serde(default)]
        per: Per,
    },
    /// Every piece costs this much, where it would cost more.
    FixedPrice {
        #[serde(default, skip_serializing_if = "Selector::is_empty")]
        on: Selector,
        price: Amounts,
    },
    /// Of every `nth` pieces one gets a share off: pieces are counted from the dearest down.
    NthItem {
        #[serde(default, skip_serializing_if = "Selector::is_empty")]
        on: Selector,
        nth: u32,
        #[serde(with = "rate")]
        #[cfg_attr(feature = "schema", schemars(with = "RateText"))]
        percent: Rate,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        times_max: Option<u32>,
    },
    /// Whoever buys some pieces gets others with a share off.
    BuyGet {
        buy: Selector,
        buy_pieces: u32,
        get: Selector,
        get_pieces: u32,
        #[serde(with = "rate")]
        #[cfg_attr(feature = "schema", schemars(with = "RateText"))]
        percent: Rate,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        times_max: Option<u32>,
    },
    /// Pieces that together cost this much: combos, bundles.
    Bundle {
        parts: Vec<BundlePart>,
        price: Amounts,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        times_max: Option<u32>,
    },
    /// So many pieces are free; what of them is not in the cart is offered.
    Gift { of: Selector, pieces: u32 },
    /// Modifiers that cost nothing, so many of them in each piece.
    FreeModifier {
        #[serde(default, skip_serializing_if = "Selector::is_empty")]
        on: Selector,
        modifiers: Vec<String>,
        amount: u32,
    },
    /// The menu for points: a piece that the guest wants for points costs points and no money.
    PointsPrice {
        on: Selector,
        #[serde(with = "points")]
        #[cfg_attr(feature = "schema", schemars(with = "PointsText"))]
        points: Points,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pieces_max: Option<u32>,
    },
    /// What the goods earn is multiplied: `2` gives as many points again.
    PointsMultiplier {
        #[serde(default, skip_serializing_if = "Selector::is_empty")]
        on: Selector,
        #[serde(with = "rate")]
        #[cfg_attr(feature = "schema", schemars(with = "RateText"))]
        factor: Rate,
    },
    /// Points on top.
    PointsBonus {
        #[serde(with = "points")]
        #[cfg_attr(feature = "schema", schemars(with = "PointsText"))]
        points: Points,
        #[serde(default)]
        per: BonusPer,
    },
}

/// What a percentage is taken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Base {
    /// The list price.
    Initial,
    /// What earlier promotions left of it.
    #[default]
    Reduced,
}

/// How often a sum is taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// Once off all of it together.
    #[default]
    Cart,
    /// Off each piece.
    Piece,
}

/// A tier's share off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TierPercent {
    pub tier: String,
    #[serde(with = "rate")]
    #[cfg_attr(feature = "schema", schemars(with = "RateText"))]
    pub percent: Rate,
}

/// A part of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BundlePart {
    pub of: Selector,
    pub pieces: u32,
}

/// How often points are given.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum BonusPer {
    #[default]
    Cart,
    /// For each of these pieces.
    Piece { of: Selector },
}

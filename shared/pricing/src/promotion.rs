//! A promotion: everything that marketing decides about one, as plain data.
//!
//! Stored as JSON with each immutable version, and the body of the administrator's function. When it runs (start,
//! end, pause) is not part of the rules: that is the promotion's state.

use kernel::Rate;
#[cfg(feature = "schema")]
use notation::RateText;
use notation::{Names, rate};
use serde::{Deserialize, Serialize};

use crate::condition::{Condition, Selector};
use crate::effect::Effect;
use crate::funding::Part;
use crate::limit::Limits;

/// The rules of a promotion. Check them with [`Promotion::check`] before they are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Promotion {
    /// Code of the brand.
    pub brand: String,
    /// What guests and cashiers read.
    pub title: Names,
    /// What must hold; none for always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// What happens, in this order.
    pub effects: Vec<Effect>,
    /// Goods that the promotion neither discounts nor counts in its effects.
    #[serde(default, skip_serializing_if = "Selector::is_empty")]
    pub excluded: Selector,
    /// No piece becomes cheaper than this share of its list price.
    #[serde(default = "nothing", with = "rate")]
    #[cfg_attr(feature = "schema", schemars(with = "RateText"))]
    pub price_floor: Rate,
    #[serde(default)]
    pub limits: Limits,
    /// Larger ones are applied first.
    #[serde(default)]
    pub priority: i32,
    #[serde(default)]
    pub stacking: Stacking,
    /// Who pays, in proportion to the weights: 70 and 30, or 1, 1 and 1.
    pub funding: Vec<Part>,
    /// Percent of guests who never get it, so that its effect can be measured. The same guests every time.
    #[serde(default)]
    pub holdout_percent: u8,
    /// Whether guests are told what is missing to get it.
    #[serde(default)]
    pub hinted: bool,
}

const fn nothing() -> Rate {
    Rate::from_millionths(0)
}

/// How the promotion goes with others.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Stacking {
    #[serde(default)]
    pub with_others: WithOthers,
    /// At most one promotion of a group applies to a cart.
    #[serde(default)]
    pub groups: Vec<String>,
}

/// What else may happen where the promotion applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WithOthers {
    /// Anything.
    #[default]
    Freely,
    /// No other promotion on the same pieces.
    NotOnSamePieces,
    /// No other promotion on the whole cart.
    Never,
}

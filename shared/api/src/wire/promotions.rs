//! Promotions and their replays.

use pricing::Promotion;
use serde::{Deserialize, Serialize};

use super::MoneyBody;
use super::programmes::RuleProblem;

/// A promotion to make, or its next version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewPromotionBody {
    /// See `kv-schemas/pricing.promotion.v1.schema.json`.
    pub rules: Promotion,
    /// What it is for or what changed, for colleagues.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 500)))]
    pub note: String,
}

/// When a promotion runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ScheduleBody {
    /// Absent: from now on. One that has begun keeps its beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
    pub starts_at: Option<String>,
    /// Without it. Absent: until somebody ends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
    pub ends_at: Option<String>,
}

/// A promotion as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PromotionReply {
    /// `prm_…`
    pub id: String,
    pub brand: String,
    /// `draft`, `scheduled`, `active`, `paused`, `ended`.
    pub state: String,
    /// The version that holds.
    pub version: u32,
    pub starts_at: Option<String>,
    pub ends_at: Option<String>,
    pub created_at: String,
    pub changed_at: String,
    /// `stf_…`; null when the installation brought it.
    pub created_by: Option<String>,
    pub note: String,
    pub rules: Promotion,
    /// What it has given and promised so far, by currency. Empty in lists.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<GivenBody>,
}

/// What a promotion has given in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GivenBody {
    /// Orders and receipts.
    pub uses: i64,
    pub discount: MoneyBody,
    /// Decimal string.
    pub points: String,
    /// Different members.
    pub members: i64,
}

/// A page of promotions, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PromotionPage {
    pub items: Vec<PromotionReply>,
    /// Pass as `cursor` for the next page; null at the end.
    pub next_cursor: Option<String>,
}

/// A version of a promotion. Never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PromotionVersionReply {
    pub version: u32,
    /// Whether it is the one that holds.
    pub holds: bool,
    pub note: String,
    pub created_at: String,
    pub created_by: Option<String>,
    pub rules: Promotion,
}

/// A page of versions, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PromotionVersionPage {
    pub items: Vec<PromotionVersionReply>,
    pub next_cursor: Option<String>,
}

/// What would keep the rules from being stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PromotionCheckReply {
    pub valid: bool,
    pub problems: Vec<RuleProblem>,
}

/// A replay to begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewSimulationBody {
    /// `prm_…`
    pub promotion: String,
    /// Absent: the one that holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// Receipts sold from then…
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
    pub from: String,
    /// …up to and without then.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
    pub until: String,
    /// As if every guest had the promotion's coupon.
    #[serde(default)]
    pub assume_coupon: bool,
}

/// A replay as it stands. Costs are what guests would have paid less, at list prices of the time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SimulationReply {
    /// `smn_…`
    pub id: String,
    pub promotion: String,
    pub version: u32,
    pub from: String,
    pub until: String,
    /// `running`: there is more to do; `done`.
    pub status: String,
    /// Different guests who would have got it.
    pub guests: i64,
    /// By currency.
    pub totals: Vec<SimulationSums>,
    /// By legal entity and currency.
    pub franchisees: Vec<SimulationPart>,
    /// Promotions switched on now that touch the same receipts, most first.
    pub overlaps: Vec<OverlapBody>,
}

/// What a replay found in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SimulationSums {
    /// Receipts looked at.
    pub receipts: i64,
    /// Receipts that the promotion touches.
    pub touched: i64,
    /// Of those, receipts that other promotions touch as well.
    pub overlapping: i64,
    /// Touched receipts at list prices.
    pub list: MoneyBody,
    /// What the promotion takes off.
    pub discount: MoneyBody,
    /// How much less guests pay because of it: less than the discount where it takes the place of others.
    pub cost: MoneyBody,
    /// Points that it gives, a decimal string.
    pub points: String,
    pub borne_by_brand: MoneyBody,
    pub borne_by_franchisee: MoneyBody,
    pub borne_by_partners: MoneyBody,
    /// Null where no costs are known.
    pub margin: Option<MarginBody>,
}

/// What touched goods of known cost bring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MarginBody {
    /// Paid for them without the promotion.
    pub sales: MoneyBody,
    pub goods_cost: MoneyBody,
    /// Sales less cost, without and with the promotion.
    pub before: MoneyBody,
    pub after: MoneyBody,
}

/// A legal entity's part of a replay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SimulationPart {
    /// The entity's code.
    pub franchisee: String,
    pub name: String,
    pub sums: SimulationSums,
}

/// A promotion that touches the same receipts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OverlapBody {
    /// `prm_…`
    pub promotion: String,
    pub receipts: i64,
}

/// What goods cost the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProductCostsBody {
    pub brand: String,
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 1000)))]
    pub costs: Vec<ProductCostBody>,
}

/// What one piece of a product costs the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProductCostBody {
    /// The code on receipts.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub product: String,
    pub cost: MoneyBody,
}

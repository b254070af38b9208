//! A programme: everything a brand's marketing decides about points, as plain data.
//!
//! Stored as JSON with each immutable programme version, and the body of the administrator's function. Money is
//! `{"amount":"210.00","currency":"RUB"}`, points and rates are decimal strings.

use kernel::{Currency, Money, Points, Rate, Zone};
use ledger::model::ClawbackPolicy;
#[cfg(feature = "schema")]
use notation::{MoneyText, PointsText, RateText};
use notation::{Names, money_list, points, points_option, rate};
use serde::{Deserialize, Serialize};

use crate::error::Refusal;
use crate::tiers::rules::{Requirement, TierRules};

mod check;
mod check_tiers;

pub use check::{
    CODE_LEN_MAX, DELAY_HOURS_MAX, EXCLUSIONS_MAX, EXPIRY_DAYS_MAX, EXPIRY_MONTHS_MAX, EXPIRY_YEARS_MAX,
    GRACE_DAYS_MAX, HOLD_MINUTES_MAX, NAME_LEN_MAX, POINT_VALUE_MAX_MINOR, POINTS_MAX, RECEIPTS_PER_DAY_MAX,
    SPEND_MAX_MINOR, TIERS_MAX,
};

/// The rules of a brand's programme. Check it with [`Programme::check`] before it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Programme {
    /// Code of the brand.
    pub brand: String,
    /// IANA time zone for what happens at no outlet, such as the end of a sign-up bonus.
    pub zone: String,
    /// What one point is worth, once for every currency the programme runs in.
    #[serde(with = "money_list")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<MoneyText>"))]
    pub point_values: Vec<Money>,
    /// From the entry tier upwards.
    pub tiers: Vec<Tier>,
    /// How members move between the tiers; `null`: a calendar month's spend decides the next month's tier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier_rules: Option<TierRules>,
    pub earning: Earning,
    /// `null` for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub welcome_bonus: Option<WelcomeBonus>,
    pub redemption: Redemption,
    pub returns: Returns,
}

/// A status level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Tier {
    pub code: String,
    pub name: Names,
    /// Share of the money paid that comes back as points' worth: `0.05` is five percent.
    #[serde(with = "rate")]
    #[cfg_attr(feature = "schema", schemars(with = "RateText"))]
    pub earn_rate: Rate,
    /// Spend in a calendar month that leads to this tier, once for every currency of the programme; none for
    /// the entry tier.
    #[serde(default, with = "money_list")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<MoneyText>"))]
    pub monthly_spend: Vec<Money>,
    /// What leads to this tier, where a month's spend does not say it; `monthly_spend` is empty then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualification: Option<Requirement>,
    /// Whether a member who has reached this tier never falls below it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub floor: bool,
}

/// How receipts earn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Earning {
    /// What earns nothing.
    #[serde(default)]
    pub excluded: Exclusions,
    /// Whether lines sold at a promotional price earn.
    pub promo_lines_earn: bool,
    /// Whether the part of a line that was paid with points earns.
    pub earn_on_points_paid: bool,
    /// Points of a receipt are rounded down to a multiple of this: `1.00` gives whole points.
    #[serde(with = "points")]
    #[cfg_attr(feature = "schema", schemars(with = "PointsText"))]
    pub points_step: Points,
    pub pending_delay: PendingDelay,
    pub expiry: Expiry,
    #[serde(default)]
    pub caps: Caps,
}

/// Products left out of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Exclusions {
    /// Product category codes.
    #[serde(default)]
    pub categories: Vec<String>,
    /// Product codes.
    #[serde(default)]
    pub products: Vec<String>,
}

/// When earned points become spendable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum PendingDelay {
    /// At once.
    None {},
    /// So many hours after the sale.
    Hours { hours: u32 },
    /// At local midnight, so many business days after the sale's; at least one.
    NextBusinessDay { days: u32 },
}

/// How long points are good. Counted from the local day on which they become spendable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Expiry {
    Never {},
    /// Through the so-manieth day after.
    Days {
        days: u32,
    },
    /// Through the end of the so-manieth month after; 0 is the current month.
    MonthEnd {
        months: u32,
    },
    /// Through the end of the so-manieth year after; 0 is the current year.
    YearEnd {
        years: u32,
    },
}

/// Limits on what is earned. A member's day is the outlet's business day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Caps {
    #[serde(default, with = "points_option", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<PointsText>"))]
    pub points_per_receipt: Option<Points>,
    #[serde(default, with = "points_option", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<PointsText>"))]
    pub points_per_day: Option<Points>,
    /// Receipts of one day that may earn; later ones earn nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipts_per_day: Option<u32>,
}

/// Points for becoming a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WelcomeBonus {
    #[serde(with = "points")]
    #[cfg_attr(feature = "schema", schemars(with = "PointsText"))]
    pub points: Points,
    pub trigger: WelcomeTrigger,
    pub expiry: Expiry,
}

/// What sets the welcome bonus off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WelcomeTrigger {
    SignUp,
    FirstReceipt,
}

/// How points are spent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Redemption {
    /// What cannot be paid for with points.
    #[serde(default)]
    pub excluded: Exclusions,
    /// Fewer cannot be spent at once.
    #[serde(with = "points")]
    #[cfg_attr(feature = "schema", schemars(with = "PointsText"))]
    pub min_points: Points,
    /// Only multiples of this can be spent.
    #[serde(with = "points")]
    #[cfg_attr(feature = "schema", schemars(with = "PointsText"))]
    pub step: Points,
    /// Largest share of a receipt's total that points may pay.
    #[serde(with = "rate")]
    #[cfg_attr(feature = "schema", schemars(with = "RateText"))]
    pub share_max: Rate,
    /// How long points stay held for an open receipt when the till names no time of its own.
    pub hold_minutes: u32,
    /// Whether a code that never changes (printed card, screenshot) is enough to spend.
    pub static_code_may_spend: bool,
}

/// What a return undoes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Returns {
    /// How far points are taken back when they have been spent.
    #[serde(with = "ClawbackText")]
    #[cfg_attr(feature = "schema", schemars(with = "ClawbackText"))]
    pub clawback: ClawbackPolicy,
    /// Points given back stay good at least this many days, even if their lot has expired meanwhile.
    pub reinstatement_grace_days: u32,
}

impl Programme {
    /// What one point is worth in `currency`.
    ///
    /// # Errors
    /// [`Refusal::CurrencyNotInProgramme`].
    pub fn point_value(&self, currency: Currency) -> Result<Money, Refusal> {
        in_currency(&self.point_values, currency).ok_or(Refusal::CurrencyNotInProgramme { currency })
    }

    /// The tier with this code.
    #[must_use]
    pub fn tier(&self, code: &str) -> Option<&Tier> {
        self.tiers.iter().find(|tier| tier.code == code)
    }

    /// The time zone of what happens at no outlet; UTC for a name that [`Programme::check`] would refuse.
    #[must_use]
    pub fn home_zone(&self) -> Zone {
        Zone::parse(&self.zone).unwrap_or(Zone::UTC)
    }
}

impl Tier {
    /// Spend in a calendar month that leads to this tier; `None` for the entry tier.
    #[must_use]
    pub fn threshold(&self, currency: Currency) -> Option<Money> {
        in_currency(&self.monthly_spend, currency)
    }
}

/// Names of the clawback policies in JSON.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(remote = "ClawbackPolicy", rename_all = "snake_case")]
enum ClawbackText {
    OnlyPending,
    WithinBalance,
    Unlimited,
}

/// The amount in `currency` of a list that has at most one of each.
fn in_currency(amounts: &[Money], currency: Currency) -> Option<Money> {
    amounts.iter().copied().find(|amount| amount.currency() == currency)
}

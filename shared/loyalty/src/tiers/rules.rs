//! What qualifies for a tier, and how a tier begins and ends, as data.

use kernel::{Currency, Money, Points};
#[cfg(feature = "schema")]
use notation::{MoneyText, PointsText};
use notation::{money_list, points};
use serde::{Deserialize, Serialize};

use crate::programme::{Programme, Tier};

/// Requirements in one tier's tree.
pub const REQUIREMENTS_MAX: usize = 16;
/// Levels of one tier's tree.
pub const REQUIREMENT_DEPTH_MAX: usize = 4;
/// Days in a rolling window: three years.
pub const ROLLING_DAYS_MAX: u32 = 1_096;
/// Periods that a tier may stay valid.
pub const VALIDITY_PERIODS_MAX: u32 = 120;
/// Days of grace after a tier's validity.
pub const TIER_GRACE_DAYS_MAX: u32 = 366;
/// Days before the end of a tier on which its holder may be warned.
pub const WARN_DAYS_MAX: u32 = 90;
/// Visits in a requirement.
pub const VISITS_MAX: u32 = 100_000;

/// How members move between the tiers of a programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TierRules {
    /// The days whose receipts count.
    pub window: Window,
    /// When a tier that was reached begins.
    pub effective: Effective,
    /// For how many periods a tier is good once it was earned; at least one.
    pub validity_periods: u32,
    /// Days after its validity during which a tier is kept although it was not earned again.
    #[serde(default)]
    pub grace_days: u32,
    /// How far a member falls who has not earned the tier again.
    #[serde(default)]
    pub downgrade: Downgrade,
    /// Days before the end of a tier on which its holder is warned; 0 never.
    #[serde(default)]
    pub warn_days: u32,
}

/// The days whose receipts count, in the zone of the member's home outlet. Calendar windows are also the periods in
/// which tiers begin and end; with the others, periods are calendar months.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Window {
    CalendarMonth {},
    CalendarQuarter {},
    CalendarYear {},
    /// So many days, the last of them included.
    RollingDays {
        days: u32,
    },
    /// Everything since the member joined.
    Lifetime {},
}

/// When a tier that was reached begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Effective {
    /// As soon as it is reached; and it is good for the validity counted from the end of that period.
    AtOnce,
    /// On the first day of the next period.
    NextPeriod,
}

/// How far a member falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Downgrade {
    /// To the tier that was earned.
    #[default]
    Full,
    /// By one tier, which is then good for the validity.
    OneStep,
}

/// What leads to a tier. Reached when at least so much was counted in the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Requirement {
    /// Money paid, without what was paid with points and less what was returned, on receipts in the currency of the
    /// member's home outlet; once for every currency of the programme.
    Spend {
        #[serde(with = "money_list")]
        #[cfg_attr(feature = "schema", schemars(with = "Vec<MoneyText>"))]
        amounts: Vec<Money>,
    },
    /// Points earned by receipts, less what returns took back. Bonuses do not count.
    Points {
        #[serde(with = "points")]
        #[cfg_attr(feature = "schema", schemars(with = "PointsText"))]
        points: Points,
    },
    /// Business days with a receipt of which something was kept: splitting a receipt makes no second visit.
    Visits { visits: u32 },
    /// All of these.
    All { of: Vec<Self> },
    /// One of these.
    Any { of: Vec<Self> },
}

/// What was counted in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// In the currency of the member's home outlet.
    pub spend: Money,
    pub points: Points,
    pub visits: u32,
}

impl Facts {
    /// Nothing was counted.
    #[must_use]
    pub const fn nothing(currency: Currency) -> Self {
        Self { spend: Money::zero(currency), points: Points::ZERO, visits: 0 }
    }
}

/// The least that each kind of leaf asks for anywhere above the entry tier: who is below all of them has reached nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Least {
    /// Minor units in whatever currency.
    pub spend_minor: Option<i64>,
    pub points: Option<Points>,
    pub visits: Option<u32>,
}

impl TierRules {
    /// What holds where a programme says nothing: a calendar month's spend decides the next month's tier.
    pub const STANDARD: Self = Self {
        window: Window::CalendarMonth {},
        effective: Effective::NextPeriod,
        validity_periods: 1,
        grace_days: 0,
        downgrade: Downgrade::Full,
        warn_days: 0,
    };
}

impl Programme {
    /// How members move between the tiers.
    #[must_use]
    pub fn tier_rules(&self) -> TierRules {
        self.tier_rules.unwrap_or(TierRules::STANDARD)
    }

    /// Place of the tier with this code; of one that the rules no longer know, the entry tier's.
    #[must_use]
    pub fn tier_place(&self, code: &str) -> usize {
        self.tiers.iter().position(|tier| tier.code == code).unwrap_or(0)
    }

    /// Place of the tier that takes the place of one that these rules do not have: the nearest below it that they do, or
    /// the entry tier. `before` are earlier rules; `None` when they do not know it either.
    #[must_use]
    pub fn heir_place(&self, code: &str, before: &Self) -> Option<usize> {
        let at = before.tiers.iter().position(|tier| tier.code == code)?;
        let own = |code: &str| self.tiers.iter().position(|tier| tier.code == code);
        Some(before.tiers[..=at].iter().rev().find_map(|tier| own(&tier.code)).unwrap_or(0))
    }

    /// The code of the tier at a place.
    #[must_use]
    pub fn tier_code(&self, place: usize) -> &str {
        self.tiers.get(place).map_or("", |tier| tier.code.as_str())
    }

    /// Place of the highest tier whose requirement `facts` meet.
    #[must_use]
    pub fn earned(&self, facts: &Facts) -> usize {
        self.tiers.iter().rposition(|tier| tier.is_met(facts)).unwrap_or(0)
    }

    /// Place of the highest tier up to `place` that is never lost; 0 if there is none.
    #[must_use]
    pub fn floor_below(&self, place: usize) -> usize {
        self.tiers.iter().take(place + 1).rposition(|tier| tier.floor).unwrap_or(0)
    }

    /// The least that each kind of leaf asks for.
    #[must_use]
    pub fn least(&self) -> Least {
        let mut least = Least { spend_minor: None, points: None, visits: None };
        for tier in self.tiers.iter().skip(1) {
            match &tier.qualification {
                Some(tree) => tree.lower(&mut least),
                None => lower_spend(&tier.monthly_spend, &mut least),
            }
        }
        least
    }
}

impl Tier {
    /// Whether the tier is reached. The entry tier, and any without a requirement, is reached by nobody: it is where
    /// one begins, or what a person grants.
    #[must_use]
    pub fn is_met(&self, facts: &Facts) -> bool {
        match &self.qualification {
            Some(tree) => tree.is_met(facts),
            None => spend_met(&self.monthly_spend, facts),
        }
    }

    /// What leads to the tier; `None` for one that cannot be earned.
    #[must_use]
    pub fn requirement(&self) -> Option<Requirement> {
        let spend = || Requirement::Spend { amounts: self.monthly_spend.clone() };
        self.qualification.clone().or_else(|| (!self.monthly_spend.is_empty()).then(spend))
    }
}

impl Requirement {
    /// Whether `facts` are enough.
    #[must_use]
    pub fn is_met(&self, facts: &Facts) -> bool {
        match self {
            Self::Spend { amounts } => spend_met(amounts, facts),
            Self::Points { points } => facts.points >= *points,
            Self::Visits { visits } => facts.visits >= *visits,
            Self::All { of } => of.iter().all(|part| part.is_met(facts)),
            Self::Any { of } => of.iter().any(|part| part.is_met(facts)),
        }
    }

    /// The amount asked for in a currency, of a requirement of spend.
    #[must_use]
    pub fn amount_in(&self, currency: Currency) -> Option<Money> {
        match self {
            Self::Spend { amounts } => amounts.iter().copied().find(|amount| amount.currency() == currency),
            _ => None,
        }
    }

    fn lower(&self, least: &mut Least) {
        match self {
            Self::Spend { amounts } => lower_spend(amounts, least),
            Self::Points { points } => {
                least.points = Some(least.points.map_or(*points, |known| known.min(*points)));
            }
            Self::Visits { visits } => {
                least.visits = Some(least.visits.map_or(*visits, |known| known.min(*visits)));
            }
            Self::All { of } | Self::Any { of } => of.iter().for_each(|part| part.lower(least)),
        }
    }
}

fn spend_met(amounts: &[Money], facts: &Facts) -> bool {
    let wanted = amounts.iter().find(|amount| amount.currency() == facts.spend.currency());
    wanted.is_some_and(|wanted| facts.spend.minor() >= wanted.minor())
}

fn lower_spend(amounts: &[Money], least: &mut Least) {
    let lowest = amounts.iter().map(|amount| amount.minor()).min();
    least.spend_minor = least.spend_minor.into_iter().chain(lowest).min();
}

//! Limits: how often and how much.

use kernel::{Date, Points};
#[cfg(feature = "schema")]
use notation::PointsText;
use notation::points_option;
use serde::{Deserialize, Serialize};

use crate::amounts::Amounts;

/// What a promotion may give at most.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Money off one cart; none for no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount_per_cart: Option<Amounts>,
    /// Points given for one cart.
    #[serde(default, with = "points_option", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<PointsText>"))]
    pub points_per_cart: Option<Points>,
    /// Counted over carts. Each is kept by the database; an order takes its part of all of them or of none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub budgets: Vec<Budget>,
}

/// A limit that many carts share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Budget {
    pub scope: Scope,
    pub period: Period,
    /// Carts that get the promotion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses: Option<u32>,
    /// Money off, for each currency of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount: Option<Amounts>,
    #[serde(default, with = "points_option", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<PointsText>"))]
    pub points: Option<Points>,
}

/// Whose carts a budget counts together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// All of them.
    Promotion,
    /// Those of one outlet.
    Outlet,
    /// Those of one guest. Whoever is not signed in does not get the promotion.
    Guest,
}

impl Scope {
    /// As in JSON.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Promotion => "promotion",
            Self::Outlet => "outlet",
            Self::Guest => "guest",
        }
    }
}

/// For how long a budget counts. Days are the outlet's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Period {
    Day,
    /// From Monday.
    Week,
    Month,
    Year,
    /// As long as the promotion lives.
    Ever,
}

impl Period {
    /// What names the period that `day` falls into: two days have one key when they are in one period.
    #[must_use]
    pub fn key(self, day: Date) -> String {
        let (year, month, _) = day.parts();
        match self {
            Self::Day => day.to_string(),
            Self::Week => format!("w{}", day.plus_days(1 - i32::from(day.weekday()))),
            Self::Month => format!("{year:04}-{month:02}"),
            Self::Year => format!("{year:04}"),
            Self::Ever => "ever".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_have_keys() {
        let day = |text| Date::parse(text).expect("a date");
        assert_eq!(Period::Week.key(day("2026-11-22")), "w2026-11-16");
        assert_eq!(Period::Week.key(day("2026-11-23")), "w2026-11-23");
        assert_eq!(Period::Month.key(day("2026-11-23")), "2026-11");
        assert_eq!(Period::Year.key(day("2026-11-23")), "2026");
        assert_eq!(Period::Day.key(day("2026-11-23")), "2026-11-23");
        assert_eq!(Period::Ever.key(day("2026-11-23")), "ever");
    }
}

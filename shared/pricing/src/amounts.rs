//! Small values as they stand in a promotion: sums per currency, times of day, days.

use kernel::{Currency, Date, Money, ParseError};
#[cfg(feature = "schema")]
use notation::MoneyText;
use notation::money_list;
use serde::{Deserialize, Serialize};

/// One sum for each currency that the promotion runs in. In other currencies the promotion does nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Amounts(
    #[serde(with = "money_list")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<MoneyText>"))]
    pub Vec<Money>,
);

impl Amounts {
    /// Minor units in `currency`.
    #[must_use]
    pub fn minor(&self, currency: Currency) -> Option<i64> {
        self.0.iter().find(|amount| amount.currency() == currency).map(|amount| amount.minor())
    }
}

/// A minute of the day at the outlet, written `07:30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(u16);

/// Minutes in a day.
const DAY_MINUTES: u16 = 1_440;

impl TimeOfDay {
    /// From minutes since midnight; `None` at or after the next midnight.
    #[must_use]
    pub fn from_minutes(minutes: u16) -> Option<Self> {
        (minutes < DAY_MINUTES).then_some(Self(minutes))
    }

    /// Minutes since midnight.
    #[must_use]
    pub const fn minutes(self) -> u16 {
        self.0
    }

    /// Reads `07:30`.
    ///
    /// # Errors
    /// When the text has another form or names no minute.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        const SHAPE: ParseError = ParseError("not a time of day such as 07:30");
        let digits = |part: &str| (part.len() == 2).then(|| part.parse::<u16>().ok()).flatten();
        let (hours, minutes) = text.split_once(':').ok_or(SHAPE)?;
        let (hours, minutes) = digits(hours).zip(digits(minutes)).ok_or(SHAPE)?;
        if hours > 23 || minutes > 59 || text.contains('+') {
            return Err(SHAPE);
        }
        Ok(Self(hours * 60 + minutes))
    }
}

impl std::fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = ParseError;

    fn try_from(text: String) -> Result<Self, ParseError> {
        Self::parse(&text)
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        time.to_string()
    }
}

/// A calendar day at the outlet, written `2026-11-21`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(pub Date);

impl TryFrom<String> for Day {
    type Error = ParseError;

    fn try_from(text: String) -> Result<Self, ParseError> {
        Date::parse(&text).map(Self)
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.0.to_string()
    }
}

/// Declares the JSON Schema of a text of one form.
#[cfg(feature = "schema")]
macro_rules! text_schema {
    ($name:ident, $pattern:literal, $example:literal) => {
        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "pattern": $pattern, "examples": [$example] })
            }
        }
    };
}

#[cfg(feature = "schema")]
text_schema!(TimeOfDay, "^([01][0-9]|2[0-3]):[0-5][0-9]$", "07:30");
#[cfg(feature = "schema")]
text_schema!(Day, "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "2026-11-21");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_have_one_form() {
        assert_eq!(TimeOfDay::parse("07:05").map(TimeOfDay::minutes), Ok(425));
        assert_eq!(TimeOfDay::parse("23:59").map(|time| time.to_string()), Ok("23:59".to_owned()));
        for text in ["7:05", "24:00", "07:60", "0705", "+7:05", "07:+5", "", "07:05:00"] {
            assert!(TimeOfDay::parse(text).is_err(), "{text:?}");
        }
    }
}

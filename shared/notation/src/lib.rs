//! How kernel values stand in JSON: decimal strings, and money as an object of amount and currency.
//!
//! The modules are for `#[serde(with = "notation::points")]`; the `…Text` types describe them to JSON Schema.

use kernel::{Currency, Lang, Money, Points, Quantity, Rate};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Points as a decimal string.
pub mod points {
    use super::{Deserialize, Deserializer, Points, Serializer};
    use serde::de::Error as _;

    /// Writes it.
    ///
    /// # Errors
    /// The writer's.
    pub fn serialize<S: Serializer>(value: &Points, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    /// Reads it.
    ///
    /// # Errors
    /// When the text is not of that form.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Points, D::Error> {
        Points::parse(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}

/// Points as a decimal string, or null.
pub mod points_option {
    use super::{Deserialize, Deserializer, Points, Serialize, Serializer};
    use serde::de::Error as _;

    /// Writes it.
    ///
    /// # Errors
    /// The writer's.
    pub fn serialize<S: Serializer>(value: &Option<Points>, to: S) -> Result<S::Ok, S::Error> {
        value.map(|points| points.to_string()).serialize(to)
    }

    /// Reads it.
    ///
    /// # Errors
    /// When the text is not of that form.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Points>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| Points::parse(&text)).transpose().map_err(D::Error::custom)
    }
}

/// A quantity as a decimal string.
pub mod quantity {
    use super::{Deserialize, Deserializer, Quantity, Serializer};
    use serde::de::Error as _;

    /// Writes the decimal string.
    ///
    /// # Errors
    /// The writer's.
    pub fn serialize<S: Serializer>(value: &Quantity, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    /// Reads the decimal string.
    ///
    /// # Errors
    /// When it is no quantity.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Quantity, D::Error> {
        Quantity::parse(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}

/// Money as an object, or null.
pub mod money_option {
    use super::{Deserialize, Deserializer, Money, MoneyText, Serialize, Serializer};

    /// Writes the object, or null.
    ///
    /// # Errors
    /// The writer's.
    pub fn serialize<S: Serializer>(value: &Option<Money>, to: S) -> Result<S::Ok, S::Error> {
        value.map(MoneyText::from).serialize(to)
    }

    /// Reads the object, or null.
    ///
    /// # Errors
    /// When it is no money.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Money>, D::Error> {
        Option::<MoneyText>::deserialize(from)?.map(MoneyText::read).transpose()
    }
}

/// A rate as a decimal string.
pub mod rate {
    use super::{Deserialize, Deserializer, Rate, Serializer};
    use serde::de::Error as _;

    /// Writes it.
    ///
    /// # Errors
    /// The writer's.
    pub fn serialize<S: Serializer>(value: &Rate, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    /// Reads it.
    ///
    /// # Errors
    /// When the text is not of that form.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Rate, D::Error> {
        Rate::parse(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}

/// Money as an object.
pub mod money {
    use super::{Deserialize, Deserializer, Money, MoneyText, Serialize, Serializer};

    /// Writes it.
    ///
    /// # Errors
    /// The writer's.
    pub fn serialize<S: Serializer>(value: &Money, to: S) -> Result<S::Ok, S::Error> {
        MoneyText::from(*value).serialize(to)
    }

    /// Reads it.
    ///
    /// # Errors
    /// When the text is not of that form.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Money, D::Error> {
        MoneyText::deserialize(from)?.read()
    }
}

/// A list of money objects.
pub mod money_list {
    use super::{Deserialize, Deserializer, Money, MoneyText, Serializer};

    /// Writes it.
    ///
    /// # Errors
    /// The writer's.
    pub fn serialize<S: Serializer>(values: &[Money], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(values.iter().copied().map(MoneyText::from))
    }

    /// Reads it.
    ///
    /// # Errors
    /// When the text is not of that form.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Money>, D::Error> {
        Vec::<MoneyText>::deserialize(from)?.into_iter().map(MoneyText::read).collect()
    }
}

/// Money in JSON.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(deny_unknown_fields)]
pub struct MoneyText {
    /// Decimal string.
    amount: String,
    /// ISO 4217 code.
    currency: String,
}

impl From<Money> for MoneyText {
    fn from(money: Money) -> Self {
        Self { amount: money.amount(), currency: money.currency().to_string() }
    }
}

impl MoneyText {
    fn read<E: serde::de::Error>(self) -> Result<Money, E> {
        let currency = Currency::parse(&self.currency).map_err(E::custom)?;
        Money::parse(&self.amount, currency).map_err(E::custom)
    }
}

/// A name in the chain's languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Names {
    pub ru: String,
    pub kk: String,
    pub en: String,
}

impl Names {
    /// The name in one language.
    #[must_use]
    pub fn text(&self, lang: Lang) -> &str {
        match lang {
            Lang::Ru => &self.ru,
            Lang::Kk => &self.kk,
            Lang::En => &self.en,
        }
    }
}

/// Declares the JSON Schema of a decimal string.
#[cfg(feature = "schema")]
macro_rules! decimal_text {
    ($(#[$doc:meta])* $name:ident, $schema:literal, $pattern:literal, $example:literal) => {
        $(#[$doc])*
        pub struct $name;

        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                $schema.into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "pattern": $pattern, "examples": [$example] })
            }
        }
    };
}

#[cfg(feature = "schema")]
decimal_text!(/** Points in JSON. */ PointsText, "Points", "^-?[0-9]{1,17}(\\.[0-9]{1,2})?$", "12.50");
#[cfg(feature = "schema")]
decimal_text!(/** A quantity in JSON. */ QuantityText, "Quantity", "^[0-9]{1,9}(\\.[0-9]{1,3})?$", "2");
#[cfg(feature = "schema")]
decimal_text!(/** A rate in JSON. */ RateText, "Rate", "^-?[0-9]{1,12}(\\.[0-9]{1,6})?$", "0.05");

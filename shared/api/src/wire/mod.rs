//! Request and reply bodies, one module per noun.

pub mod adjust;
pub mod balance;
pub mod brand_menu;
pub mod cards;
pub mod coupons;
pub mod export;
pub mod feedback;
pub mod fraud;
pub mod goals;
pub mod history;
pub mod holds;
pub mod iiko_accounts;
pub mod imports;
pub mod jobs;
pub mod member;
pub mod menus;
pub mod messages;
pub mod orders;
pub mod outlets;
pub mod programmes;
pub mod promotions;
pub mod quotes;
pub mod receipts;
pub mod returns;
pub mod segments;
pub mod session;
pub mod shifts;
pub mod signup;
pub mod staff;
pub mod staff_cards;
pub mod telegram;
pub mod tickets;
pub mod tiers;
pub mod tills;
pub mod verify;

use kernel::{Currency, Money, Points};
use serde::{Deserialize, Serialize};

/// Money: a decimal string in the currency's units and its ISO 4217 code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MoneyBody {
    /// Decimal with at most two digits after the point.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^-?[0-9]{1,12}(\.[0-9]{1,2})?$")))]
    pub amount: String,
    /// ISO 4217.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[A-Z]{3}$")))]
    pub currency: String,
}

impl From<Money> for MoneyBody {
    fn from(money: Money) -> Self {
        Self { amount: money.amount(), currency: money.currency().code().to_owned() }
    }
}

/// A field at fault: JSON pointer and what is wrong with it.
pub type FieldError = (String, String);

impl MoneyBody {
    /// The amount in minor units, if the currency is `expected`.
    ///
    /// # Errors
    /// [`MoneyError`] with the pointer of the part at fault below `pointer`.
    pub fn minor_in(&self, expected: Currency, pointer: &str) -> Result<i64, MoneyError> {
        if self.currency != expected.code() {
            return Err(MoneyError::Currency {
                pointer: format!("{pointer}/currency"),
                expected,
                got: self.currency.clone(),
            });
        }
        Money::parse(&self.amount, expected)
            .map(Money::minor)
            .map_err(|error| MoneyError::Amount((format!("{pointer}/amount"), error.0.to_owned())))
    }
}

/// Why a money body is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MoneyError {
    Currency { pointer: String, expected: Currency, got: String },
    Amount(FieldError),
}

/// A reason: a stable code for programs and a sentence for people, in the language of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReasonBody {
    pub code: String,
    pub text: String,
}

/// A member's points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PointsBalance {
    /// Spendable now; below zero it is a debt left by a return.
    pub available: String,
    /// Reserved for open receipts.
    pub held: String,
    /// Granted, not yet spendable.
    pub pending: String,
}

impl PointsBalance {
    /// From the ledger's numbers.
    #[must_use]
    pub fn new(pending: Points, available: Points, held: Points) -> Self {
        Self { available: available.to_string(), held: held.to_string(), pending: pending.to_string() }
    }
}

/// How a till names the guest: exactly one of the three.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum GuestBody {
    /// A card number, typed or scanned: virtual (13 digits) or plastic.
    Card(#[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))] String),
    /// A phone number in any spelling.
    Phone(#[cfg_attr(feature = "schema", schemars(length(min = 1, max = 32)))] String),
    /// What the scanner read from the app: a rotating code, or a card number.
    Code(#[cfg_attr(feature = "schema", schemars(length(min = 1, max = 128)))] String),
}

//! How a CSV of receipts becomes a chain: the mapping file.
//!
//! One file (TOML) per data set; paths in it stand below the data directory. Nothing about a particular data set is
//! in the code.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;

/// A mapping file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    pub title: String,
    pub chain: Chain,
    pub receipts: Receipts,
    pub outlets: Outlets,
    pub products: Products,
    pub staff: Option<Staff>,
    pub members: Option<Members>,
    pub expect: Expect,
    /// A damaged copy of the receipts and what is wrong with it.
    pub spoiled: Option<Spoiled>,
}

/// Facts about the chain that its files do not hold.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chain {
    pub brand: String,
    pub name: String,
    pub country: String,
    pub currency: String,
    pub zone: String,
    /// EAN-13 in-store prefix of the brand's cards.
    pub card_prefix: String,
    /// Days by which all dates move. Ids count from 2020; older data moves by whole weeks.
    #[serde(default)]
    pub shift_days: i32,
    /// Share of what is paid that comes back as points' worth.
    pub earn_rate: String,
}

/// The receipts' file and its columns.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipts {
    pub file: String,
    pub outlet: String,
    pub date: Moment,
    pub time: Moment,
    /// Columns that with outlet and date make the receipt's key; joined by `-` they are its number.
    pub number: Vec<String>,
    pub staff: Option<String>,
    pub member: Option<MemberColumn>,
    pub product: String,
    pub quantity: String,
    pub unit_price: String,
    /// Absent: quantity times unit price.
    pub amount: Option<String>,
    pub promo: Option<Flag>,
    /// Columns that must hold whole numbers.
    #[serde(default)]
    pub whole_numbers: Vec<String>,
}

/// A column with a date or time, and how to read it (strptime).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moment {
    pub column: String,
    pub format: String,
}

/// The column that names the member.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberColumn {
    pub column: String,
    /// The value that stands for an anonymous guest.
    pub guest: String,
}

/// A column that is true for one value.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flag {
    pub column: String,
    pub yes: String,
}

/// Where outlets come from. The file may be the receipts' own: rows of one code count once.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outlets {
    pub file: String,
    pub code: String,
    pub name: String,
    pub city: Option<String>,
    pub address: Option<String>,
    pub phone: Option<String>,
    pub latitude: Option<String>,
    pub longitude: Option<String>,
}

/// Where products come from; see [`Outlets`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Products {
    pub file: String,
    pub code: String,
    pub name: String,
    pub category: String,
    /// List price, if the file has it: tells a mistyped price on a receipt.
    pub price: Option<String>,
}

/// Where staff come from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Staff {
    pub file: String,
    pub code: String,
    /// Columns of the name, joined by blanks.
    pub name: Vec<String>,
}

/// Where members and their plastic cards come from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Members {
    pub file: String,
    pub code: String,
    pub card: String,
    pub name: String,
    pub email: Option<String>,
    pub birthday: Option<String>,
    pub home_outlet: Option<String>,
    /// Start of the card number of a member who buys but is not in the file; their code follows.
    pub unlisted_card_prefix: String,
}

/// What the whole must come to. Money as decimal strings in the chain's currency.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    pub lines: i64,
    pub receipts: i64,
    pub total: String,
    /// Receipts with a member, their total, and the member who spent most.
    pub members: Option<ExpectMembers>,
    #[serde(default)]
    pub outlets: BTreeMap<String, String>,
    #[serde(default)]
    pub outlet_lines: BTreeMap<String, i64>,
    #[serde(default)]
    pub categories: BTreeMap<String, String>,
    #[serde(default)]
    pub staff: BTreeMap<String, String>,
    /// By month of the original date: `2023-01`.
    #[serde(default)]
    pub months: BTreeMap<String, String>,
    /// Lines by quantity.
    #[serde(default)]
    pub quantities: BTreeMap<String, i64>,
}

/// See [`Expect::members`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectMembers {
    pub receipts: i64,
    pub total: String,
    pub distinct: i64,
    pub top: String,
    pub top_total: String,
}

/// A damaged copy.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spoiled {
    pub file: String,
    pub date_format: String,
    pub time_format: String,
    /// Every cell that must be refused.
    pub bad: Vec<BadCell>,
    /// Cells that read well and contradict the rest of their row.
    #[serde(default)]
    pub doubtful: Vec<BadCell>,
}

/// A cell by its line in the file (the heading is line 1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BadCell {
    pub line: u64,
    pub column: String,
    pub value: String,
}

/// Reads a mapping file.
///
/// # Errors
/// When it is missing or not of this shape; the error says where.
pub fn load(path: &Path) -> Result<Mapping> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    toml::from_str(&text).with_context(|| path.display().to_string())
}

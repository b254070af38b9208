//! Outlets' menus, for guests.

use menu::outlet::{Allergen, Nutrition};
use serde::{Deserialize, Serialize};

use super::MoneyBody;

/// What an outlet sells, in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MenuReply {
    /// The chain's own number of the outlet.
    pub outlet: String,
    /// Changes with the menu and with nothing else.
    pub revision: String,
    /// `ru`, `kk` or `en`.
    pub language: String,
    /// In the order of the menu.
    pub categories: Vec<MenuCategory>,
    /// In the order of the menu; in that of likeness when something is searched for.
    pub items: Vec<MenuItem>,
    /// The groups that sizes refer to by position.
    pub groups: Vec<MenuGroup>,
}

/// A part of the menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MenuCategory {
    pub code: String,
    pub name: String,
}

/// An item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MenuItem {
    pub code: String,
    pub name: String,
    pub description: Option<String>,
    pub category: String,
    pub tags: Vec<String>,
    pub allergens: Vec<Allergen>,
    /// Address of a picture.
    pub image: Option<String>,
    /// When it is served, on the outlet's clock; empty for always.
    pub served: Vec<ServedBody>,
    /// Some size of it can be had.
    pub available: bool,
    /// One with an empty code for an item without sizes.
    pub sizes: Vec<MenuSize>,
}

/// A span of the week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ServedBody {
    /// Monday = 1 to Sunday = 7.
    pub days: Vec<u8>,
    /// `09:30`
    pub from: String,
    /// `12:00`; when it is not later, on the next day.
    pub to: String,
}

/// A size of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MenuSize {
    pub code: String,
    pub name: Option<String>,
    /// Taken where none is named.
    pub default: bool,
    /// Null: not for sale here.
    pub price: Option<MoneyBody>,
    pub available: bool,
    /// Portions left; null for no limit.
    pub left: Option<u32>,
    pub weight_grams: Option<u32>,
    /// In 100 grams.
    pub nutrition: Option<Nutrition>,
    pub image: Option<String>,
    /// Positions in `groups`.
    pub groups: Vec<u32>,
}

/// A group of modifiers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MenuGroup {
    pub code: String,
    pub name: String,
    /// Above zero: the group is required.
    pub min: u32,
    /// Zero: no maximum.
    pub max: u32,
    /// So many cost nothing.
    pub free: u32,
    pub modifiers: Vec<MenuModifier>,
}

/// A modifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MenuModifier {
    pub code: String,
    pub name: String,
    /// Null: not for sale here.
    pub price: Option<MoneyBody>,
    pub available: bool,
    /// Portions left; null for no limit.
    pub left: Option<u32>,
    /// Its own limits, zero where only the group's hold.
    pub min: u32,
    pub max: u32,
    pub free: u32,
    /// How many to propose.
    pub by_default: u32,
    pub allergens: Vec<Allergen>,
}

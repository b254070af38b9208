//! The snapshot that an outlet sells from: prices, structure, what is out of stock, and how its till names things.
//!
//! Money is in minor units of the outlet's currency. Sizes name their modifier groups by position in
//! [`OutletMenu::groups`], because a coffee menu offers the same milk with every drink.

use kernel::Quantity;
use notation::Names;
use serde::{Deserialize, Serialize};

use crate::schedule::Span;

/// What one outlet sells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OutletMenu {
    pub brand: String,
    /// `out_…`
    pub outlet: String,
    /// The chain's own number of the outlet.
    pub outlet_code: String,
    /// ISO 4217.
    pub currency: String,
    /// IANA name of the outlet's time zone.
    pub zone: String,
    /// Changes with the content and with nothing else.
    pub revision: String,
    /// In the order of the menu.
    pub categories: Vec<Category>,
    /// In the order of the menu, category by category.
    pub items: Vec<Item>,
    /// The groups that sizes refer to.
    pub groups: Vec<Group>,
    /// What the brand has and this outlet does not.
    pub absent: Vec<Absent>,
}

/// A part of the menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Category {
    pub code: String,
    pub names: Names,
}

/// An item of the brand as this outlet makes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Item {
    /// The brand's code.
    pub code: String,
    pub names: Names,
    #[serde(default)]
    pub description: Option<Names>,
    /// Code of its category.
    pub category: String,
    /// The brand's marks, for promotions and for the app.
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default)]
    pub allergens: Vec<Allergen>,
    /// Address of a picture.
    #[serde(default)]
    pub image: Option<String>,
    /// Percent in hundredths: 20 % is 2000. None where the till names no tax.
    pub tax_rate: Option<i64>,
    /// The item has to be identified by its mark when it is sold.
    #[serde(default)]
    pub marked: bool,
    /// When it is served, in local time; empty for always.
    #[serde(default)]
    pub schedule: Vec<Span>,
    /// At least one. An item without sizes has one that is named nothing.
    pub sizes: Vec<Size>,
}

/// One size of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Size {
    /// The brand's code of the size; empty for an item without sizes.
    pub code: String,
    /// None for an item without sizes.
    pub names: Option<Names>,
    /// The code on the receipt: of the item in this size.
    pub product_code: String,
    /// What is taken where the guest names no size.
    pub default: bool,
    /// None: not for sale here.
    pub price_minor: Option<i64>,
    /// Portions left; none for no limit, zero for out of stock.
    #[serde(default)]
    pub left: Option<u32>,
    #[serde(default)]
    pub weight_grams: Option<u32>,
    #[serde(default)]
    pub nutrition: Option<Nutrition>,
    #[serde(default)]
    pub image: Option<String>,
    pub till: TillProduct,
    /// Positions in [`OutletMenu::groups`].
    #[serde(default)]
    pub groups: Vec<u32>,
}

/// Additions that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Group {
    /// Unique within a size.
    pub code: String,
    pub names: Names,
    /// How many must be chosen; above zero the group is required.
    pub min: u32,
    /// How many may be chosen; zero for no maximum.
    pub max: u32,
    /// How many of them cost nothing.
    pub free: u32,
    /// Its modifiers have limits of their own beside the group's.
    pub own_limits: bool,
    pub modifiers: Vec<Modifier>,
}

/// One addition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Modifier {
    /// The brand's code.
    pub code: String,
    pub names: Names,
    /// None: not for sale here.
    pub price_minor: Option<i64>,
    /// Own limits; they hold where the group says so. A maximum of zero is none.
    pub min: u32,
    pub max: u32,
    pub free: u32,
    /// How many the app should propose.
    pub by_default: u32,
    /// Portions left; none for no limit, zero for out of stock.
    #[serde(default)]
    pub left: Option<u32>,
    #[serde(default)]
    pub allergens: Vec<Allergen>,
    pub till: TillModifier,
}

/// Something that some people must not eat.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Allergen {
    pub code: String,
    pub name: String,
}

/// What 100 grams contain: grams, and kilocalories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Nutrition {
    #[serde(with = "notation::quantity")]
    #[cfg_attr(feature = "schema", schemars(with = "notation::QuantityText"))]
    pub fats: Quantity,
    #[serde(with = "notation::quantity")]
    #[cfg_attr(feature = "schema", schemars(with = "notation::QuantityText"))]
    pub proteins: Quantity,
    #[serde(with = "notation::quantity")]
    #[cfg_attr(feature = "schema", schemars(with = "notation::QuantityText"))]
    pub carbs: Quantity,
    #[serde(with = "notation::quantity")]
    #[cfg_attr(feature = "schema", schemars(with = "notation::QuantityText"))]
    pub energy: Quantity,
}

/// How the till names a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TillProduct {
    pub product_id: String,
    /// None for a product without sizes.
    pub size_id: Option<String>,
    /// The till takes it as a compound order item.
    #[serde(default)]
    pub compound: bool,
}

/// How the till names a modifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TillModifier {
    pub product_id: String,
    /// None for a modifier outside of any group.
    pub group_id: Option<String>,
}

/// An item of the brand that this outlet does not sell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Absent {
    pub code: String,
    pub names: Names,
    pub category: String,
}

impl OutletMenu {
    /// The item with this code.
    #[must_use]
    pub fn item(&self, code: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.code == code)
    }

    /// The category with this code.
    #[must_use]
    pub fn category(&self, code: &str) -> Option<&Category> {
        self.categories.iter().find(|category| category.code == code)
    }

    /// The modifier groups of a size.
    pub fn groups_of<'a>(&'a self, size: &'a Size) -> impl Iterator<Item = &'a Group> + 'a {
        size.groups.iter().filter_map(|&position| self.groups.get(usize::try_from(position).ok()?))
    }
}

impl Size {
    /// For sale and in stock.
    #[must_use]
    pub fn is_available(&self) -> bool {
        self.price_minor.is_some() && self.left != Some(0)
    }
}

impl Modifier {
    /// For sale and in stock.
    #[must_use]
    pub fn is_available(&self) -> bool {
        self.price_minor.is_some() && self.left != Some(0)
    }
}

impl Group {
    /// What the available modifiers can still fill reaches the minimum.
    #[must_use]
    pub fn can_be_satisfied(&self) -> bool {
        let forced_gone = self.own_limits
            && self.modifiers.iter().any(|modifier| modifier.min > 0 && !modifier.is_available());
        let reachable =
            self.modifiers.iter().filter(|modifier| modifier.is_available()).fold(0_u32, |sum, modifier| {
                let own = if self.own_limits && modifier.max > 0 { modifier.max } else { u32::MAX };
                sum.saturating_add(own.min(modifier.left.unwrap_or(u32::MAX)))
            });
        !forced_gone && reachable >= self.min
    }
}

//! A chain's own products as one of its organisations sells them, in one shape whatever the till's format was.

use serde::{Deserialize, Serialize};

use crate::outlet::{Allergen, Nutrition};
use crate::schedule::Span;

/// What one organisation of a chain sells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Assortment {
    /// The till's counter of changes; what it means is the till's affair.
    pub revision: i64,
    /// In the order of the till's menu.
    pub products: Vec<Product>,
}

/// What a product is to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Sold by itself.
    Dish,
    /// Sold by itself, as its components: see [`crate::combo`].
    Combo,
    /// Goes with a dish.
    Modifier,
    /// A combo that only the till can price, or what is only cooked from: an app's order cannot carry it.
    Other,
}

impl Kind {
    /// Whether a guest can have it without anything else.
    #[must_use]
    pub const fn is_sold_alone(self) -> bool {
        matches!(self, Self::Dish | Self::Combo)
    }
}

/// A product of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Product {
    /// The till's id; of a combo: see [`crate::combo::name`].
    pub id: String,
    pub sku: String,
    pub name: String,
    pub kind: Kind,
    /// The till takes it as a compound order item: it has a scheme of modifiers.
    #[serde(default)]
    pub compound: bool,
    #[serde(default)]
    pub description: Option<String>,
    /// Name of the till's category.
    #[serde(default)]
    pub category: Option<String>,
    /// When the category is served.
    #[serde(default)]
    pub schedule: Vec<Span>,
    /// Percent in hundredths.
    #[serde(default)]
    pub tax_rate: Option<i64>,
    #[serde(default)]
    pub marked: bool,
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default)]
    pub allergens: Vec<Allergen>,
    #[serde(default)]
    pub image: Option<String>,
    /// At least one.
    pub sizes: Vec<Size>,
}

/// A size of a chain's product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Size {
    /// None for a product without sizes.
    pub id: Option<String>,
    /// What the kitchen calls it.
    #[serde(default)]
    pub code: String,
    #[serde(default)]
    pub name: String,
    pub sku: String,
    pub default: bool,
    /// None: not for sale.
    pub price_minor: Option<i64>,
    #[serde(default)]
    pub weight_grams: Option<u32>,
    #[serde(default)]
    pub nutrition: Option<Nutrition>,
    #[serde(default)]
    pub image: Option<String>,
    #[serde(default)]
    pub groups: Vec<Group>,
}

/// A group of modifiers of a chain's product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Group {
    /// None for modifiers that stand alone.
    pub id: Option<String>,
    pub name: String,
    pub min: u32,
    pub max: u32,
    pub free: u32,
    pub own_limits: bool,
    pub modifiers: Vec<Modifier>,
}

/// A modifier of a chain's product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Modifier {
    /// The till's id of the modifier as a product: the same in every size and dish. Of a combo: see
    /// [`crate::combo::component`].
    pub product_id: String,
    pub sku: String,
    pub name: String,
    pub price_minor: Option<i64>,
    pub min: u32,
    pub max: u32,
    pub free: u32,
    pub by_default: u32,
    #[serde(default)]
    pub allergens: Vec<Allergen>,
}

/// What is left of a product at one till.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    pub product_id: String,
    /// None: of the product in every size.
    pub size_id: Option<String>,
    /// Whole portions; what is less than one is none.
    pub left: u32,
}

impl Product {
    /// The product is sold by itself in some size.
    #[must_use]
    pub fn is_for_sale(&self) -> bool {
        self.kind.is_sold_alone() && self.sizes.iter().any(|size| size.price_minor.is_some())
    }

    /// Every modifier of every size, each product once, in order of appearance.
    #[must_use]
    pub fn modifiers(&self) -> Vec<&Modifier> {
        let mut found: Vec<&Modifier> = Vec::new();
        for modifier in self.sizes.iter().flat_map(|size| &size.groups).flat_map(|group| &group.modifiers) {
            if found.iter().all(|known| known.product_id != modifier.product_id) {
                found.push(modifier);
            }
        }
        found
    }
}

//! The brand's menu: what is meant by a cappuccino wherever it is sold.

use notation::Names;
use serde::{Deserialize, Serialize};

use crate::chain::Product;

/// Most sizes of an item, groups of a size, modifiers of a group, other names of an item.
pub const SIZES_MAX: usize = 20;
/// Most groups of an item.
pub const GROUPS_MAX: usize = 30;
/// Most modifiers in a group.
pub const MODIFIERS_MAX: usize = 100;
/// Most other names of an item, and tags.
pub const ALIASES_MAX: usize = 30;

/// A part of the brand's menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BrandCategory {
    pub code: String,
    pub names: Names,
    /// Lower comes first.
    pub position: u32,
}

/// An item of the brand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BrandItem {
    pub code: String,
    pub names: Names,
    #[serde(default)]
    pub description: Option<Names>,
    /// Code of its category.
    pub category: String,
    /// Lower comes first in its category.
    #[serde(default)]
    pub position: u32,
    #[serde(default)]
    pub tags: Vec<String>,
    /// An address that begins with `https://`; goes before the till's.
    #[serde(default)]
    pub image: Option<String>,
    /// Other names and stock-keeping numbers by which chains know it.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Empty for an item without sizes.
    #[serde(default)]
    pub sizes: Vec<BrandSize>,
    /// The code on the receipt of an item without sizes; otherwise each size has its own.
    #[serde(default)]
    pub product_code: Option<String>,
    #[serde(default)]
    pub groups: Vec<BrandGroup>,
}

/// A size of a brand's item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BrandSize {
    pub code: String,
    pub names: Names,
    /// The code on the receipt.
    pub product_code: String,
}

/// A group of modifiers of a brand's item. Limits are the till's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BrandGroup {
    pub code: String,
    pub names: Names,
    pub modifiers: Vec<BrandModifier>,
}

/// A modifier of the brand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BrandModifier {
    pub code: String,
    pub names: Names,
}

impl BrandItem {
    /// The code on the receipt of the item in a size.
    #[must_use]
    pub fn product_code(&self, size: &str) -> &str {
        let own = self.sizes.iter().find(|known| known.code == size).map(|known| known.product_code.as_str());
        own.or(self.product_code.as_deref()).unwrap_or(&self.code)
    }

    /// Every modifier, with its group.
    pub fn modifiers(&self) -> impl Iterator<Item = (&BrandGroup, &BrandModifier)> {
        self.groups.iter().flat_map(|group| group.modifiers.iter().map(move |modifier| (group, modifier)))
    }
}

/// One name for all languages, until somebody translates it.
#[must_use]
pub fn same_names(name: &str) -> Names {
    Names { ru: name.to_owned(), kk: name.to_owned(), en: name.to_owned() }
}

/// An item of the brand made after a chain's product: how a brand's menu begins. None for what is not sold by itself.
#[must_use]
pub fn adopt(product: &Product, category: &str) -> Option<BrandItem> {
    if !product.kind.is_sold_alone() {
        return None;
    }
    let sized = product.sizes.iter().any(|size| size.id.is_some());
    let sizes = product.sizes.iter().filter(|_| sized).map(|size| BrandSize {
        code: if size.code.is_empty() { size.name.clone() } else { size.code.clone() },
        names: same_names(&size.name),
        product_code: size.sku.clone(),
    });
    let mut groups: Vec<BrandGroup> = Vec::new();
    for group in product.sizes.iter().flat_map(|size| &size.groups) {
        let code = group.id.clone().unwrap_or_else(|| SINGLE.to_owned());
        let at = groups.iter().position(|known| known.code == code).unwrap_or_else(|| {
            groups.push(BrandGroup { code, names: same_names(&group.name), modifiers: Vec::new() });
            groups.len() - 1
        });
        for modifier in &group.modifiers {
            let code = if modifier.sku.is_empty() { &modifier.product_id } else { &modifier.sku };
            if groups[at].modifiers.iter().all(|known| known.code != *code) {
                groups[at]
                    .modifiers
                    .push(BrandModifier { code: code.clone(), names: same_names(&modifier.name) });
            }
        }
    }
    Some(BrandItem {
        code: if product.sku.is_empty() { product.id.clone() } else { product.sku.clone() },
        names: same_names(&product.name),
        description: product.description.as_deref().map(same_names),
        category: category.to_owned(),
        position: 0,
        tags: product.tags.clone(),
        image: None,
        aliases: Vec::new(),
        sizes: sizes.collect(),
        product_code: (!sized).then(|| product.sku.clone()).filter(|sku| !sku.is_empty()),
        groups,
    })
}

/// Code of the group of modifiers that stand alone.
pub const SINGLE: &str = "single";

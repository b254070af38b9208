//! The menu of `/api/menu/v3/by_id` as it is sent: dictionaries first, then groups whose items refer to them.

use serde::Deserialize;
use serde_json::Value;

use super::external_wire::{Allergen, Nutrition, TaxCategory};
use crate::number::{Num, list, or_default};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Menu {
    #[serde(default, deserialize_with = "list")]
    pub products: Vec<Product>,
    #[serde(default, deserialize_with = "list")]
    pub combos: Vec<Combo>,
    #[serde(default, deserialize_with = "list")]
    pub modifiers: Vec<Modifier>,
    #[serde(default, deserialize_with = "list")]
    pub tax_categories: Vec<TaxCategory>,
    #[serde(default, deserialize_with = "list")]
    pub allergen_groups: Vec<Allergen>,
    #[serde(default, deserialize_with = "list")]
    pub schedules: Vec<Schedule>,
    #[serde(default, deserialize_with = "list")]
    pub override_tax_categories: Vec<Override>,
    #[serde(default, deserialize_with = "list")]
    pub items_groups: Vec<ItemsGroup>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Product {
    pub id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub sku: String,
    #[serde(default)]
    pub order_item_type: Option<String>,
    #[serde(default)]
    pub tax_category_id: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub is_marked: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Modifier {
    pub id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub sku: String,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub is_hidden: bool,
    #[serde(default)]
    pub restrictions: Option<Restrictions>,
    #[serde(default, deserialize_with = "list")]
    pub size_prices: Vec<SizePrice>,
    #[serde(default, deserialize_with = "list")]
    pub allergen_group_ids: Vec<String>,
}

/// What is null here is the dictionary's.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModifierItem {
    pub id: String,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub is_hidden: Option<bool>,
    #[serde(default)]
    pub restrictions: Option<Restrictions>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct Restrictions {
    #[serde(default)]
    pub min_quantity: Option<Num>,
    #[serde(default)]
    pub max_quantity: Option<Num>,
    #[serde(default)]
    pub free_quantity: Option<Num>,
    #[serde(default)]
    pub default_quantity: Option<Num>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SizePrice {
    #[serde(default)]
    pub size_id: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub size_name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub size_code: String,
    #[serde(default, deserialize_with = "or_default")]
    pub sku: String,
    #[serde(default, deserialize_with = "or_default")]
    pub is_default: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub is_hidden: bool,
    #[serde(default)]
    pub price: Option<Num>,
    #[serde(default)]
    pub weight: Option<Num>,
    #[serde(default)]
    pub measure_unit_type: Option<String>,
    #[serde(default)]
    pub nutritions: Option<Nutrition>,
    #[serde(default)]
    pub image: Option<Image>,
    #[serde(default)]
    pub button_image_url: Option<String>,
    #[serde(default)]
    pub tax_category_id: Option<String>,
}

#[derive(Deserialize)]
pub struct Image {
    pub url: String,
}

#[derive(Deserialize)]
pub struct Schedule {
    pub id: String,
    #[serde(default, deserialize_with = "list")]
    pub periods: Vec<Period>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Period {
    #[serde(default)]
    pub from: Option<String>,
    #[serde(default)]
    pub to: Option<String>,
    #[serde(default)]
    pub week_days: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Override {
    #[serde(default)]
    pub order_type_id: Option<String>,
    #[serde(default)]
    pub base_tax_category_id: Option<String>,
    #[serde(default)]
    pub new_tax_category_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemsGroup {
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub is_hidden: bool,
    #[serde(default)]
    pub schedule_id: Option<String>,
    #[serde(default, deserialize_with = "list")]
    pub items: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    #[serde(default)]
    pub product_id: Option<String>,
    #[serde(default)]
    pub combo_id: Option<String>,
    #[serde(default)]
    pub item_type: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub is_hidden: bool,
    #[serde(default, deserialize_with = "list")]
    pub size_prices: Vec<SizePrice>,
    #[serde(default, deserialize_with = "list")]
    pub modifier_groups: Vec<ModifierGroup>,
    #[serde(default, deserialize_with = "list")]
    pub allergen_group_ids: Vec<String>,
    #[serde(default, deserialize_with = "list")]
    pub labels: Vec<Value>,
    #[serde(default, deserialize_with = "list")]
    pub tags: Vec<Value>,
    /// Sizes of a combo.
    #[serde(default, deserialize_with = "list")]
    pub sizes: Vec<ComboSize>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModifierGroup {
    #[serde(default)]
    pub id: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub is_hidden: bool,
    #[serde(default)]
    pub restrictions: Option<Restrictions>,
    #[serde(default, deserialize_with = "or_default")]
    pub child_modifiers_have_min_max_restrictions: bool,
    #[serde(default, deserialize_with = "list")]
    pub items: Vec<ModifierItem>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ComboSize {
    pub size_id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub is_hidden: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Combo {
    pub id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub sku: String,
    #[serde(default)]
    pub price_strategy: Option<String>,
    #[serde(default, deserialize_with = "list")]
    pub component_groups: Vec<ComponentGroup>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ComponentGroup {
    pub id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub is_main_group: bool,
    #[serde(default, deserialize_with = "list")]
    pub products: Vec<ComponentProduct>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ComponentProduct {
    pub product_id: String,
    #[serde(default, deserialize_with = "list")]
    pub size_prices: Vec<ComponentPrice>,
    #[serde(default)]
    pub price_modification_amount: Option<Num>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ComponentPrice {
    pub combo_size_id: String,
    #[serde(default)]
    pub product_size_id: Option<String>,
    #[serde(default)]
    pub price: Option<Num>,
}

//! External menus as they are sent. Format 2 keeps categories in `itemCategories`, formats 3 and 4 in `itemGroups`
//! with dictionaries beside them; the rest differs in the names of ids and weights.

use serde::Deserialize;
use serde_json::Value;

use crate::number::{Num, list, or_default};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Menu {
    #[serde(default)]
    pub revision: Option<i64>,
    #[serde(default)]
    pub format_version: Option<i64>,
    #[serde(default, deserialize_with = "list")]
    pub item_categories: Vec<Category>,
    #[serde(default, deserialize_with = "list")]
    pub item_groups: Vec<Category>,
    #[serde(default, deserialize_with = "list")]
    pub tax_categories: Vec<TaxCategory>,
    #[serde(default, deserialize_with = "list")]
    pub allergen_groups: Vec<Allergen>,
    #[serde(default, deserialize_with = "list")]
    pub combo_categories: Vec<ComboCategory>,
    /// An object by organisation, or an empty list.
    #[serde(default)]
    pub override_tax_categories: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Category {
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub is_hidden: bool,
    #[serde(default, deserialize_with = "list")]
    pub schedules: Vec<Schedule>,
    #[serde(default, deserialize_with = "list")]
    pub items: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ComboCategory {
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub is_hidden: bool,
    #[serde(default, deserialize_with = "list")]
    pub schedules: Vec<Schedule>,
    #[serde(default, deserialize_with = "list")]
    pub combos: Vec<Combo>,
    /// As some answers name them.
    #[serde(default, deserialize_with = "list")]
    pub items: Vec<Combo>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Combo {
    #[serde(default)]
    pub id: Option<String>,
    #[serde(default)]
    pub item_id: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub sku: String,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub is_hidden: bool,
    #[serde(default)]
    pub price: Option<Num>,
    #[serde(default)]
    pub price_strategy: Option<String>,
    #[serde(default)]
    pub button_image_url: Option<String>,
    #[serde(default, deserialize_with = "list")]
    pub groups: Vec<ComboGroup>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ComboGroup {
    #[serde(default)]
    pub id: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub is_main_group: bool,
    #[serde(default, deserialize_with = "list")]
    pub items: Vec<ComboItem>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ComboItem {
    pub item_id: String,
    #[serde(default)]
    pub size_id: Option<String>,
    #[serde(default)]
    pub price_modification_amount: Option<Num>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Schedule {
    #[serde(default)]
    pub begin: Option<String>,
    #[serde(default)]
    pub end: Option<String>,
    /// Names of days, or an object of them.
    #[serde(default)]
    pub days_of_week: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    #[serde(default)]
    pub item_id: Option<String>,
    #[serde(default)]
    pub id: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub sku: String,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    #[serde(default)]
    pub order_item_type: Option<String>,
    #[serde(default)]
    pub tax_category: Option<TaxCategory>,
    #[serde(default)]
    pub tax_category_id: Option<String>,
    #[serde(default, deserialize_with = "list")]
    pub allergens: Vec<Allergen>,
    #[serde(default, deserialize_with = "list")]
    pub allergen_groups: Vec<Allergen>,
    #[serde(default, deserialize_with = "list")]
    pub allergen_group_ids: Vec<String>,
    #[serde(default, deserialize_with = "list")]
    pub tags: Vec<Value>,
    #[serde(default, deserialize_with = "list")]
    pub labels: Vec<Value>,
    #[serde(default, deserialize_with = "or_default")]
    pub is_hidden: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub is_marked: bool,
    #[serde(default, deserialize_with = "list")]
    pub item_sizes: Vec<Size>,
}

#[derive(Deserialize)]
pub struct TaxCategory {
    #[serde(default)]
    pub id: Option<String>,
    #[serde(default)]
    pub percentage: Option<Num>,
}

#[derive(Deserialize)]
pub struct Allergen {
    #[serde(default)]
    pub id: Option<String>,
    #[serde(default)]
    pub code: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Size {
    #[serde(default)]
    pub size_id: Option<String>,
    #[serde(default)]
    pub id: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub sku: String,
    #[serde(default, deserialize_with = "or_default")]
    pub size_code: String,
    #[serde(default, deserialize_with = "or_default")]
    pub size_name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub is_default: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub is_hidden: bool,
    #[serde(default)]
    pub portion_weight_grams: Option<Num>,
    #[serde(default)]
    pub weight: Option<Num>,
    #[serde(default)]
    pub button_image_url: Option<String>,
    #[serde(default, deserialize_with = "list")]
    pub prices: Vec<Price>,
    /// One object, or (in the documentation) a list.
    #[serde(default)]
    pub nutrition_per_hundred_grams: Value,
    #[serde(default)]
    pub nutritions: Value,
    #[serde(default, deserialize_with = "list")]
    pub item_modifier_groups: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Price {
    #[serde(default, deserialize_with = "list")]
    pub organizations: Vec<String>,
    #[serde(default)]
    pub organization_id: Option<String>,
    #[serde(default)]
    pub price: Option<Num>,
    #[serde(default)]
    pub tax_category_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Nutrition {
    #[serde(default)]
    pub fats: Option<Num>,
    #[serde(default)]
    pub proteins: Option<Num>,
    #[serde(default)]
    pub carbs: Option<Num>,
    #[serde(default)]
    pub energy: Option<Num>,
    #[serde(default, deserialize_with = "list")]
    pub organizations: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    #[serde(default)]
    pub item_group_id: Option<String>,
    #[serde(default)]
    pub id: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub is_hidden: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub child_modifiers_have_min_max_restrictions: bool,
    #[serde(default)]
    pub restrictions: Option<Restrictions>,
    #[serde(default, deserialize_with = "list")]
    pub items: Vec<Modifier>,
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
    pub by_default: Option<Num>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Modifier {
    #[serde(default)]
    pub item_id: Option<String>,
    #[serde(default)]
    pub id: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub sku: String,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    #[serde(default)]
    pub position: Option<i64>,
    #[serde(default, deserialize_with = "or_default")]
    pub is_hidden: bool,
    #[serde(default)]
    pub restrictions: Option<Restrictions>,
    #[serde(default, deserialize_with = "list")]
    pub prices: Vec<Price>,
    #[serde(default, deserialize_with = "list")]
    pub allergen_groups: Vec<Allergen>,
    #[serde(default, deserialize_with = "list")]
    pub allergen_group_ids: Vec<String>,
}

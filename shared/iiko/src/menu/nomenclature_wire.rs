//! Nomenclature as it is sent.

use serde::Deserialize;
use serde_json::Value;

use crate::number::{Num, list, or_default};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Nomenclature {
    #[serde(default, deserialize_with = "list")]
    pub groups: Vec<Group>,
    #[serde(default, deserialize_with = "list")]
    pub products: Vec<Product>,
    #[serde(default, deserialize_with = "list")]
    pub sizes: Vec<Size>,
    pub revision: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    pub id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub order: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Size {
    pub id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub priority: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub is_default: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Product {
    pub id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub code: String,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    #[serde(default)]
    pub order_item_type: Option<String>,
    #[serde(default)]
    pub parent_group: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub order: i64,
    #[serde(default, deserialize_with = "list")]
    pub image_links: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub is_deleted: bool,
    #[serde(default, deserialize_with = "list")]
    pub tags: Vec<Value>,
    /// Of one portion, in kilograms.
    #[serde(default)]
    pub weight: Option<Num>,
    #[serde(default)]
    pub fat_amount: Option<Num>,
    #[serde(default)]
    pub proteins_amount: Option<Num>,
    #[serde(default)]
    pub carbohydrates_amount: Option<Num>,
    #[serde(default)]
    pub energy_amount: Option<Num>,
    #[serde(default, deserialize_with = "list")]
    pub size_prices: Vec<SizePrice>,
    #[serde(default, deserialize_with = "list")]
    pub modifiers: Vec<Modifier>,
    #[serde(default, deserialize_with = "list")]
    pub group_modifiers: Vec<GroupModifier>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SizePrice {
    #[serde(default)]
    pub size_id: Option<String>,
    #[serde(default)]
    pub price: Option<Price>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Price {
    #[serde(default)]
    pub current_price: Option<Num>,
    #[serde(default, deserialize_with = "or_default")]
    pub is_included_in_menu: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Modifier {
    pub id: String,
    #[serde(default)]
    pub default_amount: Option<Num>,
    #[serde(default)]
    pub min_amount: Option<Num>,
    #[serde(default)]
    pub max_amount: Option<Num>,
    #[serde(default, deserialize_with = "or_default")]
    pub required: bool,
    #[serde(default)]
    pub free_of_charge_amount: Option<Num>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupModifier {
    pub id: String,
    #[serde(default)]
    pub min_amount: Option<Num>,
    #[serde(default)]
    pub max_amount: Option<Num>,
    #[serde(default, deserialize_with = "or_default")]
    pub required: bool,
    #[serde(default)]
    pub free_of_charge_amount: Option<Num>,
    #[serde(default, deserialize_with = "or_default")]
    pub child_modifiers_have_min_max_restrictions: bool,
    #[serde(default, deserialize_with = "list")]
    pub child_modifiers: Vec<Modifier>,
}

//! Menus: what a chain sells, what is out of stock, and where.
//!
//! Every reader gives [`::menu::chain`] shapes, so that nobody beyond this crate knows which format a till spoke.

mod combo;
pub mod dictionaries;
pub mod external;
mod external_combo;
mod external_wire;
pub mod nomenclature;
mod nomenclature_wire;
pub mod organizations;
pub mod plain;
mod plain_wire;
mod schedule;
pub mod stop_lists;

/// Digits after the point of the currencies in use.
const CURRENCY_SCALE: u32 = 2;
/// Digits after the point of a percentage.
const PERCENT_SCALE: u32 = 2;
/// Digits after the point of grams in a nutrition table.
const NUTRITION_SCALE: u32 = 3;

/// Pictures are shown from addresses that nobody can listen in on.
fn address(text: Option<&str>) -> Option<String> {
    text.filter(|address| address.starts_with("https://")).map(str::to_owned)
}

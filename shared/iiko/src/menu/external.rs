//! External menus: `/api/2/menu` lists them, `/api/2/menu/by_id` gives one in format 2, 3 or 4.

use std::collections::BTreeMap;

use ::menu::chain::{Assortment, Group, Kind, Modifier, Product, Size};
use ::menu::outlet;
use ::menu::schedule::Span;
use kernel::Quantity;
use partner::{Answer, Request};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::schedule::spans;
use super::{CURRENCY_SCALE, NUTRITION_SCALE, PERCENT_SCALE, address, external_combo, external_wire as wire};
use crate::call::{self, Access, Failure};
use crate::number::Num;

/// The formats that are understood.
pub const FORMATS: [i64; 3] = [2, 3, 4];

/// An external menu by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub id: String,
    pub name: String,
}

/// What a login may read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Menus {
    pub menus: Vec<Listed>,
    /// Empty where prices come from the menu itself.
    pub price_categories: Vec<Listed>,
}

/// Which menu, for whom.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    pub menu: &'a str,
    pub organizations: &'a [&'a str],
    pub price_category: Option<&'a str>,
    /// 2, 3 or 4.
    pub format: i64,
    /// The revision that is known of all of them; 0 for everything.
    pub since: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MenusBody {
    #[serde(default, deserialize_with = "crate::number::list")]
    external_menus: Vec<ListedBody>,
    #[serde(default, deserialize_with = "crate::number::list")]
    price_categories: Vec<ListedBody>,
}

#[derive(Deserialize)]
struct ListedBody {
    /// A text, or a number in older answers.
    id: Value,
    #[serde(default, deserialize_with = "crate::number::or_default")]
    name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WantedBody<'a> {
    external_menu_id: &'a str,
    organization_ids: &'a [&'a str],
    #[serde(skip_serializing_if = "Option::is_none")]
    price_category_id: Option<&'a str>,
    version: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_revision: Option<i64>,
}

/// Asks which menus there are.
#[must_use]
pub fn list_request(access: &Access<'_>) -> Request {
    access.post("/api/2/menu", &json!({}))
}

/// Reads which menus there are.
///
/// # Errors
/// See [`Failure`].
pub fn read_list(answer: &Answer) -> Result<Menus, Failure> {
    let body: MenusBody = call::read(answer)?;
    let listed = |entries: Vec<ListedBody>| {
        let id = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        entries.into_iter().map(|entry| Listed { id: id(entry.id), name: entry.name }).collect()
    };
    Ok(Menus { menus: listed(body.external_menus), price_categories: listed(body.price_categories) })
}

/// Asks for a menu.
#[must_use]
pub fn request(access: &Access<'_>, wanted: &Wanted<'_>) -> Request {
    access.post(
        "/api/2/menu/by_id",
        &WantedBody {
            external_menu_id: wanted.menu,
            organization_ids: wanted.organizations,
            price_category_id: wanted.price_category,
            version: wanted.format,
            start_revision: Some(wanted.since).filter(|since| *since > 0),
        },
    )
}

/// A menu as it came, for any of the organisations that it was asked for.
pub struct Menu(wire::Menu);

/// Reads a menu.
///
/// # Errors
/// See [`Failure`]; a format that is not understood is unreadable.
pub fn read(answer: &Answer) -> Result<Menu, Failure> {
    let menu: wire::Menu = call::read(answer)?;
    match menu.format_version {
        Some(format) if !FORMATS.contains(&format) => {
            Err(Failure::Unreadable(format!("menu format {format}")))
        }
        _ => Ok(Menu(menu)),
    }
}

impl Menu {
    /// Whether nothing has changed since that revision: then everything is left out.
    #[must_use]
    pub fn is_unchanged(&self, since: i64) -> bool {
        let menu = &self.0;
        let categories = menu.item_categories.len() + menu.item_groups.len() + menu.combo_categories.len();
        since > 0 && categories == 0 && menu.revision.is_none_or(|revision| revision <= since)
    }

    /// What one organisation sells.
    #[must_use]
    pub fn assortment(&self, organization: &str) -> Assortment {
        let view = View::new(&self.0, organization);
        let categories = self.0.item_categories.iter().chain(&self.0.item_groups);
        let mut products: Vec<Product> = Vec::new();
        for category in categories.filter(|category| !category.is_hidden) {
            let schedule = spans(&category.schedules);
            for item in category.items.iter().filter(|item| !item.is_hidden) {
                let Some(product) = view.product(category, &schedule, item) else { continue };
                // A menu may show one product under several headings; it is sold under the first.
                if products.iter().all(|known| known.id != product.id) {
                    products.push(product);
                }
            }
        }
        for category in self.0.combo_categories.iter().filter(|category| !category.is_hidden) {
            let schedule = spans(&category.schedules);
            for wanted in category.combos.iter().chain(&category.items).filter(|combo| !combo.is_hidden) {
                let Some(product) = external_combo::product(category, &schedule, wanted, &products) else {
                    continue;
                };
                if products.iter().all(|known| known.id != product.id) {
                    products.push(product);
                }
            }
        }
        Assortment { revision: self.0.revision.unwrap_or(0), products }
    }
}

/// One organisation's view of a menu.
struct View<'a> {
    organization: &'a str,
    /// Percent in hundredths by id.
    taxes: BTreeMap<&'a str, i64>,
    /// What this organisation has instead of a tax category.
    instead: BTreeMap<&'a str, &'a str>,
    allergens: BTreeMap<&'a str, &'a wire::Allergen>,
}

impl<'a> View<'a> {
    fn new(menu: &'a wire::Menu, organization: &'a str) -> Self {
        let taxes = menu.tax_categories.iter().filter_map(|tax| Some((tax.id.as_deref()?, percent(tax)?)));
        let allergens =
            menu.allergen_groups.iter().filter_map(|allergen| Some((allergen.id.as_deref()?, allergen)));
        let overrides = match &menu.override_tax_categories {
            Value::Object(by_organization) => by_organization.get(organization).and_then(Value::as_array),
            Value::Array(all) => Some(all),
            _ => None,
        };
        let instead = overrides.into_iter().flatten().filter_map(|entry| {
            // One that holds for some kinds of orders only does not tell what a pre-order pays.
            if !entry.get("orderTypeId").is_none_or(Value::is_null) {
                return None;
            }
            Some((entry.get("baseTaxCategoryId")?.as_str()?, entry.get("newTaxCategoryId")?.as_str()?))
        });
        Self {
            organization,
            taxes: taxes.collect(),
            instead: instead.collect(),
            allergens: allergens.collect(),
        }
    }

    fn product(&self, category: &wire::Category, schedule: &[Span], item: &'a wire::Item) -> Option<Product> {
        let id = item.item_id.clone().or_else(|| item.id.clone())?;
        let sizes: Vec<Size> =
            item.item_sizes.iter().filter(|size| !size.is_hidden).map(|size| self.size(item, size)).collect();
        if sizes.is_empty() {
            return None;
        }
        let prices = item.item_sizes.iter().flat_map(|size| &size.prices);
        Some(Product {
            id,
            sku: item.sku.clone(),
            name: item.name.trim().to_owned(),
            kind: kind(item),
            compound: is(&item.order_item_type, "Compound"),
            description: item
                .description
                .as_deref()
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .map(str::to_owned),
            category: Some(category.name.trim().to_owned()),
            schedule: schedule.to_vec(),
            tax_rate: self.tax(item, prices),
            marked: item.is_marked,
            tags: item.tags.iter().chain(&item.labels).filter_map(word).collect(),
            allergens: self
                .allergens(item.allergens.iter().chain(&item.allergen_groups), &item.allergen_group_ids),
            image: item.item_sizes.iter().find_map(picture),
            sizes,
        })
    }

    fn size(&self, item: &wire::Item, size: &'a wire::Size) -> Size {
        Size {
            id: size.size_id.clone().or_else(|| size.id.clone()),
            code: size.size_code.clone(),
            name: size.size_name.trim().to_owned(),
            sku: if size.sku.is_empty() { item.sku.clone() } else { size.sku.clone() },
            default: size.is_default,
            price_minor: self.price(&size.prices),
            weight_grams: size
                .portion_weight_grams
                .as_ref()
                .or(size.weight.as_ref())
                .map(Num::floor_u32)
                .filter(|grams| *grams > 0),
            nutrition: self.nutrition(size),
            image: picture(size),
            groups: size
                .item_modifier_groups
                .iter()
                .filter(|group| !group.is_hidden)
                .map(|group| self.group(group))
                .filter(|group| !group.modifiers.is_empty())
                .collect(),
        }
    }

    fn group(&self, group: &'a wire::Group) -> Group {
        let id = group.item_group_id.clone().or_else(|| group.id.clone());
        let limits = group.restrictions.as_ref();
        let number =
            |of: fn(&wire::Restrictions) -> Option<&Num>| limits.and_then(of).map_or(0, Num::floor_u32);
        let mut items: Vec<&wire::Modifier> =
            group.items.iter().filter(|modifier| !modifier.is_hidden).collect();
        items.sort_by_key(|modifier| modifier.position.unwrap_or(0));
        let single = id.is_none();
        Group {
            // Modifiers that stand alone have no group whose limits could hold.
            min: if single { 0 } else { number(|limits| limits.min_quantity.as_ref()) },
            max: if single { 0 } else { number(|limits| limits.max_quantity.as_ref()) },
            free: if single { 0 } else { number(|limits| limits.free_quantity.as_ref()) },
            own_limits: single || group.child_modifiers_have_min_max_restrictions,
            name: group.name.trim().to_owned(),
            modifiers: items.into_iter().filter_map(|modifier| self.modifier(modifier)).collect(),
            id,
        }
    }

    fn modifier(&self, modifier: &'a wire::Modifier) -> Option<Modifier> {
        let limits = modifier.restrictions.as_ref();
        let number =
            |of: fn(&wire::Restrictions) -> Option<&Num>| limits.and_then(of).map_or(0, Num::floor_u32);
        Some(Modifier {
            // Where both are there, `id` differs from size to size and `itemId` is the product.
            product_id: modifier.item_id.clone().or_else(|| modifier.id.clone())?,
            sku: modifier.sku.clone(),
            name: modifier.name.trim().to_owned(),
            price_minor: self.price(&modifier.prices),
            min: number(|limits| limits.min_quantity.as_ref()),
            max: number(|limits| limits.max_quantity.as_ref()),
            free: number(|limits| limits.free_quantity.as_ref()),
            by_default: number(|limits| limits.by_default.as_ref()),
            allergens: self.allergens(modifier.allergen_groups.iter(), &modifier.allergen_group_ids),
        })
    }

    /// The price here; none where it is null or this organisation is not named.
    fn price(&self, prices: &[wire::Price]) -> Option<i64> {
        self.own(prices)?.price.as_ref()?.scaled(CURRENCY_SCALE).filter(|minor| *minor >= 0)
    }

    fn own<'p>(&self, prices: &'p [wire::Price]) -> Option<&'p wire::Price> {
        prices.iter().find(|price| self.is_for_here(price))
    }

    fn is_for_here(&self, price: &wire::Price) -> bool {
        price.organization_id.as_deref() == Some(self.organization)
            || price.organizations.iter().any(|id| id == self.organization)
    }

    /// The tax of the price, else of the item, as this organisation has it.
    fn tax(&self, item: &wire::Item, mut prices: impl Iterator<Item = &'a wire::Price>) -> Option<i64> {
        let of_price =
            prices.find(|price| self.is_for_here(price)).and_then(|price| price.tax_category_id.as_deref());
        let own = item.tax_category.as_ref();
        let id = of_price.or(item.tax_category_id.as_deref()).or(own.and_then(|tax| tax.id.as_deref()));
        let listed = id.and_then(|id| self.taxes.get(self.instead.get(id).copied().unwrap_or(id)).copied());
        listed.or_else(|| own.and_then(percent))
    }

    fn allergens(
        &self,
        named: impl Iterator<Item = &'a wire::Allergen>,
        ids: &[String],
    ) -> Vec<outlet::Allergen> {
        let listed = ids.iter().filter_map(|id| self.allergens.get(id.as_str()).copied());
        let mut found: Vec<outlet::Allergen> = named
            .chain(listed)
            .map(|allergen| outlet::Allergen {
                code: allergen.code.clone().or_else(|| allergen.id.clone()).unwrap_or_default(),
                name: allergen.name.clone(),
            })
            .collect();
        found.sort();
        found.dedup();
        found
    }

    /// The table of this organisation, else the menu's; none where nobody filled it in.
    fn nutrition(&self, size: &wire::Size) -> Option<outlet::Nutrition> {
        let read = |value: &Value| -> Vec<wire::Nutrition> {
            match value {
                Value::Array(all) => {
                    all.iter().filter_map(|entry| wire::Nutrition::deserialize(entry).ok()).collect()
                }
                Value::Object(_) => wire::Nutrition::deserialize(value).into_iter().collect(),
                _ => Vec::new(),
            }
        };
        let own = read(&size.nutritions)
            .into_iter()
            .find(|table| table.organizations.iter().any(|id| id == self.organization));
        let table = own.or_else(|| read(&size.nutrition_per_hundred_grams).into_iter().next())?;
        let grams = |value: &Option<Num>| {
            Quantity::from_thousandths(
                value.as_ref().and_then(|num| num.scaled(NUTRITION_SCALE)).unwrap_or(0).max(0),
            )
        };
        let nutrition = outlet::Nutrition {
            fats: grams(&table.fats),
            proteins: grams(&table.proteins),
            carbs: grams(&table.carbs),
            energy: grams(&table.energy),
        };
        let parts = [nutrition.fats, nutrition.proteins, nutrition.carbs, nutrition.energy];
        parts.iter().any(|part| part.thousandths() > 0).then_some(nutrition)
    }
}

/// A combo among dishes says nothing of its parts; everything else is sold as it stands, a service as well.
fn kind(item: &wire::Item) -> Kind {
    if is(&item.kind, "COMBO") { Kind::Other } else { Kind::Dish }
}

fn is(text: &Option<String>, word: &str) -> bool {
    text.as_deref().is_some_and(|text| text.eq_ignore_ascii_case(word))
}

fn percent(tax: &wire::TaxCategory) -> Option<i64> {
    tax.percentage.as_ref()?.scaled(PERCENT_SCALE).filter(|rate| *rate >= 0)
}

fn picture(size: &wire::Size) -> Option<String> {
    address(size.button_image_url.as_deref())
}

/// A tag or label: a text, or an object with a name.
pub(super) fn word(value: &Value) -> Option<String> {
    let text = value.as_str().or_else(|| value.get("name")?.as_str())?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

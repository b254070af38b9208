//! Nomenclature: `/api/1/nomenclature`, the whole catalogue of one organisation.

use std::collections::BTreeMap;

use ::menu::chain::{Assortment, Group, Kind, Modifier, Product, Size};
use ::menu::outlet::Nutrition;
use kernel::Quantity;
use partner::{Answer, Request};
use serde::Serialize;

use super::{CURRENCY_SCALE, NUTRITION_SCALE, nomenclature_wire as wire};
use crate::call::{self, Access, Failure};
use crate::number::Num;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    organization_id: &'a str,
    start_revision: i64,
}

/// Asks for what changed since a revision; zero for everything.
#[must_use]
pub fn request(access: &Access<'_>, organization: &str, since: i64) -> Request {
    access.post("/api/1/nomenclature", &Body { organization_id: organization, start_revision: since })
}

/// What an organisation sells; none when nothing has changed since `since`.
///
/// # Errors
/// See [`Failure`].
pub fn read(answer: &Answer, since: i64) -> Result<Option<Assortment>, Failure> {
    let body: wire::Nomenclature = call::read(answer)?;
    // What is empty is unchanged, unless everything was asked for.
    let unchanged = since > 0 && body.products.is_empty() && body.groups.is_empty();
    Ok((!unchanged).then(|| Catalogue::new(&body).assortment(body.revision)))
}

/// The catalogue with its references found.
struct Catalogue<'a> {
    body: &'a wire::Nomenclature,
    products: BTreeMap<&'a str, &'a wire::Product>,
    groups: BTreeMap<&'a str, &'a wire::Group>,
    sizes: BTreeMap<&'a str, &'a wire::Size>,
}

impl<'a> Catalogue<'a> {
    fn new(body: &'a wire::Nomenclature) -> Self {
        Self {
            body,
            products: body.products.iter().map(|product| (product.id.as_str(), product)).collect(),
            groups: body.groups.iter().map(|group| (group.id.as_str(), group)).collect(),
            sizes: body.sizes.iter().map(|size| (size.id.as_str(), size)).collect(),
        }
    }

    fn assortment(&self, revision: i64) -> Assortment {
        let mut sorted: Vec<&wire::Product> =
            self.body.products.iter().filter(|product| !product.is_deleted).collect();
        let order_of = |group: &Option<String>| {
            group
                .as_deref()
                .and_then(|id| self.groups.get(id))
                .map_or((0, ""), |group| (group.order, group.id.as_str()))
        };
        sorted.sort_by_key(|product| (order_of(&product.parent_group), product.order));
        let products = sorted.into_iter().map(|product| self.product(product)).collect();
        Assortment { revision, products }
    }

    fn product(&self, product: &wire::Product) -> Product {
        let groups = self.modifier_groups(product);
        let mut sizes: Vec<(i64, Size)> = product
            .size_prices
            .iter()
            .map(|entry| {
                let known = entry.size_id.as_deref().and_then(|id| self.sizes.get(id)).copied();
                (known.map_or(0, |size| size.priority), self.size(product, entry, known, &groups))
            })
            .collect();
        sizes.sort_by_key(|(priority, _)| *priority);
        let mut sizes: Vec<Size> = sizes.into_iter().map(|(_, size)| size).collect();
        if let [only] = sizes.as_mut_slice() {
            only.default = true;
        }
        if sizes.is_empty() {
            sizes.push(self.size(product, &wire::SizePrice { size_id: None, price: None }, None, &groups));
        }
        let category = product.parent_group.as_deref().and_then(|id| self.groups.get(id));
        Product {
            id: product.id.clone(),
            sku: product.code.clone(),
            name: product.name.trim().to_owned(),
            kind: kind(product),
            compound: is(&product.order_item_type, "Compound"),
            description: product
                .description
                .as_deref()
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .map(str::to_owned),
            category: category.map(|group| group.name.trim().to_owned()),
            schedule: Vec::new(),
            tax_rate: None,
            marked: false,
            tags: product.tags.iter().filter_map(|tag| tag.as_str()).map(str::to_owned).collect(),
            allergens: Vec::new(),
            image: product.image_links.iter().find(|link| link.starts_with("https://")).cloned(),
            sizes,
        }
    }

    fn size(
        &self,
        product: &wire::Product,
        entry: &wire::SizePrice,
        known: Option<&wire::Size>,
        groups: &[Group],
    ) -> Size {
        Size {
            id: entry.size_id.clone(),
            code: known.map(|size| size.name.clone()).unwrap_or_default(),
            name: known.map(|size| size.name.clone()).unwrap_or_default(),
            sku: product.code.clone(),
            default: known.is_none_or(|size| size.is_default),
            price_minor: entry.price.as_ref().and_then(price),
            weight_grams: product
                .weight
                .as_ref()
                .and_then(|kilograms| u32::try_from(kilograms.scaled(3)?).ok())
                .filter(|grams| *grams > 0),
            nutrition: nutrition(product),
            image: None,
            groups: groups.to_vec(),
        }
    }

    /// Groups, and the modifiers that stand alone as one nameless group.
    fn modifier_groups(&self, product: &wire::Product) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        for group in &product.group_modifiers {
            let name = self.groups.get(group.id.as_str()).map_or("", |known| known.name.trim());
            groups.push(Group {
                id: Some(group.id.clone()),
                name: name.to_owned(),
                min: required(number(group.min_amount.as_ref()), group.required),
                max: number(group.max_amount.as_ref()),
                free: number(group.free_of_charge_amount.as_ref()),
                own_limits: group.child_modifiers_have_min_max_restrictions,
                modifiers: self.modifiers(&group.child_modifiers),
            });
        }
        let modifiers = self.modifiers(&product.modifiers);
        groups.push(Group {
            id: None,
            name: String::new(),
            min: 0,
            max: 0,
            free: 0,
            own_limits: true,
            modifiers,
        });
        groups.retain(|group| !group.modifiers.is_empty());
        groups
    }

    /// A modifier's price is the price of its product.
    fn modifiers(&self, modifiers: &[wire::Modifier]) -> Vec<Modifier> {
        modifiers
            .iter()
            .filter_map(|modifier| {
                let product =
                    self.products.get(modifier.id.as_str()).filter(|product| !product.is_deleted)?;
                Some(Modifier {
                    product_id: modifier.id.clone(),
                    sku: product.code.clone(),
                    name: product.name.trim().to_owned(),
                    price_minor: product
                        .size_prices
                        .iter()
                        .find_map(|entry| entry.price.as_ref())
                        .and_then(price),
                    min: required(number(modifier.min_amount.as_ref()), modifier.required),
                    max: number(modifier.max_amount.as_ref()),
                    free: number(modifier.free_of_charge_amount.as_ref()),
                    by_default: number(modifier.default_amount.as_ref()),
                    allergens: Vec::new(),
                })
            })
            .collect()
    }
}

fn kind(product: &wire::Product) -> Kind {
    let sold_alone = ["Dish", "Good", "Goods", "Service", "Prepared"];
    if is(&product.kind, "Modifier") {
        Kind::Modifier
    } else if sold_alone.iter().any(|word| is(&product.kind, word)) {
        Kind::Dish
    } else {
        Kind::Other
    }
}

fn is(text: &Option<String>, word: &str) -> bool {
    text.as_deref().is_some_and(|text| text.eq_ignore_ascii_case(word))
}

/// What is not included in the menu is not for sale.
fn price(price: &wire::Price) -> Option<i64> {
    if !price.is_included_in_menu {
        return None;
    }
    price.current_price.as_ref()?.scaled(CURRENCY_SCALE).filter(|minor| *minor >= 0)
}

fn number(value: Option<&Num>) -> u32 {
    value.map_or(0, Num::floor_u32)
}

const fn required(min: u32, required: bool) -> u32 {
    if required && min == 0 { 1 } else { min }
}

fn nutrition(product: &wire::Product) -> Option<Nutrition> {
    let grams = |value: &Option<Num>| {
        Quantity::from_thousandths(
            value.as_ref().and_then(|num| num.scaled(NUTRITION_SCALE)).unwrap_or(0).max(0),
        )
    };
    let table = Nutrition {
        fats: grams(&product.fat_amount),
        proteins: grams(&product.proteins_amount),
        carbs: grams(&product.carbohydrates_amount),
        energy: grams(&product.energy_amount),
    };
    let parts = [table.fats, table.proteins, table.carbs, table.energy];
    parts.iter().any(|part| part.thousandths() > 0).then_some(table)
}

//! The menu of `/api/menu/v3/by_id`: one organisation's, with dictionaries that its items refer to, and with combos.
//!
//! It has no revision, so it is read whole every time; what is the same as before changes nothing.

use std::collections::BTreeMap;

use ::menu::chain::{Assortment, Group, Kind, Modifier, Product, Size};
use ::menu::outlet;
use ::menu::schedule::Span;
use kernel::Quantity;
use partner::{Answer, Request};
use serde::Serialize;

use super::external::word;
use super::schedule::span;
use super::{
    CURRENCY_SCALE, NUTRITION_SCALE, PERCENT_SCALE, address, combo, external_wire, plain_wire as wire,
};
use crate::call::{self, Access, Failure};
use crate::number::Num;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WantedBody<'a> {
    external_menu_id: &'a str,
    organization_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    price_category_id: Option<&'a str>,
}

/// Asks for a menu of an organisation.
#[must_use]
pub fn request(access: &Access<'_>, menu: &str, organization: &str, price_category: Option<&str>) -> Request {
    let body = WantedBody {
        external_menu_id: menu,
        organization_id: organization,
        price_category_id: price_category,
    };
    access.post("/api/menu/v3/by_id", &body)
}

/// Reads what the organisation sells.
///
/// # Errors
/// See [`Failure`].
pub fn read(answer: &Answer) -> Result<Assortment, Failure> {
    let menu: wire::Menu = call::read(answer)?;
    let view = View::new(&menu);
    let mut products: Vec<Product> = Vec::new();
    let mut combos = Vec::new();
    for group in menu.items_groups.iter().filter(|group| !group.is_hidden) {
        let schedule = view.schedule(group);
        for item in group.items.iter().filter(|item| !item.is_hidden) {
            if item.item_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("COMBO")) {
                combos.push((group, schedule.clone(), item));
                continue;
            }
            let Some(product) = view.product(group, &schedule, item) else { continue };
            // A menu may show one product under several headings; it is sold under the first.
            if products.iter().all(|known| known.id != product.id) {
                products.push(product);
            }
        }
    }
    for (group, schedule, item) in combos {
        let Some(product) = view.combo(group, &schedule, item, &products) else { continue };
        if products.iter().all(|known| known.id != product.id) {
            products.push(product);
        }
    }
    Ok(Assortment { revision: 0, products })
}

/// A menu with its dictionaries by id.
struct View<'a> {
    menu: &'a wire::Menu,
    products: BTreeMap<&'a str, &'a wire::Product>,
    modifiers: BTreeMap<&'a str, &'a wire::Modifier>,
    allergens: BTreeMap<&'a str, &'a external_wire::Allergen>,
    /// Percent in hundredths.
    taxes: BTreeMap<&'a str, i64>,
    /// What this organisation has instead of a tax category.
    instead: BTreeMap<&'a str, &'a str>,
}

impl<'a> View<'a> {
    fn new(menu: &'a wire::Menu) -> Self {
        let instead = menu.override_tax_categories.iter().filter_map(|entry| {
            // One that holds for some kinds of orders only does not tell what a pre-order pays.
            let is_general = entry.order_type_id.is_none();
            Some((entry.base_tax_category_id.as_deref()?, entry.new_tax_category_id.as_deref()?))
                .filter(|_| is_general)
        });
        let tax = |tax: &'a external_wire::TaxCategory| {
            let rate = tax.percentage.as_ref()?.scaled(PERCENT_SCALE).filter(|rate| *rate >= 0)?;
            Some((tax.id.as_deref()?, rate))
        };
        Self {
            menu,
            products: menu.products.iter().map(|product| (product.id.as_str(), product)).collect(),
            modifiers: menu.modifiers.iter().map(|modifier| (modifier.id.as_str(), modifier)).collect(),
            allergens: menu
                .allergen_groups
                .iter()
                .filter_map(|group| Some((group.id.as_deref()?, group)))
                .collect(),
            taxes: menu.tax_categories.iter().filter_map(tax).collect(),
            instead: instead.collect(),
        }
    }

    fn schedule(&self, group: &wire::ItemsGroup) -> Vec<Span> {
        let named = |schedule: &&wire::Schedule| Some(schedule.id.as_str()) == group.schedule_id.as_deref();
        let periods =
            self.menu.schedules.iter().find(named).into_iter().flat_map(|schedule| &schedule.periods);
        periods
            .filter_map(|period| span(period.from.as_deref()?, period.to.as_deref()?, &period.week_days))
            .collect()
    }

    fn product(&self, group: &wire::ItemsGroup, schedule: &[Span], item: &'a wire::Item) -> Option<Product> {
        let known = self.products.get(item.product_id.as_deref()?)?;
        let sizes: Vec<Size> = item
            .size_prices
            .iter()
            .filter(|size| !size.is_hidden)
            .map(|size| self.size(known, item, size))
            .collect();
        if sizes.is_empty() {
            return None;
        }
        let of_size = item.size_prices.iter().find_map(|size| size.tax_category_id.as_deref());
        Some(Product {
            id: known.id.clone(),
            sku: known.sku.clone(),
            name: item.name.trim().to_owned(),
            kind: Kind::Dish,
            compound: known
                .order_item_type
                .as_deref()
                .is_some_and(|kind| kind.eq_ignore_ascii_case("Compound")),
            description: text(item.description.as_deref()),
            category: Some(group.name.trim().to_owned()),
            schedule: schedule.to_vec(),
            tax_rate: of_size.or(known.tax_category_id.as_deref()).and_then(|id| self.tax(id)),
            marked: known.is_marked,
            tags: item.tags.iter().chain(&item.labels).filter_map(word).collect(),
            allergens: self.allergens(&item.allergen_group_ids),
            image: item.size_prices.iter().find_map(picture),
            sizes,
        })
    }

    fn tax(&self, id: &str) -> Option<i64> {
        self.taxes.get(self.instead.get(id).copied().unwrap_or(id)).copied()
    }

    fn allergens(&self, ids: &[String]) -> Vec<outlet::Allergen> {
        let listed = ids.iter().filter_map(|id| self.allergens.get(id.as_str()));
        let mut found: Vec<outlet::Allergen> = listed
            .map(|allergen| outlet::Allergen {
                code: allergen.code.clone().or_else(|| allergen.id.clone()).unwrap_or_default(),
                name: allergen.name.clone(),
            })
            .collect();
        found.sort();
        found.dedup();
        found
    }

    fn size(&self, product: &wire::Product, item: &'a wire::Item, size: &'a wire::SizePrice) -> Size {
        Size {
            id: text(size.size_id.as_deref()),
            code: size.size_code.clone(),
            name: size.size_name.trim().to_owned(),
            sku: if size.sku.is_empty() { product.sku.clone() } else { size.sku.clone() },
            default: size.is_default,
            price_minor: price(size.price.as_ref()),
            weight_grams: grams(size),
            nutrition: size.nutritions.as_ref().and_then(nutrition),
            image: picture(size),
            groups: item
                .modifier_groups
                .iter()
                .filter(|group| !group.is_hidden)
                .map(|group| self.group(group, size.size_id.as_deref()))
                .filter(|group| !group.modifiers.is_empty())
                .collect(),
        }
    }

    fn group(&self, group: &'a wire::ModifierGroup, size: Option<&str>) -> Group {
        let limits = group.restrictions.as_ref();
        let number =
            |of: fn(&wire::Restrictions) -> Option<&Num>| limits.and_then(of).map_or(0, Num::floor_u32);
        let single = group.id.is_none();
        Group {
            id: group.id.clone(),
            name: group.name.trim().to_owned(),
            min: if single { 0 } else { number(|limits| limits.min_quantity.as_ref()) },
            max: if single { 0 } else { number(|limits| limits.max_quantity.as_ref()) },
            free: if single { 0 } else { number(|limits| limits.free_quantity.as_ref()) },
            own_limits: single || group.child_modifiers_have_min_max_restrictions,
            modifiers: group.items.iter().filter_map(|item| self.modifier(item, size)).collect(),
        }
    }

    /// What the item leaves out is the dictionary's.
    fn modifier(&self, item: &wire::ModifierItem, size: Option<&str>) -> Option<Modifier> {
        let known = self.modifiers.get(item.id.as_str())?;
        if item.is_hidden.unwrap_or(known.is_hidden) {
            return None;
        }
        let limits = item.restrictions.as_ref().or(known.restrictions.as_ref());
        let number =
            |of: fn(&wire::Restrictions) -> Option<&Num>| limits.and_then(of).map_or(0, Num::floor_u32);
        let of_size = |price: &&wire::SizePrice| price.size_id.is_some() && price.size_id.as_deref() == size;
        let own = known.size_prices.iter().find(of_size);
        let general = || known.size_prices.iter().find(|price| price.size_id.is_none());
        Some(Modifier {
            product_id: known.id.clone(),
            sku: known.sku.clone(),
            name: item.name.as_deref().unwrap_or(&known.name).trim().to_owned(),
            price_minor: own.or_else(general).and_then(|found| price(found.price.as_ref())),
            min: number(|limits| limits.min_quantity.as_ref()),
            max: number(|limits| limits.max_quantity.as_ref()),
            free: number(|limits| limits.free_quantity.as_ref()),
            by_default: number(|limits| limits.default_quantity.as_ref()),
            allergens: self.allergens(&known.allergen_group_ids),
        })
    }

    /// A combo in each of its sizes.
    fn combo(
        &self,
        group: &wire::ItemsGroup,
        schedule: &[Span],
        item: &wire::Item,
        products: &[Product],
    ) -> Option<Product> {
        let id = item.combo_id.as_deref()?;
        let known = self.menu.combos.iter().find(|combo| combo.id == id)?;
        let sizes: Vec<&wire::ComboSize> = item.sizes.iter().filter(|size| !size.is_hidden).collect();
        let mut taxes = Vec::new();
        let made: Vec<Size> = sizes
            .iter()
            .enumerate()
            .map(|(at, size)| self.combo_size(known, item, size, at == 0, products, &mut taxes))
            .collect();
        if made.is_empty() {
            return None;
        }
        Some(Product {
            description: text(item.description.as_deref()),
            category: Some(group.name.trim().to_owned()),
            schedule: schedule.to_vec(),
            tax_rate: combo::common_tax(taxes.into_iter())?,
            tags: item.tags.iter().chain(&item.labels).filter_map(word).collect(),
            allergens: self.allergens(&item.allergen_group_ids),
            ..combo::product(id, &known.sku, &item.name, made)
        })
    }

    fn combo_size(
        &self,
        known: &wire::Combo,
        item: &wire::Item,
        wanted: &wire::ComboSize,
        is_first: bool,
        products: &[Product],
        taxes: &mut Vec<Option<i64>>,
    ) -> Size {
        // The price of a fixed one is the item's own, where it says one; otherwise its components make it.
        let own =
            item.size_prices.iter().find(|size| size.size_id.as_deref() == Some(wanted.size_id.as_str()));
        let is_fixed = known.price_strategy.as_deref() == Some("FIXED");
        let fixed = own.and_then(|own| price(own.price.as_ref())).filter(|_| is_fixed);
        let strategy = match fixed {
            Some(price_minor) => combo::Strategy::Fixed { price_minor },
            None => combo::Strategy::ByComponent,
        };
        let mut component = |part: &wire::ComponentProduct| {
            let product = products.iter().find(|product| product.id == part.product_id)?;
            let here = part.size_prices.iter().find(|price| price.combo_size_id == wanted.size_id)?;
            let its = text(here.product_size_id.as_deref());
            let size = product
                .sizes
                .iter()
                .find(|size| size.id == its)
                .filter(|size| combo::can_be_component(size))?;
            let charged = price(here.price.as_ref())?;
            let more = part.price_modification_amount.as_ref().and_then(|more| more.scaled(CURRENCY_SCALE));
            taxes.push(product.tax_rate);
            let is_sized = size.id.is_some() && !size.name.is_empty();
            Some(combo::Component {
                product: product.id.clone(),
                size: size.id.clone(),
                sku: size.sku.clone(),
                name: if is_sized { format!("{} {}", product.name, size.name) } else { product.name.clone() },
                price_minor: if fixed.is_some() { more.unwrap_or(0) } else { charged },
            })
        };
        let groups = known.component_groups.iter().map(|group| combo::Components {
            id: group.id.clone(),
            name: group.name.trim().to_owned(),
            is_main: group.is_main_group,
            components: group.products.iter().filter_map(&mut component).collect(),
        });
        let groups = groups.collect();
        combo::size(Some(wanted.size_id.clone()), &wanted.name, &known.sku, is_first, strategy, groups)
    }
}

fn text(value: Option<&str>) -> Option<String> {
    value.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn price(value: Option<&Num>) -> Option<i64> {
    value?.scaled(CURRENCY_SCALE).filter(|minor| *minor >= 0)
}

fn picture(size: &wire::SizePrice) -> Option<String> {
    let image = size.image.as_ref().map(|image| image.url.as_str());
    address(image.or(size.button_image_url.as_deref()))
}

/// Weights come in the unit that is named beside them; what is measured otherwise says nothing of grams.
fn grams(size: &wire::SizePrice) -> Option<u32> {
    let weight = size.weight.as_ref()?;
    let grams = match size.measure_unit_type.as_deref() {
        Some("GRAM") => weight.floor_u32(),
        Some("KILOGRAM") => u32::try_from(weight.scaled(3)?).ok()?,
        _ => return None,
    };
    Some(grams).filter(|grams| *grams > 0)
}

fn nutrition(table: &external_wire::Nutrition) -> Option<outlet::Nutrition> {
    let amount = |value: &Option<Num>| {
        Quantity::from_thousandths(
            value.as_ref().and_then(|num| num.scaled(NUTRITION_SCALE)).unwrap_or(0).max(0),
        )
    };
    let nutrition = outlet::Nutrition {
        fats: amount(&table.fats),
        proteins: amount(&table.proteins),
        carbs: amount(&table.carbs),
        energy: amount(&table.energy),
    };
    let parts = [nutrition.fats, nutrition.proteins, nutrition.carbs, nutrition.energy];
    parts.iter().any(|part| part.thousandths() > 0).then_some(nutrition)
}

//! An outlet's menu made from the brand's menu, confirmed matches, the chain's products and the stop list.

use std::collections::BTreeMap;

use crate::brand::{BrandCategory, BrandItem, SINGLE, same_names};
use crate::chain::{self, Product, Stop};
use crate::combo;
use crate::mapping::{Mapping, ModifierPair, SizePair};
use crate::outlet::{Absent, Category, Group, Item, Modifier, OutletMenu, Size, TillModifier, TillProduct};

/// Everything that an outlet's menu follows from.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    pub brand: &'a str,
    /// `out_…`
    pub outlet: &'a str,
    pub outlet_code: &'a str,
    /// ISO 4217.
    pub currency: &'a str,
    /// IANA name.
    pub zone: &'a str,
    pub categories: &'a [BrandCategory],
    pub items: &'a [BrandItem],
    /// Confirmed matches by item.
    pub matches: &'a BTreeMap<String, Mapping>,
    pub products: &'a [Product],
    pub stops: &'a [Stop],
}

/// Makes the menu, with an empty revision: whoever stores it gives it one.
#[must_use]
pub fn outlet_menu(input: &Input<'_>) -> OutletMenu {
    let products: BTreeMap<&str, &Product> =
        input.products.iter().map(|product| (product.id.as_str(), product)).collect();
    let mut categories: Vec<&BrandCategory> = input.categories.iter().collect();
    categories.sort_by_key(|category| (category.position, category.code.as_str()));
    let mut builder = Builder { stops: input.stops, groups: Vec::new() };
    let mut menu = OutletMenu {
        brand: input.brand.to_owned(),
        outlet: input.outlet.to_owned(),
        outlet_code: input.outlet_code.to_owned(),
        currency: input.currency.to_owned(),
        zone: input.zone.to_owned(),
        revision: String::new(),
        categories: Vec::new(),
        items: Vec::new(),
        groups: Vec::new(),
        absent: Vec::new(),
    };
    for category in categories {
        let mut items: Vec<&BrandItem> =
            input.items.iter().filter(|item| item.category == category.code).collect();
        items.sort_by_key(|item| (item.position, item.code.as_str()));
        let sold_before = menu.items.len();
        for item in items {
            let made = input.matches.get(&item.code).and_then(|mapping| {
                let product = products.get(mapping.product_id.as_str())?;
                product.kind.is_sold_alone().then(|| builder.item(item, mapping, product)).flatten()
            });
            match made {
                Some(made) => menu.items.push(made),
                None => menu.absent.push(Absent {
                    code: item.code.clone(),
                    names: item.names.clone(),
                    category: category.code.clone(),
                }),
            }
        }
        if menu.items.len() > sold_before {
            let (code, names) = (category.code.clone(), category.names.clone());
            menu.categories.push(Category { code, names });
        }
    }
    menu.groups = builder.groups;
    menu
}

struct Builder<'a> {
    stops: &'a [Stop],
    groups: Vec<Group>,
}

impl Builder<'_> {
    /// None when no size of it is for sale here.
    fn item(&mut self, item: &BrandItem, mapping: &Mapping, product: &Product) -> Option<Item> {
        let mut sizes = Vec::new();
        for pair in &mapping.sizes {
            if let Some(size) = product.sizes.iter().find(|size| size.id == pair.size_id) {
                sizes.push(self.size(item, mapping, product, pair, size));
            }
        }
        if sizes.iter().all(|size| size.price_minor.is_none()) {
            return None;
        }
        let mut tags = item.tags.clone();
        tags.sort();
        tags.dedup();
        Some(Item {
            code: item.code.clone(),
            names: item.names.clone(),
            description: item.description.clone().or_else(|| product.description.as_deref().map(same_names)),
            category: item.category.clone(),
            tags,
            allergens: product.allergens.clone(),
            image: item.image.clone().or_else(|| product.image.clone()),
            tax_rate: product.tax_rate,
            marked: product.marked,
            schedule: product.schedule.clone(),
            sizes,
        })
    }

    fn size(
        &mut self,
        item: &BrandItem,
        mapping: &Mapping,
        product: &Product,
        pair: &SizePair,
        size: &chain::Size,
    ) -> Size {
        let brand = item.sizes.iter().find(|known| known.code == pair.size);
        let groups = size.groups.iter().map(|group| self.group(item, &mapping.modifiers, group)).collect();
        Size {
            code: pair.size.clone(),
            names: brand.map(|brand| brand.names.clone()),
            product_code: item.product_code(&pair.size).to_owned(),
            default: size.default,
            price_minor: size.price_minor,
            left: self.left(&product.id, size.id.as_deref()),
            weight_grams: size.weight_grams,
            nutrition: size.nutrition,
            image: size.image.clone().filter(|_| item.image.is_none()),
            till: TillProduct {
                product_id: product.id.clone(),
                size_id: size.id.clone(),
                compound: product.compound,
            },
            groups,
        }
    }

    /// The position of a group like this, made when it is new.
    fn group(&mut self, item: &BrandItem, pairs: &[ModifierPair], group: &chain::Group) -> u32 {
        let brand_of = |product_id: &str| {
            let pair = pairs.iter().find(|pair| pair.product_id == product_id)?;
            item.modifiers().find(|(_, modifier)| modifier.code == pair.modifier)
        };
        // The group is the brand's that its first known modifier belongs to.
        let known = group.modifiers.iter().find_map(|modifier| brand_of(&modifier.product_id));
        let (code, names) = match known {
            Some((brand, _)) => (brand.code.clone(), brand.names.clone()),
            None => {
                let code = group.id.clone().unwrap_or_else(|| SINGLE.to_owned());
                (code, same_names(&group.name))
            }
        };
        let modifiers = group.modifiers.iter().map(|modifier| {
            let (code, names) = match brand_of(&modifier.product_id) {
                Some((_, brand)) => (brand.code.clone(), brand.names.clone()),
                None => {
                    let code = if modifier.sku.is_empty() { &modifier.product_id } else { &modifier.sku };
                    (code.clone(), same_names(&modifier.name))
                }
            };
            Modifier {
                code,
                names,
                price_minor: modifier.price_minor,
                min: modifier.min,
                max: modifier.max,
                free: modifier.free,
                by_default: modifier.by_default,
                left: {
                    let (product, size) = combo::parts(&modifier.product_id);
                    self.left(product, size)
                },
                allergens: modifier.allergens.clone(),
                till: TillModifier { product_id: modifier.product_id.clone(), group_id: group.id.clone() },
            }
        });
        let made = Group {
            code,
            names,
            min: group.min,
            max: group.max,
            free: group.free,
            own_limits: group.own_limits,
            modifiers: modifiers.collect(),
        };
        let at = self.groups.iter().position(|known| *known == made).unwrap_or_else(|| {
            self.groups.push(made);
            self.groups.len() - 1
        });
        u32::try_from(at).unwrap_or(u32::MAX)
    }

    /// What the stop list leaves of a product in a size; the least of what is said of it.
    fn left(&self, product_id: &str, size_id: Option<&str>) -> Option<u32> {
        self.stops
            .iter()
            .filter(|stop| stop.product_id == product_id)
            .filter(|stop| stop.size_id.is_none() || stop.size_id.as_deref() == size_id)
            .map(|stop| stop.left)
            .min()
    }
}

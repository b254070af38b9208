//! Combos of any format as products of a chain: groups to choose one component from each.
//!
//! A component that itself has to be asked about, such as a drink with required milk, cannot be chosen as part of a
//! combo: what would be asked has no place in it. It is left out, and a group without any component left makes the combo
//! one that is not sold. A combo whose price only the till can calculate is not sold either.

use ::menu::chain::{Group, Kind, Modifier, Product, Size};
use ::menu::combo;

/// How a combo's price comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    /// Its own price, and what is added for some components.
    Fixed { price_minor: i64 },
    /// The sum of its components' prices.
    ByComponent,
}

/// A component as a group offers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    pub product: String,
    pub size: Option<String>,
    pub sku: String,
    pub name: String,
    /// With [`Strategy::Fixed`] what is added or taken off for it; otherwise its price.
    pub price_minor: i64,
}

/// A group of components.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Components {
    pub id: String,
    pub name: String,
    /// The till names the combo after it, and it is asked first.
    pub is_main: bool,
    pub components: Vec<Component>,
}

/// A combo in one of its sizes.
#[must_use]
pub fn size(
    id: Option<String>,
    name: &str,
    sku: &str,
    is_default: bool,
    strategy: Strategy,
    groups: Vec<Components>,
) -> Size {
    let mut base = match strategy {
        Strategy::Fixed { price_minor } => price_minor,
        Strategy::ByComponent => 0,
    };
    let mut groups = groups;
    groups.sort_by_key(|group| !group.is_main);
    let is_whole = !groups.is_empty() && groups.iter().all(|group| !group.components.is_empty());
    let groups = groups.into_iter().map(|group| {
        // Exactly one is chosen, so what every choice adds or takes off belongs to the combo: no choice costs less than
        // nothing.
        let least = group.components.iter().map(|component| component.price_minor).min().unwrap_or(0);
        let shift = if matches!(strategy, Strategy::Fixed { .. }) { least } else { least.min(0) };
        base += shift;
        let only = group.components.len() == 1;
        let modifiers = group.components.into_iter().map(|component| Modifier {
            product_id: combo::component(&component.product, component.size.as_deref()),
            sku: component.sku,
            name: component.name,
            price_minor: Some(component.price_minor - shift),
            min: 0,
            max: 0,
            free: 0,
            by_default: u32::from(only),
            allergens: Vec::new(),
        });
        let modifiers = modifiers.collect();
        Group { id: Some(group.id), name: group.name, min: 1, max: 1, free: 0, own_limits: false, modifiers }
    });
    let groups: Vec<Group> = groups.collect();
    Size {
        id,
        code: name.to_owned(),
        name: name.to_owned(),
        sku: sku.to_owned(),
        default: is_default,
        price_minor: Some(base).filter(|price| is_whole && *price >= 0),
        weight_grams: None,
        nutrition: None,
        image: None,
        groups,
    }
}

/// A combo as a product.
#[must_use]
pub fn product(source: &str, sku: &str, name: &str, sizes: Vec<Size>) -> Product {
    Product {
        id: combo::name(source),
        sku: if sku.is_empty() { source.to_owned() } else { sku.to_owned() },
        name: name.trim().to_owned(),
        kind: Kind::Combo,
        compound: false,
        description: None,
        category: None,
        schedule: Vec::new(),
        tax_rate: None,
        marked: false,
        tags: Vec::new(),
        allergens: Vec::new(),
        image: None,
        sizes,
    }
}

/// Whether a product in a size can be a component: nothing of it has to be asked about.
#[must_use]
pub fn can_be_component(size: &Size) -> bool {
    size.groups.iter().all(|group| group.min == 0 && group.modifiers.iter().all(|modifier| modifier.min == 0))
}

/// The tax of a combo is its components'. None where they differ: one line of a receipt has one rate, so such a combo is
/// not sold here.
#[must_use]
pub fn common_tax(mut rates: impl Iterator<Item = Option<i64>>) -> Option<Option<i64>> {
    let first = rates.next()?;
    rates.all(|rate| rate == first).then_some(first)
}

//! Combos of external menus: in categories of their own, made of the menu's items.

use ::menu::chain::Product;
use ::menu::schedule::Span;

use super::{CURRENCY_SCALE, address, combo, external_wire as wire};

/// A combo of products that this organisation sells; none where only the till can price it.
pub fn product(
    category: &wire::ComboCategory,
    schedule: &[Span],
    wanted: &wire::Combo,
    products: &[Product],
) -> Option<Product> {
    let source = wanted.id.as_deref().or(wanted.item_id.as_deref())?;
    let strategy = match wanted.price_strategy.as_deref() {
        Some("FIXED") => {
            let price_minor = wanted.price.as_ref()?.scaled(CURRENCY_SCALE)?;
            combo::Strategy::Fixed { price_minor }
        }
        Some("BY_COMPONENT") => combo::Strategy::ByComponent,
        _ => return None,
    };
    let mut taxes = Vec::new();
    let mut component = |item: &wire::ComboItem| {
        let product = products.iter().find(|product| product.id == item.item_id)?;
        let size_id = item.size_id.as_deref().filter(|id| !id.is_empty());
        let size = match size_id {
            Some(id) => product.sizes.iter().find(|size| size.id.as_deref() == Some(id))?,
            None => product.sizes.first()?,
        };
        let own = size.price_minor.filter(|_| combo::can_be_component(size))?;
        let more =
            item.price_modification_amount.as_ref().and_then(|more| more.scaled(CURRENCY_SCALE)).unwrap_or(0);
        taxes.push(product.tax_rate);
        let is_sized = size_id.is_some() && !size.name.is_empty();
        Some(combo::Component {
            product: product.id.clone(),
            size: size.id.clone(),
            sku: size.sku.clone(),
            name: if is_sized { format!("{} {}", product.name, size.name) } else { product.name.clone() },
            price_minor: if strategy == combo::Strategy::ByComponent { own + more } else { more },
        })
    };
    let groups = wanted.groups.iter().enumerate().map(|(at, group)| combo::Components {
        id: group.id.clone().unwrap_or_else(|| at.to_string()),
        name: group.name.trim().to_owned(),
        is_main: group.is_main_group,
        components: group.items.iter().filter_map(&mut component).collect(),
    });
    let groups = groups.collect();
    let size = combo::size(None, "", &wanted.sku, true, strategy, groups);
    Some(Product {
        description: wanted.description.clone().filter(|text| !text.trim().is_empty()),
        category: Some(category.name.trim().to_owned()),
        schedule: schedule.to_vec(),
        tax_rate: combo::common_tax(taxes.into_iter())?,
        image: address(wanted.button_image_url.as_deref()),
        ..combo::product(source, &wanted.sku, &wanted.name, vec![size])
    })
}

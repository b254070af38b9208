//! A combo as its till wants it: components marked as belonging together, and the combo that they belong to.
//!
//! What the combo costs stands in its components as well, so that the order comes to the same sum whichever of the two a
//! till adds up: what is paid for the combo as such is the first component's price, what is paid for a choice the chosen
//! one's.

use basket::Line;
use iiko::orders::id::{self, Part};
use iiko::orders::{Combo, ComboPart, Item};
use kernel::Lang;
use menu::combo;

/// Components of one line that have ids of their own.
const COMPONENTS_MAX: u32 = 1_000;

/// A combo and its components.
pub struct Parts {
    pub combo: Combo,
    pub items: Vec<Item>,
}

/// The parts of a line that is a combo which the till knows by `source`; none when nothing was chosen, or a component
/// stands in no group: no quote of ours says that.
pub fn parts(order: i64, line: &Line, source: &str) -> Option<Parts> {
    let combo = Combo {
        id: id::uuid_of(order, Part::Combo, line.line_no),
        source: source.to_owned(),
        size_id: line.till.size_id.clone(),
        name: line.name.text(Lang::Ru).to_owned(),
        quantity: line.quantity,
        price_minor: line.unit_list_minor,
    };
    let charged = |modifier: &basket::Modifier| i64::from(modifier.charged) * modifier.unit_price_minor;
    let mut as_such = line.unit_list_minor - line.modifiers.iter().map(charged).sum::<i64>();
    let mut items = Vec::with_capacity(line.modifiers.len());
    for (number, chosen) in (0_u32..COMPONENTS_MAX).zip(&line.modifiers) {
        let (product, size) = combo::parts(&chosen.till.product_id);
        let amount = i64::from(chosen.amount.max(1));
        items.push(Item {
            product_id: product.to_owned(),
            size_id: size.map(str::to_owned),
            is_compound: false,
            quantity: line.quantity.checked_mul(chosen.amount)?,
            price_minor: (charged(chosen) + std::mem::take(&mut as_such)) / amount,
            position_id: id::uuid_of(order, Part::Component, line.line_no * COMPONENTS_MAX + number),
            modifiers: Vec::new(),
            combo: Some(ComboPart {
                combo: combo.id.clone(),
                source: source.to_owned(),
                group_id: chosen.till.group_id.clone()?,
            }),
        });
    }
    (!items.is_empty()).then_some(Parts { combo, items })
}

#[cfg(test)]
mod tests {
    use basket::{Modifier, TillModifier, TillProduct};
    use notation::Names;

    use super::*;

    fn names(text: &str) -> Names {
        Names { ru: text.to_owned(), kk: text.to_owned(), en: text.to_owned() }
    }

    fn chosen(product: &str, group: &str, unit_price_minor: i64) -> Modifier {
        Modifier {
            code: product.to_owned(),
            name: names(product),
            amount: 1,
            charged: 1,
            unit_price_minor,
            till: TillModifier { product_id: product.to_owned(), group_id: Some(group.to_owned()) },
        }
    }

    fn line(modifiers: Vec<Modifier>) -> Line {
        Line {
            line_no: 3,
            item: "breakfast".to_owned(),
            product_code: "B-1".to_owned(),
            name: names("Завтрак"),
            category: "combos".to_owned(),
            size: None,
            quantity: 2,
            modifiers,
            unit_list_minor: 35_000,
            list_minor: 70_000,
            discounts: Vec::new(),
            points_spent: 0,
            points_spent_minor: 0,
            final_minor: 70_000,
            fiscal: Vec::new(),
            tax_rate: Some(500),
            points_earned: 0,
            bonuses: Vec::new(),
            till: TillProduct {
                product_id: combo::name("c-1"),
                size_id: Some("big".to_owned()),
                compound: false,
            },
        }
    }

    #[test]
    fn a_combo_is_its_components_and_comes_to_the_same_sum() {
        let chosen = vec![chosen("latte/m", "drinks", 3_000), chosen("croissant", "food", 2_000)];
        let made = parts(7, &line(chosen), "c-1").expect("a combo");
        assert_eq!(
            (made.combo.source.as_str(), made.combo.quantity, made.combo.price_minor),
            ("c-1", 2, 35_000)
        );
        assert_eq!(made.combo.size_id.as_deref(), Some("big"));
        let shown: Vec<_> = made
            .items
            .iter()
            .map(|item| (item.product_id.as_str(), item.size_id.as_deref(), item.quantity, item.price_minor))
            .collect();
        assert_eq!(shown, [("latte", Some("m"), 2, 33_000), ("croissant", None, 2, 2_000)]);
        for item in &made.items {
            let part = item.combo.as_ref().expect("a component");
            assert_eq!((part.combo.as_str(), part.source.as_str()), (made.combo.id.as_str(), "c-1"));
        }
        assert_ne!(made.items[0].position_id, made.items[1].position_id);
        assert!(parts(7, &line(Vec::new()), "c-1").is_none(), "nothing was chosen");
    }
}

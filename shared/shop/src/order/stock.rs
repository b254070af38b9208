//! What of a quote cannot be had any more.
//!
//! The quote's prices hold until it expires; what is sold out does not come back. So an order looks at the outlet's menu
//! once more before anybody pays.

use basket::{Line, Quote};
use menu::OutletMenu;
use menu::outlet::{Modifier, Size};
use notation::Names;

/// Something that is sold out, or not on the menu any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    pub line_no: u32,
    pub name: Names,
}

/// Lines that the outlet cannot make now, each with what it lacks.
#[must_use]
pub fn missing(menu: &OutletMenu, quote: &Quote) -> Vec<Missing> {
    quote.lines.iter().flat_map(|line| lacking(menu, quote, line)).collect()
}

fn lacking(menu: &OutletMenu, quote: &Quote, line: &Line) -> Vec<Missing> {
    let lacks = |name: &Names| Missing { line_no: line.line_no, name: name.clone() };
    let Some(size) = size_of(menu, line) else { return vec![lacks(&line.name)] };
    let of_product = |other: &&Line| other.product_code == line.product_code;
    let pieces: u32 = quote.lines.iter().filter(of_product).map(|line| line.quantity).sum();
    if size.price_minor.is_none() || size.left.is_some_and(|left| left < pieces) {
        return vec![lacks(&line.name)];
    }
    let mut found = Vec::new();
    for wanted in &line.modifiers {
        let needed: u32 = quote
            .lines
            .iter()
            .flat_map(|line| line.modifiers.iter().map(move |modifier| (modifier, line.quantity)))
            .filter(|(modifier, _)| modifier.till.product_id == wanted.till.product_id)
            .map(|(modifier, pieces)| modifier.amount.saturating_mul(pieces))
            .fold(0, u32::saturating_add);
        let known = modifier_of(menu, size, wanted);
        let can_be_had = known
            .is_some_and(|known| known.price_minor.is_some() && known.left.is_none_or(|left| left >= needed));
        if !can_be_had {
            found.push(lacks(&wanted.name));
        }
    }
    found
}

fn size_of<'m>(menu: &'m OutletMenu, line: &Line) -> Option<&'m Size> {
    let item = menu.items.iter().find(|item| item.code == line.item)?;
    item.sizes.iter().find(|size| size.product_code == line.product_code)
}

fn modifier_of<'m>(menu: &'m OutletMenu, size: &Size, wanted: &basket::Modifier) -> Option<&'m Modifier> {
    let groups = size.groups.iter().filter_map(|&at| menu.groups.get(at as usize));
    groups.flat_map(|group| &group.modifiers).find(|known| {
        known.code == wanted.code
            && known.till.product_id == wanted.till.product_id
            && known.till.group_id == wanted.till.group_id
    })
}

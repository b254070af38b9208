//! The cart's lines found in the outlet's menu, and the cart as promotions see it.

use kernel::Currency;
use loyalty::programme::Exclusions;
use menu::schedule::LocalTime;
use menu::select::Selected;
use menu::{OutletMenu, select, stock};
use pricing::cart::{Cart, CartLine, CartModifier};

use super::{Refusal, Wish};

/// The brand's mark on goods that are never discounted: their price is fixed by law or by the supplier.
pub const FULL_PRICE_TAG: &str = "full-price";

/// Finds every line in the menu. All lines that cannot be had are named, not only the first.
///
/// # Errors
/// [`Refusal::Unavailable`].
pub fn choose(menu: &OutletMenu, wish: &Wish, at: LocalTime) -> Result<Vec<Selected>, Refusal> {
    let mut selected = Vec::with_capacity(wish.lines.len());
    let mut refused = Vec::new();
    for (index, line) in wish.lines.iter().enumerate() {
        match select(menu, &line.choice, at) {
            Ok(choice) => selected.push(choice),
            Err(refusal) => refused.push((index, refusal)),
        }
    }
    // Shortages are counted over what can be had: the guest sees all that is wrong at once.
    let refused_at = |index: &usize| refused.iter().any(|(at, _)| at == index);
    let pieces =
        (0..wish.lines.len()).filter(|index| !refused_at(index)).map(|index| wish.lines[index].pieces);
    let needed: Vec<(&Selected, u32)> = selected.iter().zip(pieces).collect();
    let shortages = stock::shortages(&needed);
    if refused.is_empty() && shortages.is_empty() {
        Ok(selected)
    } else {
        Err(Refusal::Unavailable { lines: refused, shortages })
    }
}

/// The cart as promotions see it. `excluded` is what earns nothing by the programme.
#[must_use]
pub fn cart(wish: &Wish, selected: &[Selected], currency: Currency, excluded: Option<&Exclusions>) -> Cart {
    let lines = wish.lines.iter().zip(selected).zip(1..).map(|((wish, choice), line_no)| {
        let is_full_price = choice.tags.iter().any(|tag| tag == FULL_PRICE_TAG);
        CartLine {
            line_no,
            product: choice.product_code.clone(),
            size: choice.size.as_ref().map(|size| size.code.clone()),
            category: choice.category.clone(),
            tags: choice.tags.clone(),
            modifiers: choice
                .modifiers
                .iter()
                .map(|modifier| CartModifier {
                    code: modifier.code.clone(),
                    charged: modifier.charged,
                    unit_price_minor: modifier.unit_price_minor,
                })
                .collect(),
            quantity: wish.pieces,
            unit_list_minor: choice.unit_minor,
            floor_minor: if is_full_price { choice.unit_minor } else { 0 },
            tax_rate: choice.tax_rate,
            earns: excluded.is_some_and(|excluded| {
                !excluded.products.contains(&choice.product_code) && !excluded.has_category(&choice.category)
            }),
            pieces_for_points: wish.pieces_for_points,
        }
    });
    Cart { currency, lines: lines.collect() }
}

//! What is often bought together with a cart.

use basket::Quote;
use menu::outlet::{Item, OutletMenu, Size};
use menu::schedule::LocalTime;
use menu::select::is_offered;
use notation::Names;
use store::{Sql, StoreError, together};

/// Items suggested for one cart.
pub const SUGGESTIONS_MAX: usize = 3;
/// Companions looked at: some are in the cart, or not to be had here and now.
const LOOKED_AT_MAX: i64 = 24;

/// An item that goes well with a cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggested {
    /// The brand's code.
    pub item: String,
    pub names: Names,
    /// List price of the size that others took.
    pub price_minor: i64,
}

/// What goes well with a quote's lines and can be had here now.
///
/// # Errors
/// A failure of storage.
pub fn suggest(
    sql: &dyn Sql,
    menu: &OutletMenu,
    quote: &Quote,
    at: LocalTime,
) -> Result<Vec<Suggested>, StoreError> {
    let products = quote.lines.iter().map(|line| line.product_code.as_str());
    let companions = together::load(sql, &quote.brand, products, LOOKED_AT_MAX)?;
    let mut suggested: Vec<Suggested> = Vec::new();
    for (code, _) in companions {
        if suggested.len() == SUGGESTIONS_MAX {
            break;
        }
        let Some((item, size)) = find(menu, &code) else { continue };
        let is_known = quote.lines.iter().any(|line| line.item == item.code)
            || suggested.iter().any(|known| known.item == item.code);
        let Some(price_minor) = size.price_minor.filter(|_| !is_known && size.is_available()) else {
            continue;
        };
        if is_offered(menu, item, at) {
            suggested.push(Suggested { item: item.code.clone(), names: item.names.clone(), price_minor });
        }
    }
    Ok(suggested)
}

fn find<'m>(menu: &'m OutletMenu, product: &str) -> Option<(&'m Item, &'m Size)> {
    menu.items.iter().find_map(|item| {
        let size = item.sizes.iter().find(|size| size.product_code == product)?;
        Some((item, size))
    })
}

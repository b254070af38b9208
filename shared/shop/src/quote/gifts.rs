//! What a promotion's gift may be chosen from at an outlet.

use kernel::PromotionId;
use menu::outlet::{Item, OutletMenu, Size};
use menu::refusal::Named;
use menu::schedule::LocalTime;
use menu::select::is_offered;
use notation::Names;
use pricing::Priced;
use pricing::condition::Selector;

/// Items named for one gift.
pub const ITEMS_MAX: usize = 5;

/// A gift that the guest may add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gift {
    pub promotion: PromotionId,
    pub title: Names,
    pub pieces: u32,
    /// Items that can be had now, in the order of the menu.
    pub items: Vec<Named>,
}

/// The gifts of a priced cart.
#[must_use]
pub fn gifts(menu: &OutletMenu, priced: &Priced, at: LocalTime) -> Vec<Gift> {
    let offered = priced.gifts.iter().filter_map(|gift| {
        let title = priced.applied.iter().find(|applied| applied.promotion == gift.promotion)?.title.clone();
        let items = menu
            .items
            .iter()
            .filter(|item| item.sizes.iter().any(|size| is_meant(&gift.of, item, size)))
            .filter(|item| is_offered(menu, item, at))
            .take(ITEMS_MAX)
            .map(|item| Named { code: item.code.clone(), names: item.names.clone() });
        Some(Gift { promotion: gift.promotion, title, pieces: gift.pieces, items: items.collect() })
    });
    offered.collect()
}

/// Whether a plain piece of the item in this size is among the selected goods.
fn is_meant(of: &Selector, item: &Item, size: &Size) -> bool {
    let any_tag = |tags: &[String]| tags.iter().any(|tag| item.tags.contains(tag));
    let fits = |list: &[String], code: &String| list.is_empty() || list.contains(code);
    let except = &of.except;
    fits(&of.products, &size.product_code)
        && fits(&of.categories, &item.category)
        && (of.tags.is_empty() || any_tag(&of.tags))
        && fits(&of.sizes, &size.code)
        && of.modifiers.is_empty()
        && !except.products.contains(&size.product_code)
        && !except.categories.contains(&item.category)
        && !any_tag(&except.tags)
}

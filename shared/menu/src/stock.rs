//! Whether what is left is enough for a whole cart: lines share the same milk.

use std::collections::BTreeMap;

use notation::Names;

use crate::select::Selected;

/// Something that a cart needs more of than there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortage {
    /// The brand's code of an item or a modifier.
    pub code: String,
    pub names: Names,
    pub left: u32,
    pub needed: u32,
}

/// What a till's stop list counts: a product, in a size where it has them.
type Counted<'a> = (&'a str, Option<&'a str>);

/// What a cart needs more of than there is, in the order of its lines. Each line is a choice and its pieces.
#[must_use]
pub fn shortages(lines: &[(&Selected, u32)]) -> Vec<Shortage> {
    let mut needs: BTreeMap<Counted<'_>, u32> = BTreeMap::new();
    let mut limited: Vec<(Counted<'_>, &str, &Names, u32)> = Vec::new();
    for (selected, pieces) in lines {
        let product = (selected.till.product_id.as_str(), selected.till.size_id.as_deref());
        let main = (product, selected.item.as_str(), &selected.names, selected.left, *pieces);
        let added = selected.modifiers.iter().map(|modifier| {
            let needed = pieces.saturating_mul(modifier.amount);
            (
                (modifier.till.product_id.as_str(), None),
                modifier.code.as_str(),
                &modifier.names,
                modifier.left,
                needed,
            )
        });
        for (counted, code, names, left, needed) in std::iter::once(main).chain(added) {
            let Some(left) = left else { continue };
            let sum = needs.entry(counted).or_insert(0);
            if *sum == 0 {
                limited.push((counted, code, names, left));
            }
            *sum = sum.saturating_add(needed);
        }
    }
    limited
        .into_iter()
        .filter_map(|(counted, code, names, left)| {
            let needed = needs.get(&counted).copied().unwrap_or(0);
            (needed > left).then(|| Shortage { code: code.to_owned(), names: names.clone(), left, needed })
        })
        .collect()
}

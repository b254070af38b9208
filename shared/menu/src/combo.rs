//! Combos: goods at a price of their own, one chosen from each of several groups.
//!
//! To a guest, a promotion and a receipt a combo is an item like any other whose groups have to be chosen from. To a till
//! it is its components, marked as belonging together. A till has no product of a combo, and names a component by two
//! ids, a product and a size; so menus, quotes and orders keep both under the names that are made and read here. Tills'
//! own ids are UUIDs, so none of them looks like one of these.

/// What the name of a combo begins with.
const COMBO: &str = "combo:";
/// What stands between the product and the size of a component.
const SIZE: char = '/';

/// The name of a combo that the till knows by `source`.
#[must_use]
pub fn name(source: &str) -> String {
    format!("{COMBO}{source}")
}

/// The till's id of the combo of that name; none for a product of the till's.
#[must_use]
pub fn source(name: &str) -> Option<&str> {
    name.strip_prefix(COMBO)
}

/// The name of a product in a size as a component.
#[must_use]
pub fn component(product: &str, size: Option<&str>) -> String {
    match size {
        Some(size) => format!("{product}{SIZE}{size}"),
        None => product.to_owned(),
    }
}

/// Product and size of the component of that name. A modifier of a dish is a component without a size.
#[must_use]
pub fn parts(component: &str) -> (&str, Option<&str>) {
    component.split_once(SIZE).map_or((component, None), |(product, size)| (product, Some(size)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_were_made() {
        assert_eq!(source(&name("7d3e")), Some("7d3e"));
        assert_eq!(source("7d3e"), None);
        for (product, size) in [("p", Some("s")), ("p", None)] {
            assert_eq!(parts(&component(product, size)), (product, size));
        }
    }
}

//! Which size and which modifier of a chain's product is which of the brand's.

use kernel::Lang;
use notation::Names;
use serde::{Deserialize, Serialize};

use crate::brand::BrandItem;
use crate::chain::{Product, Size};
use crate::fold;

/// From here on, in thousandths, two modifiers' names mean the same.
const MODIFIER_LIKENESS_MIN: u32 = 700;

/// A brand's item found in a chain: the product, and what its parts are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The till's id of the product.
    pub product_id: String,
    pub sizes: Vec<SizePair>,
    pub modifiers: Vec<ModifierPair>,
}

/// A size of the brand and the chain's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SizePair {
    /// The brand's code; empty for an item without sizes.
    pub size: String,
    /// The till's id; none for a product without sizes.
    pub size_id: Option<String>,
}

/// A modifier of the brand and the chain's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ModifierPair {
    /// The brand's code.
    pub modifier: String,
    /// The till's id of the modifier's product.
    pub product_id: String,
}

/// How alike a text is to any of the names, in thousandths.
#[must_use]
pub fn likeness(names: &Names, text: &str) -> u32 {
    Lang::ALL.iter().map(|lang| fold::similarity(names.text(*lang), text)).max().unwrap_or(0)
}

/// Pairs an item's parts with a product's: by code first, then by name, then sizes by their order.
#[must_use]
pub fn pair(item: &BrandItem, product: &Product) -> Mapping {
    Mapping {
        product_id: product.id.clone(),
        sizes: pair_sizes(item, product),
        modifiers: pair_modifiers(item, product),
    }
}

fn pair_sizes(item: &BrandItem, product: &Product) -> Vec<SizePair> {
    if item.sizes.is_empty() {
        let usual = product.sizes.iter().find(|size| size.default).or(product.sizes.first());
        return usual
            .map(|size| SizePair { size: String::new(), size_id: size.id.clone() })
            .into_iter()
            .collect();
    }
    let mut free: Vec<&Size> = product.sizes.iter().collect();
    let mut pairs = Vec::new();
    let mut left = Vec::new();
    for brand in &item.sizes {
        let codes = [fold::code(&brand.code), fold::code(&brand.product_code)];
        let same_code = |size: &&Size| {
            let sku_is_own = fold::code(&size.sku) != fold::code(&product.sku);
            codes[0] == fold::code(&size.code)
                || codes[0] == fold::code(&size.name)
                || (sku_is_own && codes[1] == fold::code(&size.sku))
        };
        let same_name = |size: &&Size| likeness(&brand.names, &size.name) == 1_000;
        match free.iter().position(same_code).or_else(|| free.iter().position(same_name)) {
            Some(at) => pairs.push((brand.code.clone(), free.remove(at).id.clone())),
            None => left.push(brand.code.clone()),
        }
    }
    // As many left on both sides: small to large on both.
    if left.len() == free.len() {
        pairs.extend(left.into_iter().zip(free.into_iter().map(|size| size.id.clone())));
    }
    pairs.sort_by_key(|(code, _)| item.sizes.iter().position(|size| size.code == *code));
    pairs.into_iter().map(|(size, size_id)| SizePair { size, size_id }).collect()
}

fn pair_modifiers(item: &BrandItem, product: &Product) -> Vec<ModifierPair> {
    let theirs = product.modifiers();
    let ours: Vec<_> = item.modifiers().map(|(_, modifier)| modifier).collect();
    let mut scored: Vec<(u32, usize, usize)> = Vec::new();
    for (at, brand) in ours.iter().enumerate() {
        for (there, modifier) in theirs.iter().enumerate() {
            let same_code = !modifier.sku.is_empty() && fold::code(&modifier.sku) == fold::code(&brand.code);
            let alike = likeness(&brand.names, &modifier.name);
            let score = alike + if same_code { 1_000 } else { 0 };
            if same_code || alike >= MODIFIER_LIKENESS_MIN {
                scored.push((score, at, there));
            }
        }
    }
    scored.sort_by_key(|(score, at, there)| (std::cmp::Reverse(*score), *at, *there));
    let (mut used, mut taken) = (vec![false; ours.len()], vec![false; theirs.len()]);
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (_, at, there) in scored {
        if !used[at] && !taken[there] {
            (used[at], taken[there]) = (true, true);
            pairs.push((at, there));
        }
    }
    pairs.sort_unstable();
    let pair = |(at, there): (usize, usize)| ModifierPair {
        modifier: ours[at].code.clone(),
        product_id: theirs[there].product_id.clone(),
    };
    pairs.into_iter().map(pair).collect()
}

//! Which of a chain's products is which item of the brand: proposals with a score and its reasons, for a person to
//! confirm. Nothing here changes what was confirmed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::brand::BrandItem;
use crate::chain::Product;
use crate::fold;
use crate::mapping::{Mapping, likeness, pair};

/// Points for a stock-keeping number or code that both know.
pub const CODE_POINTS: u32 = 450;
/// Points for equal names; alike ones get their share.
pub const NAME_POINTS: u32 = 400;
/// Points for the same sizes.
pub const SIZES_POINTS: u32 = 50;
/// Points for the same modifiers.
pub const MODIFIERS_POINTS: u32 = 100;
/// From here on a pair is proposed.
pub const PROPOSED_MIN: u32 = 360;
/// Two candidates that are nearer than this to one another are for a person to tell apart.
pub const MARGIN: u32 = 60;
/// Below this, in thousandths, two names disagree, whatever the codes say: chains number their goods independently.
pub const NAMES_AGREE_MIN: u32 = 350;
/// Candidates that a conflict lists.
pub const CANDIDATES_MAX: usize = 5;

/// Why a pair got points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Reason {
    /// Both know this stock-keeping number or code.
    Code { code: String, points: u32 },
    /// The names are so alike, in thousandths.
    Name { likeness: u32, points: u32 },
    /// So many sizes are paired, of so many.
    Sizes { paired: u32, of: u32, points: u32 },
    /// So many modifiers are paired, of so many.
    Modifiers { paired: u32, of: u32, points: u32 },
}

impl Reason {
    const fn points(&self) -> u32 {
        match self {
            Self::Code { points, .. }
            | Self::Name { points, .. }
            | Self::Sizes { points, .. }
            | Self::Modifiers { points, .. } => *points,
        }
    }
}

/// A pair with its score, up to 1000.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Candidate {
    /// The brand's code.
    pub item: String,
    pub product_id: String,
    pub score: u32,
    pub reasons: Vec<Reason>,
}

/// What a person has to tell apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Conflict {
    /// Several products could be the item.
    Ambiguous { item: String, candidates: Vec<Candidate> },
    /// Several items want the product.
    Contested { product_id: String, candidates: Vec<Candidate> },
    /// Code and name do not go together.
    CodeDisagrees { candidate: Candidate },
    /// The confirmed product is no longer in the chain's menu.
    ProductGone { item: String, product_id: String },
    /// The confirmed product no longer has this size of the brand's.
    SizeGone { item: String, product_id: String, size: String },
}

/// What matching found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings {
    /// Pairs to confirm, with their parts.
    pub proposals: Vec<(Candidate, Mapping)>,
    pub conflicts: Vec<Conflict>,
    /// Items that nothing in the chain looks like.
    pub unmatched_items: Vec<String>,
    /// Products that are for sale and no item of the brand looks like, by id.
    pub unmatched_products: Vec<String>,
}

/// Matches a brand's items to a chain's products. `confirmed` stays as it is: its items and products take part in
/// nothing else, and what no longer fits is named. `rejected` pairs of item and product are not proposed again.
#[must_use]
pub fn find(
    items: &[BrandItem],
    products: &[Product],
    confirmed: &[(String, Mapping)],
    rejected: &BTreeSet<(String, String)>,
) -> Findings {
    let mut findings = Findings { conflicts: review(products, confirmed), ..Findings::default() };
    let settled_items: BTreeSet<&str> = confirmed.iter().map(|(item, _)| item.as_str()).collect();
    let settled: BTreeSet<&str> = confirmed.iter().map(|(_, mapping)| mapping.product_id.as_str()).collect();
    let open_items: Vec<&BrandItem> =
        items.iter().filter(|item| !settled_items.contains(item.code.as_str())).collect();
    let open_products: Vec<&Product> = products
        .iter()
        .filter(|product| product.kind.is_sold_alone() && !settled.contains(product.id.as_str()))
        .collect();
    let candidates = candidates(&open_items, &open_products, rejected);
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    let mut wanted_by: BTreeMap<&str, Vec<&Candidate>> = BTreeMap::new();
    for list in candidates.values() {
        if let Some(best) = list.first() {
            wanted_by.entry(best.product_id.as_str()).or_default().push(best);
        }
    }
    for item in &open_items {
        let list = candidates.get(item.code.as_str()).map_or(&[][..], Vec::as_slice);
        let Some(best) = list.first() else {
            findings.unmatched_items.push(item.code.clone());
            continue;
        };
        let rivals = wanted_by.get(best.product_id.as_str()).map_or(&[][..], Vec::as_slice);
        if taken.insert(best.product_id.as_str()) && rivals.len() > 1 && is_contested(rivals) {
            let candidates = rivals.iter().take(CANDIDATES_MAX).map(|rival| (*rival).clone()).collect();
            findings.conflicts.push(Conflict::Contested { product_id: best.product_id.clone(), candidates });
        }
        decide(&mut findings, item, &open_products, list, rivals);
    }
    findings.unmatched_products = open_products
        .iter()
        .filter(|product| product.is_for_sale() && !taken.contains(product.id.as_str()))
        .map(|product| product.id.clone())
        .collect();
    findings
}

/// What becomes of an item that has a candidate.
fn decide(
    findings: &mut Findings,
    item: &BrandItem,
    products: &[&Product],
    list: &[Candidate],
    rivals: &[&Candidate],
) {
    let best = &list[0];
    if is_contested(rivals) && rivals.len() > 1 {
        return;
    }
    if rivals.iter().any(|rival| rival.score > best.score) {
        // Its only product goes to another item with a far better claim.
        findings.unmatched_items.push(item.code.clone());
        return;
    }
    let near: Vec<Candidate> =
        list.iter().filter(|other| other.score + MARGIN > best.score).take(CANDIDATES_MAX).cloned().collect();
    if near.len() > 1 {
        findings.conflicts.push(Conflict::Ambiguous { item: item.code.clone(), candidates: near });
        return;
    }
    if disagrees(best) {
        findings.conflicts.push(Conflict::CodeDisagrees { candidate: best.clone() });
        return;
    }
    if let Some(product) = products.iter().find(|product| product.id == best.product_id) {
        findings.proposals.push((best.clone(), pair(item, product)));
    }
}

/// Two of those who want a product are about equally entitled.
fn is_contested(rivals: &[&Candidate]) -> bool {
    let best = rivals.iter().map(|rival| rival.score).max().unwrap_or(0);
    rivals.iter().filter(|rival| rival.score + MARGIN > best).count() > 1
}

/// The code is the same and the name is another.
fn disagrees(candidate: &Candidate) -> bool {
    let by_code = candidate.reasons.iter().any(|reason| matches!(reason, Reason::Code { .. }));
    let alike = candidate.reasons.iter().find_map(|reason| match reason {
        Reason::Name { likeness, .. } => Some(*likeness),
        _ => None,
    });
    by_code && alike.unwrap_or(0) < NAMES_AGREE_MIN
}

/// Each item's candidates that are worth proposing, best first.
fn candidates<'a>(
    items: &[&'a BrandItem],
    products: &[&Product],
    rejected: &BTreeSet<(String, String)>,
) -> BTreeMap<&'a str, Vec<Candidate>> {
    let mut all = BTreeMap::new();
    for item in items {
        let mut list: Vec<Candidate> = products
            .iter()
            .filter(|product| !rejected.contains(&(item.code.clone(), product.id.clone())))
            .map(|product| score(item, product))
            .filter(|candidate| candidate.score >= PROPOSED_MIN)
            .collect();
        list.sort_by(|one, other| {
            other.score.cmp(&one.score).then_with(|| one.product_id.cmp(&other.product_id))
        });
        all.insert(item.code.as_str(), list);
    }
    all
}

/// How well a product fits an item, and why.
#[must_use]
pub fn score(item: &BrandItem, product: &Product) -> Candidate {
    let mut reasons = Vec::new();
    if let Some(code) = common_code(item, product) {
        reasons.push(Reason::Code { code, points: CODE_POINTS });
    }
    let aliases = item.aliases.iter().map(|alias| fold::similarity(alias, &product.name));
    let alike = aliases.chain([likeness(&item.names, &product.name)]).max().unwrap_or(0);
    if alike > 0 {
        reasons.push(Reason::Name { likeness: alike, points: alike * NAME_POINTS / 1_000 });
    }
    // The structure says something only about a pair that something else speaks for.
    if reasons.iter().map(Reason::points).sum::<u32>() >= PROPOSED_MIN / 2 {
        let mapping = pair(item, product);
        let sizes = item.sizes.len().max(product.sizes.len()).max(1);
        reasons.push(share(mapping.sizes.len(), sizes, SIZES_POINTS, |paired, of, points| Reason::Sizes {
            paired,
            of,
            points,
        }));
        let modifiers = item.modifiers().count().max(product.modifiers().len());
        reasons.push(share(mapping.modifiers.len(), modifiers, MODIFIERS_POINTS, |paired, of, points| {
            Reason::Modifiers { paired, of, points }
        }));
    }
    let score = reasons.iter().map(Reason::points).sum();
    Candidate { item: item.code.clone(), product_id: product.id.clone(), score, reasons }
}

/// The points for `paired` of `of`; nothing on either side is full agreement.
fn share(paired: usize, of: usize, points: u32, reason: fn(u32, u32, u32) -> Reason) -> Reason {
    let (paired, of) = (u32::try_from(paired).unwrap_or(u32::MAX), u32::try_from(of).unwrap_or(u32::MAX));
    let got = points.saturating_mul(paired).checked_div(of).unwrap_or(points);
    reason(paired, of, got)
}

/// A code that both know: the item's, its sizes', an alias; the product's, its sizes'.
fn common_code(item: &BrandItem, product: &Product) -> Option<String> {
    let theirs: BTreeSet<String> = product
        .sizes
        .iter()
        .map(|size| size.sku.as_str())
        .chain([product.sku.as_str()])
        .filter(|sku| !sku.is_empty())
        .map(fold::code)
        .collect();
    let ours = item.sizes.iter().map(|size| &size.product_code).chain(&item.product_code).chain([&item.code]);
    ours.chain(&item.aliases).find(|code| theirs.contains(&fold::code(code))).cloned()
}

/// What of the confirmed no longer fits the chain's menu.
fn review(products: &[Product], confirmed: &[(String, Mapping)]) -> Vec<Conflict> {
    let mut conflicts = Vec::new();
    for (item, mapping) in confirmed {
        let Some(product) = products.iter().find(|product| product.id == mapping.product_id) else {
            conflicts
                .push(Conflict::ProductGone { item: item.clone(), product_id: mapping.product_id.clone() });
            continue;
        };
        for pair in &mapping.sizes {
            if product.sizes.iter().all(|size| size.id != pair.size_id) {
                conflicts.push(Conflict::SizeGone {
                    item: item.clone(),
                    product_id: product.id.clone(),
                    size: pair.size.clone(),
                });
            }
        }
    }
    conflicts
}

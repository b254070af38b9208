//! The goods of a cart as kinds and pieces: what promotions work on.

use kernel::split::largest_remainder;
use kernel::{Currency, Overflow};

use crate::cart::{Cart, CartLine, LINES_MAX, PIECES_MAX};
use crate::condition::{Except, Selector};
use crate::evaluate::Refusal;

/// Pieces that are alike in everything, wherever in the cart they stand.
#[derive(Debug, Clone)]
pub(crate) struct Kind<'a> {
    pub(crate) line: &'a CartLine,
    pub(crate) for_points: bool,
    /// Lines that these pieces stand on, and how many on each.
    pub(crate) lines: Vec<(usize, u32)>,
    /// Place of its first piece among all.
    pub(crate) first: usize,
    pub(crate) pieces: u32,
}

/// One piece while promotions are being applied.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    pub(crate) kind: usize,
    /// What it costs by now.
    pub(crate) now: i64,
    /// It completed a set, and completes no other.
    pub(crate) used: bool,
    /// A promotion has worked on it.
    pub(crate) touched: bool,
    /// A promotion that shares no pieces has it.
    pub(crate) locked: bool,
}

/// A cart taken apart. Kinds stand in the order of what they are, not of the lines: neither dividing nor moving lines
/// changes any sum.
#[derive(Debug)]
pub(crate) struct Goods<'a> {
    pub(crate) currency: Currency,
    pub(crate) kinds: Vec<Kind<'a>>,
    pub(crate) pieces: Vec<Piece>,
}

impl<'a> Goods<'a> {
    /// Takes a cart apart.
    pub(crate) fn new(cart: &'a Cart) -> Result<Self, Refusal> {
        let count: u64 = cart.lines.iter().map(|line| u64::from(line.quantity)).sum();
        if cart.lines.len() > LINES_MAX || count > u64::from(PIECES_MAX) {
            return Err(Refusal::TooLarge);
        }
        let mut kinds: Vec<Kind<'a>> = Vec::with_capacity(cart.lines.len());
        for (index, line) in cart.lines.iter().enumerate() {
            if !lawful(line) {
                return Err(Refusal::BadLine { line_no: line.line_no });
            }
            let parts = [(line.quantity - line.pieces_for_points, false), (line.pieces_for_points, true)];
            for (pieces, for_points) in parts.into_iter().filter(|(pieces, _)| *pieces > 0) {
                match kinds.iter_mut().find(|kind| kind.for_points == for_points && alike(kind.line, line)) {
                    Some(kind) => {
                        kind.pieces += pieces;
                        kind.lines.push((index, pieces));
                    }
                    None => {
                        kinds.push(Kind { line, for_points, lines: vec![(index, pieces)], first: 0, pieces })
                    }
                }
            }
        }
        kinds.sort_by(|a, b| key(a).cmp(&key(b)));
        let mut pieces = Vec::with_capacity(PIECES_MAX.min(count as u32) as usize);
        for (index, kind) in kinds.iter_mut().enumerate() {
            kind.first = pieces.len();
            let piece = Piece {
                kind: index,
                now: kind.line.unit_list_minor,
                used: false,
                touched: false,
                locked: false,
            };
            pieces.extend((0..kind.pieces).map(|_| piece));
        }
        Ok(Self { currency: cart.currency, kinds, pieces })
    }

    /// Sum over the kinds that `which` takes, at list prices, and how many pieces they are.
    pub(crate) fn listed(&self, which: impl Fn(&CartLine) -> bool) -> (i64, u32) {
        let chosen = self.kinds.iter().filter(|kind| which(kind.line));
        chosen.fold((0, 0), |(sum, pieces), kind| {
            let list = kind.line.unit_list_minor.saturating_mul(i64::from(kind.pieces));
            (i64::saturating_add(sum, list), pieces + kind.pieces)
        })
    }
}

/// The largest price of a piece: sums over a cart stay far inside of 64 bits.
const PRICE_MAX_MINOR: i64 = 1_000_000_000_000;

fn lawful(line: &CartLine) -> bool {
    line.quantity > 0
        && line.pieces_for_points <= line.quantity
        && (0..=PRICE_MAX_MINOR).contains(&line.unit_list_minor)
        && (0..=line.unit_list_minor).contains(&line.floor_minor)
}

/// What makes pieces alike. The line's number and place do not; nor does the order of tags and modifiers, which
/// the caller keeps as the menu has it.
fn key<'k>(kind: &'k Kind<'_>) -> impl Ord + use<'k> {
    let line = kind.line;
    (
        (&line.product, &line.size, &line.category),
        (&line.modifiers, &line.tags),
        (line.unit_list_minor, line.floor_minor, line.tax_rate),
        (line.earns, kind.for_points),
    )
}

fn alike(a: &CartLine, b: &CartLine) -> bool {
    a.product == b.product
        && a.size == b.size
        && a.category == b.category
        && a.modifiers == b.modifiers
        && a.tags == b.tags
        && (a.unit_list_minor, a.floor_minor, a.tax_rate, a.earns)
            == (b.unit_list_minor, b.floor_minor, b.tax_rate, b.earns)
}

/// Shares `whole` over pieces by weight: first over the kinds, then over the pieces of each, by largest remainder.
/// `weighed` holds places of pieces in ascending order with their weights.
pub(crate) fn spread(whole: i64, weighed: &[(usize, i64)], pieces: &[Piece]) -> Result<Vec<i64>, Overflow> {
    let mut groups: Vec<(usize, i64)> = Vec::new();
    let mut previous = usize::MAX;
    for &(place, weight) in weighed {
        if pieces[place].kind == previous {
            if let Some((count, sum)) = groups.last_mut() {
                *count += 1;
                *sum += weight;
            }
        } else {
            groups.push((1, weight));
            previous = pieces[place].kind;
        }
    }
    let sums: Vec<i64> = groups.iter().map(|(_, sum)| *sum).collect();
    let parts = largest_remainder(whole, &sums)?;
    let mut shared = Vec::with_capacity(weighed.len());
    let mut at = 0;
    for ((count, _), part) in groups.iter().zip(parts) {
        let weights: Vec<i64> = weighed[at..at + count].iter().map(|(_, weight)| *weight).collect();
        shared.extend(largest_remainder(part, &weights)?);
        at += count;
    }
    Ok(shared)
}

/// Lists up to this long are searched from the front.
const SHORT_LIST: usize = 8;

/// Whether a list that the index has sorted contains a text.
pub(crate) fn contains(list: &[String], text: &str) -> bool {
    if list.len() <= SHORT_LIST {
        list.iter().any(|item| item == text)
    } else {
        list.binary_search_by(|item| item.as_str().cmp(text)).is_ok()
    }
}

impl Selector {
    /// Whether the selection has this line's goods. Its lists must be sorted, as those of an index are.
    pub(crate) fn matches(&self, line: &CartLine) -> bool {
        let any = |list: &[String], test: &dyn Fn() -> bool| list.is_empty() || test();
        any(&self.products, &|| contains(&self.products, &line.product))
            && any(&self.categories, &|| contains(&self.categories, &line.category))
            && any(&self.tags, &|| line.tags.iter().any(|tag| contains(&self.tags, tag)))
            && any(&self.sizes, &|| line.size.as_ref().is_some_and(|size| contains(&self.sizes, size)))
            && any(&self.modifiers, &|| {
                line.modifiers.iter().any(|modifier| contains(&self.modifiers, &modifier.code))
            })
            && !self.except.matches(line)
    }

    /// As an exclusion: an empty one has nothing.
    pub(crate) fn excludes(&self, line: &CartLine) -> bool {
        !self.is_empty() && self.matches(line)
    }
}

impl Except {
    fn matches(&self, line: &CartLine) -> bool {
        contains(&self.products, &line.product)
            || contains(&self.categories, &line.category)
            || line.tags.iter().any(|tag| contains(&self.tags, tag))
    }
}

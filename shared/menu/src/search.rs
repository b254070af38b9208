//! Search by name, in any of the languages, forgiving a slip or two.

use kernel::Lang;

use crate::fold::{similarity, words};
use crate::outlet::{Item, OutletMenu};

/// Items in an answer.
pub const FOUND_MAX: usize = 50;
/// Letters of a query that are looked at.
pub const QUERY_MAX: usize = 100;
/// From here on, in thousandths, a word that is not a beginning is taken for a slip.
const SLIP_MIN: u32 = 550;
/// Words shorter than this must be beginnings.
const SLIP_LETTERS_MIN: usize = 4;

/// The items whose names fit, best first; equal ones in the order of the menu.
#[must_use]
pub fn search<'a>(menu: &'a OutletMenu, query: &str) -> Vec<&'a Item> {
    let short: String = query.chars().take(QUERY_MAX).collect();
    let wanted = words(&short);
    if wanted.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<(u32, &Item)> =
        menu.items.iter().filter_map(|item| Some((fit(item, &wanted)?, item))).collect();
    found.sort_by_key(|(fit, _)| std::cmp::Reverse(*fit));
    found.into_iter().take(FOUND_MAX).map(|(_, item)| item).collect()
}

/// How well an item fits: each word asked for must be found in the same language's name.
fn fit(item: &Item, wanted: &[String]) -> Option<u32> {
    let names = Lang::ALL.iter().map(|lang| item.names.text(*lang)).chain([item.code.as_str()]);
    names.filter_map(|name| fit_name(&words(name), wanted)).max()
}

fn fit_name(name: &[String], wanted: &[String]) -> Option<u32> {
    let mut sum = 0;
    for (position, word) in wanted.iter().enumerate() {
        let best = name.iter().map(|known| fit_word(known, word)).max().filter(|fit| *fit > 0)?;
        // A name that begins with what was typed comes first.
        sum += best
            + u32::from(position == 0 && name.first().is_some_and(|first| first.starts_with(word.as_str())));
    }
    let count = u32::try_from(wanted.len()).ok()?;
    Some(sum / count)
}

fn fit_word(known: &str, word: &str) -> u32 {
    if known == word {
        return 2_000;
    }
    if known.starts_with(word) {
        return 1_500;
    }
    let likeness = similarity(known, word);
    if word.chars().count() >= SLIP_LETTERS_MIN && likeness >= SLIP_MIN { likeness } else { 0 }
}

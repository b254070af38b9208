//! Which answer opens a ticket.

use kernel::Timestamp;
use kernel::time::DAY_MS;

use crate::answer::Answer;
use crate::rules::{FeedbackRules, Route, When};

/// Low answers of a guest that are looked at for repeats: the newest ones.
pub const LOW_ANSWERS_MAX: i64 = 50;

/// An answer in its surroundings.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    pub answer: &'a Answer,
    /// Code of the outlet that it is about; `None`: about none.
    pub outlet: Option<&'a str>,
    /// When the guest answered with few stars before, at most [`LOW_ANSWERS_MAX`] times.
    pub low_before: &'a [Timestamp],
    pub now: Timestamp,
}

/// The route of an answer; `None` when it opens no ticket.
#[must_use]
pub fn route<'r>(rules: &'r FeedbackRules, case: &Case<'_>) -> Option<&'r Route> {
    let words = case.answer.text.as_deref().map(folded_words).unwrap_or_default();
    let is_low = case.answer.stars <= rules.low_stars_max;
    rules.routing.iter().find(|route| fits(&route.when, case, &words, is_low))
}

fn fits(when: &When, case: &Case<'_>, words: &[String], is_low: bool) -> bool {
    let outlets = when.outlets.is_empty()
        || case.outlet.is_some_and(|outlet| when.outlets.iter().any(|code| code == outlet));
    let stars = when.stars_max.is_none_or(|max| case.answer.stars <= max);
    let tags = when.tags.is_empty() || when.tags.iter().any(|tag| case.answer.tags.contains(tag));
    let keywords = when.keywords.is_empty()
        || when.keywords.iter().any(|keyword| {
            let stem = fold(keyword);
            words.iter().any(|word| word.starts_with(&stem))
        });
    let repeats = when.repeats.is_none_or(|repeats| {
        let since = case.now.plus_millis(-i64::from(repeats.days) * DAY_MS);
        let before = case.low_before.iter().filter(|at| **at >= since).count();
        is_low && before + 1 >= usize::try_from(repeats.answers).unwrap_or(usize::MAX)
    });
    outlets && stars && tags && keywords && repeats
}

fn folded_words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(fold).collect()
}

/// Lower case, and ё as е: people write either.
fn fold(word: &str) -> String {
    word.to_lowercase().replace('ё', "е")
}

//! What staff see of a guest: the one place where it is decided.
//!
//! A masked name; of the visit the day and the part of the day; of everything later the hour. A minute would lead to a
//! receipt and the receipt to a card.

use kernel::id::{format_id, parse_id};
use kernel::time::HOUR_MS;
use kernel::{ParseError, Timestamp};

/// What ticket ids begin with.
const TICKET: &str = "tkt";
/// What stands for the rest of a name.
const MASK: &str = "•••";

/// A ticket's number as ids are written.
#[must_use]
pub fn ticket_id(number: i64) -> String {
    format_id(TICKET, number)
}

/// Reads it.
///
/// # Errors
/// When it is no ticket's.
pub fn parse_ticket_id(text: &str) -> Result<i64, ParseError> {
    parse_id(TICKET, text)
}

/// A name's first letter. Nobody knows a guest by it.
#[must_use]
pub fn masked(name: Option<&str>) -> String {
    let first = name.and_then(|name| name.chars().find(|c| c.is_alphanumeric()));
    first.map_or_else(|| MASK.to_owned(), |first| format!("{first}{MASK}"))
}

/// The beginning of the hour.
#[must_use]
pub const fn hour_of(at: Timestamp) -> Timestamp {
    Timestamp::from_millis(at.millis() - at.millis().rem_euclid(HOUR_MS))
}

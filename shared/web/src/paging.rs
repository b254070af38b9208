//! Pages: how many items, and where the next one begins.

use kernel::ParseError;

use crate::call::Call;
use crate::problem::Problem;

/// The query's `limit`, from 1 to `MAX`; `default` when it was not sent.
///
/// # Errors
/// 422 when it is something else.
pub fn limit<const MAX: i64>(call: &Call<'_>, default: i64) -> Result<i64, Problem> {
    Ok(call.query("limit", whole::<MAX>)?.unwrap_or(default))
}

/// A whole number from 1 to `MAX`.
///
/// # Errors
/// When it is something else.
pub fn whole<const MAX: i64>(text: &str) -> Result<i64, ParseError> {
    let number = text.parse().ok().filter(|number| (1..=MAX).contains(number));
    number.ok_or(ParseError("not a whole number in the documented range"))
}

/// Cuts a list that was asked for one item longer than the page to the page's length; true when there is more.
#[must_use]
pub fn cut<T>(items: &mut Vec<T>, limit: i64) -> bool {
    let more = items.len() as i64 > limit;
    items.truncate(usize::try_from(limit).unwrap_or(0));
    more
}

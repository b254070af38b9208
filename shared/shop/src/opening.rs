//! Whether an outlet serves when an order is to be fetched.

use club::directory::hours::Hours;
use kernel::{Timestamp, Zone};
use store::StoreError;
use store::directory::Entry;

/// An outlet is closed by its hours when the goods are wanted. Times are RFC 3339 on the outlet's clock.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the outlet is closed at {wanted_at}")]
pub struct Closed {
    pub wanted_at: String,
    /// None when it does not open within a week.
    pub opens_at: Option<String>,
}

/// Why an outlet does not serve at some time.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Closed(#[from] Closed),
}

/// Makes sure that an outlet's hours allow goods to be fetched at `pickup_at`, or at once.
///
/// # Errors
/// [`Refusal::Closed`]; hours that cannot be read.
pub fn check(
    outlet: &Entry,
    zone: &Zone,
    pickup_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let hours = Hours::from_json(&outlet.hours)
        .map_err(|faults| StoreError::Unreadable { what: "opening hours", problem: format!("{faults:?}") })?;
    // A time that has come is as soon as possible.
    let at = pickup_at.map_or(now, |at| at.max(now));
    if hours.is_open(at, zone) {
        return Ok(());
    }
    let opens_at = hours.opens_next(at, zone).map(|opens| opens.rfc3339_in(zone));
    Err(Closed { wanted_at: at.rfc3339_in(zone), opens_at }.into())
}

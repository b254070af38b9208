//! Limits on how often somebody may do something, counted in the transaction that does it.

use kernel::Timestamp;
use membership::allowance::{Allowance, whole_seconds};
use store::{Sql, StoreError, counters};

/// Counts one event of `subject`, or says in how many seconds one more is allowed. The count stays only if the
/// transaction does: what is refused afterwards for another reason has not happened.
///
/// # Errors
/// A failure of storage.
pub fn hit(
    tx: &dyn Sql,
    name: &str,
    subject: &[u8],
    allowance: Allowance,
    now: Timestamp,
) -> Result<Option<i64>, StoreError> {
    let counter = counters::load(tx, name, subject)?;
    let wait_ms = allowance.wait_ms(counter, now);
    if wait_ms > 0 {
        return Ok(Some(whole_seconds(wait_ms)));
    }
    counters::save(tx, name, subject, allowance.hit(counter, now))?;
    Ok(None)
}

//! What a scheduled function gets instead of a request.

use kernel::{IdSource, Timestamp};
use store::Sql;

/// Everything a scheduled run may use. No key-value store and no way out: the cron interface is synchronous, and a
/// synchronous export must not wait for an asynchronous import.
pub struct Run {
    pub now: Timestamp,
    pub ids: IdSource,
    pub sql: &'static dyn Sql,
}

/// The resources of a run that starts now.
#[must_use]
pub fn run() -> Run {
    Run { now: crate::system_now(), ids: crate::id_source(), sql: crate::sql::connection() }
}

//! Running a long statement off the executor's threads.

use std::sync::Arc;

use tokio::sync::oneshot;

use crate::Value;
use crate::lease::Lease;
use crate::session::{Attempt, Limits};
use crate::watchdog::Watchdog;

/// A lease that is with a blocking thread, which sends it back with the outcome. It never comes if the runtime
/// shut down before the statement could start.
pub(crate) type Away = oneshot::Receiver<(Lease, Attempt)>;

/// Sends `lease` to a blocking thread to attempt the statement there, watched by `watchdog`, its session's.
pub(crate) fn send(
    mut lease: Lease,
    watchdog: Arc<Watchdog>,
    sql: &str,
    params: &[Value],
    limits: Limits,
) -> (Away, Recall) {
    let (sender, away) = oneshot::channel();
    let recall = Recall(Some((watchdog.loan(), watchdog)));
    let (sql, params) = (sql.to_owned(), params.to_vec());
    tokio::task::spawn_blocking(move || {
        let attempt = lease.attempt(&sql, &params, limits);
        // Here and not where it arrives: if the caller has gone, nobody may look at it for long, and the turn must
        // not lie about meanwhile.
        lease.settle();
        // If the connection was dropped meanwhile, so is the lease here: it rolls back and returns to the pool.
        drop(sender.send((lease, attempt)));
    });
    (away, recall)
}

/// Stops the statement when its caller goes away before it is done.
pub(crate) struct Recall(Option<(u64, Arc<Watchdog>)>);

impl Recall {
    /// The statement is done.
    pub(crate) fn done(mut self) {
        self.0 = None;
    }
}

impl Drop for Recall {
    fn drop(&mut self) {
        if let Some((loan, watchdog)) = &self.0 {
            watchdog.cancel(*loan);
        }
    }
}

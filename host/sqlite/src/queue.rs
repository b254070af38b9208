//! The writer queue: one turn, handed on in order of arrival.
//!
//! SQLite lets one connection write at a time and makes the others poll with growing sleeps, so a late-comer
//! that polls at the right moment overtakes, and someone starves. Here writers queue before they ask SQLite.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};

use crate::Error;
use crate::metrics::Counters;
use crate::wait::Mode;

/// The right to write. Dropping it lets the next in line write.
#[derive(Debug)]
pub(crate) struct Turn(#[expect(dead_code, reason = "held for its Drop")] OwnedSemaphorePermit);

#[derive(Debug)]
pub(crate) struct Queue {
    // tokio's semaphore serves waiters strictly in order and is safe to leave: a dropped waiter is skipped.
    turn: Arc<Semaphore>,
    counters: Arc<Counters>,
}

impl Queue {
    pub(crate) fn new(counters: Arc<Counters>) -> Self {
        Self { turn: Arc::new(Semaphore::new(1)), counters }
    }

    /// Waits for the turn until `deadline`.
    pub(crate) async fn turn(&self, mode: Mode, deadline: Instant) -> Result<Turn, Error> {
        let started = Instant::now();
        // A free turn needs no timer. This cannot jump the queue: while anyone waits, no permit is free.
        let permit = match Arc::clone(&self.turn).try_acquire_owned() {
            Ok(permit) => permit,
            Err(TryAcquireError::Closed) => return Err(Error::Closed),
            Err(TryAcquireError::NoPermits) => {
                let Some(permit) = mode.until(deadline, Arc::clone(&self.turn).acquire_owned()).await else {
                    return Err(Error::Busy { waited: started.elapsed() });
                };
                permit.map_err(|_| Error::Closed)?
            }
        };
        self.counters.queue.add_time(started.elapsed());
        Ok(Turn(permit))
    }

    /// Lets nobody write any more: those in line and those to come get [`Error::Closed`].
    pub(crate) fn close(&self) {
        self.turn.close();
    }
}

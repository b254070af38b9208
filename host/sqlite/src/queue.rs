//! The writer queue: one turn, handed on in order of arrival.
//!
//! SQLite lets one connection write at a time and makes the others poll with growing sleeps, so a late-comer
//! that polls at the right moment overtakes, and someone starves. Here writers queue before they ask SQLite. The
//! checkpoint thread goes before them: what they append while it waits it must copy while they all wait.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};

use crate::Error;
use crate::metrics::Counters;
use crate::wait::Mode;

/// The right to write. Dropping it lets the next in line write.
#[derive(Debug)]
#[expect(dead_code, reason = "held for their Drop")]
pub(crate) struct Turn {
    turn: OwnedSemaphorePermit,
    // After the turn: who waits for that alone is served before the next in line.
    line: Option<OwnedSemaphorePermit>,
}

#[derive(Debug)]
pub(crate) struct Queue {
    // tokio's semaphore serves waiters strictly in order and is safe to leave: a dropped waiter is skipped.
    turn: Arc<Semaphore>,
    /// Writers stand here; the first of them, and the checkpoint thread, wait for the turn itself.
    line: Arc<Semaphore>,
    counters: Arc<Counters>,
}

impl Queue {
    pub(crate) fn new(counters: Arc<Counters>) -> Self {
        Self { turn: Arc::new(Semaphore::new(1)), line: Arc::new(Semaphore::new(1)), counters }
    }

    /// Waits for the turn until `deadline`.
    pub(crate) async fn turn(&self, mode: Mode, deadline: Instant) -> Result<Turn, Error> {
        let started = Instant::now();
        let waiting = Waiting::new(&self.counters);
        let line = permit(&self.line, mode, started, deadline).await?;
        let turn = permit(&self.turn, mode, started, deadline).await?;
        drop(waiting);
        self.counters.queue.add_time(started.elapsed());
        Ok(Turn { turn, line: Some(line) })
    }

    /// Waits for the turn until `deadline`, before all who stand in line: for at most two writers.
    pub(crate) async fn turn_before_others(&self, mode: Mode, deadline: Instant) -> Result<Turn, Error> {
        let turn = permit(&self.turn, mode, Instant::now(), deadline).await?;
        Ok(Turn { turn, line: None })
    }

    /// Lets nobody write any more: those in line and those to come get [`Error::Closed`].
    pub(crate) fn close(&self) {
        self.line.close();
        self.turn.close();
    }
}

/// Counts a writer as long as it waits, or until it gives up.
struct Waiting<'a>(&'a Counters);

impl<'a> Waiting<'a> {
    fn new(counters: &'a Counters) -> Self {
        counters.writers_waiting.fetch_add(1, Ordering::Relaxed);
        Self(counters)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.writers_waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn permit(
    semaphore: &Arc<Semaphore>,
    mode: Mode,
    started: Instant,
    deadline: Instant,
) -> Result<OwnedSemaphorePermit, Error> {
    // A free permit needs no timer. This cannot jump the queue: while anyone waits, none is free.
    match Arc::clone(semaphore).try_acquire_owned() {
        Ok(permit) => Ok(permit),
        Err(TryAcquireError::Closed) => Err(Error::Closed),
        Err(TryAcquireError::NoPermits) => {
            match mode.until(deadline, Arc::clone(semaphore).acquire_owned()).await {
                Some(permit) => permit.map_err(|_| Error::Closed),
                None => Err(Error::Busy { waited: started.elapsed() }),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn the_checkpoint_thread_goes_before_those_in_line() {
        let counters = Arc::new(Counters::default());
        let queue = Arc::new(Queue::new(Arc::clone(&counters)));
        let deadline = Instant::now() + Duration::from_secs(60);
        let first = queue.turn(Mode::Async, deadline).await.unwrap();
        let (told, mut order) = tokio::sync::mpsc::unbounded_channel();
        for writer in ["second", "third"] {
            let (queue, told) = (Arc::clone(&queue), told.clone());
            tokio::spawn(async move {
                let _turn = queue.turn(Mode::Async, deadline).await.unwrap();
                told.send(writer).unwrap();
            });
            tokio::task::yield_now().await;
        }
        assert_eq!(counters.writers_waiting.load(Ordering::Relaxed), 2);
        let checkpoints = Arc::clone(&queue);
        tokio::spawn(async move {
            let _turn = checkpoints.turn_before_others(Mode::Async, deadline).await.unwrap();
            told.send("checkpoint").unwrap();
        });
        tokio::task::yield_now().await;
        drop(first);
        for expected in ["checkpoint", "second", "third"] {
            assert_eq!(order.recv().await, Some(expected));
        }
        assert_eq!(counters.writers_waiting.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn who_gives_up_is_not_counted_as_waiting() {
        let counters = Arc::new(Counters::default());
        let queue = Queue::new(Arc::clone(&counters));
        let held = queue.turn_before_others(Mode::Async, Instant::now()).await.unwrap();
        let late = queue.turn(Mode::Async, Instant::now() + Duration::from_millis(5)).await;
        assert!(matches!(late, Err(Error::Busy { .. })), "{late:?}");
        assert_eq!(counters.writers_waiting.load(Ordering::Relaxed), 0);
        drop(held);
        // The place in line that it had is free again.
        assert!(queue.turn(Mode::Async, Instant::now()).await.is_ok());
    }
}

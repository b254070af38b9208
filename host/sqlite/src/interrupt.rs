//! Stopping a statement from another thread.

use std::sync::{Arc, Mutex, PoisonError};

/// Stops what a [`Connection`](crate::Connection) computes at the moment. It outlives the connection harmlessly:
/// it stops no statement but that connection's, wherever those run.
#[derive(Clone, Debug, Default)]
pub struct InterruptHandle {
    // Held while interrupting, so that the loan cannot end between looking and acting.
    target: Arc<Mutex<Option<Target>>>,
}

struct Target(rusqlite::InterruptHandle);

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("connection")
    }
}

impl InterruptHandle {
    /// Stops the running statement, which then fails with [`Error::Interrupted`](crate::Error::Interrupted); a
    /// write inside a transaction takes the whole transaction with it. Does nothing if none is running.
    pub fn interrupt(&self) {
        if let Some(target) = &*self.target.lock().unwrap_or_else(PoisonError::into_inner) {
            target.0.interrupt();
        }
    }

    /// Aims at the SQLite connection where the user's statements run from now on.
    pub(crate) fn attach(&self, target: rusqlite::InterruptHandle) {
        *self.target.lock().unwrap_or_else(PoisonError::into_inner) = Some(Target(target));
    }

    /// Aims at none.
    pub(crate) fn detach(&self) {
        *self.target.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

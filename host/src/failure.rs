//! What to tell a client when a component did not produce a reply.

use wasmtime_wasi_http::handler::{ExpirationError, InstantiationError, TrapOrPanicError};

use crate::problem::Problem;

/// Turns the handler's error into a reply. `overdue` says that the request timeout has passed.
pub fn classify(error: &wasmtime::Error, overdue: bool) -> Problem {
    if error.is::<ExpirationError>() {
        return Problem::timeout();
    }
    if let Some(error) = error.downcast_ref::<InstantiationError<()>>() {
        if overdue {
            return Problem::timeout();
        }
        tracing::error!(error = format!("{:#}", error.error), "cannot make an instance");
        return Problem::no_instance();
    }
    if error.is::<TrapOrPanicError>() {
        // The instance is gone, and its end was logged; a guest that never let go is ended the same way.
        return if overdue { Problem::timeout() } else { Problem::component_failed() };
    }
    if overdue {
        return Problem::timeout();
    }
    tracing::error!(error = format!("{error:#}"), "a component answered with an error");
    Problem::component_failed()
}

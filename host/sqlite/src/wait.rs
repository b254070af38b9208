//! One way of waiting for both kinds of caller.
//!
//! The statement logic is written once, as async functions over a [`Mode`]. In [`Mode::Blocking`] every wait
//! parks the thread inside the poll, so such a future is ready at its first poll and needs no runtime. Both
//! kinds of waiter stand in the same queues, in order of arrival.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// Who waits.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mode {
    /// A task: yields to the executor; needs a tokio runtime with timers.
    Async,
    /// A plain thread: parks.
    Blocking,
}

impl Mode {
    /// Waits for `future`, or until `deadline`: then `None`.
    pub(crate) async fn until<F: Future>(self, deadline: Instant, future: F) -> Option<F::Output> {
        match self {
            Self::Async => tokio::time::timeout_at(deadline.into(), future).await.ok(),
            Self::Blocking => park_until(pin!(future), Some(deadline)),
        }
    }

    /// Waits for `future`, however long it takes.
    pub(crate) async fn wait<F: Future>(self, future: F) -> F::Output {
        match self {
            Self::Async => future.await,
            Self::Blocking => {
                park_until(pin!(future), None).expect("without a deadline it ends by being ready")
            }
        }
    }

    /// Sleeps.
    pub(crate) async fn sleep(self, duration: Duration) {
        match self {
            Self::Async => tokio::time::sleep(duration).await,
            Self::Blocking => thread::sleep(duration),
        }
    }
}

/// Runs a future whose every wait goes through [`Mode::Blocking`].
pub(crate) fn run_blocking<F: Future>(future: F) -> F::Output {
    park_until(pin!(future), None).expect("without a deadline it ends by being ready")
}

fn park_until<F: Future>(mut future: Pin<&mut F>, deadline: Option<Instant>) -> Option<F::Output> {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    // Without `unconstrained`, a caller on a runtime thread could use up its cooperative budget, after which
    // tokio's primitives answer "pending" for ever: the budget only returns when the task yields.
    let mut future = pin!(tokio::task::unconstrained(future.as_mut()));
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Some(output);
        }
        match deadline.map(|d| d.saturating_duration_since(Instant::now())) {
            Some(Duration::ZERO) => return None,
            Some(left) => thread::park_timeout(left),
            None => thread::park(),
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

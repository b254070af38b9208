//! Sends what the wire crates make.

use std::time::{Duration, Instant};

use partner::{Answer, Exchange as _, Fault, Request};
use partners::world::World;
use partners::{Partners, Ports};

use rig::wire::Wire;

/// Longest wait for something that a simulator does on its own.
const PATIENCE: Duration = Duration::from_secs(10);

/// Sends a request.
pub fn send(request: &Request) -> Result<Answer, Fault> {
    Wire.exchange(request)
}

/// Partners of the small chain, on free ports.
pub fn partners() -> Partners {
    Partners::start(Ports::default(), World::small()).expect("free ports")
}

/// Asks until there is an answer.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = ask() {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

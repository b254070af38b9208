//! What goes wrong on purpose.

use std::sync::{Mutex, PoisonError};

use serde::Deserialize;

/// Something that happens to requests.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// End of the paths that it happens to.
    pub path: String,
    /// Requests that it spares first.
    #[serde(default)]
    pub skip: u32,
    /// Requests that it happens to; then it is over.
    #[serde(default = "once")]
    pub times: u32,
    pub effect: Effect,
}

const fn once() -> u32 {
    1
}

/// What happens.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Effect {
    /// The request is handled, and the answer comes late.
    Delay { ms: u64 },
    /// The request is not handled and refused in the partner's own words.
    Refuse { status: u16, retry_after_s: Option<u32> },
    /// The request is handled and the answer is a failure, in the partner's own words.
    ApplyAndRefuse { status: u16 },
    /// The request is handled and the connection dropped without an answer.
    LoseAnswer,
    /// The connection is dropped before the request is handled.
    LoseRequest,
    /// The request is handled and the answer is not JSON.
    Garble,
}

/// The faults that are set.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    /// Sets one more.
    pub fn set(&self, fault: Fault) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(fault);
    }

    /// The next `times` requests to paths that end in `path` suffer `effect`.
    pub fn next(&self, path: &str, times: u32, effect: Effect) {
        self.set(Fault { path: path.to_owned(), skip: 0, times, effect });
    }

    /// Ends all of them.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// What happens to a request for `path`: the first fault set that concerns it.
    pub(crate) fn strike(&self, path: &str) -> Option<Effect> {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut struck = None;
        for fault in faults.iter_mut().filter(|fault| path.ends_with(&fault.path)) {
            if fault.skip > 0 {
                fault.skip -= 1;
            } else if fault.times > 0 {
                fault.times -= 1;
                struck = Some(fault.effect.clone());
                break;
            }
        }
        faults.retain(|fault| fault.times > 0);
        struck
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_spares_then_strikes_then_ends() {
        let faults = Faults::default();
        faults.set(Fault { path: "/create".into(), skip: 1, times: 2, effect: Effect::LoseAnswer });
        let struck: Vec<bool> = (0..5).map(|_| faults.strike("/api/1/deliveries/create").is_some()).collect();
        assert_eq!(struck, [false, true, true, false, false]);
        assert!(faults.strike("/api/1/deliveries/by_id").is_none());
    }
}

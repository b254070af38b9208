//! Webhooks: what a partner posts to us, as unreliably as partners do.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use crate::timer::TimerHandle;

/// How long the receiver may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Something to post.
#[derive(Debug, Clone)]
pub struct Hook {
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Value,
    /// The body of the answer that counts as receipt; any will do if none is given.
    pub wants: Option<&'static str>,
}

/// An attempt to post one.
#[derive(Debug, Clone, Serialize)]
pub struct Attempt {
    pub url: String,
    pub body: Value,
    /// Status of the answer; none if there was no answer.
    pub status: Option<u16>,
    /// Whether the receiver said what counts as receipt.
    pub taken: bool,
}

/// How a partner posts.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// How often each is posted though it was taken.
    pub copies: u32,
    /// How late.
    pub delay: Duration,
    /// Pause before a refused one is posted again.
    pub again_after: Duration,
    /// Attempts in all; then it is dropped.
    pub attempts: u32,
}

impl Default for Manner {
    fn default() -> Self {
        Self { copies: 1, delay: Duration::ZERO, again_after: Duration::from_millis(250), attempts: 6 }
    }
}

#[derive(Default)]
struct State {
    manner: Manner,
    /// Held back until somebody says in which order they go.
    held: Option<Vec<Hook>>,
    attempts: VecDeque<Attempt>,
}

/// A partner's way of posting.
#[derive(Clone)]
pub struct Hooks {
    timer: TimerHandle,
    state: Arc<Mutex<State>>,
}

impl Hooks {
    /// Posts from the thread of `timer`.
    #[must_use]
    pub fn new(timer: TimerHandle) -> Self {
        Self { timer, state: Arc::default() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on, post like this.
    pub fn manner(&self, manner: Manner) {
        self.lock().manner = manner;
    }

    /// Holds everything back until [`Self::release`].
    pub fn hold(&self) {
        self.lock().held.get_or_insert_default();
    }

    /// Posts what was held back, in the order it arose or the other way round, and holds back no more.
    pub fn release(&self, reversed: bool) {
        let mut held = self.lock().held.take().unwrap_or_default();
        if reversed {
            held.reverse();
        }
        for hook in held {
            self.post(hook);
        }
    }

    /// Forgets what was held back, as if it had got lost, and holds back no more.
    pub fn lose(&self) -> usize {
        self.lock().held.take().unwrap_or_default().len()
    }

    /// Posts, in this partner's manner.
    pub fn post(&self, hook: Hook) {
        let mut state = self.lock();
        if let Some(held) = &mut state.held {
            held.push(hook);
            return;
        }
        let manner = state.manner;
        drop(state);
        for _ in 0..manner.copies {
            self.after(manner.delay, hook.clone(), manner.attempts);
        }
    }

    fn after(&self, delay: Duration, hook: Hook, attempts_left: u32) {
        let hooks = self.clone();
        self.timer.after(delay, move || {
            let taken = hooks.attempt(&hook);
            if !taken && attempts_left > 1 {
                let pause = hooks.lock().manner.again_after;
                hooks.after(pause, hook, attempts_left - 1);
            }
        });
    }

    fn attempt(&self, hook: &Hook) -> bool {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(ANSWER_WITHIN))
            .build()
            .into();
        let mut request = agent.post(&hook.url).header("content-type", "application/json");
        for (name, value) in &hook.headers {
            request = request.header(name, value);
        }
        let answer = request.send(hook.body.to_string());
        let (status, text) = match answer {
            Ok(mut answer) => {
                let text = answer.body_mut().read_to_string().unwrap_or_default();
                (Some(answer.status().as_u16()), text)
            }
            Err(_) => (None, String::new()),
        };
        let taken = status == Some(200) && hook.wants.is_none_or(|wanted| text == wanted);
        self.lock().attempts.push_back(Attempt {
            url: hook.url.clone(),
            body: hook.body.clone(),
            status,
            taken,
        });
        taken
    }

    /// Everything posted so far.
    #[must_use]
    pub fn attempts(&self) -> Vec<Attempt> {
        self.lock().attempts.iter().cloned().collect()
    }
}

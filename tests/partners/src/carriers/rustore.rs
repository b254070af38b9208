//! RuStore's push service. Source: www.rustore.ru/help/sdk/push-notifications/send-push-notifications.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::json;

use super::{RUSTORE_PROJECT, RUSTORE_TOKEN, Seen, text};
use crate::journal::Received;
use crate::serve::{Partner, Reply};
use crate::shape::{Shape, may, must};

const MESSAGE: Shape = Shape::Object(&[must(
    "message",
    Shape::Object(&[
        must("token", Shape::Text(1, 4_096)),
        must("data", Shape::Texts { entries: 16, key: 64, value: 1_024 }),
        must(
            "notification",
            Shape::Object(&[must("title", Shape::Text(1, 200)), must("body", Shape::Text(1, 1_000))]),
        ),
        must(
            "android",
            Shape::Object(&[
                must("ttl", Shape::Text(2, 10)),
                must(
                    "notification",
                    Shape::Object(&[
                        must("channel_id", Shape::Text(1, 64)),
                        may("click_action", Shape::Text(1, 1_024)),
                        may("click_action_type", Shape::Integer),
                    ]),
                ),
            ]),
        ),
    ]),
)]);

#[derive(Default)]
struct State {
    gone: BTreeSet<String>,
    /// Every message, repetitions included: nothing replaces anything here.
    shown: Vec<Seen>,
}

/// The simulator.
#[derive(Clone, Default)]
pub struct Rustore(Arc<Mutex<State>>);

impl Rustore {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The app was removed from a device.
    pub fn uninstall(&self, device: &str) {
        self.lock().gone.insert(device.to_owned());
    }

    /// What a device has shown.
    #[must_use]
    pub fn screen(&self, device: &str) -> Vec<Seen> {
        self.lock().shown.iter().filter(|seen| seen.address == device).cloned().collect()
    }
}

impl Partner for Rustore {
    fn answer(&self, request: &Received) -> Reply {
        if request.path != format!("/v1/projects/{RUSTORE_PROJECT}/messages:send") || request.method != "POST"
        {
            return refusal(404, "NOT_FOUND").noting(vec!["no such path".to_owned()]);
        }
        if request.bearer() != Some(RUSTORE_TOKEN) {
            return refusal(401, "PERMISSION_DENIED");
        }
        let body = request.json();
        let faults = MESSAGE.faults(&body);
        if !faults.is_empty() {
            return refusal(400, "INVALID_ARGUMENT").noting(faults);
        }
        let device = text(&body, "/message/token");
        let mut state = self.lock();
        if state.gone.contains(&device) {
            return refusal(404, "NOT_FOUND");
        }
        state.shown.push(Seen {
            address: device,
            id: text(&body, "/message/data/id"),
            title: text(&body, "/message/notification/title"),
            text: text(&body, "/message/notification/body"),
        });
        Reply::json(200, json!({}))
    }

    fn failure(&self, status: u16, retry_after_s: Option<u32>) -> Reply {
        let mut reply = refusal(status, "INTERNAL");
        reply.headers.extend(retry_after_s.map(|seconds| ("retry-after", seconds.to_string())));
        reply
    }
}

fn refusal(status: u16, code: &str) -> Reply {
    Reply::json(status, json!({ "error": { "code": status, "message": "on purpose", "status": code } }))
}

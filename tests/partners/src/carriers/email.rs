//! The e-mail gateway of docs/partners/email.md. Source: resend.com/docs/api-reference/emails/send-email.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::{EMAIL_TOKEN, Seen, text};
use crate::journal::Received;
use crate::serve::{Partner, Reply};
use crate::shape::{Shape, must};

const TO: Shape = Shape::Text(3, 254);
const TAG: Shape = Shape::Object(&[must("name", Shape::Text(1, 256)), must("value", Shape::Text(1, 256))]);
const MAIL: Shape = Shape::Object(&[
    must("from", Shape::Text(3, 320)),
    must("to", Shape::List(&TO)),
    must("subject", Shape::Text(1, 998)),
    must("text", Shape::Text(1, 100_000)),
    must("html", Shape::Text(1, 100_000)),
    must("headers", Shape::Texts { entries: 8, key: 64, value: 256 }),
    must("tags", Shape::List(&TAG)),
]);

#[derive(Default)]
struct State {
    /// By idempotency key, with the body that came under it.
    taken: BTreeMap<String, Value>,
    order: Vec<String>,
    /// Addresses that are refused.
    refused: BTreeSet<String>,
}

/// The simulator.
#[derive(Clone, Default)]
pub struct Email(Arc<Mutex<State>>);

impl Email {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Mails to this address are refused from now on.
    pub fn refuse(&self, address: &str) {
        self.lock().refused.insert(address.to_owned());
    }

    /// What came to a mailbox, in order.
    #[must_use]
    pub fn inbox(&self, address: &str) -> Vec<Seen> {
        let state = self.lock();
        let bodies = state.order.iter().filter_map(|id| Some((id, state.taken.get(id)?)));
        let to_mailbox = bodies.filter(|(_, body)| text(body, "/to/0") == address);
        to_mailbox
            .map(|(id, body)| Seen {
                address: address.to_owned(),
                id: id.clone(),
                title: text(body, "/subject"),
                text: text(body, "/text"),
            })
            .collect()
    }
}

impl Partner for Email {
    fn answer(&self, request: &Received) -> Reply {
        if request.path != "/emails" || request.method != "POST" {
            return refusal(404, "not_found").noting(vec!["no such path".to_owned()]);
        }
        if request.bearer() != Some(EMAIL_TOKEN) {
            return refusal(401, "missing_api_key");
        }
        let body = request.json();
        let mut faults = MAIL.faults(&body);
        let Some(key) = request.header("idempotency-key").filter(|key| key.len() <= 256) else {
            faults.push("no idempotency key".to_owned());
            return refusal(400, "invalid_idempotency_key").noting(faults);
        };
        if !faults.is_empty() {
            return refusal(422, "validation_error").noting(faults);
        }
        let mut state = self.lock();
        if state.refused.contains(&text(&body, "/to/0")) {
            return refusal(422, "validation_error");
        }
        match state.taken.get(key) {
            Some(known) if *known != body => return refusal(409, "invalid_idempotent_request"),
            Some(_) => {}
            None => {
                state.taken.insert(key.to_owned(), body);
                state.order.push(key.to_owned());
            }
        }
        Reply::json(200, json!({ "id": crate::ids::named(key) }))
    }

    fn failure(&self, status: u16, retry_after_s: Option<u32>) -> Reply {
        let name = if status == 429 { "rate_limit_exceeded" } else { "application_error" };
        let mut reply = refusal(status, name);
        reply.headers.extend(retry_after_s.map(|seconds| ("retry-after", seconds.to_string())));
        reply
    }
}

fn refusal(status: u16, name: &str) -> Reply {
    Reply::json(status, json!({ "statusCode": status, "name": name, "message": "on purpose" }))
}

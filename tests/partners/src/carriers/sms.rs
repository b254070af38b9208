//! The text message gateway of docs/partners/sms.md.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::{Seen, text};
use crate::journal::Received;
use crate::serve::{Partner, Reply};
use crate::shape::{Shape, must};

const MESSAGE: Shape = Shape::Object(&[
    must("id", Shape::Text(1, 64)),
    must("to", Shape::Text(8, 16)),
    must("sender", Shape::Text(1, 11)),
    must("text", Shape::Text(1, 1_000)),
    must("ttl_s", Shape::Integer),
    must("kind", Shape::One(&["otp", "service", "promo"])),
]);
/// Characters of a message in UCS-2: alone, and in each part of a longer one.
const UNITS_ALONE: usize = 70;
const UNITS_PER_PART: usize = 67;

#[derive(Default)]
struct State {
    /// By id, with the body that came under it.
    taken: BTreeMap<String, Value>,
    order: Vec<String>,
}

/// The simulator.
#[derive(Clone, Default)]
pub struct Sms(Arc<Mutex<State>>);

impl Sms {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What came to a phone, in order.
    #[must_use]
    pub fn inbox(&self, phone: &str) -> Vec<Seen> {
        let state = self.lock();
        let bodies = state.order.iter().filter_map(|id| Some((id, state.taken.get(id)?)));
        let to_phone = bodies.filter(|(_, body)| text(body, "/to") == phone);
        to_phone
            .map(|(id, body)| Seen {
                address: phone.to_owned(),
                id: id.clone(),
                title: String::new(),
                text: text(body, "/text"),
            })
            .collect()
    }
}

impl Partner for Sms {
    fn answer(&self, request: &Received) -> Reply {
        if request.path != "/messages" || request.method != "POST" {
            return Reply::json(404, json!({ "error": "POST /messages" }))
                .noting(vec!["no such path".to_owned()]);
        }
        let body = request.json();
        let mut faults = MESSAGE.faults(&body);
        let id = text(&body, "/id");
        if request.header("idempotency-key") != Some(&id) {
            faults.push("the idempotency key is not the id".to_owned());
        }
        if !faults.is_empty() {
            return Reply::json(422, json!({ "error": faults.join("; ") })).noting(faults);
        }
        let mut state = self.lock();
        match state.taken.get(&id) {
            Some(known) if *known != body => {
                let fault = "this id was used with another message".to_owned();
                return Reply::json(409, json!({ "error": fault })).noting(vec![fault]);
            }
            Some(_) => {}
            None => {
                state.taken.insert(id.clone(), body.clone());
                state.order.push(id.clone());
            }
        }
        let units = text(&body, "/text").encode_utf16().count();
        let parts = if units <= UNITS_ALONE { 1 } else { units.div_ceil(UNITS_PER_PART) };
        Reply::json(
            200,
            json!({ "provider_id": format!("sim-{id}"), "status": "accepted", "parts": parts, "price": "4.20" }),
        )
    }

    fn failure(&self, status: u16, retry_after_s: Option<u32>) -> Reply {
        let mut reply = Reply::json(status, json!({ "error": "on purpose" }));
        reply.headers.extend(retry_after_s.map(|seconds| ("retry-after", seconds.to_string())));
        reply
    }
}

//! YooKassa, API version 3: payments by SBP, refunds, notifications.
//!
//! A payment waits for the guest: opening its confirmation address pays it, and so does [`YooKassa::pay`].

mod handle;
mod payments;
mod refunds;
pub mod shapes;

pub use handle::Payment;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::hooks::{Hook, Hooks};
use crate::ids;
use crate::journal::Received;
use crate::serve::{Partner, Reply};
use crate::shape::Shape;
use crate::timer::TimerHandle;
use crate::world::Shop;

/// How long an idempotence key is remembered.
const KEYS_KEPT_MS: i64 = 24 * 60 * 60 * 1_000;
/// Longest key.
const KEY_CHARACTERS_MAX: usize = 64;
/// When a request that is still being worked on should be repeated, milliseconds.
const RETRY_AFTER_MS: u32 = 200;
/// Where a guest pays, below the root of the server.
const PAGE: &str = "/_pay/";
/// What a fault of an unknown key ends with: such keys are ignored in silence.
const UNKNOWN: &str = ": unknown";

/// A first answer that is given again.
struct Remembered {
    request: (String, String, Value),
    reply: Reply,
    at_ms: i64,
}

#[derive(Default)]
struct State {
    payments: BTreeMap<String, Value>,
    refunds: BTreeMap<String, Value>,
    keys: BTreeMap<String, Remembered>,
    /// Where notifications go.
    hook: Option<String>,
    /// Where the guest's page is.
    root: String,
    /// Whether refunds wait for [`YooKassa::settle_refund`].
    refunds_wait: bool,
}

/// The simulator.
#[derive(Clone)]
pub struct YooKassa {
    state: Arc<Mutex<State>>,
    shop: Shop,
    pub hooks: Hooks,
    pub clock: Clock,
}

impl YooKassa {
    /// One with a shop.
    #[must_use]
    pub fn new(shop: Shop, clock: Clock, postman: TimerHandle) -> Self {
        let state = State { hook: shop.hook.clone(), ..State::default() };
        Self { state: Arc::new(Mutex::new(state)), shop, hooks: Hooks::new(postman), clock }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says where the server is, for the links that it hands out.
    pub fn listens_at(&self, root: &str) {
        root.clone_into(&mut self.lock().root);
    }

    /// Tells the shop of an event.
    fn notify(&self, state: &State, event: &str, object: &Value) {
        if let Some(url) = &state.hook {
            self.hooks.post(Hook {
                url: url.clone(),
                headers: Vec::new(),
                body: json!({ "type": "notification", "event": event, "object": object }),
                wants: None,
            });
        }
    }

    /// Answers a `POST` once; its repetition with the same key gets the same answer.
    fn once(
        &self,
        request: &Received,
        shape: &Shape,
        work: impl FnOnce(&mut State, &Value) -> Reply,
    ) -> Reply {
        let key = request.header("idempotence-key").unwrap_or_default();
        let known = |letter: char| letter.is_ascii_alphanumeric() || "+-_.".contains(letter);
        if key.is_empty() || key.len() > KEY_CHARACTERS_MAX || !key.chars().all(known) {
            return invalid("Idempotence key is missing or malformed", Some("Idempotence-Key"))
                .noting(vec!["Idempotence-Key: missing or malformed".to_owned()]);
        }
        let body = request.json();
        let asked = (request.method.clone(), request.path.clone(), body.clone());
        let now_ms = self.clock.now_ms();
        let mut state = self.lock();
        state.keys.retain(|_, remembered| now_ms - remembered.at_ms < KEYS_KEPT_MS);
        if let Some(remembered) = state.keys.get(key) {
            return if remembered.request == asked {
                remembered.reply.clone()
            } else {
                invalid("Idempotence key duplicated", Some("Idempotence-Key"))
                    .noting(vec!["Idempotence-Key: used with another body".to_owned()])
            };
        }
        let notes = shape.faults(&body);
        let reply = match notes.iter().find(|fault| !fault.ends_with(UNKNOWN)) {
            Some(fault) => {
                let parameter = fault.split(':').next().unwrap_or_default().replace('/', ".");
                invalid(fault, Some(parameter.trim_start_matches('.'))).noting(notes)
            }
            None => work(&mut state, &body).noting(notes),
        };
        if reply.status == 200 {
            let remembered = Remembered { request: asked, reply: reply.clone(), at_ms: now_ms };
            state.keys.insert(key.to_owned(), remembered);
        }
        reply
    }

    fn admits(&self, request: &Received) -> bool {
        let expected = BASE64.encode(format!("{}:{}", self.shop.id, self.shop.secret).as_bytes());
        request.header("authorization") == Some(format!("Basic {expected}").as_str())
    }
}

impl Partner for YooKassa {
    fn answer(&self, request: &Received) -> Reply {
        if let Some(id) = request.path.strip_prefix(PAGE) {
            let paid = self.pay(id);
            return Reply::json(if paid { 200 } else { 404 }, json!({ "paid": paid }));
        }
        let Some(path) = request.path.strip_prefix("/v3/") else {
            return error(404, "not_found", "No such path", None).noting(vec!["no such endpoint".to_owned()]);
        };
        if !self.admits(request) {
            return error(401, "invalid_credentials", "Authorization failed", Some("Authorization"));
        }
        let parts: Vec<&str> = path.split('/').collect();
        match (request.method.as_str(), parts.as_slice()) {
            ("POST", ["payments"]) => self.create_payment(request),
            ("GET", ["payments"]) => self.list_payments(request),
            ("GET", ["payments", id]) => self.get_payment(id),
            ("POST", ["payments", id, "cancel"]) => self.cancel_payment(request, id),
            ("POST", ["refunds"]) => self.create_refund(request),
            ("GET", ["refunds"]) => self.list_refunds(request),
            ("GET", ["refunds", id]) => self.get_refund(id),
            ("GET", ["me"]) => Reply::json(
                200,
                json!({ "account_id": self.shop.id, "status": "enabled", "test": true, "fiscalization_enabled": true }),
            ),
            _ => error(404, "not_found", "No such method", None).noting(vec!["no such endpoint".to_owned()]),
        }
    }

    fn failure(&self, status: u16, retry_after_s: Option<u32>) -> Reply {
        let mut reply = match status {
            202 => Reply::json(
                202,
                json!({
                    "type": "processing", "description": "Request accepted, but not processed yet",
                    "retry_after": RETRY_AFTER_MS,
                }),
            ),
            401 => error(401, "invalid_credentials", "Authorization failed", None),
            403 => error(403, "forbidden", "Forbidden", None),
            404 => error(404, "not_found", "Not found", None),
            429 => error(429, "too_many_requests", "Too many requests", None),
            400 => invalid("Invalid request", None),
            _ => error(status, "internal_server_error", "Internal server error", None),
        };
        if let Some(seconds) = retry_after_s {
            reply.headers.push(("retry-after", seconds.to_string()));
        }
        reply
    }

    fn control(&self, path: &str, body: &Value) -> Option<Reply> {
        self.controlled(path, body)
    }
}

fn error(status: u16, code: &str, description: &str, parameter: Option<&str>) -> Reply {
    let mut body = json!({ "type": "error", "id": ids::fresh(), "code": code, "description": description });
    if let Some(parameter) = parameter {
        body["parameter"] = json!(parameter);
    }
    Reply::json(status, body)
}

fn invalid(description: &str, parameter: Option<&str>) -> Reply {
    error(400, "invalid_request", description, parameter)
}

/// A page of a list, newest first.
fn page(request: &Received, mut all: Vec<Value>) -> Reply {
    /// Entries of a page, if the request does not say, and at most.
    const ENTRIES: usize = 10;
    const ENTRIES_MAX: usize = 100;
    let after = request.parameter("created_at.gte");
    all.retain(|entry| after.is_none_or(|after| entry["created_at"].as_str().unwrap_or_default() >= after));
    all.sort_by(|one, other| other["created_at"].as_str().cmp(&one["created_at"].as_str()));
    let limit = request.parameter("limit").map_or(Some(ENTRIES), |limit| limit.parse().ok());
    let Some(limit) = limit.filter(|limit| (1..=ENTRIES_MAX).contains(limit)) else {
        return invalid("Limit is out of range", Some("limit"));
    };
    let start: usize = request.parameter("cursor").and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
    let items: Vec<Value> = all.iter().skip(start).take(limit).cloned().collect();
    let mut body = json!({ "type": "list", "items": items });
    if all.len() > start + limit {
        body["next_cursor"] = json!((start + limit).to_string());
    }
    Reply::json(200, body)
}

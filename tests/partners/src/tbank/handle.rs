//! What a test does to T-Bank, from its own process or through `/_control/`.

use serde_json::{Value, json};

use super::{Record, TBank};
use crate::serve::Reply;

/// A payment as a test looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    pub id: u64,
    pub order: String,
    pub status: &'static str,
    /// Kopecks.
    pub amount: i64,
    /// Kopecks given back so far.
    pub returned: i64,
}

impl TBank {
    /// Every payment.
    #[must_use]
    pub fn payments(&self) -> Vec<Payment> {
        let view = |record: &Record| Payment {
            id: record.id,
            order: record.order.clone(),
            status: record.status,
            amount: record.amount,
            returned: record.returned,
        };
        self.lock().payments.values().map(view).collect()
    }

    /// The guest pays. False if the payment does not wait for that.
    pub fn pay(&self, id: u64) -> bool {
        self.end(id, "CONFIRMED")
    }

    /// The guest's bank declines.
    pub fn decline(&self, id: u64) -> bool {
        self.end(id, "REJECTED")
    }

    /// The guest does not pay in time.
    pub fn expire(&self, id: u64) -> bool {
        self.end(id, "DEADLINE_EXPIRED")
    }

    /// Sets where notifications go that a payment says nothing of.
    pub fn hook_to(&self, url: &str) {
        self.lock().hook_url = Some(url.to_owned());
    }

    fn end(&self, id: u64, status: &'static str) -> bool {
        self.pass_time();
        let mut state = self.lock();
        let hook_url = state.hook_url.clone();
        let waits = |record: &&mut Record| matches!(record.status, "NEW" | "FORM_SHOWED");
        let Some(record) = state.payments.get_mut(&id).filter(waits) else { return false };
        record.status = status;
        self.notify(record, hook_url.as_ref());
        true
    }

    /// `payments`, `pay {id}`, `decline {id}`, `expire {id}`, `hook {url}`, `hold_hooks`, `release_hooks {reversed}`, `lose_hooks`,
    /// `attempts`.
    pub(super) fn controlled(&self, path: &str, body: &Value) -> Option<Reply> {
        let id = body["id"].as_u64().unwrap_or_default();
        let mut answer = json!({});
        match path {
            "payments" => {
                let payments: Vec<Value> =
                    self.lock().payments.values().map(|record| self.shown(record)).collect();
                answer = json!({ "payments": payments });
            }
            "pay" => answer = json!({ "done": self.pay(id) }),
            "decline" => answer = json!({ "done": self.decline(id) }),
            "expire" => answer = json!({ "done": self.expire(id) }),
            "hook" => self.hook_to(body["url"].as_str().unwrap_or_default()),
            "hold_hooks" => self.hooks.hold(),
            "release_hooks" => self.hooks.release(body["reversed"] == true),
            "lose_hooks" => answer = json!({ "lost": self.hooks.lose() }),
            "attempts" => answer = json!({ "attempts": self.hooks.attempts() }),
            _ => return None,
        }
        Some(Reply::json(200, answer))
    }
}

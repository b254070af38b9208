//! What a test does to YooKassa, from its own process or through `/_control/`.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::YooKassa;
use crate::decimal;
use crate::serve::Reply;

/// A payment as a test looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    pub id: String,
    pub status: String,
    pub amount: Decimal,
    /// Given back so far.
    pub refunded: Decimal,
    pub metadata: Value,
}

fn view(payment: &Value) -> Payment {
    let text = |key: &str| payment[key].as_str().unwrap_or_default().to_owned();
    Payment {
        id: text("id"),
        status: text("status"),
        amount: decimal(&payment["amount"]["value"]).unwrap_or_default(),
        refunded: decimal(&payment["refunded_amount"]["value"]).unwrap_or_default(),
        metadata: payment["metadata"].clone(),
    }
}

impl YooKassa {
    /// Says where notifications go.
    pub fn hook_to(&self, url: &str) {
        self.lock().hook = Some(url.to_owned());
    }

    /// Every payment.
    #[must_use]
    pub fn payments(&self) -> Vec<Payment> {
        self.lock().payments.values().map(view).collect()
    }

    /// The guest pays. False if the payment does not wait for that.
    pub fn pay(&self, id: &str) -> bool {
        let mut state = self.lock();
        self.succeed(&mut state, id)
    }

    /// The guest's bank declines, for a reason such as `insufficient_funds`.
    pub fn decline(&self, id: &str, reason: &str) -> bool {
        let mut state = self.lock();
        self.cancel_for(&mut state, id, "payment_network", reason)
    }

    /// The guest does not pay in time.
    pub fn expire(&self, id: &str) -> bool {
        let mut state = self.lock();
        self.cancel_for(&mut state, id, "yoo_money", "expired_on_confirmation")
    }

    /// From now on refunds stay pending until [`Self::settle_refund`], or succeed at once again.
    pub fn refunds_wait(&self, wait: bool) {
        self.lock().refunds_wait = wait;
    }

    /// Ends a pending refund, well or not.
    pub fn settle_refund(&self, id: &str, succeed: bool) -> bool {
        let mut state = self.lock();
        if succeed {
            return self.pay_back(&mut state, id);
        }
        let Some(refund) = state.refunds.get_mut(id).filter(|refund| refund["status"] == "pending") else {
            return false;
        };
        refund["status"] = json!("canceled");
        refund["cancellation_details"] = json!({ "party": "refund_network", "reason": "rejected_by_payee" });
        true
    }

    /// Ids of refunds that are pending.
    #[must_use]
    pub fn pending_refunds(&self) -> Vec<String> {
        let state = self.lock();
        let pending = state.refunds.values().filter(|refund| refund["status"] == "pending");
        pending.filter_map(|refund| refund["id"].as_str().map(str::to_owned)).collect()
    }

    /// `payments`, `pay {id}`, `decline {id,reason}`, `expire {id}`, `refunds_wait {wait}`,
    /// `settle_refund {id,succeed}`, `hook {url}`, `hold_hooks`, `release_hooks {reversed}`, `lose_hooks`, `attempts`,
    /// `advance_clock {ms}`.
    pub(super) fn controlled(&self, path: &str, body: &Value) -> Option<Reply> {
        let text = |key: &str| body[key].as_str().unwrap_or_default();
        let mut answer = json!({});
        match path {
            "payments" => {
                let payments: Vec<Value> = self.lock().payments.values().cloned().collect();
                answer = json!({ "payments": payments });
            }
            "pay" => answer = json!({ "done": self.pay(text("id")) }),
            "decline" => answer = json!({ "done": self.decline(text("id"), text("reason")) }),
            "expire" => answer = json!({ "done": self.expire(text("id")) }),
            "refunds_wait" => self.refunds_wait(body["wait"] == true),
            "settle_refund" => {
                answer = json!({ "done": self.settle_refund(text("id"), body["succeed"] == true) });
            }
            "hook" => self.hook_to(text("url")),
            "hold_hooks" => self.hooks.hold(),
            "release_hooks" => self.hooks.release(body["reversed"] == true),
            "lose_hooks" => answer = json!({ "lost": self.hooks.lose() }),
            "attempts" => answer = json!({ "attempts": self.hooks.attempts() }),
            "advance_clock" => self.clock.advance(body["ms"].as_i64().unwrap_or_default()),
            _ => return None,
        }
        Some(Reply::json(200, answer))
    }
}

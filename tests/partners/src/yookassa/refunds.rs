//! Refunds: of a whole payment or of parts, never of more than was paid.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::payments::receipt;
use super::{State, YooKassa, error, invalid, page, shapes};
use crate::decimal;
use crate::ids;
use crate::journal::Received;
use crate::serve::Reply;

impl YooKassa {
    pub(super) fn create_refund(&self, request: &Received) -> Reply {
        self.once(request, &shapes::REFUND, |state, body| {
            let payment_id = body["payment_id"].as_str().unwrap_or_default();
            let sum = decimal(&body["amount"]["value"]).unwrap_or_default();
            let Some(payment) = state.payments.get(payment_id) else {
                return error(404, "not_found", "Payment doesn't exist or access denied", Some("payment_id"));
            };
            if payment["status"] != "succeeded" {
                return invalid("Payment is not succeeded", Some("payment_id"));
            }
            let paid = decimal(&payment["amount"]["value"]).unwrap_or_default();
            if sum <= Decimal::ZERO || refunded(state, payment_id) + sum > paid {
                return invalid("Refund amount is more than the payment has left", Some("amount"));
            }
            if let Err(said) = receipt(&body["receipt"], sum) {
                let note = vec![format!("/receipt: {said}")];
                return invalid("Receipt is invalid", Some("receipt")).noting(note);
            }
            let id = ids::fresh();
            let mut refund = json!({
                "id": id, "payment_id": payment_id, "status": "pending", "created_at": self.clock.rfc3339(),
                "amount": body["amount"],
                "refund_method": { "type": "sbp", "sbp_operation_id": ids::fresh().replace('-', "").to_uppercase() },
            });
            for kept in ["description", "metadata"] {
                if let Some(value) = body.get(kept) {
                    refund[kept] = value.clone();
                }
            }
            if body.get("receipt").is_some() {
                refund["receipt_registration"] = json!("pending");
            }
            state.refunds.insert(id.clone(), refund.clone());
            if !state.refunds_wait {
                self.pay_back(state, &id);
            }
            Reply::json(200, state.refunds.get(&id).cloned().unwrap_or(refund))
        })
    }

    pub(super) fn get_refund(&self, id: &str) -> Reply {
        match self.lock().refunds.get(id) {
            Some(refund) => Reply::json(200, refund.clone()),
            None => error(404, "not_found", "Refund doesn't exist or access denied", Some("refund_id")),
        }
    }

    pub(super) fn list_refunds(&self, request: &Received) -> Reply {
        let payment = request.parameter("payment_id");
        let state = self.lock();
        let of = |refund: &&Value| payment.is_none_or(|payment| refund["payment_id"] == payment);
        page(request, state.refunds.values().filter(of).cloned().collect())
    }

    /// Gives the money of a pending refund back.
    pub(super) fn pay_back(&self, state: &mut State, id: &str) -> bool {
        let Some(refund) = state.refunds.get_mut(id).filter(|refund| refund["status"] == "pending") else {
            return false;
        };
        refund["status"] = json!("succeeded");
        let refund = refund.clone();
        let payment_id = refund["payment_id"].as_str().unwrap_or_default().to_owned();
        let total = succeeded(state, &payment_id);
        if let Some(payment) = state.payments.get_mut(&payment_id) {
            payment["refunded_amount"] = json!({ "value": format!("{total:.2}"), "currency": "RUB" });
            let left = decimal(&payment["amount"]["value"]).unwrap_or_default() - total;
            payment["refundable"] = json!(left > Decimal::ZERO);
        }
        self.notify(state, "refund.succeeded", &refund);
        true
    }
}

/// What refunds of a payment come to, those still pending among them.
fn refunded(state: &State, payment: &str) -> Decimal {
    sum(state, |refund| refund["payment_id"] == payment && refund["status"] != "canceled")
}

fn succeeded(state: &State, payment: &str) -> Decimal {
    sum(state, |refund| refund["payment_id"] == payment && refund["status"] == "succeeded")
}

fn sum(state: &State, of: impl Fn(&Value) -> bool) -> Decimal {
    state
        .refunds
        .values()
        .filter(|refund| of(refund))
        .filter_map(|refund| decimal(&refund["amount"]["value"]))
        .sum()
}

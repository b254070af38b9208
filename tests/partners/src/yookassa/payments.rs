//! Payments: from `pending` to `succeeded` or `canceled`, never back.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{PAGE, State, YooKassa, error, invalid, page, shapes};
use crate::clock::rfc3339;
use crate::decimal;
use crate::ids;
use crate::journal::Received;
use crate::serve::Reply;

/// How long a guest may think.
const WAITS_MS: i64 = 60 * 60 * 1_000;
/// SBP's limits, roubles.
const SUM_MAX: i64 = 700_000;
/// Lines of a receipt.
const RECEIPT_ITEMS_MAX: usize = 80;

impl YooKassa {
    pub(super) fn create_payment(&self, request: &Received) -> Reply {
        self.once(request, &shapes::PAYMENT, |state, body| {
            let sum = decimal(&body["amount"]["value"]).unwrap_or_default();
            if sum < Decimal::ONE || sum > SUM_MAX.into() {
                return invalid("Amount is out of the range of the payment method", Some("amount.value"));
            }
            if let Err(said) = receipt(&body["receipt"], sum) {
                let note = vec![format!("/receipt: {said}")];
                return invalid("Receipt is invalid", Some("receipt")).noting(note);
            }
            let id = ids::fresh();
            let confirmation = match body["confirmation"]["type"].as_str() {
                Some("qr") => json!({
                    "type": "qr", "confirmation_data": format!("{}{PAGE}{id}", state.root),
                }),
                _ => json!({
                    "type": "redirect", "return_url": body["confirmation"]["return_url"],
                    "confirmation_url": format!("{}{PAGE}{id}", state.root),
                }),
            };
            let mut payment = json!({
                "id": id, "status": "pending", "amount": body["amount"],
                "recipient": { "account_id": self.shop.id, "gateway_id": "2000001" },
                "payment_method": { "type": "sbp", "id": id, "saved": false, "status": "inactive", "title": "СБП" },
                "created_at": self.clock.rfc3339(), "confirmation": confirmation, "test": true, "paid": false,
                "refundable": false,
            });
            for kept in ["description", "metadata", "merchant_customer_id"] {
                if let Some(value) = body.get(kept) {
                    payment[kept] = value.clone();
                }
            }
            if body.get("receipt").is_some() {
                payment["receipt_registration"] = json!("pending");
            }
            state.payments.insert(id, payment.clone());
            let mut notes = Vec::new();
            if body["capture"] != true {
                notes.push("/capture: SBP has one stage only, send true".to_owned());
            }
            Reply::json(200, payment).noting(notes)
        })
    }

    pub(super) fn get_payment(&self, id: &str) -> Reply {
        let mut state = self.lock();
        self.expire_due(&mut state);
        match state.payments.get(id) {
            Some(payment) => Reply::json(200, payment.clone()),
            None => error(404, "not_found", "Payment doesn't exist or access denied", Some("payment_id")),
        }
    }

    pub(super) fn list_payments(&self, request: &Received) -> Reply {
        let mut state = self.lock();
        self.expire_due(&mut state);
        let status = request.parameter("status");
        let all =
            state.payments.values().filter(|payment| status.is_none_or(|status| payment["status"] == status));
        page(request, all.cloned().collect())
    }

    pub(super) fn cancel_payment(&self, request: &Received, id: &str) -> Reply {
        self.once(request, &shapes::NOTHING, |state, _| match state.payments.get(id) {
            None => error(404, "not_found", "Payment doesn't exist or access denied", Some("payment_id")),
            // Payments by SBP are taken at once and never wait for capture.
            Some(payment) => invalid(
                &format!("Incorrect payment status: {}", payment["status"].as_str().unwrap_or_default()),
                None,
            ),
        })
    }

    /// Cancels what waited for too long.
    fn expire_due(&self, state: &mut State) {
        let now_ms = self.clock.now_ms();
        let oldest = rfc3339(now_ms - WAITS_MS);
        let due: Vec<String> = state
            .payments
            .values()
            .filter(|payment| payment["status"] == "pending")
            .filter(|payment| payment["created_at"].as_str().is_some_and(|at| *at < *oldest))
            .filter_map(|payment| payment["id"].as_str().map(str::to_owned))
            .collect();
        for id in due {
            self.cancel_for(state, &id, "yoo_money", "expired_on_confirmation");
        }
    }

    /// Ends a pending payment without money.
    pub(super) fn cancel_for(&self, state: &mut State, id: &str, party: &str, reason: &str) -> bool {
        let Some(payment) = state.payments.get_mut(id).filter(|payment| payment["status"] == "pending")
        else {
            return false;
        };
        payment["status"] = json!("canceled");
        payment["cancellation_details"] = json!({ "party": party, "reason": reason });
        remove(payment, "confirmation");
        if payment.get("receipt_registration").is_some() {
            payment["receipt_registration"] = json!("canceled");
        }
        let payment = payment.clone();
        self.notify(state, "payment.canceled", &payment);
        true
    }

    /// Takes the money of a pending payment.
    pub(super) fn succeed(&self, state: &mut State, id: &str) -> bool {
        let now = self.clock.rfc3339();
        let Some(payment) = state.payments.get_mut(id).filter(|payment| payment["status"] == "pending")
        else {
            return false;
        };
        payment["status"] = json!("succeeded");
        payment["paid"] = json!(true);
        payment["refundable"] = json!(true);
        payment["captured_at"] = json!(now);
        payment["income_amount"] = payment["amount"].clone();
        payment["payment_method"]["sbp_operation_id"] = json!(ids::fresh().replace('-', "").to_uppercase());
        payment["payment_method"]["payer_bank_details"] =
            json!({ "bank_id": "100000000111", "bic": "044525225" });
        remove(payment, "confirmation");
        let payment = payment.clone();
        self.notify(state, "payment.succeeded", &payment);
        true
    }
}

fn remove(payment: &mut Value, key: &str) {
    if let Some(members) = payment.as_object_mut() {
        members.remove(key);
    }
}

/// Whether a receipt may be registered for a payment of so much.
pub fn receipt(receipt: &Value, sum: Decimal) -> Result<(), String> {
    if receipt.is_null() {
        return Ok(());
    }
    let customer = &receipt["customer"];
    if customer["phone"].is_null() && customer["email"].is_null() {
        return Err("customer has neither phone nor email".to_owned());
    }
    if customer["phone"].as_str().is_some_and(|phone| !phone.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err("customer's phone has other letters than digits".to_owned());
    }
    let items = receipt["items"].as_array().cloned().unwrap_or_default();
    if items.is_empty() || items.len() > RECEIPT_ITEMS_MAX {
        return Err(format!("{} items", items.len()));
    }
    let each = |item: &Value| {
        decimal(&item["amount"]["value"]).unwrap_or_default() * decimal(&item["quantity"]).unwrap_or_default()
    };
    let total: Decimal = items.iter().map(each).sum();
    if total != sum {
        return Err(format!("items make {total}, the payment is {sum}"));
    }
    Ok(())
}

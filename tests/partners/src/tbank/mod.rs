//! T-Bank's internet acquiring (eacq, version 2): sums in kopecks, errors with status 200, everything signed.

mod handle;
pub mod token;

pub use handle::Payment;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::clock::{self, Clock};
use crate::hooks::{Hook, Hooks};
use crate::ids;
use crate::journal::Received;
use crate::serve::{Partner, Reply};
use crate::shape::Shape::{Integer, List, Object, One, Quantity, Text};
use crate::shape::{Shape, may, must};
use crate::timer::TimerHandle;
use crate::world::Terminal;

/// Error codes as the bank numbers them.
const WRONG_TOKEN: &str = "204";
const WRONG_TERMINAL: &str = "205";
const WRONG_PARAMETERS: &str = "9999";
const NOT_FOUND: &str = "255";
const WRONG_STATUS: &str = "4";
const DUPLICATE_ORDER: &str = "8";
/// First number of a payment.
const FIRST_PAYMENT: u64 = 4_321_987_650;
/// What a receiver of a notification must answer, to the letter.
const TAKEN: &str = "OK";
/// Where a guest pays, below the root of the server.
const PAGE: &str = "/_pay/";

const RECEIPT_ITEM: Shape = Object(&[
    must("Name", Text(1, 128)),
    must("Price", Integer),
    must("Quantity", Quantity),
    must("Amount", Integer),
    must(
        "Tax",
        One(&[
            "none", "vat0", "vat5", "vat7", "vat10", "vat20", "vat22", "vat105", "vat107", "vat110",
            "vat120", "vat122",
        ]),
    ),
    may("PaymentMethod", Text(1, 40)),
    may("PaymentObject", Text(1, 40)),
    may("MeasurementUnit", Text(1, 16)),
]);
const RECEIPT: Shape = Object(&[
    may("Email", Text(3, 64)),
    may("Phone", Text(5, 16)),
    must("Taxation", One(&["osn", "usn_income", "usn_income_outcome", "esn", "patent"])),
    may("FfdVersion", One(&["1.05", "1.2"])),
    must("Items", List(&RECEIPT_ITEM)),
]);
/// What `Init` may look like.
pub const INIT: Shape = Object(&[
    must("TerminalKey", Text(1, 20)),
    must("Amount", Integer),
    must("OrderId", Text(1, 36)),
    must("Token", Text(64, 64)),
    may("Description", Text(0, 140)),
    may("NotificationURL", Text(1, 2_048)),
    may("SuccessURL", Text(1, 2_048)),
    may("FailURL", Text(1, 2_048)),
    may("RedirectDueDate", Text(20, 35)),
    may("PayType", One(&["O", "T"])),
    may("CustomerKey", Text(1, 36)),
    may("DATA", Shape::Texts { entries: 20, key: 20, value: 100 }),
    may("Receipt", RECEIPT),
]);
const GET_QR: Shape = Object(&[
    must("TerminalKey", Text(1, 20)),
    must("PaymentId", Text(1, 20)),
    must("Token", Text(64, 64)),
    may("DataType", One(&["PAYLOAD", "IMAGE"])),
]);
const GET_STATE: Shape =
    Object(&[must("TerminalKey", Text(1, 20)), must("PaymentId", Text(1, 20)), must("Token", Text(64, 64))]);
const CANCEL: Shape = Object(&[
    must("TerminalKey", Text(1, 20)),
    must("PaymentId", Text(1, 20)),
    must("Token", Text(64, 64)),
    may("Amount", Integer),
    may("Receipt", RECEIPT),
    may("ExternalRequestId", Text(1, 256)),
]);

/// A payment of the bank's.
#[derive(Debug, Clone)]
struct Record {
    id: u64,
    order: String,
    amount: i64,
    returned: i64,
    status: &'static str,
    notification_url: Option<String>,
    /// Until when it can be paid.
    due_ms: Option<i64>,
    /// Ids of requests to cancel that were carried out.
    cancelled_by: Vec<String>,
}

#[derive(Default)]
struct State {
    payments: BTreeMap<u64, Record>,
    root: String,
    /// Where notifications go that a payment says nothing of: set in the cabinet.
    hook_url: Option<String>,
}

/// The simulator.
#[derive(Clone)]
pub struct TBank {
    state: Arc<Mutex<State>>,
    terminal: Terminal,
    pub hooks: Hooks,
    pub clock: Clock,
}

impl TBank {
    /// One with a terminal.
    #[must_use]
    pub fn new(terminal: Terminal, clock: Clock, postman: TimerHandle) -> Self {
        Self { state: Arc::default(), terminal, hooks: Hooks::new(postman), clock }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says where the server is, for the links that it hands out.
    pub fn listens_at(&self, root: &str) {
        root.clone_into(&mut self.lock().root);
    }

    /// What was not paid in time cannot be paid any more.
    fn pass_time(&self) {
        let mut state = self.lock();
        let (now_ms, hook_url) = (self.clock.now_ms(), state.hook_url.clone());
        for record in state.payments.values_mut() {
            let is_open = matches!(record.status, "NEW" | "FORM_SHOWED");
            if is_open && record.due_ms.is_some_and(|due| due <= now_ms) {
                record.status = "DEADLINE_EXPIRED";
                self.notify(record, hook_url.as_ref());
            }
        }
    }

    fn init(&self, body: &Value) -> Reply {
        let mut state = self.lock();
        let order = body["OrderId"].as_str().unwrap_or_default();
        let amount = body["Amount"].as_i64().unwrap_or_default();
        if state.payments.values().any(|record| record.order == order) {
            return self.refused(DUPLICATE_ORDER, "Заказ с таким order_id уже существует.");
        }
        let mut notes = Vec::new();
        if let Some(items) = body["Receipt"]["Items"].as_array() {
            let total: i64 = items.iter().filter_map(|item| item["Amount"].as_i64()).sum();
            if total != amount {
                notes.push(format!("/Receipt: items make {total}, the payment is {amount}"));
                return self.refused(WRONG_PARAMETERS, "Неверная сумма чека.").noting(notes);
            }
        }
        let id = FIRST_PAYMENT + u64::try_from(state.payments.len()).unwrap_or(0);
        let record = Record {
            id,
            order: order.to_owned(),
            amount,
            returned: 0,
            status: "NEW",
            notification_url: body["NotificationURL"].as_str().map(str::to_owned),
            due_ms: body["RedirectDueDate"].as_str().and_then(clock::instant_ms),
            cancelled_by: Vec::new(),
        };
        let mut answer = self.shown(&record);
        answer["PaymentURL"] = json!(format!("{}{PAGE}{id}", state.root));
        state.payments.insert(id, record);
        Reply::json(200, answer)
    }

    fn get_qr(&self, body: &Value) -> Reply {
        let mut state = self.lock();
        let root = state.root.clone();
        let Some(record) = find(&mut state, body) else {
            return self.refused(NOT_FOUND, "Платеж не найден.");
        };
        if record.status == "NEW" {
            record.status = "FORM_SHOWED";
        }
        let mut answer = self.shown(record);
        answer["Data"] = match body["DataType"].as_str() {
            Some("IMAGE") => json!("<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
            _ => json!(format!("{root}{PAGE}{}", record.id)),
        };
        Reply::json(200, answer)
    }

    fn get_state(&self, body: &Value) -> Reply {
        match find(&mut self.lock(), body) {
            Some(record) => Reply::json(200, self.shown(record)),
            None => self.refused(NOT_FOUND, "Платеж не найден."),
        }
    }

    fn check_order(&self, body: &Value) -> Reply {
        let state = self.lock();
        let order = body["OrderId"].as_str().unwrap_or_default();
        let found = state.payments.values().filter(|record| record.order == order);
        let payments: Vec<Value> = found.map(|record| self.shown(record)).collect();
        Reply::json(
            200,
            json!({
                "TerminalKey": self.terminal.key, "OrderId": order, "Success": true, "ErrorCode": "0",
                "Message": "OK", "Payments": payments,
            }),
        )
    }

    fn cancel(&self, body: &Value) -> Reply {
        let mut state = self.lock();
        let hook_url = state.hook_url.clone();
        let Some(record) = find(&mut state, body) else {
            return self.refused(NOT_FOUND, "Платеж не найден.");
        };
        let before = record.amount - record.returned;
        let wanted = body["Amount"].as_i64().unwrap_or(before);
        let request = body["ExternalRequestId"].as_str().map(str::to_owned);
        let known = request.as_ref().is_some_and(|request| record.cancelled_by.contains(request));
        if !known {
            match record.status {
                "NEW" | "FORM_SHOWED" => record.status = "CANCELED",
                "CONFIRMED" | "PARTIAL_REFUNDED" if (1..=before).contains(&wanted) => {
                    record.returned += wanted;
                    record.status =
                        if record.returned == record.amount { "REFUNDED" } else { "PARTIAL_REFUNDED" };
                }
                _ => return self.refused(WRONG_STATUS, "Неверный статус или сумма возврата."),
            }
            record.cancelled_by.extend(request);
            self.notify(record, hook_url.as_ref());
        }
        let mut answer = self.shown(record);
        answer["OriginalAmount"] = json!(before);
        answer["NewAmount"] = json!(record.amount - record.returned);
        Reply::json(200, answer)
    }

    fn shown(&self, record: &Record) -> Value {
        json!({
            "Success": true, "ErrorCode": "0", "TerminalKey": self.terminal.key, "Status": record.status,
            "PaymentId": record.id.to_string(), "OrderId": record.order, "Amount": record.amount,
        })
    }

    fn refused(&self, code: &str, message: &str) -> Reply {
        let body = json!({
            "Success": false, "ErrorCode": code, "Message": message, "Details": message,
            "TerminalKey": self.terminal.key,
        });
        Reply::json(200, body)
    }

    /// Tells of a payment's status, signed; the id is a number here.
    fn notify(&self, record: &Record, hook_url: Option<&String>) {
        let Some(url) = record.notification_url.clone().or_else(|| hook_url.cloned()) else { return };
        let succeeded = !matches!(record.status, "REJECTED" | "DEADLINE_EXPIRED" | "CANCELED");
        let mut body = json!({
            "TerminalKey": self.terminal.key, "OrderId": record.order, "Success": succeeded,
            "Status": record.status, "PaymentId": record.id, "ErrorCode": if succeeded { "0" } else { "1051" },
            "Amount": record.amount,
        });
        body["Token"] = json!(token::of(&body, &self.terminal.password));
        self.hooks.post(Hook { url, headers: Vec::new(), body, wants: Some(TAKEN) });
    }
}

fn find<'s>(state: &'s mut State, body: &Value) -> Option<&'s mut Record> {
    let id: u64 = match &body["PaymentId"] {
        Value::String(text) => text.parse().ok()?,
        other => other.as_u64()?,
    };
    state.payments.get_mut(&id)
}

impl Partner for TBank {
    fn answer(&self, request: &Received) -> Reply {
        self.pass_time();
        if let Some(id) = request.path.strip_prefix(PAGE) {
            let paid = id.parse().is_ok_and(|id| self.pay(id));
            return Reply::json(if paid { 200 } else { 404 }, json!({ "paid": paid }));
        }
        let body = request.json();
        let (shape, work): (Shape, fn(&Self, &Value) -> Reply) = match request.path.as_str() {
            "/v2/Init" => (INIT, Self::init),
            "/v2/GetQr" => (GET_QR, Self::get_qr),
            "/v2/GetState" => (GET_STATE, Self::get_state),
            "/v2/Cancel" => (CANCEL, Self::cancel),
            "/v2/CheckOrder" => (Shape::Any, Self::check_order),
            _ => return Reply::json(404, json!({})).noting(vec!["no such endpoint".to_owned()]),
        };
        let notes = shape.faults(&body);
        if body["TerminalKey"] != self.terminal.key.as_str() {
            return self.refused(WRONG_TERMINAL, "Терминал не найден.").noting(notes);
        }
        if body["Token"] != token::of(&body, &self.terminal.password) {
            let note = vec!["/Token: wrong".to_owned()];
            return self.refused(WRONG_TOKEN, "Неверный токен.").noting(notes).noting(note);
        }
        if let Some(fault) = notes.iter().find(|fault| !fault.ends_with(": unknown")) {
            let said = format!("Неверные параметры: {fault}");
            return self.refused(WRONG_PARAMETERS, &said).noting(notes);
        }
        work(self, &body).noting(notes)
    }

    fn failure(&self, status: u16, retry_after_s: Option<u32>) -> Reply {
        let mut reply =
            Reply::json(status, json!({ "id": ids::fresh(), "message": "Service is unavailable" }));
        if let Some(seconds) = retry_after_s {
            reply.headers.push(("retry-after", seconds.to_string()));
        }
        reply
    }

    fn control(&self, path: &str, body: &Value) -> Option<Reply> {
        self.controlled(path, body)
    }
}

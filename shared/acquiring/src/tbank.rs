//! T-Bank internet acquiring: `Init`, `CheckOrder`, `GetQr`, `GetState`, `Cancel`, and signed notifications.
//!
//! There is no key of idempotency: `Init` with an `OrderId` that was used before is refused, or not, as the terminal is
//! set. So an `Init` whose answer was lost is looked up by `CheckOrder` before another is sent.
//!
//! Amounts are whole kopecks. Errors come with status 200 and `Success: false`. The acquirer's id of a refund is the
//! payment's: a refund is a state of the payment.

use http::Method;
use kernel::{Currency, Money, Zone};
use partner::{Answer, Request};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::port::{
    Confirmation, DESCRIPTION_LEN_MAX, NewPayment, NewRefund, PaymentState, Reading, RefundState, State,
    TIMEOUT_MS, Unsupported,
};
use crate::receipt::Receipt;

/// What a notification must be answered with.
pub const NOTIFICATION_REPLY: &str = "OK";
/// The sellers' tax systems by their number.
const TAXATION: [&str; 6] = ["osn", "usn_income", "usn_income_outcome", "envd", "esn", "patent"];
/// The code of an answer without an error.
const NO_ERROR: &str = "0";
/// Codes of passing trouble on their side.
const PASSING: [&str; 3] = ["99", "402", "9999"];

/// A terminal of an account.
#[derive(Clone)]
pub struct Terminal {
    /// `https://securepay.tinkoff.ru`.
    pub base_url: String,
    pub terminal_key: String,
    pub password: String,
}

impl std::fmt::Debug for Terminal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Terminal({} at {})", self.terminal_key, self.base_url)
    }
}

impl Terminal {
    pub(crate) fn open(&self, new: &NewPayment<'_>) -> Result<Request, Unsupported> {
        let description: String = new.description.chars().take(DESCRIPTION_LEN_MAX).collect();
        let mut body = Map::from_iter([
            ("Amount".to_owned(), json!(new.amount.minor())),
            ("OrderId".to_owned(), json!(new.key)),
            ("Description".to_owned(), json!(description)),
            ("SuccessURL".to_owned(), json!(new.return_url)),
        ]);
        if let Some(until) = new.pay_until {
            body.insert("RedirectDueDate".to_owned(), json!(until.rfc3339_in(&Zone::UTC)));
        }
        if let Some(url) = new.notification_url {
            body.insert("NotificationURL".to_owned(), json!(url));
        }
        if let Some(receipt) = new.receipt {
            body.insert("Receipt".to_owned(), receipt_body(receipt)?);
        }
        Ok(self.post("Init", body))
    }

    pub(crate) fn get(&self, payment: &str) -> Request {
        self.post("GetState", Map::from_iter([("PaymentId".to_owned(), json!(payment))]))
    }

    pub(crate) fn lookup(&self, key: &str) -> Request {
        self.post("CheckOrder", Map::from_iter([("OrderId".to_owned(), json!(key))]))
    }

    pub(crate) fn code(&self, payment: &str) -> Request {
        let body = [("PaymentId".to_owned(), json!(payment)), ("DataType".to_owned(), json!("PAYLOAD"))];
        self.post("GetQr", Map::from_iter(body))
    }

    pub(crate) fn refund(&self, new: &NewRefund<'_>) -> Result<Request, Unsupported> {
        let mut body = Map::from_iter([
            ("PaymentId".to_owned(), json!(new.payment)),
            ("Amount".to_owned(), json!(new.amount.minor())),
            ("ExternalRequestId".to_owned(), json!(new.key)),
        ]);
        if let Some(receipt) = new.receipt {
            body.insert("Receipt".to_owned(), receipt_body(receipt)?);
        }
        Ok(self.post("Cancel", body))
    }

    fn post(&self, method: &str, mut body: Map<String, Value>) -> Request {
        body.insert("TerminalKey".to_owned(), json!(self.terminal_key));
        let token = token(&body, &self.password);
        body.insert("Token".to_owned(), json!(token));
        Request {
            method: Method::POST,
            url: format!("{}/v2/{method}", self.base_url),
            headers: vec![("content-type", "application/json".to_owned())],
            body: Value::Object(body).to_string().into_bytes(),
            timeout_ms: TIMEOUT_MS,
        }
    }
}

/// The signature of a body: SHA-256 of the values of its plain fields and the password, in the order of their names.
/// Objects, lists and the signature itself take no part.
fn token(body: &Map<String, Value>, password: &str) -> String {
    let mut fields: Vec<(&str, String)> = vec![("Password", password.to_owned())];
    for (name, value) in body {
        let text = match value {
            _ if name == "Token" => continue,
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            Value::Null | Value::Array(_) | Value::Object(_) => continue,
        };
        fields.push((name, text));
    }
    fields.sort_unstable();
    let joined: String = fields.into_iter().map(|(_, text)| text).collect();
    data_encoding::HEXLOWER.encode(&Sha256::digest(joined.as_bytes()))
}

fn receipt_body(receipt: &Receipt) -> Result<Value, Unsupported> {
    receipt.check()?;
    let item = |item: &crate::receipt::Item| {
        Ok(json!({
            "Name": item.name(),
            "Price": item.unit_minor,
            "Quantity": item.quantity,
            "Amount": item.unit_minor * i64::from(item.quantity),
            "Tax": item.vat(receipt.mode)?.name,
            "PaymentMethod": receipt.mode.code(),
            "PaymentObject": "commodity",
            "MeasurementUnit": "шт",
        }))
    };
    let items = receipt.items.iter().map(item).collect::<Result<Vec<Value>, Unsupported>>()?;
    let number = receipt.tax_system.map_or(1, usize::from);
    let taxation = TAXATION.get(number.saturating_sub(1)).ok_or(Unsupported::Tax)?;
    Ok(json!({ "Phone": receipt.phone, "Taxation": taxation, "FfdVersion": "1.2", "Items": items }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PaymentAnswer {
    success: bool,
    error_code: String,
    status: Option<String>,
    payment_id: Option<Id>,
    amount: Option<i64>,
    #[serde(rename = "PaymentURL")]
    payment_url: Option<String>,
    data: Option<String>,
}

/// An id: text in answers, a number in notifications.
#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Text(String),
    Number(i64),
}

impl Id {
    fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
        }
    }
}

/// An answer with a result; or what the lack of one means.
fn known<T>(answer: &Answer) -> Result<PaymentAnswer, Reading<T>> {
    if let Some(reading) = unanswered(answer) {
        return Err(reading);
    }
    let read: PaymentAnswer =
        serde_json::from_slice(&answer.body).map_err(|_| Reading::Again { after_ms: None })?;
    if read.success && read.error_code == NO_ERROR { Ok(read) } else { Err(failure(&read.error_code)) }
}

/// What an answer means that is none by its status.
fn unanswered<T>(answer: &Answer) -> Option<Reading<T>> {
    match answer.status {
        _ if answer.is_success() => None,
        401 | 403 => Some(Reading::Misconfigured { reason: format!("http_{}", answer.status) }),
        _ => Some(Reading::Again { after_ms: None }),
    }
}

/// What an error's code means.
fn failure<T>(code: &str) -> Reading<T> {
    if PASSING.contains(&code) {
        return Reading::Again { after_ms: None };
    }
    let reason = format!("error_{code}");
    // 204: the signature is wrong; 205, 501: no such terminal.
    let misconfigured = matches!(code, "204" | "205" | "501");
    if misconfigured { Reading::Misconfigured { reason } } else { Reading::Refused { reason } }
}

pub(crate) fn payment(answer: &Answer) -> Reading<PaymentState> {
    let read = match known(answer) {
        Ok(read) => read,
        Err(reading) => return reading,
    };
    let (Some(id), Some(status), Some(amount)) = (read.payment_id, read.status, read.amount) else {
        return Reading::Again { after_ms: None };
    };
    Reading::Known(PaymentState {
        id: id.into_text(),
        amount: Money::new(amount, Currency::Rub),
        state: state(&status),
        confirmation: read.payment_url.map(Confirmation::Redirect),
    })
}

fn state(status: &str) -> State {
    match status {
        "CONFIRMED" | "REFUNDING" | "PARTIAL_REFUNDED" | "REFUNDED" => State::Succeeded,
        "REVERSED" | "PARTIAL_REVERSED" | "REJECTED" | "DEADLINE_EXPIRED" | "CANCELED" | "AUTH_FAIL" => {
            State::Cancelled { reason: status.to_lowercase() }
        }
        _ => State::Pending,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OrderAnswer {
    success: bool,
    error_code: String,
    #[serde(default)]
    payments: Vec<OrderPayment>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OrderPayment {
    payment_id: Id,
    amount: i64,
    status: String,
}

/// Reads what there is under a key. Of several, the one that was paid counts, then one that still can be; two that were
/// paid are a person's affair.
pub(crate) fn found(answer: &Answer) -> Reading<Option<PaymentState>> {
    if let Some(reading) = unanswered(answer) {
        return reading;
    }
    let Ok(read) = serde_json::from_slice::<OrderAnswer>(&answer.body) else {
        return Reading::Again { after_ms: None };
    };
    if !read.success || read.error_code != NO_ERROR {
        return match failure(&read.error_code) {
            // It was asked properly and knows none: whether by a code or by an empty list.
            Reading::Refused { .. } => Reading::Known(None),
            other => other,
        };
    }
    let mut payments: Vec<PaymentState> = read
        .payments
        .into_iter()
        .map(|payment| PaymentState {
            id: payment.payment_id.into_text(),
            amount: Money::new(payment.amount, Currency::Rub),
            state: state(&payment.status),
            confirmation: None,
        })
        .collect();
    let rank = |payment: &PaymentState| match payment.state {
        State::Succeeded => 0,
        State::Pending => 1,
        State::Cancelled { .. } => 2,
    };
    if payments.iter().filter(|payment| payment.state == State::Succeeded).count() > 1 {
        return Reading::Misconfigured { reason: "paid_twice_under_one_key".to_owned() };
    }
    payments.sort_by_key(rank);
    Reading::Known(payments.into_iter().next())
}

pub(crate) fn code(answer: &Answer) -> Option<Confirmation> {
    known::<()>(answer).ok()?.data.map(Confirmation::Qr)
}

pub(crate) fn refund(answer: &Answer) -> Reading<RefundState> {
    let read = match known(answer) {
        Ok(read) => read,
        Err(reading) => return reading,
    };
    let (Some(id), Some(status)) = (read.payment_id, read.status) else {
        return Reading::Again { after_ms: None };
    };
    let state = match status.as_str() {
        "REFUNDED" | "PARTIAL_REFUNDED" | "REVERSED" | "PARTIAL_REVERSED" => State::Succeeded,
        _ => State::Pending,
    };
    Reading::Known(RefundState { id: id.into_text(), state })
}

/// The signed part of a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notified {
    pub terminal_key: String,
    /// T-Bank's id of the payment.
    pub payment: String,
    /// Ours.
    pub key: String,
}

/// Which terminal a notification claims to be of: says whose password to check it with.
#[must_use]
pub fn terminal_of(body: &[u8]) -> Option<String> {
    let body: Map<String, Value> = serde_json::from_slice(body).ok()?;
    body.get("TerminalKey").and_then(Value::as_str).map(str::to_owned)
}

/// Reads a notification whose signature is right under `password`; none otherwise.
#[must_use]
pub fn notification(body: &[u8], password: &str) -> Option<Notified> {
    let body: Map<String, Value> = serde_json::from_slice(body).ok()?;
    let claimed = body.get("Token").and_then(Value::as_str)?.to_owned();
    let right = token(&body, password);
    if !bool::from(claimed.as_bytes().ct_eq(right.as_bytes())) {
        return None;
    }
    let text = |name: &str| match body.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    Some(Notified { terminal_key: text("TerminalKey")?, payment: text("PaymentId")?, key: text("OrderId")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_as_documented() {
        let body = json!({
            "TerminalKey": "1700000000001DEMO", "Amount": 30800, "OrderId": "APP-100245",
            "Description": "Заказ APP-100245", "NotificationURL": "https://api.example.ru/hooks/tbank",
            "Receipt": { "Phone": "+79120000001" }, "Token": "ignored",
        });
        let Value::Object(body) = body else { unreachable!("an object") };
        let right = "4df2ab9ccd36a9e1e2589278f9acc97344daebc2588c7c1c102334fb744a876d";
        assert_eq!(token(&body, "demo-password"), right);
    }

    #[test]
    fn believes_signed_notifications_only() {
        let text = r#"{"TerminalKey":"1700000000001DEMO","OrderId":"APP-100245","Success":true,"Status":"CONFIRMED",
            "PaymentId":4321987650,"ErrorCode":"0","Amount":30800,
            "Token":"2e4b162c5885313e24fae323190e08e228a2c86709f1183ba65294ed25a5a268"}"#;
        let read = notification(text.as_bytes(), "demo-password").expect("a true one");
        assert_eq!((read.payment.as_str(), read.key.as_str()), ("4321987650", "APP-100245"));
        assert_eq!(terminal_of(text.as_bytes()).as_deref(), Some("1700000000001DEMO"));
        assert_eq!(notification(text.as_bytes(), "other"), None);
        let forged = text.replace("30800", "1");
        assert_eq!(notification(forged.as_bytes(), "demo-password"), None);
    }
}

//! YooKassa, API v3: payments by the fast payment system (SBP), one stage.
//!
//! Everything that changes something carries an `Idempotence-Key`, which YooKassa remembers for
//! [`KEY_REMEMBERED_MS`]. Its notifications are not signed: they are believed from its own addresses only
//! ([`crate::nets`]), and even then only as a hint to read the payment.

use data_encoding::BASE64;
use http::Method;
use kernel::time::HOUR_MS;
use kernel::{Currency, Money};
use partner::{Answer, Request};
use serde::{Deserialize, Serialize};

use crate::port::{
    Confirmation, DESCRIPTION_LEN_MAX, NewPayment, NewRefund, PaymentState, Reading, RefundState, State,
    TIMEOUT_MS, Unsupported,
};
use crate::receipt::Receipt;

/// How long a key is remembered; after that a repetition would be a second payment or refund.
pub const KEY_REMEMBERED_MS: i64 = 24 * HOUR_MS;

/// An account with YooKassa.
#[derive(Clone)]
pub struct Shop {
    /// Without the path: `https://api.yookassa.ru`.
    pub base_url: String,
    pub shop_id: String,
    pub secret_key: String,
}

impl std::fmt::Debug for Shop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Shop({} at {})", self.shop_id, self.base_url)
    }
}

#[derive(Serialize)]
struct AmountBody {
    value: String,
    currency: &'static str,
}

#[derive(Serialize)]
struct PaymentBody<'a> {
    amount: AmountBody,
    capture: bool,
    description: String,
    payment_method_data: Typed,
    confirmation: ConfirmationBody<'a>,
    metadata: Metadata<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<ReceiptBody>,
}

#[derive(Serialize)]
struct Typed {
    r#type: &'static str,
}

#[derive(Serialize)]
struct ConfirmationBody<'a> {
    r#type: &'static str,
    return_url: &'a str,
}

#[derive(Serialize)]
struct Metadata<'a> {
    order_id: &'a str,
    payment_id: &'a str,
}

#[derive(Serialize)]
struct ReceiptBody {
    customer: Customer,
    #[serde(skip_serializing_if = "Option::is_none")]
    internet: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax_system_code: Option<u8>,
    items: Vec<ItemBody>,
}

#[derive(Serialize)]
struct Customer {
    phone: String,
}

#[derive(Serialize)]
struct ItemBody {
    description: String,
    quantity: u32,
    amount: AmountBody,
    vat_code: u8,
    payment_mode: &'static str,
    payment_subject: &'static str,
    measure: &'static str,
}

#[derive(Serialize)]
struct RefundBody<'a> {
    payment_id: &'a str,
    amount: AmountBody,
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<ReceiptBody>,
}

/// Characters of a refund's description.
const REFUND_DESCRIPTION_LEN_MAX: usize = 250;

impl Shop {
    pub(crate) fn open(&self, new: &NewPayment<'_>) -> Result<Request, Unsupported> {
        let body = PaymentBody {
            amount: amount(new.amount),
            capture: true,
            description: new.description.chars().take(DESCRIPTION_LEN_MAX).collect(),
            payment_method_data: Typed { r#type: "sbp" },
            confirmation: ConfirmationBody { r#type: "redirect", return_url: new.return_url },
            metadata: Metadata { order_id: new.order, payment_id: new.key },
            receipt: new
                .receipt
                .map(|receipt| receipt_body(receipt, new.amount.currency(), true))
                .transpose()?,
        };
        Ok(self.post("/v3/payments", new.key, &body))
    }

    pub(crate) fn get(&self, payment: &str) -> Request {
        self.read(&format!("/v3/payments/{payment}"))
    }

    pub(crate) fn refund(&self, new: &NewRefund<'_>) -> Result<Request, Unsupported> {
        let body = RefundBody {
            payment_id: new.payment,
            amount: amount(new.amount),
            description: new.description.chars().take(REFUND_DESCRIPTION_LEN_MAX).collect(),
            receipt: new
                .receipt
                .map(|receipt| receipt_body(receipt, new.amount.currency(), false))
                .transpose()?,
        };
        Ok(self.post("/v3/refunds", new.key, &body))
    }

    pub(crate) fn get_refund(&self, refund: &str) -> Request {
        self.read(&format!("/v3/refunds/{refund}"))
    }

    fn post(&self, path: &str, key: &str, body: &impl Serialize) -> Request {
        let body = serde_json::to_vec(body).expect("plain structs with text keys are JSON");
        let headers = vec![
            ("authorization", self.authorization()),
            ("content-type", "application/json".to_owned()),
            ("idempotence-key", key.to_owned()),
        ];
        let url = format!("{}{path}", self.base_url);
        Request { method: Method::POST, url, headers, body, timeout_ms: TIMEOUT_MS }
    }

    fn read(&self, path: &str) -> Request {
        let headers = vec![("authorization", self.authorization())];
        let url = format!("{}{path}", self.base_url);
        Request { method: Method::GET, url, headers, body: Vec::new(), timeout_ms: TIMEOUT_MS }
    }

    fn authorization(&self) -> String {
        format!("Basic {}", BASE64.encode(format!("{}:{}", self.shop_id, self.secret_key).as_bytes()))
    }
}

fn amount(money: Money) -> AmountBody {
    AmountBody { value: money.amount(), currency: money.currency().code() }
}

fn receipt_body(receipt: &Receipt, currency: Currency, internet: bool) -> Result<ReceiptBody, Unsupported> {
    receipt.check()?;
    let item = |item: &crate::receipt::Item| {
        Ok(ItemBody {
            description: item.name(),
            quantity: item.quantity,
            amount: amount(Money::new(item.unit_minor, currency)),
            vat_code: item.vat(receipt.mode)?.code,
            payment_mode: receipt.mode.code(),
            payment_subject: "commodity",
            measure: "piece",
        })
    };
    Ok(ReceiptBody {
        customer: Customer { phone: receipt.phone.trim_start_matches('+').to_owned() },
        internet: internet.then_some(true),
        tax_system_code: receipt.tax_system,
        items: receipt.items.iter().map(item).collect::<Result<_, _>>()?,
    })
}

#[derive(Deserialize)]
struct PaymentAnswer {
    id: String,
    status: String,
    amount: AmountAnswer,
    confirmation: Option<ConfirmationAnswer>,
    cancellation_details: Option<Cancellation>,
}

#[derive(Deserialize)]
struct AmountAnswer {
    value: String,
    currency: String,
}

#[derive(Deserialize)]
struct ConfirmationAnswer {
    confirmation_url: Option<String>,
    confirmation_data: Option<String>,
}

#[derive(Deserialize)]
struct Cancellation {
    reason: String,
}

#[derive(Deserialize)]
struct RefundAnswer {
    id: String,
    status: String,
    cancellation_details: Option<Cancellation>,
}

#[derive(Deserialize)]
struct ErrorAnswer {
    code: String,
    parameter: Option<String>,
    retry_after: Option<i64>,
}

/// Reads the answer to opening or reading a payment.
pub(crate) fn payment(answer: &Answer) -> Reading<PaymentState> {
    if answer.status != 200 {
        return failure(answer);
    }
    let Ok(read) = serde_json::from_slice::<PaymentAnswer>(&answer.body) else {
        return Reading::Again { after_ms: None };
    };
    let currency = Currency::parse(&read.amount.currency);
    let Some(amount) = currency.ok().and_then(|currency| Money::parse(&read.amount.value, currency).ok())
    else {
        return Reading::Again { after_ms: None };
    };
    let confirmation = read.confirmation.and_then(|confirmation| {
        let link = confirmation.confirmation_url.map(Confirmation::Redirect);
        link.or(confirmation.confirmation_data.map(Confirmation::Qr))
    });
    Reading::Known(PaymentState {
        id: read.id,
        amount,
        state: state(&read.status, read.cancellation_details),
        confirmation,
    })
}

/// Reads the answer to asking for or reading a refund.
pub(crate) fn refund(answer: &Answer) -> Reading<RefundState> {
    if answer.status != 200 {
        return failure(answer);
    }
    let Ok(read) = serde_json::from_slice::<RefundAnswer>(&answer.body) else {
        return Reading::Again { after_ms: None };
    };
    Reading::Known(RefundState { id: read.id, state: state(&read.status, read.cancellation_details) })
}

fn state(status: &str, cancellation: Option<Cancellation>) -> State {
    match status {
        "succeeded" => State::Succeeded,
        "canceled" => {
            let reason = cancellation.map_or_else(|| "canceled".to_owned(), |details| details.reason);
            State::Cancelled { reason }
        }
        _ => State::Pending,
    }
}

/// The key was used with another body: whatever was asked under it may have happened.
const KEY_PARAMETER: &str = "Idempotence-Key";

fn failure<T>(answer: &Answer) -> Reading<T> {
    let error = serde_json::from_slice::<ErrorAnswer>(&answer.body).ok();
    let after_ms = error.as_ref().and_then(|error| error.retry_after);
    let reason = error.as_ref().map_or_else(|| format!("http_{}", answer.status), |error| error.code.clone());
    let about_key = error.and_then(|error| error.parameter).is_some_and(|name| name == KEY_PARAMETER);
    match answer.status {
        401 | 403 => Reading::Misconfigured { reason },
        400 if about_key => Reading::Misconfigured { reason: "idempotence_key_duplicated".to_owned() },
        400 | 404 | 405 | 410 | 415 => Reading::Refused { reason },
        _ => Reading::Again { after_ms },
    }
}

/// What a notification is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A payment, by YooKassa's id.
    Payment(String),
    /// A refund, by YooKassa's id, and its payment.
    Refund { id: String, payment: String },
    /// Something that we do not use.
    Other,
}

#[derive(Deserialize)]
struct Notification {
    event: String,
    object: NotifiedObject,
}

#[derive(Deserialize)]
struct NotifiedObject {
    id: String,
    payment_id: Option<String>,
}

/// Reads a notification: what it is about, and nothing that it claims. None when it is not one.
#[must_use]
pub fn notification(body: &[u8]) -> Option<Subject> {
    let read: Notification = serde_json::from_slice(body).ok()?;
    let (noun, _) = read.event.split_once('.')?;
    Some(match (noun, read.object.payment_id) {
        ("payment", _) => Subject::Payment(read.object.id),
        ("refund", Some(payment)) => Subject::Refund { id: read.object.id, payment },
        _ => Subject::Other,
    })
}

//! What iikoCloud says about orders.
//!
//! Texts of errors are free and change: only statuses and the documented codes are relied upon.

use partner::{Answer, Fault};
use serde::Deserialize;

use crate::number::Num;

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read<T> {
    Known(T),
    /// The request is wrong: it must not be repeated as it is.
    Refused {
        reason: String,
    },
    /// The token is not valid any more: get another and repeat.
    Unauthorised,
    /// Too many requests: nothing was done.
    Throttled,
    /// Nothing left us, or nothing can have arrived.
    NotSent,
    /// Nobody knows whether it was done.
    Unknown {
        reason: String,
    },
    /// Too old to be known.
    Gone,
}

/// An answer to sending an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Created {
    /// Passed on to the till; not accepted yet.
    InProgress { correlation: String },
    /// There is such an order already: look it up.
    Duplicate,
    /// As it stands.
    Info(OrderInfo),
}

/// Whether a till is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alive(pub bool);

/// How a command goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandState {
    InProgress,
    /// It is on the till.
    Success,
    Error {
        message: String,
    },
}

/// An order as iiko has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderInfo {
    pub id: String,
    pub organization: String,
    /// Grows with every change; older news is to be ignored.
    pub revision: i64,
    pub creation: Creation,
    /// The order on the till, once it is there.
    pub order: Option<TillOrder>,
}

/// Whether the order came to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Creation {
    Success,
    InProgress,
    Error(Refusal),
}

/// An order on the till.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TillOrder {
    pub status: TillStatus,
    /// What the barista calls it.
    pub number: Option<String>,
    /// What it comes to at the till; none when that cannot be read.
    pub sum_minor: Option<i64>,
}

/// How far the till has got; deliveries and orders of the house together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TillStatus {
    Received,
    Cooking,
    Ready,
    /// Handed over, or closed with its receipt.
    HandedOver,
    Cancelled,
}

/// Why an order did not come to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A product, size, modifier or price is not what the till has.
    MenuChanged {
        code: String,
    },
    OutOfStock {
        code: String,
    },
    /// The organisation or its terminal group does not take orders.
    OutletClosed {
        code: String,
    },
    /// The till did not take it in time.
    TillOffline {
        code: String,
    },
    /// There is one with that id.
    Duplicate,
    Other {
        code: String,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreatedBody {
    correlation_id: String,
    order_info: InfoBody,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InfoBody {
    id: String,
    organization_id: String,
    timestamp: i64,
    creation_status: String,
    error_info: Option<ErrorInfoBody>,
    order: Option<OrderBody>,
}

#[derive(Deserialize)]
struct ErrorInfoBody {
    code: String,
    message: Option<String>,
}

#[derive(Deserialize)]
struct OrderBody {
    status: String,
    number: Option<Num>,
    sum: Option<Num>,
}

#[derive(Deserialize)]
struct OrdersBody {
    orders: Vec<InfoBody>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RevisionsBody {
    max_revision: i64,
    orders_by_organizations: Vec<OrdersBody>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AliveBody {
    is_alive_status: Vec<AliveStatus>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AliveStatus {
    is_alive: bool,
    terminal_group_id: String,
}

#[derive(Deserialize)]
struct StateBody {
    state: String,
    exception: Option<ExceptionBody>,
}

#[derive(Deserialize)]
struct ExceptionBody {
    message: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ErrorBody {
    error_description: Option<String>,
    error: Option<String>,
}

/// Where iiko names a repeated order id, in whichever part of an answer.
const DUPLICATE: &str = "DuplicatedOrderId";
/// Characters of a reason that are kept.
const REASON_LEN_MAX: usize = 300;

/// The body of a success, or what else became of the call.
fn known<T: for<'de> Deserialize<'de>>(answer: &Result<Answer, Fault>) -> Read<T> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(Fault::NotSent(_)) => return Read::NotSent,
        Err(Fault::NoAnswer(reason)) => return Read::Unknown { reason: shorten(reason) },
    };
    let reason = || {
        let error = serde_json::from_slice::<ErrorBody>(&answer.body).ok();
        let words = error.and_then(|error| error.error_description.or(error.error));
        shorten(&format!("{} {}", answer.status, words.unwrap_or_default()))
    };
    match answer.status {
        200 => serde_json::from_slice(&answer.body)
            .map_or_else(|error| Read::Unknown { reason: shorten(&format!("200 {error}")) }, Read::Known),
        401 => Read::Unauthorised,
        410 => Read::Gone,
        429 => Read::Throttled,
        408 | 500.. => Read::Unknown { reason: reason() },
        _ => Read::Refused { reason: reason() },
    }
}

fn shorten(text: &str) -> String {
    text.chars().take(REASON_LEN_MAX).collect()
}

impl<T> Read<T> {
    fn map<U>(self, with: impl FnOnce(T) -> U) -> Read<U> {
        match self {
            Self::Known(value) => Read::Known(with(value)),
            Self::Refused { reason } => Read::Refused { reason },
            Self::Unauthorised => Read::Unauthorised,
            Self::Throttled => Read::Throttled,
            Self::NotSent => Read::NotSent,
            Self::Unknown { reason } => Read::Unknown { reason },
            Self::Gone => Read::Gone,
        }
    }
}

/// The answer to `terminal_groups/is_alive`. A group that is not in the answer is not connected.
#[must_use]
pub fn alive(answer: &Result<Answer, Fault>, terminal_group: &str) -> Read<Alive> {
    known::<AliveBody>(answer).map(|body| {
        let of_group = |status: &&AliveStatus| status.terminal_group_id.eq_ignore_ascii_case(terminal_group);
        Alive(body.is_alive_status.iter().find(of_group).is_some_and(|status| status.is_alive))
    })
}

/// The answer to sending an order.
#[must_use]
pub fn created(answer: &Result<Answer, Fault>) -> Read<Created> {
    let read = known::<CreatedBody>(answer);
    if let (Read::Refused { .. }, Ok(answer)) = (&read, answer)
        && String::from_utf8_lossy(&answer.body).contains(DUPLICATE)
    {
        return Read::Known(Created::Duplicate);
    }
    read.map(|body| {
        let info = info(body.order_info);
        match info.creation {
            Creation::InProgress => Created::InProgress { correlation: body.correlation_id },
            Creation::Error(Refusal::Duplicate) => Created::Duplicate,
            Creation::Success | Creation::Error(_) => Created::Info(info),
        }
    })
}

/// The answer to `commands/status`.
#[must_use]
pub fn command(answer: &Result<Answer, Fault>) -> Read<CommandState> {
    known::<StateBody>(answer).map(|body| match body.state.as_str() {
        "Success" => CommandState::Success,
        "Error" => {
            let message = body.exception.and_then(|exception| exception.message).unwrap_or_default();
            CommandState::Error { message: shorten(&message) }
        }
        _ => CommandState::InProgress,
    })
}

/// The answer to reading orders.
#[must_use]
pub fn orders(answer: &Result<Answer, Fault>) -> Read<Vec<OrderInfo>> {
    known::<OrdersBody>(answer).map(|body| body.orders.into_iter().map(info).collect())
}

/// The answer to reading what changed: the newest revision, and the orders.
#[must_use]
pub fn changes(answer: &Result<Answer, Fault>) -> Read<(i64, Vec<OrderInfo>)> {
    known::<RevisionsBody>(answer).map(|body| {
        let orders = body.orders_by_organizations.into_iter().flat_map(|part| part.orders);
        (body.max_revision, orders.map(info).collect())
    })
}

/// The answer to a command of which only acceptance matters.
#[must_use]
pub fn accepted(answer: &Result<Answer, Fault>) -> Read<()> {
    known::<serde::de::IgnoredAny>(answer).map(|_| ())
}

pub(super) fn info(body: InfoBody) -> OrderInfo {
    let creation = match body.creation_status.as_str() {
        "Success" => Creation::Success,
        "Error" => Creation::Error(refusal(body.error_info)),
        _ => Creation::InProgress,
    };
    let order = body.order.map(|order| TillOrder {
        status: status(&order.status),
        number: order.number.as_ref().and_then(|number| number.scaled(0)).map(|number| number.to_string()),
        sum_minor: order.sum.as_ref().and_then(|sum| sum.scaled(2)),
    });
    OrderInfo {
        id: body.id.to_ascii_lowercase(),
        organization: body.organization_id.to_ascii_lowercase(),
        revision: body.timestamp,
        creation,
        order,
    }
}

fn status(name: &str) -> TillStatus {
    match name {
        "CookingStarted" => TillStatus::Cooking,
        "CookingCompleted" | "Waiting" | "OnWay" => TillStatus::Ready,
        "Delivered" | "Closed" => TillStatus::HandedOver,
        "Cancelled" | "Deleted" => TillStatus::Cancelled,
        // Unconfirmed, WaitCooking, ReadyForCooking; New and Bill of orders of the house; whatever comes to be added.
        _ => TillStatus::Received,
    }
}

fn refusal(error: Option<ErrorInfoBody>) -> Refusal {
    let Some(ErrorInfoBody { code, message }) = error else { return Refusal::Other { code: String::new() } };
    let words = message.unwrap_or_default();
    let tells = |part: &str| code.contains(part) || words.contains(part);
    match code.as_str() {
        DUPLICATE => Refusal::Duplicate,
        _ if tells("StopList") || tells("stop list") => Refusal::OutOfStock { code },
        "ProductNotFound"
        | "ProductSizeNotFound"
        | "ProductGroupNotFound"
        | "ModifierDuplicated"
        | "RequestProductPriceIsNotEqualToFrontPrice" => Refusal::MenuChanged { code },
        "TerminalGroupIdNotDetermined"
        | "TerminalGroupUnregistered"
        | "TerminalGroupDisabled"
        | "OrganizationDisabled"
        | "OrganizationUnregistered" => Refusal::OutletClosed { code },
        "Common" if tells("timeout") => Refusal::TillOffline { code },
        _ => Refusal::Other { code },
    }
}

impl Refusal {
    /// iiko's code, for the log and the office.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Duplicate => DUPLICATE,
            Self::MenuChanged { code }
            | Self::OutOfStock { code }
            | Self::OutletClosed { code }
            | Self::TillOffline { code }
            | Self::Other { code } => code,
        }
    }
}

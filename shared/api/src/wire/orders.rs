//! Orders: placed, paid, followed, undone.

use serde::{Deserialize, Serialize};

use super::{MoneyBody, ReasonBody};

/// Makes an order from a quote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OrderBody {
    /// `quo_…`, of the caller's own.
    #[cfg_attr(feature = "schema", schemars(length(min = 17, max = 17)))]
    pub quote: String,
    /// Words to the barista.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 200)))]
    pub comment: Option<String>,
}

/// An order as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrderReply {
    /// `ord_…`
    pub id: String,
    /// What guest and barista call it.
    pub number: String,
    /// The till's own number of it, once it is there.
    pub till_number: Option<String>,
    pub outlet: String,
    /// `awaiting_payment`, `dispatching`, `accepted`, `completed`, `cancelling`, `cancelled`.
    pub stage: String,
    /// Where it stands, for the guest.
    pub status: ReasonBody,
    /// Why it was or is being cancelled.
    pub cancel_reason: Option<String>,
    pub created_at: String,
    /// Until then it may be paid.
    pub pay_until: String,
    /// Null for as soon as possible.
    pub pickup_at: Option<String>,
    /// When the outlet's till is told of an order for later; null for one that it is told of at once.
    pub to_till_at: Option<String>,
    pub comment: Option<String>,
    pub lines: Vec<OrderLineReply>,
    pub list: MoneyBody,
    pub discount: MoneyBody,
    /// What is paid in money.
    pub payable: MoneyBody,
    pub points_spent: String,
    /// Earned once it is handed over.
    pub points_earned: String,
    /// The newest attempt to pay; null where there is nothing to pay.
    pub payment: Option<PaymentReply>,
    pub refunds: Vec<RefundReply>,
    /// `rcp_…` of the sale that it became.
    pub receipt: Option<String>,
    /// Whether the guest may still cancel it.
    pub can_cancel: bool,
    /// Whether another attempt to pay may be made.
    pub can_pay_again: bool,
}

/// A line of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrderLineReply {
    pub line_no: u32,
    pub name: String,
    pub size: Option<String>,
    pub modifiers: Vec<String>,
    pub quantity: u32,
    /// Before discounts.
    pub list: MoneyBody,
    /// What is paid for it in money.
    pub paid: MoneyBody,
}

/// An attempt to pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PaymentReply {
    /// `pay_…`
    pub id: String,
    /// `new`, `pending`, `succeeded`, `cancelled`.
    pub status: String,
    pub amount: MoneyBody,
    /// How to pay, while it can be paid; null for a moment while it is being opened.
    pub confirmation: Option<ConfirmationReply>,
    /// Why it came to nothing, in the acquirer's words.
    pub reason: Option<String>,
}

/// How a guest pays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConfirmationReply {
    /// `redirect`: a link to open; `qr`: a text to draw as a QR code, or to open on a phone.
    pub kind: String,
    pub data: String,
}

/// Money on its way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RefundReply {
    /// `rfd_…`
    pub id: String,
    /// `new`, `pending`, `succeeded`, `failed`, `replaced`.
    pub status: String,
    pub amount: MoneyBody,
    /// `cancelled`, `superfluous`, `returned`.
    pub why: String,
    pub created_at: String,
}

/// A page of the caller's orders, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrdersReply {
    pub items: Vec<OrderReply>,
    /// Null on the last page.
    pub next_cursor: Option<String>,
}

/// Orders at which a person should look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StuckOrdersReply {
    /// Those that wait longest first.
    pub items: Vec<DeskOrderReply>,
    /// There are more than the page holds.
    pub more: bool,
}

/// An order as the office sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeskOrderReply {
    pub order: OrderReply,
    /// `mbr_…`
    pub member: String,
    /// Why a person should look; null where none needs to.
    pub stuck: Option<StuckReply>,
    /// All attempts to pay.
    pub payments: Vec<PaymentReply>,
    /// What is known of it at the till: `held`, `due`, `sending`, `sent`, `accepted`, `cancel_due`, `absent`.
    pub dispatch: String,
    /// `none`, `received`, `cooking`, `ready`, `handed_over`.
    pub progress: String,
    /// Its id at the till system.
    pub till_id: String,
    /// What waits to be done with partners.
    pub steps: Vec<StepReply>,
    /// What happened, oldest first.
    pub log: Vec<LogReply>,
}

/// Why a person should look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StuckReply {
    /// `till_silent`, `till_keeps_order`, `never_closed`, `refund_refused`, `acquirer_silent`, `sale_refused`,
    /// `sum_differs`, `cancelled_after_sale`.
    pub code: String,
    pub text: String,
    pub since: String,
}

/// A thing to do with a partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StepReply {
    pub kind: String,
    pub due_at: String,
    pub tries: u32,
    pub last_error: Option<String>,
}

/// A line of an order's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LogReply {
    pub at: String,
    pub what: String,
    pub detail: Option<String>,
}

/// How a person settles a stuck order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ResolveBody {
    pub resolution: ResolutionBody,
}

/// What a person has found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ResolutionBody {
    /// Look again, and ask again for refunds that were refused.
    Retry,
    /// The order is at the till.
    TillHasIt,
    /// The order is not at the till: the money goes back.
    TillHasNot,
    /// The goods were handed over: it is a sale.
    HandedOver,
    /// The money of refused refunds was given back by other means.
    RefundedByHand,
}

/// Goods that come back from an order that was handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OrderRefundBody {
    /// Absent: everything that is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 200)))]
    pub lines: Option<Vec<OrderRefundLineBody>>,
}

/// Pieces of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OrderRefundLineBody {
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 200)))]
    pub line_no: u32,
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 10_000)))]
    pub quantity: u32,
}

/// Who takes money for a franchisee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AcquirerBody {
    pub kind: AcquirerKindBody,
    /// The acquirer's name of the account: shop id, terminal key.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub account: String,
    /// Secret key or password. Stored encrypted and never shown.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 256)))]
    pub secret: String,
    /// The seller's tax system, 1 to 6; absent: as set at the acquirer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 6)))]
    pub tax_system: Option<u8>,
    /// The receipt says "prepaid in full", and the till makes a second one when the order is handed over.
    pub prepaid: bool,
    /// The acquirer registers fiscal receipts.
    pub receipts: bool,
}

/// Acquirers that are spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AcquirerKindBody {
    Yookassa,
    Tbank,
}

/// Who takes money for a franchisee, without the secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AcquirerReply {
    /// `yookassa` or `tbank`.
    pub kind: String,
    pub account: String,
    pub tax_system: Option<u8>,
    pub prepaid: bool,
    pub receipts: bool,
}

/// What a run of the outbox did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DispatchRunReply {
    pub steps: u64,
    /// Steps that met a failure of ours; they stay due.
    pub failed: u64,
    /// The run stopped at its bound: call again for the rest, or leave it to the timer.
    pub more: bool,
    /// When something is due next; null while nothing waits.
    pub next_due_at: Option<String>,
}

//! Receipts from tills.

use serde::{Deserialize, Serialize};

use super::{GuestBody, MoneyBody, PointsBalance, ReasonBody};

/// A sale. Outlet, business date and number identify it for ever: sent again with the same content it answers the
/// same, with other content it is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReceiptBody {
    /// The chain's code of the outlet; must be the till's own.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 32)))]
    pub outlet: String,
    /// The outlet's trading date, `2026-11-21`.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^\d{4}-\d{2}-\d{2}$")))]
    pub business_date: String,
    /// The till's receipt number, unique within outlet and business date.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub number: String,
    /// When the sale happened at the outlet, RFC 3339 with an offset.
    pub sold_at: String,
    /// The chain's code of the cashier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 32)))]
    pub staff: Option<String>,
    #[serde(default)]
    pub channel: ChannelBody,
    /// Absent or null: an anonymous sale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest: Option<GuestBody>,
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 200)))]
    pub lines: Vec<ReceiptLineBody>,
    #[cfg_attr(feature = "schema", schemars(length(max = 20)))]
    pub payments: Vec<PaymentBody>,
    /// What the till dropped from the total in the guest's favour, below one whole unit; absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounding: Option<MoneyBody>,
    /// The app's order that this is the receipt of, `ord_…` or its id at the till system. Such a receipt is joined with
    /// the order's own and counted once; the guest, points and payments named here are passed over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub order: Option<String>,
    /// A token that stands for the guest's bank card or account at the acquirer, for fraud control. It is hashed with a
    /// secret on arrival and kept nowhere; receipts sent again may leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 8, max = 128)))]
    pub payment_token: Option<String>,
    /// The guest's device, where the till knows it (a kiosk's app, a scanned phone). Treated as `payment_token`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 8, max = 128)))]
    pub device: Option<String>,
}

/// Where the sale was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChannelBody {
    #[default]
    Counter,
    App,
    Bot,
    Delivery,
    Kiosk,
}

impl ChannelBody {
    /// The name on the wire and in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::App => "app",
            Self::Bot => "bot",
            Self::Delivery => "delivery",
            Self::Kiosk => "kiosk",
        }
    }
}

/// One line of a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReceiptLineBody {
    /// Unique within the receipt, from 1.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 9999)))]
    pub line_no: u32,
    /// The brand's product code.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub product: String,
    /// Absent: the catalogue's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 256)))]
    pub name: Option<String>,
    /// Absent: the catalogue's category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 128)))]
    pub category: Option<String>,
    /// Decimal with at most three digits after the point, above zero.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[0-9]{1,6}(\.[0-9]{1,3})?$")))]
    pub quantity: String,
    /// List price of one.
    pub unit_price: MoneyBody,
    /// What was taken off the line; absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount: Option<MoneyBody>,
    /// What the guest owes for the line: quantity × unit price − discount, give or take one minor unit.
    pub amount: MoneyBody,
    /// True when the line was sold under a promotion of the till's own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub promo: bool,
}

/// One payment. The payments sum to the lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PaymentBody {
    pub method: PaymentMethodBody,
    pub amount: MoneyBody,
    /// With `points` only: the hold that reserved them, `hld_…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^hld_[0-9a-hjkmnp-tv-z]{13}$")))]
    pub hold: Option<String>,
}

/// How the guest paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PaymentMethodBody {
    Cash,
    Card,
    /// A fast payment between bank accounts (SBP).
    Transfer,
    GiftCard,
    /// Points of the programme, at their worth, under a hold.
    Points,
    Other,
}

/// What the receipt did. Stored with the receipt, so that a replay answers the same to the byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReceiptReply {
    /// `rcp_…`
    pub id: String,
    pub outlet: String,
    pub business_date: String,
    pub number: String,
    pub sold_at: String,
    pub recorded_at: String,
    pub total: MoneyBody,
    /// Null for an anonymous sale.
    pub guest: Option<ReceiptGuest>,
    /// What was granted, and why not more; null for an anonymous sale.
    pub accrual: Option<AccrualReply>,
    /// What was paid with points; null when nothing was.
    pub redemption: Option<RedemptionReply>,
    /// The guest's points after this receipt; null for an anonymous sale.
    pub balance: Option<PointsBalance>,
}

/// The guest of a receipt, as far as a till may know them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReceiptGuest {
    /// `mbr_…`
    pub member: String,
    /// Code of the tier whose rate applied.
    pub tier: String,
}

/// Points granted by a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccrualReply {
    pub points: String,
    /// When pending points become spendable; null when they are at once.
    pub activates_at: Option<String>,
    /// First instant at which they are no longer good; null when they do not expire.
    pub expires_at: Option<String>,
    pub lines: Vec<AccrualLineReply>,
    /// What cut or shaped the total.
    pub reasons: Vec<ReasonBody>,
    /// Welcome points granted with this receipt, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub welcome: Option<String>,
}

/// Points granted by a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccrualLineReply {
    pub line_no: u32,
    pub points: String,
    pub reason: ReasonBody,
}

/// Points spent on a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RedemptionReply {
    /// `hld_…`
    pub hold: String,
    pub points: String,
    pub value: MoneyBody,
    /// Held points that the receipt did not need and that came back.
    pub released: String,
    /// The price reduction of each line, for the fiscal receipt: sums to `value`.
    pub lines: Vec<RedemptionLineReply>,
}

/// Points spent on a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RedemptionLineReply {
    pub line_no: u32,
    pub points: String,
    pub value: MoneyBody,
}

/// One line of a batch (NDJSON): a receipt or a return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum BatchItemBody {
    Receipt(Box<ReceiptBody>),
    Return(Box<super::returns::ReturnBody>),
}

/// What became of one line of a batch (NDJSON, in the order of the request).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BatchItemReply {
    /// Line number in the request, from 1.
    pub line: usize,
    pub outcome: BatchOutcome,
    /// `rcp_…` or `ret_…`; null when refused.
    pub id: Option<String>,
    /// Points granted (a receipt) or given back (a return); null when refused.
    pub points: Option<String>,
    /// The problem document; null unless refused.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<std::collections::BTreeMap<String, serde_json::Value>>")
    )]
    pub problem: Option<serde_json::Value>,
}

/// How a line of a batch was judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BatchOutcome {
    Recorded,
    /// Known before with the same content: nothing changed.
    Replayed,
    Refused,
}

//! A guest's copy of everything kept about them.

use serde::{Deserialize, Serialize};

use super::MoneyBody;
use super::cards::CardReply;
use super::member::{ConsentRecord, MemberReply};
use super::orders::OrderReply;

/// One page. The first holds the record; those after it one list each, until `next_cursor` is null.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExportReply {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<MemberReply>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consents: Vec<ConsentRecord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<CardReply>,
    /// The newest hundred.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sessions: Vec<SessionRecord>,
    /// Devices, chats and mailboxes that messages go to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<ContactRecord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub receipts: Vec<ReceiptRecord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub returns: Vec<ReturnRecord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<HoldRecord>,
    /// With the guest's words to the barista.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub orders: Vec<OrderReply>,
    /// What the guest was to be told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<MessageRecord>,
    /// Movements of points, newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub movements: Vec<MovementRecord>,
    /// Answers to questions about visits, with the guest's words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<AnswerRecord>,
    /// What happened to the guest's tickets, newest ticket first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tickets: Vec<TicketRecord>,
    /// Pass as `cursor` for the next page; null at the end.
    pub next_cursor: Option<String>,
}

/// An answer to a question about a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AnswerRecord {
    /// Code of the outlet.
    pub outlet: String,
    pub business_date: String,
    pub stars: i64,
    pub nps: Option<i64>,
    pub text: Option<String>,
    /// Key of a photo in the chain's file store.
    pub photo: Option<String>,
    pub answered_at: String,
    /// Code of what its game won; null: not played, or nothing won.
    pub prize: Option<String>,
}

/// Something that happened to a ticket. Words among colleagues are not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketRecord {
    /// `tkt_…`
    pub ticket: String,
    pub act: String,
    pub at: String,
    pub text: Option<String>,
    pub points: Option<String>,
}

/// A signed-in device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionRecord {
    /// `ses_…`
    pub id: String,
    pub device: Option<String>,
    pub created_at: String,
    pub refreshed_at: String,
    pub expires_at: String,
    pub ended_at: Option<String>,
}

/// Where messages go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ContactRecord {
    /// `push_fcm`, `push_rustore`, `telegram` or `email`.
    pub channel: String,
    pub address: Option<String>,
    /// `active` or `unconfirmed`.
    pub status: String,
    pub created_at: String,
}

/// What a guest was to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MessageRecord {
    /// `ntf_…`
    pub id: String,
    pub topic: String,
    /// `sent`, `withheld`, …; null while nothing was decided.
    pub status: Option<String>,
    pub channel: Option<String>,
    pub created_at: String,
    pub settled_at: Option<String>,
}

/// A receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReceiptRecord {
    /// `rcp_…`
    pub id: String,
    pub outlet: String,
    pub outlet_name: String,
    pub business_date: String,
    pub number: String,
    pub sold_at: String,
    pub recorded_at: String,
    pub card: Option<String>,
    /// How the guest was named: `card`, `phone`, `rotating_code`, `member`.
    pub identified_by: String,
    pub channel: String,
    pub total: MoneyBody,
    pub points_paid: String,
    pub points_earned: String,
    pub lines: Vec<LineRecord>,
    pub payments: Vec<PaymentRecord>,
}

/// A line of a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LineRecord {
    pub line_no: i64,
    pub product: String,
    pub name: String,
    pub category: String,
    pub quantity: String,
    pub unit_price: MoneyBody,
    pub discount: MoneyBody,
    pub amount: MoneyBody,
    pub points_paid: String,
    pub points_earned: String,
}

/// A payment of a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PaymentRecord {
    pub method: String,
    pub amount: MoneyBody,
}

/// A return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReturnRecord {
    /// `ret_…`
    pub id: String,
    /// `rcp_…`
    pub receipt: String,
    pub outlet: String,
    pub business_date: String,
    pub number: String,
    pub returned_at: String,
    pub recorded_at: String,
    pub refund: MoneyBody,
    pub points_back: String,
    pub points_taken: String,
    pub lines: Vec<ReturnLineRecord>,
}

/// A line of a return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReturnLineRecord {
    pub line_no: i64,
    pub quantity: String,
    pub refund: MoneyBody,
}

/// Points reserved for a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HoldRecord {
    /// `hld_…`
    pub id: String,
    pub outlet: String,
    pub points: String,
    pub value: MoneyBody,
    pub status: String,
    pub captured: String,
    /// `rcp_…`
    pub receipt: Option<String>,
    pub created_at: String,
    pub expires_at: String,
    pub ended_at: Option<String>,
}

/// A movement of points, as the ledger has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MovementRecord {
    /// `ent_…`
    pub id: String,
    pub kind: String,
    pub effective_at: String,
    pub recorded_at: String,
    /// Signed, as the next two.
    pub available: String,
    pub pending: String,
    pub held: String,
    /// `rcp_…`
    pub receipt: Option<String>,
    /// A person's own words, where one decided.
    pub note: Option<String>,
}

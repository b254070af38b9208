//! Everything that is kept about a guest, in pages: the record first, then receipts, returns, holds,
//! orders, movements, answers and tickets.
//!
//! A cursor is the id after which to go on; its prefix says in which list. A list that has ended hands over to the
//! next one's beginning, so a page holds one kind of thing and a copy has an end.

use std::fmt;

use kernel::id::{format_id, parse_id};
use kernel::{
    EntryId, HoldId, MemberId, NotificationId, OrderId, ParseError, ReceiptId, ReturnId, Timestamp,
};
use membership::profile::Consent;
use messaging::Channel;
use store::cards::Card;
use store::contacts::{self, Status, address_place};
use store::exports::{self, ExportedHold, ExportedReceipt, ExportedReturn};
use store::history::{self, Movement};
use store::notifications::{self, Told};
use store::orders::{self, StoredOrder, desk};
use store::sessions::{self, Subject};
use store::{Sql, StoreError, cards, consents};

use super::profile::{self, Profile};
use super::{Refusal, active, words};
use crate::personal::Personal;
use crate::session::label_place;

/// Items on a page.
pub const PAGE: i64 = 100;
/// Tickets on a page, each with its thread.
pub const TICKETS_PER_PAGE: i64 = 20;
/// Sessions listed, newest first.
pub const SESSIONS_LISTED: i64 = 100;

/// Where to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cursor {
    Record,
    Receipts(ReceiptId),
    Returns(ReturnId),
    Holds(HoldId),
    Orders(OrderId),
    Messages(NotificationId),
    /// Newest first: older than this one.
    Movements(EntryId),
    /// Answers after this request's.
    Answers(i64),
    /// Newest first: tickets before this one.
    Tickets(i64),
}

/// What cursors of answers begin with.
const ANSWER: &str = "fba";
/// What cursors and ids of tickets begin with.
pub const TICKET: &str = "tkt";

impl Cursor {
    /// Reads the text form; the record has none.
    ///
    /// # Errors
    /// When it is not a cursor of an export.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let receipts = ReceiptId::parse(text).map(Self::Receipts);
        let returns = receipts.or_else(|_| ReturnId::parse(text).map(Self::Returns));
        let holds = returns.or_else(|_| HoldId::parse(text).map(Self::Holds));
        let orders = holds.or_else(|_| OrderId::parse(text).map(Self::Orders));
        let messages = orders.or_else(|_| NotificationId::parse(text).map(Self::Messages));
        messages
            .or_else(|_| EntryId::parse(text).map(Self::Movements))
            .or_else(|_| parse_id(ANSWER, text).map(Self::Answers))
            .or_else(|_| parse_id(TICKET, text).map(Self::Tickets))
            .map_err(|_| ParseError("not a cursor of an export"))
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record => Ok(()),
            Self::Receipts(id) => id.fmt(f),
            Self::Returns(id) => id.fmt(f),
            Self::Holds(id) => id.fmt(f),
            Self::Orders(id) => id.fmt(f),
            Self::Messages(id) => id.fmt(f),
            Self::Movements(id) => id.fmt(f),
            Self::Answers(id) => f.write_str(&format_id(ANSWER, *id)),
            Self::Tickets(id) => f.write_str(&format_id(TICKET, *id)),
        }
    }
}

/// One page of a copy.
#[derive(Debug, Clone)]
pub struct Page {
    pub content: Content,
    /// `None` at the end.
    pub next: Option<Cursor>,
}

/// What a page holds.
#[derive(Debug, Clone)]
pub enum Content {
    Record(Box<Record>),
    Receipts(Vec<ExportedReceipt>),
    Returns(Vec<ExportedReturn>),
    Holds(Vec<ExportedHold>),
    Orders(Vec<StoredOrder>),
    Messages(Vec<Told>),
    Movements(Vec<Movement>),
    Answers(Vec<words::Answer>),
    Tickets(Vec<words::Line>),
}

/// The first page.
#[derive(Debug, Clone)]
pub struct Record {
    pub profile: Profile,
    pub consents: Vec<Consent>,
    pub cards: Vec<Card>,
    pub devices: Vec<Device>,
    pub addresses: Vec<KnownAddress>,
}

/// Where the guest can be written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownAddress {
    pub channel: Channel,
    pub status: Status,
    /// In clear: it is the guest's own.
    pub address: Option<String>,
    pub created_at: Timestamp,
}

/// A session as its guest may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    pub id: kernel::SessionId,
    pub label: Option<String>,
    pub created_at: Timestamp,
    pub refreshed_at: Timestamp,
    pub expires_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

/// One page of everything kept about a member.
///
/// # Errors
/// [`crate::Refusal::MemberInactive`]; a failure of storage.
pub fn page(
    sql: &dyn Sql,
    member: MemberId,
    cursor: Cursor,
    personal: Personal<'_>,
) -> Result<Page, Refusal> {
    active(sql, member)?;
    Ok(match cursor {
        Cursor::Record => Page {
            content: Content::Record(Box::new(record(sql, member, personal)?)),
            next: Some(Cursor::Receipts(ReceiptId::from_raw(0))),
        },
        Cursor::Receipts(after) => {
            let items = exports::list_receipts(sql, member, after, PAGE)?;
            let next =
                more(&items).map_or(Cursor::Returns(ReturnId::from_raw(0)), |last| Cursor::Receipts(last.id));
            Page { content: Content::Receipts(items), next: Some(next) }
        }
        Cursor::Returns(after) => {
            let items = exports::list_returns(sql, member, after, PAGE)?;
            let next =
                more(&items).map_or(Cursor::Holds(HoldId::from_raw(0)), |last| Cursor::Returns(last.id));
            Page { content: Content::Returns(items), next: Some(next) }
        }
        Cursor::Holds(after) => {
            let items = exports::list_holds(sql, member, after, PAGE)?;
            let next =
                more(&items).map_or(Cursor::Orders(OrderId::from_raw(0)), |last| Cursor::Holds(last.id));
            Page { content: Content::Holds(items), next: Some(next) }
        }
        Cursor::Orders(after) => {
            let ids = desk::list_of_member_after(sql, member, after, PAGE)?;
            let next = more(&ids)
                .map_or(Cursor::Messages(NotificationId::from_raw(0)), |last| Cursor::Orders(*last));
            let found = ids.into_iter().filter_map(|id| orders::load(sql, id).transpose());
            Page { content: Content::Orders(found.collect::<Result<_, _>>()?), next: Some(next) }
        }
        Cursor::Messages(after) => {
            let items = notifications::list_of_member(sql, member, after.raw(), PAGE)?;
            let next = more(&items).map_or(Cursor::Movements(EntryId::from_raw(i64::MAX)), |last| {
                Cursor::Messages(NotificationId::from_raw(last.id))
            });
            Page { content: Content::Messages(items), next: Some(next) }
        }
        Cursor::Movements(before) => {
            let items = history::list(sql, member, before, Timestamp::from_millis(0), PAGE)?;
            let next = more(&items).map_or(Cursor::Answers(0), |last| Cursor::Movements(last.id));
            Page { content: Content::Movements(items), next: Some(next) }
        }
        Cursor::Answers(after) => {
            let items = words::answers(sql, member, after, PAGE, personal)?;
            let next =
                more(&items).map_or(Cursor::Tickets(i64::MAX), |last| Cursor::Answers(last.stored.request));
            Page { content: Content::Answers(items), next: Some(next) }
        }
        Cursor::Tickets(before) => {
            let (items, next) = words::lines(sql, member, before, TICKETS_PER_PAGE, personal)?;
            Page { content: Content::Tickets(items), next: next.map(Cursor::Tickets) }
        }
    })
}

/// The last item of a full page: there may be more after it.
fn more<T>(items: &[T]) -> Option<&T> {
    items.last().filter(|_| items.len() as i64 == PAGE)
}

fn record(sql: &dyn Sql, member: MemberId, personal: Personal<'_>) -> Result<Record, Refusal> {
    Ok(Record {
        profile: profile::read(sql, member, personal)?,
        consents: consents::list(sql, member)?,
        cards: cards::list(sql, member)?,
        devices: devices(sql, member, personal)?,
        addresses: addresses(sql, member, personal)?,
    })
}

fn devices(sql: &dyn Sql, member: MemberId, personal: Personal<'_>) -> Result<Vec<Device>, StoreError> {
    let sessions = sessions::list(sql, Subject::Member, member.raw(), SESSIONS_LISTED)?;
    sessions
        .into_iter()
        .map(|session| {
            Ok(Device {
                label: personal.open(label_place(session.id), session.label_sealed.as_deref())?,
                id: session.id,
                created_at: session.created_at,
                refreshed_at: session.refreshed_at,
                expires_at: session.expires_at,
                ended_at: session.ended_at,
            })
        })
        .collect()
}

fn addresses(
    sql: &dyn Sql,
    member: MemberId,
    personal: Personal<'_>,
) -> Result<Vec<KnownAddress>, StoreError> {
    contacts::list(sql, member)?
        .into_iter()
        .map(|contact| {
            Ok(KnownAddress {
                address: personal.open(address_place(contact.id), contact.address_sealed.as_deref())?,
                channel: contact.channel,
                status: contact.status,
                created_at: contact.created_at,
            })
        })
        .collect()
}

//! Intents to tell guests something. Channels, quiet hours and words are chosen by who sends them.

use kernel::time::DAY_MS;
use kernel::{MemberId, Points};
use serde_json::json;
use store::feedback::requests::Due;
use store::tiers::warnings::{self, Intent};
use store::{Sql, StoreError};

use crate::shown;
use club::Moment;

/// Days after which a word about a ticket is of no use to its guest.
const TICKET_DAYS: i64 = 14;

/// A question about a receipt, once.
pub(crate) fn question(
    tx: &dyn Sql,
    due: &Due,
    url: &str,
    moment: &mut Moment<'_>,
) -> Result<(), StoreError> {
    let intent = Intent {
        id: moment.ids.next(moment.now),
        member: due.member,
        topic: "feedback.request",
        dedupe: &format!("feedback.request:{}", due.receipt.raw()),
        data: &json!({ "outlet": due.outlet_code, "url": url }).to_string(),
        created_at: moment.now,
        expires_at: due.until,
    };
    warnings::insert_intent(tx, &intent)
}

/// A ticket has an answer for its guest.
pub(crate) fn answer(
    tx: &dyn Sql,
    member: MemberId,
    ticket: i64,
    event: i64,
    moment: &mut Moment<'_>,
) -> Result<(), StoreError> {
    let data = json!({ "ticket": shown::ticket_id(ticket) }).to_string();
    about_ticket(tx, member, ("ticket.answer", &format!("ticket.answer:{event}")), &data, moment)
}

/// A ticket is closed.
pub(crate) fn closed(
    tx: &dyn Sql,
    member: MemberId,
    ticket: i64,
    event: i64,
    points: Points,
    moment: &mut Moment<'_>,
) -> Result<(), StoreError> {
    let mut data = json!({ "ticket": shown::ticket_id(ticket) });
    if points.is_positive() {
        data["points"] = json!(points.to_string());
    }
    about_ticket(tx, member, ("ticket.closed", &format!("ticket.closed:{event}")), &data.to_string(), moment)
}

fn about_ticket(
    tx: &dyn Sql,
    member: MemberId,
    (topic, dedupe): (&'static str, &str),
    data: &str,
    moment: &mut Moment<'_>,
) -> Result<(), StoreError> {
    let intent = Intent {
        id: moment.ids.next(moment.now),
        member,
        topic,
        dedupe,
        data,
        created_at: moment.now,
        expires_at: moment.now.plus_millis(TICKET_DAYS * DAY_MS),
    };
    warnings::insert_intent(tx, &intent)
}

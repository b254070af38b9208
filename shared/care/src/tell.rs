//! Intents to tell guests something. Channels, quiet hours and words are chosen by who sends them.

use kernel::time::DAY_MS;
use kernel::{MemberId, Points};
use messaging::Topic;
use serde_json::json;
use store::feedback::requests::Due;
use store::notifications::{self, NewIntent, body_place};
use store::{Sql, StoreError};

use crate::shown;
use club::Moment;
use club::personal::Personal;

/// Days after which a word about a ticket is of no use to its guest.
const TICKET_DAYS: i64 = 14;

/// A question about a receipt, once.
pub(crate) fn question(
    tx: &dyn Sql,
    due: &Due,
    url: &str,
    personal: Personal<'_>,
    moment: &mut Moment<'_>,
) -> Result<(), StoreError> {
    let id = moment.ids.next(moment.now);
    // Whoever has the link answers and plays: it is sealed as words are.
    let sealed = personal.seal(body_place(id), url);
    let intent = NewIntent {
        id,
        member: due.member,
        topic: Topic::FeedbackRequest,
        dedupe: &format!("feedback.request:{}", due.receipt.raw()),
        data: &json!({ "outlet": due.outlet_code }).to_string(),
        body_sealed: Some(&sealed),
        created_at: moment.now,
        expires_at: due.until,
    };
    notifications::insert(tx, &intent)
}

/// A ticket has an answer for its guest, who reads it word for word.
pub(crate) fn answer(
    tx: &dyn Sql,
    member: MemberId,
    (ticket, event): (i64, i64),
    words: &str,
    personal: Personal<'_>,
    moment: &mut Moment<'_>,
) -> Result<(), StoreError> {
    let data = json!({ "ticket": shown::ticket_id(ticket) }).to_string();
    let id = moment.ids.next(moment.now);
    let sealed = personal.seal(body_place(id), words);
    let cause = format!("ticket.answer:{event}");
    let intent = NewIntent {
        body_sealed: Some(&sealed),
        ..about_ticket(id, member, (Topic::TicketAnswer, &cause), &data, moment)
    };
    notifications::insert(tx, &intent)
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
    let (id, data) = (moment.ids.next(moment.now), data.to_string());
    let cause = format!("ticket.closed:{event}");
    notifications::insert(tx, &about_ticket(id, member, (Topic::TicketClosed, &cause), &data, moment))
}

fn about_ticket<'a>(
    id: i64,
    member: MemberId,
    (topic, dedupe): (Topic, &'a str),
    data: &'a str,
    moment: &Moment<'_>,
) -> NewIntent<'a> {
    NewIntent {
        id,
        member,
        topic,
        dedupe,
        data,
        body_sealed: None,
        created_at: moment.now,
        expires_at: moment.now.plus_millis(TICKET_DAYS * DAY_MS),
    }
}

//! Read or requeue, reply.

use api::wire::messages::{MessageText, MessageTextsReply, UnsentMessagesReply};
use club::Moment;
use club::personal::Personal;
use kernel::{Lang, NotificationId, ParseError, Timestamp};
use messaging::{Channel, Topic};
use post::desk;
use store::deliveries::Status;
use store::deliveries::desk::{self as unsent, Filter};
use web::{Call, Problem, Reply, guest, idempotency, messages, paging};

use crate::cursor;

/// Messages on a page.
const PAGE: i64 = 50;

/// Serves the operations of the desk.
///
/// # Errors
/// What the operation is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    match call.operation.id {
        "list_failed_messages" => list(call),
        "read_message" => {
            let id = call.parameter("id", NotificationId::parse)?;
            shown(call.sql, id)
        }
        "requeue_message" => requeue(call),
        "list_message_texts" => texts(call.now),
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    }
}

fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let ever = (Timestamp::from_millis(0), Timestamp::from_millis(i64::MAX));
    let filter = Filter {
        status: call.query("status", status)?.unwrap_or(Status::Dead),
        topic: call.query("topic", Topic::parse)?,
        channel: call.query("channel", Channel::parse)?,
        from: call.query("from", Timestamp::parse)?.map_or(ever.0, messages::hour),
        until: call.query("until", Timestamp::parse)?.map_or(ever.1, messages::hour_after),
    };
    let secrets = guest::secrets(call.settings)?;
    let random = call.random;
    let random = move |count| random(count);
    let personal = Personal { secrets: &secrets, random: &random };
    let after = call.request.query("cursor").map(|text| cursor::open(&text, personal)).transpose()?;
    let mut items = unsent::list_unsent(call.sql, filter, after, PAGE + 1)?;
    let more = paging::cut(&mut items, PAGE);
    let last = items.last().filter(|_| more).and_then(|last| Some((last.settled_at?, last.id)));
    let next_cursor = last.map(|last| cursor::seal(last, personal));
    Reply::json(200, &UnsentMessagesReply { items: items.iter().map(messages::item).collect(), next_cursor })
}

/// The statuses that people look at.
fn status(text: &str) -> Result<Status, ParseError> {
    let found = Status::parse(text)?;
    if unsent::UNSENT.contains(&found) {
        Ok(found)
    } else {
        Err(ParseError("use dead, unconfirmed or expired"))
    }
}

fn shown(sql: &dyn store::Sql, id: NotificationId) -> Result<Reply, Problem> {
    let (delivery, tries) = desk::show(sql, id)?;
    Reply::json(200, &messages::message(&delivery, tries))
}

fn requeue(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let id = call.parameter("id", NotificationId::parse)?;
    let carriers = messages::carriers(call.settings)?;
    idempotency::once(call, |call, tx| {
        let moment = Moment { now: call.now, ids: &mut call.ids };
        desk::requeue(tx, id, &carriers, &moment)?;
        shown(tx, id)
    })
}

fn texts(now: Timestamp) -> Result<Reply, Problem> {
    let mut items = Vec::new();
    for topic in Topic::ALL {
        for lang in Lang::ALL {
            let words =
                desk::sample(topic, lang, now).map_err(|error| Problem::internal(error.to_string()))?;
            items.push(MessageText {
                topic: topic.code().to_owned(),
                language: lang.code().to_owned(),
                title: words.title,
                text: words.text,
                short: words.short,
            });
        }
    }
    Reply::json(200, &MessageTextsReply { items })
}

//! Read or requeue, reply.

use api::wire::messages::{FailedMessagesReply, MessageText, MessageTextsReply};
use club::Moment;
use kernel::{Lang, NotificationId, ParseError, Timestamp};
use messaging::Topic;
use post::desk;
use store::deliveries::{self, Status, desk as failed};
use web::{Call, Problem, Reply, idempotency, messages, paging};

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
    let status = call.query("status", status)?.unwrap_or(Status::Dead);
    let after = match call.query("cursor", NotificationId::parse)? {
        None => (Timestamp::from_millis(i64::MAX), i64::MAX),
        Some(id) => {
            let last = deliveries::load(call.sql, id.raw())?;
            // Told again since then: the rest of the list begins where it was made.
            let at = last.and_then(|last| last.settled_at).unwrap_or(call.now);
            (at, id.raw())
        }
    };
    let mut items = failed::list_failed(call.sql, status, after, PAGE + 1)?;
    let more = paging::cut(&mut items, PAGE);
    let last = items.last().filter(|_| more).map(|last| NotificationId::from_raw(last.id).to_string());
    Reply::json(
        200,
        &FailedMessagesReply { items: items.iter().map(messages::item).collect(), next_cursor: last },
    )
}

/// The statuses that people look at.
fn status(text: &str) -> Result<Status, ParseError> {
    let found = Status::parse(text)?;
    if matches!(found, Status::Dead | Status::Unconfirmed) {
        Ok(found)
    } else {
        Err(ParseError("use dead or unconfirmed"))
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

//! What a guest wrote about receipts, and what was written about it: where it is sealed, and the guest's own copy.

use kernel::{MemberId, Points, Timestamp};
use membership::secrets::Place;
use store::feedback::words::{self, OwnAnswer};
use store::tickets::{self, thread};
use store::{Sql, StoreError};

use crate::personal::Personal;

/// Lines of a thread that anybody is shown.
pub const THREAD_MAX: i64 = 500;

/// Where the text of the answer to a request is sealed. Part of the stored data's meaning, as the next two.
#[must_use]
pub const fn text_place(request: i64) -> Place<'static> {
    Place { table: "feedback_answers", field: "text", row: request }
}

/// Where the reference of its photo is sealed.
#[must_use]
pub const fn photo_place(request: i64) -> Place<'static> {
    Place { table: "feedback_answers", field: "photo", row: request }
}

/// Where the words of a line of a thread are sealed.
#[must_use]
pub const fn line_place(event: i64) -> Place<'static> {
    Place { table: "ticket_events", field: "body", row: event }
}

/// An answer in a guest's copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub stored: OwnAnswer,
    pub text: Option<String>,
    pub photo: Option<String>,
}

/// A line of a ticket in a guest's copy: what they wrote, and what was written to them. Words among colleagues are not
/// the guest's; that there were some is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub ticket: i64,
    pub act: feedback::ticket::Act,
    pub at: Timestamp,
    pub text: Option<String>,
    pub points: Option<Points>,
}

/// Answers after `after`.
///
/// # Errors
/// A failure of storage; words that cannot be opened.
pub fn answers(
    sql: &dyn Sql,
    member: MemberId,
    after: i64,
    limit: i64,
    personal: Personal<'_>,
) -> Result<Vec<Answer>, StoreError> {
    let stored = words::list_answers(sql, member, after, limit)?;
    stored
        .into_iter()
        .map(|stored| {
            Ok(Answer {
                text: personal.open(text_place(stored.request), stored.text_sealed.as_deref())?,
                photo: personal.open(photo_place(stored.request), stored.photo_sealed.as_deref())?,
                stored,
            })
        })
        .collect()
}

/// The threads of a member's tickets below `before`, newest ticket first.
///
/// # Errors
/// As [`answers`].
pub fn lines(
    sql: &dyn Sql,
    member: MemberId,
    before: i64,
    limit: i64,
    personal: Personal<'_>,
) -> Result<(Vec<Line>, Option<i64>), StoreError> {
    let listed = tickets::list_of_member(sql, member, before, limit)?;
    let next = listed.last().filter(|_| listed.len() as i64 == limit).map(|last| last.id);
    let mut lines = Vec::new();
    for ticket in listed {
        for event in thread::list(sql, ticket.id, THREAD_MAX)? {
            let is_shown = event.act != feedback::ticket::Act::Commented;
            let sealed = event.body_sealed.as_deref().filter(|_| is_shown);
            lines.push(Line {
                ticket: ticket.id,
                act: event.act,
                at: event.at,
                text: personal.open(line_place(event.id), sealed)?,
                points: event.points,
            });
        }
    }
    Ok((lines, next))
}

//! Guests: their own tickets.

use api::wire::tickets::{OpenTicketBody, OwnTicketPage, WordsBody};
use care::guest::{self, Own};
use care::shown::{parse_ticket_id, ticket_id};
use club::Moment;
use club::personal::Personal;
use store::tickets as stored;
use web::{Call, Problem, Reply, body, guest as guests, idempotency, paging, tickets as replies};

use crate::run::{PAGE_DEFAULT, PAGE_MAX, words};

pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let member = call.guest()?.member;
    let before = call.query("cursor", parse_ticket_id)?.unwrap_or(i64::MAX);
    let limit = paging::limit::<PAGE_MAX>(call, PAGE_DEFAULT)?;
    let mut found = stored::list_of_member(call.sql, member, before, limit + 1)?;
    let more = paging::cut(&mut found, limit);
    let next_cursor = found.last().filter(|_| more).map(|last| ticket_id(last.id));
    let items = found.into_iter().map(|ticket| replies::own(Own { ticket, thread: Vec::new() }));
    Reply::json(200, &OwnTicketPage { items: items.collect(), next_cursor })
}

pub fn read(call: &Call<'_>) -> Result<Reply, Problem> {
    let id = call.parameter("id", parse_ticket_id)?;
    let (secrets, random) = (guests::secrets(call.settings)?, call.random);
    let personal = Personal { secrets: &secrets, random: &random };
    let own = guest::read(call.sql, call.guest()?.member, id, personal)?;
    Reply::json(200, &replies::own(own))
}

pub fn open(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let member = call.guest()?.member;
    let body: OpenTicketBody = body::json(&call.request)?;
    words(&body.text)?;
    let (secrets, random) = (guests::secrets(call.settings)?, call.random);
    idempotency::once(call, |call, tx| {
        let personal = Personal { secrets: &secrets, random: &random };
        let mut moment = Moment { now: call.now, ids: &mut call.ids };
        let own = guest::open(tx, member, body.outlet.as_deref(), &body.text, personal, &mut moment)?;
        Reply::json(201, &replies::own(own))
    })
}

pub fn write(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let member = call.guest()?.member;
    let id = call.parameter("id", parse_ticket_id)?;
    let body: WordsBody = body::json(&call.request)?;
    words(&body.text)?;
    let (secrets, random) = (guests::secrets(call.settings)?, call.random);
    idempotency::once(call, |call, tx| {
        let personal = Personal { secrets: &secrets, random: &random };
        let mut moment = Moment { now: call.now, ids: &mut call.ids };
        let own = guest::write(tx, member, id, &body.text, personal, &mut moment)?;
        Reply::json(200, &replies::own(own))
    })
}

//! Parse, issue or change, reply.

use api::problem as p;
use api::wire::cards::{BlockBody, CardsReply, LinkBody};
use club::card::{self, Linked, Replacement};
use kernel::ParseError;
use membership::card_number::CardNumber;
use store::cards::Card;
use web::{Call, Problem, Reply, body, guest, idempotency};

use crate::show;

/// Serves the operations on cards.
///
/// # Errors
/// What the operation is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    match call.operation.id {
        "issue_card" => issue(call),
        "list_cards" => list(call),
        "link_card" => link(call),
        "block_card" => block(call),
        "replace_card" => replace(call),
        "read_card_key" => show::key(call),
        "read_card_code" => show::code(call),
        "read_card_svg" => show::svg(call),
        "read_card_png" => show::png(call),
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    }
}

fn issue(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let member = call.guest()?.member;
    let secrets = guest::secrets(call.settings)?;
    idempotency::once(call, |call, tx| reply(201, card::issue(tx, member, &secrets, call.now)?))
}

fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let held = card::list(call.sql, call.guest()?.member)?;
    let items = held.into_iter().map(guest::card).collect::<Result<_, _>>()?;
    Reply::json(200, &CardsReply { items })
}

fn link(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let member = call.guest()?.member;
    let body: LinkBody = body::json(&call.request)?;
    let number = CardNumber::parse(&body.number)
        .map_err(|error| Problem::of(&p::INVALID_FIELD).at("/number", error.to_string()))?;
    let linked =
        idempotency::in_transaction(call, |call, tx| Ok(card::link(tx, member, &number, call.now)?))?;
    match linked {
        Linked::New(card) => reply(201, card),
        Linked::Already(card) => reply(200, card),
        Linked::NotFree => Err(Problem::of(&p::CARD_NOT_FREE).at("/number", "no free card has this number")),
    }
}

fn block(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let (member, number) = (call.guest()?.member, call.parameter("number", number)?);
    let body: BlockBody = body::json(&call.request)?;
    let reason = body.reason.code();
    let blocked = idempotency::in_transaction(call, |call, tx| {
        Ok(card::block(tx, member, &number, reason, call.now)?)
    })?;
    reply(200, blocked)
}

fn replace(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let (member, number) = (call.guest()?.member, call.parameter("number", number)?);
    let secrets = guest::secrets(call.settings)?;
    let replaced = idempotency::in_transaction(call, |call, tx| {
        Ok(card::replace(tx, member, &number, &secrets, call.now)?)
    })?;
    match replaced {
        Replacement::New(card) => reply(201, card),
        Replacement::Earlier(card) => reply(200, card),
    }
}

/// A card's number in a path.
pub fn number(text: &str) -> Result<CardNumber, ParseError> {
    CardNumber::parse(text).map_err(|_| ParseError("not a card number"))
}

fn reply(status: u16, card: Card) -> Result<Reply, Problem> {
    Reply::json(status, &guest::card(card)?)
}

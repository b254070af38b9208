//! The second transaction: what calls came to.

use club::Moment;
use kernel::{NotificationId, Timestamp};
use messaging::Channel;
use messaging::outcome::{self, Next, Outcome};
use messaging::plan::{Plan, Way};
use store::contacts::{self, Status as ContactStatus};
use store::deliveries::{self, Delivery, Status, tries};
use store::telegram::threads;
use store::transaction::transaction;
use store::{Sql, StoreError, chats, notifications};

use super::{Batch, Done, Ground, Outcomes, ended, lease};
use crate::carry::{self, Call, Standing};
use crate::chat::{self, Ask};
use crate::facts::Person;
use crate::refusal::Refusal;

/// Why a contact is dead.
const UNREACHABLE: &str = "unreachable";

/// Records the outcomes of a batch.
pub(super) fn all(
    ground: &Ground<'_>,
    moment: &mut Moment<'_>,
    batch: &Batch,
    outcomes: Outcomes,
    done: &mut Done,
) -> Result<(), Refusal> {
    let Outcomes { each, pass } = outcomes;
    transaction(ground.sql, |tx| {
        let mut standing = Standing::default();
        for (call, outcome) in batch.calls.iter().zip(&each) {
            let random = moment.ids.next(moment.now).cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15);
            standing.note(tx, call.way.channel, &call.brand, outcome, moment.now, random)?;
            one(tx, ground, moment, batch, (call, outcome), random, done)?;
        }
        standing.save(tx)?;
        if let Some(pass) = &pass {
            let is_refused = |(call, outcome): (&Call, &Outcome)| {
                call.way.channel == Channel::PushFcm && matches!(outcome, Outcome::Misconfigured(_))
            };
            carry::keep(tx, pass, batch.calls.iter().zip(&each).any(is_refused), ground.personal)?;
        }
        Ok(())
    })
}

fn one(
    tx: &dyn Sql,
    ground: &Ground<'_>,
    moment: &mut Moment<'_>,
    batch: &Batch,
    (call, outcome): (&Call, &Outcome),
    random: u64,
    done: &mut Done,
) -> Result<(), Refusal> {
    let now = moment.now;
    done.called += 1;
    let Some(delivery) = deliveries::load(tx, call.id)? else { return Ok(()) };
    let next = outcome::next(outcome, call.way.channel, delivery.tries, now, random);
    let gives_up = matches!(next, Next::OtherWay { .. });
    // A carrier that only slows us down would fill the record.
    if !matches!(outcome, Outcome::Slower { .. }) {
        note_try(tx, moment, call.id, call.way, outcome, gives_up)?;
    }
    if let Outcome::Misconfigured(detail) = outcome {
        done.complain(format!("{}: {detail}", call.way.channel.code()));
    }
    // Another run took it over when this one was late. That it was told is true all the same.
    let is_ours = delivery.status == Status::Queued
        && (delivery.lease == batch.lease || matches!(outcome, Outcome::Accepted { .. }));
    if !is_ours {
        return Ok(());
    }
    match next {
        Next::Sent => {
            let Outcome::Accepted { provider_id } = outcome else { return Ok(()) };
            done.sent += 1;
            deliveries::settle(tx, call.id, Status::Sent, None, provider_id.as_deref(), now)?;
            notifications::forget_body(tx, call.id)?;
            talk_about(tx, ground, call, now)?;
        }
        Next::Unconfirmed => {
            done.failed += 1;
            let id = NotificationId::from_raw(call.id);
            done.complain(format!("{}: {id} is unconfirmed", call.way.channel.code()));
            deliveries::settle(tx, call.id, Status::Unconfirmed, Some(outcome.code()), None, now)?;
        }
        Next::Again { at, counts } => {
            done.failed += 1;
            let tries = if counts { delivery.tries } else { delivery.tries.saturating_sub(1) };
            deliveries::put_back(tx, call.id, at, tries, Some(outcome.code()))?;
        }
        Next::OtherWay { address_is_gone } => {
            done.failed += 1;
            if address_is_gone {
                forget(tx, call, now)?;
            }
            another_way(tx, ground, &delivery, outcome, now, done)?;
        }
    }
    Ok(())
}

/// What a guest writes under an answer belongs to the ticket that was answered, whatever was talked about before.
fn talk_about(tx: &dyn Sql, ground: &Ground<'_>, call: &Call, now: Timestamp) -> Result<(), StoreError> {
    let Some(ticket) = call.ask.as_ref().and_then(Ask::ticket) else { return Ok(()) };
    let chat = chat::index(&call.brand, &call.address, ground.personal);
    threads::touch(tx, &call.brand, &chat, ticket, now)
}

/// Notes that an address leads nowhere any more.
fn forget(tx: &dyn Sql, call: &Call, now: Timestamp) -> Result<(), StoreError> {
    if call.way.channel == Channel::Telegram {
        chats::mark_blocked(tx, call.member, now)?;
    }
    // A phone is the member's own, whatever a gateway thinks of it.
    let Some(contact) = call.way.contact else { return Ok(()) };
    contacts::set_status(tx, contact, ContactStatus::Dead, Some(UNREACHABLE), now)
}

/// Goes on to the next way, or ends the delivery.
fn another_way(
    tx: &dyn Sql,
    ground: &Ground<'_>,
    delivery: &Delivery,
    outcome: &Outcome,
    now: Timestamp,
    done: &mut Done,
) -> Result<(), Refusal> {
    let Some(intent) = notifications::load(tx, delivery.id)? else { return Ok(()) };
    let failed = tries::list_given_up(tx, delivery.id, delivery.tries_from)?;
    let person = Person::load(tx, &intent, now)?;
    match person.plan(&intent, &failed, &|channel| ground.carriers.have(channel), now) {
        Plan::Tell { way, at } => Ok(deliveries::reroute(tx, delivery.id, way, at, outcome.code())?),
        Plan::Withhold(why) => {
            done.ended += 1;
            lease::end(tx, delivery, ended(why, true, intent.topic), why.code(), now)
        }
    }
}

/// Records a call that is over.
pub(super) fn note_try(
    tx: &dyn Sql,
    moment: &mut Moment<'_>,
    delivery: i64,
    way: Way,
    outcome: &Outcome,
    given_up: bool,
) -> Result<(), StoreError> {
    let call = tries::Try {
        id: moment.ids.next(moment.now),
        way,
        at: moment.now,
        outcome: outcome.code().to_owned(),
        given_up,
        detail: outcome.detail().to_owned(),
    };
    tries::insert(tx, delivery, &call)
}

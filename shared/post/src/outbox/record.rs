//! The second transaction: what calls came to, by the time at which they had.

use club::Moment;
use kernel::{NotificationId, Timestamp};
use messaging::Channel;
use messaging::missed::SoFar;
use messaging::outcome::{self, Next, Outcome};
use messaging::plan::{Plan, Way};
use store::contacts::{self, Status as ContactStatus};
use store::deliveries::{self, Delivery, Status, tries};
use store::telegram::sayings::{self, Said};
use store::telegram::{links, threads};
use store::transaction::transaction;
use store::{Sql, StoreError, notifications};

use super::{Batch, Done, Ground, Outcomes, ended, lease};
use crate::carry::{self, Call};
use crate::chat::{self, Ask};
use crate::facts::Person;
use crate::refusal::Refusal;
use crate::standing::Standing;

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
    // Waits are counted from the answers, not from when the calls began.
    moment.now = moment.now.max((ground.clock)());
    transaction(ground.sql, |tx| {
        let mut standing = Standing::default();
        for (call, outcome) in batch.calls.iter().zip(&each) {
            let random = moment.ids.next(moment.now).cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15);
            standing.note(tx, call.carrier(), outcome, moment.now, random)?;
            let is_given_up = standing.is_given_up(tx, call.carrier(), moment.now)?;
            one(tx, ground, moment, batch, (call, outcome, is_given_up), random, done)?;
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
    (call, outcome, is_given_up): (&Call, &Outcome, bool),
    random: u64,
    done: &mut Done,
) -> Result<(), Refusal> {
    let now = moment.now;
    done.called += 1;
    let Some(delivery) = deliveries::load(tx, call.id)? else { return Ok(()) };
    let next = match outcome::next(outcome, call.way.channel, delivery.tries, now, random) {
        Next::OtherWay { .. } if may_be_told(tx, call, outcome)? => Next::Unconfirmed,
        next => next,
    };
    let gives_up = matches!(next, Next::OtherWay { .. });
    // A carrier that only slows us down would fill the record.
    if !matches!(outcome, Outcome::Slower { .. }) {
        note_try(tx, moment, call.id, call.way, outcome, gives_up)?;
    }
    if let Outcome::Misconfigured(detail) = outcome {
        done.complain(format!("{}: {detail}", call.way.channel.code()));
    }
    // Another run took it over when this one was late. That it was told is true all the same.
    let is_told = matches!(outcome, Outcome::Accepted { .. });
    let is_ours = match delivery.status {
        Status::Queued => delivery.lease == batch.lease || is_told,
        Status::Unconfirmed => is_told,
        Status::Sent | Status::Withheld | Status::Expired | Status::Dead => false,
    };
    if !is_ours {
        return Ok(());
    }
    match next {
        Next::Sent => {
            let Outcome::Accepted { provider_id } = outcome else { return Ok(()) };
            done.sent += 1;
            deliveries::settle(tx, call.id, Status::Sent, None, provider_id.as_deref(), now)?;
            notifications::forget_body(tx, call.id)?;
            talk_about(tx, ground, call, provider_id.as_deref(), now)?;
        }
        Next::Unconfirmed => {
            done.failed += 1;
            let id = NotificationId::from_raw(call.id);
            done.complain(format!("{}: {id} is unconfirmed", call.way.channel.code()));
            deliveries::settle(tx, call.id, Status::Unconfirmed, Some(outcome.code()), None, now)?;
            super::forget(tx, call.id, call.topic, Status::Unconfirmed)?;
        }
        Next::Again { at, counts } => {
            done.failed += 1;
            // A carrier that slows us down holds it up, and it need not queue again.
            let (tries, code) = match counts {
                true => (delivery.tries, outcome.code()),
                false => (delivery.tries.saturating_sub(1), lease::CARRIER_WAITS),
            };
            // Where others go around its carrier, it does not wait either: it is looked at anew.
            let at = if is_given_up { now } else { at };
            deliveries::put_back(tx, call.id, at, tries, Some(code))?;
        }
        Next::OtherWay { address_is_gone } => {
            done.failed += 1;
            if address_is_gone {
                forget(tx, ground, call, now)?;
            }
            another_way(tx, ground, &delivery, outcome, now, done)?;
        }
    }
    Ok(())
}

/// Whether the way that is to be given up may have told it in an earlier call. A carrier that refuses the message, or does not
/// know the address, has not.
fn may_be_told(tx: &dyn Sql, call: &Call, outcome: &Outcome) -> Result<bool, StoreError> {
    if matches!(outcome, Outcome::Refused(_) | Outcome::AddressGone(_)) {
        return Ok(false);
    }
    Ok(tries::load_past(tx, call.id, call.round)?.unknown == Some(call.way))
}

/// What a guest writes under an answer belongs to the ticket that was answered, whatever was talked about before; what they
/// reply to it does for as long as it is remembered.
fn talk_about(
    tx: &dyn Sql,
    ground: &Ground<'_>,
    call: &Call,
    message: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(ticket) = call.ask.as_ref().and_then(Ask::ticket) else { return Ok(()) };
    let chat = chat::index(&call.brand, &call.address, ground.personal);
    // Unlinked, erased or another member's since the message was on its way: nothing is kept of a chat that is not theirs.
    if links::load(tx, &call.brand, &chat)?.is_none_or(|link| link.member != call.member) {
        return Ok(());
    }
    threads::touch(tx, &call.brand, &chat, ticket, now)?;
    let message = message.and_then(|message| message.parse().ok());
    let (Some(bot), Some(message)) = (call.bot.as_ref(), message) else { return Ok(()) };
    sayings::insert(tx, Said { bot: bot.id, chat_index: &chat, message }, ticket, now)
}

/// Notes that an address leads nowhere any more.
fn forget(tx: &dyn Sql, ground: &Ground<'_>, call: &Call, now: Timestamp) -> Result<(), StoreError> {
    if call.way.channel == Channel::Telegram {
        // This chat: the member may have another one by now.
        let chat = chat::index(&call.brand, &call.address, ground.personal);
        links::set_blocked(tx, &call.brand, &chat, Some(now))?;
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
    let calls = tries::load_past(tx, delivery.id, delivery.tries_from)?;
    let failed = calls.given_up;
    let person = Person::load(tx, &intent, now)?;
    match person.plan(&intent, &failed, &|channel| ground.carriers.have(channel), now) {
        Plan::Tell { way, at } => Ok(deliveries::reroute(tx, delivery.id, way, at, outcome.code())?),
        Plan::Withhold(why) => {
            done.ended += 1;
            let have = |channel| ground.carriers.have(channel);
            let so_far = SoFar { way: delivery.way(), is_tried: true, ..SoFar::default() };
            let (_, reasons) = person.missed(&intent, &failed, &have, &so_far, now);
            lease::end(tx, delivery, ended(why, true, intent.topic), why, &reasons, now)
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

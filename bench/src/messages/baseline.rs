//! The same rows without an outbox: what a message cannot cost less than.

use std::ops::Range;

use anyhow::{Context as _, Result};
use messaging::missed::Reasons;
use messaging::plan::Way;
use store::deliveries::{self, Decided, NewDelivery, Status};
use store::notifications::{self, Intent};
use store::transaction::transaction;
use store::{Sql, StoreError};

use super::crowd::Person;
use super::fill::Spread;
use super::office::Office;
use crate::meter::{self, Spent};

/// As the outbox has them: intents in a transaction, calls in a batch, and how long a batch is leased.
const INTENTS: usize = 64;
const CALLS: usize = 32;
const LEASE_MS: i64 = 60_000;

/// Writes the rows of some people's intents, planned, leased and told. Microseconds of a processor for an intent.
///
/// # Errors
/// When the database refuses something.
pub fn run(office: &mut Office<'_>, spread: Spread, people: Range<usize>) -> Result<f64> {
    let made = office.intend(spread, &people)?;
    let (now, lease) = (office.now(), office.ids.next(office.now()));
    let sql = &office.sql.sql;
    let mut known: Vec<(Person, Intent)> = Vec::with_capacity(made.len());
    for (number, id) in people.clone().zip(&made) {
        known.push((Person(number), notifications::load(sql, *id)?.context("an intent")?));
    }
    let none = Reasons::default();
    let started = meter::start()?;
    for some in known.chunks(INTENTS) {
        transaction(sql, |tx| {
            some.iter().try_for_each(|(person, intent)| {
                let decided = match person.expected() {
                    Some(channel) => Decided::Tell { way: Way { channel, contact: None }, at: now },
                    None => Decided::Settled {
                        status: Status::Withheld,
                        code: "bench",
                        way: None,
                        reasons: &none,
                    },
                };
                let (id, member, topic) = (intent.id, intent.member, intent.topic);
                let new = NewDelivery { id, member, topic, expires_at: intent.expires_at, now, decided };
                deliveries::insert(tx, &new)?;
                notifications::mark_planned(tx, id, now)
            })
        })?;
    }
    let told: Vec<i64> =
        known.iter().filter(|(person, _)| person.expected().is_some()).map(|(_, intent)| intent.id).collect();
    for some in told.chunks(CALLS) {
        each(sql, some, |tx, id| deliveries::hold(tx, id, lease, now.plus_millis(LEASE_MS)))?;
        each(sql, some, |tx, id| {
            deliveries::settle(tx, id, Status::Sent, None, Some("bench"), now)?;
            notifications::forget_body(tx, id)
        })?;
    }
    let spent = Spent::since(&started)?;
    println!(
        "baseline: the rows of {} intents written in {:.1} s, {:.1} us of a processor each",
        people.len(),
        spent.wall.as_secs_f64(),
        spent.micros_each(people.len())
    );
    Ok(spent.micros_each(people.len()))
}

fn each(
    sql: &dyn Sql,
    ids: &[i64],
    mut work: impl FnMut(&dyn Sql, i64) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    transaction(sql, |tx| ids.iter().try_for_each(|id| work(tx, *id)))
}

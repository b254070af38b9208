//! What carriers may be asked now, and the queue of those who wait for one.
//!
//! Each carrier has a queue with a place for every call that it can take, one after another at the rate that it allows. Who
//! comes too soon gets the first place that nobody has, and is not looked at before. The queue's end is stored, so that this
//! holds from batch to batch and from run to run; otherwise every batch would hand out the same places anew, and most who
//! come would be refused once more.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use kernel::Timestamp;
use kernel::time::{DAY_MS, MINUTE_MS};
use messaging::Channel;
use messaging::outcome::Outcome;
use partner::backoff::Backoff;
use partner::breaker::{Breaker, Policy, State as Circuit};
use partner::bucket::{Bucket, Limit};
use store::message_providers::{self, Provider};
use store::{Sql, StoreError};

use crate::chat::BELIEVED_MS_MAX;

/// When a carrier is left alone, and for how long.
const BREAKER: Policy =
    Policy { failures_max: 5, open: Backoff { first_ms: 15_000, ceiling_ms: 10 * 60_000 }, trial_ms: 30_000 };
const MICROS_IN_MS: i64 = 1_000;

/// How fast a carrier may be asked. Telegram: some thirty a second for a bot, of which a fifth is left for its dialogue.
const fn limit(channel: Channel) -> Limit {
    match channel {
        Channel::PushFcm => Limit { burst: 1_000, per_minute: 60_000 },
        Channel::PushRustore => Limit { burst: 200, per_minute: 6_000 },
        Channel::Telegram => Limit { burst: 25, per_minute: 25 * 60 },
        Channel::Email => Limit { burst: 50, per_minute: 600 },
        Channel::Sms => Limit { burst: 50, per_minute: 1_200 },
    }
}

/// Trials in a row that failed after which other ways are taken until one succeeds: some quarter of an hour, as long as one
/// message is tried.
const TRIALS_MAX: u32 = 7;
/// A carrier that wants to be left alone for longer than this is gone around likewise.
const AROUND_MS: i64 = 15 * MINUTE_MS;
/// Longest queue: a day behind the longest wait that a carrier is believed. Whoever comes then shares its last place.
const QUEUE_MS_MAX: i64 = BELIEVED_MS_MAX + DAY_MS;
/// Who has waited and is refused for no longer than this keeps their place: others pushed in.
const SOON_MS: i64 = 500;

/// Milliseconds between two places of a queue; a carrier may be faster than that, and is never slower.
fn apart_ms(channel: Channel) -> i64 {
    (60_000 / i64::from(limit(channel).per_minute)).max(1)
}

/// Who carries messages: what one does says nothing of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Carrier {
    pub channel: Channel,
    /// Telegram's number of the bot, where one sends: a new bot of a brand was asked nothing yet.
    pub bot: Option<i64>,
}

impl Carrier {
    /// Of a channel that no bot has.
    #[must_use]
    pub const fn of(channel: Channel) -> Self {
        Self { channel, bot: None }
    }

    /// The name under which its state is kept.
    fn name(self) -> String {
        let code = self.channel.code();
        self.bot.map_or_else(|| code.to_owned(), |bot| format!("{code}:{bot}"))
    }
}

/// A provider as it was stored, without what a clock that was wrong left behind: what is further ahead than anything that we
/// write is forgotten, and counted anew from now.
fn healed(stored: Provider, channel: Channel, now: Timestamp) -> Provider {
    const NONE: Provider = Provider::NEW;
    let latest = now.plus_millis(BELIEVED_MS_MAX);
    let Provider { breaker, bucket, queue_until, front_until, .. } = &stored;
    let end = |end: Timestamp, none| if end > longest(now) { none } else { end };
    Provider {
        breaker: if breaker.until > latest { Breaker { until: now, ..*breaker } } else { *breaker },
        bucket: if *bucket > slowed(channel, latest) { NONE.bucket } else { *bucket },
        queue_until: end(*queue_until, NONE.queue_until),
        front_until: end(*front_until, NONE.front_until),
        ..stored
    }
}

/// No place of a queue is later.
fn longest(now: Timestamp) -> Timestamp {
    now.plus_millis(QUEUE_MS_MAX)
}

/// The bucket of a carrier that takes nothing until a time.
fn slowed(channel: Channel, until: Timestamp) -> Bucket {
    let depth = i64::from(limit(channel).burst) * (60_000_000 / i64::from(limit(channel).per_minute));
    Bucket { full_at_micros: until.millis().saturating_mul(MICROS_IN_MS).saturating_add(depth) }
}

/// In which turn a message asks its carrier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Somebody is waiting for it at this very moment: past the queue.
    Urgent,
    /// It has waited for its place.
    Kept,
    /// It has not asked yet: behind those who wait.
    New,
}

/// A message that asks its carrier.
#[derive(Debug, Clone, Copy)]
pub struct Asks {
    pub turn: Turn,
    /// From then on it is of no use: a place beyond is none.
    pub expires_at: Timestamp,
}

/// How the carriers stand, as far as a transaction needs them.
#[derive(Default)]
pub struct Standing {
    providers: BTreeMap<Carrier, State>,
}

struct State {
    provider: Provider,
    /// Refused in this transaction without a place at the end of the queue.
    pushed_in: i64,
    is_changed: bool,
}

impl Standing {
    fn state(&mut self, sql: &dyn Sql, carrier: Carrier, now: Timestamp) -> Result<&mut State, StoreError> {
        match self.providers.entry(carrier) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(place) => {
                let stored = message_providers::load(sql, &carrier.name())?;
                let provider = healed(stored, carrier.channel, now);
                Ok(place.insert(State { provider, pushed_in: 0, is_changed: false }))
            }
        }
    }

    /// Takes the right to one call, or a place in the queue: when to come again.
    ///
    /// # Errors
    /// A failure of storage.
    pub fn admit(
        &mut self,
        tx: &dyn Sql,
        carrier: Carrier,
        asks: Asks,
        now: Timestamp,
    ) -> Result<Result<(), Timestamp>, StoreError> {
        let state = self.state(tx, carrier, now)?;
        match state.admitted(carrier.channel, asks.turn, now) {
            Ok(provider) => {
                state.is_changed = true;
                state.provider = provider;
                Ok(Ok(()))
            }
            Err(until) => Ok(Err(state.place(carrier.channel, asks, until, now))),
        }
    }

    /// Whether a carrier has been left alone for so long that other ways are better, and is not to be tried now.
    ///
    /// # Errors
    /// A failure of storage.
    pub fn is_given_up(
        &mut self,
        sql: &dyn Sql,
        carrier: Carrier,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let &Provider { breaker, bucket, .. } = &self.state(sql, carrier, now)?.provider;
        let failed_long = breaker.failures >= BREAKER.failures_max + TRIALS_MAX;
        let slowed_until = bucket.take(limit(carrier.channel), now).err();
        let shut_until = breaker.admit(&BREAKER, now).err();
        let is_long =
            |until: Option<Timestamp>| until.is_some_and(|until| until > now.plus_millis(AROUND_MS));
        Ok(is_long(slowed_until) || is_long(shut_until) || failed_long && shut_until.is_some())
    }

    /// A place in the queue for a message that would be refused anyway; none where it may ask.
    ///
    /// # Errors
    /// A failure of storage.
    pub fn refused(
        &mut self,
        tx: &dyn Sql,
        carrier: Carrier,
        asks: Asks,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let state = self.state(tx, carrier, now)?;
        let refused = state.admitted(carrier.channel, asks.turn, now).err();
        Ok(refused.map(|until| state.place(carrier.channel, asks, until, now)))
    }

    /// Notes what a call came to.
    ///
    /// # Errors
    /// A failure of storage.
    pub fn note(
        &mut self,
        tx: &dyn Sql,
        carrier: Carrier,
        outcome: &Outcome,
        now: Timestamp,
        random: u64,
    ) -> Result<(), StoreError> {
        let state = self.state(tx, carrier, now)?;
        state.is_changed = true;
        let breaker = state.provider.breaker;
        state.provider.breaker = match (outcome.is_trouble(), outcome) {
            (Some(true), Outcome::Failed { wanted, .. }) => breaker.failed(&BREAKER, now, *wanted, random),
            (Some(true), _) => breaker.failed(&BREAKER, now, None, random),
            // That we are slowed down or not known says that somebody is there.
            (Some(false) | None, _) => breaker.succeeded(),
        };
        let opened = state.provider.breaker;
        if opened.state == Circuit::Open && breaker.state != Circuit::Open {
            // Those at the front come again, in their order, from when it may be asked.
            state.provider.front_until = state.provider.front_until.min(opened.until);
        }
        if let Outcome::Slower { until, .. } = outcome {
            state.provider.bucket = state.provider.bucket.max(slowed(carrier.channel, *until));
        }
        Ok(())
    }

    /// Stores what changed.
    ///
    /// # Errors
    /// A failure of storage.
    pub fn save(&self, tx: &dyn Sql) -> Result<(), StoreError> {
        for (carrier, state) in self.providers.iter().filter(|(_, state)| state.is_changed) {
            message_providers::save(tx, &carrier.name(), &state.provider)?;
        }
        Ok(())
    }
}

impl State {
    /// The provider after one more call at `now`, or from when on it may be asked.
    fn admitted(&self, channel: Channel, turn: Turn, now: Timestamp) -> Result<Provider, Timestamp> {
        let Provider { breaker, bucket, .. } = &self.provider;
        let breaker = breaker.admit(&BREAKER, now)?;
        let bucket = bucket.take(limit(channel), now)?;
        // The trial of a carrier that was left alone is for whoever comes first.
        if turn == Turn::New && self.end() > now && breaker.state == Circuit::Closed {
            return Err(now);
        }
        Ok(Provider { breaker, bucket, ..self.provider.clone() })
    }

    /// Where the queue ends.
    fn end(&self) -> Timestamp {
        self.provider.queue_until.max(self.provider.front_until)
    }

    /// When a message that was refused until `until` comes again: at the end of the queue, or where its place has come, at
    /// the front. Where that would be too late for it, and for those who do not queue or need not again, as soon as the
    /// carrier may be asked.
    fn place(&mut self, channel: Channel, asks: Asks, until: Timestamp, now: Timestamp) -> Timestamp {
        let apart_ms = apart_ms(channel);
        let (front, end) = (self.provider.front_until.max(until), self.end().max(until));
        let Provider { breaker, front_until, .. } = &self.provider;
        let is_trial = breaker.state == Circuit::HalfOpen && breaker.until == until;
        let soon = now.plus_millis(SOON_MS);
        let others_pushed_in = until <= soon && *front_until <= now;
        // What a trial comes to is known soon.
        let until = if is_trial && asks.turn == Turn::Kept { until.min(soon) } else { until };
        let place = match asks.turn {
            Turn::Kept if is_trial || others_pushed_in => None,
            Turn::Kept if front < asks.expires_at => {
                Some((front.min(longest(now)), &mut self.provider.front_until))
            }
            Turn::New if end < asks.expires_at => {
                Some((end.min(longest(now)), &mut self.provider.queue_until))
            }
            Turn::Urgent | Turn::Kept | Turn::New => None,
        };
        let place = if let Some((place, end)) = place {
            *end = place.plus_millis(apart_ms).min(longest(now));
            self.is_changed = true;
            place
        } else {
            let pushed_in = until.plus_millis(self.pushed_in * apart_ms);
            self.pushed_in += 1;
            pushed_in
        };
        place.min(asks.expires_at).max(now.plus_millis(1))
    }
}

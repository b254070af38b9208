//! The outbox: intents become deliveries, deliveries become calls, and what calls come to is recorded.
//!
//! Told once: there is one delivery for an intent. A call is leased in one transaction, made outside of any and recorded
//! in a second. Whoever dies in between leaves a lease that runs out: then nobody knows whether the call was made, and
//! [`messaging::outcome::next`] says what that means for the channel. Two runs at once take different deliveries.

mod lease;
mod record;

use std::rc::Rc;

use club::Moment;
use club::personal::Personal;
use kernel::time::MINUTE_MS;
use kernel::{NotificationId, Timestamp};
use messaging::channel::Lane;
use messaging::missed::{Reasons, SoFar};
use messaging::outcome::Outcome;
use messaging::plan::{Plan, Why};
use messaging::topic::Again;
use messaging::{Channel, Topic};
use partner::{Exchange, Request};
use store::deliveries::{self, Decided, NewDelivery, Status};
use store::jobs::{self, Finished};
use store::notifications::{self, Intent};
use store::transaction::{nested, transaction};
use store::{Sql, StoreError, brands};

use crate::carry::{self, Call, Carriers, Pass};
use crate::facts::Person;
use crate::refusal::Refusal;

/// Job of push, e-mail and text messages.
pub const DIRECT: &str = "message-outbox";
/// Job of Telegram.
pub const TELEGRAM: &str = "telegram-outbox";

/// Intents in one transaction.
const INTENTS_PER_TRANSACTION: i64 = 64;
/// Calls at once, between two transactions.
pub const CALLS_PER_BATCH: i64 = 32;
/// How long a batch may take before its calls count as lost: a call takes ten seconds at most, and they go side by side.
const LEASE_MS: i64 = MINUTE_MS;
/// Why a delivery is dead whose rows cannot be read.
const UNREADABLE: &str = "unreadable";

/// How much one run may do.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    pub intents: i64,
    pub batches: usize,
}

impl Bounds {
    /// As in production: some seconds.
    pub const STANDARD: Self = Self { intents: 4_096, batches: 40 };
    /// For one who waits for the answer, which the host gives up after half a minute: a batch may last as long as its
    /// longest call, and that of an exchange of keys before it.
    pub const BY_HAND: Self = Self { batches: 1, ..Self::STANDARD };
}

/// What a run needs from outside.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    pub sql: &'a dyn Sql,
    pub partners: &'a dyn Exchange,
    pub personal: Personal<'a>,
    pub carriers: &'a Carriers,
    /// What the time is by now: a run of many batches lasts longer than a lease.
    pub clock: &'a dyn Fn() -> Timestamp,
}

/// What a run did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Done {
    /// Intents about which it was decided how to tell them.
    pub planned: i64,
    /// Calls made.
    pub called: i64,
    /// Told.
    pub sent: i64,
    /// Calls that came to nothing.
    pub failed: i64,
    /// Ended without being told.
    pub ended: i64,
    /// The run stopped at its bound with more to do.
    pub more: bool,
    /// What people should look at, without repetitions.
    pub complaints: Vec<String>,
    /// The run was written down for people to see: it did something, or something else is wrong than before.
    pub is_noted: bool,
}

impl Done {
    /// Things moved.
    #[must_use]
    pub const fn total(&self) -> i64 {
        self.planned + self.called + self.ended
    }

    fn complain(&mut self, words: String) {
        const KEPT_MAX: usize = 10;
        if self.complaints.len() < KEPT_MAX && !self.complaints.contains(&words) {
            self.complaints.push(words);
        }
    }
}

/// Decides how new intents are told.
///
/// # Errors
/// A failure of storage. What was committed before it stays.
pub fn plan(
    ground: &Ground<'_>,
    moment: &mut Moment<'_>,
    bounds: Bounds,
    done: &mut Done,
) -> Result<(), Refusal> {
    let mut left = bounds.intents;
    loop {
        let limit = INTENTS_PER_TRANSACTION.min(left);
        if limit <= 0 {
            done.more = true;
            return Ok(());
        }
        moment.now = moment.now.max((ground.clock)());
        let met = transaction(ground.sql, |tx| {
            let met = notifications::list_unplanned(tx, limit)?;
            for intent in &met {
                let settled = match nested(tx, || plan_one(tx, intent, ground.carriers, moment.now)) {
                    Err(Refusal::Store(error)) if error.is_unavailable() => return Err(error.into()),
                    // One that cannot be read must not keep the others from being told.
                    Err(error) => give_up(tx, intent, &error, moment.now, done)?,
                    Ok(settled) => settled,
                };
                done.ended += i64::from(settled);
            }
            Ok::<_, Refusal>(met.len() as i64)
        })?;
        done.planned += met;
        left -= met;
        if met < limit {
            return Ok(());
        }
    }
}

/// True when it was decided not to tell it.
fn plan_one(tx: &dyn Sql, intent: &Intent, carriers: &Carriers, now: Timestamp) -> Result<bool, Refusal> {
    let person = Person::load(tx, intent, now)?;
    let have = |channel| carriers.have(channel);
    let (mut gone, mut reasons) = (None, Reasons::default());
    let decided = match person.plan(intent, &[], &have, now) {
        Plan::Tell { way, at } => Decided::Tell { way, at },
        Plan::Withhold(why) => {
            let status = ended(why, false, intent.topic);
            let is_seen = status != Status::Withheld;
            if is_seen {
                (gone, reasons) = person.missed(intent, &[], &have, &SoFar::default(), now);
            }
            Decided::Settled { status, code: why.code(), way: gone, reasons: &reasons }
        }
    };
    let settled = match decided {
        Decided::Settled { status, .. } => Some(status),
        Decided::Tell { .. } => None,
    };
    decide(tx, intent, decided, now)?;
    if let Some(status) = settled {
        forget(tx, intent.id, intent.topic, status)?;
    }
    Ok(settled.is_some())
}

/// Forgets what was sealed with an intent that ended, unless a person may have it told again.
fn forget(tx: &dyn Sql, id: i64, topic: Topic, status: Status) -> Result<(), StoreError> {
    match status {
        Status::Queued => Ok(()),
        Status::Dead | Status::Unconfirmed if topic.again() != Again::Never => Ok(()),
        Status::Dead | Status::Unconfirmed | Status::Sent | Status::Withheld | Status::Expired => {
            notifications::forget_body(tx, id)
        }
    }
}

fn give_up(
    tx: &dyn Sql,
    intent: &Intent,
    error: &Refusal,
    now: Timestamp,
    done: &mut Done,
) -> Result<bool, StoreError> {
    done.complain(format!("message {}: {error}", NotificationId::from_raw(intent.id)));
    let reasons = &Reasons::default();
    decide(tx, intent, Decided::Settled { status: Status::Dead, code: UNREADABLE, way: None, reasons }, now)?;
    forget(tx, intent.id, intent.topic, Status::Dead)?;
    Ok(true)
}

fn decide(tx: &dyn Sql, intent: &Intent, decided: Decided<'_>, now: Timestamp) -> Result<(), StoreError> {
    let new = NewDelivery {
        id: intent.id,
        member: intent.member,
        topic: intent.topic,
        expires_at: intent.expires_at,
        now,
        decided,
    };
    deliveries::insert(tx, &new)?;
    notifications::mark_planned(tx, intent.id, now)
}

/// How a delivery ends that is not told. Dead, where people should look: it was tried, or held up by a carrier; or it is
/// an answer of theirs.
const fn ended(why: Why, was_tried: bool, topic: Topic) -> Status {
    match why {
        Why::Exhausted => Status::Dead,
        Why::TooLate | Why::Unreachable | Why::Unwanted | Why::NoConsent
            if was_tried || topic.is_answer() =>
        {
            Status::Dead
        }
        Why::TooLate => Status::Expired,
        Why::Unreachable | Why::Unwanted | Why::NoConsent | Why::Member => Status::Withheld,
    }
}

/// The job of an outbox.
#[must_use]
pub const fn job(lane: Lane) -> &'static str {
    match lane {
        Lane::Direct => DIRECT,
        Lane::Telegram => TELEGRAM,
    }
}

/// A run of an outbox: intents are planned by the first of them, what is due goes out, and a run that found something to
/// do is noted with its job.
///
/// # Errors
/// A failure of storage. What was committed before it stays.
pub fn run(
    ground: &Ground<'_>,
    moment: &mut Moment<'_>,
    lane: Lane,
    bounds: Bounds,
) -> Result<Done, Refusal> {
    // By it the timer knows that this run was its own.
    let began = moment.now;
    let mut done = Done::default();
    for complaint in &ground.carriers.complaints {
        done.complain(complaint.clone());
    }
    if lane == Lane::Direct {
        plan(ground, moment, bounds, &mut done)?;
    }
    dispatch(ground, moment, lane, bounds, &mut done)?;
    done.is_noted = done.total() > 0 || is_news(ground.sql, lane, &done)?;
    if done.is_noted {
        let due_at = due_at(ground.sql, lane, moment.now)?.unwrap_or(Timestamp::from_millis(i64::MAX));
        let error = done.complaints.first().map(String::as_str);
        let finished = Finished { at: began, due_at, done: done.total(), error };
        transaction(ground.sql, |tx| jobs::note(tx, job(lane), &finished))?;
    }
    Ok(done)
}

/// Whether a run that found nothing to do has something to complain about that people do not see yet, or nothing of what
/// they still see.
fn is_news(sql: &dyn Sql, lane: Lane, done: &Done) -> Result<bool, StoreError> {
    let known = jobs::load(sql, job(lane))?.and_then(|job| job.last_error);
    Ok(known.as_ref() != done.complaints.first())
}

/// Does what is due in an outbox.
///
/// # Errors
/// A failure of storage. What was committed before it stays.
pub fn dispatch(
    ground: &Ground<'_>,
    moment: &mut Moment<'_>,
    lane: Lane,
    bounds: Bounds,
    done: &mut Done,
) -> Result<(), Refusal> {
    for _ in 0..bounds.batches {
        // Leases and limits are counted from now, and not from when the run began.
        moment.now = moment.now.max((ground.clock)());
        let batch = lease::take(ground, moment, lane, done)?;
        if batch.met == 0 {
            return Ok(());
        }
        if !batch.calls.is_empty() {
            let outcomes = call(ground, &batch.calls, moment.now)?;
            record::all(ground, moment, &batch, outcomes, done)?;
        }
    }
    done.more |= deliveries::count_due(ground.sql, lane, moment.now, 1)? > 0;
    Ok(())
}

/// Calls whose outcome is not known yet.
struct Batch {
    lease: i64,
    /// Deliveries looked at.
    met: usize,
    calls: Vec<Call>,
}

/// What the calls of a batch came to, and with which token.
struct Outcomes {
    each: Vec<Outcome>,
    pass: Option<Pass>,
}

/// Makes the calls, side by side. Nothing is open meanwhile.
fn call(ground: &Ground<'_>, calls: &[Call], now: Timestamp) -> Result<Outcomes, StoreError> {
    let Ground { sql, partners, personal, carriers, .. } = *ground;
    let by_fcm = calls.iter().any(|call| call.way.channel == Channel::PushFcm);
    let pass = match carriers.fcm.as_ref().filter(|_| by_fcm) {
        Some(fcm) => Some(carry::pass(sql, fcm, partners, personal, now)?),
        None => None,
    };
    let asked: Vec<Result<Request, Outcome>> =
        calls.iter().map(|call| carry::request(call, carriers, pass.as_ref(), now)).collect();
    let requests: Vec<Request> = asked.iter().filter_map(|asked| asked.as_ref().ok().cloned()).collect();
    let mut answers = partners.exchange_all(&requests).into_iter();
    // What a carrier says about waiting counts from its answer.
    let now = now.max((ground.clock)());
    let each = calls.iter().zip(asked).map(|(call, asked)| match asked {
        Err(outcome) => outcome,
        Ok(_) => match answers.next() {
            Some(answer) => carry::outcome(call.way.channel, &answer, now),
            None => Outcome::Unknown("the way out lost an answer".to_owned()),
        },
    });
    Ok(Outcomes { each: each.collect(), pass })
}

/// When an outbox has something to do: at once while intents wait to be planned (by the first of them).
///
/// # Errors
/// A failure of storage.
pub fn due_at(sql: &dyn Sql, lane: Lane, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    if lane == Lane::Direct && notifications::count_unplanned(sql, 1)? > 0 {
        return Ok(Some(now));
    }
    deliveries::load_next_due(sql, lane)
}

/// How much waits in an outbox that is due, at most `max`.
///
/// # Errors
/// A failure of storage.
pub fn backlog(sql: &dyn Sql, lane: Lane, now: Timestamp, max: i64) -> Result<i64, StoreError> {
    let unplanned = if lane == Lane::Direct { notifications::count_unplanned(sql, max)? } else { 0 };
    Ok((unplanned + deliveries::count_due(sql, lane, now, max)?).min(max))
}

/// A brand's name, asked once in a batch.
#[derive(Default)]
struct BrandNames(Vec<(String, Rc<str>)>);

impl BrandNames {
    fn of(&mut self, sql: &dyn Sql, code: &str) -> Result<Rc<str>, StoreError> {
        if let Some((_, name)) = self.0.iter().find(|(known, _)| known == code) {
            return Ok(name.clone());
        }
        let name: Rc<str> = brands::load(sql, code)?.map_or_else(|| code.into(), |brand| brand.name.into());
        self.0.push((code.to_owned(), name.clone()));
        Ok(name)
    }
}

//! Steps done: taken in one transaction, asked of a partner outside of any, recorded in a second.
//!
//! A step is leased while it is under way. Whoever dies with it leaves it to the next run once the lease is over; a
//! result that comes after that is dropped, since it will be found again: a payment by its key, an order by its id.

use club::Moment;
use club::member::profile;
use kernel::time::{DAY_MS, MINUTE_MS, SECOND_MS};
use kernel::{OrderId, PaymentId, RefundId, Timestamp};
use ordering::model::CancelReason;
use ordering::step::{SILENT_AFTER_TRIES, retry_at};
use ordering::{Outcome, PATIENCE_MS, StepKind};
use store::jobs::{self, Finished};
use store::orders::{self, StoredOrder, steps as outbox};
use store::transaction::transaction;
use store::{Sql, StoreError, outlets};

use iiko::orders::NewOrder;
use outbox::Key;

use super::change::change;
use super::guard::Account;
use super::later;
use super::money::Cashier;
use super::spoken::Spoken;
use super::till::{self, Conversation, Guest};
use super::{Ground, JOB, Refusal, load, quote_of, sale};

/// Longer than every call of one step together may take.
const LEASE_MS: i64 = 90 * SECOND_MS;
/// Steps listed at once.
const LISTED_MAX: i64 = 16;
/// A payment or refund that the acquirer has called pending for so long needs a person.
const PENDING_MS_MAX: i64 = 3 * DAY_MS;
/// Reasons of failures kept from one run.
const FAILURES_KEPT_MAX: usize = 10;
/// Characters of an error kept with a step.
const ERROR_LEN_MAX: usize = 300;

/// What one run may do.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// Only this order's steps.
    pub order: Option<OrderId>,
    /// Only steps of these kinds; all where empty. A function asks only the partners that it was granted.
    pub kinds: &'a [StepKind],
    pub steps_max: usize,
}

impl Scope<'_> {
    /// Everything that is due, as many steps as a timer's run may take.
    pub const ALL: Self = Self { order: None, kinds: &[], steps_max: 64 };
}

/// What a run did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Done {
    pub steps: usize,
    /// Steps that met a failure of ours; they stay due.
    pub failed: usize,
    /// Why, for the first of them.
    pub failures: Vec<String>,
    /// Whether the run stopped at its bound with more to do.
    pub more: bool,
}

/// A step with everything that it needs to be asked.
struct Call {
    key: Key,
    lease: i64,
    tries: u32,
    account: Account,
    stored: StoredOrder,
    work: Work,
}

enum Work {
    Money(Box<Cashier>),
    Send(Box<NewOrder>),
    Look,
    Cancel,
}

/// Does what is due.
///
/// # Errors
/// A failure of storage while listing. What goes wrong with one step is counted, and the others go on.
pub fn run(ground: &Ground<'_>, moment: &mut Moment<'_>, scope: Scope<'_>) -> Result<Done, Refusal> {
    let mut done = Done::default();
    loop {
        let mut keys = outbox::list_due(ground.sql, scope.order, moment.now, LISTED_MAX)?;
        keys.retain(|key| scope.kinds.is_empty() || scope.kinds.contains(&key.kind));
        if keys.is_empty() {
            return Ok(done);
        }
        for key in keys {
            if done.steps >= scope.steps_max {
                done.more = true;
                return Ok(done);
            }
            done.steps += 1;
            if let Err(refusal) = step(ground, moment, key) {
                done.failed += 1;
                if done.failures.len() < FAILURES_KEPT_MAX {
                    done.failures.push(format!("{} {}: {refusal}", key.order, key.kind.code()));
                }
                postpone(ground.sql, moment, key, &refusal)?;
            }
        }
    }
}

/// Notes a timer's run that had something to do, for who looks after the jobs.
///
/// # Errors
/// A failure of storage.
pub fn note(sql: &dyn Sql, done: &Done, now: Timestamp) -> Result<(), StoreError> {
    let error = done.failures.first().map(|first| shorten(first));
    let due_at = outbox::load_next_due(sql)?.unwrap_or(Timestamp::from_millis(i64::MAX));
    let count = i64::try_from(done.steps).unwrap_or(i64::MAX);
    let run = Finished { at: now, due_at, done: count, error: error.as_deref() };
    transaction(sql, |tx| jobs::note(tx, JOB, &run))
}

/// A step that cannot even be tried waits a while, so that it does not stand in the way of others.
fn postpone(sql: &dyn Sql, moment: &Moment<'_>, key: Key, why: &Refusal) -> Result<(), Refusal> {
    let due_at = moment.now.plus_millis(MINUTE_MS);
    let words = shorten(&why.to_string());
    transaction(sql, |tx| outbox::put_back(tx, key, due_at, Some(&words)))?;
    Ok(())
}

fn shorten(text: &str) -> String {
    text.chars().take(ERROR_LEN_MAX).collect()
}

/// Does one step.
///
/// # Errors
/// A failure of ours; the step stays.
pub fn step(ground: &Ground<'_>, moment: &mut Moment<'_>, key: Key) -> Result<(), Refusal> {
    let Some(call) = transaction(ground.sql, |tx| take(tx, ground, moment, key))? else { return Ok(()) };
    let mut spoken = Spoken::default();
    let outcome = ask(ground, &call, moment.now, &mut spoken);
    let random = u64::from_le_bytes(ground.personal.bytes());
    transaction(ground.sql, |tx| record(tx, &call, &outcome, &spoken, random, moment))
}

/// Takes a step, if it is still due, and makes ready what will be asked.
fn take(
    tx: &dyn Sql,
    ground: &Ground<'_>,
    moment: &mut Moment<'_>,
    key: Key,
) -> Result<Option<Call>, Refusal> {
    let now = moment.now;
    let lease = moment.ids.next(now);
    let until = now.plus_millis(LEASE_MS);
    let Some(tries) = outbox::take(tx, key, now, lease, until)? else { return Ok(None) };
    let mut stored = load(tx, key.order)?;
    if key.kind == StepKind::Expire {
        change(tx, &mut stored, &Outcome::PayTimeUp, moment)?;
        return Ok(None);
    }
    if let Some(kept) = stored.order.kept_until(now).filter(|_| key.kind == StepKind::SendOrder) {
        outbox::put_back(tx, key, kept, None)?;
        return Ok(None);
    }
    let account = account_of(&stored, key);
    if let Err(until) = account.admit(tx, now)? {
        paused(tx, &mut stored, key, until, moment)?;
        return Ok(None);
    }
    let (key, work) = match key.kind {
        StepKind::OpenPayment | StepKind::WatchPayment | StepKind::OpenRefund | StepKind::WatchRefund => {
            let (_, guest) = guest(tx, ground, &stored)?;
            let id = acquirer_of(&stored, key);
            let cashier = Cashier::load(tx, ground, &stored, id, guest.phone, now)?;
            (key, Work::Money(Box::new(cashier)))
        }
        StepKind::SendOrder => {
            let Some(order) = ready_to_send(tx, ground, &mut stored, moment)? else { return Ok(None) };
            let watched = Key { kind: StepKind::WatchOrder, ..key };
            outbox::hold(tx, watched, lease, until)?;
            (watched, Work::Send(Box::new(order)))
        }
        StepKind::WatchOrder => (key, Work::Look),
        StepKind::CancelAtTill => (key, Work::Cancel),
        StepKind::Expire => return Ok(None),
    };
    Ok(Some(Call { key, lease, tries, account, stored, work }))
}

/// The partner's account is left alone for now. What only time decides is decided all the same.
fn paused(
    tx: &dyn Sql,
    stored: &mut StoredOrder,
    key: Key,
    until: Timestamp,
    moment: &mut Moment<'_>,
) -> Result<(), Refusal> {
    let mut due_at = until;
    match key.kind {
        StepKind::SendOrder => {
            let limit = stored.order.dispatch.due_since.map(|since| since.plus_millis(PATIENCE_MS));
            if limit.is_some_and(|limit| moment.now >= limit) {
                change(tx, stored, &Outcome::Rejected { why: CancelReason::TillSystemDown }, moment)?;
            } else if let Some(limit) = limit {
                due_at = due_at.min(limit);
            }
        }
        StepKind::WatchOrder | StepKind::CancelAtTill => {
            change(tx, stored, &Outcome::StillWaiting, moment)?;
        }
        _ => {}
    }
    outbox::put_back(tx, key, due_at, Some("the account is paused"))?;
    Ok(())
}

fn account_of(stored: &StoredOrder, key: Key) -> Account {
    match key.kind {
        StepKind::SendOrder | StepKind::WatchOrder | StepKind::CancelAtTill | StepKind::Expire => {
            Account::Till(stored.facts.till.account)
        }
        _ => Account::Acquirer(acquirer_of(stored, key)),
    }
}

/// The acquirer's account of a step's payment or refund.
fn acquirer_of(stored: &StoredOrder, key: Key) -> i64 {
    let payment = match key.kind {
        StepKind::OpenRefund | StepKind::WatchRefund => {
            stored.order.refund(RefundId::from_raw(key.subject)).map(|refund| refund.payment)
        }
        _ => Some(PaymentId::from_raw(key.subject)),
    };
    payment.and_then(|payment| stored.link(payment)).map_or(0, |link| link.account)
}

/// The guest's phone and first name, if they are still with us.
fn guest(
    tx: &dyn Sql,
    ground: &Ground<'_>,
    stored: &StoredOrder,
) -> Result<(Option<kernel::MemberId>, Guest), Refusal> {
    match profile::read(tx, stored.facts.member, ground.personal) {
        Ok(profile) => {
            let first = |name: String| name.split_whitespace().next().map(str::to_owned);
            Ok((Some(profile.id), Guest { phone: profile.phone, name: profile.name.and_then(first) }))
        }
        Err(club::member::Refusal::Store(error)) => Err(error.into()),
        Err(_) => Ok((None, Guest::default())),
    }
}

/// The order in the till's words, noted as being sent before anything leaves. None when it cannot be sent at all: then
/// it is undone here.
fn ready_to_send(
    tx: &dyn Sql,
    ground: &Ground<'_>,
    stored: &mut StoredOrder,
    moment: &mut Moment<'_>,
) -> Result<Option<NewOrder>, Refusal> {
    let settings = till::settings(tx, stored.facts.outlet)?;
    let settings = settings.filter(|settings| settings.account == stored.facts.till.account);
    // Paused since: nobody is there to make it. Hours do not matter any more, the till says what it still takes.
    let outlet = outlets::load(tx, stored.facts.outlet)?.filter(|outlet| outlet.status == "open");
    let (Some(settings), Some(outlet)) = (settings, outlet) else {
        change(tx, stored, &Outcome::Rejected { why: CancelReason::OutletClosed }, moment)?;
        return Ok(None);
    };
    if let Some(why) = later::gone(tx, stored, &outlet, moment.now)? {
        change(tx, stored, &Outcome::Rejected { why }, moment)?;
        return Ok(None);
    }
    let quote = quote_of(stored)?;
    let (_, guest) = guest(tx, ground, stored)?;
    let fiscalised = match stored.order.paid_by().and_then(|payment| stored.link(payment.id)) {
        Some(link) => store::acquirers::load(tx, link.account)?.is_some_and(|account| account.receipts),
        None => false,
    };
    let order = till::new_order(stored, &quote, &settings, guest, &outlet.zone, fiscalised, moment.now);
    let Some(order) = order else {
        change(tx, stored, &Outcome::Rejected { why: CancelReason::TillRefused }, moment)?;
        return Ok(None);
    };
    change(tx, stored, &Outcome::Sending, moment)?;
    Ok(Some(order))
}

/// Asks the partner.
fn ask(ground: &Ground<'_>, call: &Call, now: Timestamp, spoken: &mut Spoken) -> Outcome {
    let stored = &call.stored;
    match &call.work {
        Work::Money(cashier) => {
            let (payment, refund) =
                (PaymentId::from_raw(call.key.subject), RefundId::from_raw(call.key.subject));
            match call.key.kind {
                StepKind::OpenPayment => cashier.open(ground, stored, payment, call.tries, spoken),
                StepKind::WatchPayment => cashier.watch(ground, stored, payment, spoken),
                StepKind::OpenRefund => match stored.order.refund(refund) {
                    Some(asked) => cashier.refund(ground, stored, asked, call.tries, spoken),
                    None => Outcome::StillWaiting,
                },
                _ => cashier.watch_refund(ground, stored, refund, spoken),
            }
        }
        Work::Send(order) => Conversation::new(ground, &stored.facts.till, now, spoken).send(order),
        Work::Look => Conversation::new(ground, &stored.facts.till, now, spoken).look(stored),
        Work::Cancel => Conversation::new(ground, &stored.facts.till, now, spoken).cancel(call.tries),
    }
}

/// Records what was learned, unless somebody else has the step by now.
fn record(
    tx: &dyn Sql,
    call: &Call,
    outcome: &Outcome,
    spoken: &Spoken,
    random: u64,
    moment: &mut Moment<'_>,
) -> Result<(), Refusal> {
    for answer in spoken.answers() {
        call.account.note(tx, answer, moment.now, random)?;
    }
    if !outbox::is_held(tx, call.key, call.lease)? {
        return Ok(());
    }
    let mut stored = load(tx, call.key.order)?;
    link(tx, call, spoken)?;
    let is_news = match change(tx, &mut stored, outcome, moment) {
        Ok(change) => change.changed,
        Err(Refusal::Transition(_)) => false,
        Err(refusal) => return Err(refusal),
    };
    if !is_news {
        on_time(tx, &mut stored, call, spoken, moment)?;
    }
    sale::compare(tx, &mut stored, spoken.till_sum, moment)?;
    let mut due_at = retry_at(call.key.kind, call.tries, moment.now);
    if let Some(wanted) = spoken.wanted() {
        due_at = due_at.max(wanted);
    }
    let error = spoken.error.as_deref().map(shorten);
    outbox::put_back(tx, call.key, due_at, error.as_deref())?;
    Ok(())
}

/// Nothing new was learned: time may still decide.
fn on_time(
    tx: &dyn Sql,
    stored: &mut StoredOrder,
    call: &Call,
    spoken: &Spoken,
    moment: &mut Moment<'_>,
) -> Result<(), Refusal> {
    let outcome = match call.work {
        Work::Money(_) => {
            // Whoever says "not yet" is not silent, until it takes absurdly long.
            let has_answered = spoken.external_id.is_some();
            let since = stored.order.created_at.plus_millis(PENDING_MS_MAX);
            let is_silent = if has_answered { moment.now > since } else { call.tries >= SILENT_AFTER_TRIES };
            if !is_silent {
                return Ok(());
            }
            Outcome::AcquirerSilent
        }
        Work::Send(_) | Work::Look | Work::Cancel => Outcome::StillWaiting,
    };
    change(tx, stored, &outcome, moment)?;
    Ok(())
}

/// Notes what the partner calls things.
fn link(tx: &dyn Sql, call: &Call, spoken: &Spoken) -> Result<(), Refusal> {
    if let Some(external) = &spoken.external_id {
        match call.key.kind {
            StepKind::OpenPayment | StepKind::WatchPayment => {
                let payment = PaymentId::from_raw(call.key.subject);
                orders::link_payment(tx, payment, external, spoken.confirmation.as_ref())?;
            }
            StepKind::OpenRefund | StepKind::WatchRefund => {
                orders::link_refund(tx, RefundId::from_raw(call.key.subject), external)?;
            }
            _ => {}
        }
    }
    if let Some(number) = &spoken.till_number {
        orders::set_till_number(tx, call.key.order, number)?;
    }
    Ok(())
}

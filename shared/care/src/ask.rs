//! The job: receipts become planned questions, and planned questions are asked when their moment comes.
//!
//! It can stop anywhere and be started again, twice or in two places. Receipts are walked along their ids from a cursor;
//! because an id is made when a call begins and seen when it commits, a run begins a little before the cursor, and what it
//! meets again is passed over: a receipt has one request for ever. A question is asked by one transaction that writes the
//! intent and marks the request.

use feedback::request::{self, Person, Sale, Skip};
use feedback::rules::RequestRules;
use kernel::id::id_before;
use kernel::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use kernel::{Timestamp, Zone};
use membership::profile::{Consent, ConsentKind};
use membership::secrets::LinkSigner;
use store::feedback::requests::{self, Due, Planned, Scanned};
use store::guests::MemberStatus;
use store::jobs::{self, Finished};
use store::transaction::transaction;
use store::{Sql, consents};

use crate::refusal::Refusal;
use crate::{rules, tell};
use club::Moment;
use club::personal::Personal;

/// Name of the job.
pub const JOB: &str = "feedback-request";
/// Receipts in one transaction: tills wait for it, some 5 to 10 ms.
pub const RECEIPTS_PER_SLICE: i64 = 500;
/// Questions in one transaction.
pub const QUESTIONS_PER_SLICE: i64 = 64;
/// Transactions in one run. What is left is due at once, and the next run takes it.
pub const SLICES_PER_RUN: i64 = 400;
/// How long a call may take from making its ids to its commit: the host ends calls after half a minute.
const OVERLAP_MS: i64 = 2 * MINUTE_MS;
/// How far the very first run looks back.
const FIRST_LOOK_MS: i64 = DAY_MS;
/// After this the run counts as dead, and another may take the job.
const LEASE_MS: i64 = 5 * MINUTE_MS;
/// When a question that could not be judged is looked at again.
const AFTER_FAILURE_MS: i64 = HOUR_MS;
/// Characters of an error kept with the job.
const ERROR_LEN_MAX: usize = 500;
/// What the variable with the address has in the token's place.
pub const TOKEN: &str = "{token}";

/// How much one run may do.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    pub receipts_per_slice: i64,
    pub slices_per_run: i64,
}

impl Bounds {
    /// As in production.
    pub const STANDARD: Self =
        Self { receipts_per_slice: RECEIPTS_PER_SLICE, slices_per_run: SLICES_PER_RUN };
}

/// What links are made of.
#[derive(Debug, Clone)]
pub struct Links {
    pub signer: LinkSigner,
    /// Address of the page that asks, with [`TOKEN`] in it.
    pub url: String,
}

/// What a run did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Done {
    /// Receipts looked at.
    pub looked_at: i64,
    /// Questions planned, those met again included.
    pub planned: i64,
    pub asked: i64,
    /// Planned, and not asked when their moment came.
    pub skipped: i64,
    /// Could not be judged; looked at again later.
    pub failed: i64,
    /// Why, for the first of them.
    pub failure: Option<String>,
    /// Transactions made.
    pub slices: i64,
    /// Whether the run stopped at its bound with more to do.
    pub more: bool,
}

/// How the job was met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Another run holds the lease.
    Busy,
    Ran(Done),
}

/// When something is due by the data. New receipts are found by looking.
///
/// # Errors
/// A failure of storage.
pub fn due_at(sql: &dyn Sql) -> Result<Option<Timestamp>, Refusal> {
    Ok(requests::load_next_due(sql)?)
}

/// Questions whose moment has come and that are not asked.
///
/// # Errors
/// A failure of storage.
pub fn backlog(sql: &dyn Sql, now: Timestamp) -> Result<i64, Refusal> {
    Ok(requests::count_due(sql, now)?)
}

/// Runs the job if nobody else is at it. Takes the connection, not a transaction: it makes several.
///
/// # Errors
/// A failure of storage. What was committed before it stays.
pub fn run(
    sql: &dyn Sql,
    moment: &mut Moment<'_>,
    links: &Links,
    personal: Personal<'_>,
    bounds: Bounds,
) -> Result<Outcome, Refusal> {
    let now = moment.now;
    let lease = moment.ids.next(now);
    if !transaction(sql, |tx| jobs::take(tx, JOB, lease, now, now.plus_millis(LEASE_MS)))? {
        return Ok(Outcome::Busy);
    }
    let mut done = Done::default();
    let result = plan(sql, moment, bounds, &mut done)
        .and_then(|()| if done.more { Ok(()) } else { ask(sql, moment, links, personal, bounds, &mut done) });
    let error = match &result {
        Ok(()) => done.failure.as_ref().map(|first| format!("{} failed, first: {first}", done.failed)),
        Err(error) => Some(error.to_string()),
    };
    let error: Option<String> = error.map(|error| error.chars().take(ERROR_LEN_MAX).collect());
    let due_at = due_at(sql)?.unwrap_or(now.plus_millis(MINUTE_MS));
    let finished = Finished { at: now, due_at, done: done.asked, error: error.as_deref() };
    transaction(sql, |tx| jobs::finish(tx, JOB, lease, &finished))?;
    result.map(|()| Outcome::Ran(done))
}

/// Walks over new receipts and plans questions.
fn plan(sql: &dyn Sql, moment: &mut Moment<'_>, bounds: Bounds, done: &mut Done) -> Result<(), Refusal> {
    let here = moment.ids.next(moment.now);
    let known = requests::load_cursor(sql)?;
    let mut after = known.unwrap_or(id_before(here, FIRST_LOOK_MS)).min(id_before(here, OVERLAP_MS));
    loop {
        if done.slices >= bounds.slices_per_run {
            done.more = true;
            return Ok(());
        }
        done.slices += 1;
        let (last, full) = transaction(sql, |tx| {
            let scanned = requests::scan(tx, after, bounds.receipts_per_slice)?;
            let last = scanned.last().map_or(after, |last| last.receipt.raw());
            let mut planned = Vec::new();
            for one in &scanned {
                planned.extend(planned_of(tx, one, moment)?);
            }
            let rows: Vec<Planned<'_>> = planned.iter().map(Own::borrowed).collect();
            requests::insert(tx, &rows)?;
            if known.is_none_or(|known| last > known) {
                requests::save_cursor(tx, last)?;
            }
            done.looked_at += scanned.len() as i64;
            done.planned += rows.len() as i64;
            Ok::<_, Refusal>((last, scanned.len() as i64 == bounds.receipts_per_slice))
        })?;
        after = last;
        if !full {
            return Ok(());
        }
    }
}

/// A planned request that owns its outlet's type.
struct Own<'s> {
    id: i64,
    scanned: &'s Scanned,
    member: kernel::MemberId,
    rules: i64,
    outlet_type: String,
    plan: request::Plan,
}

impl Own<'_> {
    fn borrowed(&self) -> Planned<'_> {
        Planned {
            id: self.id,
            receipt: self.scanned.receipt,
            member: self.member,
            outlet: self.scanned.outlet,
            rules: self.rules,
            outlet_type: &self.outlet_type,
            ask_at: self.plan.ask_at,
            until: self.plan.until,
        }
    }
}

fn planned_of<'s>(
    tx: &dyn Sql,
    scanned: &'s Scanned,
    moment: &mut Moment<'_>,
) -> Result<Option<Own<'s>>, Refusal> {
    let Some(member) = scanned.member else { return Ok(None) };
    // The rules of the time of the sale, so that the verdict is the same at every look (F1).
    let Some(rules) = rules::find(tx, &scanned.brand, scanned.sold_at)? else { return Ok(None) };
    let zone = Zone::parse(&scanned.zone).unwrap_or(Zone::UTC);
    let sale = Sale {
        receipt: scanned.receipt.raw(),
        sold_at: scanned.sold_at,
        channel: &scanned.channel,
        zone: &zone,
    };
    let Ok(plan) = request::plan(&rules.rules.requests, &sale, rules.version, moment.now) else {
        return Ok(None);
    };
    let Some(set) = rules.rules.questions(&scanned.outlet_code) else { return Ok(None) };
    Ok(Some(Own {
        id: moment.ids.next(moment.now),
        scanned,
        member,
        rules: rules.version,
        outlet_type: set.outlet_type.clone(),
        plan,
    }))
}

/// Asks the questions whose moment has come.
fn ask(
    sql: &dyn Sql,
    moment: &mut Moment<'_>,
    links: &Links,
    personal: Personal<'_>,
    bounds: Bounds,
    done: &mut Done,
) -> Result<(), Refusal> {
    loop {
        if done.slices >= bounds.slices_per_run {
            done.more = true;
            return Ok(());
        }
        done.slices += 1;
        let met = transaction(sql, |tx| {
            let due = requests::list_due(tx, moment.now, QUESTIONS_PER_SLICE)?;
            for one in &due {
                match ask_one(tx, one, moment, links, personal, done) {
                    Ok(()) => {}
                    Err(Refusal::Store(error)) if error.is_unavailable() => return Err(error.into()),
                    Err(error) => {
                        done.failed += 1;
                        done.failure.get_or_insert_with(|| error.to_string());
                        requests::postpone(tx, one.id, moment.now.plus_millis(AFTER_FAILURE_MS))?;
                    }
                }
            }
            Ok::<_, Refusal>(due.len())
        })?;
        if met == 0 {
            return Ok(());
        }
    }
}

fn ask_one(
    tx: &dyn Sql,
    due: &Due,
    moment: &mut Moment<'_>,
    links: &Links,
    personal: Personal<'_>,
    done: &mut Done,
) -> Result<(), Refusal> {
    let rules = rules::load(tx, due.rules)?;
    let zone = Zone::parse(&due.zone).unwrap_or(Zone::UTC);
    let awake = request::awake(rules.requests.quiet, moment.now, &zone);
    if awake > moment.now && awake < due.until {
        // Its moment was in the day, and the run came at night.
        return Ok(requests::postpone(tx, due.id, awake)?);
    }
    let person = person(tx, due, &rules.requests, moment.now)?;
    if let Err(why) = verdict(&rules.requests, person, due, awake, moment.now) {
        done.skipped += 1;
        return Ok(requests::set_skipped(tx, due.id, why.code())?);
    }
    let url = links.url.replace(TOKEN, &links.signer.sign(due.id));
    tell::question(tx, due, &url, personal, moment)?;
    done.asked += 1;
    Ok(requests::set_asked(tx, due.id, moment.now)?)
}

fn verdict(
    rules: &RequestRules,
    person: Person,
    due: &Due,
    awake: Timestamp,
    now: Timestamp,
) -> Result<(), Skip> {
    request::ask(rules, person, due.until, now)?;
    if awake > now { Err(Skip::Missed) } else { Ok(()) }
}

fn person(tx: &dyn Sql, due: &Due, rules: &RequestRules, now: Timestamp) -> Result<Person, Refusal> {
    let said = consents::list(tx, due.member)?;
    let in_force = Consent::in_force(&said);
    let agreed = |kind: ConsentKind| in_force.iter().any(|consent| consent.kind == kind && consent.granted);
    let asked = requests::count_asked(tx, due.member, request::cap_since(rules, now))?;
    Ok(Person {
        active: due.member_status == MemberStatus::Active,
        personal_data: agreed(ConsentKind::PersonalData),
        marketing: agreed(ConsentKind::MarketingSms) || agreed(ConsentKind::MarketingPush),
        asked: u32::try_from(asked).unwrap_or(u32::MAX),
        returned: due.returned,
        of_staff: due.of_staff,
    })
}

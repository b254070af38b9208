//! Rules tried on the past: stored receipts, what was spent with them, returns and sign-ups, in bounded slices that can
//! stop anywhere.
//!
//! A trial counts for itself, in states of its own, from nothing: its first month knows less than the rules will. Devices
//! and payment tokens are those that tills sent with receipts and apps with sign-ups, as far as they are kept. What is not
//! stored is not tried: codes, referrals, the blocks of phones.
//!
//! A slice is read first and written afterwards in one short transaction that moves the place on only from where it was
//! read: a slice that is run twice, or by two at once, counts once.

use std::collections::BTreeMap;

use fraud::facts::{Place, Position, Trace, Who};
use fraud::feature::features;
use fraud::observe::observe;
use fraud::subject::subjects;
use fraud::{Action, Facts, Known, RuleSet, State, Subject, judge, told};
use kernel::time::DAY_MS;
use kernel::{MemberId, StaffId, Timestamp};
use store::fraud::trials::{self, Found, PastEvent, PastKind, Trial};
use store::transaction::transaction;
use store::{Sql, StoreError};

use crate::Moment;
use crate::rules;

/// Receipts, returns and sign-ups that one call looks at, at most.
pub const SLICE_MAX: i64 = 5_000;
/// Days that a trial covers.
pub const DAYS_MAX: i64 = 400;
/// Members shown with a trial.
pub const TOP_MAX: i64 = 20;

/// Why a trial did not begin or go on.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("there is no such brand")]
    UnknownBrand,
    #[error("no such trial")]
    Unknown,
    #[error("a span ends after it begins, and has at most {DAYS_MAX} days")]
    Span,
    /// With pointers.
    #[error("the rules are not lawful")]
    Rules(Vec<fraud::rules::Problem>),
}

/// A trial to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTrial<'a> {
    pub brand: &'a str,
    pub rules: &'a RuleSet,
    pub sold_from: Timestamp,
    /// Without it.
    pub sold_until: Timestamp,
    pub by: Option<StaffId>,
}

/// Begins a trial over what there is by now.
///
/// # Errors
/// See [`Refused`].
pub fn begin(tx: &dyn Sql, new: &NewTrial<'_>, moment: &mut Moment<'_>) -> Result<Trial, Refused> {
    let span = new.sold_until.millis().saturating_sub(new.sold_from.millis());
    if !(1..=DAYS_MAX * DAY_MS).contains(&span) {
        return Err(Refused::Span);
    }
    if store::brands::load(tx, new.brand)?.is_none() {
        return Err(Refused::UnknownBrand);
    }
    let problems = new.rules.check();
    if !problems.is_empty() {
        return Err(Refused::Rules(problems));
    }
    let id = moment.ids.next(moment.now);
    let trial = Trial {
        id,
        brand: new.brand.to_owned(),
        rules: rules::write(new.rules)?,
        sold_from: new.sold_from,
        sold_until: new.sold_until,
        cursor: 0,
        end: 0,
        done: false,
        events: 0,
        created_at: moment.now,
        changed_at: moment.now,
        members: 0,
    };
    trials::insert(tx, &trial, new.by)?;
    load(tx, id)
}

/// A trial as it stands.
///
/// # Errors
/// [`Refused::Unknown`].
pub fn load(sql: &dyn Sql, id: i64) -> Result<Trial, Refused> {
    trials::load(sql, id)?.ok_or(Refused::Unknown)
}

/// Runs the next slice of at most `limit` receipts, returns and sign-ups. Takes the connection, not a transaction: judging thousands
/// must not keep tills from writing.
///
/// # Errors
/// See [`Refused`].
pub fn run(sql: &dyn Sql, id: i64, limit: i64, now: Timestamp) -> Result<Trial, Refused> {
    let trial = load(sql, id)?;
    if trial.done {
        return Ok(trial);
    }
    let rules = rules::read(&trial.rules)?;
    let slice = trials::list_events(sql, &trial, limit.clamp(1, SLICE_MAX))?;
    let (cursor, events) = slice.unwrap_or((trial.end, Vec::new()));
    let mut replay =
        Replay { sql, trial: id, rules: &rules, states: BTreeMap::new(), found: Tally::default() };
    for event in &events {
        replay.event(event)?;
    }
    let found = replay.finish();
    transaction(sql, |tx| trials::advance(tx, &trial, cursor.max(trial.cursor), &found, now))?;
    load(sql, id)
}

#[derive(Default)]
struct Tally {
    events: i64,
    actions: BTreeMap<Action, i64>,
    rules: BTreeMap<String, i64>,
    members: BTreeMap<MemberId, (u32, Action)>,
}

struct Replay<'a> {
    sql: &'a dyn Sql,
    trial: i64,
    rules: &'a RuleSet,
    states: BTreeMap<Subject, State>,
    found: Tally,
}

impl Replay<'_> {
    fn event(&mut self, past: &PastEvent) -> Result<(), StoreError> {
        let who = Who { member: past.member, joined_at: past.joined_at };
        let (at, staff) = (past.at, || past.staff.clone());
        match past.kind {
            PastKind::SignUp => {
                let device = past.device.map(Trace::from_raw);
                let told = told::sign_up(past.member, String::new(), device, past.joined_at);
                self.judge(&Facts { phone_prefix: None, ..told })
            }
            PastKind::Return if past.with_points => {
                self.judge(&at_outlet(past, told::refund(who, staff(), at)))
            }
            // It would have been no event: nothing of it was used.
            PastKind::Return => Ok(()),
            PastKind::Receipt => {
                // Points that a receipt spent were held before it.
                if past.with_points {
                    self.judge(&at_outlet(past, told::hold(who, at)))?;
                }
                let traces = (past.payment.map(Trace::from_raw), past.device.map(Trace::from_raw));
                let told = at_outlet(past, told::sale(who, staff(), past.with_points, at));
                self.judge(&Facts { payment: traces.0, device: traces.1, ..told })
            }
        }
    }

    fn judge(&mut self, facts: &Facts) -> Result<(), StoreError> {
        let all = subjects(facts);
        let mut known = Known::default();
        for subject in all {
            let state = match self.states.remove(&subject) {
                Some(state) => state,
                None => self.load(&subject)?,
            };
            known.0.push((subject, state));
        }
        let observed = observe(facts, &mut known);
        let verdict = judge(self.rules, facts.event, &features(facts, &known, &observed));
        self.states.extend(known.0);
        self.found.events += 1;
        *self.found.actions.entry(verdict.sternest()).or_default() += 1;
        let of_place = verdict.place.as_ref().filter(|place| place.action > Action::Allow);
        let of_member = (verdict.action > Action::Allow).then_some(&verdict.reasons);
        for reason in of_member.into_iter().flatten().chain(of_place.iter().flat_map(|place| &place.reasons))
        {
            *self.found.rules.entry(reason.rule.clone()).or_default() += 1;
        }
        if let Some(who) = facts.who.filter(|_| of_member.is_some()) {
            let worst = self.found.members.entry(who.member).or_insert((0, Action::Allow));
            if verdict.score > worst.0 {
                *worst = (verdict.score, verdict.action);
            }
        }
        Ok(())
    }

    fn load(&self, subject: &Subject) -> Result<State, StoreError> {
        let text = trials::load_state(self.sql, self.trial, &subject.to_string())?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    fn finish(self) -> Found {
        let actions = self.found.actions.into_iter();
        let rules = self.found.rules.into_iter();
        Found {
            events: self.found.events,
            states: crate::inline::states(&Known(self.states.into_iter().collect())),
            counts: actions
                .map(|(action, events)| ("action", action.code().to_owned(), events))
                .chain(rules.map(|(rule, events)| ("rule", rule, events)))
                .collect(),
            members: self
                .found
                .members
                .into_iter()
                .map(|(member, (score, action))| (member, score, action.code()))
                .collect(),
        }
    }
}

fn at_outlet(past: &PastEvent, told: Facts) -> Facts {
    let position = past.position.map(|(latitude_e6, longitude_e6)| Position { latitude_e6, longitude_e6 });
    Facts { place: past.outlet.map(|outlet| Place { outlet, position }), ..told }
}

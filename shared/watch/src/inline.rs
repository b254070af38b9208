//! In the transaction of a receipt, a hold, a return, a sign-up, a referral, a failed code.

use fraud::facts::{Place, Position, Trace};
use fraud::feature::features;
use fraud::observe::{Link, Shared, observe};
use fraud::subject::subjects;
use fraud::{Action, Facts, Known, State, Subject, Verdict, judge as score};
use kernel::time::HOUR_MS;
use kernel::{IdSource, MemberId, OutletId, Points, ReceiptId, Timestamp};
use store::fraud::inline::{self as counted, Standing};
use store::fraud::links;
use store::{Sql, StoreError};

use crate::rules::{self, InForce};
use crate::{Moment, act};

/// Points of a blocked account wait until then: 1 January 2200. Who is unblocked has them at once.
pub const WITHHELD_UNTIL: Timestamp = Timestamp::from_millis(7_258_118_400_000);
/// What holds for a member under these names.
pub const CHALLENGE: &str = "challenge";
pub const HOLD: &str = "hold";
pub const BLOCK: &str = "block";
pub const TRUSTED: &str = "trusted";
/// The kind of a link to a device.
const DEVICE: &str = "device";

/// What a till or an app says of means of payment and devices, hashed already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traces {
    pub payment: Option<Trace>,
    pub device: Option<Trace>,
}

/// What is known before the turn to write.
#[derive(Debug, Clone)]
pub struct Prepared {
    rules: InForce,
    place: Option<Place>,
    /// Set by whoever knows them.
    pub traces: Traces,
}

/// Reads which rules hold, and where the outlet is.
///
/// # Errors
/// A failure of storage.
pub fn prepare(sql: &dyn Sql, brand: &str, outlet: Option<OutletId>) -> Result<Prepared, StoreError> {
    let (rules, position): (InForce, Option<Position>) = rules::in_force(sql, brand, outlet)?;
    let place = outlet.map(|outlet| Place { outlet, position });
    Ok(Prepared { rules, place, traces: Traces::default() })
}

/// A judged event, before anything of it is written.
#[derive(Debug, Clone)]
pub struct Judged {
    pub(crate) facts: Facts,
    known: Known,
    links: Vec<Link>,
    /// What the rules say, whether or not it is done.
    pub verdict: Verdict,
    /// What is done: nothing under rules that only observe, and nothing to whom a person trusts.
    pub done: Action,
    pub(crate) standing: Option<Standing>,
    pub(crate) rules: InForce,
    now: Timestamp,
}

/// Why nothing is spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// Until a person has looked.
    Held,
    /// Until the member shows the rotating code of their own phone.
    NeedsCode,
}

/// Reads what is known of the subjects, adds the event and judges it. Writes nothing: see [`conclude`].
///
/// # Errors
/// A failure of storage.
pub fn judge(tx: &dyn Sql, prepared: &Prepared, facts: Facts, now: Timestamp) -> Result<Judged, StoreError> {
    let mut facts = facts;
    facts.place = facts.place.or(prepared.place);
    facts.payment = facts.payment.or(prepared.traces.payment);
    facts.device = facts.device.or(prepared.traces.device);
    let all = subjects(&facts);
    let keys: Vec<String> = all.iter().map(ToString::to_string).collect();
    let (states, standing) = counted::load(tx, &keys, facts.who.map(|who| who.member))?;
    let mut known = Known::default();
    for (subject, key) in all.into_iter().zip(&keys) {
        let stored = states.iter().find(|(name, _)| name == key);
        // What cannot be read counts as nothing: a sale must not fail for it.
        let state = stored.and_then(|(_, text)| serde_json::from_str::<State>(text).ok());
        known.0.push((subject, state.unwrap_or_default()));
    }
    let observed = observe(&facts, &mut known);
    let rules = &prepared.rules.rules;
    let verdict = score(rules, facts.event, &features(&facts, &known, &observed));
    let mut verdict = verdict.apart(rules, &facts);
    if standing.as_ref().is_some_and(|standing| standing.is(TRUSTED, now)) {
        verdict.action = Action::Allow;
    }
    let done = if prepared.rules.is_live { verdict.action } else { Action::Allow };
    let rules = prepared.rules.clone();
    Ok(Judged { facts, known, links: observed.links, verdict, done, standing, rules, now })
}

impl Judged {
    fn is(&self, standing: &str) -> bool {
        self.standing.as_ref().is_some_and(|held| held.is(standing, self.now))
    }

    /// From when on what the event earns may be spent at the earliest; `None`: as the programme says.
    #[must_use]
    pub fn delay_until(&self) -> Option<Timestamp> {
        if self.is(BLOCK) || self.done == Action::Block {
            return Some(WITHHELD_UNTIL);
        }
        let delayed = self.is(HOLD) || self.done.delays_points();
        delayed.then(|| self.now.plus_millis(i64::from(self.rules.rules.delay_hours) * HOUR_MS))
    }

    /// Whether points may be spent now; `proven` when the member has shown a rotating code.
    #[must_use]
    pub fn stops_spending(&self, proven: bool) -> Option<Stopped> {
        if self.is_held() || self.done.stops_spending() {
            return Some(Stopped::Held);
        }
        let challenged = self.is(CHALLENGE) || matches!(self.done, Action::Challenge | Action::DelayPoints);
        (challenged && !proven).then_some(Stopped::NeedsCode)
    }

    /// Whether the account is held already, whatever this event shows.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.is(HOLD) || self.is(BLOCK)
    }

    /// What was judged.
    #[must_use]
    pub const fn facts(&self) -> &Facts {
        &self.facts
    }
}

/// An accrual that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delayed {
    /// The ledger's event of the accrual.
    pub event: String,
    pub points: Points,
    /// When the programme makes the points spendable; `None` at once.
    pub programme_at: Option<Timestamp>,
}

/// What became of the event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conclusion {
    /// `receipt:<raw id>` and the like.
    pub reference: Option<String>,
    pub receipt: Option<ReceiptId>,
    pub delayed: Vec<Delayed>,
}

/// Writes down what was counted, and what was decided if anything was. The case, if there is one.
///
/// # Errors
/// A failure of storage.
pub fn conclude(
    tx: &dyn Sql,
    judged: &Judged,
    brand: &str,
    conclusion: &Conclusion,
    moment: &mut Moment<'_>,
) -> Result<Option<i64>, StoreError> {
    counted::save(tx, &states(&judged.known), moment.now)?;
    if !judged.links.is_empty() {
        links::insert(tx, &named(&judged.links, moment), moment.now)?;
    }
    if let (Some(receipt), true) =
        (conclusion.receipt, judged.facts.payment.is_some() || judged.facts.device.is_some())
    {
        let (payment, device) = (judged.facts.payment.map(Trace::raw), judged.facts.device.map(Trace::raw));
        counted::insert_trace(tx, receipt, payment, device)?;
    }
    if let (Some(referrer), Some(who)) = (judged.facts.referrer, judged.facts.who) {
        links::insert_referral(tx, moment.ids.next(moment.now), referrer, who.member, judged.facts.at)?;
    }
    let until = judged.delay_until();
    let waits = until.is_some_and(|until| act::later(conclusion, until).next().is_some());
    let mut case = None;
    if judged.verdict.sternest() > Action::Allow {
        case = act::decide(tx, judged, brand, (conclusion, waits), moment)?;
    }
    let case = case.or_else(|| judged.standing.as_ref().map(|standing| standing.case));
    if let (Some(case), Some(until), Some(who)) = (case, until, judged.facts.who) {
        act::delay(tx, case, who.member, until, conclusion, moment)?;
    }
    Ok(case)
}

/// Observes, judges and writes down an event whose own transaction is gone with its refusal. Call it in one of its own.
///
/// # Errors
/// A failure of storage.
pub fn note(tx: &dyn Sql, brand: &str, facts: &Facts, now: Timestamp) -> Result<(), StoreError> {
    let prepared = prepare(tx, brand, facts.place.map(|place| place.outlet))?;
    let judged = judge(tx, &prepared, facts.clone(), now)?;
    // The caller's ids are in use by what was refused. Counts differ each time, so ids from them do, too.
    let mut ids = IdSource::new(digest(&states(&judged.known)));
    let mut moment = Moment { now, ids: &mut ids };
    conclude(tx, &judged, brand, &Conclusion::default(), &mut moment).map(drop)
}

/// Whether codes from a device are not looked at: a person has seen what was tried from it, or is still to look. Those of a
/// phone whose `member` was on the device before are: what an app calls its device is no secret, and whoever knows a
/// guest's or a kiosk's could have it stopped.
///
/// # Errors
/// A failure of storage.
pub fn is_stopped(
    sql: &dyn Sql,
    brand: &str,
    device: Trace,
    member: Option<MemberId>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if !store::fraud::cases::is_stopped(sql, brand, &Subject::Device(device).to_string(), now)? {
        return Ok(false);
    }
    let shared = (DEVICE.to_owned(), device.raw());
    Ok(!member.map_or(Ok(false), |member| links::is_linked(sql, &shared, member))?)
}

/// Whether a member's points may be spent where the member themselves signed in: no code is needed there.
///
/// # Errors
/// A failure of storage.
pub fn is_held(sql: &dyn Sql, member: MemberId) -> Result<bool, StoreError> {
    let standing = counted::load_standing(sql, member)?;
    Ok(standing.is_some_and(|standing| matches!(standing.standing.as_str(), HOLD | BLOCK)))
}

/// From when on at the earliest a reward for bringing `friend` may be spent, and the case that it then waits under: when the
/// use of the code was found worth a delay, or while the account of the `referrer` is held. `None`: as the programme says.
///
/// # Errors
/// A failure of storage.
pub fn delay_of_reward(
    sql: &dyn Sql,
    brand: &str,
    (referrer, friend): (MemberId, MemberId),
    now: Timestamp,
) -> Result<Option<(i64, Timestamp)>, StoreError> {
    let standing = counted::load_standing(sql, referrer)?;
    if let Some(blocked) = standing.as_ref().filter(|standing| standing.is(BLOCK, now)) {
        return Ok(Some((blocked.case, WITHHELD_UNTIL)));
    }
    let held = standing.filter(|standing| standing.is(HOLD, now)).map(|standing| standing.case);
    let case = held.map_or_else(|| counted::load_referral_delayed(sql, friend), |case| Ok(Some(case)))?;
    let Some(case) = case else { return Ok(None) };
    let (rules, _) = rules::in_force(sql, brand, None)?;
    Ok(Some((case, now.plus_millis(i64::from(rules.rules.delay_hours) * HOUR_MS))))
}

/// Writes down that a reward waits under a case, as [`delay_of_reward`] found.
///
/// # Errors
/// A failure of storage.
pub fn delay_reward(
    tx: &dyn Sql,
    referrer: MemberId,
    delayed: Delayed,
    (case, until): (i64, Timestamp),
    moment: &mut Moment<'_>,
) -> Result<(), StoreError> {
    let conclusion = Conclusion { delayed: vec![delayed], ..Conclusion::default() };
    act::delay(tx, case, referrer, until, &conclusion, moment)
}

/// States as they are stored; a subject of which nothing is known is left out.
pub(crate) fn states(known: &Known) -> Vec<(String, String)> {
    let told = known.0.iter().filter(|(_, state)| *state != State::default());
    // Numbers and lists of them: writing them cannot fail, and if it did, nothing known would be the honest remainder.
    told.map(|(subject, state)| {
        (subject.to_string(), serde_json::to_string(state).unwrap_or_else(|_| "{}".to_owned()))
    })
    .collect()
}

fn named(links: &[Link], moment: &mut Moment<'_>) -> Vec<(i64, &'static str, i64, MemberId)> {
    let name = |link: &Link| match link.to {
        Shared::Device(trace) => (DEVICE, trace.raw(), link.member),
        Shared::Payment(trace) => ("payment", trace.raw(), link.member),
    };
    links
        .iter()
        .map(|link| {
            let (kind, value, member) = name(link);
            (moment.ids.next(moment.now), kind, value, member)
        })
        .collect()
}

/// FNV-1a over what was counted.
fn digest(states: &[(String, String)]) -> u64 {
    let bytes = states.iter().flat_map(|(subject, state)| subject.bytes().chain(state.bytes()));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

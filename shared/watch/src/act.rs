//! What follows from a decision: a case, what holds for the member, points that wait, a word to the guest.

use fraud::judge::Finding;
use fraud::{Action, Reason, Subject};
use kernel::time::{DAY_MS, HOUR_MS};
use kernel::{MemberId, OutletId, Points, Timestamp};
use messaging::Topic;
use serde_json::json;
use store::fraud::cases::{self, Behind, NewCase, Whose};
use store::fraud::decisions::{self, NewDecision};
use store::fraud::delays::{self, Delay};
use store::fraud::inline::{self as counted, Standing};
use store::notifications::{self, NewIntent};
use store::{Sql, StoreError};

use crate::inline::{BLOCK, CHALLENGE, Conclusion, Delayed, HOLD, Judged, WITHHELD_UNTIL};
use crate::{Moment, page};

/// How long what a guest is told about their account is of use.
const INTENT_MS: i64 = 72 * HOUR_MS;

/// How long a challenge lasts that no person upheld, in days, from the last event that called for it.
pub const CHALLENGE_DAYS: i64 = 30;

/// The same of an outlet, a device or a phone is not written down again for so long: tried codes must not fill the database.
const AGAIN_MS: i64 = HOUR_MS;
/// Decisions of a case that are looked through for it: as many as there are rules.
const SAID_MAX: i64 = fraud::rules::RULES_MAX as i64;

/// What was found of somebody.
#[derive(Clone, Copy)]
struct Found<'a> {
    score: u32,
    action: Action,
    /// What is done, in the place of `action` where rules only observe.
    done: Action,
    reasons: &'a [Reason],
}

/// Writes a decision down and does what it says; `waits`: points of the event are delayed. The member's case, or else the one
/// that the event belongs to, if there is one.
pub(crate) fn decide(
    tx: &dyn Sql,
    judged: &Judged,
    brand: &str,
    (conclusion, waits): (&Conclusion, bool),
    moment: &mut Moment<'_>,
) -> Result<Option<i64>, StoreError> {
    let (verdict, facts) = (&judged.verdict, &judged.facts);
    let outlet = facts.place.map(|place| place.outlet);
    let mut case = None;
    if verdict.action > Action::Allow {
        // Where nothing was delayed, a delay would be less than the challenge below it.
        let done = if judged.done == Action::DelayPoints && !waits { Action::Challenge } else { judged.done };
        let found = Found { score: verdict.score, action: verdict.action, done, reasons: &verdict.reasons };
        let suspect = facts.who.map(|who| who.member).filter(|_| verdict.suspects_member(facts.event));
        case = match suspect {
            Some(member) => of_member(tx, judged, brand, (member, &found), conclusion, moment)?,
            None => beside(tx, judged, brand, (outlet.map(Whose::Outlet), &found), conclusion, moment)?,
        };
    }
    for (subject, finding) in &verdict.nobody {
        let key = subject.to_string();
        let whose = Whose::Subject { brand, key: &key };
        let of_subject = aside(tx, judged, brand, (Some(whose), finding), conclusion, moment)?;
        case = case.or(of_subject);
    }
    if let Some(place) = &verdict.place {
        let whose = outlet.map(Whose::Outlet);
        let of_place = aside(tx, judged, brand, (whose, place), conclusion, moment)?;
        case = case.or(of_place.filter(|_| facts.who.is_none()));
    }
    Ok(case)
}

/// What a finding says, if it says that anything is done.
fn aside(
    tx: &dyn Sql,
    judged: &Judged,
    brand: &str,
    (whose, finding): (Option<Whose<'_>>, &Finding),
    conclusion: &Conclusion,
    moment: &mut Moment<'_>,
) -> Result<Option<i64>, StoreError> {
    if finding.action == Action::Allow {
        return Ok(None);
    }
    let done = if judged.rules.is_live { finding.action } else { Action::Allow };
    let found = Found { score: finding.score, action: finding.action, done, reasons: &finding.reasons };
    beside(tx, judged, brand, (whose, &found), conclusion, moment)
}

/// Something is found of a member: what it says holds from now on.
fn of_member(
    tx: &dyn Sql,
    judged: &Judged,
    brand: &str,
    (member, found): (MemberId, &Found<'_>),
    conclusion: &Conclusion,
    moment: &mut Moment<'_>,
) -> Result<Option<i64>, StoreError> {
    let outlet = judged.facts.place.map(|place| place.outlet);
    let case = if found.done > Action::Allow {
        let whose = Whose::Member(member);
        Some(open(tx, &Opened { brand, whose, outlet, score: found.score, action: found.done }, moment)?)
    } else {
        None
    };
    write_down(tx, judged, brand, (case, found), conclusion, moment)?;
    if let Some(case) = case {
        let until = Some(moment.now.plus_millis(CHALLENGE_DAYS * DAY_MS));
        let known = judged.standing.as_ref();
        stand(tx, (member, brand), (case, until), (known, known), found.done, moment)?;
    }
    Ok(case)
}

/// What of an action is done to an outlet or a subject: codes are not looked at from a device that is stopped; of everything
/// else a person is shown something.
fn can_be_done(whose: Whose<'_>, action: Action) -> Action {
    let is_device = match whose {
        Whose::Subject { key, .. } => matches!(Subject::parse(key), Some(Subject::Device(_))),
        Whose::Member(_) | Whose::Outlet(_) => false,
    };
    if is_device && action.stops_spending() { action } else { action.min(Action::Notify) }
}

/// Something is found of an outlet, or of a device or phone of nobody who is known: a person is shown it, unless a person has
/// looked and found nothing wrong. Rules that only observe, and what is about nothing in particular, have no case.
fn beside(
    tx: &dyn Sql,
    judged: &Judged,
    brand: &str,
    (whose, found): (Option<Whose<'_>>, &Found<'_>),
    conclusion: &Conclusion,
    moment: &mut Moment<'_>,
) -> Result<Option<i64>, StoreError> {
    let Some(whose) = whose.filter(|_| found.done > Action::Allow) else {
        write_down(tx, judged, brand, (None, found), conclusion, moment)?;
        return Ok(None);
    };
    let found = &Found { done: can_be_done(whose, found.done), ..*found };
    if cases::is_trusted(tx, whose, moment.now)? {
        return Ok(None);
    }
    if let Some(behind) = cases::load_behind(tx, whose, moment.now)?
        && !is_news(tx, &behind, found, moment.now)?
    {
        return Ok(Some(behind.id));
    }
    let outlet = match whose {
        Whose::Outlet(outlet) => Some(outlet),
        Whose::Member(_) | Whose::Subject { .. } => None,
    };
    let case = open(tx, &Opened { brand, whose, outlet, score: found.score, action: found.done }, moment)?;
    write_down(tx, judged, brand, (Some(case), found), conclusion, moment)?;
    Ok(Some(case))
}

/// Whether what was found is more than its case says already, or was not said for a while: every rule for itself, so that
/// what is loud does not cover what is quiet.
fn is_news(tx: &dyn Sql, behind: &Behind, found: &Found<'_>, now: Timestamp) -> Result<bool, StoreError> {
    if found.score > behind.score || (!behind.is_open && found.done > ruled(behind)) {
        return Ok(true);
    }
    let after = now.plus_millis(-AGAIN_MS);
    let said = decisions::list(tx, behind.id, i64::MAX, SAID_MAX)?;
    let said: Vec<Reason> = said
        .iter()
        .filter(|decision| decision.recorded_at > after)
        .flat_map(|decision| serde_json::from_str::<Vec<Reason>>(&decision.reasons).unwrap_or_default())
        .collect();
    Ok(found.reasons.iter().any(|reason| said.iter().all(|known| known.rule != reason.rule)))
}

/// What a person ruled of an outlet or a subject. Upheld, it is known: to be shown it is nothing new.
fn ruled(behind: &Behind) -> Action {
    Action::from_code(&behind.action).unwrap_or(Action::Allow).max(Action::Notify)
}

fn write_down(
    tx: &dyn Sql,
    judged: &Judged,
    brand: &str,
    (case, found): (Option<i64>, &Found<'_>),
    conclusion: &Conclusion,
    moment: &mut Moment<'_>,
) -> Result<(), StoreError> {
    let facts = &judged.facts;
    let reasons = serde_json::to_string(found.reasons)
        .map_err(|error| StoreError::Unreadable { what: "reasons", problem: error.to_string() })?;
    decisions::insert(
        tx,
        &NewDecision {
            id: moment.ids.next(moment.now),
            case,
            brand,
            event: facts.event.code(),
            reference: conclusion.reference.as_deref(),
            member: facts.who.map(|who| who.member),
            outlet: facts.place.map(|place| place.outlet),
            staff: facts.staff.as_deref(),
            rules: judged.rules.version,
            by: None,
            is_live: judged.rules.is_live,
            score: found.score,
            action: found.action.code(),
            reasons: &reasons,
            effective_at: facts.at,
            recorded_at: moment.now,
            note: None,
        },
    )
}

/// A case to open, or to raise where one is open.
pub(crate) struct Opened<'a> {
    pub(crate) brand: &'a str,
    pub(crate) whose: Whose<'a>,
    /// Where the first of it happened.
    pub(crate) outlet: Option<OutletId>,
    pub(crate) score: u32,
    pub(crate) action: Action,
}

/// The case behind what holds, or else the open one; opened if there is none. An upheld case is looked at again when
/// something sterner was found than people ruled.
pub(crate) fn open(tx: &dyn Sql, new: &Opened<'_>, moment: &mut Moment<'_>) -> Result<i64, StoreError> {
    if let Some(behind) = cases::load_behind(tx, new.whose, moment.now)? {
        let known = Action::from_code(&behind.action).unwrap_or(Action::Allow);
        let ruled = if matches!(new.whose, Whose::Member(_)) { known } else { ruled(&behind) };
        let reopens = !behind.is_open && new.action > ruled;
        // What was ruled stays as it was ruled.
        let action = if behind.is_open || reopens { known.max(new.action) } else { known };
        cases::raise(tx, behind.id, new.score, action.code(), moment.now)?;
        if reopens {
            cases::reopen(tx, behind.id, moment.now)?;
        }
        return Ok(behind.id);
    }
    let id = moment.ids.next(moment.now);
    let (member, subject) = match new.whose {
        Whose::Member(member) => (Some(member), None),
        Whose::Outlet(_) => (None, None),
        Whose::Subject { key, .. } => (None, Some(key)),
    };
    let case = NewCase {
        id,
        brand: new.brand,
        member,
        outlet: new.outlet,
        subject,
        score: new.score,
        action: new.action.code(),
        at: moment.now,
    };
    cases::insert(tx, &case)?;
    Ok(id)
}

/// How stern what holds is.
pub(crate) fn rank(standing: Option<&Standing>, now: Timestamp) -> u32 {
    let standing = standing.filter(|standing| standing.is(&standing.standing, now));
    match standing.map(|standing| standing.standing.as_str()) {
        Some(CHALLENGE) => 1,
        Some(HOLD) => 2,
        Some(BLOCK) => 3,
        _ => 0,
    }
}

/// Makes a stern action hold for the member from now on, unless a sterner one does (`known`). A challenge holds until a
/// time, if one is given, and a repeated one until the later. The guest is told where it is sterner than what they know of
/// (`told`).
pub(crate) fn stand(
    tx: &dyn Sql,
    (member, brand): (MemberId, &str),
    (case, until): (i64, Option<Timestamp>),
    (known, told): (Option<&Standing>, Option<&Standing>),
    action: Action,
    moment: &mut Moment<'_>,
) -> Result<(), StoreError> {
    let new = match action {
        Action::Challenge => CHALLENGE,
        Action::Hold => HOLD,
        Action::Block => BLOCK,
        Action::Allow | Action::Notify | Action::DelayPoints => return Ok(()),
    };
    let now = moment.now;
    let until = until.filter(|_| new == CHALLENGE);
    let standing = Standing { standing: new.to_owned(), case, until };
    let known = known.filter(|known| known.is(&known.standing, now));
    let lasts_longer = new == CHALLENGE
        && known.is_some_and(|known| {
            known.standing == CHALLENGE
                && known.until.is_some_and(|end| until.is_none_or(|until| until > end))
        });
    if rank(Some(&standing), now) <= rank(known, now) && !lasts_longer {
        return Ok(());
    }
    counted::set_standing(tx, member, &standing, now)?;
    if action.stops_spending() {
        cases::stop(tx, case, now)?;
    }
    if rank(Some(&standing), now) > rank(told, now) {
        tell_standing(tx, (member, brand), &standing, moment)?;
    }
    Ok(())
}

/// Tells a guest what holds for them from now on. What held, ended and holds again is told again.
fn tell_standing(
    tx: &dyn Sql,
    (member, brand): (MemberId, &str),
    standing: &Standing,
    moment: &mut Moment<'_>,
) -> Result<(), StoreError> {
    let mut data = serde_json::Map::new();
    if let Some(page) = page::load(tx, brand)? {
        data.insert(page::APPEAL_URL.to_owned(), page.into());
    }
    let topic = if standing.standing == CHALLENGE {
        if let Some(until) = standing.until {
            data.insert("until".to_owned(), until.to_string().into());
        }
        Topic::AccountChallenged
    } else {
        Topic::AccountHeld
    };
    let Standing { standing, case, .. } = standing;
    let dedupe = format!("{}:{case}:{standing}:{}", topic.code(), moment.now.millis());
    tell(tx, member, topic, &dedupe, &serde_json::Value::Object(data).to_string(), moment)
}

/// The accruals whose points become spendable later than the programme says.
pub(crate) fn later<'a>(
    conclusion: &'a Conclusion,
    until: Timestamp,
) -> impl Iterator<Item = &'a Delayed> + use<'a> {
    let waits = move |delayed: &&Delayed| {
        delayed.points.is_positive() && delayed.programme_at.is_none_or(|at| at < until)
    };
    conclusion.delayed.iter().filter(waits)
}

/// Writes down which accruals wait, and tells the member.
pub(crate) fn delay(
    tx: &dyn Sql,
    case: i64,
    member: MemberId,
    until: Timestamp,
    conclusion: &Conclusion,
    moment: &mut Moment<'_>,
) -> Result<(), StoreError> {
    let waiting: Vec<Delay> = later(conclusion, until)
        .map(|delayed| Delay {
            event: delayed.event.clone(),
            member,
            points: delayed.points,
            programme_at: delayed.programme_at,
            until,
            ended: None,
            taken: Points::ZERO,
        })
        .collect();
    if waiting.is_empty() {
        return Ok(());
    }
    delays::insert(tx, case, &waiting)?;
    if until == WITHHELD_UNTIL {
        return Ok(());
    }
    let data = json!({ "until": until.to_string() }).to_string();
    // Once a day: a case may be open for weeks, and points wait again.
    let day = moment.now.millis().div_euclid(DAY_MS);
    tell(
        tx,
        member,
        Topic::PointsDelayed,
        &format!("points.delayed:{case}:{}:{day}", member.raw()),
        &data,
        moment,
    )
}

/// An intent to tell a member something.
pub(crate) fn tell(
    tx: &dyn Sql,
    member: MemberId,
    topic: Topic,
    dedupe: &str,
    data: &str,
    moment: &mut Moment<'_>,
) -> Result<(), StoreError> {
    let id = moment.ids.next(moment.now);
    let expires_at = moment.now.plus_millis(INTENT_MS);
    let created_at = moment.now;
    let intent = NewIntent { id, member, topic, dedupe, data, body_sealed: None, created_at, expires_at };
    notifications::insert(tx, &intent)
}

//! What follows from a decision: a case, what holds for the member, points that wait, a word to the guest.

use fraud::Action;
use kernel::time::{DAY_MS, HOUR_MS};
use kernel::{MemberId, OutletId, Points, Timestamp};
use messaging::Topic;
use store::fraud::cases::{self, NewCase, NewDecision};
use store::fraud::delays::{self, Delay};
use store::fraud::inline::{self as counted, Standing};
use store::notifications::{self, NewIntent};
use store::{Sql, StoreError};

use crate::Moment;
use crate::inline::{BLOCK, CHALLENGE, Conclusion, Delayed, HOLD, Judged, WITHHELD_UNTIL};

/// How long what a guest is told about their account is of use.
const INTENT_MS: i64 = 72 * HOUR_MS;

/// How long a challenge lasts that no person upheld, in days, from the last event that called for it.
pub const CHALLENGE_DAYS: i64 = 30;

/// Writes a decision down and does what it says; `waits`: points of the event are delayed. The case, if there is one.
pub(crate) fn decide(
    tx: &dyn Sql,
    judged: &Judged,
    brand: &str,
    (conclusion, waits): (&Conclusion, bool),
    moment: &mut Moment<'_>,
) -> Result<Option<i64>, StoreError> {
    let facts = &judged.facts;
    // Where nothing was delayed, a delay would be less than the challenge below it.
    let done = if judged.done == Action::DelayPoints && !waits { Action::Challenge } else { judged.done };
    let member = facts.who.map(|who| who.member);
    let outlet = facts.place.map(|place| place.outlet);
    let suspect = member.filter(|_| judged.verdict.suspects_member(facts.event));
    let case = if done > Action::Allow && (suspect.is_some() || outlet.is_some()) {
        let new = Opened { brand, member: suspect, outlet, score: judged.verdict.score, action: done };
        Some(open(tx, &new, moment)?)
    } else {
        None
    };
    let reasons = serde_json::to_string(&judged.verdict.reasons)
        .map_err(|error| StoreError::Unreadable { what: "reasons", problem: error.to_string() })?;
    cases::insert_decision(
        tx,
        &NewDecision {
            id: moment.ids.next(moment.now),
            case,
            brand,
            event: facts.event.code(),
            reference: conclusion.reference.as_deref(),
            member,
            outlet,
            staff: facts.staff.as_deref(),
            rules: judged.rules.version,
            by: None,
            is_live: judged.rules.is_live,
            score: judged.verdict.score,
            action: judged.verdict.action.code(),
            reasons: &reasons,
            effective_at: facts.at,
            recorded_at: moment.now,
            note: None,
        },
    )?;
    if let (Some(case), Some(member)) = (case, suspect) {
        let until = Some(moment.now.plus_millis(CHALLENGE_DAYS * DAY_MS));
        stand(tx, member, (case, until), judged.standing.as_ref(), done, moment)?;
    }
    Ok(case)
}

/// A case to open, or to raise where one is open.
pub(crate) struct Opened<'a> {
    pub(crate) brand: &'a str,
    pub(crate) member: Option<MemberId>,
    pub(crate) outlet: Option<OutletId>,
    pub(crate) score: u32,
    pub(crate) action: Action,
}

/// The case behind what holds for the member, or else the outlet's open one; opened if there is none. An upheld case is
/// looked at again when something sterner was found than people ruled.
pub(crate) fn open(tx: &dyn Sql, new: &Opened<'_>, moment: &mut Moment<'_>) -> Result<i64, StoreError> {
    if let Some(behind) = cases::load_behind(tx, new.member, new.outlet, moment.now)? {
        let known = Action::from_code(&behind.action).unwrap_or(Action::Allow);
        cases::raise(tx, behind.id, new.score, known.max(new.action).code(), moment.now)?;
        if !behind.is_open && new.action > known {
            cases::reopen(tx, behind.id, moment.now)?;
        }
        return Ok(behind.id);
    }
    let id = moment.ids.next(moment.now);
    let (member, outlet) = (new.member, new.outlet);
    let case = NewCase {
        id,
        brand: new.brand,
        member,
        outlet,
        score: new.score,
        action: new.action.code(),
        at: moment.now,
    };
    cases::insert(tx, &case)?;
    Ok(id)
}

/// Makes a stern action hold for the member from now on, unless a sterner one does. A challenge holds until a time, if one
/// is given, and a repeated one until the later.
pub(crate) fn stand(
    tx: &dyn Sql,
    member: MemberId,
    (case, until): (i64, Option<Timestamp>),
    known: Option<&Standing>,
    action: Action,
    moment: &mut Moment<'_>,
) -> Result<(), StoreError> {
    let rank = |standing: &str| match standing {
        CHALLENGE => 1,
        HOLD => 2,
        BLOCK => 3,
        _ => 0,
    };
    let new = match action {
        Action::Challenge => CHALLENGE,
        Action::Hold => HOLD,
        Action::Block => BLOCK,
        Action::Allow | Action::Notify | Action::DelayPoints => return Ok(()),
    };
    let known = known.filter(|known| known.is(&known.standing, moment.now));
    let known_rank = known.map_or(0, |known| rank(&known.standing));
    let lasts_longer = new == CHALLENGE
        && known.is_some_and(|known| {
            known.standing == CHALLENGE
                && known.until.is_some_and(|end| until.is_none_or(|until| until > end))
        });
    if rank(new) <= known_rank && !lasts_longer {
        return Ok(());
    }
    let until = until.filter(|_| new == CHALLENGE);
    counted::set_standing(tx, member, &Standing { standing: new.to_owned(), case, until }, moment.now)?;
    if action.stops_spending() {
        cases::stop(tx, case, moment.now)?;
        let dedupe = format!("account.held:{case}:{new}");
        tell(tx, member, Topic::AccountHeld, &dedupe, "{}", moment)?;
    }
    Ok(())
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
    let data = format!("{{\"until\":\"{until}\"}}");
    tell(tx, member, Topic::PointsDelayed, &format!("points.delayed:{case}"), &data, moment)
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

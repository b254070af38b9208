//! What follows from a decision: a case, what holds for the member, points that wait, a word to the guest.

use fraud::Action;
use kernel::time::HOUR_MS;
use kernel::{MemberId, OutletId, Timestamp};
use messaging::Topic;
use store::fraud::cases::{self, NewCase, NewDecision};
use store::fraud::delays::{self, Delay};
use store::fraud::inline::{self as counted, Standing};
use store::notifications::{self, NewIntent};
use store::{Sql, StoreError};

use crate::Moment;
use crate::inline::{BLOCK, CHALLENGE, Conclusion, HOLD, Judged, WITHHELD_UNTIL};

/// How long what a guest is told about their account is of use.
const INTENT_MS: i64 = 72 * HOUR_MS;

/// Writes a decision down and does what it says. The case, if there is one.
pub(crate) fn decide(
    tx: &dyn Sql,
    judged: &Judged,
    brand: &str,
    conclusion: &Conclusion,
    moment: &mut Moment<'_>,
) -> Result<Option<i64>, StoreError> {
    let facts = &judged.facts;
    let member = facts.who.map(|who| who.member);
    let outlet = facts.place.map(|place| place.outlet);
    let suspect = member.filter(|_| judged.verdict.suspects_member(facts.event));
    let case = if judged.done > Action::Allow && (suspect.is_some() || outlet.is_some()) {
        let new = Opened { brand, member: suspect, outlet, score: judged.verdict.score, action: judged.done };
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
        let known = judged.standing.as_ref().map(|standing| standing.standing.as_str());
        stand(tx, member, case, known, judged.done, moment)?;
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

/// The open case of the member, or else of the outlet; opened if there is none.
pub(crate) fn open(tx: &dyn Sql, new: &Opened<'_>, moment: &mut Moment<'_>) -> Result<i64, StoreError> {
    if let Some((id, action)) = cases::load_open(tx, new.member, new.outlet)? {
        let sternest = Action::from_code(&action).unwrap_or(Action::Allow).max(new.action);
        cases::raise(tx, id, new.score, sternest.code(), moment.now)?;
        return Ok(id);
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

/// Makes a stern action hold for the member from now on, unless a sterner one does.
pub(crate) fn stand(
    tx: &dyn Sql,
    member: MemberId,
    case: i64,
    known: Option<&str>,
    action: Action,
    moment: &mut Moment<'_>,
) -> Result<(), StoreError> {
    let rank = |standing: Option<&str>| match standing {
        Some(CHALLENGE) => 1,
        Some(HOLD) => 2,
        Some(BLOCK) => 3,
        _ => 0,
    };
    let new = match action {
        Action::Challenge => CHALLENGE,
        Action::Hold => HOLD,
        Action::Block => BLOCK,
        Action::Allow | Action::Notify | Action::DelayPoints => return Ok(()),
    };
    if rank(Some(new)) <= rank(known) {
        return Ok(());
    }
    counted::set_standing(tx, member, &Standing { standing: new.to_owned(), case, until: None }, moment.now)?;
    if action.stops_spending() {
        let dedupe = format!("account.held:{case}:{new}");
        tell(tx, member, Topic::AccountHeld, &dedupe, "{}", moment)?;
    }
    Ok(())
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
    let waiting: Vec<Delay> = conclusion
        .delayed
        .iter()
        .filter(|delayed| delayed.points.is_positive())
        .filter(|delayed| delayed.programme_at.is_none_or(|at| at < until))
        .map(|delayed| Delay {
            event: delayed.event.clone(),
            member,
            points: delayed.points,
            programme_at: delayed.programme_at,
            until,
            ended: None,
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

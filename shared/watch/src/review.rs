//! What people do with cases: look at them, uphold or overturn them, block by themselves.

use fraud::{Action, Subject};
use kernel::time::DAY_MS;
use kernel::{MemberId, StaffId, Timestamp};
use messaging::Topic;
use serde_json::json;
use store::fraud::appeals::{self, Appeal};
use store::fraud::cases::{self, Case, Ruling, Whose};
use store::fraud::decisions::{self, Decision, NewDecision};
use store::fraud::delays::{self, Delay, Waiting};
use store::fraud::inline::{self as counted, Standing};
use store::guests::{self, MemberStatus};
use store::{Sql, StoreError};

use crate::act::{self, Opened};
use crate::appeal;
use crate::inline::{self, WITHHELD_UNTIL};
use crate::{Moment, page};

/// Most characters of what a person says to a decision.
pub const NOTE_LEN_MAX: usize = 500;
/// Longest that a person may trust a member after an overturned case, in days.
pub const TRUST_DAYS_MAX: u32 = 365;
/// Decisions shown with a case.
pub const DECISIONS_SHOWN: i64 = 100;
/// How long a ruling holds where no member is known, in days: devices change hands, and outlets their staff.
pub const RULED_DAYS: i64 = 30;
/// What a person's own block scores.
const PERSON_SCORE: u32 = 1_000;

/// Why a case was not decided.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("no such case")]
    Unknown,
    #[error("no such member")]
    UnknownMember,
    #[error("the member is erased")]
    MemberInactive,
    /// An overturned case stays so.
    #[error("the case was overturned")]
    Decided,
    /// Another case of the member is open: what holds for them is ruled there.
    #[error("another case of the member is open")]
    OtherOpen,
    /// Of an outlet, a phone or a block of numbers a person is shown something; nothing there can be stopped.
    #[error("only members, and devices that codes are tried out from, can be stopped")]
    NothingToStop,
}

/// A case with everything that a person needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    pub case: Case,
    /// Newest first.
    pub decisions: Vec<Decision>,
    pub delays: Vec<Delay>,
    pub appeals: Vec<Appeal>,
    pub standing: Option<Standing>,
}

/// A case.
///
/// # Errors
/// [`Refused::Unknown`]; a failure of storage.
pub fn read(sql: &dyn Sql, id: i64) -> Result<View, Refused> {
    let case = cases::load(sql, id)?.ok_or(Refused::Unknown)?;
    let standing = match case.member {
        Some(member) => counted::load_standing(sql, member)?,
        None => None,
    };
    Ok(View {
        decisions: decisions::list(sql, id, i64::MAX, DECISIONS_SHOWN)?,
        delays: delays::list(sql, id)?,
        appeals: appeals::list(sql, id)?,
        case,
        standing,
    })
}

/// What a person decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was as it seemed: this holds for the member from now on. Delayed points are taken back, if they are `withheld`,
    /// until somebody overturns the case; otherwise they come at their time.
    Uphold { action: Action, withheld: bool },
    /// It was not: everything is as if nothing had been done. For so many days nothing is done to the member by rules.
    Overturn { trust_days: u32 },
}

/// Decides a case. One that was upheld can be overturned later, not the other way round. The ledger's part is not done
/// here: what is withheld is to be taken back, what ran out or was taken is to be given back (`club`).
///
/// # Errors
/// See [`Refused`].
pub fn decide(
    tx: &dyn Sql,
    id: i64,
    outcome: Outcome,
    note: &str,
    by: StaffId,
    moment: &mut Moment<'_>,
) -> Result<View, Refused> {
    let case = cases::load(tx, id)?.ok_or(Refused::Unknown)?;
    if case.status == "overturned" {
        return Err(Refused::Decided);
    }
    if let Outcome::Uphold { action, .. } = outcome {
        if !can_be_done(&case, action) {
            return Err(Refused::NothingToStop);
        }
        let behind = cases::load_behind(tx, whose(&case)?, moment.now)?;
        if case.status != "open" && behind.is_some_and(|behind| behind.is_open) {
            return Err(Refused::OtherOpen);
        }
    }
    let (status, action) = match outcome {
        Outcome::Uphold { action, .. } => ("upheld", action),
        Outcome::Overturn { .. } => ("overturned", Action::Allow),
    };
    let until = until(&case, outcome, moment.now);
    cases::decide(tx, id, &Ruling { status, action: action.code(), by, note, until }, moment.now)?;
    write_down(tx, &case, action, note, by, moment)?;
    for delay in delays::list(tx, id)? {
        match outcome {
            Outcome::Overturn { .. } if delay.ended.as_deref() != Some("released") => {
                let at = delay.programme_at.map_or(moment.now, |at| at.max(moment.now));
                delays::end(tx, &delay, "released", at, moment.now)?;
            }
            Outcome::Uphold { withheld: true, .. } if delay.ended.is_none() && delay.until > moment.now => {
                delays::end(tx, &delay, "withheld", WITHHELD_UNTIL, moment.now)?;
            }
            Outcome::Overturn { .. } | Outcome::Uphold { .. } => {}
        }
    }
    let is_right = matches!(outcome, Outcome::Overturn { .. });
    let answered = appeals::answer(tx, id, is_right, moment.now)?;
    if let Some(member) = case.member {
        let before = counted::load_standing(tx, member)?.filter(|before| is_against(before, moment.now));
        stand(tx, (member, &case.brand), id, (outcome, before.as_ref()), moment)?;
        answer(tx, (member, id), (before.as_ref(), &answered), moment)?;
    }
    read(tx, id)
}

/// Tells a guest what became of their appeals; and without one, that what they were told of is over or milder. Points that
/// come at their time are no restriction, those that never would are.
fn answer(
    tx: &dyn Sql,
    (member, case): (MemberId, i64),
    (before, answered): (Option<&Standing>, &[(i64, MemberId)]),
    moment: &mut Moment<'_>,
) -> Result<(), StoreError> {
    let standing = counted::load_standing(tx, member)?.filter(|standing| is_against(standing, moment.now));
    let waiting = delays::load_waiting(tx, member, moment.now)?;
    let is_withheld =
        waiting.withheld.is_positive() || waiting.until.is_some_and(|until| until >= WITHHELD_UNTIL);
    let is_free = standing.is_none() && !is_withheld;
    let is_milder = act::rank(standing.as_ref(), moment.now) < act::rank(before, moment.now);
    let is_eased = is_milder && !is_free;
    let data =
        if is_eased { json!({ "eased": true, "upheld": false }) } else { json!({ "upheld": is_free }) };
    let data = data.to_string();
    let now = moment.now;
    let mut tell = |dedupe: String| act::tell(tx, member, Topic::AppealDecided, &dedupe, &data, moment);
    if answered.is_empty() && is_milder {
        // What ends, holds again and ends again is told again.
        return tell(format!("appeal.decided:case:{case}:{}", now.millis()));
    }
    answered.iter().try_for_each(|(appeal, _)| tell(format!("appeal.decided:{appeal}")))
}

/// Whom a case is about.
fn whose(case: &Case) -> Result<Whose<'_>, StoreError> {
    match (case.member, case.outlet, &case.subject) {
        (Some(member), ..) => Ok(Whose::Member(member)),
        (None, Some(outlet), _) => Ok(Whose::Outlet(outlet)),
        (None, None, Some(key)) => Ok(Whose::Subject { brand: &case.brand, key }),
        (None, None, None) => {
            Err(StoreError::Unreadable { what: "fraud case", problem: "it is about nobody".to_owned() })
        }
    }
}

/// Whether an action can be done to whom a case is about. Codes are not looked at from a device that was stopped; to stop
/// a phone or a block of numbers would do the attacker's work.
fn can_be_done(case: &Case, action: Action) -> bool {
    let is_device = matches!(case.subject.as_deref().and_then(Subject::parse), Some(Subject::Device(_)));
    case.member.is_some() || action <= Action::Notify || (is_device && action.stops_spending())
}

/// How long a ruling holds; of a member the standing says that.
fn until(case: &Case, outcome: Outcome, now: Timestamp) -> Option<Timestamp> {
    let days = match outcome {
        _ if case.member.is_some() => return None,
        Outcome::Uphold { .. } => RULED_DAYS,
        Outcome::Overturn { trust_days } => i64::from(trust_days),
    };
    Some(now.plus_millis(days * DAY_MS))
}

/// What holds for the member after a decision. Another case's standing is not this one's to end.
fn stand(
    tx: &dyn Sql,
    (member, brand): (MemberId, &str),
    case: i64,
    (outcome, before): (Outcome, Option<&Standing>),
    moment: &mut Moment<'_>,
) -> Result<(), StoreError> {
    let known = counted::load_standing(tx, member)?;
    match outcome {
        Outcome::Overturn { trust_days } => {
            let others = known.is_some_and(|known| known.case != case && is_against(&known, moment.now));
            if others {
                Ok(())
            } else if trust_days > 0 {
                let until = moment.now.plus_millis(i64::from(trust_days) * DAY_MS);
                let standing = Standing { standing: inline::TRUSTED.to_owned(), case, until: Some(until) };
                counted::set_standing(tx, member, &standing, moment.now)
            } else {
                counted::clear_standing(tx, member)
            }
        }
        Outcome::Uphold { action, .. } => {
            let others = known.as_ref().filter(|known| known.case != case && is_against(known, moment.now));
            if others.is_none() && known.is_some() {
                counted::clear_standing(tx, member)?;
            }
            act::stand(tx, (member, brand), (case, None), (others, before), action, moment)
        }
    }
}

/// Whether it is held against the member, and not over.
fn is_against(standing: &Standing, now: Timestamp) -> bool {
    standing.standing != inline::TRUSTED && standing.is(&standing.standing, now)
}

/// A person's decision stands among the others.
fn write_down(
    tx: &dyn Sql,
    case: &Case,
    action: Action,
    note: &str,
    by: StaffId,
    moment: &mut Moment<'_>,
) -> Result<(), StoreError> {
    let decision = NewDecision {
        id: moment.ids.next(moment.now),
        case: Some(case.id),
        brand: &case.brand,
        event: "review",
        reference: None,
        member: case.member,
        outlet: case.outlet,
        staff: None,
        rules: None,
        by: Some(by),
        is_live: true,
        score: 0,
        action: action.code(),
        reasons: "[]",
        effective_at: moment.now,
        recorded_at: moment.now,
        note: Some(note),
    };
    decisions::insert(tx, &decision)
}

/// Blocks a member by a person's decision: a case like any other, which the member may appeal and a person may overturn.
///
/// # Errors
/// See [`Refused`].
pub fn block(
    tx: &dyn Sql,
    member: MemberId,
    note: &str,
    by: StaffId,
    moment: &mut Moment<'_>,
) -> Result<View, Refused> {
    let guest = guests::load(tx, member)?.ok_or(Refused::UnknownMember)?;
    if guest.status == MemberStatus::Erased {
        return Err(Refused::MemberInactive);
    }
    let new = Opened {
        brand: &guest.brand,
        whose: Whose::Member(member),
        outlet: None,
        score: PERSON_SCORE,
        action: Action::Block,
    };
    let id = act::open(tx, &new, moment)?;
    let case = cases::load(tx, id)?.ok_or(Refused::Unknown)?;
    write_down(tx, &case, Action::Block, note, by, moment)?;
    let known = counted::load_standing(tx, member)?;
    let known = known.as_ref();
    act::stand(tx, (member, &guest.brand), (id, None), (known, known), Action::Block, moment)?;
    read(tx, id)
}

/// How an account stands, for its guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// What holds; `None` when nothing does.
    pub standing: Option<Standing>,
    /// Points that wait or are withheld.
    pub waiting: Waiting,
    pub appeals: Vec<Appeal>,
    /// Whether an appeal would be taken.
    pub can_appeal: bool,
    /// Where, if there is a page.
    pub page: Option<String>,
}

/// The case by which something holds for a member or waits, or else the newest; and what holds, trust apart.
pub(crate) fn current(
    sql: &dyn Sql,
    member: MemberId,
    now: Timestamp,
) -> Result<(Option<Case>, Option<Standing>), StoreError> {
    let standing = counted::load_standing(sql, member)?.filter(|standing| is_against(standing, now));
    let case = match cases::load_behind(sql, Whose::Member(member), now)? {
        Some(behind) => cases::load(sql, behind.id)?,
        None => cases::load_last(sql, member)?,
    };
    Ok((case, standing))
}

/// How an account stands.
///
/// # Errors
/// A failure of storage.
pub fn account(sql: &dyn Sql, member: MemberId, now: Timestamp) -> Result<Account, StoreError> {
    let (case, standing) = current(sql, member, now)?;
    let appeals = match &case {
        Some(case) => appeals::list(sql, case.id)?,
        None => Vec::new(),
    };
    let can_appeal = match appeal::against(sql, member, now) {
        Ok(_) => true,
        Err(appeal::Refused::Nothing | appeal::Refused::Enough) => false,
        Err(appeal::Refused::Store(error)) => return Err(error),
    };
    let page = match &case {
        Some(case) if can_appeal => page::load(sql, &case.brand)?,
        _ => None,
    };
    Ok(Account { standing, waiting: delays::load_waiting(sql, member, now)?, appeals, can_appeal, page })
}

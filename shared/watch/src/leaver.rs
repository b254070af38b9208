//! Accounts that are erased, and phones that come back: leaving ends nothing and repeats no welcome.
//!
//! For a while a keyed digest of the phone is kept with what was held against the account and whether it was welcomed. Who
//! comes back within that time has a case of their own from the first day, and can appeal.

use fraud::facts::Trace;
use fraud::{Action, Event, Subject};
use kernel::MemberId;
use kernel::time::DAY_MS;
use store::fraud::cases::{self, Whose};
use store::fraud::decisions::{self, NewDecision};
use store::fraud::inline::{self as counted, Standing};
use store::fraud::leavers::{self, Leaver};
use store::{Sql, StoreError};

use crate::act::{self, Opened};
use crate::inline::TRUSTED;
use crate::{Moment, appeal};

/// How long a phone is remembered after its account was erased, in days: a second welcome after half a year is worth no
/// abuse, and no case is that slow.
pub const REMEMBERED_DAYS: i64 = 180;

/// Forgets what a leaving member wrote and was seen with, and remembers what must outlive the account; `welcomed`: it had
/// its welcome.
///
/// # Errors
/// A failure of storage.
pub fn leave(
    tx: &dyn Sql,
    member: MemberId,
    (brand, phone_index): (&str, Option<&[u8]>),
    welcomed: bool,
    moment: &Moment<'_>,
) -> Result<(), StoreError> {
    if let Some(index) = phone_index {
        let standing = counted::load_standing(tx, member)?;
        let standing =
            standing.filter(|held| held.standing != TRUSTED && held.is(&held.standing, moment.now));
        let welcomed = welcomed || leavers::has_rejoined(tx, member)?;
        // What was counted of the phone goes; its block of numbers says nothing of whose it was.
        let phone = Subject::Phone(Trace::from_digest(index)).to_string();
        counted::forget(tx, &phone)?;
        leavers::blank_subject(tx, brand, &phone)?;
        leavers::keep(tx, brand, index, &Leaver { welcomed, standing }, moment.now)?;
    }
    appeal::forget(tx, member)
}

/// What holds for a new member whose phone is remembered. Whether there is a welcome for them.
///
/// # Errors
/// A failure of storage.
pub fn rejoin(
    tx: &dyn Sql,
    member: MemberId,
    (brand, phone_index): (&str, &[u8]),
    moment: &mut Moment<'_>,
) -> Result<bool, StoreError> {
    let after = moment.now.plus_millis(-REMEMBERED_DAYS * DAY_MS);
    let Some(leaver) = leavers::load(tx, brand, phone_index, after)? else { return Ok(true) };
    if leaver.welcomed {
        leavers::rejoin(tx, member, moment.now)?;
    }
    if let Some(standing) = leaver.standing.filter(|standing| standing.is(&standing.standing, moment.now)) {
        carry(tx, member, brand, &standing, moment)?;
    }
    Ok(!leaver.welcomed)
}

/// A case of the new member's own, which names the old one, and the same standing.
fn carry(
    tx: &dyn Sql,
    member: MemberId,
    brand: &str,
    standing: &Standing,
    moment: &mut Moment<'_>,
) -> Result<(), StoreError> {
    let before = cases::load(tx, standing.case)?;
    // Overturned after they left: nothing is held against them.
    if before.as_ref().is_some_and(|case| case.status == "overturned") {
        return Ok(());
    }
    let action = Action::from_code(&standing.standing).unwrap_or(Action::Challenge);
    let score = before.map_or(0, |case| case.score);
    let whose = Whose::Member(member);
    let case = act::open(tx, &Opened { brand, whose, outlet: None, score, action }, moment)?;
    let reference = format!("case:{}", standing.case);
    let decision = NewDecision {
        id: moment.ids.next(moment.now),
        case: Some(case),
        brand,
        event: Event::SignUp.code(),
        reference: Some(&reference),
        member: Some(member),
        outlet: None,
        staff: None,
        rules: None,
        by: None,
        is_live: true,
        score,
        action: action.code(),
        reasons: "[]",
        effective_at: moment.now,
        recorded_at: moment.now,
        note: None,
    };
    decisions::insert(tx, &decision)?;
    act::stand(tx, (member, brand), (case, standing.until), (None, None), action, moment)
}

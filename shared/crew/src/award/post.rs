//! Awards in points reach the ledger, each in a transaction of its own.

use kernel::time::DAY_MS;
use kernel::{Lang, Points, Timestamp};
use merit::goal::Goal;
use messaging::Topic;
use store::kpi::awards::{self, Unposted};
use store::notifications::{self, NewIntent};
use store::transaction::transaction;
use store::{Sql, StoreError};

use club::Moment;
use club::prize::{self, Prize};

use crate::award::{Done, FAILURES_KEPT_MAX};
use crate::refusal::Refused;

/// How long it is of use to tell somebody of an award.
const TELL_DAYS: i64 = 7;
/// Awards read at once.
const PAGE: i64 = 200;

pub(super) fn run(
    sql: &dyn Sql,
    moment: &mut Moment<'_>,
    done: &mut Done,
    max: usize,
) -> Result<(), Refused> {
    let (mut after, mut met) = (0, 0);
    loop {
        let page = awards::list_unposted(sql, after, PAGE)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.award;
        for unposted in &page {
            met += 1;
            if met > max {
                done.more = true;
                return Ok(());
            }
            match transaction(sql, |tx| post(tx, unposted, moment)) {
                Ok(()) => done.posted += 1,
                Err(Refused::Store(error)) if error.is_unavailable() => return Err(error.into()),
                Err(error) => {
                    if done.failures.len() < FAILURES_KEPT_MAX {
                        done.failures.push(format!("award {}: {error}", unposted.award));
                    }
                }
            }
        }
    }
}

/// Moves the points of one award. A reversal takes what is there: an award never makes a debt.
fn post(tx: &dyn Sql, unposted: &Unposted, moment: &mut Moment<'_>) -> Result<(), Refused> {
    let event = format!("award:{}", unposted.award);
    let goal = goal_of(unposted)?;
    let lang = Lang::from_code(&unposted.language).unwrap_or(Lang::Ru);
    let name = goal.name.text(lang).to_owned();
    let asked = if unposted.reverses.is_some() {
        Points::ZERO.checked_sub(unposted.moved).ok_or(Refused::Inconsistent("an award is out of range"))?
    } else {
        unposted.amount
    };
    let expires_at =
        (unposted.reverses.is_none()).then(|| moment.now.plus_millis(i64::from(goal.points_days) * DAY_MS));
    let what = Prize { member: unposted.member, points: asked, event: &event, reason: &name, expires_at };
    let moved = prize::give(tx, &what, moment)?;
    awards::insert_posting(tx, unposted.award, unposted.member, moved, moment.now)?;
    if moved.is_positive() {
        tell(tx, unposted, &name, moved, moment)?;
    }
    Ok(())
}

/// The version of the goal that the award is of.
fn goal_of(unposted: &Unposted) -> Result<Goal, Refused> {
    Ok(serde_json::from_str(&unposted.rules)
        .map_err(|error| StoreError::Unreadable { what: "rules of a goal", problem: error.to_string() })?)
}

fn tell(
    tx: &dyn Sql,
    unposted: &Unposted,
    name: &str,
    moved: Points,
    moment: &mut Moment<'_>,
) -> Result<(), Refused> {
    let data = serde_json::json!({ "points": moved.to_string(), "reason": name }).to_string();
    let until: Timestamp = moment.now.plus_millis(TELL_DAYS * DAY_MS);
    Ok(notifications::insert(
        tx,
        &NewIntent {
            id: moment.ids.next(moment.now),
            member: unposted.member,
            topic: Topic::AwardGiven,
            dedupe: &format!("award:{}", unposted.award),
            data: &data,
            body_sealed: None,
            created_at: moment.now,
            expires_at: until,
        },
    )?)
}

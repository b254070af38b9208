//! From results to awards: who gets what, and what changes when a result has changed.

use std::collections::BTreeMap;

use kernel::StaffId;
use merit::award::for_team;
use merit::goal::{Goal, Prize, Subject};
use merit::period::Days;
use store::Sql;
use store::kpi::awards::Award;

use club::Moment;

use crate::arithmetic;
use crate::ground::Ground;
use crate::judge::Judged;
use crate::measure::{measure_teams, staff_id};
use crate::refusal::Refused;

/// A period of a goal.
pub(super) struct Period<'a> {
    pub ground: &'a Ground,
    pub goal: &'a Goal,
    pub goal_id: i64,
    pub version: i64,
    pub days: Days,
}

/// Who is measured, who gets it, what it is.
type Key = (String, StaffId, String);

/// What somebody is to have, with the arithmetic behind it.
pub(super) type Wanted = BTreeMap<Key, (i64, String)>;

/// What everybody is to have by these results, and how many winners no staff code tells of.
pub(super) fn wanted(tx: &dyn Sql, period: &Period<'_>, judged: &[Judged]) -> Result<(Wanted, i64), Refused> {
    let mut unknown = 0;
    let goal = period.goal;
    let mut wanted = Wanted::new();
    let winners: Vec<&Judged> = judged.iter().filter(|one| !one.won.prizes.is_empty()).collect();
    let teams = if goal.subject.is_person() || winners.is_empty() {
        BTreeMap::new()
    } else {
        let ground = period.ground.of_period(tx, goal, period.days)?;
        measure_teams(tx, &ground, goal, period.days)?
    };
    let mut known: BTreeMap<String, Option<StaffId>> = BTreeMap::new();
    for one in winners {
        let text = arithmetic::of(one).to_string();
        let people = match goal.subject {
            Subject::Person | Subject::Shift => one.measured.people(),
            _ => teams.get(&one.measured.key).cloned().unwrap_or_default(),
        };
        let receipts: Vec<i64> = people.iter().map(|&(_, receipts)| receipts).collect();
        if receipts.is_empty() {
            continue;
        }
        for prize in &one.won.prizes {
            let shares = for_team(prize, &receipts, goal.team)
                .map_err(|_| Refused::Inconsistent("a prize cannot be shared"))?;
            for ((code, _), share) in people.iter().zip(shares) {
                let Some(share) = share else { continue };
                let id = match known.get(code) {
                    Some(&id) => id,
                    None => *known.entry(code.clone()).or_insert(staff_id(tx, code)?),
                };
                let Some(staff) = id else {
                    unknown += 1;
                    continue;
                };
                let (name, amount) = prize_of(&share);
                let entry = wanted
                    .entry((one.measured.key.clone(), staff, name))
                    .or_insert_with(|| (0, text.clone()));
                // The same badge twice is one badge.
                entry.0 = match &share {
                    Prize::Badge { .. } => 1,
                    _ => entry.0.checked_add(amount).ok_or(Refused::Inconsistent("a prize is too large"))?,
                };
            }
        }
    }
    Ok((wanted, unknown))
}

/// How a prize is called in an award, and how much it is.
fn prize_of(prize: &Prize) -> (String, i64) {
    match prize {
        Prize::Points { hundredths } => ("points".to_owned(), *hundredths),
        Prize::Badge { code } => (format!("badge:{code}"), 1),
        Prize::Money { minor, currency } => (format!("money:{currency}"), *minor),
    }
}

fn row(
    period: &Period<'_>,
    (subject, staff, prize): Key,
    revision: i64,
    (amount, arithmetic): (i64, String),
    reverses: Option<i64>,
    moment: &mut Moment<'_>,
) -> Award {
    Award {
        id: moment.ids.next(moment.now),
        goal: period.goal_id,
        goal_code: String::new(),
        version: period.version,
        from: period.days.from,
        until: period.days.until,
        subject,
        staff,
        staff_code: String::new(),
        prize,
        revision,
        amount,
        reverses,
        arithmetic,
        decided_at: moment.now,
        posted: None,
    }
}

/// The awards of a period that is judged for the first time.
pub(super) fn first(period: &Period<'_>, wanted: Wanted, moment: &mut Moment<'_>) -> Vec<Award> {
    wanted.into_iter().map(|(key, what)| row(period, key, 0, what, None, moment)).collect()
}

/// What leads from the awards that stand to those that are wanted: an award of another amount is taken back whole and
/// given anew, so that each row's arithmetic explains it.
pub(super) fn corrections(
    period: &Period<'_>,
    mut wanted: Wanted,
    standing: &[Award],
    moment: &mut Moment<'_>,
) -> Vec<Award> {
    let mut newest: BTreeMap<Key, &Award> = BTreeMap::new();
    for award in standing {
        let key = (award.subject.clone(), award.staff, award.prize.clone());
        let kept = newest.entry(key).or_insert(award);
        if award.revision > kept.revision {
            *kept = award;
        }
    }
    let mut rows = Vec::new();
    for (key, last) in newest {
        let has = if last.reverses.is_some() { 0 } else { last.amount };
        let what = wanted.remove(&key);
        let due = what.as_ref().map_or(0, |&(amount, _)| amount);
        if has == due {
            continue;
        }
        let mut revision = last.revision;
        if has > 0 {
            revision += 1;
            let because = what.as_ref().map_or_else(|| "{}".to_owned(), |(_, text)| text.clone());
            rows.push(row(period, key.clone(), revision, (-has, because), Some(last.id), moment));
        }
        if let Some(what) = what {
            rows.push(row(period, key, revision + 1, what, None, moment));
        }
    }
    rows.extend(wanted.into_iter().map(|(key, what)| row(period, key, 0, what, None, moment)));
    rows
}

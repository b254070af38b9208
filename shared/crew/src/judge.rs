//! Everybody's standing and place in a period of a goal.

use kernel::OutletId;
use merit::Gap;
use merit::award::{Won, won};
use merit::goal::Goal;
use merit::period::Days;
use merit::ranking::{Runner, places};
use merit::score::{Standing, standing};
use store::Sql;

use crate::ground::Ground;
use crate::measure::{self, Measured};
use crate::refusal::Refused;

/// Somebody judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    pub measured: Measured,
    pub standing: Standing,
    /// Places are given within a class.
    pub class: u8,
    /// From 1; none without a score.
    pub place: Option<u32>,
    /// How many of the class have a place.
    pub of: u32,
    pub won: Won,
    /// The outlet most of it comes from.
    pub home: Option<OutletId>,
}

/// Everybody whom a goal measures, by class, place and key; those without a score last.
///
/// # Errors
/// A failure of storage.
pub fn judge(sql: &dyn Sql, ground: &Ground, goal: &Goal, days: Days) -> Result<Vec<Judged>, Refused> {
    let ground = ground.of_period(sql, goal, days)?;
    let all = measure::measure_all(sql, &ground, goal, days)?;
    judge_these(sql, &ground, goal, days, all)
}

/// The same of some of them: places among these.
///
/// # Errors
/// A failure of storage.
pub fn judge_these(
    sql: &dyn Sql,
    ground: &Ground,
    goal: &Goal,
    days: Days,
    all: Vec<Measured>,
) -> Result<Vec<Judged>, Refused> {
    let classes = measure::classes(sql, ground, goal, days)?;
    let mut judged: Vec<Judged> = all
        .into_iter()
        .map(|measured| Judged {
            standing: standing(goal, &measured.facts),
            class: measure::class_of(goal, &classes, &measured),
            home: measured.home(),
            measured,
            place: None,
            of: 0,
            won: Won::default(),
        })
        .collect();
    let placed: Vec<usize> =
        (0..judged.len()).filter(|&index| judged[index].standing.score.is_ok()).collect();
    let runners: Vec<Runner> = placed
        .iter()
        .filter_map(|&index| {
            let one = &judged[index];
            let score = one.standing.score.ok()?;
            Some(Runner { class: one.class, score, volume: one.standing.volume })
        })
        .collect();
    let mut in_class = [0_u32; 1 << u8::BITS];
    for runner in &runners {
        in_class[usize::from(runner.class)] += 1;
    }
    for (&index, place) in placed.iter().zip(places(&runners, goal.ties)) {
        let one = &mut judged[index];
        one.place = Some(place);
        one.of = in_class[usize::from(one.class)];
        if let Ok(score) = one.standing.score {
            one.won = won(goal, score, place, one.of)
                .map_err(|_: Gap| Refused::Inconsistent("a score is out of range"))?;
        }
    }
    judged.sort_by(|a, b| {
        let order = |one: &Judged| (one.place.is_none(), one.class, one.place);
        order(a).cmp(&order(b)).then_with(|| a.measured.key.cmp(&b.measured.key))
    });
    Ok(judged)
}

//! Tells holders in time that their tier ends.

use kernel::{MemberId, Timestamp, Zone};
use loyalty::programme::Programme;
use messaging::Topic;
use serde_json::json;
use store::Sql;
use store::notifications::{self, NewIntent};
use store::tiers::passes::{self, COMPLETE, Pass};
use store::tiers::people;
use store::tiers::warnings;
use store::transaction::transaction;

use crate::Moment;
use crate::programme::InForce;
use crate::refusal::Refusal;
use crate::tiers::counts::{Counts, Home};
use crate::tiers::member::place;
use crate::tiers::recalc::{Bounds, Done};
use crate::tiers::versions::Versions;

/// Members in one transaction.
const PEOPLE_PER_SLICE: i64 = 64;

/// Warns those of a brand whose tier ends on the next boundary and who have not earned it again by now.
pub(super) fn run(
    sql: &dyn Sql,
    brand: &str,
    moment: &mut Moment<'_>,
    bounds: Bounds,
    done: &mut Done,
) -> Result<(), Refusal> {
    let versions = Versions::new(sql, brand);
    let Some(rules) = versions.at(moment.now)? else { return Ok(()) };
    let tiers = rules.rules.tier_rules();
    if tiers.warn_days == 0 {
        return Ok(());
    }
    for pass in passes::list(sql, brand)?.into_iter().filter(|pass| pass.cursor == COMPLETE) {
        let Ok(zone) = Zone::parse(&pass.zone) else { continue };
        let today = moment.now.date_in(&zone);
        let ends = tiers.window.plus_periods(tiers.window.period_start(today), 1);
        let from = ends.plus_days(-i32::try_from(tiers.warn_days).unwrap_or(i32::MAX));
        if today < from || pass.warned_on >= ends {
            continue;
        }
        let ending =
            Ending { brand, rules: &rules, zone: &pass.zone, at: ends.start_in(&zone), on: ends, today };
        if !ending.warn(sql, moment, bounds, done)? {
            return Ok(());
        }
        transaction(sql, |tx| passes::save(tx, brand, &Pass { warned_on: ends, ..pass }))?;
    }
    Ok(())
}

/// Tiers of a zone that end on a boundary.
struct Ending<'e> {
    brand: &'e str,
    rules: &'e InForce,
    zone: &'e str,
    on: kernel::Date,
    at: Timestamp,
    today: kernel::Date,
}

impl Ending<'_> {
    /// False when the run's bound was met first.
    fn warn(
        &self,
        sql: &dyn Sql,
        moment: &mut Moment<'_>,
        bounds: Bounds,
        done: &mut Done,
    ) -> Result<bool, Refusal> {
        let mut after = MemberId::from_raw(0);
        let place = (self.brand, self.zone, self.rules.rules.zone.as_str());
        loop {
            if !done.may_go_on(bounds) {
                return Ok(false);
            }
            let met = transaction(sql, |tx| {
                let met = warnings::list_ending(tx, place, self.on, after, PEOPLE_PER_SLICE)?;
                for &member in &met {
                    match self.tell(tx, member, moment) {
                        Ok(told) => done.warned += i64::from(told),
                        Err(error) => done.fail(member, error)?,
                    }
                }
                Ok::<_, Refusal>(met)
            })?;
            let Some(&last) = met.last() else { return Ok(true) };
            after = last;
        }
    }

    /// Records the intent for a member who would fall by what is counted so far.
    fn tell(&self, tx: &dyn Sql, member: MemberId, moment: &mut Moment<'_>) -> Result<bool, Refusal> {
        let Some(person) = people::load(tx, member)? else { return Ok(false) };
        let Some((_, _, judged)) = &person.standing else { return Ok(false) };
        let programme: &Programme = &self.rules.rules;
        let home = Home::of(person.home.as_ref(), programme);
        let so_far = Counts { sql: tx, member, home: &home }.so_far(self.rules, self.today)?;
        let standing = place(programme, judged);
        let falls_to = programme.tier_place(&so_far.earned).max(standing.floor);
        if falls_to >= standing.tier {
            return Ok(false);
        }
        let data = json!({
            "tier": judged.tier,
            "ends_on": self.on.to_string(),
            "grace_days": programme.tier_rules().grace_days,
            "earned_so_far": so_far.earned,
            "spend_minor": so_far.spend_minor,
            "currency": so_far.currency.code(),
            "points": so_far.points.to_string(),
            "visits": so_far.visits,
        });
        let topic = Topic::TierEnding;
        let intent = NewIntent {
            id: moment.ids.next(moment.now),
            member,
            topic,
            dedupe: &format!("{}:{}:{}", topic.code(), member.raw(), self.on),
            data: &data.to_string(),
            body_sealed: None,
            created_at: moment.now,
            expires_at: self.at,
        };
        notifications::insert(tx, &intent)?;
        Ok(true)
    }
}

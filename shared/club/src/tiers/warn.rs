//! Tells holders in time that their tier ends: on a boundary, where nothing they have counted keeps it, and with a grant.
//!
//! However many they are: a few at a time are held in memory, each transaction notes how far it came, and what a run leaves
//! the next one goes on with.

use kernel::time::DAY_MS;
use kernel::{Date, MemberId, Timestamp, Zone};
use messaging::Topic;
use serde_json::json;
use store::Sql;
use store::notifications::{self, NewIntent};
use store::tiers::passes::{self, COMPLETE, Pass};
use store::tiers::people;
use store::tiers::warnings::{self, Warned};
use store::transaction::transaction;

use crate::Moment;
use crate::programme::InForce;
use crate::refusal::Refusal;
use crate::tiers::outlook::Outlook;
use crate::tiers::recalc::{Bounds, Done};
use crate::tiers::versions::Versions;

/// Members in one transaction.
const PEOPLE_PER_SLICE: usize = 64;

/// Warns those of a brand whose tier ends on the next boundary of their zone and who have not earned it again by now, and
/// those whose grant ends.
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
    let warning = Warning { sql, brand, rules: &rules };
    if !warning.of_grants(moment, bounds, done)? {
        return Ok(());
    }
    let mut ending = Vec::new();
    for pass in passes::list(sql, brand)?.into_iter().filter(|pass| pass.cursor == COMPLETE) {
        let Ok(zone) = Zone::parse(&pass.zone) else { continue };
        let today = moment.now.date_in(&zone);
        let ends = tiers.window.plus_periods(tiers.window.period_start(today), 1);
        let from = ends.plus_days(-i32::try_from(tiers.warn_days).unwrap_or(i32::MAX));
        if today >= from && pass.warned_on < ends {
            ending.push(Pass { warned_on: ends, ..pass });
        }
    }
    if ending.is_empty() || !warning.of_boundaries(&ending, moment, bounds, done)? {
        return Ok(());
    }
    transaction(sql, |tx| {
        for pass in &ending {
            passes::save(tx, brand, pass)?;
            warnings::delete_cursor(tx, brand, &pass.zone)?;
        }
        Ok(())
    })
}

/// Who is warned, by which rules.
struct Warning<'w> {
    sql: &'w dyn Sql,
    brand: &'w str,
    rules: &'w InForce,
}

impl Warning<'_> {
    /// Goes over everybody whose zone is among `ending`, each with the boundary in `warned_on`. False when the run's
    /// bound was met first: the next run goes on where this one stopped.
    fn of_boundaries(
        &self,
        ending: &[Pass],
        moment: &mut Moment<'_>,
        bounds: Bounds,
        done: &mut Done,
    ) -> Result<bool, Refusal> {
        let rules = &*self.rules.rules;
        let who = (self.brand, rules.zone.as_str(), rules.tier_code(0));
        let Some(last) = ending.iter().map(|pass| pass.warned_on).max() else { return Ok(true) };
        let mut reached = Reached::load(self.sql, self.brand, ending)?;
        let mut after = reached.least();
        while after != COMPLETE {
            let end = passes::load_slice_end(self.sql, after, bounds.members_per_slice)?.unwrap_or(COMPLETE);
            let mut met = Vec::new();
            for (member, zone) in warnings::list_ending(self.sql, who, (after, end), last)? {
                met.extend(reached.boundary(member, &zone).map(|on| (member, on)));
            }
            for some in met.chunks(PEOPLE_PER_SLICE) {
                if !done.may_go_on(bounds) {
                    return Ok(false);
                }
                transaction(self.sql, |tx| {
                    for &(member, on) in some {
                        count(self.of_boundary(tx, member, on, moment), member, done)?;
                    }
                    let last = some.last().map_or(after, |(member, _)| member.raw());
                    reached.save(tx, self.brand, last)
                })?;
            }
            after = end;
        }
        Ok(true)
    }

    /// Warns those whose grant ends. False when the run's bound was met first.
    fn of_grants(&self, moment: &mut Moment<'_>, bounds: Bounds, done: &mut Done) -> Result<bool, Refusal> {
        let days = i64::from(self.rules.rules.tier_rules().warn_days);
        let range = (moment.now, moment.now.plus_millis(days * DAY_MS));
        let limit = i64::try_from(PEOPLE_PER_SLICE).unwrap_or(i64::MAX);
        let list = |sql: &dyn Sql| warnings::list_grants_ending(sql, self.brand, range, limit);
        while !list(self.sql)?.is_empty() {
            if !done.may_go_on(bounds) {
                return Ok(false);
            }
            transaction(self.sql, |tx| {
                for grant in list(tx)? {
                    count(self.of_grant(tx, grant.member, grant.at, moment), grant.member, done)?;
                    warnings::set_warned(tx, grant.id, moment.now)?;
                }
                Ok::<_, Refusal>(())
            })?;
        }
        Ok(true)
    }

    /// Records the intent for a member who by what is counted so far falls once the validity that ends by the boundary
    /// `on`, and its grace, are over.
    fn of_boundary(
        &self,
        tx: &dyn Sql,
        member: MemberId,
        on: Date,
        moment: &mut Moment<'_>,
    ) -> Result<bool, Refusal> {
        let Some(person) = people::load(tx, member)? else { return Ok(false) };
        let outlook = Outlook::of(tx, &person, self.brand, self.rules, moment.now)?;
        // Who is in grace was told before it began.
        if outlook.standing.falls_on.is_some() || outlook.standing.valid_until.is_some_and(|until| until > on)
        {
            return Ok(false);
        }
        let Some(falls_on) = outlook.falls_on else { return Ok(false) };
        let falls_at = falls_on.start_in(&outlook.homes.now.zone);
        let ending = Ending { on, grace_days: falls_on.days_since(on).max(0), at: falls_at };
        self.tell(tx, member, &outlook, &ending, moment)
    }

    /// Records the intent for a member who falls when a grant ends.
    fn of_grant(
        &self,
        tx: &dyn Sql,
        member: MemberId,
        at: Timestamp,
        moment: &mut Moment<'_>,
    ) -> Result<bool, Refusal> {
        let Some(person) = people::load(tx, member)? else { return Ok(false) };
        let outlook = Outlook::of(tx, &person, self.brand, self.rules, moment.now)?;
        let ending = Ending { on: at.date_in(&outlook.homes.now.zone), grace_days: 0, at };
        self.tell(tx, member, &outlook, &ending, moment)
    }

    fn tell(
        &self,
        tx: &dyn Sql,
        member: MemberId,
        outlook: &Outlook,
        ending: &Ending,
        moment: &mut Moment<'_>,
    ) -> Result<bool, Refusal> {
        let before = outlook.at(ending.at.plus_millis(-1));
        if outlook.at(ending.at) >= before {
            return Ok(false);
        }
        let so_far = &outlook.so_far;
        let data = json!({
            "tier": self.rules.rules.tier_code(before),
            "ends_on": ending.on.to_string(),
            "grace_days": ending.grace_days,
            "earned_so_far": so_far.earned,
            "spend_minor": so_far.spend_minor,
            "currency": so_far.currency.code(),
            "points": so_far.points.to_string(),
            "visits": so_far.visits,
        });
        // Of use until the validity is over, or the grant.
        let told_by = ending.on.start_in(&outlook.homes.now.zone);
        let expires_at = if ending.grace_days > 0 { told_by } else { ending.at };
        let topic = Topic::TierEnding;
        let intent = NewIntent {
            id: moment.ids.next(moment.now),
            member,
            topic,
            dedupe: &format!("{}:{}:{}", topic.code(), member.raw(), ending.on),
            data: &data.to_string(),
            body_sealed: None,
            created_at: moment.now,
            expires_at,
        };
        notifications::insert(tx, &intent)?;
        Ok(true)
    }
}

/// How far the holders of each zone were warned.
struct Reached(Vec<Warned>);

impl Reached {
    /// Of zones whose boundary is in `warned_on`. What is known of another boundary is of no use.
    fn load(sql: &dyn Sql, brand: &str, ending: &[Pass]) -> Result<Self, Refusal> {
        let known = warnings::list_cursors(sql, brand)?;
        let of = |pass: &Pass| {
            let found = known.iter().find(|each| each.zone == pass.zone && each.ends_on == pass.warned_on);
            let cursor = found.map_or(0, |known| known.cursor);
            Warned { zone: pass.zone.clone(), ends_on: pass.warned_on, cursor }
        };
        Ok(Self(ending.iter().map(of).collect()))
    }

    /// Up to this member everybody was warned.
    fn least(&self) -> i64 {
        self.0.iter().map(|zone| zone.cursor).min().unwrap_or(COMPLETE)
    }

    /// The boundary of which a member of a zone is still to be warned.
    fn boundary(&self, member: MemberId, zone: &str) -> Option<Date> {
        let found = self.0.iter().find(|each| each.zone == zone && each.cursor < member.raw());
        found.map(|zone| zone.ends_on)
    }

    /// Everybody up to a member was warned, in all zones.
    fn save(&mut self, tx: &dyn Sql, brand: &str, last: i64) -> Result<(), Refusal> {
        for zone in self.0.iter_mut().filter(|zone| zone.cursor < last) {
            zone.cursor = last;
            warnings::save_cursor(tx, brand, zone)?;
        }
        Ok(())
    }
}

/// An end to tell of.
struct Ending {
    /// The day that is told.
    on: Date,
    /// Days for which the tier is kept all the same.
    grace_days: i32,
    /// When the member falls.
    at: Timestamp,
}

/// Counts a member who was told, or notes one about whom that failed.
fn count(told: Result<bool, Refusal>, member: MemberId, done: &mut Done) -> Result<(), Refusal> {
    match told {
        Ok(told) => done.warned += i64::from(told),
        Err(error) => done.fail(member, error)?,
    }
    Ok(())
}

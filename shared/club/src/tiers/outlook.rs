//! What tier a member will have, by what is counted so far and nothing more.

use kernel::{Date, Timestamp};
use loyalty::tiers::judge::{Standing, ends_on, when_over};
use store::Sql;
use store::tiers::Arithmetic;
use store::tiers::grants::{self, Grant};
use store::tiers::people::Person;

use crate::programme::InForce;
use crate::refusal::Refusal;
use crate::tiers::counts::Counts;
use crate::tiers::homes::Homes;
use crate::tiers::member::GRANTS_MAX;
use crate::tiers::versions::Versions;

/// A member's next months if they bought nothing more.
pub(super) struct Outlook {
    pub homes: Homes,
    /// What they were judged to be.
    pub standing: Standing,
    /// The day on which they fall; `None` where they do not.
    pub falls_on: Option<Date>,
    pub so_far: Arithmetic,
    /// What the running period has led to.
    earned: usize,
    /// What of it holds at once.
    reached: usize,
    /// What they fall to.
    over: usize,
    /// The next boundary.
    next_at: Timestamp,
    /// Grants, with the places of their tiers.
    granted: Vec<(usize, Grant)>,
}

impl Outlook {
    pub(super) fn of(
        sql: &dyn Sql,
        person: &Person,
        brand: &str,
        rules: &InForce,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        let (programme, versions) = (&*rules.rules, Versions::new(sql, brand));
        let homes = Homes::of(person, programme);
        let today = now.date_in(&homes.now.zone);
        let counts = Counts { sql, member: person.member, homes: &homes };
        let (so_far_earned, so_far) = counts.so_far(rules, today)?;
        let reached = counts.running(rules, today)?.map_or(0, |(reached, _)| reached.tier);
        let standing = match &person.standing {
            Some((_, _, judged)) => versions.standing(rules, judged)?,
            None => Standing::unjudged(programme, versions.place(rules, &person.tier)?),
        };
        let mut granted = Vec::new();
        for grant in grants::list(sql, person.member, GRANTS_MAX)? {
            granted.push((versions.place(rules, &grant.tier)?, grant));
        }
        let window = programme.tier_rules().window;
        let next = window.plus_periods(window.period_start(today), 1);
        let earned = so_far_earned.max(reached);
        let over = when_over(programme, standing, earned);
        Ok(Self {
            falls_on: (over < standing.tier).then(|| ends_on(programme, standing, next)),
            next_at: next.start_in(&homes.now.zone),
            homes,
            standing,
            so_far,
            earned,
            reached,
            over,
            granted,
        })
    }

    /// Place of the tier that they will have.
    pub(super) fn at(&self, at: Timestamp) -> usize {
        let judged = match self.falls_on.map(|on| on.start_in(&self.homes.now.zone)) {
            Some(falls_at) if at >= falls_at => self.over,
            None if at >= self.next_at => self.standing.tier.max(self.earned),
            _ => self.standing.tier,
        };
        let reached = if at < self.next_at { self.reached } else { 0 };
        let granted = self.granted.iter().filter(|(_, grant)| grant.holds_at(at));
        granted.map(|(place, _)| *place).chain([judged, reached]).max().unwrap_or(judged)
    }
}

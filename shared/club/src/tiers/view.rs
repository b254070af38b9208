//! How a member stands, why, and what leads further.

use std::rc::Rc;

use kernel::{Date, Money, Timestamp, Zone};
use loyalty::programme::Programme;
use loyalty::tiers::rules::Facts;
use store::Sql;
use store::guests::MemberStatus;
use store::tiers::grants::{self, Grant};
use store::tiers::people;
use store::tiers::records::{self, Event};
use store::tiers::{Arithmetic, Judged};

use crate::programme;
use crate::refusal::Refusal;
use crate::tiers::counts::Counts;
use crate::tiers::homes::Homes;
use crate::tiers::member::GRANTS_MAX;

/// Changes shown.
pub const EVENTS_MAX: i64 = 20;

/// How a member stands.
#[derive(Debug, Clone)]
pub struct View {
    pub brand: String,
    /// The tier that the member has.
    pub tier: String,
    /// What the member was judged to be; `None` before the first judgement that changed anything.
    pub judged: Option<Judged>,
    /// Grants that hold now or will, the latest first.
    pub grants: Vec<Grant>,
    /// What has been counted so far for the next boundary.
    pub so_far: Arithmetic,
    pub facts: Facts,
    /// The next boundary.
    pub next_on: Date,
    pub zone: Zone,
    /// Changes, newest first.
    pub events: Vec<Event>,
    pub rules: Rc<Programme>,
}

/// How a member stands at `now`.
///
/// # Errors
/// [`Refusal::MemberInactive`], [`Refusal::NoProgramme`]; a failure of storage.
pub fn read(sql: &dyn Sql, member: kernel::MemberId, now: Timestamp) -> Result<View, Refusal> {
    let person = people::load(sql, member)?.filter(|person| person.status != MemberStatus::Erased);
    let person = person.ok_or(Refusal::MemberInactive)?;
    let in_force = programme::in_force(sql, &person.brand, now)?;
    let homes = Homes::of(&person, &in_force.rules);
    let today = now.date_in(&homes.now.zone);
    let (_, so_far) = Counts { sql, member, homes: &homes }.so_far(&in_force, today)?;
    let facts = Facts {
        spend: Money::new(so_far.spend_minor, so_far.currency),
        points: so_far.points,
        visits: so_far.visits,
    };
    let grants = grants::list(sql, member, GRANTS_MAX)?;
    let window = in_force.rules.tier_rules().window;
    Ok(View {
        tier: person.tier,
        judged: person.standing.map(|(_, _, judged)| judged),
        grants: grants.into_iter().filter(|grant| grant.ends_at().is_none_or(|end| end > now)).collect(),
        so_far,
        facts,
        next_on: window.plus_periods(window.period_start(today), 1),
        events: records::list_events(sql, member, i64::MAX, EVENTS_MAX)?,
        zone: homes.now.zone,
        rules: in_force.rules,
        brand: person.brand,
    })
}

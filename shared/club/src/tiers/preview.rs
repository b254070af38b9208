//! Who would move under other rules, and from when: everybody judged anew by the window of the last boundary, as if the
//! validity and the grace of what they have were over. They fall when these are: on the next boundary at the earliest.
//! Nothing is written.

use std::collections::BTreeMap;
use std::rc::Rc;

use kernel::{Date, MemberId, Money, Timestamp, Zone};
use loyalty::programme::Programme;
use loyalty::tiers::judge::{Standing, ends_on, when_over};
use loyalty::tiers::rules::{Effective, Facts};
use loyalty::tiers::window::Span;
use store::tiers::grants;
use store::tiers::passes::{self, COMPLETE};
use store::tiers::people;
use store::tiers::preview::{self, Asked, Counted};
use store::{Sql, StoreError};

use crate::programme::{self, InForce};
use crate::programme_admin::{self, Refused};
use crate::tiers::counts::{Counts, bounds_at, bounds_days};
use crate::tiers::homes::{Home, Homes};
use crate::tiers::member::GRANTS_MAX;
use crate::tiers::versions::Versions;
use crate::tiers::worth::worth;

/// Members looked at in one call: about a second.
pub const MEMBERS_PER_CALL: i64 = 100_000;
/// Members in one reading.
const MEMBERS_PER_SLICE: i64 = 4_000;
/// Members named for one move.
pub const SAMPLE_MAX: usize = 5;

/// Members who would go from one tier to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    pub members: i64,
    /// The day on which the first of them moves, and the last, at home.
    pub first_on: Date,
    pub last_on: Date,
    /// Some of them.
    pub sample: Vec<MemberId>,
}

/// What rules would do to some of the members.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preview {
    /// By the tier that members have and the tier that they would have.
    pub moves: BTreeMap<(String, String), Move>,
    /// Where to go on; `None` when everybody was looked at.
    pub next: Option<MemberId>,
}

/// What `draft` would do to the members of a brand after `after`.
///
/// # Errors
/// [`Refused`] as for making it a version; [`crate::Refusal`] within it is a failure of storage.
pub fn preview(
    sql: &dyn Sql,
    brand: &str,
    draft: Programme,
    after: MemberId,
    now: Timestamp,
) -> Result<Preview, Refused> {
    programme_admin::check(sql, brand, &draft)?;
    read(sql, brand, draft, after, now).map_err(|refusal| match refusal {
        crate::Refusal::Store(error) => Refused::Store(error),
        other => Refused::Store(StoreError::Unreadable { what: "preview", problem: other.to_string() }),
    })
}

fn read(
    sql: &dyn Sql,
    brand: &str,
    draft: Programme,
    after: MemberId,
    now: Timestamp,
) -> Result<Preview, crate::Refusal> {
    let version = programme::in_force(sql, brand, now)?.version;
    let versions = Versions::new(sql, brand);
    let draft = Draft { sql, rules: InForce { version, rules: Rc::new(draft) }, versions: &versions, now };
    let mut zones = Vec::new();
    let homeless = draft.rules.rules.zone.clone();
    let names = passes::list_zones(sql, brand)?;
    let extra = (!names.contains(&homeless)).then(|| homeless.clone());
    for name in names.into_iter().chain(extra) {
        let Ok(zone) = Zone::parse(&name) else { continue };
        zones.push((draft.asked(name, &zone, &homeless), draft.last_boundary(&zone)));
    }
    let mut found = Preview::default();
    let mut place = after.raw();
    let mut looked_at = 0;
    while looked_at < MEMBERS_PER_CALL {
        let end = passes::load_slice_end(sql, place, MEMBERS_PER_SLICE)?;
        for (asked, on) in &zones {
            for counted in preview::list(sql, brand, (place, end.unwrap_or(COMPLETE)), asked)? {
                draft.judge(&counted, &asked.zone, *on, &mut found)?;
            }
        }
        looked_at += MEMBERS_PER_SLICE;
        let Some(end) = end else { return Ok(found) };
        place = end;
    }
    found.next = Some(MemberId::from_raw(place));
    Ok(found)
}

impl Preview {
    fn count(&mut self, counted: &Counted, to: &str, on: Date) {
        let fresh = Move { members: 0, first_on: on, last_on: on, sample: Vec::new() };
        let found = self.moves.entry((counted.tier.clone(), to.to_owned())).or_insert(fresh);
        found.members += 1;
        found.first_on = found.first_on.min(on);
        found.last_on = found.last_on.max(on);
        if found.sample.len() < SAMPLE_MAX {
            found.sample.push(counted.member);
        }
    }
}

struct Draft<'d> {
    sql: &'d dyn Sql,
    rules: InForce,
    versions: &'d Versions<'d>,
    now: Timestamp,
}

impl Draft<'_> {
    fn last_boundary(&self, zone: &Zone) -> Date {
        self.rules.rules.tier_rules().window.period_start(self.now.date_in(zone))
    }

    fn is_at_once(&self) -> bool {
        self.rules.rules.tier_rules().effective == Effective::AtOnce
    }

    /// What to read of a zone: enough for everything that is measured there.
    fn asked(&self, name: String, zone: &Zone, homeless: &str) -> Asked {
        let window = self.rules.rules.tier_rules().window;
        let mut span = window.measured(self.last_boundary(zone));
        if self.is_at_once() {
            let today = self.now.date_in(zone);
            span = Span { until: window.running(today).until, ..span };
        }
        Asked {
            zone: name,
            homeless: homeless.to_owned(),
            at: bounds_at(span, zone),
            days: bounds_days(span),
            entry: self.rules.rules.tier_code(0).to_owned(),
            worth: worth([&*self.rules.rules].into_iter()),
        }
    }

    fn judge(
        &self,
        counted: &Counted,
        zone: &str,
        on: Date,
        found: &mut Preview,
    ) -> Result<(), crate::Refusal> {
        let programme = &*self.rules.rules;
        let home = counted.currency.map(|currency| (zone.to_owned(), currency));
        let mut homes = Homes::only(Home::of(home.as_ref(), programme));
        if counted.has_story
            && let Some(person) = people::load(self.sql, counted.member)?
        {
            homes = Homes::of(&person, programme);
        }
        let home = &homes.now;
        let counts = Counts { sql: self.sql, member: counted.member, homes: &homes };
        let is_plain = !counted.has_returns && homes.is_only();
        let by_sums = is_plain && !self.is_at_once() && programme.least().visits.is_none();
        let earned = if by_sums {
            let spend = Money::new(counted.spend_minor, home.currency);
            programme.earned(&Facts { spend, points: counted.points, visits: 0 })
        } else {
            counts.on_boundary(&self.rules, on)?.0
        };
        let current = self.versions.place(&self.rules, &counted.tier)?;
        let standing = match &counted.judged {
            Some(judged) => self.versions.standing(&self.rules, judged)?,
            None => Standing::unjudged(programme, current),
        };
        let mut tier = when_over(programme, standing, earned);
        let next = programme.tier_rules().window.plus_periods(on, 1);
        let mut moves_on = if tier < current { ends_on(programme, standing, next) } else { next };
        let today = self.now.date_in(&home.zone);
        if let Some((reached, _)) = counts.running(&self.rules, today)?
            && reached.tier > tier
        {
            (tier, moves_on) = (reached.tier, today);
        }
        if counted.has_story {
            for grant in grants::list(self.sql, counted.member, GRANTS_MAX)? {
                if grant.holds_at(self.now) {
                    tier = tier.max(self.versions.place(&self.rules, &grant.tier)?);
                }
            }
        }
        let after = programme.tier_code(tier);
        if after != counted.tier {
            found.count(counted, after, moves_on);
        }
        Ok(())
    }
}

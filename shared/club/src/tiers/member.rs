//! One member, judged again from any of their days.

use kernel::{Date, Timestamp};
use loyalty::programme::Programme;
use loyalty::tiers::judge::{Standing, on_boundary, on_grace_end};
use store::Sql;
use store::tiers::grants::{self, Grant};
use store::tiers::passes::Pass;
use store::tiers::people::Person;
use store::tiers::records::{self, NewEvent, NewJudgement, NewStanding};
use store::tiers::{Arithmetic, Judged};

use crate::Moment;
use crate::programme::InForce;
use crate::refusal::Refusal;
use crate::tiers::counts::Counts;
use crate::tiers::homes::Homes;
use crate::tiers::versions::Versions;

/// Grants of a member that are looked at; a person makes them.
pub const GRANTS_MAX: i64 = 100;
/// What became of members, to be written together.
#[derive(Debug, Default)]
pub(super) struct Batch<'a> {
    pub judgements: Vec<NewJudgement>,
    pub standings: Vec<NewStanding<'a>>,
    pub events: Vec<NewEvent>,
}

impl Batch<'_> {
    pub(super) fn write(&self, tx: &dyn Sql) -> Result<(), Refusal> {
        records::insert_judgements(tx, &self.judgements)?;
        records::save_standings(tx, &self.standings)?;
        records::insert_events(tx, &self.events)?;
        Ok(())
    }
}

/// What a member is judged on.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a> {
    pub brand: &'a str,
    /// How far the zone of their home was judged.
    pub pass: &'a Pass,
    pub versions: &'a Versions<'a>,
}

/// A judgement as it was reached last.
struct Last {
    effective_at: Timestamp,
    arithmetic: Arithmetic,
}

/// Judges `person` again from the time `from` on (`None`: from where they were judged last) up to the boundary of
/// the pass, then works out the tier that they have now. Nothing is written: all goes to `batch`. True when the tier
/// changes.
pub(super) fn settle<'a>(
    tx: &dyn Sql,
    person: &Person,
    from: Option<Timestamp>,
    ground: &Ground<'a>,
    moment: &mut Moment<'_>,
    batch: &mut Batch<'a>,
) -> Result<bool, Refusal> {
    let &Ground { brand, pass, versions } = ground;
    let rules_now = versions.at(moment.now)?.ok_or(Refusal::NoProgramme)?;
    let homes = Homes::of(person, &rules_now.rules);
    let base = person.standing.as_ref().map_or(person.tier.as_str(), |(_, base, _)| base);
    let known = person.standing.as_ref().map_or(pass.started_on, |(on, _, _)| *on);
    let first = from.map_or(known, |from| from.date_in(&homes.now.zone).min(known)).max(pass.started_on);
    let mut fold = Fold { tx, person, base, homes: &homes, pass, versions, moment, last: None };
    let before = batch.judgements.len();
    let judged = fold.run(first, batch)?;
    let last = fold.last;
    let judged = match judged {
        Some(judged) => judged,
        None => {
            let place = versions.place(&rules_now, base)?;
            code(&rules_now.rules, Standing::unjudged(&rules_now.rules, place))
        }
    };
    let now = moment.now;
    let has = Has { tx, person, homes: &homes, rules: &rules_now, versions, judged: &judged, now };
    let (event, next_at) = has.now(last.as_ref(), from, moment)?;
    let is_new = match &person.standing {
        // Who has moved is looked at on every boundary: what they have at home says little.
        None => {
            let found = event.is_some() || next_at.is_some() || batch.judgements.len() > before;
            found || !homes.is_only()
        }
        Some(_) => true,
    };
    if is_new {
        batch.standings.push(NewStanding {
            member: person.member,
            brand,
            base_tier: base.to_owned(),
            judged,
            judged_on: pass.judged_on,
            next_at,
        });
    }
    let changed = event.is_some();
    batch.events.extend(event);
    Ok(changed)
}

/// Judgements of one member, in order.
struct Fold<'f, 'm> {
    tx: &'f dyn Sql,
    person: &'f Person,
    base: &'f str,
    homes: &'f Homes,
    pass: &'f Pass,
    versions: &'f Versions<'f>,
    moment: &'f mut Moment<'m>,
    last: Option<Last>,
}

impl Fold<'_, '_> {
    /// Judges every day after `first` on which something is decided. `None`: was never judged.
    fn run(&mut self, first: Date, batch: &mut Batch<'_>) -> Result<Option<Judged>, Refusal> {
        let after = first.plus_days(1);
        let was_judged = self.person.standing.is_some();
        let member = self.person.member;
        let mut chain = if was_judged { records::load_judged_before(self.tx, member, after)? } else { None };
        let stored = if was_judged { records::list_judgements(self.tx, member, after)? } else { Vec::new() };
        let mut stored = stored.into_iter().peekable();
        let mut day = first;
        loop {
            let boundary =
                self.versions.next_boundary(|day| &self.homes.on(day).zone, day, self.pass.judged_on)?;
            let fall = chain
                .as_ref()
                .and_then(|chain| chain.falls_on)
                .filter(|on| *on > day && on.start_in(&self.homes.on(*on).zone) <= self.moment.now);
            let known = stored.peek().map(|(on, _)| *on);
            let next = boundary.as_ref().map(|(on, _)| *on).into_iter().chain(fall).chain(known).min();
            let Some(on) = next else { return Ok(chain) };
            let known = stored.next_if(|(date, _)| *date == on).map(|(_, judged)| judged);
            let boundary = boundary.filter(|(date, _)| *date == on).map(|(_, rules)| rules);
            chain = self.decide(on, chain, boundary, fall == Some(on), known, batch)?;
            day = on;
        }
    }

    fn decide(
        &mut self,
        on: Date,
        chain: Option<Judged>,
        boundary: Option<InForce>,
        falls: bool,
        known: Option<Judged>,
        batch: &mut Batch<'_>,
    ) -> Result<Option<Judged>, Refusal> {
        let effective_at = on.start_in(&self.homes.on(on).zone);
        let is_boundary = boundary.is_some();
        let rules = match boundary {
            Some(rules) => rules,
            None => self.versions.at(effective_at)?.ok_or(Refusal::NoProgramme)?,
        };
        let programme = &*rules.rules;
        let standing = match &chain {
            Some(judged) => self.versions.standing(&rules, judged)?,
            None => Standing::unjudged(programme, self.versions.place(&rules, self.base)?),
        };
        let before = chain.clone().unwrap_or_else(|| code(programme, standing));
        let counts = Counts { sql: self.tx, member: self.person.member, homes: self.homes };
        let (after, verdict, arithmetic) = if is_boundary {
            let (earned, arithmetic) = counts.on_boundary(&rules, on)?;
            let (after, verdict) = on_boundary(programme, standing, earned, on);
            (after, verdict.code(), arithmetic)
        } else if falls {
            let (earned, arithmetic) = counts.on_grace_end(&rules, on)?;
            let (after, verdict) = on_grace_end(programme, standing, earned, on);
            (after, verdict.code(), arithmetic)
        } else {
            // Something was decided on that day once, and no longer is.
            let span = programme.tier_rules().window.running(on.plus_days(-1));
            (standing, "carried", counts.nothing(&rules, span))
        };
        let after = code(programme, after);
        let settled = match &known {
            Some(known) => *known == after,
            None => before == after,
        };
        if !settled {
            batch.judgements.push(NewJudgement {
                id: self.moment.ids.next(self.moment.now),
                member: self.person.member,
                on,
                effective_at,
                recorded_at: self.moment.now,
                verdict,
                before: before.tier.clone(),
                after: after.clone(),
                arithmetic: arithmetic.clone(),
            });
            self.last = Some(Last { effective_at, arithmetic });
        }
        // Without a row the chain stays as it was, also in what nobody sees.
        Ok(if known.is_none() && settled { chain } else { Some(after) })
    }
}

/// What a member has now, over what they were judged to be.
struct Has<'h> {
    tx: &'h dyn Sql,
    person: &'h Person,
    homes: &'h Homes,
    rules: &'h InForce,
    versions: &'h Versions<'h>,
    judged: &'h Judged,
    now: Timestamp,
}

impl Has<'_> {
    /// The change, if any, and when to look again.
    fn now(
        &self,
        last: Option<&Last>,
        from: Option<Timestamp>,
        moment: &mut Moment<'_>,
    ) -> Result<(Option<NewEvent>, Option<Timestamp>), Refusal> {
        let programme = &*self.rules.rules;
        let judged = self.place(&self.judged.tier)?;
        let counts = Counts { sql: self.tx, member: self.person.member, homes: self.homes };
        let running = counts.running(self.rules, self.now.date_in(&self.homes.now.zone))?;
        let granted = grants::list(self.tx, self.person.member, GRANTS_MAX)?;
        let mut best: Option<(usize, &Grant)> = None;
        for grant in granted.iter().filter(|grant| grant.holds_at(self.now)) {
            let place = self.place(&grant.tier)?;
            if best.is_none_or(|(known, _)| place >= known) {
                best = Some((place, grant));
            }
        }
        let (by_grant, grant) = best.map_or((0, None), |(place, grant)| (place, Some(grant)));
        let reached = running.as_ref().map_or(0, |(reached, _)| reached.tier);
        let tier = judged.max(reached).max(by_grant);
        let next_at = self.look_again(&granted);
        let after = programme.tier_code(tier);
        if after == self.person.tier {
            return Ok((None, next_at));
        }
        let rises = tier > self.place(&self.person.tier)?;
        let (cause, at) = match last {
            Some(last) if tier == judged || !rises => {
                (if from.is_some() { "corrected" } else { "judged" }, last.effective_at)
            }
            _ if rises && by_grant == tier && reached < tier => {
                ("granted", grant.map_or(self.now, |grant| grant.from_at))
            }
            _ if rises && reached == tier => {
                ("reached", running.as_ref().and_then(|(reached, _)| reached.at).unwrap_or(self.now))
            }
            _ if rises => ("judged", self.now),
            _ => self.lost(&granted)?,
        };
        let arithmetic = match (last, cause) {
            (Some(last), "judged" | "corrected") => last.arithmetic.clone(),
            _ => match running {
                Some((_, arithmetic)) => arithmetic,
                None => counts.so_far(self.rules, self.now.date_in(&self.homes.now.zone))?.1,
            },
        };
        let event = NewEvent {
            id: moment.ids.next(self.now),
            member: self.person.member,
            cause,
            before: self.person.tier.clone(),
            after: after.to_owned(),
            effective_at: at,
            recorded_at: self.now,
            arithmetic,
            grant: grant.filter(|_| cause == "granted").map(|grant| grant.id),
        };
        Ok((Some(event), next_at))
    }

    fn place(&self, code: &str) -> Result<usize, Refusal> {
        self.versions.place(self.rules, code)
    }

    /// Why the member no longer has their tier although nothing was judged, and since when: the rules have it no more, a
    /// grant ended, or what the running period had brought went back.
    fn lost(&self, granted: &[Grant]) -> Result<(&'static str, Timestamp), Refusal> {
        if self.rules.rules.tier(&self.person.tier).is_none() {
            let since = self.versions.begins(self.rules.version)?;
            return Ok(("withdrawn", since.unwrap_or(self.now)));
        }
        let lost = granted.iter().filter(|grant| grant.tier == self.person.tier);
        let ended = lost.filter_map(Grant::ends_at).filter(|end| *end <= self.now).max();
        Ok(ended.map_or(("withdrawn", self.now), |end| ("grant_ended", end)))
    }

    /// When something changes by itself: grace ends, a grant begins or ends.
    fn look_again(&self, granted: &[Grant]) -> Option<Timestamp> {
        let falls = self.judged.falls_on.map(|on| on.start_in(&self.homes.now.zone));
        let edges = granted.iter().flat_map(|grant| [Some(grant.from_at), grant.ends_at()]).flatten();
        falls.into_iter().chain(edges).filter(|at| *at > self.now).min()
    }
}

/// What a member was judged to be, by codes. The entry tier does not end, whatever was said about it.
pub(super) fn code(programme: &Programme, standing: Standing) -> Judged {
    let ends = standing.tier > 0;
    Judged {
        tier: programme.tier_code(standing.tier).to_owned(),
        valid_until: standing.valid_until.filter(|_| ends),
        falls_on: standing.falls_on.filter(|_| ends),
        floor: programme.tier_code(standing.floor).to_owned(),
    }
}

//! A slice of members after a boundary: most of them are judged by the sums that one statement brought.

use kernel::{Money, Timestamp};
use loyalty::programme::Programme;
use loyalty::tiers::judge::{Standing, on_boundary};
use loyalty::tiers::rules::{Effective, Facts};
use store::Sql;
use store::tiers::passes::{self, Candidate, Pass, Worth};
use store::tiers::people;
use store::tiers::records::{NewEvent, NewJudgement, NewStanding};

use crate::Moment;
use crate::programme::InForce;
use crate::refusal::Refusal;
use crate::tiers::counts::arithmetic;
use crate::tiers::homes::Home;
use crate::tiers::member::{Batch, Ground, code, settle};
use crate::tiers::recalc::Done;
use crate::tiers::versions::Versions;
use crate::tiers::worth::worth;

/// The open passes of a brand, with the rules by which each judges.
pub(super) struct Open<'a> {
    pub brand: &'a str,
    pub passes: Vec<(Pass, InForce)>,
    pub now: InForce,
}

impl Open<'_> {
    /// Who need not be looked at: entry tier, never judged, and below everything that leads anywhere.
    fn worth(&self) -> (Worth, &str) {
        let all = || self.passes.iter().map(|(_, rules)| &*rules.rules).chain([&*self.now.rules]);
        let entry = self.now.rules.tier_code(0);
        let same = all().all(|rules| rules.tier_code(0) == entry);
        (worth(all()), if same { entry } else { "" })
    }
}

/// Judges the members after `range.0` and up to `range.1`.
pub(super) fn judge(
    tx: &dyn Sql,
    open: &Open<'_>,
    range: (i64, i64),
    versions: &Versions<'_>,
    moment: &mut Moment<'_>,
    done: &mut Done,
) -> Result<(), Refusal> {
    let (worth, entry) = open.worth();
    let candidates = passes::list_candidates(tx, open.brand, range, &open.now.rules.zone, entry, &worth)?;
    let mut batch = Batch::default();
    for candidate in &candidates {
        let found = open.passes.iter().find(|(pass, _)| pass.zone == candidate.zone);
        let Some((pass, rules)) = found else { continue };
        match way(candidate, pass, rules, &open.now) {
            Way::Done => {}
            Way::BySums => {
                by_sums(open.brand, candidate, pass, (rules, versions), moment, &mut batch)?;
                done.judged += 1;
            }
            Way::ByReceipts => {
                let Some(person) = people::load(tx, candidate.member)? else { continue };
                match settle(
                    tx,
                    &person,
                    None,
                    &Ground { brand: open.brand, pass, versions },
                    moment,
                    &mut batch,
                ) {
                    Ok(_) => done.judged += 1,
                    Err(error) => {
                        done.fail(candidate.member, error)?;
                        passes::insert_touched(tx, candidate.member, moment.now)?;
                    }
                }
            }
        }
    }
    done.changed += batch.events.len() as i64;
    batch.write(tx)
}

enum Way {
    /// Was judged on this boundary.
    Done,
    /// The sums say all.
    BySums,
    /// Something must be looked up: returns, visits, grace, grants, other homes, the running period,
    /// earlier rules.
    ByReceipts,
}

fn way(candidate: &Candidate, pass: &Pass, rules: &InForce, now: &InForce) -> Way {
    let at_once = |rules: &InForce| rules.rules.tier_rules().effective == Effective::AtOnce;
    // A tier that the rules no longer have has an heir.
    let is_absent = now.rules.tier(&candidate.tier).is_none();
    if at_once(rules) || at_once(now) || candidate.has_story || is_absent {
        return Way::ByReceipts;
    }
    if let Some((judged_on, _, judged)) = &candidate.standing {
        if candidate.tier != judged.tier || judged.falls_on.is_some() {
            return Way::ByReceipts;
        }
        if *judged_on >= pass.judged_on {
            return Way::Done;
        }
    }
    if pass.judged_on <= pass.started_on {
        return Way::Done;
    }
    let by_visits = rules.rules.least().visits.is_some();
    if candidate.has_returns || by_visits { Way::ByReceipts } else { Way::BySums }
}

/// Judges a member nothing of whose receipts came back, by rules that ask for spend and points and take effect on the
/// boundary.
fn by_sums<'a>(
    brand: &'a str,
    candidate: &Candidate,
    pass: &Pass,
    (rules, versions): (&InForce, &Versions<'_>),
    moment: &mut Moment<'_>,
    batch: &mut Batch<'a>,
) -> Result<(), Refusal> {
    let programme: &Programme = &rules.rules;
    let home = candidate.currency.map(|currency| (candidate.zone.clone(), currency));
    let home = Home::of(home.as_ref(), programme);
    let facts = Facts {
        spend: Money::new(candidate.spend_minor, home.currency),
        points: candidate.points,
        visits: 0,
    };
    let on = pass.judged_on;
    let earned = programme.earned(&facts);
    let standing = match &candidate.standing {
        Some((_, _, judged)) => versions.standing(rules, judged)?,
        None => Standing::unjudged(programme, versions.place(rules, &candidate.tier)?),
    };
    let (after, verdict) = on_boundary(programme, standing, earned, on);
    let after = code(programme, after);
    let before = match &candidate.standing {
        Some((_, _, judged)) => judged.clone(),
        None => code(programme, standing),
    };
    if before == after && candidate.tier == after.tier {
        return Ok(());
    }
    let arithmetic = arithmetic(rules, programme.tier_rules().window.measured(on), &facts, earned);
    let effective_at: Timestamp = on.start_in(&home.zone);
    let base = candidate.standing.as_ref().map_or(&candidate.tier, |(_, base, _)| base);
    if candidate.tier != after.tier {
        batch.events.push(NewEvent {
            id: moment.ids.next(moment.now),
            member: candidate.member,
            cause: "judged",
            before: candidate.tier.clone(),
            after: after.tier.clone(),
            effective_at,
            recorded_at: moment.now,
            arithmetic: arithmetic.clone(),
            grant: None,
        });
    }
    batch.standings.push(NewStanding {
        member: candidate.member,
        brand,
        base_tier: base.clone(),
        judged: after.clone(),
        judged_on: on,
        next_at: after.falls_on.map(|on| on.start_in(&home.zone)),
    });
    batch.judgements.push(NewJudgement {
        id: moment.ids.next(moment.now),
        member: candidate.member,
        on,
        effective_at,
        recorded_at: moment.now,
        verdict: verdict.code(),
        before: before.tier,
        after,
        arithmetic,
    });
    Ok(())
}

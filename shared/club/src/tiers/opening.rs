//! When members are to be gone over, from which boundary, and which receipts may count.

use kernel::{Timestamp, Zone};
use loyalty::programme::Programme;
use loyalty::tiers::rules::Effective;
use loyalty::tiers::window::Span;
use store::tiers::passes::{self, COMPLETE, Pass};
use store::{Sql, StoreError};

use crate::programme::InForce;
use crate::refusal::Refusal;
use crate::tiers::counts::{bounds_at, bounds_days};
use crate::tiers::versions::Versions;

/// The horizon where rules take effect at once: every receipt is noted.
const EVERYTHING: Timestamp = Timestamp::from_millis(i64::MAX);
/// Opens what is to be gone over, and raises the horizon before the first member is judged.
pub(super) fn open_passes(tx: &dyn Sql, brands: &[String], now: Timestamp) -> Result<(), Refusal> {
    let mut horizon = Timestamp::from_millis(i64::MIN);
    for brand in brands {
        let versions = Versions::new(tx, brand);
        let Some(rules_now) = versions.at(now)? else { continue };
        let mut zones = passes::list_zones(tx, brand)?;
        if !zones.contains(&rules_now.rules.zone) {
            zones.push(rules_now.rules.zone.clone());
        }
        let known = passes::list(tx, brand)?;
        for name in zones {
            let zone = Zone::parse(&name)
                .map_err(|_| StoreError::Unreadable { what: "time zone", problem: name.clone() })?;
            let known = known.iter().find(|pass| pass.zone == name);
            let pass = match known {
                Some(pass) => next_pass(pass, &versions, &rules_now, &zone, now)?,
                None => Some(first_pass(name, &rules_now, &zone, now)),
            };
            if let Some(pass) = &pass {
                passes::save(tx, brand, pass)?;
            }
            if let Some(pass) = pass.as_ref().or(known).filter(|pass| pass.judged_on > pass.started_on) {
                horizon = horizon.max(pass.judged_on.start_in(&zone));
            }
        }
        if rules_now.rules.tier_rules().grace_days > 0 {
            // Grace ends within a period, and what the period had brought by then decides.
            horizon = horizon.max(now);
        }
        if is_at_once(&rules_now.rules) {
            horizon = EVERYTHING;
        }
    }
    if horizon != EVERYTHING && passes::load_horizon(tx)? != EVERYTHING {
        return Ok(passes::raise_horizon(tx, horizon)?);
    }
    Ok(passes::set_horizon(tx, horizon)?)
}

fn is_at_once(rules: &Programme) -> bool {
    rules.tier_rules().effective == Effective::AtOnce
}

/// A zone met for the first time: what its members have is taken as it is, and the next boundary is the first judged.
pub(super) fn first_pass(zone_name: String, rules: &InForce, zone: &Zone, now: Timestamp) -> Pass {
    let today = now.date_in(zone);
    let started_on = today.month_start();
    let pass = Pass {
        zone: zone_name,
        started_on,
        judged_on: started_on,
        programme: rules.version,
        scan_at: (now, now),
        scan_days: (String::new(), String::new()),
        cursor: COMPLETE,
        warned_on: started_on,
    };
    // What takes effect at once does so from the first run on.
    if is_at_once(&rules.rules) { reopened(pass, None, rules, zone, now) } else { pass }
}

/// The pass that follows a complete one, if it is time for it.
fn next_pass(
    pass: &Pass,
    versions: &Versions<'_>,
    rules_now: &InForce,
    zone: &Zone,
    now: Timestamp,
) -> Result<Option<Pass>, Refusal> {
    if pass.cursor != COMPLETE {
        return Ok(None);
    }
    if let Some((on, rules)) = versions.next_boundary(|_| zone, pass.judged_on, now.date_in(zone))? {
        let next = Pass { judged_on: on, programme: rules_now.version, ..pass.clone() };
        return Ok(Some(reopened(next, Some(&rules), rules_now, zone, now)));
    }
    if pass.programme == rules_now.version {
        return Ok(None);
    }
    // New rules that take effect at once do so for everybody; and those whose tier did are looked at when it no longer does.
    // Who has a tier that the new rules no longer have gets its heir.
    let before = crate::programme::load(versions.sql(), pass.programme)?;
    let next = Pass { programme: rules_now.version, ..pass.clone() };
    let drops = before.tiers.iter().any(|tier| rules_now.rules.tier(&tier.code).is_none());
    if drops || is_at_once(&before) || is_at_once(&rules_now.rules) {
        return Ok(Some(reopened(next, None, rules_now, zone, now)));
    }
    Ok(Some(next))
}

/// The pass from its first member, with the receipts to look at: those measured on its boundary, and those of the
/// running period where rules take effect at once.
fn reopened(
    pass: Pass,
    on_boundary: Option<&InForce>,
    rules_now: &InForce,
    zone: &Zone,
    now: Timestamp,
) -> Pass {
    let judged = on_boundary.unwrap_or(rules_now).rules.tier_rules();
    let mut span = judged.window.measured(pass.judged_on);
    let yesterday = pass.judged_on.plus_days(-1);
    let mut wider = vec![];
    if judged.effective == Effective::AtOnce {
        wider.push(judged.window.running(judged.window.period_start(yesterday)));
    }
    if is_at_once(&rules_now.rules) {
        let window = rules_now.rules.tier_rules().window;
        let today = now.date_in(zone);
        wider.extend([window.running(window.period_start(today)), window.running(today)]);
    }
    for other in wider {
        let from = span.from.and_then(|from| other.from.map(|other| other.min(from)));
        span = Span { from, until: span.until.max(other.until) };
    }
    Pass { scan_at: bounds_at(span, zone), scan_days: bounds_days(span), cursor: 0, ..pass }
}

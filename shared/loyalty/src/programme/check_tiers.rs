//! Whether the rules of tiers make sense.

use super::Programme;
use super::check::{SPEND_MAX_MINOR, check_count, check_max, check_money_list, check_points};
use crate::problem::{Fault, Problem};
use crate::tiers::rules::{
    REQUIREMENT_DEPTH_MAX, REQUIREMENTS_MAX, ROLLING_DAYS_MAX, Requirement, TIER_GRACE_DAYS_MAX, TierRules,
    VALIDITY_PERIODS_MAX, VISITS_MAX, WARN_DAYS_MAX, Window,
};

pub(super) fn check_tier_rules(at: &str, rules: &TierRules, found: &mut Vec<Problem>) {
    if let Window::RollingDays { days } = rules.window {
        check_count(&format!("{at}/window/days"), days, ROLLING_DAYS_MAX, found);
    }
    check_count(&format!("{at}/validity_periods"), rules.validity_periods, VALIDITY_PERIODS_MAX, found);
    check_max(&format!("{at}/grace_days"), rules.grace_days, TIER_GRACE_DAYS_MAX, found);
    check_max(&format!("{at}/warn_days"), rules.warn_days, WARN_DAYS_MAX, found);
}

/// The tree of the tier at `index`, whose pointer is `at`.
pub(super) fn check_qualification(
    programme: &Programme,
    at: &str,
    index: usize,
    tree: &Requirement,
    found: &mut Vec<Problem>,
) {
    let pointer = format!("{at}/qualification");
    if index == 0 {
        found.push(Problem::new(&pointer, Fault::EntryTier));
        return;
    }
    if !programme.tiers[index].monthly_spend.is_empty() {
        found.push(Problem::new(format!("{at}/monthly_spend"), Fault::Duplicate));
    }
    let mut left = REQUIREMENTS_MAX;
    check_requirement(programme, &pointer, tree, REQUIREMENT_DEPTH_MAX, &mut left, found);
}

fn check_requirement(
    programme: &Programme,
    at: &str,
    tree: &Requirement,
    depth: usize,
    left: &mut usize,
    found: &mut Vec<Problem>,
) {
    if *left == 0 || depth == 0 {
        let max = if depth == 0 { REQUIREMENT_DEPTH_MAX } else { REQUIREMENTS_MAX };
        found.push(Problem::new(at, Fault::TooMany { max }));
        return;
    }
    *left -= 1;
    match tree {
        Requirement::Spend { amounts } => {
            let at = format!("{at}/amounts");
            check_money_list(&at, amounts, SPEND_MAX_MINOR, found);
            for (index, amount) in amounts.iter().enumerate() {
                let currency = amount.currency();
                if programme.point_value(currency).is_err() {
                    found.push(Problem::new(
                        format!("{at}/{index}/currency"),
                        Fault::NoPointValue { currency },
                    ));
                }
            }
            for value in &programme.point_values {
                let currency = value.currency();
                if !amounts.iter().any(|amount| amount.currency() == currency) {
                    found.push(Problem::new(&at, Fault::NoThreshold { currency }));
                }
            }
        }
        Requirement::Points { points } => check_points(&format!("{at}/points"), *points, found),
        Requirement::Visits { visits } => check_count(&format!("{at}/visits"), *visits, VISITS_MAX, found),
        Requirement::All { of } | Requirement::Any { of } => {
            if of.is_empty() {
                found.push(Problem::new(format!("{at}/of"), Fault::Empty));
            }
            for (index, part) in of.iter().enumerate().take(REQUIREMENTS_MAX) {
                check_requirement(programme, &format!("{at}/of/{index}"), part, depth - 1, left, found);
            }
        }
    }
}

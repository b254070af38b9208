//! What becomes of a member on a boundary, and when grace is over.

use kernel::Date;

use crate::programme::Programme;
use crate::tiers::rules::Downgrade;

/// What a member was judged to be. Tiers are places in the programme's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub tier: usize,
    /// First day on which the tier is no longer good; `None` before the first judgement.
    pub valid_until: Option<Date>,
    /// The day on which grace ends and the member falls; `None` outside of grace.
    pub falls_on: Option<Date>,
    /// The highest tier ever held that is never lost.
    pub floor: usize,
}

/// What a judgement did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Earned, or earned again.
    Earned,
    /// Not earned again, and still good.
    Valid,
    /// Not earned again, and kept for the days of grace.
    Grace,
    /// Not earned again: fell.
    Fallen,
}

impl Verdict {
    /// Name in the database and on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Earned => "earned",
            Self::Valid => "valid",
            Self::Grace => "grace",
            Self::Fallen => "fallen",
        }
    }
}

impl Standing {
    /// Somebody of a tier who was never judged: the next boundary decides.
    #[must_use]
    pub fn unjudged(programme: &Programme, tier: usize) -> Self {
        Self { tier, valid_until: None, falls_on: None, floor: programme.floor_below(tier) }
    }
}

/// Judges a member on the boundary `on`, where the window measured there leads to the tier `earned`.
#[must_use]
pub fn on_boundary(
    programme: &Programme,
    standing: Standing,
    earned: usize,
    on: Date,
) -> (Standing, Verdict) {
    let rules = programme.tier_rules();
    let earned = earned.max(standing.floor);
    let valid_until = rules.window.plus_periods(on, rules.validity_periods);
    if earned >= standing.tier {
        return (good(programme, standing, earned, valid_until), Verdict::Earned);
    }
    let ended = standing.valid_until.unwrap_or(on);
    if ended > on {
        return (Standing { falls_on: None, ..standing }, Verdict::Valid);
    }
    let falls_on = ended.plus_days(i32::try_from(rules.grace_days).unwrap_or(i32::MAX));
    if falls_on > on {
        let kept = Standing { valid_until: Some(ended), falls_on: Some(falls_on), ..standing };
        return (kept, Verdict::Grace);
    }
    (fall(programme, standing, earned, valid_until), Verdict::Fallen)
}

/// The tier of a member whose validity and grace are over, where `earned` is what the last window led to.
#[must_use]
pub fn when_over(programme: &Programme, standing: Standing, earned: usize) -> usize {
    let earned = earned.max(standing.floor);
    if earned >= standing.tier { earned } else { target(programme, standing, earned) }
}

/// The first day on which a member can fall who earns the tier no more; `next` is the next boundary.
#[must_use]
pub fn ends_on(programme: &Programme, standing: Standing, next: Date) -> Date {
    if let Some(falls_on) = standing.falls_on {
        return falls_on;
    }
    let rules = programme.tier_rules();
    let ended = standing.valid_until.unwrap_or(next);
    let start = rules.window.period_start(ended);
    let boundary = if start == ended { ended } else { rules.window.plus_periods(start, 1) };
    let grace = i32::try_from(rules.grace_days).unwrap_or(i32::MAX);
    boundary.max(next).max(ended.plus_days(grace))
}

/// Ends a member's grace on `on`, within a period. `earned` is the best of the last boundary and of what the running
/// period has brought by then: who has earned the tier again during the grace keeps it until the next boundary.
#[must_use]
pub fn on_grace_end(
    programme: &Programme,
    standing: Standing,
    earned: usize,
    on: Date,
) -> (Standing, Verdict) {
    let window = programme.tier_rules().window;
    let period = window.period_start(on);
    if earned >= standing.tier {
        let kept = Standing { valid_until: Some(window.plus_periods(period, 1)), falls_on: None, ..standing };
        return (kept, Verdict::Earned);
    }
    let valid_until = window.plus_periods(period, programme.tier_rules().validity_periods);
    (fall(programme, standing, earned.max(standing.floor), valid_until), Verdict::Fallen)
}

fn fall(programme: &Programme, standing: Standing, earned: usize, valid_until: Date) -> Standing {
    good(programme, standing, target(programme, standing, earned), valid_until)
}

fn target(programme: &Programme, standing: Standing, earned: usize) -> usize {
    match programme.tier_rules().downgrade {
        Downgrade::Full => earned,
        Downgrade::OneStep => earned.max(standing.tier.saturating_sub(1)),
    }
}

fn good(programme: &Programme, standing: Standing, tier: usize, valid_until: Date) -> Standing {
    let floor = standing.floor.max(programme.floor_below(tier));
    Standing { tier, valid_until: Some(valid_until), falls_on: None, floor }
}

//! What is counted for a member.

use kernel::{Currency, Date, MemberId, Money, Points, Timestamp, Zone};
use loyalty::programme::Programme;
use loyalty::tiers::reach::{Counted, Reached, reached, total};
use loyalty::tiers::rules::{Effective, Facts, Window};
use loyalty::tiers::window::Span;
use store::Sql;
use store::tiers::Arithmetic;
use store::tiers::counted::{self, Net};

use crate::programme::InForce;
use crate::refusal::Refusal;
use crate::tiers::homes::Homes;

/// Business days are the outlet's, and a sale may be a day off; zones are a day apart at most.
const SLACK_DAYS: i32 = 3;
/// Business days without a bound, as text.
const FIRST_DAY: &str = "";
const LAST_DAY: &str = "9999-12-31";

/// What is counted for a member.
pub(super) struct Counts<'c> {
    pub sql: &'c dyn Sql,
    pub member: MemberId,
    pub homes: &'c Homes,
}

/// Receipts of a span as they count, once for each currency that counts there.
struct Listed {
    nets: Vec<Net>,
    zone: Zone,
    currencies: Vec<Currency>,
}

impl Listed {
    /// The best of what `count` makes of the receipts in each currency; of equals the first.
    fn best<T>(
        &self,
        count: impl Fn(&[Counted], Currency) -> Result<(usize, T), Refusal>,
    ) -> Result<(usize, T), Refusal> {
        let (first, others) = self.currencies.split_first().ok_or(Refusal::NoProgramme)?;
        let mut best = count(&self.counted(*first), *first)?;
        for currency in others {
            let found = count(&self.counted(*currency), *currency)?;
            if found.0 > best.0 {
                best = found;
            }
        }
        Ok(best)
    }

    /// The sum of all, and the tier that it leads to.
    fn sum(&self, programme: &Programme) -> Result<(usize, Facts), Refusal> {
        self.best(|counted, currency| {
            let facts = total(counted, currency)?;
            Ok((programme.earned(&facts), facts))
        })
    }

    /// The best moment from the day `since` on.
    fn reached(&self, programme: &Programme, since: Date) -> Result<(usize, Reached), Refusal> {
        self.best(|counted, currency| {
            let best = reached(programme, counted, since, currency)?;
            Ok((best.tier, best))
        })
    }

    fn counted(&self, currency: Currency) -> Vec<Counted> {
        let count = |net: &Net| Counted {
            sold_at: net.sold_at,
            day: net.sold_at.date_in(&self.zone),
            business_date: net.business_date,
            spend: if net.currency == currency {
                Money::new(net.spend_minor, currency)
            } else {
                Money::zero(currency)
            },
            points: net.points.max(Points::ZERO),
            kept: net.kept,
        };
        self.nets.iter().map(count).collect()
    }
}

impl Counts<'_> {
    /// What leads to the judgement on a boundary.
    pub(super) fn on_boundary(&self, rules: &InForce, on: Date) -> Result<(usize, Arithmetic), Refusal> {
        let programme = &*rules.rules;
        let tiers = programme.tier_rules();
        let span = tiers.window.measured(on);
        if tiers.effective == Effective::AtOnce && matches!(tiers.window, Window::RollingDays { .. }) {
            // The best moment of the period, for the window may have moved on since.
            let since = tiers.window.period_start(on.plus_days(-1));
            let from = tiers.window.running(since).from;
            let (tier, best) = self.list(Span { from, until: on }, on)?.reached(programme, since)?;
            return Ok((tier, arithmetic(rules, span, &best.facts, tier)));
        }
        let (earned, facts) = self.list(span, on)?.sum(programme)?;
        Ok((earned, arithmetic(rules, span, &facts, earned)))
    }

    /// What leads to the judgement at the end of grace: the best of the last boundary and of the days since.
    pub(super) fn on_grace_end(&self, rules: &InForce, on: Date) -> Result<(usize, Arithmetic), Refusal> {
        let programme = &*rules.rules;
        let window = programme.tier_rules().window;
        let span = window.running(on.plus_days(-1));
        let (earned, facts) = self.list(span, on)?.sum(programme)?;
        let (before, _) = self.on_boundary(rules, window.period_start(on))?;
        let earned = earned.max(before);
        Ok((earned, arithmetic(rules, span, &facts, earned)))
    }

    /// What takes effect at once by the end of `today`; `None` where nothing does.
    pub(super) fn running(
        &self,
        rules: &InForce,
        today: Date,
    ) -> Result<Option<(Reached, Arithmetic)>, Refusal> {
        let programme = &*rules.rules;
        let tiers = programme.tier_rules();
        if tiers.effective != Effective::AtOnce {
            return Ok(None);
        }
        let since = tiers.window.period_start(today);
        let span = tiers.window.running(today);
        let from = tiers.window.running(since).from;
        let (_, best) = self.list(Span { from, until: span.until }, span.until)?.reached(programme, since)?;
        let arithmetic = arithmetic(rules, span, &best.facts, best.tier);
        Ok(Some((best, arithmetic)))
    }

    /// What has been counted by the end of `today` for the next boundary, and the tier that it is enough for.
    pub(super) fn so_far(&self, rules: &InForce, today: Date) -> Result<(usize, Arithmetic), Refusal> {
        let span = rules.rules.tier_rules().window.running(today);
        let (earned, facts) = self.list(span, span.until)?.sum(&rules.rules)?;
        Ok((earned, arithmetic(rules, span, &facts, earned)))
    }

    /// Nothing was counted.
    pub(super) fn nothing(&self, rules: &InForce, span: Span) -> Arithmetic {
        let home = self.homes.on(span.until);
        arithmetic(rules, span, &Facts::nothing(home.currency), 0)
    }

    /// Receipts of a span, for what is decided on the day `on`.
    fn list(&self, span: Span, on: Date) -> Result<Listed, Refusal> {
        let zone = self.homes.on(on).zone.clone();
        let (at, days) = (bounds_at(span, &zone), bounds_days(span));
        let nets = counted::list(self.sql, self.member, at, (&days.0, &days.1))?;
        Ok(Listed { nets, zone, currencies: self.homes.currencies(span) })
    }
}

/// A decision's arithmetic.
pub(super) fn arithmetic(rules: &InForce, span: Span, facts: &Facts, earned: usize) -> Arithmetic {
    Arithmetic {
        programme: rules.version,
        window_from: span.from,
        window_until: span.until,
        currency: facts.spend.currency(),
        spend_minor: facts.spend.minor(),
        points: facts.points,
        visits: facts.visits,
        earned: rules.rules.tier_code(earned).to_owned(),
    }
}

/// The moments at which a span begins and ends in a zone.
pub(super) fn bounds_at(span: Span, zone: &Zone) -> (Timestamp, Timestamp) {
    let from = span.from.map_or(Timestamp::from_millis(i64::MIN), |from| from.start_in(zone));
    (from, span.until.start_in(zone))
}

/// Business days on which anything sold within a span can be.
pub(super) fn bounds_days(span: Span) -> (String, String) {
    let from = span.from.map_or(FIRST_DAY.to_owned(), |from| from.plus_days(-SLACK_DAYS).to_string());
    let until = span.until.plus_days(SLACK_DAYS).to_string();
    (from, if until.as_str() < LAST_DAY { until } else { LAST_DAY.to_owned() })
}

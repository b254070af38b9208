//! What is counted for a member, and where they are at home.

use kernel::{Currency, Date, MemberId, Money, Points, Timestamp, Zone};
use loyalty::programme::Programme;
use loyalty::tiers::reach::{Counted, Reached, reached, total};
use loyalty::tiers::rules::{Effective, Facts, Window};
use loyalty::tiers::window::Span;
use store::Sql;
use store::tiers::Arithmetic;
use store::tiers::counted;

use crate::programme::InForce;
use crate::refusal::Refusal;

/// Business days are the outlet's, and a sale may be a day off; zones are a day apart at most.
const SLACK_DAYS: i32 = 3;
/// Business days without a bound, as text.
const FIRST_DAY: &str = "";
const LAST_DAY: &str = "9999-12-31";

/// Where and in which money a member is at home.
#[derive(Debug, Clone)]
pub(super) struct Home {
    pub zone: Zone,
    pub currency: Currency,
}

impl Home {
    /// Of a member who may have no home yet: the programme's zone and first currency.
    pub(super) fn of(home: Option<&(String, Currency)>, rules: &Programme) -> Self {
        let zone = home.and_then(|(zone, _)| Zone::parse(zone).ok());
        let first = rules.point_values.first().map_or(Currency::Rub, |value| value.currency());
        Self {
            zone: zone.unwrap_or_else(|| rules.home_zone()),
            currency: home.map_or(first, |(_, currency)| *currency),
        }
    }
}

/// What is counted for a member.
pub(super) struct Counts<'c> {
    pub sql: &'c dyn Sql,
    pub member: MemberId,
    pub home: &'c Home,
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
            let counted = self.list(Span { from, until: on })?;
            let best = reached(programme, &counted, since, self.home.currency)?;
            return Ok((best.tier, self.arithmetic(rules, span, &best.facts, best.tier)));
        }
        let facts = total(&self.list(span)?, self.home.currency)?;
        let earned = programme.earned(&facts);
        Ok((earned, self.arithmetic(rules, span, &facts, earned)))
    }

    /// What leads to the judgement at the end of grace: the best of the last boundary and of the days since.
    pub(super) fn on_grace_end(&self, rules: &InForce, on: Date) -> Result<(usize, Arithmetic), Refusal> {
        let programme = &*rules.rules;
        let window = programme.tier_rules().window;
        let yesterday = on.plus_days(-1);
        let span = window.running(yesterday);
        let facts = total(&self.list(span)?, self.home.currency)?;
        let (before, _) = self.on_boundary(rules, window.period_start(on))?;
        let earned = programme.earned(&facts).max(before);
        Ok((earned, self.arithmetic(rules, span, &facts, earned)))
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
        let counted = self.list(Span { from, until: span.until })?;
        let best = reached(programme, &counted, since, self.home.currency)?;
        let arithmetic = self.arithmetic(rules, span, &best.facts, best.tier);
        Ok(Some((best, arithmetic)))
    }

    /// What has been counted by the end of `today` for the next boundary.
    pub(super) fn so_far(&self, rules: &InForce, today: Date) -> Result<Arithmetic, Refusal> {
        let span = rules.rules.tier_rules().window.running(today);
        let facts = total(&self.list(span)?, self.home.currency)?;
        Ok(self.arithmetic(rules, span, &facts, rules.rules.earned(&facts)))
    }

    pub(super) fn nothing(&self, rules: &InForce, span: Span) -> Arithmetic {
        self.arithmetic(rules, span, &Facts::nothing(self.home.currency), 0)
    }

    pub(super) fn arithmetic(&self, rules: &InForce, span: Span, facts: &Facts, earned: usize) -> Arithmetic {
        Arithmetic {
            programme: rules.version,
            window_from: span.from,
            window_until: span.until,
            currency: self.home.currency,
            spend_minor: facts.spend.minor(),
            points: facts.points,
            visits: facts.visits,
            earned: rules.rules.tier_code(earned).to_owned(),
        }
    }

    fn list(&self, span: Span) -> Result<Vec<Counted>, Refusal> {
        let zone = &self.home.zone;
        let (at, days) = (bounds_at(span, zone), bounds_days(span));
        let net = counted::list(self.sql, self.member, at, (&days.0, &days.1))?;
        let count = |net: counted::Net| Counted {
            sold_at: net.sold_at,
            day: net.sold_at.date_in(zone),
            business_date: net.business_date,
            spend: if net.currency == self.home.currency {
                Money::new(net.spend_minor, net.currency)
            } else {
                Money::zero(self.home.currency)
            },
            points: net.points.max(Points::ZERO),
            kept: net.kept,
        };
        Ok(net.into_iter().map(count).collect())
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

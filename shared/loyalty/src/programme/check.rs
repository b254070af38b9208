//! Whether a programme makes sense: every violation at once.

use kernel::{Currency, Money, Points, Rate, Zone};

use notation::Names;

use super::check_tiers::{check_qualification, check_tier_rules};
use super::{Exclusions, Expiry, PendingDelay, Programme, Tier};
use crate::problem::{Fault, Problem};

/// Characters of a brand, tier, category or product code.
pub const CODE_LEN_MAX: usize = 64;
/// Characters of a name.
pub const NAME_LEN_MAX: usize = 64;
/// Tiers of a programme.
pub const TIERS_MAX: usize = 10;
/// Categories, and products, in one list of exclusions.
pub const EXCLUSIONS_MAX: usize = 1_000;
/// Hours points may stay pending: a year.
pub const DELAY_HOURS_MAX: u32 = 8_784;
/// Days in a pending delay or an expiry: ten years.
pub const EXPIRY_DAYS_MAX: u32 = 3_660;
/// Months in an expiry: ten years.
pub const EXPIRY_MONTHS_MAX: u32 = 120;
/// Years in an expiry.
pub const EXPIRY_YEARS_MAX: u32 = 10;
/// Minutes a hold may last by default: a week.
pub const HOLD_MINUTES_MAX: u32 = 10_080;
/// Days of grace for reinstated points.
pub const GRACE_DAYS_MAX: u32 = 366;
/// Receipts a day in a cap.
pub const RECEIPTS_PER_DAY_MAX: u32 = 1_000;
/// Points in a bonus, a cap, a step or a minimum: ten million.
pub const POINTS_MAX: Points = Points::from_hundredths(1_000_000_000);
/// What a point may be worth at most, in minor units: a million.
pub const POINT_VALUE_MAX_MINOR: i64 = 100_000_000;
/// Largest tier threshold, in minor units: a thousand million.
pub const SPEND_MAX_MINOR: i64 = 100_000_000_000;

impl Programme {
    /// Everything that is wrong with the programme, named by JSON pointer; empty when it can be stored.
    #[must_use]
    pub fn check(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        check_code("/brand", &self.brand, &mut found);
        if Zone::parse(&self.zone).is_err() {
            found.push(Problem::new("/zone", Fault::UnknownZone));
        }
        self.check_point_values(&mut found);
        self.check_tiers(&mut found);
        self.check_earning(&mut found);
        if let Some(bonus) = &self.welcome_bonus {
            check_points("/welcome_bonus/points", bonus.points, &mut found);
            check_expiry("/welcome_bonus/expiry", bonus.expiry, &mut found);
        }
        self.check_redemption(&mut found);
        let grace = self.returns.reinstatement_grace_days;
        check_max("/returns/reinstatement_grace_days", grace, GRACE_DAYS_MAX, &mut found);
        found
    }

    fn check_point_values(&self, found: &mut Vec<Problem>) {
        check_money_list("/point_values", &self.point_values, POINT_VALUE_MAX_MINOR, found);
        if self.point_values.is_empty() {
            found.push(Problem::new("/point_values", Fault::Empty));
        }
    }

    fn check_tiers(&self, found: &mut Vec<Problem>) {
        if self.tiers.is_empty() {
            found.push(Problem::new("/tiers", Fault::Empty));
        }
        if self.tiers.len() > TIERS_MAX {
            found.push(Problem::new("/tiers", Fault::TooMany { max: TIERS_MAX }));
        }
        if let Some(rules) = &self.tier_rules {
            check_tier_rules("/tier_rules", rules, found);
        }
        for (index, tier) in self.tiers.iter().take(TIERS_MAX).enumerate() {
            let at = format!("/tiers/{index}");
            let code = format!("{at}/code");
            check_code(&code, &tier.code, found);
            if self.tiers[..index].iter().any(|other| other.code == tier.code) {
                found.push(Problem::new(code, Fault::Duplicate));
            }
            check_names(&format!("{at}/name"), &tier.name, found);
            check_rate(&format!("{at}/earn_rate"), tier.earn_rate, found);
            let before = index.checked_sub(1).map(|before| &self.tiers[before]);
            if let Some(tree) = &tier.qualification {
                check_qualification(self, &at, index, tree, found);
                continue;
            }
            self.check_thresholds(&format!("{at}/monthly_spend"), tier, before, found);
        }
    }

    fn check_thresholds(&self, at: &str, tier: &Tier, before: Option<&Tier>, found: &mut Vec<Problem>) {
        let Some(before) = before else {
            if !tier.monthly_spend.is_empty() {
                found.push(Problem::new(at, Fault::EntryTier));
            }
            return;
        };
        check_money_list(at, &tier.monthly_spend, SPEND_MAX_MINOR, found);
        for (index, threshold) in tier.monthly_spend.iter().enumerate() {
            let currency = threshold.currency();
            if self.point_value(currency).is_err() {
                found.push(Problem::new(format!("{at}/{index}/currency"), Fault::NoPointValue { currency }));
            }
            if before.threshold(currency).is_some_and(|lower| lower.minor() >= threshold.minor()) {
                found.push(Problem::new(format!("{at}/{index}/amount"), Fault::NotIncreasing { currency }));
            }
        }
        let currencies = self.point_values.iter().map(|value| value.currency());
        for currency in currencies.filter(|&currency| tier.threshold(currency).is_none()) {
            found.push(Problem::new(at, Fault::NoThreshold { currency }));
        }
    }

    fn check_earning(&self, found: &mut Vec<Problem>) {
        let earning = &self.earning;
        check_exclusions("/earning/excluded", &earning.excluded, found);
        check_points("/earning/points_step", earning.points_step, found);
        match earning.pending_delay {
            PendingDelay::None {} => {}
            PendingDelay::Hours { hours } => {
                check_count("/earning/pending_delay/hours", hours, DELAY_HOURS_MAX, found);
            }
            PendingDelay::NextBusinessDay { days } => {
                check_count("/earning/pending_delay/days", days, EXPIRY_DAYS_MAX, found);
            }
        }
        check_expiry("/earning/expiry", earning.expiry, found);
        let caps = &earning.caps;
        let points =
            [("points_per_receipt", caps.points_per_receipt), ("points_per_day", caps.points_per_day)];
        for (field, cap) in points {
            if let Some(cap) = cap {
                check_points(&format!("/earning/caps/{field}"), cap, found);
            }
        }
        if let Some(receipts) = caps.receipts_per_day {
            check_count("/earning/caps/receipts_per_day", receipts, RECEIPTS_PER_DAY_MAX, found);
        }
    }

    fn check_redemption(&self, found: &mut Vec<Problem>) {
        let redemption = &self.redemption;
        check_exclusions("/redemption/excluded", &redemption.excluded, found);
        check_points("/redemption/min_points", redemption.min_points, found);
        check_points("/redemption/step", redemption.step, found);
        let step = redemption.step;
        if step.is_positive() && redemption.min_points.hundredths() % step.hundredths() != 0 {
            found.push(Problem::new("/redemption/min_points", Fault::NotAStep { step }));
        }
        check_rate("/redemption/share_max", redemption.share_max, found);
        check_count("/redemption/hold_minutes", redemption.hold_minutes, HOLD_MINUTES_MAX, found);
    }
}

fn check_code(at: &str, code: &str, found: &mut Vec<Problem>) {
    check_text(at, code, CODE_LEN_MAX, found);
    let lawful = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    if !code.bytes().all(lawful) {
        found.push(Problem::new(at, Fault::BadCode));
    }
}

fn check_text(at: &str, text: &str, max: usize, found: &mut Vec<Problem>) {
    if text.trim().is_empty() {
        found.push(Problem::new(at, Fault::Empty));
    } else if text.chars().count() > max {
        found.push(Problem::new(at, Fault::TooLong { max }));
    }
}

fn check_names(at: &str, names: &Names, found: &mut Vec<Problem>) {
    for (field, name) in [("ru", &names.ru), ("kk", &names.kk), ("en", &names.en)] {
        check_text(&format!("{at}/{field}"), name, NAME_LEN_MAX, found);
    }
}

fn check_rate(at: &str, rate: Rate, found: &mut Vec<Problem>) {
    if !(0..=Rate::ONE.millionths()).contains(&rate.millionths()) {
        found.push(Problem::new(at, Fault::RateOutOfRange));
    }
}

pub(super) fn check_points(at: &str, points: Points, found: &mut Vec<Problem>) {
    if !points.is_positive() {
        found.push(Problem::new(at, Fault::NotPositive));
    } else if points > POINTS_MAX {
        found.push(Problem::new(at, Fault::PointsAboveMax { max: POINTS_MAX }));
    }
}

/// A count of at least one.
pub(super) fn check_count(at: &str, count: u32, max: u32, found: &mut Vec<Problem>) {
    if count == 0 {
        found.push(Problem::new(at, Fault::NotPositive));
    }
    check_max(at, count, max, found);
}

/// A count that may be zero.
pub(super) fn check_max(at: &str, count: u32, max: u32, found: &mut Vec<Problem>) {
    if count > max {
        found.push(Problem::new(at, Fault::AboveMax { max }));
    }
}

fn check_expiry(at: &str, expiry: Expiry, found: &mut Vec<Problem>) {
    match expiry {
        Expiry::Never {} => {}
        Expiry::Days { days } => check_count(&format!("{at}/days"), days, EXPIRY_DAYS_MAX, found),
        Expiry::MonthEnd { months } => check_max(&format!("{at}/months"), months, EXPIRY_MONTHS_MAX, found),
        Expiry::YearEnd { years } => check_max(&format!("{at}/years"), years, EXPIRY_YEARS_MAX, found),
    }
}

fn check_exclusions(at: &str, excluded: &Exclusions, found: &mut Vec<Problem>) {
    for (field, codes) in [("categories", &excluded.categories), ("products", &excluded.products)] {
        if codes.len() > EXCLUSIONS_MAX {
            found.push(Problem::new(format!("{at}/{field}"), Fault::TooMany { max: EXCLUSIONS_MAX }));
        }
        for (index, code) in codes.iter().take(EXCLUSIONS_MAX).enumerate() {
            // Product codes come from tills and have any characters.
            check_text(&format!("{at}/{field}/{index}"), code, CODE_LEN_MAX, found);
        }
    }
}

/// Positive amounts, at most one of a currency.
pub(super) fn check_money_list(at: &str, amounts: &[Money], max_minor: i64, found: &mut Vec<Problem>) {
    let mut seen: Vec<Currency> = Vec::new();
    for (index, amount) in amounts.iter().enumerate() {
        let currency = amount.currency();
        if seen.contains(&currency) {
            found.push(Problem::new(format!("{at}/{index}/currency"), Fault::Duplicate));
        }
        seen.push(currency);
        let at = format!("{at}/{index}/amount");
        if amount.minor() <= 0 {
            found.push(Problem::new(at, Fault::NotPositive));
        } else if amount.minor() > max_minor {
            found.push(Problem::new(at, Fault::MoneyAboveMax { max: Money::new(max_minor, currency) }));
        }
    }
}

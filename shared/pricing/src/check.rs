//! Whether a promotion makes sense: every violation at once, each with its JSON pointer.

use kernel::{Currency, Points, Rate};

use crate::amounts::Amounts;
use crate::condition::Selector;
use crate::effect::{BonusPer, Effect};
use crate::fault::{Fault, Problem};
use crate::funding::Funder;
use crate::limit::Limits;
use crate::promotion::Promotion;

mod conditions;

/// Characters of a code: product, category, tag, tier, outlet, group.
pub const CODE_LEN_MAX: usize = 64;
/// Characters of a title in one language.
pub const TITLE_LEN_MAX: usize = 120;
/// Items in one list of codes.
pub const CODES_MAX: usize = 1_000;
/// Effects of a promotion.
pub const EFFECTS_MAX: usize = 4;
/// Levels of a tree of conditions.
pub const DEPTH_MAX: usize = 6;
/// Conditions of a tree.
pub const CONDITIONS_MAX: usize = 64;
/// Parts of a bundle.
pub const PARTS_MAX: usize = 6;
/// Pieces that one set takes: of a bundle, of "buy and get", of "every nth".
pub const SET_PIECES_MAX: u32 = 20;
/// How often an effect may be applied to one cart.
pub const TIMES_MAX: u32 = 100;
/// Funders of a promotion.
pub const FUNDERS_MAX: usize = 5;
/// Weight of a funder.
pub const WEIGHT_MAX: u32 = 100;
/// Exclusivity groups of a promotion.
pub const GROUPS_MAX: usize = 5;
/// Budgets of a promotion.
pub const BUDGETS_MAX: usize = 8;
/// Percent of guests in a holdout.
pub const HOLDOUT_MAX: u32 = 90;
/// Days around a birthday.
pub const BIRTHDAY_DAYS_MAX: u32 = 60;
/// Times that points may be multiplied.
pub const FACTOR_MAX: Rate = Rate::from_millionths(20_000_000);
/// Points in one promise: ten million.
pub const POINTS_MAX: Points = Points::from_hundredths(1_000_000_000);
/// Money in one sum, minor units: a thousand million.
pub const AMOUNT_MAX_MINOR: i64 = 100_000_000_000;
/// Uses, visits and pieces counted.
pub const COUNT_MAX: u32 = 100_000_000;
/// Priorities go from minus this to this.
pub const PRIORITY_MAX: i32 = 1_000_000;

impl Promotion {
    /// Everything that is wrong with the promotion; empty when it can be stored.
    #[must_use]
    pub fn check(&self) -> Vec<Problem> {
        let mut check = Check::default();
        check.code("/brand", &self.brand);
        for (lang, text) in [("ru", &self.title.ru), ("kk", &self.title.kk), ("en", &self.title.en)] {
            check.text(&format!("/title/{lang}"), text, TITLE_LEN_MAX);
        }
        if let Some(condition) = &self.condition {
            check.condition("/condition", condition, 1);
        }
        check.many("/effects", self.effects.len(), EFFECTS_MAX);
        for (index, effect) in self.effects.iter().take(EFFECTS_MAX).enumerate() {
            check.effect(&format!("/effects/{index}"), effect);
        }
        check.selector("/excluded", &self.excluded);
        if !(0..=1_000_000).contains(&self.price_floor.millionths()) {
            check.fault("/price_floor", Fault::RateOutOfRange);
        }
        check.limits(&self.limits, &self.effects);
        check.count("/priority", self.priority.unsigned_abs(), 0, PRIORITY_MAX.unsigned_abs());
        if self.stacking.groups.len() > GROUPS_MAX {
            check.fault("/stacking/groups", Fault::TooMany { max: GROUPS_MAX });
        }
        check.codes("/stacking/groups", &self.stacking.groups);
        check.funding(self);
        check.count("/holdout_percent", u32::from(self.holdout_percent), 0, HOLDOUT_MAX);
        check.found
    }
}

/// What was found so far.
#[derive(Default)]
struct Check {
    found: Vec<Problem>,
    conditions: usize,
    /// Currencies of the first sums: all others must have the same.
    currencies: Option<Vec<Currency>>,
}

impl Check {
    fn fault(&mut self, pointer: &str, fault: Fault) {
        self.found.push(Problem { pointer: pointer.to_owned(), fault });
    }

    fn text(&mut self, at: &str, text: &str, max: usize) {
        if text.trim().is_empty() {
            self.fault(at, Fault::Empty);
        } else if text.chars().count() > max || text.chars().any(char::is_control) {
            self.fault(at, Fault::TooLong { max });
        }
    }

    fn code(&mut self, at: &str, code: &str) {
        self.text(at, code, CODE_LEN_MAX);
    }

    fn codes(&mut self, at: &str, codes: &[String]) {
        if codes.len() > CODES_MAX {
            self.fault(at, Fault::TooMany { max: CODES_MAX });
        }
        for (index, code) in codes.iter().take(CODES_MAX).enumerate() {
            let at = format!("{at}/{index}");
            self.code(&at, code);
            if codes[..index].contains(code) {
                self.fault(&at, Fault::Duplicate);
            }
        }
    }

    fn any_of(&mut self, at: &str, codes: &[String]) {
        let at = format!("{at}/any_of");
        if codes.is_empty() {
            self.fault(&at, Fault::Empty);
        }
        self.codes(&at, codes);
    }

    /// A list that needs at least one item.
    fn many(&mut self, at: &str, count: usize, max: usize) {
        if count == 0 {
            self.fault(at, Fault::Empty);
        } else if count > max {
            self.fault(at, Fault::TooMany { max });
        }
    }

    fn count(&mut self, at: &str, count: u32, min: u32, max: u32) {
        if !(min..=max).contains(&count) {
            self.fault(at, Fault::OutOfRange { min, max });
        }
    }

    /// A share above zero, up to the whole.
    fn share(&mut self, at: &str, rate: Rate) {
        if !(1..=1_000_000).contains(&rate.millionths()) {
            self.fault(at, Fault::RateOutOfRange);
        }
    }

    fn points(&mut self, at: &str, points: Points) {
        if !points.is_positive() || points > POINTS_MAX {
            self.fault(at, Fault::PointsOutOfRange { max: POINTS_MAX });
        }
    }

    fn amounts(&mut self, at: &str, amounts: &Amounts, min_minor: i64) {
        let mut own: Vec<Currency> = Vec::new();
        for (index, money) in amounts.0.iter().enumerate() {
            let pointer = format!("{at}/{index}");
            if !(min_minor..=AMOUNT_MAX_MINOR).contains(&money.minor()) {
                self.fault(&format!("{pointer}/amount"), Fault::AmountOutOfRange);
            }
            if own.contains(&money.currency()) {
                self.fault(&pointer, Fault::Duplicate);
            }
            own.push(money.currency());
        }
        own.sort_unstable();
        match &self.currencies {
            _ if own.is_empty() => self.fault(at, Fault::Empty),
            None => self.currencies = Some(own),
            Some(expected) if *expected != own => self.fault(at, Fault::OtherCurrencies),
            Some(_) => {}
        }
    }

    fn selector(&mut self, at: &str, selector: &Selector) {
        let except = &selector.except;
        for (name, codes) in [
            ("products", &selector.products),
            ("categories", &selector.categories),
            ("tags", &selector.tags),
            ("sizes", &selector.sizes),
            ("modifiers", &selector.modifiers),
            ("except/products", &except.products),
            ("except/categories", &except.categories),
            ("except/tags", &except.tags),
        ] {
            self.codes(&format!("{at}/{name}"), codes);
        }
    }

    fn effect(&mut self, at: &str, effect: &Effect) {
        let field = |name: &str| format!("{at}/{name}");
        match effect {
            Effect::PercentOff { on, percent, .. } => {
                self.selector(&field("on"), on);
                self.share(&field("percent"), *percent);
            }
            Effect::TierBenefit { on, tiers, .. } => {
                self.selector(&field("on"), on);
                self.many(&field("tiers"), tiers.len(), CODES_MAX);
                for (index, benefit) in tiers.iter().take(CODES_MAX).enumerate() {
                    let at = format!("{at}/tiers/{index}");
                    self.code(&format!("{at}/tier"), &benefit.tier);
                    self.share(&format!("{at}/percent"), benefit.percent);
                    if tiers[..index].iter().any(|other| other.tier == benefit.tier) {
                        self.fault(&format!("{at}/tier"), Fault::Duplicate);
                    }
                }
            }
            Effect::AmountOff { on, amount, .. } => {
                self.selector(&field("on"), on);
                self.amounts(&field("amount"), amount, 1);
            }
            Effect::FixedPrice { on, price } => {
                self.selector(&field("on"), on);
                self.amounts(&field("price"), price, 0);
            }
            Effect::Gift { of, pieces } => {
                self.selector(&field("of"), of);
                self.count(&field("pieces"), *pieces, 1, SET_PIECES_MAX);
                if of.is_empty() {
                    self.fault(&field("of"), Fault::Empty);
                }
            }
            Effect::FreeModifier { on, modifiers, amount } => {
                self.selector(&field("on"), on);
                self.many(&field("modifiers"), modifiers.len(), CODES_MAX);
                self.codes(&field("modifiers"), modifiers);
                self.count(&field("amount"), *amount, 1, SET_PIECES_MAX);
            }
            Effect::PointsPrice { on, points, pieces_max } => {
                self.selector(&field("on"), on);
                self.points(&field("points"), *points);
                self.times(&field("pieces_max"), *pieces_max);
            }
            Effect::PointsMultiplier { on, factor } => {
                self.selector(&field("on"), on);
                if *factor <= Rate::ONE || *factor > FACTOR_MAX {
                    self.fault(&field("factor"), Fault::FactorOutOfRange { max: FACTOR_MAX });
                }
            }
            Effect::PointsBonus { points, per } => {
                self.points(&field("points"), *points);
                if let BonusPer::Piece { of } = per {
                    self.selector(&field("per/of"), of);
                }
            }
            Effect::NthItem { .. } | Effect::BuyGet { .. } | Effect::Bundle { .. } => self.set(at, effect),
        }
    }

    fn set(&mut self, at: &str, effect: &Effect) {
        let field = |name: &str| format!("{at}/{name}");
        match effect {
            Effect::NthItem { on, nth, percent, times_max } => {
                self.selector(&field("on"), on);
                self.count(&field("nth"), *nth, 1, SET_PIECES_MAX);
                self.share(&field("percent"), *percent);
                self.times(&field("times_max"), *times_max);
            }
            Effect::BuyGet { buy, buy_pieces, get, get_pieces, percent, times_max } => {
                self.selector(&field("buy"), buy);
                self.selector(&field("get"), get);
                self.count(&field("buy_pieces"), *buy_pieces, 1, SET_PIECES_MAX);
                self.count(&field("get_pieces"), *get_pieces, 1, SET_PIECES_MAX);
                self.share(&field("percent"), *percent);
                self.times(&field("times_max"), *times_max);
            }
            Effect::Bundle { parts, price, times_max } => {
                self.many(&field("parts"), parts.len(), PARTS_MAX);
                for (index, part) in parts.iter().take(PARTS_MAX).enumerate() {
                    self.selector(&format!("{at}/parts/{index}/of"), &part.of);
                    self.count(&format!("{at}/parts/{index}/pieces"), part.pieces, 1, SET_PIECES_MAX);
                }
                let pieces = parts.iter().fold(0_u32, |sum, part| sum.saturating_add(part.pieces));
                self.count(&field("parts"), pieces, 2, SET_PIECES_MAX);
                self.amounts(&field("price"), price, 0);
                self.times(&field("times_max"), *times_max);
            }
            _ => {}
        }
    }

    fn times(&mut self, at: &str, times: Option<u32>) {
        if let Some(times) = times {
            self.count(at, times, 1, TIMES_MAX);
        }
    }

    fn limits(&mut self, limits: &Limits, effects: &[Effect]) {
        if let Some(amounts) = &limits.discount_per_cart {
            self.amounts("/limits/discount_per_cart", amounts, 1);
        }
        if let Some(points) = limits.points_per_cart {
            self.points("/limits/points_per_cart", points);
        }
        if limits.budgets.len() > BUDGETS_MAX {
            self.fault("/limits/budgets", Fault::TooMany { max: BUDGETS_MAX });
        }
        for (index, budget) in limits.budgets.iter().take(BUDGETS_MAX).enumerate() {
            let at = format!("/limits/budgets/{index}");
            let same =
                |other: &crate::limit::Budget| (other.scope, other.period) == (budget.scope, budget.period);
            if limits.budgets[..index].iter().any(same) {
                self.fault(&at, Fault::Duplicate);
            }
            if budget.uses.is_none() && budget.discount.is_none() && budget.points.is_none() {
                self.fault(&at, Fault::Empty);
            }
            if let Some(uses) = budget.uses {
                self.count(&format!("{at}/uses"), uses, 1, COUNT_MAX);
            }
            if let Some(amounts) = &budget.discount {
                self.amounts(&format!("{at}/discount"), amounts, 1);
            }
            if let Some(points) = budget.points {
                self.points(&format!("{at}/points"), points);
            }
        }
        // A piece for points is paid for with points in full: money must not be cut off its reduction.
        let for_points = effects.iter().any(|effect| matches!(effect, Effect::PointsPrice { .. }));
        let capped = limits.budgets.iter().position(|budget| budget.discount.is_some());
        if for_points && limits.discount_per_cart.is_some() {
            self.fault("/limits/discount_per_cart", Fault::PointsPriceCapped);
        }
        if let Some(index) = capped.filter(|_| for_points) {
            self.fault(&format!("/limits/budgets/{index}/discount"), Fault::PointsPriceCapped);
        }
    }

    fn funding(&mut self, promotion: &Promotion) {
        let parts = &promotion.funding;
        self.many("/funding", parts.len(), FUNDERS_MAX);
        for (index, part) in parts.iter().take(FUNDERS_MAX).enumerate() {
            let at = format!("/funding/{index}");
            self.count(&format!("{at}/weight"), part.weight, 1, WEIGHT_MAX);
            if let Funder::Partner { code } = &part.funder {
                self.code(&format!("{at}/funder/code"), code);
            }
            if parts[..index].iter().any(|other| other.funder == part.funder) {
                self.fault(&format!("{at}/funder"), Fault::Duplicate);
            }
        }
    }
}

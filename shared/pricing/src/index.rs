//! Promotions ready to be looked up by what is in a cart.

use std::collections::BTreeMap;

use kernel::{PromotionId, Timestamp};

use crate::cart::Cart;
use crate::condition::{Condition, Selector};
use crate::effect::{BonusPer, Effect};
use crate::promotion::Promotion;

/// One version of a promotion that is in force for some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Live {
    pub promotion: PromotionId,
    pub version: u32,
    pub starts_at: Timestamp,
    /// Without it.
    pub ends_at: Option<Timestamp>,
    pub rules: Promotion,
}

/// Which facts about a guest any of the promotions asks for: the others need not be gathered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Asks {
    /// How often they were here before.
    pub visits: bool,
    pub birthday: bool,
    /// Segments and tags.
    pub groups: bool,
    /// How they pay.
    pub payment: bool,
}

impl Asks {
    /// What one promotion asks for.
    #[must_use]
    pub fn of(rules: &Promotion) -> Self {
        let mut asks = Self::default();
        if let Some(condition) = &rules.condition {
            asks.look(condition);
        }
        asks
    }

    /// What either asks for.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self {
            visits: self.visits || other.visits,
            birthday: self.birthday || other.birthday,
            groups: self.groups || other.groups,
            payment: self.payment || other.payment,
        }
    }

    fn look(&mut self, condition: &Condition) {
        match condition {
            Condition::All { of } | Condition::Any { of } => of.iter().for_each(|part| self.look(part)),
            Condition::Not { condition } => self.look(condition),
            Condition::FirstPurchase {} | Condition::Visits { .. } | Condition::EveryVisit { .. } => {
                self.visits = true;
            }
            Condition::Birthday { .. } => self.birthday = true,
            Condition::Segment { .. } | Condition::Tag { .. } => self.groups = true,
            Condition::Payment { .. } => self.payment = true,
            _ => {}
        }
    }
}

/// The promotions of a brand, indexed. Build it once per change, keep it between calls.
///
/// A promotion that can do nothing without certain goods is found by them alone; the others are looked at for every cart.
#[derive(Debug, Clone, Default)]
pub struct Index {
    /// In the order in which promotions are applied.
    live: Vec<Live>,
    /// Places of promotions that need one of these.
    by_product: BTreeMap<String, Vec<usize>>,
    by_category: BTreeMap<String, Vec<usize>>,
    by_tag: BTreeMap<String, Vec<usize>>,
    /// Places of promotions that need no goods in particular.
    always: Vec<usize>,
    asks: Asks,
}

impl Index {
    /// Indexes promotions.
    #[must_use]
    pub fn new(mut live: Vec<Live>) -> Self {
        live.sort_by_key(|live| (std::cmp::Reverse(live.rules.priority), live.promotion, live.version));
        let mut index = Self::default();
        for (place, live) in live.iter_mut().enumerate() {
            sort_lists(&mut live.rules);
            index.asks = index.asks.or(Asks::of(&live.rules));
            let mut needs = Vec::new();
            if !needed(&live.rules, &mut needs) {
                index.always.push(place);
                continue;
            }
            for need in needs {
                let (map, codes) = match need {
                    Need::Products(codes) => (&mut index.by_product, codes),
                    Need::Categories(codes) => (&mut index.by_category, codes),
                    Need::Tags(codes) => (&mut index.by_tag, codes),
                };
                for code in codes {
                    map.entry(code.clone()).or_default().push(place);
                }
            }
        }
        Self { live, ..index }
    }

    /// Which facts about a guest any of them asks for.
    #[must_use]
    pub const fn asks(&self) -> Asks {
        self.asks
    }

    /// All of them, in the order in which they are applied.
    #[must_use]
    pub fn live(&self) -> &[Live] {
        &self.live
    }

    /// Those that may have to do with a cart, in the same order.
    #[must_use]
    pub fn about(&self, cart: &Cart) -> Vec<&Live> {
        let mut found = vec![false; self.live.len()];
        let mut mark = |places: Option<&Vec<usize>>| {
            for &place in places.into_iter().flatten() {
                found[place] = true;
            }
        };
        mark(Some(&self.always));
        for line in &cart.lines {
            mark(self.by_product.get(&line.product));
            mark(self.by_category.get(&line.category));
            for tag in &line.tags {
                mark(self.by_tag.get(tag));
            }
        }
        self.live.iter().zip(found).filter(|(_, found)| *found).map(|(live, _)| live).collect()
    }
}

/// Goods of which a promotion needs at least one.
enum Need<'a> {
    Products(&'a [String]),
    Categories(&'a [String]),
    Tags(&'a [String]),
}

impl<'a> Need<'a> {
    fn of(selector: &'a Selector) -> Option<Self> {
        if !selector.products.is_empty() {
            Some(Self::Products(&selector.products))
        } else if !selector.categories.is_empty() {
            Some(Self::Categories(&selector.categories))
        } else if !selector.tags.is_empty() {
            Some(Self::Tags(&selector.tags))
        } else {
            None
        }
    }
}

/// Collects goods one of which a promotion needs to do anything; false when there are none such.
fn needed<'a>(rules: &'a Promotion, needs: &mut Vec<Need<'a>>) -> bool {
    if let Some(need) = rules.condition.as_ref().and_then(required) {
        needs.push(need);
        return true;
    }
    for effect in &rules.effects {
        let selectors: Vec<&Selector> = match effect {
            Effect::PercentOff { on, .. }
            | Effect::TierBenefit { on, .. }
            | Effect::AmountOff { on, .. }
            | Effect::FixedPrice { on, .. }
            | Effect::NthItem { on, .. }
            | Effect::FreeModifier { on, .. }
            | Effect::PointsPrice { on, .. }
            | Effect::PointsMultiplier { on, .. } => vec![on],
            Effect::BuyGet { get, .. } => vec![get],
            // One part in the cart is enough to say what else is missing.
            Effect::Bundle { parts, .. } => parts.iter().map(|part| &part.of).collect(),
            Effect::PointsBonus { per: BonusPer::Piece { of }, .. } => vec![of],
            Effect::Gift { .. } | Effect::PointsBonus { per: BonusPer::Cart, .. } => return false,
        };
        for selector in selectors {
            let Some(need) = Need::of(selector) else { return false };
            needs.push(need);
        }
    }
    true
}

/// Goods that a condition cannot hold without, and that leave nothing to hint at when they are absent altogether.
fn required(condition: &Condition) -> Option<Need<'_>> {
    match condition {
        Condition::All { of } => of.iter().find_map(required),
        Condition::Pieces { of, at_least, .. } if *at_least > 0 => Need::of(of),
        Condition::Amount { of, at_least } if at_least.0.iter().all(|amount| amount.minor() > 0) => {
            Need::of(of)
        }
        _ => None,
    }
}

/// Sorts every list that is searched.
fn sort_lists(rules: &mut Promotion) {
    fn selector(selector: &mut Selector) {
        let except = &mut selector.except;
        for list in [
            &mut selector.products,
            &mut selector.categories,
            &mut selector.tags,
            &mut selector.sizes,
            &mut selector.modifiers,
            &mut except.products,
            &mut except.categories,
            &mut except.tags,
        ] {
            list.sort_unstable();
        }
    }
    fn condition(of: &mut Condition) {
        match of {
            Condition::All { of } | Condition::Any { of } => of.iter_mut().for_each(condition),
            Condition::Not { condition: inner } => condition(inner),
            Condition::Amount { of, .. } | Condition::Pieces { of, .. } => selector(of),
            Condition::Tier { any_of }
            | Condition::Segment { any_of }
            | Condition::Tag { any_of }
            | Condition::Outlet { any_of }
            | Condition::City { any_of }
            | Condition::Franchisee { any_of }
            | Condition::Country { any_of }
            | Condition::Channel { any_of }
            | Condition::Payment { any_of } => any_of.sort_unstable(),
            _ => {}
        }
    }
    rules.condition.iter_mut().for_each(condition);
    selector(&mut rules.excluded);
    for effect in &mut rules.effects {
        match effect {
            Effect::FreeModifier { on, modifiers, .. } => {
                selector(on);
                modifiers.sort_unstable();
            }
            Effect::PercentOff { on, .. }
            | Effect::TierBenefit { on, .. }
            | Effect::AmountOff { on, .. }
            | Effect::FixedPrice { on, .. }
            | Effect::NthItem { on, .. }
            | Effect::PointsPrice { on, .. }
            | Effect::PointsMultiplier { on, .. }
            | Effect::Gift { of: on, .. }
            | Effect::PointsBonus { per: BonusPer::Piece { of: on }, .. } => selector(on),
            Effect::BuyGet { buy, get, .. } => {
                selector(buy);
                selector(get);
            }
            Effect::Bundle { parts, .. } => parts.iter_mut().for_each(|part| selector(&mut part.of)),
            Effect::PointsBonus { per: BonusPer::Cart, .. } => {}
        }
    }
}

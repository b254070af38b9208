//! Promotions made ready for one cart: selectors resolved to kinds of goods, sums to the cart's currency.

use kernel::quantity::mul_div_half_up;

use crate::condition::Selector;
use crate::effect::{Base, BonusPer, Effect, Per};
use crate::facts::Facts;
use crate::goods::{Goods, Piece};
use crate::index::Live;
use crate::promotion::WithOthers;

/// For each kind of goods whether an effect works on it.
pub(crate) type Mask = Vec<bool>;

/// One, in millionths.
const ONE: i64 = 1_000_000;

/// A promotion whose conditions hold, for one cart.
#[derive(Debug)]
pub(crate) struct Candidate<'a> {
    pub(crate) live: &'a Live,
    pub(crate) moves: Vec<Move>,
    pub(crate) gains: Vec<Gain>,
    /// For each kind the least that a piece of it may cost under this promotion.
    pub(crate) floors: Vec<i64>,
    /// Most that it may take off, by its limits and what its budgets leave.
    pub(crate) discount_max: Option<i64>,
    pub(crate) points_max: Option<i64>,
    pub(crate) alone_on_pieces: bool,
}

/// An effect on prices.
#[derive(Debug)]
pub(crate) enum Move {
    Percent {
        on: Mask,
        millionths: i64,
        base: Base,
    },
    AmountPerCart {
        on: Mask,
        minor: i64,
    },
    AmountPerPiece {
        on: Mask,
        minor: i64,
    },
    Fixed {
        on: Mask,
        minor: i64,
    },
    Nth {
        on: Mask,
        nth: usize,
        millionths: i64,
        times: usize,
    },
    BuyGet {
        buy: Mask,
        buy_pieces: usize,
        get: Mask,
        get_pieces: usize,
        millionths: i64,
        times: usize,
    },
    /// A mask for each piece of the bundle.
    Bundle {
        slots: Vec<Mask>,
        minor: i64,
        times: usize,
    },
    Gift {
        of: Mask,
        pieces: usize,
        selector: usize,
    },
    /// Off a piece of each kind.
    FreeModifier {
        off: Vec<i64>,
    },
    ForPoints {
        on: Mask,
        points: i64,
        pieces: usize,
    },
}

/// An effect on points.
#[derive(Debug)]
pub(crate) enum Gain {
    /// Millionths on top of what is earned anyway.
    Multiplier {
        on: Mask,
        extra: i64,
    },
    PerCart {
        points: i64,
    },
    PerPiece {
        on: Mask,
        points: i64,
    },
}

impl<'a> Candidate<'a> {
    /// Resolves a promotion; effects that have no sum in the cart's currency, or no rate for the guest's tier, fall away.
    pub(crate) fn new(live: &'a Live, goods: &Goods<'_>, facts: &Facts) -> Self {
        let rules = &live.rules;
        let mask = |on: &Selector| -> Mask {
            let kinds = goods.kinds.iter();
            kinds.map(|kind| on.matches(kind.line) && !rules.excluded.excludes(kind.line)).collect()
        };
        let mut moves = Vec::with_capacity(rules.effects.len());
        let mut gains = Vec::new();
        for (index, effect) in rules.effects.iter().enumerate() {
            match gain(effect, &mask) {
                Some(gain) => gains.push(gain),
                None => moves.extend(resolve(effect, index, goods, facts, &mask)),
            }
        }
        let share = rules.price_floor.millionths();
        let floors = goods.kinds.iter().map(|kind| {
            let own = i128::from(kind.line.unit_list_minor) * i128::from(share);
            // Rounded up; a share is at most one, so that it fits.
            let own = (own + i128::from(ONE) - 1) / i128::from(ONE);
            kind.line.floor_minor.max(i64::try_from(own).unwrap_or(kind.line.unit_list_minor))
        });
        let allowance = facts.allowances.iter().find(|allowance| allowance.promotion == live.promotion);
        let per_cart = rules.limits.discount_per_cart.as_ref();
        let discounts = [
            per_cart.map(|amounts| amounts.minor(goods.currency).unwrap_or(0)),
            allowance.and_then(|allowance| allowance.discount_minor),
        ];
        let points = [rules.limits.points_per_cart, allowance.and_then(|allowance| allowance.points)];
        Self {
            live,
            moves,
            gains,
            floors: floors.collect(),
            discount_max: discounts.into_iter().flatten().min(),
            points_max: points.into_iter().flatten().map(kernel::Points::hundredths).min(),
            alone_on_pieces: rules.stacking.with_others != WithOthers::Freely,
        }
    }

    /// Whether it wants the cart for itself.
    pub(crate) fn exclusive(&self) -> bool {
        self.live.rules.stacking.with_others == WithOthers::Never
    }

    /// Whether it may work on a piece of a kind that `on` has.
    pub(crate) fn may(&self, on: &Mask, piece: &Piece) -> bool {
        on[piece.kind] && !piece.locked && !(self.alone_on_pieces && piece.touched)
    }

    /// What may still come off a piece.
    pub(crate) fn room(&self, piece: &Piece) -> i64 {
        (piece.now - self.floors[piece.kind]).max(0)
    }

    /// Whether it may work on pieces of a kind at all.
    pub(crate) fn reaches(&self, kind: usize) -> bool {
        self.moves.iter().any(|step| step.reaches(kind))
    }

    /// Whether its points depend on what pieces of a kind cost, or on whether others have worked on them.
    pub(crate) fn counts(&self, kind: usize) -> bool {
        self.gains.iter().any(|gain| match gain {
            Gain::Multiplier { on, .. } | Gain::PerPiece { on, .. } => on[kind],
            Gain::PerCart { .. } => false,
        })
    }
}

impl Move {
    /// Whether it may work on pieces of a kind at all.
    pub(crate) fn reaches(&self, kind: usize) -> bool {
        match self {
            Self::Percent { on, .. }
            | Self::AmountPerCart { on, .. }
            | Self::AmountPerPiece { on, .. }
            | Self::Fixed { on, .. }
            | Self::Nth { on, .. }
            | Self::Gift { of: on, .. }
            | Self::ForPoints { on, .. } => on[kind],
            Self::BuyGet { buy, get, .. } => buy[kind] || get[kind],
            Self::Bundle { slots, .. } => slots.iter().any(|slot| slot[kind]),
            Self::FreeModifier { off } => off[kind] > 0,
        }
    }
}

fn gain(effect: &Effect, mask: &dyn Fn(&Selector) -> Mask) -> Option<Gain> {
    Some(match effect {
        Effect::PointsMultiplier { on, factor } => {
            Gain::Multiplier { on: mask(on), extra: factor.millionths() - ONE }
        }
        Effect::PointsBonus { points, per: BonusPer::Cart } => Gain::PerCart { points: points.hundredths() },
        Effect::PointsBonus { points, per: BonusPer::Piece { of } } => {
            Gain::PerPiece { on: mask(of), points: points.hundredths() }
        }
        _ => return None,
    })
}

fn resolve(
    effect: &Effect,
    index: usize,
    goods: &Goods<'_>,
    facts: &Facts,
    mask: &dyn Fn(&Selector) -> Mask,
) -> Option<Move> {
    let times = |most: &Option<u32>| most.map_or(usize::MAX, |most| most as usize);
    Some(match effect {
        Effect::PercentOff { on, percent, base } => {
            Move::Percent { on: mask(on), millionths: percent.millionths(), base: *base }
        }
        Effect::TierBenefit { on, tiers, base } => {
            let own = facts.guest.as_ref().map(|guest| guest.tier.as_str());
            let benefit = tiers.iter().find(|benefit| own == Some(benefit.tier.as_str()))?;
            Move::Percent { on: mask(on), millionths: benefit.percent.millionths(), base: *base }
        }
        Effect::AmountOff { on, amount, per } => {
            let minor = amount.minor(goods.currency)?;
            match per {
                Per::Cart => Move::AmountPerCart { on: mask(on), minor },
                Per::Piece => Move::AmountPerPiece { on: mask(on), minor },
            }
        }
        Effect::FixedPrice { on, price } => Move::Fixed { on: mask(on), minor: price.minor(goods.currency)? },
        Effect::NthItem { on, nth, percent, times_max } => Move::Nth {
            on: mask(on),
            nth: (*nth).max(1) as usize,
            millionths: percent.millionths(),
            times: times(times_max),
        },
        Effect::BuyGet { buy, buy_pieces, get, get_pieces, percent, times_max } => Move::BuyGet {
            buy: mask(buy),
            buy_pieces: *buy_pieces as usize,
            get: mask(get),
            get_pieces: (*get_pieces).max(1) as usize,
            millionths: percent.millionths(),
            times: times(times_max),
        },
        Effect::Bundle { parts, price, times_max } => {
            let slots = parts.iter().flat_map(|part| {
                let mask = mask(&part.of);
                (0..part.pieces).map(move |_| mask.clone())
            });
            Move::Bundle {
                slots: slots.collect(),
                minor: price.minor(goods.currency)?,
                times: times(times_max),
            }
        }
        Effect::Gift { of, pieces } => Move::Gift { of: mask(of), pieces: *pieces as usize, selector: index },
        Effect::FreeModifier { on, modifiers, amount } => {
            let on = mask(on);
            let off = goods
                .kinds
                .iter()
                .zip(on)
                .map(|(kind, on)| if on { free_modifiers(kind.line, modifiers, *amount) } else { 0 });
            Move::FreeModifier { off: off.collect() }
        }
        Effect::PointsPrice { on, points, pieces_max } => Move::ForPoints {
            on: goods.kinds.iter().zip(mask(on)).map(|(kind, on)| on && kind.for_points).collect(),
            points: points.hundredths(),
            pieces: times(pieces_max),
        },
        Effect::PointsMultiplier { .. } | Effect::PointsBonus { .. } => return None,
    })
}

/// What the dearest `amount` of these modifiers cost in one piece.
fn free_modifiers(line: &crate::cart::CartLine, codes: &[String], amount: u32) -> i64 {
    let mut own: Vec<(i64, u32)> = line
        .modifiers
        .iter()
        .filter(|modifier| crate::goods::contains(codes, &modifier.code))
        .map(|modifier| (modifier.unit_price_minor, modifier.charged))
        .collect();
    own.sort_by(|a, b| b.cmp(a));
    let mut left = amount;
    let mut sum = 0_i64;
    for (price, charged) in own {
        let free = charged.min(left);
        left -= free;
        sum = sum.saturating_add(price.max(0).saturating_mul(i64::from(free)));
    }
    sum
}

/// A share of a sum, rounded half up.
pub(crate) fn share_of(sum: i64, millionths: i64) -> i64 {
    // Sums of carts and shares up to one fit.
    mul_div_half_up(sum, millionths, ONE).unwrap_or(i64::MAX)
}

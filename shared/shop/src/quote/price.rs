//! The decision: a wish and everything known about it in, a quote with its reasons out.

use basket::{
    Bonus, Discount, FiscalLine, Line, Modifier, PromotionUse, Quote, TillModifier, TillProduct, Totals,
};
use kernel::time::MINUTE_MS;
use kernel::{Points, QuoteId, Timestamp};
use loyalty::reason::Reason;
use loyalty::redemption::Allowance;
use loyalty::sale::Outlet;
use menu::select::Selected;
use pricing::priced::{Applied, Priced, PricedLine};
use pricing::{Cart, Facts, Index, fiscal};

use super::points::{Account, PricedCart, Settled, settle};
use super::{PointsWish, Refusal, Wish};

/// How long a quote is good. Long enough to pay by bank app, short enough for prices to change.
pub const QUOTE_MINUTES: i64 = 15;

/// Everything that a price depends on.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    pub wish: &'a Wish,
    /// Of the menu that the cart was chosen from.
    pub revision: &'a str,
    /// The wish's lines found in the menu.
    pub selected: &'a [Selected],
    /// The same as promotions see it.
    pub cart: &'a Cart,
    pub outlet: &'a Outlet,
    pub facts: &'a Facts,
    pub promotions: &'a Index,
    /// None for a guest who is not signed in.
    pub account: Option<&'a Account>,
}

/// A quote, and what is said about it besides.
#[derive(Debug, Clone)]
pub struct Offer {
    pub quote: Quote,
    /// How many points the guest may spend; none for a guest who is not signed in.
    pub spending: Option<Allowance>,
    /// Why the cart earns what it does.
    pub earning: Vec<Reason>,
    /// Why a line does not earn, or not on its whole amount; in the order of the lines.
    pub line_reasons: Vec<Option<Reason>>,
    /// Promotions with their verdicts, near misses and gifts.
    pub priced: Priced,
}

/// Prices a cart.
///
/// # Errors
/// See [`Refusal`].
pub fn price(inputs: Inputs<'_>, id: QuoteId) -> Result<Offer, Refusal> {
    let Inputs { wish, selected, cart, outlet, facts, promotions, account, .. } = inputs;
    let wanted_at = wish.pickup_at.unwrap_or(facts.now);
    let priced = pricing::evaluate(cart, facts, promotions)?;
    let settled = match account {
        None if wish.points != PointsWish::None => return Err(Refusal::PointsNeedGuest),
        None => None,
        Some(account) => {
            let pieces: Vec<u32> = wish.lines.iter().map(|line| line.pieces).collect();
            let cart = PricedCart {
                selected,
                priced: &priced,
                pieces: &pieces,
                outlet,
                day: facts.day,
                at: wanted_at,
            };
            Some(settle(account, cart, wish.points)?)
        }
    };
    let quote = assemble(inputs, id, &priced, settled.as_ref());
    let line_reasons = match &settled {
        None => vec![None; selected.len()],
        Some(settled) => settled.accrual.lines.iter().map(|line| line.reason.clone()).collect(),
    };
    Ok(Offer {
        quote,
        spending: settled.as_ref().map(|settled| settled.allowance),
        earning: settled.map(|settled| settled.accrual.reasons).unwrap_or_default(),
        line_reasons,
        priced,
    })
}

fn assemble(inputs: Inputs<'_>, id: QuoteId, priced: &Priced, settled: Option<&Settled>) -> Quote {
    let Inputs { wish, revision, selected, outlet, facts, account, .. } = inputs;
    let lines: Vec<Line> = selected
        .iter()
        .zip(&priced.lines)
        .zip(&wish.lines)
        .enumerate()
        .map(|(index, ((choice, line), wish))| {
            let points = LinePoints::of(index, line, settled);
            quote_line(choice, line, wish.pieces, points, &priced.applied)
        })
        .collect();
    let codes = priced.applied.iter().filter_map(|applied| applied.coupon.clone());
    Quote {
        id: id.to_string(),
        brand: facts.place.brand.clone(),
        outlet: outlet.id.to_string(),
        outlet_code: facts.place.outlet.clone(),
        member: account.map(|account| account.member.to_string()),
        channel: wish.channel.to_owned(),
        currency: outlet.currency.code().to_owned(),
        priced_at: facts.now.millis(),
        expires_at: expires_at(facts.now).millis(),
        pickup_at: wish.pickup_at.map(Timestamp::millis),
        menu_revision: revision.to_owned(),
        coupons: codes.collect(),
        totals: totals(&lines, priced, settled),
        lines,
        uses: priced.applied.iter().map(promotion_use).collect(),
        programme_version: account.map(|account| account.programme.to_string()),
    }
}

/// When a quote made now ends.
#[must_use]
pub const fn expires_at(now: Timestamp) -> Timestamp {
    now.plus_millis(QUOTE_MINUTES * MINUTE_MS)
}

/// Points of one line.
#[derive(Debug, Clone, Copy)]
struct LinePoints {
    /// By wish and for the menu for points.
    spent: i64,
    /// What those by wish pay.
    spent_minor: i64,
    earned: i64,
}

impl LinePoints {
    fn of(index: usize, line: &PricedLine, settled: Option<&Settled>) -> Self {
        let paid = settled.and_then(|settled| settled.paid.get(index));
        let accrued = settled.and_then(|settled| settled.accrual.lines.get(index));
        let by_wish = paid.map_or(Points::ZERO, |paid| paid.points).hundredths();
        let by_programme = accrued.map_or(Points::ZERO, |line| line.points).hundredths();
        Self {
            spent: by_wish.saturating_add(line.points_price.hundredths()),
            spent_minor: paid.map_or(0, |paid| paid.amount.minor()),
            earned: by_programme.saturating_add(line.points_bonus.hundredths()),
        }
    }
}

fn quote_line(
    choice: &Selected,
    line: &PricedLine,
    pieces: u32,
    points: LinePoints,
    applied: &[Applied],
) -> Line {
    let final_minor = line.final_minor.saturating_sub(points.spent_minor);
    let discounts = line.discounts.iter().filter_map(|discount| {
        let title = applied.iter().find(|applied| applied.promotion == discount.promotion)?.title.clone();
        Some(Discount {
            promotion: discount.promotion.to_string(),
            version: discount.version,
            title,
            amount_minor: discount.amount_minor,
            funding: discount.funding.clone(),
        })
    });
    let modifiers = choice.modifiers.iter().map(|modifier| Modifier {
        code: modifier.code.clone(),
        name: modifier.names.clone(),
        amount: modifier.amount,
        charged: modifier.charged,
        unit_price_minor: modifier.unit_price_minor,
        till: TillModifier {
            product_id: modifier.till.product_id.clone(),
            group_id: modifier.till.group_id.clone(),
        },
    });
    let fiscal = fiscal::pieces(pieces, final_minor).into_iter();
    Line {
        line_no: line.line_no,
        item: choice.item.clone(),
        product_code: choice.product_code.clone(),
        name: choice.names.clone(),
        category: choice.category.clone(),
        size: choice.size.as_ref().map(|size| size.names.clone()),
        quantity: pieces,
        modifiers: modifiers.collect(),
        unit_list_minor: choice.unit_minor,
        list_minor: line.list_minor,
        discounts: discounts.collect(),
        points_spent: points.spent,
        points_spent_minor: points.spent_minor,
        final_minor,
        fiscal: fiscal
            .map(|pieces| FiscalLine { quantity: pieces.quantity, unit_minor: pieces.unit_minor })
            .collect(),
        tax_rate: choice.tax_rate,
        points_earned: points.earned,
        bonuses: line.bonuses.iter().map(bonus).collect(),
        till: TillProduct {
            product_id: choice.till.product_id.clone(),
            size_id: choice.till.size_id.clone(),
            compound: choice.till.compound,
        },
    }
}

fn bonus(given: &pricing::priced::LineBonus) -> Bonus {
    Bonus {
        promotion: given.promotion.to_string(),
        version: given.version,
        points: given.points.hundredths(),
        funding: given.funding.clone(),
    }
}

fn totals(lines: &[Line], priced: &Priced, settled: Option<&Settled>) -> Totals {
    let sum = |of: fn(&Line) -> i64| lines.iter().fold(0_i64, |sum, line| sum.saturating_add(of(line)));
    let by_programme = settled.map_or(Points::ZERO, |settled| settled.accrual.points).hundredths();
    let bonus = priced.points_bonus.hundredths();
    Totals {
        list_minor: priced.list_minor,
        discount_minor: priced.discount_minor,
        points_spent: sum(|line| line.points_spent),
        points_spent_minor: sum(|line| line.points_spent_minor),
        payable_minor: sum(|line| line.final_minor),
        points_earned: by_programme.saturating_add(bonus),
        points_bonus: bonus,
    }
}

fn promotion_use(applied: &Applied) -> PromotionUse {
    PromotionUse {
        promotion: applied.promotion.to_string(),
        version: applied.version,
        times: applied.times,
        discount_minor: applied.discount_minor,
        points: applied.points_bonus.hundredths(),
        coupon: applied.coupon.clone(),
    }
}

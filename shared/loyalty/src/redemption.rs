//! How many points may be spent on a receipt, and what each line is paid with.

use kernel::quantity::mul_div_floor;
use kernel::split::largest_remainder;
use kernel::{Currency, Money, Points, Rate};

use crate::accrual::floor_to;
use crate::error::{Refusal, add};
use crate::programme::{Exclusions, Programme};
use crate::reason::percent;
use crate::sale::SaleLine;
use kernel::Lang;

/// What a receipt costs, as far as spending goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payable {
    /// The whole receipt.
    pub total: Money,
    /// The lines that can be paid with points.
    pub eligible: Money,
}

/// How many points may be spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    pub max: Points,
    /// What `max` is worth.
    pub worth: Money,
    /// What keeps it from being more.
    pub limit: Limit,
}

/// What limits spending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// The member has no more.
    Balance,
    /// Points pay at most this share of a receipt.
    Share { rate: Rate },
    /// Only so much of the receipt can be paid with points.
    Eligible { amount: Money },
    /// What is possible is less than can be spent at once.
    Minimum { min: Points },
}

/// How a guest showed who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented {
    /// A code that changes every few seconds, or a signed-in device.
    Rotating,
    /// A code that never changes: a card number, a phone number, a screenshot.
    Static,
}

/// What one line is paid with points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinePayment {
    pub line_no: u32,
    /// Money's worth, never above the line's amount.
    pub amount: Money,
    pub points: Points,
}

/// A capture's price: the parts sum to the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapturePrice {
    pub points: Points,
    /// What the points pay.
    pub amount: Money,
    /// In the sale's order, all lines.
    pub lines: Vec<LinePayment>,
}

impl Exclusions {
    /// Whether the category is left out.
    #[must_use]
    pub fn has_category(&self, category: &str) -> bool {
        self.categories.iter().any(|excluded| excluded == category)
    }

    /// Whether the line is left out, by its product or its category.
    #[must_use]
    pub fn covers(&self, line: &SaleLine) -> bool {
        self.products.contains(&line.product_code)
            || line.category.as_ref().is_some_and(|category| self.has_category(category))
    }
}

impl Limit {
    /// Stable name on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Balance => "balance",
            Self::Share { .. } => "share",
            Self::Eligible { .. } => "eligible",
            Self::Minimum { .. } => "minimum",
        }
    }

    /// The limit in words.
    #[must_use]
    pub fn text(self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Balance, Lang::Ru) => "на счёте больше нет баллов".into(),
            (Self::Balance, Lang::Kk) => "шотта бұдан көп балл жоқ".into(),
            (Self::Balance, Lang::En) => "there are no more points in the account".into(),
            (Self::Share { rate }, Lang::Ru) => format!("баллами можно оплатить до {} чека", percent(rate)),
            (Self::Share { rate }, Lang::Kk) => {
                format!("балмен төлеуге болатын үлес: чектің {} дейін", percent(rate))
            }
            (Self::Share { rate }, Lang::En) => format!("points pay up to {} of a receipt", percent(rate)),
            (Self::Eligible { amount }, Lang::Ru) => format!("баллами можно оплатить товары на {amount}"),
            (Self::Eligible { amount }, Lang::Kk) => format!("балмен төленетін тауарлар сомасы: {amount}"),
            (Self::Eligible { amount }, Lang::En) => format!("goods for {amount} can be paid with points"),
            (Self::Minimum { min }, Lang::Ru) => format!("списать можно не меньше {min}"),
            (Self::Minimum { min }, Lang::Kk) => format!("жұмсауға болатын ең аз балл: {min}"),
            (Self::Minimum { min }, Lang::En) => format!("at least {min} points can be spent"),
        }
    }
}

/// What of these lines can be paid with points.
///
/// # Errors
/// [`Refusal::CurrencyDiffers`] between lines; [`Refusal::Overflow`].
pub fn payable(programme: &Programme, lines: &[SaleLine], currency: Currency) -> Result<Payable, Refusal> {
    let zero = Money::zero(currency);
    let mut payable = Payable { total: zero, eligible: zero };
    for line in lines {
        payable.total = add(payable.total, line.amount)?;
        if !programme.redemption.excluded.covers(line) {
            payable.eligible = add(payable.eligible, line.amount)?;
        }
    }
    Ok(payable)
}

/// How many of `available` points a receipt lets the member spend: a multiple of the step, within the share and
/// the eligible lines, or none if that is below the minimum.
///
/// # Errors
/// [`Refusal::CurrencyNotInProgramme`]; [`Refusal::Overflow`].
pub fn allowance(programme: &Programme, available: Points, receipt: Payable) -> Result<Allowance, Refusal> {
    let redemption = &programme.redemption;
    let value = programme.point_value(receipt.total.currency())?;
    let (by_receipt, receipt_limit) = receipt_max(programme, receipt, value)?;
    let (most, limit) = if available < by_receipt {
        (available.max(Points::ZERO), Limit::Balance)
    } else {
        (by_receipt, receipt_limit)
    };
    let max = floor_to(most, redemption.step)?;
    if max < redemption.min_points {
        let limit = if most.is_zero() { limit } else { Limit::Minimum { min: redemption.min_points } };
        return Ok(Allowance { max: Points::ZERO, worth: Money::zero(value.currency()), limit });
    }
    Ok(Allowance { max, worth: worth(max, value)?, limit })
}

/// Whether `asked` points may be held within `allowance` for a guest who showed themselves in this way.
///
/// # Errors
/// [`Refusal::StaticCode`], [`Refusal::BelowMinimum`], [`Refusal::NotAStep`], [`Refusal::AboveAllowance`].
pub fn check_hold(
    programme: &Programme,
    asked: Points,
    allowance: Allowance,
    presented: Presented,
) -> Result<(), Refusal> {
    let redemption = &programme.redemption;
    if presented == Presented::Static && !redemption.static_code_may_spend {
        return Err(Refusal::StaticCode);
    }
    if asked < redemption.min_points {
        return Err(Refusal::BelowMinimum { min: redemption.min_points, asked });
    }
    if floor_to(asked, redemption.step)? != asked {
        return Err(Refusal::NotAStep { step: redemption.step, asked });
    }
    if asked > allowance.max {
        return Err(Refusal::AboveAllowance { max: allowance.max, asked, limit: allowance.limit });
    }
    Ok(())
}

/// What each line of a sale is paid when `points` are captured for it. The receipt may differ from the one the hold
/// was made for, so that its share and eligible lines are looked at again; minimum and step are not.
///
/// # Errors
/// [`Refusal::AboveAllowance`]; [`Refusal::WorthNothing`] for points below the smallest coin;
/// [`Refusal::CurrencyNotInProgramme`], [`Refusal::CurrencyDiffers`], [`Refusal::Overflow`].
pub fn price_capture(
    programme: &Programme,
    points: Points,
    lines: &[SaleLine],
    currency: Currency,
) -> Result<CapturePrice, Refusal> {
    let value = programme.point_value(currency)?;
    let (max, limit) = receipt_max(programme, payable(programme, lines, currency)?, value)?;
    if points > max {
        return Err(Refusal::AboveAllowance { max, asked: points, limit });
    }
    let amount = worth(points, value)?;
    if points < Points::ZERO || (points.is_positive() && amount.minor() == 0) {
        return Err(Refusal::WorthNothing { asked: points });
    }
    let weights: Vec<i64> = lines
        .iter()
        .map(|line| if programme.redemption.excluded.covers(line) { 0 } else { line.amount.minor() })
        .collect();
    let amounts = spread(amount.minor(), lines, &weights)?;
    let parts = largest_remainder(points.hundredths(), &amounts)?;
    let lines =
        lines.iter().zip(amounts.iter().zip(&parts)).map(|(line, (&minor, &hundredths))| LinePayment {
            line_no: line.line_no,
            amount: Money::new(minor, currency),
            points: Points::from_hundredths(hundredths),
        });
    Ok(CapturePrice { points, amount, lines: lines.collect() })
}

/// What `points` are worth, rounded down to the minor unit.
///
/// # Errors
/// [`Refusal::Overflow`].
pub fn worth(points: Points, value: Money) -> Result<Money, Refusal> {
    Ok(Money::new(mul_div_floor(points.hundredths(), value.minor(), 100)?, value.currency()))
}

/// The most points whose worth the receipt can take, and what keeps it from being more.
fn receipt_max(programme: &Programme, receipt: Payable, value: Money) -> Result<(Points, Limit), Refusal> {
    let rate = programme.redemption.share_max;
    let share = rate.of_floor(receipt.total.minor())?;
    let (cap, limit) = if receipt.eligible.minor() < share {
        (receipt.eligible.minor(), Limit::Eligible { amount: receipt.eligible })
    } else {
        (share, Limit::Share { rate })
    };
    Ok((Points::from_hundredths(mul_div_floor(cap, 100, value.minor())?), limit))
}

/// Shares `whole` over the lines in proportion to `weights`: first over products, then over the lines of each. A
/// product's part does not depend on how many lines it stands on.
fn spread(whole: i64, lines: &[SaleLine], weights: &[i64]) -> Result<Vec<i64>, Refusal> {
    let mut groups: Vec<(&SaleLine, Vec<usize>)> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        match groups.iter_mut().find(|(first, _)| is_same_product(first, line)) {
            Some((_, members)) => members.push(index),
            None => groups.push((line, vec![index])),
        }
    }
    let group_weights = groups
        .iter()
        .map(|(_, members)| members.iter().try_fold(0_i64, |sum, &index| sum.checked_add(weights[index])))
        .collect::<Option<Vec<i64>>>()
        .ok_or(Refusal::Overflow)?;
    let mut parts = vec![0; lines.len()];
    for ((_, members), part) in groups.iter().zip(largest_remainder(whole, &group_weights)?) {
        let weights: Vec<i64> = members.iter().map(|&index| weights[index]).collect();
        for (&index, part) in members.iter().zip(largest_remainder(part, &weights)?) {
            parts[index] = part;
        }
    }
    Ok(parts)
}

/// Whether two lines are one product as far as rules can tell.
fn is_same_product(a: &SaleLine, b: &SaleLine) -> bool {
    a.product_code == b.product_code && a.category == b.category && a.is_promo == b.is_promo
}

//! What a return, full or partial, takes back and gives back.

use kernel::split::cumulative;
use kernel::{Date, Money, Points, Quantity, Timestamp, Zone};

use crate::error::{Refusal, add};
use crate::programme::Expiry;

/// A line of a stored receipt: what the sale decided, and how much of it has come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SoldLine {
    pub line_no: u32,
    pub quantity: Quantity,
    /// Already returned.
    pub returned: Quantity,
    /// Sold by weight or volume.
    pub is_fractional: bool,
    /// What the line cost, before points.
    pub amount: Money,
    /// The part of it paid with points.
    pub paid_with_points: Money,
    pub points_paid: Points,
    pub points_earned: Points,
}

/// What one line of a return undoes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReturnLine {
    pub line_no: u32,
    pub quantity: Quantity,
    /// What of the line's cost comes back: `refund` and `paid_with_points` together.
    pub amount: Money,
    /// Money to give back.
    pub refund: Money,
    /// The part that had been paid with points.
    pub paid_with_points: Money,
    /// Points to give back.
    pub points_back: Points,
    /// Points to take back.
    pub clawback: Points,
}

/// What a return undoes; the totals are the sums of the lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnPlan {
    pub lines: Vec<ReturnLine>,
    pub amount: Money,
    pub refund: Money,
    pub paid_with_points: Money,
    pub points_back: Points,
    pub clawback: Points,
}

/// Plans the return of `asked` quantities of a receipt's lines. Every part is the difference between two cumulative
/// shares of what the sale stored, so that any sequence of returns of a line sums to the line (L7): no part can be
/// rounded away by returning in small steps.
///
/// # Errors
/// [`Refusal::NothingToReturn`], [`Refusal::UnknownLine`], [`Refusal::DuplicateLine`], [`Refusal::NotPositive`],
/// [`Refusal::Fractional`], [`Refusal::MoreThanLeft`].
pub fn plan_return(sold: &[SoldLine], asked: &[(u32, Quantity)]) -> Result<ReturnPlan, Refusal> {
    let mut lines: Vec<ReturnLine> = Vec::with_capacity(asked.len());
    for &(line_no, quantity) in asked {
        if lines.iter().any(|line| line.line_no == line_no) {
            return Err(Refusal::DuplicateLine { line_no });
        }
        let line =
            sold.iter().find(|line| line.line_no == line_no).ok_or(Refusal::UnknownLine { line_no })?;
        lines.push(return_line(line, quantity)?);
    }
    let zero = Money::zero(lines.first().ok_or(Refusal::NothingToReturn)?.amount.currency());
    let money = |part: fn(&ReturnLine) -> Money| lines.iter().map(part).try_fold(zero, add);
    let points = |part: fn(&ReturnLine) -> Points| {
        lines.iter().map(part).try_fold(Points::ZERO, Points::checked_add).ok_or(Refusal::Overflow)
    };
    Ok(ReturnPlan {
        amount: money(|line| line.amount)?,
        refund: money(|line| line.refund)?,
        paid_with_points: money(|line| line.paid_with_points)?,
        points_back: points(|line| line.points_back)?,
        clawback: points(|line| line.clawback)?,
        lines,
    })
}

fn return_line(line: &SoldLine, asked: Quantity) -> Result<ReturnLine, Refusal> {
    let line_no = line.line_no;
    if asked.thousandths() <= 0 {
        return Err(Refusal::NotPositive { line_no, asked });
    }
    if !line.is_fractional && !asked.is_whole() {
        return Err(Refusal::Fractional { line_no, asked });
    }
    let total = line.quantity.thousandths();
    let before = line.returned.thousandths();
    let left = total.checked_sub(before).ok_or(Refusal::Overflow)?;
    if asked.thousandths() > left {
        return Err(Refusal::MoreThanLeft { line_no, left: Quantity::from_thousandths(left), asked });
    }
    let after = before + asked.thousandths();
    let share = |whole: i64| -> Result<i64, Refusal> {
        Ok(cumulative(whole, after, total)? - cumulative(whole, before, total)?)
    };
    let currency = line.amount.currency();
    // Money and points' worth are shared each for itself: the share of their difference could fall below zero.
    let in_money = line.amount.checked_sub(line.paid_with_points).ok_or(Refusal::Overflow)?;
    let refund = Money::new(share(in_money.minor())?, currency);
    let paid_with_points = Money::new(share(line.paid_with_points.minor())?, currency);
    Ok(ReturnLine {
        line_no,
        quantity: asked,
        amount: add(refund, paid_with_points)?,
        refund,
        paid_with_points,
        points_back: Points::from_hundredths(share(line.points_paid.hundredths())?),
        clawback: Points::from_hundredths(share(line.points_earned.hundredths())?),
    })
}

/// How given-back points may be spent again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grace {
    /// The local day of the return.
    pub on: Date,
    pub zone: Zone,
    /// Points stay good at least through the so-manieth day after.
    pub days: u32,
}

/// The lots to reinstate for a return that gives `back` points, when `spent` is what the receipt's capture took (in
/// the order in which it took them) and earlier returns gave back `already`. What was spent last comes back first.
/// A part keeps its lot's expiry, or gets the grace if that is later; parts with one expiry are one lot.
///
/// # Errors
/// [`Refusal::Overflow`] when more would come back than was spent.
pub fn reinstatement(
    spent: &[(Points, Option<Timestamp>)],
    already: Points,
    back: Points,
    grace: &Grace,
) -> Result<Vec<(Points, Option<Timestamp>)>, Refusal> {
    let at_least = Expiry::Days { days: grace.days }.expires_at(grace.on, &grace.zone);
    let mut skip = already.hundredths();
    let mut left = back.hundredths();
    let mut parts: Vec<(i64, Option<Timestamp>)> = Vec::new();
    for &(points, expires_at) in spent.iter().rev() {
        let skipped = points.hundredths().min(skip);
        skip -= skipped;
        let taken = (points.hundredths() - skipped).min(left);
        left -= taken;
        if taken == 0 {
            continue;
        }
        let expires_at = expires_at.map(|end| at_least.map_or(end, |grace| grace.max(end)));
        match parts.iter_mut().find(|(_, end)| *end == expires_at) {
            Some((sum, _)) => *sum = sum.checked_add(taken).ok_or(Refusal::Overflow)?,
            None => parts.push((taken, expires_at)),
        }
    }
    if left != 0 || back < Points::ZERO || already < Points::ZERO {
        return Err(Refusal::Overflow);
    }
    Ok(parts.into_iter().map(|(hundredths, end)| (Points::from_hundredths(hundredths), end)).collect())
}

//! What a sale earns.

use kernel::quantity::mul_div_floor;
use kernel::split::largest_remainder;
use kernel::{Date, Money, Points, Timestamp, Zone};
use ledger::grant::Grant;
use ledger::model::LotSource;

use crate::error::{Refusal, add, sub};
use crate::programme::{Earning, Programme, Tier, WelcomeTrigger};
use crate::reason::Reason;
use crate::redemption::LinePayment;
use crate::sale::{Sale, SaleLine};

/// What the member has earned already on the sale's business day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DaySoFar {
    pub points: Points,
    /// Receipts that earned.
    pub receipts: u32,
}

/// What a sale earns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accrual {
    /// The tier whose rate held.
    pub tier: String,
    pub points: Points,
    /// The money that earned.
    pub base: Money,
    /// When the points become spendable; `None` at once.
    pub activates_at: Option<Timestamp>,
    /// First instant at which they are no longer good; `None` never.
    pub expires_at: Option<Timestamp>,
    /// In the sale's order; their points sum to `points`.
    pub lines: Vec<LineAccrual>,
    /// About the receipt as a whole: why another tier's rate holds than the member's, if so; the rate; what cut it.
    pub reasons: Vec<Reason>,
}

/// What one line earns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineAccrual {
    pub line_no: u32,
    /// The part of the line's amount that earned.
    pub base: Money,
    pub points: Points,
    /// Why the line did not earn, or not on its whole amount. Always there when it earned nothing.
    pub reason: Option<Reason>,
}

impl Accrual {
    /// The accrual as the ledger takes it.
    #[must_use]
    pub const fn grant(&self) -> Grant {
        Grant {
            points: self.points,
            source: LotSource::Receipt,
            activates_at: self.activates_at,
            expires_at: self.expires_at,
        }
    }
}

/// What `sale` earns a member of `tier`, of whose lines `paid` was paid with points (see
/// [`crate::redemption::price_capture`]; empty if nothing was), on a day that already brought `day`.
///
/// # Errors
/// [`Refusal::CurrencyNotInProgramme`], [`Refusal::CurrencyDiffers`]; [`Refusal::Overflow`] for a sale that was
/// not checked.
pub fn earn(
    programme: &Programme,
    tier: &Tier,
    sale: &Sale,
    paid: &[LinePayment],
    day: DaySoFar,
) -> Result<Accrual, Refusal> {
    let earning = &programme.earning;
    let currency = sale.outlet.currency;
    let value = programme.point_value(currency)?;
    let mut lines = Vec::with_capacity(sale.lines.len());
    let mut base = Money::zero(currency);
    for line in &sale.lines {
        let (counts, reason) = line_base(earning, line, paid)?;
        base = add(base, counts)?;
        lines.push(LineAccrual { line_no: line.line_no, base: counts, points: Points::ZERO, reason });
    }
    let rate = tier.earn_rate;
    let mut reasons = vec![Reason::TierRate { tier: tier.code.clone(), rate, base }];
    let wanted = points_for(base, value, tier, earning)?;
    let points = cap(earning, wanted, day, &mut reasons)?;
    share_out(points, &mut lines, reasons.last())?;
    let (activates_at, expires_at) = times(earning, sale.sold_at, sale.business_date, &sale.outlet.zone);
    Ok(Accrual { tier: tier.code.clone(), points, base, activates_at, expires_at, lines, reasons })
}

/// When points of a sale become spendable (`None`: at once), and the first instant at which they are no longer good
/// (`None`: never). The same whatever the sale, its tier and its currency.
#[must_use]
pub fn times(
    earning: &Earning,
    sold_at: Timestamp,
    business_date: Date,
    zone: &Zone,
) -> (Option<Timestamp>, Option<Timestamp>) {
    let activates_at = earning.pending_delay.activates_at(sold_at, business_date, zone);
    let good_from = activates_at.map_or(business_date, |at| at.date_in(zone));
    (activates_at, earning.expiry.expires_at(good_from, zone))
}

/// The welcome bonus that `trigger` sets off on the local day `on`; `None` when the programme has none for it.
#[must_use]
pub fn welcome(programme: &Programme, trigger: WelcomeTrigger, on: Date, zone: &Zone) -> Option<Grant> {
    let bonus = programme.welcome_bonus.filter(|bonus| bonus.trigger == trigger)?;
    let expires_at = bonus.expiry.expires_at(on, zone);
    Some(Grant { points: bonus.points, source: LotSource::Welcome, activates_at: None, expires_at })
}

/// The part of a line's amount that earns, and what took the rest away.
fn line_base(
    earning: &Earning,
    line: &SaleLine,
    paid: &[LinePayment],
) -> Result<(Money, Option<Reason>), Refusal> {
    let nothing = Money::zero(line.amount.currency());
    if line.amount.minor() == 0 {
        return Ok((nothing, Some(Reason::ZeroAmount {})));
    }
    if earning.excluded.products.contains(&line.product_code) {
        return Ok((nothing, Some(Reason::ExcludedProduct { product: line.product_code.clone() })));
    }
    if let Some(category) = line.category.as_ref().filter(|category| earning.excluded.has_category(category))
    {
        return Ok((nothing, Some(Reason::ExcludedCategory { category: category.clone() })));
    }
    if line.is_promo && !earning.promo_lines_earn {
        return Ok((nothing, Some(Reason::PromoLine {})));
    }
    let paid = paid.iter().find(|part| part.line_no == line.line_no).map(|part| part.amount);
    match paid.filter(|amount| amount.minor() != 0 && !earning.earn_on_points_paid) {
        None => Ok((line.amount, None)),
        Some(amount) => Ok((sub(line.amount, amount)?, Some(Reason::PaidWithPoints { amount }))),
    }
}

/// `floor(rate × base ÷ value of a point)`, down to the programme's step.
fn points_for(base: Money, value: Money, tier: &Tier, earning: &Earning) -> Result<Points, Refusal> {
    // Hundredths of a point over millionths of a rate.
    let numerator = tier.earn_rate.millionths().checked_mul(100).ok_or(Refusal::Overflow)?;
    let divisor = value.minor().checked_mul(1_000_000).ok_or(Refusal::Overflow)?;
    let hundredths = mul_div_floor(base.minor(), numerator, divisor)?;
    floor_to(Points::from_hundredths(hundredths), earning.points_step)
}

/// Cuts `wanted` to the programme's caps, and says which cut it.
fn cap(
    earning: &Earning,
    wanted: Points,
    day: DaySoFar,
    reasons: &mut Vec<Reason>,
) -> Result<Points, Refusal> {
    if let Some(limit) = earning.caps.receipts_per_day.filter(|&limit| day.receipts >= limit) {
        reasons.push(Reason::ReceiptsPerDay { limit });
        return Ok(Points::ZERO);
    }
    let mut points = wanted;
    if let Some(limit) = earning.caps.points_per_receipt.filter(|&limit| limit < points) {
        let given = floor_to(limit, earning.points_step)?;
        reasons.push(Reason::ReceiptCap { wanted: points, given });
        points = given;
    }
    if let Some(limit) = earning.caps.points_per_day {
        let left = limit.checked_sub(day.points).ok_or(Refusal::Overflow)?.max(Points::ZERO);
        if left < points {
            let given = floor_to(left, earning.points_step)?;
            reasons.push(Reason::DayCap { wanted: points, given });
            points = given;
        }
    }
    Ok(points)
}

/// Shares the points over the lines in proportion to their bases. A line that gets none for no reason of its own
/// gets the receipt's: the cap that left nothing, or that its share is too small.
fn share_out(points: Points, lines: &mut [LineAccrual], last: Option<&Reason>) -> Result<(), Refusal> {
    let bases: Vec<i64> = lines.iter().map(|line| line.base.minor()).collect();
    let parts = largest_remainder(points.hundredths(), &bases)?;
    let cut = match last {
        Some(Reason::TierRate { .. }) | None => Reason::RoundedDown {},
        Some(_) if points.is_positive() => Reason::RoundedDown {},
        Some(reason) => reason.clone(),
    };
    for (line, part) in lines.iter_mut().zip(parts) {
        line.points = Points::from_hundredths(part);
        if part == 0 && line.reason.is_none() {
            line.reason = Some(cut.clone());
        }
    }
    Ok(())
}

/// The largest multiple of `step` that is not above `points`.
pub(crate) fn floor_to(points: Points, step: Points) -> Result<Points, Refusal> {
    let hundredths = points.hundredths().checked_rem_euclid(step.hundredths()).ok_or(Refusal::Overflow)?;
    points.checked_sub(Points::from_hundredths(hundredths)).ok_or(Refusal::Overflow)
}

//! A sale as a till reports it, and whether it adds up.

use kernel::time::{DAY_MS, MINUTE_MS};
use kernel::{Currency, Date, Money, OutletId, Quantity, Timestamp, Zone};

use crate::problem::{Fault, Problem};

/// Lines of one sale.
pub const LINES_MAX: usize = 200;
/// Payments of one sale.
pub const PAYMENTS_MAX: usize = 20;
/// Characters of a product or category code.
pub const PRODUCT_CODE_LEN_MAX: usize = 64;
/// Largest price, discount, amount or payment, in minor units: a thousand million, in every currency.
pub const AMOUNT_MAX_MINOR: i64 = 100_000_000_000;
/// Largest quantity of one line, in whole units.
pub const QUANTITY_MAX: i64 = 10_000;
/// A line's amount may differ from price × quantity - discount by so much: fiscal registers refuse more.
pub const LINE_TOLERANCE_MINOR: i64 = 1;
/// Largest rounding of a total in the guest's favour: less than one whole unit of the currency.
pub const ROUNDING_MAX_MINOR: i64 = 99;
/// How far a till's clock may be ahead of ours.
pub const CLOCK_AHEAD_MAX_MS: i64 = 10 * MINUTE_MS;
/// A business day may begin or end so many calendar days away from the sale: bars close after midnight.
pub const BUSINESS_DATE_AWAY_MAX_DAYS: i32 = 1;

/// The outlet's facts that decisions need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlet {
    pub id: OutletId,
    pub zone: Zone,
    pub currency: Currency,
    /// ISO 3166-1 alpha-2.
    pub country: String,
}

/// A sale, not yet believed: see [`Sale::check`].
///
/// Where a till gave a markdown, `unit_price` is the list price and `discount` the difference. A line cannot cost
/// more than its list price: a till that charges more sends what it charged as the unit price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    pub outlet: Outlet,
    /// The outlet's trading day (L8: windows and caps).
    pub business_date: Date,
    /// Effective time (L8).
    pub sold_at: Timestamp,
    pub lines: Vec<SaleLine>,
    /// May be empty where nothing is due.
    pub payments: Vec<Payment>,
    /// What the till dropped from the total in the guest's favour; no discount and on no line.
    pub rounding: Money,
}

/// One line of a sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaleLine {
    pub line_no: u32,
    pub product_code: String,
    /// Category code, if the product has one.
    pub category: Option<String>,
    pub quantity: Quantity,
    /// List price of one unit.
    pub unit_price: Money,
    /// Off the whole line, all discounts together but points.
    pub discount: Money,
    /// What the line costs, all discounts in, before points.
    pub amount: Money,
    /// Sold at a promotional price.
    pub is_promo: bool,
    /// Sold by weight or volume: the quantity need not be whole.
    pub is_fractional: bool,
}

/// A part of what was paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payment {
    pub method: PaymentMethod,
    pub amount: Money,
}

/// How a part was paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PaymentMethod {
    Cash,
    Card,
    /// A fast payment between bank accounts.
    Transfer,
    GiftCard,
    /// Points of this programme, at their worth.
    Points,
    Other,
}

impl PaymentMethod {
    /// Every method.
    pub const ALL: [Self; 6] =
        [Self::Cash, Self::Card, Self::Transfer, Self::GiftCard, Self::Points, Self::Other];

    /// The name in the database and on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Cash => "cash",
            Self::Card => "card",
            Self::Transfer => "transfer",
            Self::GiftCard => "gift_card",
            Self::Points => "points",
            Self::Other => "other",
        }
    }

    /// The method with that name.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.code() == code)
    }
}

/// How old a sale may be when we learn of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Intake {
    /// Recorded time (L8).
    pub now: Timestamp,
    /// Days a till may have been offline.
    pub late_days_max: u32,
}

impl Sale {
    /// Everything that is wrong with the sale, named by JSON pointer; empty when it adds up. Sums are only compared
    /// where their parts are sound, so that one wrong price is one problem.
    #[must_use]
    pub fn check(&self, intake: Intake) -> Vec<Problem> {
        let mut problems = Vec::new();
        self.check_times(intake, &mut problems);
        if self.lines.is_empty() {
            problems.push(Problem::new("/lines", Fault::Empty));
        }
        for (at, count, max) in
            [("/lines", self.lines.len(), LINES_MAX), ("/payments", self.payments.len(), PAYMENTS_MAX)]
        {
            if count > max {
                problems.push(Problem::new(at, Fault::TooMany { max }));
            }
        }
        for (index, line) in self.lines.iter().take(LINES_MAX).enumerate() {
            let earlier = &self.lines[..index];
            if earlier.iter().any(|other| other.line_no == line.line_no) {
                problems.push(Problem::new(format!("/lines/{index}/line_no"), Fault::Duplicate));
            }
            line.check(self.outlet.currency, &format!("/lines/{index}"), &mut problems);
        }
        for (index, payment) in self.payments.iter().take(PAYMENTS_MAX).enumerate() {
            let pointer = format!("/payments/{index}/amount");
            problems.extend(check_amount(payment.amount, self.outlet.currency, pointer));
        }
        self.check_rounding(&mut problems);
        if problems.is_empty() {
            problems.extend(self.check_sums());
        }
        problems
    }

    /// What the lines cost together, before points and rounding. `None` when currencies mix or it overflows.
    #[must_use]
    pub fn total(&self) -> Option<Money> {
        sum(self.outlet.currency, self.lines.iter().map(|line| line.amount))
    }

    /// The part paid with points. `None` when currencies mix or it overflows.
    #[must_use]
    pub fn paid_with_points(&self) -> Option<Money> {
        let points = self.payments.iter().filter(|payment| payment.method == PaymentMethod::Points);
        sum(self.outlet.currency, points.map(|payment| payment.amount))
    }

    /// Whether the part paid with points is exactly what the captured points are worth.
    #[must_use]
    pub fn check_points_payment(&self, worth: Money) -> Option<Problem> {
        let differs = self.paid_with_points() != Some(worth);
        differs.then(|| Problem::new("/payments", Fault::PointsPaymentDiffers { worth }))
    }

    fn check_times(&self, intake: Intake, problems: &mut Vec<Problem>) {
        if self.sold_at > intake.now.plus_millis(CLOCK_AHEAD_MAX_MS) {
            problems.push(Problem::new("/sold_at", Fault::InFuture));
        }
        let days = intake.late_days_max;
        if self.sold_at < intake.now.plus_millis(-i64::from(days) * DAY_MS) {
            problems.push(Problem::new("/sold_at", Fault::TooOld { days }));
        }
        let away = self.business_date.days_since(self.sold_at.date_in(&self.outlet.zone));
        if away.abs() > BUSINESS_DATE_AWAY_MAX_DAYS {
            problems.push(Problem::new("/business_date", Fault::BusinessDateOff));
        }
    }

    fn check_rounding(&self, problems: &mut Vec<Problem>) {
        let currency = self.outlet.currency;
        let found = check_amount(self.rounding, currency, "/rounding".into());
        let above = self.rounding.minor() > ROUNDING_MAX_MINOR;
        if found.is_none() && above {
            let max = Money::new(ROUNDING_MAX_MINOR, currency);
            problems.push(Problem::new("/rounding", Fault::MoneyAboveMax { max }));
        }
        problems.extend(found);
    }

    fn check_sums(&self) -> Option<Problem> {
        // Sound parts are few and small enough that their sums exist.
        let due = self.total()?.checked_sub(self.rounding)?;
        let paid = sum(self.outlet.currency, self.payments.iter().map(|payment| payment.amount))?;
        (due != paid).then(|| Problem::new("/payments", Fault::PaymentsDiffer { due, paid }))
    }
}

impl SaleLine {
    fn check(&self, currency: Currency, at: &str, problems: &mut Vec<Problem>) {
        let product = Some(&self.product_code).map(|code| (code, "product_code"));
        for (code, field) in product.into_iter().chain(self.category.as_ref().map(|code| (code, "category")))
        {
            if code.is_empty() {
                problems.push(Problem::new(format!("{at}/{field}"), Fault::Empty));
            } else if code.chars().count() > PRODUCT_CODE_LEN_MAX {
                let fault = Fault::TooLong { max: PRODUCT_CODE_LEN_MAX };
                problems.push(Problem::new(format!("{at}/{field}"), fault));
            }
        }
        let before = problems.len();
        if let Some(fault) = self.quantity_fault() {
            problems.push(Problem::new(format!("{at}/quantity"), fault));
        }
        let amounts = [(self.unit_price, "unit_price"), (self.discount, "discount"), (self.amount, "amount")];
        for (money, field) in amounts {
            problems.extend(check_amount(money, currency, format!("{at}/{field}")));
        }
        if problems.len() == before {
            problems.extend(self.check_amount(currency, at));
        }
    }

    fn quantity_fault(&self) -> Option<Fault> {
        if self.quantity.thousandths() <= 0 {
            Some(Fault::NotPositive)
        } else if self.quantity.thousandths() > QUANTITY_MAX * 1_000 {
            Some(Fault::QuantityAboveMax { max: QUANTITY_MAX })
        } else if !self.is_fractional && !self.quantity.is_whole() {
            Some(Fault::Fractional)
        } else {
            None
        }
    }

    fn check_amount(&self, currency: Currency, at: &str) -> Option<Problem> {
        // In range: both factors were limited before.
        let list = self.quantity.price(self.unit_price.minor()).ok()?;
        if self.discount.minor() > list {
            let list = Money::new(list, currency);
            return Some(Problem::new(format!("{at}/discount"), Fault::DiscountAboveList { list }));
        }
        let expected = list - self.discount.minor();
        let differs = (self.amount.minor() - expected).abs() > LINE_TOLERANCE_MINOR;
        differs.then(|| {
            let expected = Money::new(expected, currency);
            Problem::new(format!("{at}/amount"), Fault::AmountDiffers { expected })
        })
    }
}

fn check_amount(money: Money, currency: Currency, pointer: String) -> Option<Problem> {
    let fault = if money.currency() != currency {
        Fault::WrongCurrency { expected: currency }
    } else if money.is_negative() {
        Fault::Negative
    } else if money.minor() > AMOUNT_MAX_MINOR {
        Fault::MoneyAboveMax { max: Money::new(AMOUNT_MAX_MINOR, currency) }
    } else {
        return None;
    };
    Some(Problem { pointer, fault })
}

fn sum(currency: Currency, mut amounts: impl Iterator<Item = Money>) -> Option<Money> {
    amounts.try_fold(Money::zero(currency), Money::checked_add)
}

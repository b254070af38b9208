//! Points of a cart: how many may be spent and on which lines, and how many it will earn.

use std::rc::Rc;

use kernel::{Currency, Date, MemberId, Money, Points, ProgrammeVersionId, Quantity, Timestamp};
use loyalty::accrual::{self, Accrual, DaySoFar};
use loyalty::error::Refusal as Overdrawn;
use loyalty::programme::Programme;
use loyalty::redemption::{self, Allowance, LinePayment, Presented};
use loyalty::sale::{Outlet, Sale, SaleLine};
use menu::select::Selected;
use pricing::Priced;

use super::{PointsWish, Refusal};

/// A guest's account, as far as a cart concerns it.
#[derive(Debug, Clone)]
pub struct Account {
    pub member: MemberId,
    pub programme: ProgrammeVersionId,
    pub rules: Rc<Programme>,
    /// Code of the tier.
    pub tier: String,
    /// What could be held now.
    pub spendable: Points,
    /// What the guest has earned on the sale's business day.
    pub day: DaySoFar,
}

/// What points do for a cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// How many the guest may spend, the menu for points not counted.
    pub allowance: Allowance,
    /// In the cart's order, all lines; what is spent by wish.
    pub paid: Vec<LinePayment>,
    pub accrual: Accrual,
}

/// A cart at its prices after promotions.
#[derive(Debug, Clone, Copy)]
pub struct PricedCart<'a> {
    pub selected: &'a [Selected],
    pub priced: &'a Priced,
    /// Pieces of each line.
    pub pieces: &'a [u32],
    pub outlet: &'a Outlet,
    pub day: Date,
    pub at: Timestamp,
}

/// Spends what is wished, then earns on what is left to pay, by the rules that will judge the receipt.
///
/// # Errors
/// A wish that the programme does not allow, with what it would allow.
pub fn settle(account: &Account, cart: PricedCart<'_>, wish: PointsWish) -> Result<Settled, Refusal> {
    let currency = cart.outlet.currency;
    let lines = sale_lines(cart, currency)?;
    let left = account.spendable.checked_sub(cart.priced.points_price).ok_or(Overdrawn::Overflow)?;
    let payable = redemption::payable(&account.rules, &lines, currency)?;
    let allowance = redemption::allowance(&account.rules, left, payable)?;
    let points = match wish {
        PointsWish::None => Points::ZERO,
        PointsWish::Most => allowance.max,
        PointsWish::Exactly(asked) => {
            if asked > left {
                return Err(club::Refusal::from(ledger::error::Refusal::InsufficientPoints {
                    available: left.max(Points::ZERO),
                    asked,
                })
                .into());
            }
            // A signed-in device proves more than a code on a card does.
            redemption::check_hold(&account.rules, asked, allowance, Presented::Rotating)?;
            asked
        }
    };
    let paid = redemption::price_capture(&account.rules, points, &lines, currency)?.lines;
    let sale = Sale {
        outlet: cart.outlet.clone(),
        business_date: cart.day,
        sold_at: cart.at,
        lines,
        payments: Vec::new(),
        rounding: Money::zero(currency),
    };
    let tier = account.rules.tier(&account.tier).ok_or(Overdrawn::UnknownTier)?;
    let accrual = accrual::earn(&account.rules, tier, &sale, &paid, account.day)?;
    Ok(Settled { allowance, paid, accrual })
}

/// The cart as the receipt will have it.
fn sale_lines(cart: PricedCart<'_>, currency: Currency) -> Result<Vec<SaleLine>, Refusal> {
    let money = |minor: i64| Money::new(minor, currency);
    let lines = cart.selected.iter().zip(&cart.priced.lines).zip(cart.pieces);
    lines
        .map(|((choice, line), &pieces)| {
            let quantity = Quantity::from_thousandths(i64::from(pieces) * 1_000);
            Ok(SaleLine {
                line_no: line.line_no,
                product_code: choice.product_code.clone(),
                category: Some(choice.category.clone()),
                quantity,
                unit_price: money(choice.unit_minor),
                discount: money(line.list_minor.saturating_sub(line.final_minor)),
                amount: money(line.final_minor),
                is_promo: !line.discounts.is_empty(),
                is_fractional: false,
            })
        })
        .collect()
}

//! What every function for tills shares: outcomes to replies.

use api::problem as p;
use api::wire::holds::{HoldReply, HoldStatusBody};
use api::wire::receipts::{
    AccrualLineReply, AccrualReply, ReceiptGuest, ReceiptReply, RedemptionLineReply, RedemptionReply,
};
use api::wire::returns::{ReturnLineReply, ReturnReply};
use api::wire::{PointsBalance, ReasonBody};
use club::hold::{Redeemed, Standing};
use club::receipt::NewSale;
use club::returning::NewReturnOf;
use club::{receipt, returning};
use kernel::Lang;
use kernel::{Money, Points, Timestamp};
use loyalty::accrual::Accrual;
use loyalty::reason::Reason;
use store::holds::HoldStatus;
use store::outlets::Outlet;

use crate::problem::Problem;

/// A reply as the text that is stored and sent. Our reply types hold texts, numbers and lists: none of them can fail
/// to be written, and if one ever did, an empty object would be the honest remainder.
#[must_use]
pub fn text(reply: &impl serde::Serialize) -> String {
    serde_json::to_string(reply).unwrap_or_else(|_| "{}".to_owned())
}

/// A return whose natural key was used with other content.
#[must_use]
pub fn return_conflict(id: i64) -> Problem {
    Problem::of(&p::RETURN_CONFLICT).with("recorded", kernel::ReturnId::from_raw(id).to_string())
}

/// What a till is told of a receipt.
#[must_use]
pub fn receipt(outcome: &receipt::Outcome, new: &NewSale, outlet: &Outlet, lang: Lang) -> ReceiptReply {
    let guest = outcome.guest.as_ref();
    ReceiptReply {
        id: outcome.id.to_string(),
        outlet: outlet.code.clone(),
        business_date: new.sale.business_date.to_string(),
        number: new.number.clone(),
        sold_at: new.sale.sold_at.rfc3339_in(&outlet.zone),
        recorded_at: outcome.recorded_at.rfc3339_in(&outlet.zone),
        total: outcome.total.into(),
        guest: guest.map(|guest| ReceiptGuest { member: guest.member.to_string(), tier: guest.tier.clone() }),
        accrual: guest.map(|guest| accrual_reply(&guest.accrual, guest.welcome, outlet, lang)),
        redemption: guest.and_then(|guest| guest.redemption.as_ref()).map(redemption_reply),
        balance: guest.map(|guest| balance(guest.balance)),
    }
}

fn accrual_reply(accrual: &Accrual, welcome: Points, outlet: &Outlet, lang: Lang) -> AccrualReply {
    let local = |at: Option<Timestamp>| at.map(|at| at.rfc3339_in(&outlet.zone));
    let whole = accrual.reasons.first();
    AccrualReply {
        points: accrual.points.to_string(),
        activates_at: local(accrual.activates_at),
        expires_at: local(accrual.expires_at),
        lines: accrual
            .lines
            .iter()
            .map(|line| AccrualLineReply {
                line_no: line.line_no,
                points: line.points.to_string(),
                reason: line.reason.as_ref().or(whole).map_or_else(
                    || ReasonBody { code: String::new(), text: String::new() },
                    |why| reason(why, lang),
                ),
            })
            .collect(),
        reasons: accrual.reasons.iter().map(|why| reason(why, lang)).collect(),
        welcome: welcome.is_positive().then(|| welcome.to_string()),
    }
}

fn reason(reason: &Reason, lang: Lang) -> ReasonBody {
    ReasonBody { code: reason.code().to_owned(), text: reason.text(lang) }
}

fn redemption_reply(redeemed: &Redeemed) -> RedemptionReply {
    RedemptionReply {
        hold: redeemed.hold.to_string(),
        points: redeemed.points.to_string(),
        value: redeemed.value.into(),
        released: redeemed.released.to_string(),
        lines: redeemed
            .lines
            .iter()
            .map(|line| RedemptionLineReply {
                line_no: line.line_no,
                points: line.points.to_string(),
                value: line.amount.into(),
            })
            .collect(),
    }
}

/// Pending, available and held points on the wire.
#[must_use]
pub fn balance((pending, available, held): (Points, Points, Points)) -> PointsBalance {
    PointsBalance::new(pending, available, held)
}

/// What a till is told of a return.
#[must_use]
pub fn returned(outcome: &returning::Outcome, new: &NewReturnOf, outlet: &Outlet) -> ReturnReply {
    let plan = &outcome.plan;
    ReturnReply {
        id: outcome.id.to_string(),
        receipt: outcome.receipt.to_string(),
        outlet: outlet.code.clone(),
        business_date: new.business_date.to_string(),
        number: new.number.clone(),
        returned_at: new.returned_at.rfc3339_in(&outlet.zone),
        recorded_at: outcome.recorded_at.rfc3339_in(&outlet.zone),
        refund: plan.refund.into(),
        points_back: plan.points_back.to_string(),
        points_back_value: plan.paid_with_points.into(),
        points_clawed: plan.clawback.to_string(),
        points_expired: outcome.expired.to_string(),
        points_forgiven: outcome.forgiven.to_string(),
        lines: plan
            .lines
            .iter()
            .map(|line| ReturnLineReply {
                line_no: line.line_no,
                quantity: line.quantity.to_string(),
                refund: line.refund.into(),
                points_back: line.points_back.to_string(),
                points_clawed: line.clawback.to_string(),
            })
            .collect(),
        balance: outcome.balance.map(balance),
    }
}

/// What a till is told of a hold.
#[must_use]
pub fn hold(standing: &Standing, outlet: &Outlet, lang: Lang) -> HoldReply {
    let stored = &standing.hold;
    HoldReply {
        id: stored.hold.id.to_string(),
        status: match stored.status {
            HoldStatus::Authorised => HoldStatusBody::Authorised,
            HoldStatus::Captured => HoldStatusBody::Captured,
            HoldStatus::Released => HoldStatusBody::Released,
            HoldStatus::Lapsed => HoldStatusBody::Lapsed,
        },
        points: stored.hold.amount.to_string(),
        value: Money::new(stored.value_minor, stored.currency).into(),
        captured: stored.captured.to_string(),
        expires_at: stored.expires_at.rfc3339_in(&outlet.zone),
        receipt: stored.receipt.map(|id| id.to_string()),
        limit: standing
            .limit
            .map(|limit| ReasonBody { code: limit.code().to_owned(), text: limit.text(lang) }),
        balance: balance(standing.balance),
    }
}

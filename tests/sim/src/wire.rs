//! Facts as the bodies that tills send.

use api::wire::adjust::AdjustmentBody;
use api::wire::holds::HoldBody;
use api::wire::receipts::{ChannelBody, PaymentBody, PaymentMethodBody, ReceiptBody, ReceiptLineBody};
use api::wire::returns::{ReceiptReferenceBody, ReturnBody, ReturnLineBody};
use api::wire::{GuestBody, MoneyBody};
use kernel::{Currency, Money, Points, Quantity, Timestamp, Zone};

use crate::facts::{Adjustment, Hold, HoldName, How, Named, Return, Sale, SaleLine};
use crate::operation::HoldFault;
use crate::world::{UNLISTED_CATEGORY, World};

/// Makes the text of a guest's rotating code at a time.
pub type CodeText<'a> = &'a dyn Fn(usize, Timestamp) -> String;
/// Tells the product's id of a hold.
pub type HoldText<'a> = &'a dyn Fn(HoldName) -> String;

/// A sale's body.
#[must_use]
pub fn sale(world: &World, sale: &Sale, code: CodeText<'_>, hold: HoldText<'_>) -> ReceiptBody {
    let outlet = &world.outlets[sale.outlet];
    let mut methods = [PaymentMethodBody::Card, PaymentMethodBody::Cash].into_iter().cycle();
    let payments = sale.payments.iter().map(|payment| PaymentBody {
        method: if payment.points {
            PaymentMethodBody::Points
        } else {
            methods.next().unwrap_or(PaymentMethodBody::Other)
        },
        amount: money(payment.minor, outlet.currency),
        hold: payment.hold.map(hold),
    });
    ReceiptBody {
        outlet: world.outlets[sale.names].code.to_owned(),
        business_date: sale.business_date.to_string(),
        number: sale.number.clone(),
        sold_at: time(sale.sold_at, &outlet.zone),
        staff: None,
        channel: ChannelBody::Counter,
        guest: sale.guest.map(|named| guest(world, named, code)),
        lines: sale.lines.iter().map(|one| line(world, one)).collect(),
        payments: payments.collect(),
        rounding: (sale.rounding != 0).then(|| money(sale.rounding, outlet.currency)),
        order: None,
        payment_token: None,
        device: None,
    }
}

fn line(world: &World, line: &SaleLine) -> ReceiptLineBody {
    let good = &world.goods[line.good];
    ReceiptLineBody {
        line_no: line.no,
        product: good.code.to_owned(),
        name: line.told.then(|| good.code.to_owned()),
        category: line.told.then(|| good.category.unwrap_or(UNLISTED_CATEGORY).to_owned()),
        quantity: Quantity::from_thousandths(line.quantity).to_string(),
        unit_price: money(line.price, line.currency),
        discount: (line.discount != 0).then(|| money(line.discount, line.currency)),
        amount: money(line.amount, line.currency),
        promo: line.promo,
    }
}

fn guest(world: &World, named: Named, code: CodeText<'_>) -> GuestBody {
    let guest = &world.guests[named.member];
    match named.how {
        How::Card => GuestBody::Card(guest.card.clone()),
        How::Phone => GuestBody::Phone(guest.phone.clone()),
        How::Code(at) => GuestBody::Code(code(named.member, at)),
        How::NoSuchCard => GuestBody::Card(format!("X{}", guest.card)),
    }
}

/// A return's body.
#[must_use]
pub fn give_back(world: &World, sent: &Return) -> ReturnBody {
    let outlet = &world.outlets[sent.outlet];
    let (sold_at, date, number) = &sent.receipt;
    let line = |&(line_no, quantity): &(u32, i64)| ReturnLineBody {
        line_no,
        quantity: Quantity::from_thousandths(quantity).to_string(),
    };
    ReturnBody {
        outlet: outlet.code.to_owned(),
        business_date: sent.business_date.to_string(),
        number: sent.number.clone(),
        staff: None,
        returned_at: time(sent.returned_at, &outlet.zone),
        receipt: ReceiptReferenceBody {
            outlet: world.outlets[*sold_at].code.to_owned(),
            business_date: date.to_string(),
            number: number.clone(),
        },
        lines: sent.lines.as_ref().map(|lines| lines.iter().map(line).collect()),
    }
}

/// A correction's body.
#[must_use]
pub fn adjustment(asked: &Adjustment) -> AdjustmentBody {
    AdjustmentBody {
        points: Points::from_hundredths(asked.points).to_string(),
        reason: "simulation".to_owned(),
        expires_in_days: asked.days,
    }
}

/// The body of a request for a hold.
#[must_use]
pub fn hold(world: &World, asked: &Hold, code: CodeText<'_>) -> HoldBody {
    let outlet = &world.outlets[asked.outlet];
    let names = match asked.fault {
        Some(HoldFault::OtherOutlet) => (asked.outlet + 1) % world.outlets.len(),
        Some(HoldFault::WrongCurrency | HoldFault::NegativeTotal) | None => asked.outlet,
    };
    let (total, currency) = match asked.fault {
        Some(HoldFault::WrongCurrency) => (asked.total, other(outlet.currency)),
        Some(HoldFault::NegativeTotal) => (-1 - asked.total, outlet.currency),
        Some(HoldFault::OtherOutlet) | None => (asked.total, outlet.currency),
    };
    HoldBody {
        outlet: world.outlets[names].code.to_owned(),
        guest: guest(world, asked.guest, code),
        points: asked.points.map(|points| Points::from_hundredths(points).to_string()),
        receipt_total: money(total, currency),
    }
}

/// A currency that is not this one.
#[must_use]
pub fn other(currency: Currency) -> Currency {
    if currency == Currency::Gel { Currency::Amd } else { Currency::Gel }
}

fn money(minor: i64, currency: Currency) -> MoneyBody {
    Money::new(minor, currency).into()
}

fn time(at: Timestamp, zone: &Zone) -> String {
    at.rfc3339_in(zone)
}

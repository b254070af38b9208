//! From an operation to what is sent: what it points at is looked up in the reference's state, never in the product.

use kernel::Timestamp;

use crate::facts::{
    Adjustment, BatchWhat, Erasure, Hold, HoldName, How, Named, Payment, Return, Sale, SaleLine,
};
use crate::operation::{Act, Ask, By, Fault, GuestRef, Line, Operation, Pays, Pick, Redeem, Sell, What};
use crate::reference::{Reference, Status};
use crate::wire;

/// What an operation sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    Sale(Sale),
    Return(Return),
    Hold(Hold),
    Release {
        outlet: usize,
        hold: HoldName,
    },
    Adjustment(Adjustment),
    Lifecycle,
    History {
        member: usize,
        page: u8,
    },
    Erasure(Erasure),
    Join(usize),
    /// There is nothing yet that it could be about.
    Nothing,
}

/// Resolves an operation.
#[must_use]
pub fn resolve(reference: &Reference<'_>, operation: &Operation, now: Timestamp) -> Sent {
    match &operation.act {
        Act::Sell(sell) => Sent::Sale(sale(reference, operation.id, sell, now)),
        Act::SellAgain { receipt, changed } => sale_again(reference, *receipt, *changed),
        Act::Return(what) => give_back(reference, operation.id, what, now),
        Act::ReturnAgain { return_of, changed } => return_again(reference, *return_of, *changed),
        Act::Hold(asked) => hold(reference, asked, now),
        Act::Release { hold, elsewhere } => release(reference, *hold, *elsewhere, now),
        Act::Adjust { member, points, days } => known(reference, *member, |member| {
            let days = days.filter(|_| *points > 0);
            Sent::Adjustment(Adjustment { member, points: *points, days })
        }),
        Act::Lifecycle => Sent::Lifecycle,
        Act::History { member, page } => {
            known(reference, *member, |member| Sent::History { member, page: *page })
        }
        Act::Erase { member, through_support } => known(reference, *member, |member| {
            Sent::Erasure(Erasure { member, through_support: *through_support })
        }),
        Act::Join { member } => {
            let member = member % reference.world.guests.len();
            let (guest, state) = (&reference.world.guests[member], &reference.members[member]);
            // A phone whose member was forgotten becomes somebody else; a blocked member is only told so.
            if state.erased || !guest.active { Sent::Nothing } else { Sent::Join(member) }
        }
        // A queue is resolved line by line, while the reference takes it: see [`batch_item`].
        Act::Batch(_) => Sent::Nothing,
    }
}

/// What is asked about a member, if they are one by then.
fn known(reference: &Reference<'_>, member: usize, sent: impl FnOnce(usize) -> Sent) -> Sent {
    let member = member % reference.world.guests.len();
    if reference.members[member].joined { sent(member) } else { Sent::Nothing }
}

/// What a line of a batch reports, if it can stand in one.
#[must_use]
pub fn batch_item(reference: &Reference<'_>, operation: &Operation, now: Timestamp) -> Option<BatchWhat> {
    match resolve(reference, operation, now) {
        Sent::Sale(sale) => Some(BatchWhat::Sale(sale)),
        Sent::Return(sent) => Some(BatchWhat::Return(sent)),
        _ => None,
    }
}

/// The last of `things` (in the order of their operations) that is at most `near`, else the first; open ones first
/// if so wished.
fn pick<T>(things: &[T], pick: Pick, operation: fn(&T) -> u32, open: impl Fn(&T) -> bool) -> Option<usize> {
    let end = things.partition_point(|thing| operation(thing) <= pick.near);
    if pick.open {
        let before = (0..end).rev().take(OPEN_SEARCHED).find(|&index| open(&things[index]));
        let found =
            before.or_else(|| (end..things.len()).take(OPEN_SEARCHED).find(|&index| open(&things[index])));
        if found.is_some() {
            return found;
        }
    }
    (!things.is_empty()).then(|| end.saturating_sub(1))
}

/// How far away an open thing is looked for.
const OPEN_SEARCHED: usize = 200;

/// An open hold is one whose time is not over, or over this very moment.
fn pick_hold(reference: &Reference<'_>, near: Pick, now: Timestamp) -> Option<usize> {
    let open = |hold: &crate::reference::Hold| hold.status == Status::Authorised && hold.expires_at >= now;
    pick(&reference.holds, near, |hold| hold.operation, open)
}

fn named(reference: &Reference<'_>, guest: GuestRef, now: Timestamp) -> Named {
    let member = guest.member % reference.world.guests.len();
    let how = match guest.by {
        By::Card => How::Card,
        By::Phone => How::Phone,
        By::Code => How::Code(now),
        By::NoSuchCard => How::NoSuchCard,
    };
    Named { member, how }
}

fn sale(reference: &Reference<'_>, id: u32, sell: &Sell, now: Timestamp) -> Sale {
    let mut outlet = sell.outlet % reference.world.outlets.len();
    let mut guest = sell.guest.map(|guest| named(reference, guest, now));
    let hold = sell.redeem.and_then(|redeem| redeem.hold).and_then(|near| pick_hold(reference, near, now));
    let fitting = sell.redeem.filter(|redeem| redeem.fits).and(hold).map(|place| &reference.holds[place]);
    if let Some(hold) = fitting {
        outlet = hold.outlet;
        guest = Some(Named { member: hold.member, how: guest.map_or(How::Card, |named| named.how) });
    }
    let place = &reference.world.outlets[outlet];
    let mut lines: Vec<SaleLine> =
        (1..).zip(&sell.lines).map(|(no, line)| sale_line(reference, no, line, outlet)).collect();
    if let Some(hold) = fitting {
        // A line that makes the receipt what the hold was made for.
        let line = Line {
            good: sell.redeem.map_or(1, |redeem| redeem.filler),
            quantity: 1_000,
            price: hold.receipt_total,
            markdown: 0,
            off: 0,
            promo: false,
            told: false,
        };
        lines.push(sale_line(reference, lines.len() as u32 + 1, &line, outlet));
    }
    let sold_at = now.plus_millis(-sell.late_ms);
    let mut sale = Sale {
        outlet,
        names: outlet,
        number: format!("n{id}"),
        business_date: sold_at.date_in(&place.zone).plus_days(sell.date_off),
        sold_at,
        guest,
        lines,
        payments: Vec::new(),
        rounding: sell.rounding,
    };
    spoil_lines(&mut sale, sell.fault);
    sale.payments = payments(reference, &sale, sell, hold);
    spoil_rest(reference, &mut sale, sell.fault);
    sale
}

fn sale_line(reference: &Reference<'_>, no: u32, line: &Line, outlet: usize) -> SaleLine {
    let good = line.good % reference.world.goods.len();
    let whole = line.quantity - line.quantity % 1_000;
    let by_weight = reference.world.goods[good].fractional;
    let quantity = if by_weight { line.quantity.max(1) } else { whole.max(1_000) };
    let list = ((i128::from(line.price) * i128::from(quantity) * 2 + 1_000) / 2_000) as i64;
    let discount = list * line.markdown / 1_000;
    SaleLine {
        no,
        good,
        quantity,
        price: line.price,
        discount,
        amount: (list - discount + line.off).max(0),
        currency: reference.world.outlets[outlet].currency,
        promo: line.promo,
        told: line.told,
    }
}

fn payments(reference: &Reference<'_>, sale: &Sale, sell: &Sell, hold: Option<usize>) -> Vec<Payment> {
    let mut due = sale.lines.iter().map(|line| line.amount).sum::<i64>() - sale.rounding;
    let mut payments = Vec::new();
    if let Some(Redeem { pays, .. }) = sell.redeem {
        let value = hold.map_or(100, |place| reference.holds[place].value);
        let minor = match pays {
            Pays::Whole => value,
            Pays::Thousandths(part) => value * part / 1_000,
            Pays::Over(more) => value + more,
        };
        let name = hold.map_or(HoldName::Unknown, HoldName::Known);
        payments.push(Payment { points: true, minor, hold: Some(name) });
        due -= minor;
    }
    // What points do not pay, money does; a sale paid wholly with points needs no other payment.
    if due != 0 || payments.is_empty() {
        let first = if sell.split { due / 2 } else { due };
        payments.push(Payment { points: false, minor: first, hold: None });
        if sell.split {
            payments.push(Payment { points: false, minor: due - first, hold: None });
        }
    }
    payments
}

/// Puts something wrong into the lines.
fn spoil_lines(sale: &mut Sale, fault: Option<Fault>) {
    let Some(line) = sale.lines.first_mut() else { return };
    match fault {
        Some(Fault::WrongCurrency) => line.currency = wire::other(line.currency),
        Some(Fault::DiscountAboveList) => (line.discount, line.amount) = (line.discount + line.amount + 5, 0),
        Some(Fault::NegativePrice) => line.price = -1 - line.price,
        Some(Fault::ZeroQuantity) => line.quantity = 0,
        Some(Fault::HalfPiece) => (line.good, line.quantity) = (0, 500),
        Some(Fault::NoLines) => sale.lines.clear(),
        Some(Fault::TwinLines) => {
            let twin = *line;
            sale.lines.push(twin);
        }
        _ => {}
    }
}

/// Puts something wrong into the rest of a sale.
fn spoil_rest(reference: &Reference<'_>, sale: &mut Sale, fault: Option<Fault>) {
    let Some(payment) = sale.payments.first_mut() else { return };
    match fault {
        Some(Fault::OtherOutlet) => sale.names = (sale.outlet + 1) % reference.world.outlets.len(),
        Some(Fault::PaymentShort) => payment.minor += 1,
        Some(Fault::RoundingAboveMax) => sale.rounding = 100,
        Some(Fault::PointsWithoutHold) => (payment.points, payment.hold) = (true, None),
        Some(Fault::HoldWithoutPoints) => (payment.points, payment.hold) = (false, Some(HoldName::Unknown)),
        _ => {}
    }
}

fn sale_again(reference: &Reference<'_>, receipt: Pick, changed: bool) -> Sent {
    let found = pick(&reference.receipts, receipt, |receipt| receipt.operation, |_| true);
    let Some(place) = found else { return Sent::Nothing };
    let mut sale = reference.receipts[place].sale.clone();
    if changed {
        sale.lines[0].promo = !sale.lines[0].promo;
    }
    Sent::Sale(sale)
}

fn give_back(reference: &Reference<'_>, id: u32, asked: &crate::operation::Return, now: Timestamp) -> Sent {
    let near = asked.receipt.and_then(|near| {
        pick(&reference.receipts, near, |receipt| receipt.operation, crate::reference::Receipt::is_open)
    });
    let returned_at = now.plus_millis(-asked.late_ms);
    let (receipt, key, sold_in) = match near.map(|place| &reference.receipts[place]) {
        Some(receipt) => {
            let sale = &receipt.sale;
            (Some(receipt), (sale.outlet, sale.business_date, sale.number.clone()), sale.outlet)
        }
        None => (None, (0, now.date_in(&reference.world.outlets[0].zone), "never".to_owned()), 0),
    };
    let outlet = asked.outlet.map_or(sold_in, |outlet| outlet % reference.world.outlets.len());
    let local = returned_at.date_in(&reference.world.outlets[outlet].zone);
    let sold: &[crate::reference::SoldLine] = receipt.map_or(&[], |receipt| &receipt.lines);
    let first = sold.first().map_or((1, 1_000, 0), |sold| (sold.line.no, sold.line.quantity, sold.returned));
    let lines = match &asked.what {
        What::Everything => None,
        What::Parts(parts) => Some(return_parts(reference, sold, parts)),
        What::TooMuch => Some(vec![(first.0, first.1 - first.2 + 1_000)]),
        What::UnknownLine => Some(vec![(9_999, 1_000)]),
        What::TwinLines => Some(vec![(first.0, 1_000), (first.0, 1_000)]),
        What::NoLines => Some(Vec::new()),
        What::Nothing => Some(vec![(first.0, 0)]),
        What::HalfPiece => Some(vec![(first.0, 500)]),
    };
    let business_date = local.plus_days(asked.date_off);
    Sent::Return(Return { outlet, number: format!("r{id}"), business_date, returned_at, receipt: key, lines })
}

fn return_parts(
    reference: &Reference<'_>,
    sold: &[crate::reference::SoldLine],
    parts: &[(usize, i64)],
) -> Vec<(u32, i64)> {
    let mut lines: Vec<(u32, i64)> = Vec::new();
    for &(index, part) in parts {
        let Some(sold) = sold.get(index % sold.len().max(1)) else { continue };
        if lines.iter().any(|(no, _)| *no == sold.line.no) {
            continue;
        }
        let quantity = sold.line.quantity;
        let wanted = quantity * part / 1_000;
        let step = if reference.world.goods[sold.line.good].fractional { 1 } else { 1_000 };
        lines.push((sold.line.no, (wanted - wanted % step).max(step)));
    }
    lines
}

fn return_again(reference: &Reference<'_>, return_of: Pick, changed: bool) -> Sent {
    let found = pick(&reference.returns, return_of, |record| record.operation, |_| true);
    let Some(place) = found else { return Sent::Nothing };
    let mut sent = reference.returns[place].sent.clone();
    if changed {
        sent.returned_at = sent.returned_at.plus_millis(1);
    }
    Sent::Return(sent)
}

fn hold(reference: &Reference<'_>, asked: &crate::operation::Hold, now: Timestamp) -> Sent {
    let guest = named(reference, asked.guest, now);
    let points = match asked.ask {
        Ask::Most => None,
        Ask::Points(points) => Some(points),
        Ask::OfBalance(part) => {
            let points = reference.balance(guest.member).available.max(0) * part / 1_000;
            // Whole points where the part is even, so that most requests are whole steps.
            Some(if part % 2 == 0 { points - points % 100 } else { points })
        }
    };
    let outlet = asked.outlet % reference.world.outlets.len();
    Sent::Hold(Hold { outlet, guest, points, total: asked.total, fault: asked.fault })
}

fn release(reference: &Reference<'_>, near: Pick, elsewhere: bool, now: Timestamp) -> Sent {
    let Some(place) = pick_hold(reference, near, now) else {
        return Sent::Release { outlet: 0, hold: HoldName::Unknown };
    };
    let outlet = reference.holds[place].outlet;
    let outlet = if elsewhere { (outlet + 1) % reference.world.outlets.len() } else { outlet };
    Sent::Release { outlet, hold: HoldName::Known(place) }
}

//! A till of the chain, and how often it makes the database speak.

use std::cell::RefCell;

use club::guest::Named;
use club::hold::{self, NewHold, Standing};
use club::receipt::{self, NewSale, Recorded};
use club::returning::{self, NewReturnOf, Outcome};
use club::{Moment, Refusal};
use kernel::{Currency, HoldId, MemberId, Money, OutletId, Points, Quantity, Timestamp, Zone};
use loyalty::sale::{self, Payment, PaymentMethod, Sale, SaleLine};
use membership::secrets::Secrets;
use store::outlets::Outlet;
use store::port::{Rows, SqlError};
use store::transaction::transaction;
use store::{Sql, Value, outlets};

use crate::fixture::{Chain, points};

pub const CARD: &str = "2100000000012";

/// Writes down the statements that pass.
pub struct Counting<'a> {
    sql: &'a dyn Sql,
    pub heard: RefCell<Vec<String>>,
}

impl<'a> Counting<'a> {
    pub fn new(sql: &'a dyn Sql) -> Self {
        Self { sql, heard: RefCell::new(Vec::new()) }
    }

    /// Statements before the turn to write, and within it, its beginning and end included.
    pub fn calls(&self) -> (usize, usize) {
        let heard = self.heard.borrow();
        let begin = heard.iter().position(|text| text == "begin immediate").expect("a turn");
        assert_eq!(heard.last().map(String::as_str), Some("commit"));
        (begin, heard.len() - begin)
    }
}

impl Sql for Counting<'_> {
    fn execute(&self, statement: &str, parameters: &[Value]) -> Result<Rows, SqlError> {
        self.heard.borrow_mut().push(statement.to_owned());
        self.sql.execute(statement, parameters)
    }
}

pub fn no_secrets() -> Result<Secrets, Refusal> {
    panic!("a card needs no secrets")
}

/// A member with an active card.
pub fn guest(chain: &mut Chain) -> MemberId {
    let member = chain.member("guest");
    let text = format!(
        "insert into cards (brand, number, kind, status, member_id, issued_at, changed_at) \
         values ('crema', '{CARD}', 'plastic', 'active', {}, 0, 0)",
        member.raw()
    );
    chain.sql.connection().execute_batch(&text).expect("a card");
    member
}

pub fn outlet(chain: &Chain) -> Outlet {
    let id = OutletId::from_raw(chain.number("select id from outlets where code = '101'"));
    outlets::load(&chain.sql, id).expect("reads").expect("an outlet")
}

pub fn tenge(minor: i64) -> Money {
    Money::new(minor, Currency::Kzt)
}

/// A line of so many thousandths at a price for one.
pub fn line(line_no: u32, thousandths: i64, price: i64, is_fractional: bool) -> SaleLine {
    SaleLine {
        line_no,
        product_code: format!("p{line_no}"),
        category: None,
        quantity: Quantity::from_thousandths(thousandths),
        unit_price: tenge(price),
        discount: tenge(0),
        amount: tenge(price * thousandths / 1_000),
        is_promo: false,
        is_fractional,
    }
}

/// A sale of a guest with the card; `paid` is a hold and what of the total its points pay.
pub fn new_sale(number: &str, now: Timestamp, lines: Vec<SaleLine>, paid: Option<(HoldId, i64)>) -> NewSale {
    let zone = Zone::parse("Asia/Almaty").expect("a zone");
    let total: i64 = lines.iter().map(|line| line.amount.minor()).sum();
    let with_points = paid.map_or(0, |(_, minor)| minor);
    let mut payments = vec![Payment { method: PaymentMethod::Card, amount: tenge(total - with_points) }];
    payments.extend(paid.map(|(_, minor)| Payment { method: PaymentMethod::Points, amount: tenge(minor) }));
    NewSale {
        number: number.to_owned(),
        staff_code: None,
        channel: "counter",
        named: Some(Named::Card(CARD.to_owned())),
        hold: paid.map(|(hold, _)| hold),
        names: lines.iter().map(|line| line.product_code.clone()).collect(),
        sale: Sale {
            outlet: sale::Outlet {
                id: OutletId::from_raw(1),
                zone: zone.clone(),
                currency: Currency::Kzt,
                country: "KZ".to_owned(),
            },
            business_date: now.date_in(&zone),
            sold_at: now,
            lines,
            payments,
            rounding: tenge(0),
        },
        request_hash: number.as_bytes().to_vec(),
    }
}

/// Records a sale over a port; answers with the points that it earned.
pub fn record(
    sql: &dyn Sql,
    outlet: &Outlet,
    new: &NewSale,
    moment: &mut Moment<'_>,
) -> Result<Points, Refusal> {
    let prepared = receipt::prepare(sql, outlet, new, &no_secrets, moment.now);
    let recorded = transaction(sql, |tx| {
        receipt::record(tx, outlet, new, prepared, &no_secrets, moment, |_| "{}".to_owned())
    })?;
    match recorded {
        Recorded::New { points, .. } | Recorded::Replayed { points, .. } => Ok(points),
    }
}

/// Records a sale of the chain.
pub fn sell(chain: &mut Chain, new: &NewSale, now: Timestamp) -> Result<Points, Refusal> {
    let outlet = outlet(chain);
    record(&chain.sql, &outlet, new, &mut Moment { now, ids: &mut chain.ids })
}

/// Holds points over a port.
pub fn authorise(
    sql: &dyn Sql,
    outlet: &Outlet,
    asked: &str,
    moment: &mut Moment<'_>,
) -> Result<Standing, Refusal> {
    let named = Named::Card(CARD.to_owned());
    let new = NewHold { named, points: Some(points(asked)), receipt_total: tenge(10_000_000) };
    let prepared = hold::prepare(sql, outlet, &new, &no_secrets, moment.now);
    transaction(sql, |tx| hold::authorise(tx, outlet, &new, prepared, &no_secrets, moment))
}

/// Holds points of the guest.
pub fn reserve(chain: &mut Chain, asked: &str, now: Timestamp) -> Result<Standing, Refusal> {
    let outlet = outlet(chain);
    authorise(&chain.sql, &outlet, asked, &mut Moment { now, ids: &mut chain.ids })
}

/// Returns a part of a receipt, or all that is left of it.
pub fn give_back(
    chain: &mut Chain,
    (number, sold): (&str, Timestamp),
    own_number: &str,
    lines: Option<Vec<(u32, Quantity)>>,
    now: Timestamp,
) -> Result<Outcome, Refusal> {
    let outlet = outlet(chain);
    let new = NewReturnOf {
        business_date: now.date_in(&outlet.zone),
        number: own_number.to_owned(),
        staff_code: None,
        returned_at: now,
        receipt: (outlet.code.clone(), sold.date_in(&outlet.zone), number.to_owned()),
        lines,
        request_hash: own_number.as_bytes().to_vec(),
    };
    let mut told = None;
    let mut moment = Moment { now, ids: &mut chain.ids };
    transaction(&chain.sql, |tx| {
        returning::record(tx, &outlet, &new, &mut moment, |outcome| {
            told = Some(outcome.clone());
            "{}".to_owned()
        })
    })?;
    Ok(told.expect("a new return"))
}

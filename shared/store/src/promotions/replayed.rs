//! Receipts as a replay of a promotion reads them: a slice at a time, everything of it in a few statements.

use std::collections::BTreeMap;

use kernel::{Currency, Date, FranchiseeId, MemberId, OutletId, Quantity, ReceiptId, Timestamp, Zone};

use crate::error::StoreError;
use crate::port::Sql;
use crate::promotions::funding::{self, Modifier};
use crate::promotions::simulations::Simulation;
use crate::statement::{Row, Statement};

/// The last of the next so many receipts: a slice is bounded by what it looks at, not by what it finds.
const SLICE_END: Statement = Statement::new(
    "promotion_simulations.slice_end",
    "select max(id) from (select id from receipts where id > ?1 and id <= ?2 order by id limit ?3) x",
);
const NEXT: Statement = Statement::new(
    "promotion_simulations.next",
    "select id, recorded_at from receipts where id > ?1 order by id limit 1",
);
const NEWEST: Statement =
    Statement::new("promotion_simulations.newest", "select coalesce(max(id), 0) from receipts");
const RECEIPTS: Statement = Statement::new(
    "promotion_simulations.receipts",
    "select r.id, r.sold_at, r.business_date, r.member_id, m.tier, r.channel, r.currency, r.outlet_id \
     from receipts r join outlets o on o.id = r.outlet_id left join members m on m.id = r.member_id \
     where r.id > ?1 and r.id <= ?2 and o.brand = ?3 and r.sold_at >= ?4 and r.sold_at < ?5 order by r.id",
);
const LINES: Statement = Statement::new(
    "promotion_simulations.lines",
    "select receipt_id, line_no, product_code, category, quantity, unit_price_minor from receipt_lines \
     where receipt_id > ?1 and receipt_id <= ?2 order by receipt_id, line_no",
);
const PAYMENTS: Statement = Statement::new(
    "promotion_simulations.payments",
    "select receipt_id, method, amount_minor from receipt_payments \
     where receipt_id > ?1 and receipt_id <= ?2 and method <> 'points' order by receipt_id, position",
);
const BIRTHDAYS: Statement = Statement::new(
    "promotion_simulations.birthdays",
    "select m.id, m.birthday_sealed from members m where m.birthday_sealed is not null and m.id in \
     (select r.member_id from receipts r where r.id > ?1 and r.id <= ?2)",
);
/// When the buyers of a slice bought, over all their life: one pass over the index of members' receipts.
const VISITS: Statement = Statement::new(
    "promotion_simulations.visits",
    "select v.member_id, v.sold_at, v.business_date from receipts v where v.sold_at < ?3 and v.member_id in \
     (select r.member_id from receipts r where r.id > ?1 and r.id <= ?2)",
);
const PLACES: Statement = Statement::new(
    "promotion_simulations.places",
    "select o.id, o.code, o.city, o.country, o.zone, f.id, f.code from outlets o \
     join franchisees f on f.id = o.franchisee_id where o.brand = ?1",
);

/// A receipt as far as a replay needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub id: ReceiptId,
    pub sold_at: Timestamp,
    pub day: Date,
    pub member: Option<MemberId>,
    /// The guest's tier as it is now.
    pub tier: Option<String>,
    pub channel: String,
    pub currency: Currency,
    pub outlet: OutletId,
    pub lines: Vec<Line>,
    /// How the most of it was paid, points aside; read only where it is asked for.
    pub payment: Option<String>,
}

/// A line of [`Receipt`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub line_no: u32,
    pub product: String,
    pub category: String,
    pub quantity: Quantity,
    pub unit_price_minor: i64,
    /// Of orders; tills do not tell.
    pub modifiers: Vec<Modifier>,
}

/// An outlet as far as a replay needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub code: String,
    pub city: String,
    pub country: String,
    pub zone: Zone,
    pub franchisee: FranchiseeId,
    pub franchisee_code: String,
}

/// Receipts after one id up to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    pub after: i64,
    /// The last receipt that was looked at.
    pub until: i64,
    /// Those that the replay is about.
    pub receipts: Vec<Receipt>,
}

/// The outlets of a brand.
///
/// # Errors
/// A failure of storage.
pub fn list_places(sql: &dyn Sql, brand: &str) -> Result<BTreeMap<OutletId, Place>, StoreError> {
    let mut rows = PLACES.query(sql, &[brand.into()])?;
    rows.iter_mut()
        .map(|row| {
            let outlet = OutletId::from_raw(row.integer()?);
            let place = Place {
                code: row.text()?,
                city: row.text()?,
                country: row.text()?,
                zone: row.parsed(Zone::parse)?,
                franchisee: FranchiseeId::from_raw(row.integer()?),
                franchisee_code: row.text()?,
            };
            Ok((outlet, place))
        })
        .collect()
}

/// The id before which every receipt was recorded earlier than `at`. Ids grow with the time of recording, so that it is
/// found by halving instead of reading them all.
///
/// # Errors
/// A failure of storage.
pub fn seek(sql: &dyn Sql, at: Timestamp) -> Result<i64, StoreError> {
    let newest = NEWEST.query_one(sql, &[])?.map_or(Ok(0), |mut row| row.integer())?;
    let (mut low, mut high) = (0, newest);
    while low < high {
        let middle = low + (high - low) / 2;
        let next = match NEXT.query_one(sql, &[middle.into()])? {
            Some(mut row) => (row.integer()?, Timestamp::from_millis(row.integer()?)),
            None => break,
        };
        if next.1 < at && next.0 <= high {
            low = next.0;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

/// The next slice of a replay; `None` at the end.
///
/// # Errors
/// A failure of storage.
pub fn list_receipts(
    sql: &dyn Sql,
    simulation: &Simulation,
    limit: i64,
    with_payments: bool,
) -> Result<Option<Slice>, StoreError> {
    let after = simulation.cursor;
    let bounds = [after.into(), simulation.end.into(), limit.into()];
    let Some(mut row) = SLICE_END.query_one(sql, &bounds)? else { return Ok(None) };
    let Some(until) = row.integer_or_null()? else { return Ok(None) };
    let parameters = [
        after.into(),
        until.into(),
        simulation.brand.as_str().into(),
        simulation.sold_from.millis().into(),
        simulation.sold_until.millis().into(),
    ];
    let mut rows = RECEIPTS.query(sql, &parameters)?;
    let mut receipts = rows.iter_mut().map(read_receipt).collect::<Result<Vec<_>, _>>()?;
    add_lines(sql, &mut receipts, (after, until))?;
    if with_payments {
        add_payments(sql, &mut receipts, (after, until))?;
    }
    Ok(Some(Slice { after, until, receipts }))
}

/// Both lists are in the order of receipts: each line finds its receipt by walking on.
fn add_lines(sql: &dyn Sql, receipts: &mut [Receipt], (after, until): (i64, i64)) -> Result<(), StoreError> {
    let mut at = 0;
    for mut row in LINES.query(sql, &[after.into(), until.into()])? {
        let Some(receipt) = walk(receipts, &mut at, row.integer()?) else { continue };
        receipt.lines.push(Line {
            line_no: super::count(&mut row)?,
            product: row.text()?,
            category: row.text()?,
            quantity: Quantity::from_thousandths(row.integer()?),
            unit_price_minor: row.integer()?,
            modifiers: Vec::new(),
        });
    }
    let mut at = 0;
    for (id, modifier) in funding::list_modifiers(sql, after, until)? {
        let Some(receipt) = walk(receipts, &mut at, id.raw()) else { continue };
        if let Some(line) = receipt.lines.iter_mut().find(|line| line.line_no == modifier.line_no) {
            line.modifiers.push(modifier);
        }
    }
    Ok(())
}

fn add_payments(
    sql: &dyn Sql,
    receipts: &mut [Receipt],
    (after, until): (i64, i64),
) -> Result<(), StoreError> {
    let (mut at, mut most) = (0, 0);
    for mut row in PAYMENTS.query(sql, &[after.into(), until.into()])? {
        let Some(receipt) = walk(receipts, &mut at, row.integer()?) else { continue };
        let (method, amount) = (row.text()?, row.integer()?);
        if receipt.payment.is_none() || amount > most {
            most = amount;
            receipt.payment = Some(method);
        }
    }
    Ok(())
}

/// The receipt with this id, at `at` or after it.
fn walk<'r>(receipts: &'r mut [Receipt], at: &mut usize, id: i64) -> Option<&'r mut Receipt> {
    while receipts.get(*at).is_some_and(|receipt| receipt.id.raw() < id) {
        *at += 1;
    }
    receipts.get_mut(*at).filter(|receipt| receipt.id.raw() == id)
}

/// Sealed birthdays of a slice's buyers, where they have told.
///
/// # Errors
/// A failure of storage.
pub fn list_birthdays(sql: &dyn Sql, slice: &Slice) -> Result<Vec<(MemberId, Vec<u8>)>, StoreError> {
    let mut rows = BIRTHDAYS.query(sql, &[slice.after.into(), slice.until.into()])?;
    rows.iter_mut().map(|row| Ok((MemberId::from_raw(row.integer()?), row.blob()?))).collect()
}

/// When each of a slice's buyers had bought before `before`: times and business days, unordered.
///
/// # Errors
/// A failure of storage.
pub fn list_visits(
    sql: &dyn Sql,
    slice: &Slice,
    before: Timestamp,
) -> Result<BTreeMap<MemberId, Vec<(Timestamp, Date)>>, StoreError> {
    let mut visits: BTreeMap<MemberId, Vec<(Timestamp, Date)>> = BTreeMap::new();
    let parameters = [slice.after.into(), slice.until.into(), before.millis().into()];
    for mut row in VISITS.query(sql, &parameters)? {
        let member = MemberId::from_raw(row.integer()?);
        let sold_at = Timestamp::from_millis(row.integer()?);
        visits.entry(member).or_default().push((sold_at, row.parsed(Date::parse)?));
    }
    Ok(visits)
}

fn read_receipt(row: &mut Row) -> Result<Receipt, StoreError> {
    Ok(Receipt {
        id: ReceiptId::from_raw(row.integer()?),
        sold_at: Timestamp::from_millis(row.integer()?),
        day: row.parsed(Date::parse)?,
        member: row.integer_or_null()?.map(MemberId::from_raw),
        tier: row.text_or_null()?,
        channel: row.text()?,
        currency: row.parsed(Currency::parse)?,
        outlet: OutletId::from_raw(row.integer()?),
        lines: Vec::new(),
        payment: None,
    })
}

//! What was counted of receipts, by outlet, business day and staff code. Receipts are counted by [`super::counting`], what
//! happens to them later by triggers of migration 0011; here it is only read.

use kernel::{Currency, Date, OutletId, ReceiptId, Timestamp};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::{Row, Statement};

macro_rules! sums {
    () => {
        "d.currency, sum(d.receipts), sum(d.items), sum(d.revenue_minor), sum(d.member_receipts), sum(d.sign_ups), \
         sum(d.ratings), sum(d.stars) from "
    };
}
macro_rules! category_sums {
    () => {
        "d.currency, sum(d.receipts), sum(d.items), sum(d.revenue_minor) from "
    };
}
macro_rules! brand_days {
    ($table:literal) => {
        concat!(
            "outlets o join ",
            $table,
            " d on d.outlet_id = o.id and d.business_date >= ?2 and d.business_date < ?3 where o.brand = ?1"
        )
    };
}

const BY_OUTLET: Statement = Statement::new(
    "kpi.by_outlet",
    concat!(
        "select d.outlet_id, '', ",
        sums!(),
        brand_days!("kpi_days"),
        " group by d.outlet_id, d.currency order by d.outlet_id, d.currency"
    ),
);
const BY_PERSON: Statement = Statement::new(
    "kpi.by_person",
    concat!(
        "select d.outlet_id, d.staff_code, ",
        sums!(),
        brand_days!("kpi_days"),
        " and d.staff_code <> '' group by d.outlet_id, d.staff_code, d.currency \
         order by d.outlet_id, d.staff_code, d.currency"
    ),
);
const OF_OUTLET: Statement = Statement::new(
    "kpi.of_outlet",
    concat!(
        "select d.outlet_id, d.staff_code, ",
        sums!(),
        "kpi_days d where d.outlet_id = ?1 and d.business_date >= ?2 and d.business_date < ?3 \
         group by d.outlet_id, d.staff_code, d.currency order by d.staff_code, d.currency"
    ),
);
const OF_PERSON: Statement = Statement::new(
    "kpi.of_person",
    concat!(
        "select d.outlet_id, d.staff_code, ",
        sums!(),
        "kpi_days d where d.staff_code = ?1 and d.staff_code <> '' and d.business_date >= ?2 and d.business_date < ?3 \
         group by d.outlet_id, d.staff_code, d.currency order by d.outlet_id, d.currency"
    ),
);
const CATEGORY_BY_OUTLET: Statement = Statement::new(
    "kpi.category_by_outlet",
    concat!(
        "select d.outlet_id, '', ",
        category_sums!(),
        brand_days!("kpi_categories"),
        " and d.category = ?4 group by d.outlet_id, d.currency order by d.outlet_id, d.currency"
    ),
);
const CATEGORY_BY_PERSON: Statement = Statement::new(
    "kpi.category_by_person",
    concat!(
        "select d.outlet_id, d.staff_code, ",
        category_sums!(),
        brand_days!("kpi_categories"),
        " and d.category = ?4 and d.staff_code <> '' group by d.outlet_id, d.staff_code, d.currency \
         order by d.outlet_id, d.staff_code, d.currency"
    ),
);
const CATEGORY_OF_OUTLET: Statement = Statement::new(
    "kpi.category_of_outlet",
    concat!(
        "select d.outlet_id, d.staff_code, ",
        category_sums!(),
        "kpi_categories d where d.outlet_id = ?1 and d.business_date >= ?2 and d.business_date < ?3 and d.category = ?4 \
         group by d.outlet_id, d.staff_code, d.currency order by d.staff_code, d.currency"
    ),
);
const TRADING: Statement = Statement::new(
    "kpi.trading",
    concat!(
        "select d.outlet_id, sum(d.receipts), count(distinct d.business_date) from ",
        brand_days!("kpi_days"),
        " and d.receipts > 0 group by d.outlet_id order by d.outlet_id"
    ),
);
const OF_SHIFT: Statement = Statement::new(
    "kpi.of_shift",
    "select x.currency, sum(x.receipts), sum(x.items), sum(x.revenue_minor), sum(x.member_receipts), sum(x.sign_ups), \
     sum(x.ratings), sum(x.stars) from receipts r join kpi_recount_receipts x on x.receipt_id = r.id \
     where r.outlet_id = ?1 and r.business_date >= ?2 and r.business_date <= ?3 and r.staff_code = ?4 \
     and r.sold_at >= ?5 and r.sold_at < ?6 \
     and not exists (select 1 from kpi_excluded e where e.receipt_id = r.id) group by x.currency order by x.currency",
);
const CATEGORY_OF_SHIFT: Statement = Statement::new(
    "kpi.category_of_shift",
    "select x.currency, sum(x.kept), sum(x.items), sum(x.revenue_minor) from ( \
     select k.currency, max(case when k.items > 0 then 1 else 0 end) as kept, sum(k.items) as items, \
     sum(k.revenue_minor) as revenue_minor from receipts r join kpi_kept k on k.receipt_id = r.id \
     where r.outlet_id = ?1 and r.business_date >= ?2 and r.business_date <= ?3 and r.staff_code = ?4 \
     and r.sold_at >= ?5 and r.sold_at < ?6 and k.category = ?7 \
     and not exists (select 1 from kpi_excluded e where e.receipt_id = r.id) group by k.receipt_id, k.currency) x \
     group by x.currency order by x.currency",
);
const RATE: Statement = Statement::new(
    "kpi.rate",
    "insert into kpi_ratings (receipt_id, stars, rated_at) values (?1, ?2, ?3) on conflict (receipt_id) do nothing",
);
/// Days that differ between the counters and the receipts themselves, in both directions. Rows of nothing are no row.
const DIFFERING_DAYS: Statement = Statement::new(
    "kpi.differing_days",
    "select count(*) from (select outlet_id, business_date, staff_code, currency, sum(receipts) as a, sum(items) as b, \
     sum(revenue_minor) as c, sum(member_receipts) as d, sum(sign_ups) as e, sum(ratings) as f, sum(stars) as g from ( \
     select outlet_id, business_date, staff_code, currency, receipts, items, revenue_minor, member_receipts, sign_ups, \
     ratings, stars from kpi_days union all \
     select outlet_id, business_date, staff_code, currency, -receipts, -items, -revenue_minor, -member_receipts, \
     -sign_ups, -ratings, -stars from kpi_recount_receipts \
     where receipt_id not in (select receipt_id from kpi_excluded)) u \
     group by outlet_id, business_date, staff_code, currency) v \
     where a <> 0 or b <> 0 or c <> 0 or d <> 0 or e <> 0 or f <> 0 or g <> 0",
);
const DIFFERING_CATEGORIES: Statement = Statement::new(
    "kpi.differing_categories",
    "select count(*) from (select outlet_id, business_date, staff_code, category, currency, sum(receipts) as a, \
     sum(items) as b, sum(revenue_minor) as c from ( \
     select outlet_id, business_date, staff_code, category, currency, receipts, items, revenue_minor \
     from kpi_categories union all \
     select outlet_id, business_date, staff_code, category, currency, -max(case when items > 0 then 1 else 0 end), \
     -sum(items), -sum(revenue_minor) from kpi_kept where receipt_id not in (select receipt_id from kpi_excluded) \
     group by receipt_id, outlet_id, business_date, staff_code, category, currency) u \
     group by outlet_id, business_date, staff_code, category, currency) v where a <> 0 or b <> 0 or c <> 0",
);
const DIFFERING_EXCLUDED: Statement = Statement::new(
    "kpi.differing_excluded",
    "select (select count(*) from receipts r where not exists (select 1 from kpi_excluded e where e.receipt_id = r.id) \
     and (exists (select 1 from kpi_self x where x.receipt_id = r.id) \
     or exists (select 1 from kpi_split x where x.receipt_id = r.id) or exists (select 1 from staff_card_uses u \
     where u.outlet_id = r.outlet_id and u.business_date = r.business_date and u.number = r.number))) \
     + (select count(*) from kpi_excluded e join receipts r on r.id = e.receipt_id where \
     not exists (select 1 from kpi_self x where x.receipt_id = r.id) \
     and not exists (select 1 from kpi_split x where x.receipt_id = r.id) and not exists (select 1 from staff_card_uses u \
     where u.outlet_id = r.outlet_id and u.business_date = r.business_date and u.number = r.number))",
);

/// Counted at an outlet in some days, of one staff code or of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    pub outlet: OutletId,
    /// Empty where not told apart, or where the till sent none.
    pub staff: String,
    pub currency: Currency,
    pub receipts: i64,
    /// Thousandths.
    pub items: i64,
    pub revenue_minor: i64,
    /// None in tallies of a category, as the next three.
    pub people: Option<People>,
}

/// What has no category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct People {
    pub member_receipts: i64,
    pub sign_ups: i64,
    pub ratings: i64,
    pub stars: i64,
}

/// Whose counters are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose<'a> {
    /// Every outlet of a brand.
    Outlets(&'a str),
    /// Everybody at every outlet of a brand.
    People(&'a str),
    /// Everybody at one outlet.
    OutletPeople(OutletId),
    /// One person, wherever they worked.
    Person(&'a str),
}

/// Sums over the business days from `from` up to and without `until`.
///
/// # Errors
/// A failure of storage.
pub fn list(sql: &dyn Sql, whose: Whose<'_>, from: Date, until: Date) -> Result<Vec<Tally>, StoreError> {
    let (statement, key) = match whose {
        Whose::Outlets(brand) => (&BY_OUTLET, brand.into()),
        Whose::People(brand) => (&BY_PERSON, brand.into()),
        Whose::OutletPeople(outlet) => (&OF_OUTLET, outlet.raw().into()),
        Whose::Person(code) => (&OF_PERSON, code.into()),
    };
    let mut rows = statement.query(sql, &[key, from.to_string().into(), until.to_string().into()])?;
    rows.iter_mut().map(read).collect()
}

/// The same of one category of goods; of one person by way of their outlets.
///
/// # Errors
/// A failure of storage.
pub fn list_category(
    sql: &dyn Sql,
    whose: Whose<'_>,
    from: Date,
    until: Date,
    category: &str,
) -> Result<Vec<Tally>, StoreError> {
    let (statement, key) = match whose {
        Whose::Outlets(brand) => (&CATEGORY_BY_OUTLET, brand.into()),
        Whose::People(brand) => (&CATEGORY_BY_PERSON, brand.into()),
        Whose::OutletPeople(outlet) => (&CATEGORY_OF_OUTLET, outlet.raw().into()),
        Whose::Person(code) => {
            let mut found = Vec::new();
            for tally in list(sql, whose, from, until)? {
                let of_outlet = list_category(sql, Whose::OutletPeople(tally.outlet), from, until, category)?;
                let theirs = of_outlet
                    .into_iter()
                    .filter(|other| other.staff == code && other.currency == tally.currency);
                found.extend(theirs);
            }
            return Ok(found);
        }
    };
    let parameters = [key, from.to_string().into(), until.to_string().into(), category.into()];
    statement.query(sql, &parameters)?.iter_mut().map(read_category).collect()
}

fn read(row: &mut Row) -> Result<Tally, StoreError> {
    let (outlet, staff) = (OutletId::from_raw(row.integer()?), row.text()?);
    read_sums(row, outlet, staff)
}

fn read_sums(row: &mut Row, outlet: OutletId, staff: String) -> Result<Tally, StoreError> {
    Ok(Tally {
        outlet,
        staff,
        currency: row.parsed(Currency::parse)?,
        receipts: row.integer()?,
        items: row.integer()?,
        revenue_minor: row.integer()?,
        people: Some(People {
            member_receipts: row.integer()?,
            sign_ups: row.integer()?,
            ratings: row.integer()?,
            stars: row.integer()?,
        }),
    })
}

fn read_category(row: &mut Row) -> Result<Tally, StoreError> {
    let (outlet, staff) = (OutletId::from_raw(row.integer()?), row.text()?);
    read_category_sums(row, outlet, staff)
}

fn read_category_sums(row: &mut Row, outlet: OutletId, staff: String) -> Result<Tally, StoreError> {
    Ok(Tally {
        outlet,
        staff,
        currency: row.parsed(Currency::parse)?,
        receipts: row.integer()?,
        items: row.integer()?,
        revenue_minor: row.integer()?,
        people: None,
    })
}

/// Receipts of an outlet and the days on which it took any.
///
/// # Errors
/// A failure of storage.
pub fn list_trading(
    sql: &dyn Sql,
    brand: &str,
    from: Date,
    until: Date,
) -> Result<Vec<(OutletId, i64, i64)>, StoreError> {
    let parameters = [brand.into(), from.to_string().into(), until.to_string().into()];
    let mut rows = TRADING.query(sql, &parameters)?;
    rows.iter_mut()
        .map(|row| Ok((OutletId::from_raw(row.integer()?), row.integer()?, row.integer()?)))
        .collect()
}

/// What somebody rang up at an outlet between two moments, judged by the receipts themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Between<'a> {
    pub outlet: OutletId,
    pub staff: &'a str,
    /// Business days that the time may touch, both included.
    pub days: (Date, Date),
    pub from: Timestamp,
    pub until: Timestamp,
}

/// Counted between two moments.
///
/// # Errors
/// A failure of storage.
pub fn list_between(sql: &dyn Sql, between: &Between<'_>) -> Result<Vec<Tally>, StoreError> {
    let mut rows = OF_SHIFT.query(sql, &between.parameters())?;
    rows.iter_mut().map(|row| read_sums(row, between.outlet, between.staff.to_owned())).collect()
}

/// The same of one category of goods.
///
/// # Errors
/// A failure of storage.
pub fn list_category_between(
    sql: &dyn Sql,
    between: &Between<'_>,
    category: &str,
) -> Result<Vec<Tally>, StoreError> {
    let mut parameters = between.parameters();
    parameters.push(category.into());
    let mut rows = CATEGORY_OF_SHIFT.query(sql, &parameters)?;
    rows.iter_mut().map(|row| read_category_sums(row, between.outlet, between.staff.to_owned())).collect()
}

impl Between<'_> {
    fn parameters(&self) -> Vec<crate::port::Value> {
        vec![
            self.outlet.raw().into(),
            self.days.0.to_string().into(),
            self.days.1.to_string().into(),
            self.staff.into(),
            self.from.millis().into(),
            self.until.millis().into(),
        ]
    }
}

/// Counts a guest's stars for a receipt, once. Call in the transaction that records the feedback.
///
/// # Errors
/// A failure of storage; refused by the database when `stars` is not from 1 to 5.
pub fn insert_rating(
    tx: &dyn Sql,
    receipt: ReceiptId,
    stars: u8,
    rated_at: Timestamp,
) -> Result<(), StoreError> {
    RATE.run(tx, &[receipt.raw().into(), i64::from(stars).into(), rated_at.millis().into()])
}

/// How much the counters differ from a recount of every receipt and return: days, days of a category, and receipts that
/// count though they should not or the other way round. All zero, always.
///
/// # Errors
/// A failure of storage.
pub fn load_differing(sql: &dyn Sql) -> Result<(i64, i64, i64), StoreError> {
    let count = |statement: &Statement| -> Result<i64, StoreError> {
        statement.query_one(sql, &[])?.map_or(Ok(0), |mut row| row.integer())
    };
    Ok((count(&DIFFERING_DAYS)?, count(&DIFFERING_CATEGORIES)?, count(&DIFFERING_EXCLUDED)?))
}

//! Shifts: who worked where, from when until when.

use kernel::{Date, OutletId, StaffId, Timestamp};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::{Row, Statement};

macro_rules! columns {
    () => {
        "select h.id, h.staff_id, s.code, h.outlet_id, h.business_date, h.opened_at, h.closed_at, h.source from shifts h \
         join staff s on s.id = h.staff_id "
    };
}

const BY_ID: Statement = Statement::new("shifts.by_id", concat!(columns!(), "where h.id = ?1"));
const OPEN: Statement =
    Statement::new("shifts.open", concat!(columns!(), "where h.staff_id = ?1 and h.closed_at is null"));
const OVERLAPPING: Statement = Statement::new(
    "shifts.overlapping",
    concat!(
        columns!(),
        "where h.staff_id = ?1 and h.opened_at < ?3 and (h.closed_at is null or h.closed_at > ?2) limit 1"
    ),
);
const OF_OUTLET: Statement = Statement::new(
    "shifts.of_outlet",
    concat!(
        columns!(),
        "where h.outlet_id = ?1 and h.business_date >= ?2 and h.business_date < ?3 order by h.opened_at, h.id limit ?4"
    ),
);
const OF_BRAND: Statement = Statement::new(
    "shifts.of_brand",
    concat!(
        columns!(),
        "join outlets o on o.id = h.outlet_id where o.brand = ?1 and h.business_date >= ?2 and h.business_date < ?3 \
         and h.closed_at is not null and h.recorded_at <= h.opened_at + ?4 order by h.id"
    ),
);
const OF_STAFF: Statement = Statement::new(
    "shifts.of_staff",
    concat!(
        columns!(),
        "where h.staff_id = ?1 and h.business_date >= ?2 and h.business_date < ?3 order by h.opened_at"
    ),
);
const INSERT: Statement = Statement::new(
    "shifts.insert",
    "insert into shifts (id, staff_id, outlet_id, business_date, opened_at, closed_at, source, recorded_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
);
const CLOSE: Statement = Statement::new(
    "shifts.close",
    "update shifts set closed_at = ?2 where id = ?1 and closed_at is null returning id",
);
/// Minutes of ended shifts; those of no staff code are none.
const WORKED: Statement = Statement::new(
    "shifts.worked",
    "select h.outlet_id, s.code, sum((h.closed_at - h.opened_at) / 60000), count(*) from shifts h \
     join staff s on s.id = h.staff_id join outlets o on o.id = h.outlet_id \
     where o.brand = ?1 and h.business_date >= ?2 and h.business_date < ?3 and h.closed_at is not null \
     and h.recorded_at <= h.opened_at + ?4 group by h.outlet_id, s.code order by h.outlet_id, s.code",
);

/// How a shift became known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Till,
    Manager,
    Import,
}

impl Source {
    /// The name in the database and on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Till => "till",
            Self::Manager => "manager",
            Self::Import => "import",
        }
    }

    fn parse(code: &str) -> Result<Self, ()> {
        [Self::Till, Self::Manager, Self::Import].into_iter().find(|source| source.code() == code).ok_or(())
    }
}

/// A shift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    pub id: i64,
    pub staff: StaffId,
    /// Not written.
    pub staff_code: String,
    pub outlet: OutletId,
    /// The outlet's day on which it began.
    pub business_date: Date,
    pub opened_at: Timestamp,
    /// `None` while it goes on.
    pub closed_at: Option<Timestamp>,
    pub source: Source,
}

/// The shift with this id.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, id: i64) -> Result<Option<Shift>, StoreError> {
    BY_ID.query_one(sql, &[id.into()])?.map(|mut row| read(&mut row)).transpose()
}

/// The shift that somebody is on.
///
/// # Errors
/// A failure of storage.
pub fn load_open(sql: &dyn Sql, staff: StaffId) -> Result<Option<Shift>, StoreError> {
    OPEN.query_one(sql, &[staff.raw().into()])?.map(|mut row| read(&mut row)).transpose()
}

/// A shift of somebody that has a moment in common with the time from one moment up to another.
///
/// # Errors
/// A failure of storage.
pub fn load_overlapping(
    sql: &dyn Sql,
    staff: StaffId,
    from: Timestamp,
    until: Timestamp,
) -> Result<Option<Shift>, StoreError> {
    let parameters = [staff.raw().into(), from.millis().into(), until.millis().into()];
    OVERLAPPING.query_one(sql, &parameters)?.map(|mut row| read(&mut row)).transpose()
}

/// Shifts at an outlet that began on business days from `from` up to and without `until`.
///
/// # Errors
/// A failure of storage.
pub fn list_of_outlet(
    sql: &dyn Sql,
    outlet: OutletId,
    from: Date,
    until: Date,
    limit: i64,
) -> Result<Vec<Shift>, StoreError> {
    let parameters = [outlet.raw().into(), from.to_string().into(), until.to_string().into(), limit.into()];
    OF_OUTLET.query(sql, &parameters)?.iter_mut().map(read).collect()
}

/// Ended shifts at a brand's outlets that became known within so many milliseconds of their beginning.
///
/// # Errors
/// A failure of storage.
pub fn list_of_brand(
    sql: &dyn Sql,
    brand: &str,
    from: Date,
    until: Date,
    known_within_ms: i64,
) -> Result<Vec<Shift>, StoreError> {
    let parameters =
        [brand.into(), from.to_string().into(), until.to_string().into(), known_within_ms.into()];
    OF_BRAND.query(sql, &parameters)?.iter_mut().map(read).collect()
}

/// Somebody's shifts, those that go on too.
///
/// # Errors
/// A failure of storage.
pub fn list_of_staff(
    sql: &dyn Sql,
    staff: StaffId,
    from: Date,
    until: Date,
) -> Result<Vec<Shift>, StoreError> {
    let parameters = [staff.raw().into(), from.to_string().into(), until.to_string().into()];
    OF_STAFF.query(sql, &parameters)?.iter_mut().map(read).collect()
}

/// Records a shift.
///
/// # Errors
/// A failure of storage; a unique violation when the person has one that goes on, or one that began then.
pub fn insert(tx: &dyn Sql, shift: &Shift, now: Timestamp) -> Result<(), StoreError> {
    INSERT.run(
        tx,
        &[
            shift.id.into(),
            shift.staff.raw().into(),
            shift.outlet.raw().into(),
            shift.business_date.to_string().into(),
            shift.opened_at.millis().into(),
            shift.closed_at.map(Timestamp::millis).into(),
            shift.source.code().into(),
            now.millis().into(),
        ],
    )
}

/// Ends a shift; false when it had ended.
///
/// # Errors
/// A failure of storage.
pub fn close(tx: &dyn Sql, id: i64, at: Timestamp) -> Result<bool, StoreError> {
    Ok(CLOSE.query_one(tx, &[id.into(), at.millis().into()])?.is_some())
}

/// Minutes and number of ended shifts, known within so many milliseconds of their beginning, by outlet and staff code.
///
/// # Errors
/// A failure of storage.
pub fn list_worked(
    sql: &dyn Sql,
    brand: &str,
    from: Date,
    until: Date,
    known_within_ms: i64,
) -> Result<Vec<(OutletId, String, i64, i64)>, StoreError> {
    let parameters =
        [brand.into(), from.to_string().into(), until.to_string().into(), known_within_ms.into()];
    let mut rows = WORKED.query(sql, &parameters)?;
    rows.iter_mut()
        .map(|row| Ok((OutletId::from_raw(row.integer()?), row.text()?, row.integer()?, row.integer()?)))
        .collect()
}

fn read(row: &mut Row) -> Result<Shift, StoreError> {
    Ok(Shift {
        id: row.integer()?,
        staff: StaffId::from_raw(row.integer()?),
        staff_code: row.text()?,
        outlet: OutletId::from_raw(row.integer()?),
        business_date: row.parsed(Date::parse)?,
        opened_at: Timestamp::from_millis(row.integer()?),
        closed_at: row.integer_or_null()?.map(Timestamp::from_millis),
        source: row.parsed(Source::parse)?,
    })
}

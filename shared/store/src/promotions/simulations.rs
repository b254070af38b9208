//! Replays of a promotion over stored receipts: where each has got to, and what it has found.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Currency, FranchiseeId, MemberId, PromotionId, SimulationId, StaffId, Timestamp};

use crate::error::StoreError;
use crate::port::{Sql, Value};
use crate::promotions::count;
use crate::statement::{ManyRows, Row, Statement};

const INSERT: Statement = Statement::new(
    "promotion_simulations.insert",
    "insert into promotion_simulations (id, brand, promotion_id, version, sold_from, sold_until, status, cursor_id, \
     end_id, assume_coupon, created_by, created_at, changed_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, 'running', ?10, \
     (select coalesce(max(id), 0) from receipts where id <= ?11), ?7, ?8, ?9, ?9)",
);
const BY_ID: Statement = Statement::new(
    "promotion_simulations.by_id",
    "select id, brand, promotion_id, version, sold_from, sold_until, status, cursor_id, end_id, assume_coupon, \
     created_at, changed_at from promotion_simulations where id = ?1",
);
const RUNNING: Statement = Statement::new(
    "promotion_simulations.running",
    "select id from promotion_simulations where status = 'running' order by id limit ?1",
);
/// Different guests who would have got it.
const GUESTS: Statement = Statement::new(
    "promotion_simulations.guests",
    "select count(*) from promotion_simulation_guests where simulation_id = ?1",
);
/// Moves on only from where the caller has read: of two runs of one slice the second finds nothing.
const ADVANCE: Statement = Statement::new(
    "promotion_simulations.advance",
    "update promotion_simulations set cursor_id = ?3, status = ?4, changed_at = ?5 \
     where id = ?1 and cursor_id = ?2 and status = 'running' returning id",
);
const PARTS: Statement = Statement::new(
    "promotion_simulations.parts",
    "select f.id, f.code, f.name, p.currency, p.receipts, p.touched, p.overlapping, p.list_minor, p.discount_minor, \
     p.added_minor, p.points, p.brand_minor, p.franchisee_minor, p.partner_minor, p.costed_minor, p.cost_minor, \
     p.costed_discount_minor from promotion_simulation_parts p join franchisees f on f.id = p.franchisee_id \
     where p.simulation_id = ?1 order by f.code, p.currency",
);
const ADD_PARTS: ManyRows = ManyRows {
    name: "promotion_simulations.add_parts",
    head: "insert into promotion_simulation_parts as p (simulation_id, franchisee_id, currency, receipts, touched, \
           overlapping, list_minor, discount_minor, added_minor, points, brand_minor, franchisee_minor, \
           partner_minor, costed_minor, cost_minor, costed_discount_minor) values ",
    width: 16,
    tail: " on conflict (simulation_id, franchisee_id, currency) do update set \
           receipts = p.receipts + excluded.receipts, touched = p.touched + excluded.touched, \
           overlapping = p.overlapping + excluded.overlapping, list_minor = p.list_minor + excluded.list_minor, \
           discount_minor = p.discount_minor + excluded.discount_minor, \
           added_minor = p.added_minor + excluded.added_minor, points = p.points + excluded.points, \
           brand_minor = p.brand_minor + excluded.brand_minor, \
           franchisee_minor = p.franchisee_minor + excluded.franchisee_minor, \
           partner_minor = p.partner_minor + excluded.partner_minor, \
           costed_minor = p.costed_minor + excluded.costed_minor, cost_minor = p.cost_minor + excluded.cost_minor, \
           costed_discount_minor = p.costed_discount_minor + excluded.costed_discount_minor",
};
const ADD_GUESTS: ManyRows = ManyRows {
    name: "promotion_simulations.add_guests",
    head: "insert into promotion_simulation_guests (simulation_id, member_id) values ",
    width: 2,
    tail: " on conflict do nothing",
};
const ADD_OVERLAPS: ManyRows = ManyRows {
    name: "promotion_simulations.add_overlaps",
    head: "insert into promotion_simulation_overlaps as o (simulation_id, promotion_id, receipts) values ",
    width: 3,
    tail: " on conflict (simulation_id, promotion_id) do update set receipts = o.receipts + excluded.receipts",
};
const OVERLAPS: Statement = Statement::new(
    "promotion_simulations.overlaps",
    "select promotion_id, receipts from promotion_simulation_overlaps where simulation_id = ?1 \
     order by receipts desc, promotion_id limit ?2",
);
/// A replay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simulation {
    pub id: SimulationId,
    pub brand: String,
    pub promotion: PromotionId,
    pub version: u32,
    pub sold_from: Timestamp,
    /// Without it.
    pub sold_until: Timestamp,
    pub done: bool,
    /// Receipts up to this id are done.
    pub cursor: i64,
    /// The newest receipt when it began.
    pub end: i64,
    pub assume_coupon: bool,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
}

/// Sums of one legal entity in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    pub receipts: i64,
    /// Receipts that the promotion touches.
    pub touched: i64,
    /// Of those, receipts that other promotions touch or would touch too.
    pub overlapping: i64,
    /// Touched receipts at list prices.
    pub list_minor: i64,
    /// What the promotion takes off, beside the others.
    pub discount_minor: i64,
    /// By how much less guests pay because of it.
    pub added_minor: i64,
    /// Hundredths of points that it gives.
    pub points: i64,
    pub brand_minor: i64,
    pub franchisee_minor: i64,
    pub partner_minor: i64,
    /// What touched goods of known cost bring without the promotion, what they cost, and what it takes off them.
    pub costed_minor: i64,
    pub cost_minor: i64,
    pub costed_discount_minor: i64,
}

/// Sums of one legal entity, for reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub franchisee: FranchiseeId,
    pub code: String,
    pub name: String,
    pub currency: Currency,
    pub sums: Sums,
}

/// What a slice of a replay found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    pub sums: BTreeMap<(FranchiseeId, Currency), Sums>,
    pub guests: BTreeSet<MemberId>,
    pub overlaps: BTreeMap<PromotionId, i64>,
}

/// Records a replay of the receipts that there are by now, after the id `cursor` and up to `end`.
///
/// # Errors
/// A failure of storage.
pub fn insert(sql: &dyn Sql, new: &Simulation, by: Option<StaffId>) -> Result<(), StoreError> {
    INSERT.run(
        sql,
        &[
            new.id.raw().into(),
            new.brand.as_str().into(),
            new.promotion.raw().into(),
            i64::from(new.version).into(),
            new.sold_from.millis().into(),
            new.sold_until.millis().into(),
            new.assume_coupon.into(),
            by.map(StaffId::raw).into(),
            new.created_at.millis().into(),
            new.cursor.into(),
            new.end.into(),
        ],
    )
}

/// Replays that are not done, oldest first.
///
/// # Errors
/// A failure of storage.
pub fn list_running(sql: &dyn Sql, limit: i64) -> Result<Vec<SimulationId>, StoreError> {
    let mut rows = RUNNING.query(sql, &[limit.into()])?;
    rows.iter_mut().map(|row| Ok(SimulationId::from_raw(row.integer()?))).collect()
}

/// How many different guests would have got it, by now.
///
/// # Errors
/// A failure of storage.
pub fn count_guests(sql: &dyn Sql, id: SimulationId) -> Result<i64, StoreError> {
    GUESTS.query_one(sql, &[id.raw().into()])?.map_or(Ok(0), |mut row| row.integer())
}

/// The replay with this id.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, id: SimulationId) -> Result<Option<Simulation>, StoreError> {
    let Some(mut row) = BY_ID.query_one(sql, &[id.raw().into()])? else { return Ok(None) };
    Ok(Some(Simulation {
        id: SimulationId::from_raw(row.integer()?),
        brand: row.text()?,
        promotion: PromotionId::from_raw(row.integer()?),
        version: count(&mut row)?,
        sold_from: Timestamp::from_millis(row.integer()?),
        sold_until: Timestamp::from_millis(row.integer()?),
        done: row.text()? == "done",
        cursor: row.integer()?,
        end: row.integer()?,
        assume_coupon: row.boolean()?,
        created_at: Timestamp::from_millis(row.integer()?),
        changed_at: Timestamp::from_millis(row.integer()?),
    }))
}

/// Moves a replay on from where it stood; false when another run has done so meanwhile.
///
/// # Errors
/// A failure of storage.
pub fn advance(
    sql: &dyn Sql,
    simulation: &Simulation,
    cursor: i64,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let status = if cursor >= simulation.end { "done" } else { "running" };
    let parameters = [
        simulation.id.raw().into(),
        simulation.cursor.into(),
        cursor.into(),
        status.into(),
        now.millis().into(),
    ];
    Ok(ADVANCE.query_one(sql, &parameters)?.is_some())
}

/// Adds what a slice found.
///
/// # Errors
/// A failure of storage.
pub fn add(sql: &dyn Sql, id: SimulationId, found: &Found) -> Result<(), StoreError> {
    let mut parts: Vec<Value> = Vec::with_capacity(found.sums.len() * ADD_PARTS.width);
    for ((franchisee, currency), sums) in &found.sums {
        parts.extend([id.raw().into(), franchisee.raw().into(), currency.code().into()]);
        let sums = [
            sums.receipts,
            sums.touched,
            sums.overlapping,
            sums.list_minor,
            sums.discount_minor,
            sums.added_minor,
            sums.points,
            sums.brand_minor,
            sums.franchisee_minor,
            sums.partner_minor,
            sums.costed_minor,
            sums.cost_minor,
            sums.costed_discount_minor,
        ];
        parts.extend(sums.map(Value::from));
    }
    ADD_PARTS.run(sql, &parts)?;
    let guests: Vec<Value> =
        found.guests.iter().flat_map(|guest| [id.raw().into(), guest.raw().into()]).collect();
    ADD_GUESTS.run(sql, &guests)?;
    let overlaps = found.overlaps.iter();
    let overlaps: Vec<Value> = overlaps
        .flat_map(|(promotion, receipts)| [id.raw().into(), promotion.raw().into(), (*receipts).into()])
        .collect();
    ADD_OVERLAPS.run(sql, &overlaps)
}

/// What a replay has found so far, by legal entity.
///
/// # Errors
/// A failure of storage.
pub fn list_parts(sql: &dyn Sql, id: SimulationId) -> Result<Vec<Part>, StoreError> {
    let mut rows = PARTS.query(sql, &[id.raw().into()])?;
    rows.iter_mut().map(read_part).collect()
}

/// Promotions that touch the same receipts, and how many, most first.
///
/// # Errors
/// A failure of storage.
pub fn list_overlaps(
    sql: &dyn Sql,
    id: SimulationId,
    limit: i64,
) -> Result<Vec<(PromotionId, i64)>, StoreError> {
    let mut rows = OVERLAPS.query(sql, &[id.raw().into(), limit.into()])?;
    rows.iter_mut().map(|row| Ok((PromotionId::from_raw(row.integer()?), row.integer()?))).collect()
}

fn read_part(row: &mut Row) -> Result<Part, StoreError> {
    Ok(Part {
        franchisee: FranchiseeId::from_raw(row.integer()?),
        code: row.text()?,
        name: row.text()?,
        currency: row.parsed(Currency::parse)?,
        sums: Sums {
            receipts: row.integer()?,
            touched: row.integer()?,
            overlapping: row.integer()?,
            list_minor: row.integer()?,
            discount_minor: row.integer()?,
            added_minor: row.integer()?,
            points: row.integer()?,
            brand_minor: row.integer()?,
            franchisee_minor: row.integer()?,
            partner_minor: row.integer()?,
            costed_minor: row.integer()?,
            cost_minor: row.integer()?,
            costed_discount_minor: row.integer()?,
        },
    })
}

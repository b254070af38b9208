//! How far the members of a zone were judged, and the next slice of them.

use kernel::{Currency, Date, MemberId, Money, Points, ProgrammeVersionId, Timestamp};

use crate::error::StoreError;
use crate::port::{Sql, Value};
use crate::statement::{Row, Statement};
use crate::tiers::{Judged, read_judged};

/// Where the cursor of a complete pass stands.
pub const COMPLETE: i64 = i64::MAX;

const BRANDS: Statement = Statement::new("tiers.brands", "select code from brands order by code");
const ZONES: Statement =
    Statement::new("tiers.zones", "select distinct zone from outlets where brand = ?1 order by zone");
const LIST: Statement = Statement::new(
    "tiers.passes",
    "select zone, started_on, judged_on, programme_version_id, scan_from_at, scan_until_at, scan_from_day, \
     scan_until_day, cursor, warned_on from tier_passes where brand = ?1 order by zone",
);
const SAVE: Statement = Statement::new(
    "tiers.save_pass",
    "insert into tier_passes (brand, zone, started_on, judged_on, programme_version_id, scan_from_at, scan_until_at, \
     scan_from_day, scan_until_day, cursor, warned_on) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) \
     on conflict (brand, zone) do update set judged_on = excluded.judged_on, \
     programme_version_id = excluded.programme_version_id, scan_from_at = excluded.scan_from_at, \
     scan_until_at = excluded.scan_until_at, scan_from_day = excluded.scan_from_day, \
     scan_until_day = excluded.scan_until_day, cursor = excluded.cursor, warned_on = excluded.warned_on",
);
const ADVANCE: Statement =
    Statement::new("tiers.advance", "update tier_passes set cursor = ?2 where brand = ?1 and cursor < ?2");
const RAISE_HORIZON: Statement = Statement::new(
    "tiers.raise_horizon",
    "update tier_horizon set until_at = ?1 where id = 1 and until_at < ?1",
);
const SET_HORIZON: Statement = Statement::new(
    "tiers.set_horizon",
    "update tier_horizon set until_at = ?1 where id = 1 and until_at <> ?1",
);
const HORIZON: Statement = Statement::new("tiers.horizon", "select until_at from tier_horizon where id = 1");
const SLICE_END: Statement =
    Statement::new("tiers.slice_end", "select id from members where id > ?1 order by id limit 1 offset ?2");
const TOUCHED: Statement = Statement::new(
    "tiers.touched",
    "select member_id, from_at from tier_touched where member_id > ?1 order by member_id limit ?2",
);
const TOUCH: Statement = Statement::new(
    "tiers.touch",
    "insert into tier_touched (member_id, from_at) values (?1, ?2) on conflict (member_id) do nothing",
);
const UNTOUCH: Statement = Statement::new("tiers.untouch", "delete from tier_touched where member_id = ?1");
const DUE: Statement = Statement::new(
    "tiers.due",
    "select member_id, next_at from tier_standings where next_at is not null and next_at <= ?1 \
     and (next_at, member_id) > (?2, ?3) order by next_at, member_id limit ?4",
);
const NEXT_DUE: Statement = Statement::new(
    "tiers.next_due",
    "select (select min(next_at) from tier_standings where next_at is not null), \
     exists (select 1 from tier_touched), exists (select 1 from tier_passes where cursor < ?1)",
);
/// Who may have to be judged: the sums are of whole receipts, so that they are never too low. The brand is compared as
/// an expression: an index over it would be read from end to end for every slice.
const CANDIDATES: Statement = Statement::new(
    "tiers.candidates",
    "select x.id, x.tier, x.zone, x.currency, x.spend, x.earned, x.receipts, \
     exists (select 1 from returns t where t.member_id = x.id), \
     exists (select 1 from tier_grants g where g.member_id = x.id) \
     or exists (select 1 from member_homes h where h.member_id = x.id), \
     s.judged_on, s.base_tier, s.tier, s.valid_until, s.falls_on, s.floor from ( \
     select m.id, m.tier, min(p.zone) as zone, min(o.currency) as currency, \
     coalesce(sum(case when r.currency = o.currency then r.total_minor - r.points_paid_minor else 0 end), 0) as spend, \
     coalesce(sum(r.points_earned), 0) as earned, count(r.sold_at) as receipts \
     from members m left join outlets o on o.id = m.home_outlet_id \
     join tier_passes p on p.brand = m.brand and p.zone = coalesce(o.zone, ?4) \
     left join receipts r on r.member_id = m.id and r.business_date >= p.scan_from_day \
     and r.business_date < p.scan_until_day and r.sold_at >= p.scan_from_at and r.sold_at < p.scan_until_at \
     where m.id > ?1 and m.id <= ?2 and coalesce(m.brand, '') = ?3 and p.cursor < m.id and m.status <> 'erased' group by m.id) x \
     left join tier_standings s on s.member_id = x.id \
     where x.tier <> ?5 or s.member_id is not null or x.earned >= ?6 or x.receipts >= ?7 \
     or x.spend >= case x.currency when ?8 then ?9 when ?10 then ?11 when ?12 then ?13 when ?14 then ?15 else ?16 end",
);

/// How far the members of a zone were judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    pub zone: String,
    pub started_on: Date,
    pub judged_on: Date,
    pub programme: ProgrammeVersionId,
    /// Times and business days of the receipts to look at: from, and the first that is not.
    pub scan_at: (Timestamp, Timestamp),
    pub scan_days: (String, String),
    /// The last member; [`COMPLETE`] when none is left.
    pub cursor: i64,
    pub warned_on: Date,
}

/// Somebody who may have to be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub member: MemberId,
    /// The tier that the member has.
    pub tier: String,
    pub zone: String,
    /// `None` before the first receipt.
    pub currency: Option<Currency>,
    /// Sums of whole receipts, whatever was returned of them.
    pub spend_minor: i64,
    pub points: Points,
    pub receipts: i64,
    pub has_returns: bool,
    /// There were grants, or other homes.
    pub has_story: bool,
    /// The boundary judged last, the tier before the first judgement, and what the member was judged to be.
    pub standing: Option<(Date, String, Judged)>,
}

/// The least of each kind that is worth looking at; `None` where nothing of the kind is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Worth {
    /// By the currency of the home outlet; empty where no spend is asked for.
    pub spend: Vec<Money>,
    pub points: Option<Points>,
    pub receipts: Option<i64>,
}

/// Currencies with a least spend of their own; of others, everybody is looked at.
const CURRENCIES_MAX: usize = 4;

impl Worth {
    /// Points, receipts, then spend by currency and for any other.
    pub(super) fn parameters(&self) -> Vec<Value> {
        let mut values: Vec<Value> = vec![
            self.points.map_or(i64::MAX, Points::hundredths).into(),
            self.receipts.unwrap_or(i64::MAX).into(),
        ];
        for place in 0..CURRENCIES_MAX {
            let least = self.spend.get(place);
            values.push(least.map_or("", |least| least.currency().code()).into());
            values.push(least.map_or(i64::MAX, |least| least.minor()).into());
        }
        let others = if self.spend.len() > CURRENCIES_MAX { i64::MIN } else { i64::MAX };
        values.push(others.into());
        values
    }
}

/// Codes of all brands.
///
/// # Errors
/// A failure of storage.
pub fn list_brands(sql: &dyn Sql) -> Result<Vec<String>, StoreError> {
    BRANDS.query(sql, &[])?.iter_mut().map(Row::text).collect()
}

/// Zones of a brand's outlets.
///
/// # Errors
/// A failure of storage.
pub fn list_zones(sql: &dyn Sql, brand: &str) -> Result<Vec<String>, StoreError> {
    ZONES.query(sql, &[brand.into()])?.iter_mut().map(Row::text).collect()
}

/// The passes of a brand.
///
/// # Errors
/// A failure of storage.
pub fn list(sql: &dyn Sql, brand: &str) -> Result<Vec<Pass>, StoreError> {
    let mut rows = LIST.query(sql, &[brand.into()])?;
    rows.iter_mut()
        .map(|row| {
            Ok(Pass {
                zone: row.text()?,
                started_on: row.parsed(Date::parse)?,
                judged_on: row.parsed(Date::parse)?,
                programme: ProgrammeVersionId::from_raw(row.integer()?),
                scan_at: (Timestamp::from_millis(row.integer()?), Timestamp::from_millis(row.integer()?)),
                scan_days: (row.text()?, row.text()?),
                cursor: row.integer()?,
                warned_on: row.parsed(Date::parse)?,
            })
        })
        .collect()
}

/// Stores a pass; the day it started on stays.
///
/// # Errors
/// A failure of storage.
pub fn save(sql: &dyn Sql, brand: &str, pass: &Pass) -> Result<(), StoreError> {
    SAVE.run(
        sql,
        &[
            brand.into(),
            pass.zone.as_str().into(),
            pass.started_on.to_string().into(),
            pass.judged_on.to_string().into(),
            pass.programme.raw().into(),
            pass.scan_at.0.millis().into(),
            pass.scan_at.1.millis().into(),
            pass.scan_days.0.as_str().into(),
            pass.scan_days.1.as_str().into(),
            pass.cursor.into(),
            pass.warned_on.to_string().into(),
        ],
    )
}

/// Moves every open pass of a brand on to a member; [`COMPLETE`] ends them.
///
/// # Errors
/// A failure of storage.
pub fn advance(sql: &dyn Sql, brand: &str, cursor: i64) -> Result<(), StoreError> {
    ADVANCE.run(sql, &[brand.into(), cursor.into()])
}

/// From now on receipts sold before `until` are noted.
///
/// # Errors
/// A failure of storage.
pub fn raise_horizon(sql: &dyn Sql, until: Timestamp) -> Result<(), StoreError> {
    RAISE_HORIZON.run(sql, &[until.millis().into()])
}

/// As [`raise_horizon`], also lowering it: every receipt is noted no longer.
///
/// # Errors
/// A failure of storage.
pub fn set_horizon(sql: &dyn Sql, until: Timestamp) -> Result<(), StoreError> {
    SET_HORIZON.run(sql, &[until.millis().into()])
}

/// Receipts sold before that are noted.
///
/// # Errors
/// A failure of storage.
pub fn load_horizon(sql: &dyn Sql) -> Result<Timestamp, StoreError> {
    let row = HORIZON.query_one(sql, &[])?;
    row.map_or(Ok(Timestamp::from_millis(i64::MIN)), |mut row| row.integer().map(Timestamp::from_millis))
}

/// The last member of a slice of `members`; `None` when no more are left than fit into it.
///
/// # Errors
/// A failure of storage.
pub fn load_slice_end(sql: &dyn Sql, after: i64, members: i64) -> Result<Option<i64>, StoreError> {
    let row = SLICE_END.query_one(sql, &[after.into(), (members - 1).into()])?;
    row.map(|mut row| row.integer()).transpose()
}

/// Members of a brand after `range.0` and up to `range.1`, in passes that are not past them, who have a tier other
/// than `entry`, were judged before, or have counted what is worth a look. `zone` is where members without a home are.
///
/// # Errors
/// A failure of storage.
pub fn list_candidates(
    sql: &dyn Sql,
    brand: &str,
    range: (i64, i64),
    zone: &str,
    entry: &str,
    worth: &Worth,
) -> Result<Vec<Candidate>, StoreError> {
    let mut parameters = vec![range.0.into(), range.1.into(), brand.into(), zone.into(), entry.into()];
    parameters.extend(worth.parameters());
    CANDIDATES.query(sql, &parameters)?.iter_mut().map(read).collect()
}

fn read(row: &mut Row) -> Result<Candidate, StoreError> {
    let (member, tier, zone) = (MemberId::from_raw(row.integer()?), row.text()?, row.text()?);
    let currency = match row.text_or_null()? {
        None => None,
        Some(code) => Some(Currency::parse(&code).map_err(|_| row.inconsistent("an unknown currency"))?),
    };
    let (spend_minor, points, receipts) =
        (row.integer()?, Points::from_hundredths(row.integer()?), row.integer()?);
    let (has_returns, has_story) = (row.boolean()?, row.boolean()?);
    let standing = match row.text_or_null()? {
        None => None,
        Some(day) => {
            let judged_on = Date::parse(&day).map_err(|_| row.inconsistent("not a date"))?;
            Some((judged_on, row.text()?, read_judged(row)?))
        }
    };
    Ok(Candidate {
        member,
        tier,
        zone,
        currency,
        spend_minor,
        points,
        receipts,
        has_returns,
        has_story,
        standing,
    })
}

/// Members with a late receipt or a return, after `after`, with the earliest time that they are to be judged from.
///
/// # Errors
/// A failure of storage.
pub fn list_touched(
    sql: &dyn Sql,
    after: MemberId,
    limit: i64,
) -> Result<Vec<(MemberId, Timestamp)>, StoreError> {
    let mut rows = TOUCHED.query(sql, &[after.raw().into(), limit.into()])?;
    rows.iter_mut()
        .map(|row| Ok((MemberId::from_raw(row.integer()?), Timestamp::from_millis(row.integer()?))))
        .collect()
}

/// Notes a member to be judged later; one noted already is noted from that time.
///
/// # Errors
/// A failure of storage.
pub fn insert_touched(sql: &dyn Sql, member: MemberId, from: Timestamp) -> Result<(), StoreError> {
    TOUCH.run(sql, &[member.raw().into(), from.millis().into()])
}

/// The member was judged again.
///
/// # Errors
/// A failure of storage.
pub fn delete_touched(sql: &dyn Sql, member: MemberId) -> Result<(), StoreError> {
    UNTOUCH.run(sql, &[member.raw().into()])
}

/// Members to look at by `now`, with the moment, after the place `after`.
///
/// # Errors
/// A failure of storage.
pub fn list_due(
    sql: &dyn Sql,
    now: Timestamp,
    after: (Timestamp, MemberId),
    limit: i64,
) -> Result<Vec<(MemberId, Timestamp)>, StoreError> {
    let parameters = [now.millis().into(), after.0.millis().into(), after.1.raw().into(), limit.into()];
    let mut rows = DUE.query(sql, &parameters)?;
    rows.iter_mut()
        .map(|row| Ok((MemberId::from_raw(row.integer()?), Timestamp::from_millis(row.integer()?))))
        .collect()
}

/// When the first member is to be looked at, and whether anybody waits already.
///
/// # Errors
/// A failure of storage.
pub fn load_next_due(sql: &dyn Sql) -> Result<(Option<Timestamp>, bool), StoreError> {
    let Some(mut row) = NEXT_DUE.query_one(sql, &[COMPLETE.into()])? else { return Ok((None, false)) };
    let next = row.integer_or_null()?.map(Timestamp::from_millis);
    let (touched, open) = (row.boolean()?, row.boolean()?);
    Ok((next, touched || open))
}

//! Whose tier ends soon: by its rules, or because a grant does.

use kernel::{Date, MemberId, Timestamp};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::Statement;

/// Everybody above the entry tier of whom nothing says that it is good beyond that day: also those never judged.
const ENDING: Statement = Statement::new(
    "tiers.ending",
    "select m.id, coalesce(o.zone, ?4) from members m left join outlets o on o.id = m.home_outlet_id \
     left join tier_standings s on s.member_id = m.id where m.id > ?1 and m.id <= ?2 and coalesce(m.brand, '') = ?3 \
     and m.tier <> ?5 and m.status = 'active' and (s.valid_until is null or s.valid_until <= ?6) order by m.id",
);
/// Along the index of ends that were not told: `cross` keeps SQLite from beginning with a brand's members, who are many.
const GRANTS_ENDING: Statement = Statement::new(
    "tier_grants.ending",
    "select g.id, g.member_id, g.until_at from tier_grants g cross join members m on m.id = g.member_id \
     where g.warned_at is null and g.revoked_at is null and g.until_at > ?1 and g.until_at <= ?2 and g.from_at <= ?1 \
     and m.brand = ?3 and m.status = 'active' order by g.until_at, g.id limit ?4",
);
const SET_WARNED: Statement =
    Statement::new("tier_grants.set_warned", "update tier_grants set warned_at = ?2 where id = ?1");

const CURSORS: Statement = Statement::new(
    "tier_warnings.list",
    "select zone, ends_on, cursor from tier_warnings where brand = ?1 order by zone",
);
const SAVE_CURSOR: Statement = Statement::new(
    "tier_warnings.save",
    "insert into tier_warnings (brand, zone, ends_on, cursor) values (?1, ?2, ?3, ?4) on conflict (brand, zone) \
     do update set ends_on = excluded.ends_on, cursor = excluded.cursor",
);
const DELETE_CURSOR: Statement =
    Statement::new("tier_warnings.delete", "delete from tier_warnings where brand = ?1 and zone = ?2");

/// How far the holders of a zone were warned of a boundary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warned {
    pub zone: String,
    /// The boundary.
    pub ends_on: Date,
    /// The last member who was looked at.
    pub cursor: i64,
}

/// A grant that ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GrantEnding {
    pub id: i64,
    pub member: MemberId,
    pub at: Timestamp,
}

/// Active members of a brand after `range.0` and up to `range.1` who have another tier than `entry` that may end on the
/// boundary `until`, each with the zone of their home. Members without a home are in the zone `homeless`.
///
/// # Errors
/// A failure of storage.
pub fn list_ending(
    sql: &dyn Sql,
    (brand, homeless, entry): (&str, &str, &str),
    range: (i64, i64),
    until: Date,
) -> Result<Vec<(MemberId, String)>, StoreError> {
    let until = until.to_string();
    let parameters =
        [range.0.into(), range.1.into(), brand.into(), homeless.into(), entry.into(), until.as_str().into()];
    let mut rows = ENDING.query(sql, &parameters)?;
    rows.iter_mut().map(|row| Ok((MemberId::from_raw(row.integer()?), row.text()?))).collect()
}

/// Grants to active members of a brand that hold at `now`, end by `until` and whose end was not told yet, the first to
/// end first.
///
/// # Errors
/// A failure of storage.
pub fn list_grants_ending(
    sql: &dyn Sql,
    brand: &str,
    (now, until): (Timestamp, Timestamp),
    limit: i64,
) -> Result<Vec<GrantEnding>, StoreError> {
    let parameters = [now.millis().into(), until.millis().into(), brand.into(), limit.into()];
    let mut rows = GRANTS_ENDING.query(sql, &parameters)?;
    rows.iter_mut()
        .map(|row| {
            Ok(GrantEnding {
                id: row.integer()?,
                member: MemberId::from_raw(row.integer()?),
                at: Timestamp::from_millis(row.integer()?),
            })
        })
        .collect()
}

/// The end of a grant was told, or is not worth telling.
///
/// # Errors
/// A failure of storage.
pub fn set_warned(sql: &dyn Sql, grant: i64, at: Timestamp) -> Result<(), StoreError> {
    SET_WARNED.run(sql, &[grant.into(), at.millis().into()])
}

/// The zones of a brand in which warning is under way.
///
/// # Errors
/// A failure of storage.
pub fn list_cursors(sql: &dyn Sql, brand: &str) -> Result<Vec<Warned>, StoreError> {
    CURSORS
        .query(sql, &[brand.into()])?
        .iter_mut()
        .map(|row| {
            Ok(Warned { zone: row.text()?, ends_on: row.parsed(Date::parse)?, cursor: row.integer()? })
        })
        .collect()
}

/// Notes how far the holders of a zone were warned.
///
/// # Errors
/// A failure of storage.
pub fn save_cursor(tx: &dyn Sql, brand: &str, warned: &Warned) -> Result<(), StoreError> {
    let ends_on = warned.ends_on.to_string();
    let parameters =
        [brand.into(), warned.zone.as_str().into(), ends_on.as_str().into(), warned.cursor.into()];
    SAVE_CURSOR.run(tx, &parameters)
}

/// All holders of a zone were warned.
///
/// # Errors
/// A failure of storage.
pub fn delete_cursor(tx: &dyn Sql, brand: &str, zone: &str) -> Result<(), StoreError> {
    DELETE_CURSOR.run(tx, &[brand.into(), zone.into()])
}

//! Tiers that people granted.

use kernel::{MemberId, StaffId, Timestamp};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::{Row, Statement};

const INSERT: Statement = Statement::new(
    "tier_grants.insert",
    "insert into tier_grants (id, member_id, tier, from_at, until_at, reason, granted_by, created_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
);
const LIST: Statement = Statement::new(
    "tier_grants.list",
    "select id, member_id, tier, from_at, until_at, reason, granted_by, created_at, revoked_at, revoked_by \
     from tier_grants where member_id = ?1 order by id desc limit ?2",
);
const BY_ID: Statement = Statement::new(
    "tier_grants.by_id",
    "select id, member_id, tier, from_at, until_at, reason, granted_by, created_at, revoked_at, revoked_by \
     from tier_grants where id = ?1",
);
const COUNT_BY: Statement = Statement::new(
    "tier_grants.count_by",
    "select count(*) from tier_grants where granted_by = ?1 and id >= ?2 and created_at > ?3",
);
const REVOKE: Statement = Statement::new(
    "tier_grants.revoke",
    "update tier_grants set revoked_at = ?2, revoked_by = ?3 where id = ?1",
);

/// A tier that somebody granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub id: i64,
    pub member: MemberId,
    pub tier: String,
    pub from_at: Timestamp,
    /// `None`: until it is revoked.
    pub until_at: Option<Timestamp>,
    pub reason: String,
    pub granted_by: StaffId,
    pub created_at: Timestamp,
    pub revoked: Option<(Timestamp, StaffId)>,
}

impl Grant {
    /// First moment at which the grant no longer holds; `None` never.
    #[must_use]
    pub fn ends_at(&self) -> Option<Timestamp> {
        self.until_at.into_iter().chain(self.revoked.map(|(at, _)| at)).min()
    }

    /// Whether it holds at a time.
    #[must_use]
    pub fn holds_at(&self, at: Timestamp) -> bool {
        self.from_at <= at && self.ends_at().is_none_or(|end| end > at)
    }
}

/// Records a grant.
///
/// # Errors
/// A failure of storage.
pub fn insert(sql: &dyn Sql, grant: &Grant) -> Result<(), StoreError> {
    INSERT.run(
        sql,
        &[
            grant.id.into(),
            grant.member.raw().into(),
            grant.tier.as_str().into(),
            grant.from_at.millis().into(),
            grant.until_at.map(Timestamp::millis).into(),
            grant.reason.as_str().into(),
            grant.granted_by.raw().into(),
            grant.created_at.millis().into(),
        ],
    )
}

/// Grants of a member, newest first.
///
/// # Errors
/// A failure of storage.
pub fn list(sql: &dyn Sql, member: MemberId, limit: i64) -> Result<Vec<Grant>, StoreError> {
    LIST.query(sql, &[member.raw().into(), limit.into()])?.iter_mut().map(read).collect()
}

/// Grants that a person has made since `since`, revoked ones too, among those whose id is at least `first`.
///
/// # Errors
/// A failure of storage.
pub fn count_by(sql: &dyn Sql, by: StaffId, first: i64, since: Timestamp) -> Result<i64, StoreError> {
    let parameters = [by.raw().into(), first.into(), since.millis().into()];
    COUNT_BY.query_one(sql, &parameters)?.map_or(Ok(0), |mut row| row.integer())
}

/// The grant with this id.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, id: i64) -> Result<Option<Grant>, StoreError> {
    BY_ID.query_one(sql, &[id.into()])?.map(|mut row| read(&mut row)).transpose()
}

/// Ends a grant. The database refuses to end it twice.
///
/// # Errors
/// A failure of storage.
pub fn revoke(sql: &dyn Sql, id: i64, at: Timestamp, by: StaffId) -> Result<(), StoreError> {
    REVOKE.run(sql, &[id.into(), at.millis().into(), by.raw().into()])
}

fn read(row: &mut Row) -> Result<Grant, StoreError> {
    Ok(Grant {
        id: row.integer()?,
        member: MemberId::from_raw(row.integer()?),
        tier: row.text()?,
        from_at: Timestamp::from_millis(row.integer()?),
        until_at: row.integer_or_null()?.map(Timestamp::from_millis),
        reason: row.text()?,
        granted_by: StaffId::from_raw(row.integer()?),
        created_at: Timestamp::from_millis(row.integer()?),
        revoked: match (row.integer_or_null()?, row.integer_or_null()?) {
            (Some(at), Some(by)) => Some((Timestamp::from_millis(at), StaffId::from_raw(by))),
            _ => None,
        },
    })
}

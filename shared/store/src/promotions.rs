//! Promotions, their immutable versions, and the revision that tells whether a kept set of them still holds.

use kernel::{PromotionId, StaffId, Timestamp};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::{Row, Statement};

pub mod budgets;
pub mod costs;
pub mod funding;
pub mod replayed;
pub mod simulations;
pub mod uses;

macro_rules! columns {
    () => {
        "p.id, p.brand, p.status, p.version, p.starts_at, p.ends_at, p.created_by, p.created_at, p.changed_at"
    };
}

const INSERT: Statement = Statement::new(
    "promotions.insert",
    "insert into promotions (id, brand, status, version, starts_at, ends_at, created_by, created_at, changed_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
);
const UPDATE: Statement = Statement::new(
    "promotions.update",
    "update promotions set status = ?2, version = ?3, starts_at = ?4, ends_at = ?5, changed_at = ?6 where id = ?1",
);
const BY_ID: Statement =
    Statement::new("promotions.by_id", concat!("select ", columns!(), " from promotions p where p.id = ?1"));
const LIST: Statement = Statement::new(
    "promotions.list",
    concat!(
        "select ",
        columns!(),
        " from promotions p where p.brand = ?1 and p.id < ?2 and (?3 is null or p.status = ?3) \
         order by p.id desc limit ?4"
    ),
);
const LIVE: Statement = Statement::new(
    "promotions.live",
    "select p.id, p.version, p.starts_at, p.ends_at, v.rules from promotions p \
     join promotion_versions v on v.promotion_id = p.id and v.version = p.version \
     where p.brand = ?1 and p.status = 'live' and (p.ends_at is null or p.ends_at > ?2) order by p.id limit ?3",
);
const INSERT_VERSION: Statement = Statement::new(
    "promotions.insert_version",
    "insert into promotion_versions (promotion_id, version, rules, note, created_by, created_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6)",
);
const VERSION: Statement = Statement::new(
    "promotions.version",
    "select promotion_id, version, rules, note, created_by, created_at from promotion_versions \
     where promotion_id = ?1 and version = ?2",
);
const VERSIONS: Statement = Statement::new(
    "promotions.versions",
    "select promotion_id, version, rules, note, created_by, created_at from promotion_versions \
     where promotion_id = ?1 and version < ?2 order by version desc limit ?3",
);
const REVISION: Statement =
    Statement::new("promotions.revision", "select revision from promotion_revisions where brand = ?1");
const RAISE_REVISION: Statement = Statement::new(
    "promotions.raise_revision",
    "insert into promotion_revisions (brand, revision) values (?1, 1) \
     on conflict (brand) do update set revision = promotion_revisions.revision + 1",
);

/// How a promotion stands, by what people decided; time decides the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Draft,
    Live,
    Paused,
    Ended,
}

impl Status {
    const ALL: [Self; 4] = [Self::Draft, Self::Live, Self::Paused, Self::Ended];

    /// The name in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Live => "live",
            Self::Paused => "paused",
            Self::Ended => "ended",
        }
    }

    fn parse(code: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|status| status.code() == code).ok_or(())
    }
}

/// A promotion without its rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub id: PromotionId,
    pub brand: String,
    pub status: Status,
    /// The version that holds.
    pub version: u32,
    pub starts_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
    pub created_by: Option<StaffId>,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
}

/// A version of a promotion; `rules` is JSON that `pricing` reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub promotion: PromotionId,
    pub version: u32,
    pub rules: String,
    pub note: String,
    pub created_by: Option<StaffId>,
    pub created_at: Timestamp,
}

/// A promotion that is switched on and not over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Live {
    pub promotion: PromotionId,
    pub version: u32,
    pub starts_at: Timestamp,
    pub ends_at: Option<Timestamp>,
    pub rules: String,
}

/// Records a promotion.
///
/// # Errors
/// A failure of storage.
pub fn insert(sql: &dyn Sql, stored: &Stored) -> Result<(), StoreError> {
    INSERT.run(
        sql,
        &[
            stored.id.raw().into(),
            stored.brand.as_str().into(),
            stored.status.code().into(),
            i64::from(stored.version).into(),
            stored.starts_at.map(Timestamp::millis).into(),
            stored.ends_at.map(Timestamp::millis).into(),
            stored.created_by.map(StaffId::raw).into(),
            stored.created_at.millis().into(),
            stored.changed_at.millis().into(),
        ],
    )
}

/// Writes a promotion's state, version and times.
///
/// # Errors
/// A failure of storage.
pub fn update(sql: &dyn Sql, stored: &Stored) -> Result<(), StoreError> {
    UPDATE.run(
        sql,
        &[
            stored.id.raw().into(),
            stored.status.code().into(),
            i64::from(stored.version).into(),
            stored.starts_at.map(Timestamp::millis).into(),
            stored.ends_at.map(Timestamp::millis).into(),
            stored.changed_at.millis().into(),
        ],
    )
}

/// The promotion with this id.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, id: PromotionId) -> Result<Option<Stored>, StoreError> {
    BY_ID.query_one(sql, &[id.raw().into()])?.map(|mut row| read(&mut row)).transpose()
}

/// Promotions of a brand with ids below `before`, newest first; of one state where one is named.
///
/// # Errors
/// A failure of storage.
pub fn list(
    sql: &dyn Sql,
    brand: &str,
    before: i64,
    status: Option<Status>,
    limit: i64,
) -> Result<Vec<Stored>, StoreError> {
    let status = status.map(Status::code);
    let parameters = [brand.into(), before.into(), status.into(), limit.into()];
    LIST.query(sql, &parameters)?.iter_mut().map(read).collect()
}

/// Promotions of a brand that are switched on and not over at `now`, with their rules; at most `limit`.
///
/// # Errors
/// A failure of storage.
pub fn list_live(sql: &dyn Sql, brand: &str, now: Timestamp, limit: i64) -> Result<Vec<Live>, StoreError> {
    let mut rows = LIVE.query(sql, &[brand.into(), now.millis().into(), limit.into()])?;
    rows.iter_mut()
        .map(|row| {
            Ok(Live {
                promotion: PromotionId::from_raw(row.integer()?),
                version: count(row)?,
                starts_at: Timestamp::from_millis(row.integer()?),
                ends_at: row.integer_or_null()?.map(Timestamp::from_millis),
                rules: row.text()?,
            })
        })
        .collect()
}

/// Records a version, once and for ever.
///
/// # Errors
/// A failure of storage; a unique violation when the number exists.
pub fn insert_version(sql: &dyn Sql, version: &Version) -> Result<(), StoreError> {
    INSERT_VERSION.run(
        sql,
        &[
            version.promotion.raw().into(),
            i64::from(version.version).into(),
            version.rules.as_str().into(),
            version.note.as_str().into(),
            version.created_by.map(StaffId::raw).into(),
            version.created_at.millis().into(),
        ],
    )
}

/// One version of a promotion.
///
/// # Errors
/// A failure of storage.
pub fn load_version(
    sql: &dyn Sql,
    promotion: PromotionId,
    version: u32,
) -> Result<Option<Version>, StoreError> {
    let parameters = [promotion.raw().into(), i64::from(version).into()];
    VERSION.query_one(sql, &parameters)?.map(|mut row| read_version(&mut row)).transpose()
}

/// Versions of a promotion below `before`, newest first.
///
/// # Errors
/// A failure of storage.
pub fn list_versions(
    sql: &dyn Sql,
    promotion: PromotionId,
    before: i64,
    limit: i64,
) -> Result<Vec<Version>, StoreError> {
    let parameters = [promotion.raw().into(), before.into(), limit.into()];
    VERSIONS.query(sql, &parameters)?.iter_mut().map(read_version).collect()
}

/// The revision of a brand's promotions; zero before the first.
///
/// # Errors
/// A failure of storage.
pub fn load_revision(sql: &dyn Sql, brand: &str) -> Result<i64, StoreError> {
    REVISION.query_one(sql, &[brand.into()])?.map_or(Ok(0), |mut row| row.integer())
}

/// Notes that something changed on which a brand's prices depend.
///
/// # Errors
/// A failure of storage.
pub fn raise_revision(sql: &dyn Sql, brand: &str) -> Result<(), StoreError> {
    RAISE_REVISION.run(sql, &[brand.into()])
}

fn read(row: &mut Row) -> Result<Stored, StoreError> {
    Ok(Stored {
        id: PromotionId::from_raw(row.integer()?),
        brand: row.text()?,
        status: row.parsed(Status::parse)?,
        version: count(row)?,
        starts_at: row.integer_or_null()?.map(Timestamp::from_millis),
        ends_at: row.integer_or_null()?.map(Timestamp::from_millis),
        created_by: row.integer_or_null()?.map(StaffId::from_raw),
        created_at: Timestamp::from_millis(row.integer()?),
        changed_at: Timestamp::from_millis(row.integer()?),
    })
}

fn read_version(row: &mut Row) -> Result<Version, StoreError> {
    Ok(Version {
        promotion: PromotionId::from_raw(row.integer()?),
        version: count(row)?,
        rules: row.text()?,
        note: row.text()?,
        created_by: row.integer_or_null()?.map(StaffId::from_raw),
        created_at: Timestamp::from_millis(row.integer()?),
    })
}

/// The next column as a small count.
pub(crate) fn count(row: &mut Row) -> Result<u32, StoreError> {
    u32::try_from(row.integer()?).map_err(|_| row.inconsistent("not a count"))
}

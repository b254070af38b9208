//! What each order or receipt has of each promotion.

use kernel::{CouponId, Currency, Date, MemberId, OutletId, Points, PromotionId, Timestamp};

use crate::error::StoreError;
use crate::ledger::points;
use crate::port::Sql;
use crate::promotions::count;
use crate::statement::{Row, Statement};

const INSERT: Statement = Statement::new(
    "promotion_uses.insert",
    "insert into promotion_uses (owner, promotion_id, version, status, outlet_id, member_id, day, currency, times, \
     discount_minor, points, coupon_id, reserved_at) \
     values (?1, ?2, ?3, 'reserved', ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
);
const OF_OWNER: Statement = Statement::new(
    "promotion_uses.of_owner",
    "select promotion_id, version, status, outlet_id, member_id, day, currency, times, discount_minor, points, \
     coupon_id from promotion_uses where owner = ?1 order by promotion_id",
);
const END: Statement = Statement::new(
    "promotion_uses.end",
    "update promotion_uses set status = ?2, ended_at = ?3 where owner = ?1 and status = 'reserved'",
);
const TOTALS: Statement = Statement::new(
    "promotion_uses.totals",
    "select currency, count(*), sum(discount_minor), sum(points), count(distinct member_id) from promotion_uses \
     where promotion_id = ?1 and status <> 'released' group by currency order by currency",
);

/// How a use stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Reserved,
    Committed,
    Released,
}

impl Status {
    /// The name in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Committed => "committed",
            Self::Released => "released",
        }
    }

    fn parse(code: &str) -> Result<Self, ()> {
        [Self::Reserved, Self::Committed, Self::Released]
            .into_iter()
            .find(|status| status.code() == code)
            .ok_or(())
    }
}

/// What an order or receipt has of a promotion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    pub promotion: PromotionId,
    pub version: u32,
    pub status: Status,
    pub outlet: OutletId,
    pub member: Option<MemberId>,
    /// The outlet's business day, which budgets count by.
    pub day: Date,
    pub currency: Currency,
    pub times: u32,
    pub discount_minor: i64,
    pub points: Points,
    pub coupon: Option<CouponId>,
}

/// What a promotion has given so far in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Total {
    pub currency: Currency,
    pub uses: i64,
    pub discount_minor: i64,
    pub points: Points,
    pub members: i64,
}

/// Records a reserved use.
///
/// # Errors
/// A failure of storage; a unique violation when the owner has one of the promotion.
pub fn insert(sql: &dyn Sql, owner: &str, new: &Use, now: Timestamp) -> Result<(), StoreError> {
    INSERT.run(
        sql,
        &[
            owner.into(),
            new.promotion.raw().into(),
            i64::from(new.version).into(),
            new.outlet.raw().into(),
            new.member.map(MemberId::raw).into(),
            new.day.to_string().into(),
            new.currency.code().into(),
            i64::from(new.times).into(),
            new.discount_minor.into(),
            new.points.hundredths().into(),
            new.coupon.map(CouponId::raw).into(),
            now.millis().into(),
        ],
    )
}

/// All uses of an order or receipt.
///
/// # Errors
/// A failure of storage.
pub fn list(sql: &dyn Sql, owner: &str) -> Result<Vec<Use>, StoreError> {
    OF_OWNER.query(sql, &[owner.into()])?.iter_mut().map(read).collect()
}

/// Ends every reserved use of an order or receipt; those that have ended stay as they are.
///
/// # Errors
/// A failure of storage.
pub fn end(sql: &dyn Sql, owner: &str, status: Status, now: Timestamp) -> Result<(), StoreError> {
    END.run(sql, &[owner.into(), status.code().into(), now.millis().into()])
}

/// What a promotion has given and promised so far.
///
/// # Errors
/// A failure of storage.
pub fn totals(sql: &dyn Sql, promotion: PromotionId) -> Result<Vec<Total>, StoreError> {
    let mut rows = TOTALS.query(sql, &[promotion.raw().into()])?;
    rows.iter_mut()
        .map(|row| {
            Ok(Total {
                currency: row.parsed(Currency::parse)?,
                uses: row.integer()?,
                discount_minor: row.integer()?,
                points: points(row)?,
                members: row.integer()?,
            })
        })
        .collect()
}

fn read(row: &mut Row) -> Result<Use, StoreError> {
    Ok(Use {
        promotion: PromotionId::from_raw(row.integer()?),
        version: count(row)?,
        status: row.parsed(Status::parse)?,
        outlet: OutletId::from_raw(row.integer()?),
        member: row.integer_or_null()?.map(MemberId::from_raw),
        day: row.parsed(Date::parse)?,
        currency: row.parsed(Currency::parse)?,
        times: count(row)?,
        discount_minor: row.integer()?,
        points: points(row)?,
        coupon: row.integer_or_null()?.map(CouponId::from_raw),
    })
}

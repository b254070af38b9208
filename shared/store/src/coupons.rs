//! Coupon batches and codes, and how often they were used.

use kernel::{CouponBatchId, CouponId, MemberId, PromotionId, StaffId, Timestamp};

use crate::error::StoreError;
use crate::port::{Sql, Value};
use crate::promotions::count;
use crate::statement::{ManyRows, Row, Statement};

macro_rules! batch_columns {
    () => {
        "b.id, b.brand, b.promotion_id, b.kind, b.label, b.uses_per_code, b.uses_per_guest, b.valid_from, \
         b.valid_until, b.blocked_at, b.created_at"
    };
}

const INSERT_BATCH: Statement = Statement::new(
    "coupons.insert_batch",
    "insert into coupon_batches (id, brand, promotion_id, kind, label, uses_per_code, uses_per_guest, valid_from, \
     valid_until, created_by, created_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
);
const BATCH: Statement = Statement::new(
    "coupons.batch",
    concat!("select ", batch_columns!(), " from coupon_batches b where b.id = ?1"),
);
const BATCHES: Statement = Statement::new(
    "coupons.batches",
    concat!(
        "select ",
        batch_columns!(),
        ", (select count(*) from coupons c where c.batch_id = b.id), \
         (select coalesce(sum(c.uses), 0) from coupons c where c.batch_id = b.id) \
         from coupon_batches b where b.brand = ?1 and b.id < ?2 order by b.id desc limit ?3"
    ),
);
const REFERRAL_BATCH: Statement = Statement::new(
    "coupons.referral_batch",
    concat!(
        "select ",
        batch_columns!(),
        " from coupon_batches b where b.brand = ?1 and b.kind = 'referral' and b.blocked_at is null \
         and b.valid_from <= ?2 and (b.valid_until is null or b.valid_until > ?2) order by b.id desc limit 1"
    ),
);
const BLOCK_BATCH: Statement = Statement::new(
    "coupons.block_batch",
    "update coupon_batches set blocked_at = ?2 where id = ?1 and blocked_at is null",
);
/// A code that exists already is passed over: the caller counts what came in.
const INSERT: ManyRows = ManyRows {
    name: "coupons.insert",
    head: "insert into coupons (id, batch_id, brand, code, member_id, uses_max, created_at) values ",
    width: 7,
    tail: " on conflict do nothing",
};
const COUNT: Statement = Statement::new("coupons.count", "select count(*) from coupons where batch_id = ?1");
const LIST: Statement = Statement::new(
    "coupons.list",
    "select id, batch_id, code, member_id, uses, uses_max from coupons where batch_id = ?1 and id > ?2 \
     order by id limit ?3",
);
const BY_CODE: Statement = Statement::new(
    "coupons.by_code",
    concat!(
        "select c.id, c.batch_id, c.code, c.member_id, c.uses, c.uses_max, ",
        batch_columns!(),
        " from coupons c join coupon_batches b on b.id = c.batch_id where c.brand = ?1 and c.code = ?2"
    ),
);
const OF_MEMBER: Statement = Statement::new(
    "coupons.of_member",
    "select id, batch_id, code, member_id, uses, uses_max from coupons where batch_id = ?1 and member_id = ?2",
);
const REFERRER: Statement = Statement::new(
    "coupons.referrer",
    "select c.batch_id, c.member_id from coupons c join coupon_batches b on b.id = c.batch_id \
     where c.id = ?1 and b.kind = 'referral' and c.member_id is not null",
);
const GUEST_USES: Statement = Statement::new(
    "coupons.guest_uses",
    "select uses from coupon_guests where batch_id = ?1 and member_id = ?2",
);
/// Counts one use unless there are as many as may be: then no row comes back.
const TAKE: Statement = Statement::new(
    "coupons.take",
    "update coupons set uses = uses + 1 where id = ?1 and (uses_max is null or uses < uses_max) returning uses",
);
const GIVE_BACK: Statement = Statement::new(
    "coupons.give_back",
    "update coupons set uses = uses - 1 where id = ?1 returning batch_id",
);
/// As [`TAKE`], for the codes of a batch that one guest uses.
const TAKE_GUEST: Statement = Statement::new(
    "coupons.take_guest",
    "insert into coupon_guests (batch_id, member_id, uses) values (?1, ?2, 1) \
     on conflict (batch_id, member_id) do update set uses = coupon_guests.uses + 1 \
     where ?3 is null or coupon_guests.uses < ?3 returning uses",
);
const GIVE_BACK_GUEST: Statement = Statement::new(
    "coupons.give_back_guest",
    "update coupon_guests set uses = uses - 1 where batch_id = ?1 and member_id = ?2",
);

/// Where a batch's codes come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Made by us, with a check character.
    Generated,
    /// Somebody else's, as they are.
    Imported,
    /// One for each member who asks, for their friends.
    Referral,
}

impl Kind {
    /// The name in the database and on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Generated => "generated",
            Self::Imported => "imported",
            Self::Referral => "referral",
        }
    }

    fn parse(code: &str) -> Result<Self, ()> {
        [Self::Generated, Self::Imported, Self::Referral]
            .into_iter()
            .find(|kind| kind.code() == code)
            .ok_or(())
    }
}

/// Codes that were made together, on the same terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    pub id: CouponBatchId,
    pub brand: String,
    pub promotion: PromotionId,
    pub kind: Kind,
    pub label: String,
    pub uses_per_code: Option<u32>,
    /// Over all codes of the batch.
    pub uses_per_guest: Option<u32>,
    pub valid_from: Timestamp,
    pub valid_until: Option<Timestamp>,
    pub blocked_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

/// One code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coupon {
    pub id: CouponId,
    pub batch: CouponBatchId,
    pub code: String,
    /// Who alone may use it; of a referral code, whose friends use it.
    pub member: Option<MemberId>,
    pub uses: u32,
    pub uses_max: Option<u32>,
}

/// Records a batch.
///
/// # Errors
/// A failure of storage.
pub fn insert_batch(sql: &dyn Sql, batch: &Batch, by: Option<StaffId>) -> Result<(), StoreError> {
    INSERT_BATCH.run(
        sql,
        &[
            batch.id.raw().into(),
            batch.brand.as_str().into(),
            batch.promotion.raw().into(),
            batch.kind.code().into(),
            batch.label.as_str().into(),
            batch.uses_per_code.map(i64::from).into(),
            batch.uses_per_guest.map(i64::from).into(),
            batch.valid_from.millis().into(),
            batch.valid_until.map(Timestamp::millis).into(),
            by.map(StaffId::raw).into(),
            batch.created_at.millis().into(),
        ],
    )
}

/// The batch with this id.
///
/// # Errors
/// A failure of storage.
pub fn load_batch(sql: &dyn Sql, id: CouponBatchId) -> Result<Option<Batch>, StoreError> {
    BATCH.query_one(sql, &[id.raw().into()])?.map(|mut row| read_batch(&mut row)).transpose()
}

/// Batches of a brand with ids below `before`, newest first, with how many codes and uses each has.
///
/// # Errors
/// A failure of storage.
pub fn list_batches(
    sql: &dyn Sql,
    brand: &str,
    before: i64,
    limit: i64,
) -> Result<Vec<(Batch, i64, i64)>, StoreError> {
    let mut rows = BATCHES.query(sql, &[brand.into(), before.into(), limit.into()])?;
    rows.iter_mut().map(|row| Ok((read_batch(row)?, row.integer()?, row.integer()?))).collect()
}

/// The newest batch of referral codes that holds at `now`.
///
/// # Errors
/// A failure of storage.
pub fn load_referral_batch(sql: &dyn Sql, brand: &str, now: Timestamp) -> Result<Option<Batch>, StoreError> {
    let row = REFERRAL_BATCH.query_one(sql, &[brand.into(), now.millis().into()])?;
    row.map(|mut row| read_batch(&mut row)).transpose()
}

/// Makes a batch's codes worthless.
///
/// # Errors
/// A failure of storage.
pub fn block_batch(sql: &dyn Sql, id: CouponBatchId, now: Timestamp) -> Result<(), StoreError> {
    BLOCK_BATCH.run(sql, &[id.raw().into(), now.millis().into()])
}

/// Records codes of a batch; codes that the brand has already are passed over.
///
/// # Errors
/// A failure of storage.
pub fn insert(
    sql: &dyn Sql,
    batch: &Batch,
    codes: &[(CouponId, String, Option<MemberId>)],
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut values: Vec<Value> = Vec::with_capacity(codes.len() * INSERT.width);
    for (id, code, member) in codes {
        values.extend([
            id.raw().into(),
            batch.id.raw().into(),
            batch.brand.as_str().into(),
            code.as_str().into(),
            member.map(MemberId::raw).into(),
            batch.uses_per_code.map(i64::from).into(),
            now.millis().into(),
        ]);
    }
    INSERT.run(sql, &values)
}

/// How many codes a batch has.
///
/// # Errors
/// A failure of storage.
pub fn count_codes(sql: &dyn Sql, batch: CouponBatchId) -> Result<i64, StoreError> {
    COUNT.query_one(sql, &[batch.raw().into()])?.map_or(Ok(0), |mut row| row.integer())
}

/// Codes of a batch after `after`, in the order in which they were made.
///
/// # Errors
/// A failure of storage.
pub fn list(sql: &dyn Sql, batch: CouponBatchId, after: i64, limit: i64) -> Result<Vec<Coupon>, StoreError> {
    LIST.query(sql, &[batch.raw().into(), after.into(), limit.into()])?.iter_mut().map(read).collect()
}

/// The coupon of a brand with this code, and its batch.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, brand: &str, code: &str) -> Result<Option<(Coupon, Batch)>, StoreError> {
    let row = BY_CODE.query_one(sql, &[brand.into(), code.into()])?;
    row.map(|mut row| Ok((read(&mut row)?, read_batch(&mut row)?))).transpose()
}

/// The code of a batch that belongs to a member.
///
/// # Errors
/// A failure of storage.
pub fn load_of_member(
    sql: &dyn Sql,
    batch: CouponBatchId,
    member: MemberId,
) -> Result<Option<Coupon>, StoreError> {
    let row = OF_MEMBER.query_one(sql, &[batch.raw().into(), member.raw().into()])?;
    row.map(|mut row| read(&mut row)).transpose()
}

/// Whose code for friends this is, and of which batch; none of any other code.
///
/// # Errors
/// A failure of storage.
pub fn load_referrer(sql: &dyn Sql, id: CouponId) -> Result<Option<(CouponBatchId, MemberId)>, StoreError> {
    let Some(mut row) = REFERRER.query_one(sql, &[id.raw().into()])? else { return Ok(None) };
    Ok(Some((CouponBatchId::from_raw(row.integer()?), MemberId::from_raw(row.integer()?))))
}

/// How often a guest has used codes of a batch.
///
/// # Errors
/// A failure of storage.
pub fn load_guest_uses(sql: &dyn Sql, batch: CouponBatchId, member: MemberId) -> Result<u32, StoreError> {
    let row = GUEST_USES.query_one(sql, &[batch.raw().into(), member.raw().into()])?;
    row.map_or(Ok(0), |mut row| count(&mut row))
}

/// Counts one use of a code; false when it has no use left.
///
/// # Errors
/// A failure of storage.
pub fn take(sql: &dyn Sql, id: CouponId) -> Result<bool, StoreError> {
    Ok(TAKE.query_one(sql, &[id.raw().into()])?.is_some())
}

/// Counts one use of a batch by a guest; false when the guest has none left.
///
/// # Errors
/// A failure of storage.
pub fn take_guest(
    sql: &dyn Sql,
    batch: CouponBatchId,
    member: MemberId,
    most: Option<u32>,
) -> Result<bool, StoreError> {
    let parameters = [batch.raw().into(), member.raw().into(), most.map(i64::from).into()];
    Ok(TAKE_GUEST.query_one(sql, &parameters)?.is_some())
}

/// Takes one use of a code, and of its guest, back.
///
/// # Errors
/// A failure of storage.
pub fn give_back(sql: &dyn Sql, id: CouponId, member: Option<MemberId>) -> Result<(), StoreError> {
    let Some(mut row) = GIVE_BACK.query_one(sql, &[id.raw().into()])? else { return Ok(()) };
    let batch = row.integer()?;
    if let Some(member) = member {
        GIVE_BACK_GUEST.run(sql, &[batch.into(), member.raw().into()])?;
    }
    Ok(())
}

fn read(row: &mut Row) -> Result<Coupon, StoreError> {
    Ok(Coupon {
        id: CouponId::from_raw(row.integer()?),
        batch: CouponBatchId::from_raw(row.integer()?),
        code: row.text()?,
        member: row.integer_or_null()?.map(MemberId::from_raw),
        uses: count(row)?,
        uses_max: optional_count(row)?,
    })
}

fn read_batch(row: &mut Row) -> Result<Batch, StoreError> {
    Ok(Batch {
        id: CouponBatchId::from_raw(row.integer()?),
        brand: row.text()?,
        promotion: PromotionId::from_raw(row.integer()?),
        kind: row.parsed(Kind::parse)?,
        label: row.text()?,
        uses_per_code: optional_count(row)?,
        uses_per_guest: optional_count(row)?,
        valid_from: Timestamp::from_millis(row.integer()?),
        valid_until: row.integer_or_null()?.map(Timestamp::from_millis),
        blocked_at: row.integer_or_null()?.map(Timestamp::from_millis),
        created_at: Timestamp::from_millis(row.integer()?),
    })
}

fn optional_count(row: &mut Row) -> Result<Option<u32>, StoreError> {
    let value = row.integer_or_null()?;
    value.map(u32::try_from).transpose().map_err(|_| row.inconsistent("not a count"))
}

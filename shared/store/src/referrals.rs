//! Rewards for bringing friends: the terms of batches, and what became of each friend.

use kernel::{CouponBatchId, Currency, MemberId, Money, Points, ReceiptId, Timestamp};

use crate::error::StoreError;
use crate::ledger::points;
use crate::port::Sql;
use crate::promotions::count;
use crate::statement::Statement;

const INSERT_TERMS: Statement = Statement::new(
    "referral_terms.insert",
    "insert into referral_terms (batch_id, points, rewards_max, within_days, expires_days) values (?1, ?2, ?3, ?4, ?5)",
);
const INSERT_MINIMUM: Statement = Statement::new(
    "referral_minimums.insert",
    "insert into referral_minimums (batch_id, currency, amount_minor) values (?1, ?2, ?3)",
);
const TERMS: Statement = Statement::new(
    "referral_terms.of_batch",
    "select points, rewards_max, within_days, expires_days from referral_terms where batch_id = ?1",
);
const MINIMUMS: Statement = Statement::new(
    "referral_minimums.of_batch",
    "select currency, amount_minor from referral_minimums where batch_id = ?1 order by currency",
);
const INSERT: Statement = Statement::new(
    "referrals.insert",
    "insert into referrals (friend_id, referrer_id, batch_id, receipt_id, status, reason, points, expires_at, happened_at) \
     values (?1, ?2, ?3, ?4, case when ?5 is null then 'rewarded' else 'refused' end, ?5, ?6, ?7, ?8)",
);
const KNOWN: Statement = Statement::new("referrals.known", "select 1 from referrals where friend_id = ?1");
const OF_RECEIPT: Statement = Statement::new(
    "referrals.of_receipt",
    "select f.friend_id, f.referrer_id, f.batch_id, f.points, f.expires_at, r.currency, r.total_minor - \
     coalesce((select sum(t.refund_minor + t.points_back_minor) from returns t where t.receipt_id = r.id), 0) \
     from referrals f join receipts r on r.id = f.receipt_id where f.receipt_id = ?1 and f.status = 'rewarded'",
);
const TAKE_BACK: Statement = Statement::new(
    "referrals.take_back",
    "update referrals set status = 'taken_back', ended_at = ?2 where friend_id = ?1 and status = 'rewarded'",
);
const REWARDED_SINCE: Statement = Statement::new(
    "referrals.rewarded_since",
    "select count(*) from referrals where referrer_id = ?1 and happened_at > ?2 and status = 'rewarded'",
);
const BOUGHT_BEFORE: Statement = Statement::new(
    "referrals.bought_before",
    "select 1 from receipts where member_id = ?1 and id <> ?2 and sold_at <= ?3 limit 1",
);
const SUMMARY: Statement = Statement::new(
    "referrals.summary",
    "select count(*), coalesce(sum(case when status = 'rewarded' then 1 else 0 end), 0), \
     coalesce(sum(case when status = 'rewarded' then points else 0 end), 0) from referrals where referrer_id = ?1",
);

/// What bringing a friend is worth with codes of a batch; `loyalty` says what follows from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    pub points: Points,
    /// By currency.
    pub purchase_min: Vec<Money>,
    pub rewards_max: u32,
    pub within_days: u32,
    pub expires_days: Option<u32>,
}

/// What became of a friend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referral<'a> {
    pub friend: MemberId,
    pub referrer: MemberId,
    pub batch: CouponBatchId,
    /// The friend's purchase.
    pub receipt: ReceiptId,
    /// Why there is no reward; none where there is.
    pub refused: Option<&'a str>,
    pub points: Points,
    pub expires_at: Option<Timestamp>,
}

/// A reward that was given, and what is left of the purchase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewarded {
    pub friend: MemberId,
    pub referrer: MemberId,
    pub batch: CouponBatchId,
    pub points: Points,
    pub expires_at: Option<Timestamp>,
    /// What the friend bought, less what came back.
    pub left: Money,
}

/// Friends of a referrer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Who bought with the referrer's code.
    pub friends: u32,
    pub rewarded: u32,
    pub points: Points,
}

/// Records the terms of a batch.
///
/// # Errors
/// A failure of storage.
pub fn insert_terms(sql: &dyn Sql, batch: CouponBatchId, terms: &Terms) -> Result<(), StoreError> {
    INSERT_TERMS.run(
        sql,
        &[
            batch.raw().into(),
            terms.points.hundredths().into(),
            i64::from(terms.rewards_max).into(),
            i64::from(terms.within_days).into(),
            terms.expires_days.map(i64::from).into(),
        ],
    )?;
    for min in &terms.purchase_min {
        let parameters = [batch.raw().into(), min.currency().code().into(), min.minor().into()];
        INSERT_MINIMUM.run(sql, &parameters)?;
    }
    Ok(())
}

/// The terms of a batch; none where nobody is rewarded.
///
/// # Errors
/// A failure of storage.
pub fn load_terms(sql: &dyn Sql, batch: CouponBatchId) -> Result<Option<Terms>, StoreError> {
    let Some(mut row) = TERMS.query_one(sql, &[batch.raw().into()])? else { return Ok(None) };
    let mut minimums = MINIMUMS.query(sql, &[batch.raw().into()])?;
    let minimums = minimums.iter_mut().map(|row| {
        let currency = row.parsed(Currency::parse)?;
        Ok(Money::new(row.integer()?, currency))
    });
    let purchase_min = minimums.collect::<Result<_, StoreError>>()?;
    let (points, rewards_max, within_days) = (points(&mut row)?, count(&mut row)?, count(&mut row)?);
    let expires_days = row.integer_or_null()?.map(u32::try_from).transpose();
    let expires_days = expires_days.map_err(|_| row.inconsistent("not a count"))?;
    Ok(Some(Terms { points, purchase_min, rewards_max, within_days, expires_days }))
}

/// Records what became of a friend.
///
/// # Errors
/// A failure of storage; a unique violation when the friend was brought before.
pub fn insert(sql: &dyn Sql, referral: &Referral<'_>, now: Timestamp) -> Result<(), StoreError> {
    INSERT.run(
        sql,
        &[
            referral.friend.raw().into(),
            referral.referrer.raw().into(),
            referral.batch.raw().into(),
            referral.receipt.raw().into(),
            referral.refused.into(),
            referral.points.hundredths().into(),
            referral.expires_at.map(Timestamp::millis).into(),
            now.millis().into(),
        ],
    )
}

/// Whether a member was brought before, rewarded or not.
///
/// # Errors
/// A failure of storage.
pub fn is_known(sql: &dyn Sql, friend: MemberId) -> Result<bool, StoreError> {
    Ok(KNOWN.query_one(sql, &[friend.raw().into()])?.is_some())
}

/// Whether a member has bought something else by the time of a sale.
///
/// # Errors
/// A failure of storage.
pub fn has_bought_before(
    sql: &dyn Sql,
    member: MemberId,
    receipt: ReceiptId,
    sold_at: Timestamp,
) -> Result<bool, StoreError> {
    let parameters = [member.raw().into(), receipt.raw().into(), sold_at.millis().into()];
    Ok(BOUGHT_BEFORE.query_one(sql, &parameters)?.is_some())
}

/// How many rewards a referrer has had after a time; those taken back do not count.
///
/// # Errors
/// A failure of storage.
pub fn count_rewarded(sql: &dyn Sql, referrer: MemberId, since: Timestamp) -> Result<u32, StoreError> {
    let row = REWARDED_SINCE.query_one(sql, &[referrer.raw().into(), since.millis().into()])?;
    row.map_or(Ok(0), |mut row| count(&mut row))
}

/// The reward that a purchase brought somebody, if it was not taken back.
///
/// # Errors
/// A failure of storage.
pub fn load_rewarded(sql: &dyn Sql, receipt: ReceiptId) -> Result<Option<Rewarded>, StoreError> {
    let Some(mut row) = OF_RECEIPT.query_one(sql, &[receipt.raw().into()])? else { return Ok(None) };
    let (friend, referrer) = (MemberId::from_raw(row.integer()?), MemberId::from_raw(row.integer()?));
    let batch = CouponBatchId::from_raw(row.integer()?);
    let points = points(&mut row)?;
    let expires_at = row.integer_or_null()?.map(Timestamp::from_millis);
    let currency = row.parsed(Currency::parse)?;
    let left = Money::new(row.integer()?, currency);
    Ok(Some(Rewarded { friend, referrer, batch, points, expires_at, left }))
}

/// Notes that a reward was taken back.
///
/// # Errors
/// A failure of storage.
pub fn take_back(sql: &dyn Sql, friend: MemberId, now: Timestamp) -> Result<(), StoreError> {
    TAKE_BACK.run(sql, &[friend.raw().into(), now.millis().into()])
}

/// What a referrer has had so far.
///
/// # Errors
/// A failure of storage.
pub fn load_summary(sql: &dyn Sql, referrer: MemberId) -> Result<Summary, StoreError> {
    let row = SUMMARY.query_one(sql, &[referrer.raw().into()])?;
    row.map_or(Ok(Summary::default()), |mut row| {
        Ok(Summary { friends: count(&mut row)?, rewarded: count(&mut row)?, points: points(&mut row)? })
    })
}

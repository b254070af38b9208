//! A receipt is counted for staff goals in its own transaction: [`exclude`] before its lines are there, [`count`] after.
//!
//! Returns, ratings and discounts of colleagues are rare and are counted by triggers of migration 0011, which also take an
//! excluded receipt out as it stands. Those find an excluded receipt without lines here, and so take out nothing.

use std::collections::BTreeMap;

use kernel::time::{DAY_MS, MINUTE_MS};
use kernel::{MemberId, StaffId};

use crate::error::StoreError;
use crate::port::{Sql, Value};
use crate::receipts::{NewLine, NewReceipt};
use crate::statement::{ManyRows, Statement};

/// Two receipts of a guest at an outlet within this time of each other are one purchase; the view `kpi_split` says the same.
const SPLIT_MS: i64 = 5 * MINUTE_MS;
/// A first receipt so soon after joining is a sign-up of whoever rang it up.
const SIGN_UP_MS: i64 = 7 * DAY_MS;

/// What a receipt that is not there yet meets: a colleague's discount, a sale to oneself, an earlier part of the same
/// purchase, later parts of it, and whether it makes its guest's joining a sign-up. The views `kpi_self` and `kpi_split` say
/// the same of receipts that are there.
const MEETS: Statement = Statement::new(
    "kpi.meets",
    "select exists (select 1 from staff_card_uses where outlet_id = ?1 and business_date = ?2 and number = ?3), \
     exists (select 1 from staff_members m join staff s on s.id = m.staff_id \
     where m.member_id = ?4 and s.code = ?5), \
     exists (select 1 from receipts e where e.member_id = ?4 and e.business_date = ?2 and e.outlet_id = ?1 \
     and e.sold_at >= ?6 - ?8 and (e.sold_at < ?6 or (e.sold_at = ?6 and e.id < ?7)) \
     and exists (select 1 from kpi_kept k where k.receipt_id = e.id and k.items > 0)), \
     exists (select 1 from receipts n where n.member_id = ?4 and n.business_date = ?2 and n.outlet_id = ?1 \
     and n.sold_at >= ?6 and n.sold_at <= ?6 + ?8), \
     exists (select 1 from members m where m.id = ?4 and m.joined_at >= ?6 - ?9) \
     and not exists (select 1 from receipts o where o.member_id = ?4)",
);
/// The same of a receipt without a guest.
const MEETS_NOBODY: Statement = Statement::new(
    "kpi.meets_nobody",
    "select 1 from staff_card_uses where outlet_id = ?1 and business_date = ?2 and number = ?3",
);
const EXCLUDE: Statement =
    Statement::new("kpi.exclude", "insert into kpi_excluded (receipt_id, reason) values (?1, ?2)");
const SIGN_UP: Statement = Statement::new(
    "kpi.sign_up",
    "insert into kpi_sign_ups (member_id, receipt_id) values (?1, ?2) on conflict (member_id) do nothing",
);
const COUNT: Statement = Statement::new(
    "kpi.count",
    "insert into kpi_days (outlet_id, business_date, staff_code, currency, receipts, items, revenue_minor, \
     member_receipts, sign_ups, ratings, stars) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, 0) \
     on conflict (outlet_id, business_date, staff_code, currency) do update set \
     receipts = kpi_days.receipts + excluded.receipts, items = kpi_days.items + excluded.items, \
     revenue_minor = kpi_days.revenue_minor + excluded.revenue_minor, \
     member_receipts = kpi_days.member_receipts + excluded.member_receipts, \
     sign_ups = kpi_days.sign_ups + excluded.sign_ups",
);
const COUNT_CATEGORIES: ManyRows = ManyRows {
    name: "kpi.count_categories",
    head: "insert into kpi_categories (outlet_id, business_date, staff_code, currency, category, receipts, items, \
           revenue_minor) values ",
    width: 8,
    tail: " on conflict (outlet_id, business_date, staff_code, category, currency) do update set \
           receipts = kpi_categories.receipts + excluded.receipts, items = kpi_categories.items + excluded.items, \
           revenue_minor = kpi_categories.revenue_minor + excluded.revenue_minor",
};
/// A receipt that came late splits those after it.
const SPLIT_LATER: Statement = Statement::new(
    "kpi.split_later",
    "insert into kpi_excluded (receipt_id, reason) select n.id, 'split' from receipts n join kpi_split s on s.receipt_id = n.id \
     where n.member_id = ?1 and n.business_date = ?2 and n.outlet_id = ?3 and n.id <> ?4 and n.sold_at >= ?5 \
     and n.sold_at <= ?5 + ?6 on conflict (receipt_id) do nothing",
);

const EXCLUDE_SELF: Statement = Statement::new(
    "kpi.exclude_self",
    "insert into kpi_excluded (receipt_id, reason) select r.id, 'self' from receipts r join staff s on s.code = r.staff_code \
     where r.member_id = ?1 and s.id = ?2 \
     on conflict (receipt_id) do update set reason = 'self' where kpi_excluded.reason = 'split'",
);

/// Takes out what a guest bought from whoever they turn out to be.
///
/// # Errors
/// A failure of storage.
pub fn exclude_self(tx: &dyn Sql, member: MemberId, staff: StaffId) -> Result<(), StoreError> {
    EXCLUDE_SELF.run(tx, &[member.raw().into(), staff.raw().into()])
}

/// How a receipt is to be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Standing {
    /// Why it does not count: a reason of `kpi_excluded`.
    excluded: Option<&'static str>,
    is_sign_up: bool,
    /// Receipts of the same purchase were sold later and came earlier.
    has_later_parts: bool,
}

/// How `receipt`, which is not there yet, is to be counted.
///
/// # Errors
/// A failure of storage.
pub fn load_standing(tx: &dyn Sql, receipt: &NewReceipt) -> Result<Standing, StoreError> {
    let mut parameters = vec![
        receipt.outlet.raw().into(),
        receipt.business_date.to_string().into(),
        receipt.number.as_str().into(),
    ];
    let Some(member) = receipt.member else {
        let excluded = MEETS_NOBODY.query_one(tx, &parameters)?.map(|_| "staff_card");
        return Ok(Standing { excluded, is_sign_up: false, has_later_parts: false });
    };
    parameters.extend([
        member.raw().into(),
        receipt.staff_code.as_deref().into(),
        receipt.sold_at.millis().into(),
        receipt.id.raw().into(),
        SPLIT_MS.into(),
        SIGN_UP_MS.into(),
    ]);
    let mut row = MEETS.query_one(tx, &parameters)?.ok_or(StoreError::Inconsistent {
        statement: MEETS.name,
        column: 0,
        problem: "no row",
    })?;
    let mut excluded = None;
    for reason in ["staff_card", "self", "split"] {
        if row.boolean()? {
            excluded = excluded.or(Some(reason));
        }
    }
    let has_later_parts = row.boolean()?;
    Ok(Standing { excluded, has_later_parts, is_sign_up: row.boolean()? && excluded.is_none() })
}

/// Notes that a receipt does not count. Call when its row is there and its lines are not.
///
/// # Errors
/// A failure of storage.
pub fn exclude(tx: &dyn Sql, receipt: &NewReceipt, standing: Standing) -> Result<(), StoreError> {
    standing.excluded.map_or(Ok(()), |reason| EXCLUDE.run(tx, &[receipt.id.raw().into(), reason.into()]))
}

/// Counts a receipt that is there with its lines.
///
/// # Errors
/// A failure of storage.
pub fn count(tx: &dyn Sql, receipt: &NewReceipt, standing: Standing) -> Result<(), StoreError> {
    let id = Value::from(receipt.id.raw());
    if standing.excluded.is_none() {
        if let (true, Some(member)) = (standing.is_sign_up, receipt.member) {
            SIGN_UP.run(tx, &[member.raw().into(), id.clone()])?;
        }
        add(tx, receipt, standing.is_sign_up)?;
    }
    match receipt.member {
        Some(member) if standing.has_later_parts => SPLIT_LATER.run(
            tx,
            &[
                member.raw().into(),
                receipt.business_date.to_string().into(),
                receipt.outlet.raw().into(),
                id,
                receipt.sold_at.millis().into(),
                SPLIT_MS.into(),
            ],
        ),
        _ => Ok(()),
    }
}

/// Sums of some of a receipt's lines.
#[derive(Default)]
struct Sums {
    items: i64,
    revenue_minor: i64,
}

impl Sums {
    fn add(&mut self, line: &NewLine) {
        self.items += line.quantity.thousandths();
        self.revenue_minor += line.amount_minor;
    }

    /// A receipt of which nothing was bought is none.
    fn receipts(&self) -> i64 {
        i64::from(self.items > 0)
    }
}

fn add(tx: &dyn Sql, receipt: &NewReceipt, is_sign_up: bool) -> Result<(), StoreError> {
    let key: [Value; 4] = [
        receipt.outlet.raw().into(),
        receipt.business_date.to_string().into(),
        receipt.staff_code.as_deref().unwrap_or_default().into(),
        receipt.currency.code().into(),
    ];
    let mut all = Sums::default();
    let mut by_category = BTreeMap::<&str, Sums>::new();
    for line in &receipt.lines {
        all.add(line);
        by_category.entry(&line.category).or_default().add(line);
    }
    let of = |flag: bool| Value::from(all.receipts() * i64::from(flag));
    let mut counted = Vec::from(key.clone());
    counted.extend([
        of(true),
        all.items.into(),
        all.revenue_minor.into(),
        of(receipt.member.is_some()),
        of(is_sign_up),
    ]);
    COUNT.run(tx, &counted)?;
    let mut rows = Vec::with_capacity(by_category.len() * COUNT_CATEGORIES.width);
    for (category, sums) in by_category {
        rows.extend(key.clone());
        rows.extend([category.into(), sums.receipts().into(), sums.items.into(), sums.revenue_minor.into()]);
    }
    COUNT_CATEGORIES.run(tx, &rows)
}

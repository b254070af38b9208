//! Sums of answers, narrowed to what a member of staff may see. Each is read from an index alone.

use kernel::{Date, StaffId};

use crate::error::StoreError;
use crate::feedback::in_scope;
use crate::port::Sql;
use crate::statement::{Row, Statement};

/// Counts and sums, outlets first: whoever sees one outlet reads one outlet's stretch of the index.
macro_rules! sums {
    ($key:literal, $name:literal, $table:literal) => {
        concat!(
            "select ",
            $key,
            ", ",
            $name,
            ", count(*), sum(a.stars), sum(case when a.nps >= 9 then 1 else 0 end), \
             sum(case when a.nps between 7 and 8 then 1 else 0 end), \
             sum(case when a.nps <= 6 then 1 else 0 end) \
             from outlets o join franchisees f on f.id = o.franchisee_id cross join ",
            $table,
            " a where a.outlet_id = o.id and a.business_date >= ?2 and a.business_date < ?3 \
             and (?4 is null or o.brand = ?4) and (?5 is null or o.code = ?5) and ",
            in_scope!(),
            " group by ",
            $key
        )
    };
}

const BY_OUTLET: Statement =
    Statement::new("feedback.by_outlet", sums!("o.code", "min(o.name)", "feedback_answers"));
const BY_FRANCHISEE: Statement =
    Statement::new("feedback.by_franchisee", sums!("f.code", "min(f.name)", "feedback_answers"));
const BY_CITY: Statement = Statement::new("feedback.by_city", sums!("o.city", "''", "feedback_answers"));
const BY_STAFF: Statement =
    Statement::new("feedback.by_staff", sums!("coalesce(a.staff_code, '')", "''", "feedback_answers"));
const BY_HOUR: Statement = Statement::new("feedback.by_hour", sums!("a.hour", "''", "feedback_answers"));
const BY_PRODUCT: Statement =
    Statement::new("feedback.by_product", sums!("a.product_code", "''", "feedback_answer_products"));
const BY_BRAND: Statement = Statement::new("feedback.by_brand", sums!("o.brand", "''", "feedback_answers"));
const TAGS: Statement = Statement::new(
    "feedback.by_tag",
    concat!(
        "select t.tag, count(*) from outlets o cross join feedback_answers a cross join feedback_answer_tags t \
         where a.outlet_id = o.id and t.request_id = a.request_id and a.business_date >= ?2 and a.business_date < ?3 \
         and (?4 is null or o.brand = ?4) and (?5 is null or o.code = ?5) and ",
        in_scope!(),
        " group by t.tag order by count(*) desc, t.tag limit ?6"
    ),
);

/// By what answers are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Brand,
    Outlet,
    Franchisee,
    City,
    Staff,
    Hour,
    Product,
}

/// What to look at.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Whose scope narrows the outlets.
    pub staff: StaffId,
    /// Business days: from, and the first one after.
    pub days: (Date, Date),
    pub brand: Option<&'a str>,
    /// Code of one outlet.
    pub outlet: Option<&'a str>,
}

/// Sums of one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sums {
    pub key: String,
    /// Empty where the key says all.
    pub name: String,
    pub answers: u64,
    pub stars: u64,
    pub promoters: u64,
    pub passives: u64,
    pub detractors: u64,
}

/// The statement that groups by `by`.
#[must_use]
pub const fn statement(by: By) -> Statement {
    match by {
        By::Brand => BY_BRAND,
        By::Outlet => BY_OUTLET,
        By::Franchisee => BY_FRANCHISEE,
        By::City => BY_CITY,
        By::Staff => BY_STAFF,
        By::Hour => BY_HOUR,
        By::Product => BY_PRODUCT,
    }
}

/// Sums of every group, in no order that matters.
///
/// # Errors
/// A failure of storage.
pub fn list(sql: &dyn Sql, by: By, asked: &Asked<'_>) -> Result<Vec<Sums>, StoreError> {
    let mut rows = statement(by).query(sql, &parameters(asked))?;
    rows.iter_mut().map(|row| read(row, by)).collect()
}

/// How often tags were tapped, the most frequent first.
///
/// # Errors
/// A failure of storage.
pub fn list_tags(sql: &dyn Sql, asked: &Asked<'_>, limit: i64) -> Result<Vec<(String, u64)>, StoreError> {
    let [staff, from, until, brand, outlet] = parameters(asked);
    let mut rows = TAGS.query(sql, &[staff, from, until, brand, outlet, limit.into()])?;
    rows.iter_mut().map(|row| Ok((row.text()?, count(row)?))).collect()
}

fn parameters(asked: &Asked<'_>) -> [crate::Value; 5] {
    let (from, until) = asked.days;
    [
        asked.staff.raw().into(),
        from.to_string().into(),
        until.to_string().into(),
        asked.brand.into(),
        asked.outlet.into(),
    ]
}

fn read(row: &mut Row, by: By) -> Result<Sums, StoreError> {
    let key = if by == By::Hour { row.integer()?.to_string() } else { row.text()? };
    Ok(Sums {
        key,
        name: row.text()?,
        answers: count(row)?,
        stars: count(row)?,
        promoters: count(row)?,
        passives: count(row)?,
        detractors: count(row)?,
    })
}

fn count(row: &mut Row) -> Result<u64, StoreError> {
    let count = row.integer()?;
    u64::try_from(count).map_err(|_| row.inconsistent("not a count"))
}

//! Outlets as goals see them: where they are, whose, in which groups, with which plan.

use kernel::{Currency, Date, OutletId, StaffId, Timestamp, Zone};

use crate::error::StoreError;
use crate::port::{Sql, Value};
use crate::statement::{ManyRows, Row, Statement};

const LIST: Statement = Statement::new(
    "kpi.sites",
    "select o.id, o.code, o.name, o.country, o.city, f.code, o.currency, o.zone from outlets o \
     join franchisees f on f.id = o.franchisee_id where o.brand = ?1 order by o.id",
);
const GROUPS: Statement = Statement::new(
    "kpi.groups",
    "select outlet_id, code from outlet_group_days where brand = ?1 and since <= ?2 and (until is null or until > ?2) \
     order by outlet_id, code",
);
/// What was to begin on the day or later never does.
const DROP_GROUP: Statement = Statement::new(
    "kpi.drop_group",
    "delete from outlet_group_days where brand = ?1 and code = ?2 and since >= ?3",
);
const END_GROUP: Statement = Statement::new(
    "kpi.end_group",
    "update outlet_group_days set until = ?3 where brand = ?1 and code = ?2 and (until is null or until > ?3)",
);
const INSERT_GROUP: ManyRows = ManyRows::insert(
    "kpi.insert_group",
    "insert into outlet_group_days (brand, code, outlet_id, since) values ",
    4,
);
const PLANS: Statement = Statement::new(
    "kpi.plans",
    "select p.outlet_id, p.month, p.currency, p.revenue_minor from revenue_plans p join outlets o on o.id = p.outlet_id \
     where o.brand = ?1 and p.month >= ?2 and p.month < ?3 and p.id = (select max(n.id) from revenue_plans n \
     where n.outlet_id = p.outlet_id and n.month = p.month) order by p.outlet_id, p.month",
);
const INSERT_PLAN: Statement = Statement::new(
    "kpi.insert_plan",
    "insert into revenue_plans (id, outlet_id, month, currency, revenue_minor, set_by, set_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
);
const STAFF: Statement = Statement::new(
    "kpi.staff",
    "select s.id, s.code, s.name_sealed, s.outlet_id, s.status from staff s where s.code = ?1",
);

/// An outlet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    pub id: OutletId,
    pub code: String,
    pub name: String,
    pub country: String,
    pub city: String,
    /// Code of the legal entity.
    pub franchisee: String,
    pub currency: Currency,
    pub zone: Zone,
    /// Codes of the groups it is in on the day asked for.
    pub groups: Vec<String>,
}

/// Outlets of a brand, in the order of their ids, in the groups of the day `on`.
///
/// # Errors
/// A failure of storage.
pub fn list(sql: &dyn Sql, brand: &str, on: Date) -> Result<Vec<Site>, StoreError> {
    let mut sites: Vec<Site> =
        LIST.query(sql, &[brand.into()])?.iter_mut().map(read).collect::<Result<_, _>>()?;
    for mut row in GROUPS.query(sql, &[brand.into(), on.to_string().into()])? {
        let outlet = OutletId::from_raw(row.integer()?);
        let code = row.text()?;
        if let Ok(index) = sites.binary_search_by_key(&outlet, |site| site.id) {
            sites[index].groups.push(code);
        }
    }
    Ok(sites)
}

fn read(row: &mut Row) -> Result<Site, StoreError> {
    Ok(Site {
        id: OutletId::from_raw(row.integer()?),
        code: row.text()?,
        name: row.text()?,
        country: row.text()?,
        city: row.text()?,
        franchisee: row.text()?,
        currency: row.parsed(Currency::parse)?,
        zone: row.parsed(Zone::parse)?,
        groups: Vec::new(),
    })
}

/// Makes `outlets` the members of a group from a day on; none of them: there is no such group any more.
///
/// # Errors
/// A failure of storage.
pub fn replace_group(
    tx: &dyn Sql,
    brand: &str,
    code: &str,
    outlets: &[OutletId],
    since: Date,
) -> Result<(), StoreError> {
    let day = since.to_string();
    let key = [brand.into(), code.into(), day.as_str().into()];
    DROP_GROUP.run(tx, &key)?;
    END_GROUP.run(tx, &key)?;
    let row = |outlet: &OutletId| [brand.into(), code.into(), outlet.raw().into(), day.as_str().into()];
    let rows: Vec<Value> = outlets.iter().flat_map(row).collect();
    INSERT_GROUP.run(tx, &rows)
}

/// The planned revenue of an outlet's month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    pub outlet: OutletId,
    /// Its first day.
    pub month: Date,
    pub currency: Currency,
    pub revenue_minor: i64,
}

/// Plans of the months whose first day is from `from` up to and without `until`, as they stand.
///
/// # Errors
/// A failure of storage.
pub fn list_plans(sql: &dyn Sql, brand: &str, from: Date, until: Date) -> Result<Vec<Plan>, StoreError> {
    let parameters = [brand.into(), from.to_string().into(), until.to_string().into()];
    PLANS
        .query(sql, &parameters)?
        .iter_mut()
        .map(|row| {
            Ok(Plan {
                outlet: OutletId::from_raw(row.integer()?),
                month: row.parsed(Date::parse)?,
                currency: row.parsed(Currency::parse)?,
                revenue_minor: row.integer()?,
            })
        })
        .collect()
}

/// Records a plan; it holds instead of an earlier one of the month.
///
/// # Errors
/// A failure of storage.
pub fn insert_plan(
    tx: &dyn Sql,
    id: i64,
    plan: &Plan,
    by: StaffId,
    now: Timestamp,
) -> Result<(), StoreError> {
    INSERT_PLAN.run(
        tx,
        &[
            id.into(),
            plan.outlet.raw().into(),
            plan.month.to_string().into(),
            plan.currency.code().into(),
            plan.revenue_minor.into(),
            by.raw().into(),
            now.millis().into(),
        ],
    )
}

/// Somebody by the code that tills send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colleague {
    pub id: StaffId,
    pub code: String,
    pub name_sealed: Vec<u8>,
    /// Where they usually work.
    pub outlet: Option<OutletId>,
    pub is_active: bool,
}

/// The person with a code.
///
/// # Errors
/// A failure of storage.
pub fn load_colleague(sql: &dyn Sql, code: &str) -> Result<Option<Colleague>, StoreError> {
    let Some(mut row) = STAFF.query_one(sql, &[code.into()])? else { return Ok(None) };
    Ok(Some(Colleague {
        id: StaffId::from_raw(row.integer()?),
        code: row.text()?,
        name_sealed: row.blob()?,
        outlet: row.integer_or_null()?.map(OutletId::from_raw),
        is_active: row.text()? == "active",
    }))
}

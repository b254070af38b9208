//! Members and what counts for them under rules that are not in force.

use kernel::{Currency, MemberId, Points, Timestamp};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::{Row, Statement};
use crate::tiers::passes::Worth;
use crate::tiers::{Judged, read_judged};

const LIST: Statement = Statement::new(
    "tiers.preview",
    "select x.id, x.tier, x.currency, x.spend, x.earned, \
     exists (select 1 from returns t where t.member_id = x.id), \
     exists (select 1 from tier_grants g where g.member_id = x.id) \
     or exists (select 1 from member_homes h where h.member_id = x.id), s.tier, s.valid_until, s.falls_on, s.floor from ( \
     select m.id, m.tier, min(o.currency) as currency, \
     coalesce(sum(case when r.currency = o.currency then r.total_minor - r.points_paid_minor else 0 end), 0) as spend, \
     coalesce(sum(r.points_earned), 0) as earned, count(r.sold_at) as receipts \
     from members m left join outlets o on o.id = m.home_outlet_id \
     left join receipts r on r.member_id = m.id and r.business_date >= ?6 and r.business_date < ?7 \
     and r.sold_at >= ?8 and r.sold_at < ?9 \
     where m.id > ?1 and m.id <= ?2 and coalesce(m.brand, '') = ?3 and coalesce(o.zone, ?4) = ?5 and m.status <> 'erased' \
     group by m.id) x left join tier_standings s on s.member_id = x.id \
     where x.tier <> ?10 or s.member_id is not null or x.earned >= ?11 or x.receipts >= ?12 \
     or x.spend >= case x.currency when ?13 then ?14 when ?15 then ?16 when ?17 then ?18 when ?19 then ?20 else ?21 end",
);

/// Which members, and which of their receipts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub zone: String,
    /// Where members without a home are.
    pub homeless: String,
    pub at: (Timestamp, Timestamp),
    pub days: (String, String),
    /// The tier where nothing happens to those who have counted nothing worth a look.
    pub entry: String,
    pub worth: Worth,
}

/// A member, with sums of whole receipts, whatever was returned of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    pub member: MemberId,
    /// The tier that the member has.
    pub tier: String,
    /// Of the home outlet; `None` before the first receipt.
    pub currency: Option<Currency>,
    pub spend_minor: i64,
    pub points: Points,
    pub has_returns: bool,
    /// There were grants, or other homes.
    pub has_story: bool,
    pub judged: Option<Judged>,
}

/// Members of a brand after `range.0` and up to `range.1` to whom something may happen.
///
/// # Errors
/// A failure of storage.
pub fn list(
    sql: &dyn Sql,
    brand: &str,
    range: (i64, i64),
    asked: &Asked,
) -> Result<Vec<Counted>, StoreError> {
    let mut parameters = vec![
        range.0.into(),
        range.1.into(),
        brand.into(),
        asked.homeless.as_str().into(),
        asked.zone.as_str().into(),
        asked.days.0.as_str().into(),
        asked.days.1.as_str().into(),
        asked.at.0.millis().into(),
        asked.at.1.millis().into(),
        asked.entry.as_str().into(),
    ];
    parameters.extend(asked.worth.parameters());
    LIST.query(sql, &parameters)?.iter_mut().map(read).collect()
}

fn read(row: &mut Row) -> Result<Counted, StoreError> {
    let (member, tier) = (MemberId::from_raw(row.integer()?), row.text()?);
    let currency = match row.text_or_null()? {
        None => None,
        Some(code) => Some(Currency::parse(&code).map_err(|_| row.inconsistent("an unknown currency"))?),
    };
    let (spend_minor, points) = (row.integer()?, Points::from_hundredths(row.integer()?));
    let (has_returns, has_story) = (row.boolean()?, row.boolean()?);
    let judged = if row.is_null() { None } else { Some(read_judged(row)?) };
    Ok(Counted { member, tier, currency, spend_minor, points, has_returns, has_story, judged })
}

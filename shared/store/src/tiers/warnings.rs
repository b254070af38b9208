//! Whose tier ends soon.

use kernel::{Date, MemberId};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::{Row, Statement};

const ENDING: Statement = Statement::new(
    "tiers.ending",
    "select s.member_id from tier_standings s join members m on m.id = s.member_id \
     left join outlets o on o.id = m.home_outlet_id where s.brand = ?1 and s.valid_until = ?2 \
     and s.member_id > ?4 and coalesce(o.zone, ?5) = ?3 and m.status = 'active' order by s.member_id limit ?6",
);

/// Active members of a brand and a zone whose tier is good until `until`, after `after`. Members without a home are in
/// the zone `homeless`.
///
/// # Errors
/// A failure of storage.
pub fn list_ending(
    sql: &dyn Sql,
    (brand, zone, homeless): (&str, &str, &str),
    until: Date,
    after: MemberId,
    limit: i64,
) -> Result<Vec<MemberId>, StoreError> {
    let parameters = [
        brand.into(),
        until.to_string().into(),
        zone.into(),
        after.raw().into(),
        homeless.into(),
        limit.into(),
    ];
    let mut rows = ENDING.query(sql, &parameters)?;
    rows.iter_mut().map(Row::integer).map(|id| id.map(MemberId::from_raw)).collect()
}

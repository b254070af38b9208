//! One member as far as tiers go.

use kernel::{Currency, Date, MemberId};

use crate::error::StoreError;
use crate::guests::MemberStatus;
use crate::port::Sql;
use crate::statement::Statement;
use crate::tiers::homes::{self, Left};
use crate::tiers::{Judged, read_judged};

const PERSON: Statement = Statement::new(
    "tiers.person",
    "select m.brand, m.status, m.tier, o.zone, o.currency, s.judged_on, s.base_tier, s.tier, s.valid_until, \
     s.falls_on, s.floor, exists (select 1 from member_homes h where h.member_id = m.id) from members m left join outlets o on o.id = m.home_outlet_id \
     left join tier_standings s on s.member_id = m.id where m.id = ?1",
);

/// A member as far as tiers go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub member: MemberId,
    pub brand: String,
    pub status: MemberStatus,
    /// The tier that the member has.
    pub tier: String,
    /// Zone and currency of the home outlet; `None` before the first receipt.
    pub home: Option<(String, Currency)>,
    /// The homes that they have left, the first of them first.
    pub left: Vec<Left>,
    /// The boundary judged last, the tier before the first judgement, and what the member was judged to be.
    pub standing: Option<(Date, String, Judged)>,
}

/// Moves of a member's home that are looked at: a person makes them, or several purchases each.
const MOVES_MAX: i64 = 1_000;

/// The member with this id.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, member: MemberId) -> Result<Option<Person>, StoreError> {
    let Some(mut row) = PERSON.query_one(sql, &[member.raw().into()])? else { return Ok(None) };
    let (brand, status, tier) = (row.text()?, row.parsed(MemberStatus::parse)?, row.text()?);
    let home = match (row.text_or_null()?, row.text_or_null()?) {
        (Some(zone), Some(code)) => {
            let currency = Currency::parse(&code).map_err(|_| row.inconsistent("an unknown currency"))?;
            Some((zone, currency))
        }
        _ => None,
    };
    let standing = match row.text_or_null()? {
        None => {
            for _ in ["base_tier", "tier", "valid_until", "falls_on", "floor"] {
                row.skip()?;
            }
            None
        }
        Some(day) => {
            let judged_on = Date::parse(&day).map_err(|_| row.inconsistent("not a date"))?;
            Some((judged_on, row.text()?, read_judged(&mut row)?))
        }
    };
    let left = if row.boolean()? { homes::list(sql, member, MOVES_MAX)? } else { Vec::new() };
    Ok(Some(Person { member, brand, status, tier, home, left, standing }))
}

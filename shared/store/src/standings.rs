//! What a guest asks about most, in one reading: who they are, what they have, what runs out, where they are at home.

use kernel::{Currency, MemberId, Points, Timestamp, Zone};

use crate::error::StoreError;
use crate::guests::MemberStatus;
use crate::ledger::points;
use crate::port::Sql;
use crate::statement::Statement;

const STANDING: Statement = Statement::new(
    "standings.of_member",
    "select m.brand, m.status, m.tier, b.pending, b.available, b.held, o.zone, o.currency, \
     coalesce((select sum(l.available) from lots l where l.member_id = m.id and l.expires_at <= ?2 \
     and l.available > 0 and l.pending + l.available + l.held > 0), 0), \
     (select min(l.expires_at) from lots l where l.member_id = m.id and l.expires_at <= ?2 \
     and l.available > 0 and l.pending + l.available + l.held > 0) \
     from members m join balances b on b.member_id = m.id left join outlets o on o.id = m.home_outlet_id \
     where m.id = ?1",
);

/// How a member stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub brand: String,
    pub status: MemberStatus,
    pub tier: String,
    pub pending: Points,
    pub available: Points,
    pub held: Points,
    /// Zone and currency of the home outlet; `None` before the first receipt.
    pub home: Option<(Zone, Currency)>,
    /// Available points that expire by the asked time, and when the first of them do.
    pub expiring: (Points, Option<Timestamp>),
}

/// How a member stands; `until` is how far ahead to look for expiring points.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, member: MemberId, until: Timestamp) -> Result<Option<Standing>, StoreError> {
    let Some(mut row) = STANDING.query_one(sql, &[member.raw().into(), until.millis().into()])? else {
        return Ok(None);
    };
    let (brand, status, tier) = (row.text()?, row.parsed(MemberStatus::parse)?, row.text()?);
    let (pending, available, held) = (points(&mut row)?, points(&mut row)?, points(&mut row)?);
    let home = match (row.text_or_null()?, row.text_or_null()?) {
        (Some(zone), Some(currency)) => {
            let zone = Zone::parse(&zone).map_err(|_| row.inconsistent("an unknown zone"))?;
            let currency = Currency::parse(&currency).map_err(|_| row.inconsistent("an unknown currency"))?;
            Some((zone, currency))
        }
        _ => None,
    };
    let expiring = (points(&mut row)?, row.integer_or_null()?.map(Timestamp::from_millis));
    Ok(Some(Standing { brand, status, tier, pending, available, held, home, expiring }))
}

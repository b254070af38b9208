//! What a guest asks about most, in one reading: who they are, what they have, what runs out, where they are at home.

use kernel::{Currency, MemberId, Points, ProgrammeVersionId, Timestamp, Zone};

use crate::error::StoreError;
use crate::guests::MemberStatus;
use crate::ledger::{Account, account_columns, points, read_account};
use crate::port::Sql;
use crate::statement::Statement;

const STANDING: Statement = Statement::new(
    "standings.of_member",
    concat!(
        "select m.brand, m.status, m.tier, ",
        account_columns!(),
        ", (select v.id from programme_versions v where v.brand = m.brand and v.effective_from <= ?3 \
         order by v.effective_from desc, v.version desc limit 1), o.zone, o.currency, \
         coalesce((select sum(l.available) from lots l where l.member_id = m.id and l.expires_at <= ?2 \
     and l.available > 0 and l.pending + l.available + l.held > 0), 0), \
     (select min(l.expires_at) from lots l where l.member_id = m.id and l.expires_at <= ?2 \
     and l.available > 0 and l.pending + l.available + l.held > 0) \
     from members m join balances b on b.member_id = m.id left join outlets o on o.id = m.home_outlet_id \
     where m.id = ?1"
    ),
);

/// How a member stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub brand: String,
    pub status: MemberStatus,
    pub tier: String,
    /// As time had left it when it was written last; so is `expiring`.
    pub account: Account,
    /// The version in force of the brand's programme.
    pub programme: Option<ProgrammeVersionId>,
    /// Zone and currency of the home outlet; `None` before the first receipt.
    pub home: Option<(Zone, Currency)>,
    /// Available points that expire by the asked time, and when the first of them do.
    pub expiring: (Points, Option<Timestamp>),
}

/// How a member stands at `now`; `until` is how far ahead to look for expiring points.
///
/// # Errors
/// A failure of storage.
pub fn load(
    sql: &dyn Sql,
    member: MemberId,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<Standing>, StoreError> {
    let parameters = [member.raw().into(), until.millis().into(), now.millis().into()];
    let Some(mut row) = STANDING.query_one(sql, &parameters)? else { return Ok(None) };
    let (brand, status, tier) = (row.text()?, row.parsed(MemberStatus::parse)?, row.text()?);
    let account = read_account(&mut row)?;
    let programme = row.integer_or_null()?.map(ProgrammeVersionId::from_raw);
    let home = match (row.text_or_null()?, row.text_or_null()?) {
        (Some(zone), Some(currency)) => {
            let zone = Zone::parse(&zone).map_err(|_| row.inconsistent("an unknown zone"))?;
            let currency = Currency::parse(&currency).map_err(|_| row.inconsistent("an unknown currency"))?;
            Some((zone, currency))
        }
        _ => None,
    };
    let expiring = (points(&mut row)?, row.integer_or_null()?.map(Timestamp::from_millis));
    Ok(Some(Standing { brand, status, tier, account, programme, home, expiring }))
}

//! Which product of a chain is which item of the brand: what people have decided.

use kernel::{IikoAccountId, StaffId, Timestamp};
use menu::mapping::Mapping;

use super::{read, write};
use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::Statement;

const PUT: Statement = Statement::new(
    "matches.put",
    "insert into item_matches (account_id, item_code, product_id, status, mapping, score, decided_by, decided_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) on conflict (account_id, item_code, product_id) do update set \
     status = excluded.status, mapping = excluded.mapping, score = excluded.score, \
     decided_by = excluded.decided_by, decided_at = excluded.decided_at",
);
const DROP_CONFIRMED: Statement = Statement::new(
    "matches.drop_confirmed",
    "delete from item_matches where account_id = ?1 and (item_code = ?2 or product_id = ?3) and status = 'confirmed'",
);
const DROP: Statement = Statement::new(
    "matches.drop",
    "delete from item_matches where account_id = ?1 and item_code = ?2 and status = 'confirmed' returning item_code",
);
const LIST: Statement = Statement::new(
    "matches.list",
    "select item_code, product_id, status, mapping, score, decided_by, decided_at from item_matches \
     where account_id = ?1 order by item_code, product_id",
);

/// A decision about an item and a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    pub item: String,
    pub mapping: Mapping,
    /// False: rejected, not to be proposed again.
    pub is_confirmed: bool,
    /// What the pair scored when it was decided.
    pub score: u32,
    pub decided_by: Option<StaffId>,
    pub decided_at: Timestamp,
}

/// Writes a decision. A confirmation replaces an earlier one of the same item or product.
///
/// # Errors
/// A failure of storage.
pub fn put(sql: &dyn Sql, account: IikoAccountId, decision: &Match) -> Result<(), StoreError> {
    let (item, product) = (decision.item.as_str(), decision.mapping.product_id.as_str());
    if decision.is_confirmed {
        DROP_CONFIRMED.run(sql, &[account.raw().into(), item.into(), product.into()])?;
    }
    PUT.run(
        sql,
        &[
            account.raw().into(),
            item.into(),
            product.into(),
            if decision.is_confirmed { "confirmed" } else { "rejected" }.into(),
            write("match", &decision.mapping)?.into(),
            i64::from(decision.score).into(),
            decision.decided_by.map(StaffId::raw).into(),
            decision.decided_at.millis().into(),
        ],
    )
}

/// Takes a confirmation back; false when there was none.
///
/// # Errors
/// A failure of storage.
pub fn drop_confirmed(sql: &dyn Sql, account: IikoAccountId, item: &str) -> Result<bool, StoreError> {
    Ok(DROP.query_one(sql, &[account.raw().into(), item.into()])?.is_some())
}

/// Every decision about a chain.
///
/// # Errors
/// A failure of storage.
pub fn list(sql: &dyn Sql, account: IikoAccountId) -> Result<Vec<Match>, StoreError> {
    let mut rows = LIST.query(sql, &[account.raw().into()])?;
    rows.iter_mut()
        .map(|row| {
            let item = row.text()?;
            row.skip()?;
            let is_confirmed = row.text()? == "confirmed";
            Ok(Match {
                item,
                mapping: read("match", &row.text()?)?,
                is_confirmed,
                score: u32::try_from(row.integer()?).unwrap_or(0),
                decided_by: row.integer_or_null()?.map(StaffId::from_raw),
                decided_at: Timestamp::from_millis(row.integer()?),
            })
        })
        .collect()
}

//! What time does to points: which holds, activations and expiries are due.

use kernel::{HoldId, MemberId, Timestamp};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::Statement;

/// Three minima, each from the first row of a partial index.
const NEXT_DUE: Statement = Statement::new(
    "lifecycle.next_due",
    "select (select min(expires_at) from holds where status = 'authorised'), \
     (select min(activates_at) from lots where pending > 0), \
     (select min(expires_at) from lots where expires_at is not null and pending + available > 0)",
);
const DUE_HOLDS: Statement = Statement::new(
    "lifecycle.due_holds",
    "select h.expires_at, h.id, h.member_id, m.brand from holds h join members m on m.id = h.member_id \
     where h.status = 'authorised' and h.expires_at <= ?1 and (h.expires_at, h.id) > (?2, ?3) \
     order by h.expires_at, h.id limit ?4",
);
const DUE_ACTIVATIONS: Statement = Statement::new(
    "lifecycle.due_activations",
    "select l.activates_at, l.id, l.member_id, m.brand from lots l join members m on m.id = l.member_id \
     where l.pending > 0 and l.activates_at <= ?1 and (l.activates_at, l.id) > (?2, ?3) \
     order by l.activates_at, l.id limit ?4",
);
const DUE_EXPIRIES: Statement = Statement::new(
    "lifecycle.due_expiries",
    "select l.expires_at, l.id, l.member_id, m.brand from lots l join members m on m.id = l.member_id \
     where l.expires_at is not null and l.pending + l.available > 0 and l.expires_at <= ?1 \
     and (l.expires_at, l.id) > (?2, ?3) order by l.expires_at, l.id limit ?4",
);
/// A kind of thing that falls due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Holds past their time.
    Hold,
    /// Pending lots whose moment has come.
    Activation,
    /// Lots with unheld points past their expiry.
    Expiry,
}

/// One thing that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub at: Timestamp,
    /// Raw id of the hold or lot.
    pub id: i64,
    pub member: MemberId,
    pub brand: String,
}

impl Due {
    /// The hold, of a [`Kind::Hold`].
    #[must_use]
    pub const fn hold(&self) -> HoldId {
        HoldId::from_raw(self.id)
    }
}

/// The earliest moment at which a hold, an activation or an expiry is due; `None` when nothing waits.
///
/// # Errors
/// A failure of storage.
pub fn load_next_due(sql: &dyn Sql) -> Result<Option<Timestamp>, StoreError> {
    let Some(mut row) = NEXT_DUE.query_one(sql, &[])? else { return Ok(None) };
    let moments = [row.integer_or_null()?, row.integer_or_null()?, row.integer_or_null()?];
    Ok(moments.into_iter().flatten().min().map(Timestamp::from_millis))
}

/// What is due by `now`, in order of time and id, after the place `after`.
///
/// # Errors
/// A failure of storage.
pub fn list_due(
    sql: &dyn Sql,
    kind: Kind,
    now: Timestamp,
    after: (Timestamp, i64),
    limit: i64,
) -> Result<Vec<Due>, StoreError> {
    let statement = match kind {
        Kind::Hold => &DUE_HOLDS,
        Kind::Activation => &DUE_ACTIVATIONS,
        Kind::Expiry => &DUE_EXPIRIES,
    };
    let parameters = [now.millis().into(), after.0.millis().into(), after.1.into(), limit.into()];
    let mut rows = statement.query(sql, &parameters)?;
    rows.iter_mut()
        .map(|row| {
            Ok(Due {
                at: Timestamp::from_millis(row.integer()?),
                id: row.integer()?,
                member: MemberId::from_raw(row.integer()?),
                brand: row.text()?,
            })
        })
        .collect()
}

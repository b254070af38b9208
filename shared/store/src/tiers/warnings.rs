//! Whose tier ends soon, and the intents to tell them.

use kernel::{Date, MemberId, Timestamp};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::{Row, Statement};

const ENDING: Statement = Statement::new(
    "tiers.ending",
    "select s.member_id from tier_standings s join members m on m.id = s.member_id \
     left join outlets o on o.id = m.home_outlet_id where s.brand = ?1 and s.valid_until = ?2 \
     and s.member_id > ?4 and coalesce(o.zone, ?5) = ?3 and m.status = 'active' order by s.member_id limit ?6",
);
const INSERT: Statement = Statement::new(
    "notifications.insert",
    "insert into notifications (id, member_id, topic, dedupe, data, created_at, expires_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7) on conflict (dedupe) do nothing",
);

/// Something to tell a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent<'a> {
    pub id: i64,
    pub member: MemberId,
    pub topic: &'static str,
    /// Names the cause: a second intent with it is none.
    pub dedupe: &'a str,
    /// JSON; nothing personal.
    pub data: &'a str,
    pub created_at: Timestamp,
    /// From then on it is of no use to its reader.
    pub expires_at: Timestamp,
}

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

/// Records an intent, once per cause.
///
/// # Errors
/// A failure of storage.
pub fn insert_intent(sql: &dyn Sql, intent: &Intent<'_>) -> Result<(), StoreError> {
    INSERT.run(
        sql,
        &[
            intent.id.into(),
            intent.member.raw().into(),
            intent.topic.into(),
            intent.dedupe.into(),
            intent.data.into(),
            intent.created_at.millis().into(),
            intent.expires_at.millis().into(),
        ],
    )
}

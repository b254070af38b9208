//! What members agreed to: append-only, the last row of a kind holds.

use kernel::{ConsentId, MemberId, Timestamp};
use membership::profile::{Consent, ConsentKind, ConsentWord};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::Statement;

const INSERT: Statement = Statement::new(
    "consents.insert",
    "insert into consents (id, member_id, kind, granted, text_version, source, at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
);
const OF_MEMBER: Statement = Statement::new(
    "consents.of_member",
    "select kind, granted, text_version, source, at from consents where member_id = ?1 order by id",
);

/// Records one yes or no.
///
/// # Errors
/// A failure of storage.
pub fn insert(sql: &dyn Sql, id: ConsentId, member: MemberId, consent: &Consent) -> Result<(), StoreError> {
    INSERT.run(
        sql,
        &[
            id.raw().into(),
            member.raw().into(),
            consent.kind.code().into(),
            consent.granted.into(),
            consent.text_version.as_str().into(),
            consent.source.as_str().into(),
            consent.at.millis().into(),
        ],
    )
}

/// Everything a member ever said, oldest first.
///
/// # Errors
/// A failure of storage.
pub fn list(sql: &dyn Sql, member: MemberId) -> Result<Vec<Consent>, StoreError> {
    OF_MEMBER
        .query(sql, &[member.raw().into()])?
        .iter_mut()
        .map(|row| {
            Ok(Consent {
                kind: row.parsed(ConsentKind::parse)?,
                granted: row.boolean()?,
                text_version: row.parsed(ConsentWord::parse)?,
                source: row.parsed(ConsentWord::parse)?,
                at: Timestamp::from_millis(row.integer()?),
            })
        })
        .collect()
}

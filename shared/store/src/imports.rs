//! Importing: look-ups and writes for many rows at once.
//!
//! A chunk of a file costs a handful of statements however many rows it has, because a call into the host costs
//! more than a row does.

use kernel::{ImportId, MemberId, OutletId, Points, StaffId, Timestamp};
use ledger::model::Entry;

use crate::cards::{CardKind, CardStatus};
use crate::error::StoreError;
use crate::guests::MemberStatus;
use crate::port::{Sql, Value};
use crate::statement::{ManyRows, Statement};

mod lookup;

pub use lookup::{
    KnownCard, KnownMember, Opening, load_available, load_cards, load_groups, load_members_by_code,
    load_members_by_id, load_members_by_phone, load_openings,
};

const INSERT_MEMBERS: ManyRows = ManyRows::insert(
    "imports.insert_members",
    "insert into members (id, brand, phone_index, phone_sealed, name_sealed, birthday_sealed, email_sealed, language, \
     status, tier, home_outlet_id, external_code, joined_at, changed_at) values ",
    14,
);
const INSERT_BALANCES: ManyRows = ManyRows::insert(
    "imports.insert_balances",
    "insert into balances (member_id, pending, available, held) values ",
    4,
);
const INSERT_CARDS: ManyRows = ManyRows::insert(
    "imports.insert_cards",
    "insert into cards (brand, number, kind, status, member_id, issued_at, changed_at) values ",
    7,
);
const INSERT_ENTRIES: ManyRows = ManyRows::insert(
    "imports.insert_entries",
    "insert into entries (id, kind, event, member_id, effective_at, recorded_at) values ",
    6,
);
const INSERT_POSTINGS: ManyRows = ManyRows::insert(
    "imports.insert_postings",
    "insert into postings (entry_id, account, unit, amount) values ",
    4,
);
const INSERT_LOTS: ManyRows = ManyRows::insert(
    "imports.insert_lots",
    "insert into lots (id, member_id, entry_id, source, granted, pending, available, held, expires_at) values ",
    9,
);
const INSERT_MOVES: ManyRows = ManyRows::insert(
    "imports.insert_moves",
    "insert into lot_moves (lot_id, entry_id, bucket, amount) values ",
    4,
);
const ADD_AVAILABLE: Statement = Statement::new(
    "imports.add_available",
    "update balances set available = available + ?2, \
     due_at = case when due_at < ?3 or ?3 is null then due_at else ?3 end where member_id = ?1",
);
const SET_CODE: Statement = Statement::new(
    "imports.set_code",
    "update members set external_code = ?2, changed_at = ?3 where id = ?1 and external_code is null",
);
const GIVE_CARD: Statement = Statement::new(
    "imports.give_card",
    "update cards set status = ?3, member_id = ?4, issued_at = ?5, changed_at = ?5 \
     where brand = ?1 and number = ?2 and status = 'free'",
);
const OUTLETS: Statement =
    Statement::new("imports.outlets", "select code, id, brand from outlets order by code");
const UPSERT_PRODUCT: Statement = Statement::new(
    "imports.upsert_product",
    "insert into products (brand, code, name, category, fractional, changed_at) values (?1, ?2, ?3, ?4, ?5, ?6) \
     on conflict (brand, code) do update set name = excluded.name, category = excluded.category, \
     fractional = excluded.fractional, changed_at = excluded.changed_at",
);
const INSERT_RUN: Statement = Statement::new(
    "imports.insert_run",
    "insert into imports (id, kind, request_hash, rows_total, rows_applied, rows_unchanged, rows_refused, created_by, \
     created_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
);

/// A member on the way in. Personal data is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMember {
    pub id: MemberId,
    pub phone_index: Option<Vec<u8>>,
    pub phone_sealed: Option<Vec<u8>>,
    pub name_sealed: Option<Vec<u8>>,
    pub birthday_sealed: Option<Vec<u8>>,
    pub email_sealed: Option<Vec<u8>>,
    pub language: &'static str,
    pub tier: String,
    pub home_outlet: Option<OutletId>,
    pub external_code: String,
    pub joined_at: Timestamp,
}

/// Records members, each with a balance of nothing.
///
/// # Errors
/// A failure of storage.
pub fn insert_members(
    sql: &dyn Sql,
    brand: &str,
    members: &[NewMember],
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut values = Vec::with_capacity(members.len() * INSERT_MEMBERS.width);
    let mut balances = Vec::with_capacity(members.len() * INSERT_BALANCES.width);
    for member in members {
        values.extend([
            member.id.raw().into(),
            brand.into(),
            member.phone_index.as_deref().into(),
            member.phone_sealed.as_deref().into(),
            member.name_sealed.as_deref().into(),
            member.birthday_sealed.as_deref().into(),
            member.email_sealed.as_deref().into(),
            member.language.into(),
            MemberStatus::Active.code().into(),
            member.tier.as_str().into(),
            member.home_outlet.map(OutletId::raw).into(),
            member.external_code.as_str().into(),
            member.joined_at.millis().into(),
            now.millis().into(),
        ]);
        balances.extend([Value::from(member.id.raw()), 0_i64.into(), 0_i64.into(), 0_i64.into()]);
    }
    INSERT_MEMBERS.run(sql, &values)?;
    INSERT_BALANCES.run(sql, &balances)
}

/// Gives a member who signed up by themselves their code in the predecessor system.
///
/// # Errors
/// A failure of storage.
pub fn set_code(sql: &dyn Sql, member: MemberId, code: &str, now: Timestamp) -> Result<(), StoreError> {
    SET_CODE.run(sql, &[member.raw().into(), code.into(), now.millis().into()])
}

/// A card on the way in; free without a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCard {
    pub number: String,
    pub kind: CardKind,
    pub status: CardStatus,
    pub member: Option<MemberId>,
}

/// Records cards.
///
/// # Errors
/// A failure of storage.
pub fn insert_cards(sql: &dyn Sql, brand: &str, cards: &[NewCard], now: Timestamp) -> Result<(), StoreError> {
    let mut values = Vec::with_capacity(cards.len() * INSERT_CARDS.width);
    for card in cards {
        values.extend([
            brand.into(),
            card.number.as_str().into(),
            card.kind.code().into(),
            card.status.code().into(),
            card.member.map(MemberId::raw).into(),
            card.member.map(|_| now.millis()).into(),
            now.millis().into(),
        ]);
    }
    INSERT_CARDS.run(sql, &values)
}

/// Gives a free card to a member.
///
/// # Errors
/// A failure of storage.
pub fn give_card(sql: &dyn Sql, brand: &str, card: &NewCard, now: Timestamp) -> Result<(), StoreError> {
    GIVE_CARD.run(
        sql,
        &[
            brand.into(),
            card.number.as_str().into(),
            card.status.code().into(),
            card.member.map(MemberId::raw).into(),
            now.millis().into(),
        ],
    )
}

/// Records entries that grant points at once: each with its own lot, none with a receipt or an outlet.
///
/// # Errors
/// A failure of storage; a unique violation when an event has an entry of the kind already (L4).
pub fn insert_openings(sql: &dyn Sql, unit: &str, entries: &[Entry]) -> Result<(), StoreError> {
    let (mut heads, mut postings, mut lots, mut moves) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for entry in entries {
        let (id, member) = (entry.id.raw(), entry.member.raw());
        heads.extend([
            id.into(),
            entry.kind.code().into(),
            entry.occasion.event.as_str().into(),
            member.into(),
            entry.occasion.effective_at.millis().into(),
            entry.occasion.recorded_at.millis().into(),
        ]);
        for posting in &entry.postings {
            let amount = posting.amount.hundredths();
            postings.extend([id.into(), posting.account.code().into(), unit.into(), amount.into()]);
        }
        for lot in &entry.lots {
            lots.extend([
                lot.id.raw().into(),
                member.into(),
                id.into(),
                lot.source.code().into(),
                lot.granted.hundredths().into(),
                lot.pending.hundredths().into(),
                lot.available.hundredths().into(),
                lot.held.hundredths().into(),
                lot.expires_at.map(Timestamp::millis).into(),
            ]);
        }
        for step in &entry.moves {
            let amount = step.amount.hundredths();
            moves.extend([step.lot.raw().into(), id.into(), step.bucket.code().into(), amount.into()]);
        }
    }
    INSERT_ENTRIES.run(sql, &heads)?;
    INSERT_POSTINGS.run(sql, &postings)?;
    INSERT_LOTS.run(sql, &lots)?;
    INSERT_MOVES.run(sql, &moves)
}

/// Adds to an available balance what an opening entry posted; `expires_at` is the end of its lot.
///
/// # Errors
/// A failure of storage.
pub fn add_available(
    sql: &dyn Sql,
    member: MemberId,
    points: Points,
    expires_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    let expires_at = expires_at.map(Timestamp::millis).into();
    ADD_AVAILABLE.run(sql, &[member.raw().into(), points.hundredths().into(), expires_at])
}

/// Every outlet: code, id, brand.
///
/// # Errors
/// A failure of storage.
pub fn load_outlets(sql: &dyn Sql) -> Result<Vec<(String, OutletId, String)>, StoreError> {
    let mut rows = OUTLETS.query(sql, &[])?;
    rows.iter_mut().map(|row| Ok((row.text()?, OutletId::from_raw(row.integer()?), row.text()?))).collect()
}

/// Records a product, or gives it another name, category or way of selling.
///
/// # Errors
/// A failure of storage.
pub fn upsert_product(
    sql: &dyn Sql,
    brand: &str,
    code: &str,
    product: &crate::products::Product,
    now: Timestamp,
) -> Result<(), StoreError> {
    UPSERT_PRODUCT.run(
        sql,
        &[
            brand.into(),
            code.into(),
            product.name.as_str().into(),
            product.category.as_str().into(),
            product.fractional.into(),
            now.millis().into(),
        ],
    )
}

/// A finished import, for the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub id: ImportId,
    pub kind: &'static str,
    /// Digest of the file.
    pub request_hash: Vec<u8>,
    pub rows: i64,
    pub applied: i64,
    pub unchanged: i64,
    pub refused: i64,
    pub by: StaffId,
}

/// Keeps the record of an import.
///
/// # Errors
/// A failure of storage.
pub fn insert_run(sql: &dyn Sql, run: &Run, now: Timestamp) -> Result<(), StoreError> {
    INSERT_RUN.run(
        sql,
        &[
            run.id.raw().into(),
            run.kind.into(),
            run.request_hash.as_slice().into(),
            run.rows.into(),
            run.applied.into(),
            run.unchanged.into(),
            run.refused.into(),
            run.by.raw().into(),
            now.millis().into(),
        ],
    )
}

//! Importing: look-ups and writes for many rows at once.
//!
//! A chunk of a file costs a handful of statements however many rows it has, because a call into the host costs
//! more than a row does.

use std::collections::HashMap;

use kernel::{ImportId, MemberId, OutletId, Points, StaffId, Timestamp};
use ledger::model::Entry;

use crate::cards::{CardKind, CardStatus};
use crate::error::StoreError;
use crate::guests::MemberStatus;
use crate::port::{Sql, Value};
use crate::statement::{InsertMany, Row, Statement};

/// Values looked up in one statement; a smaller last part is filled up, so that there is one text to prepare.
const KEYS_PER_LOOKUP: usize = 128;

/// A look-up of many keys within one brand.
#[derive(Debug, Clone, Copy)]
struct Lookup {
    name: &'static str,
    /// Up to the opening bracket of the list; `?1` is the brand.
    head: &'static str,
}

const MEMBERS_BY_CODE: Lookup = Lookup {
    name: "imports.members_by_code",
    head: "select m.external_code, m.id, m.status, m.phone_index, m.external_code from members m \
           where m.brand = ?1 and m.external_code in (",
};
const MEMBERS_BY_PHONE: Lookup = Lookup {
    name: "imports.members_by_phone",
    head: "select m.phone_index, m.id, m.status, m.phone_index, m.external_code from members m \
           where m.brand = ?1 and m.phone_index in (",
};
const CARDS: Lookup = Lookup {
    name: "imports.cards",
    head: "select c.number, c.kind, c.status, c.member_id from cards c where c.brand = ?1 and c.number in (",
};
/// `?1` is the unit.
const OPENINGS: Lookup = Lookup {
    name: "imports.openings",
    head: "select e.event, p.amount, l.id, l.expires_at from entries e join postings p on p.entry_id = e.id \
           and p.account = 'available' and p.unit = ?1 left join lot_moves v on v.entry_id = e.id \
           left join lots l on l.id = v.lot_id where e.kind = 'adjustment' and e.event in (",
};
const BALANCES: Lookup = Lookup {
    name: "imports.balances",
    head: "select b.member_id, b.available from balances b join members m on m.id = b.member_id and m.brand = ?1 \
           where b.member_id in (",
};

const INSERT_MEMBERS: InsertMany = InsertMany::new(
    "imports.insert_members",
    "insert into members (id, brand, phone_index, phone_sealed, name_sealed, birthday_sealed, email_sealed, language, \
     status, tier, home_outlet_id, external_code, joined_at, changed_at) values ",
    14,
);
const INSERT_BALANCES: InsertMany = InsertMany::new(
    "imports.insert_balances",
    "insert into balances (member_id, pending, available, held) values ",
    4,
);
const INSERT_CARDS: InsertMany = InsertMany::new(
    "imports.insert_cards",
    "insert into cards (brand, number, kind, status, member_id, issued_at, changed_at) values ",
    7,
);
const INSERT_ENTRIES: InsertMany = InsertMany::new(
    "imports.insert_entries",
    "insert into entries (id, kind, event, member_id, effective_at, recorded_at) values ",
    6,
);
const INSERT_POSTINGS: InsertMany = InsertMany::new(
    "imports.insert_postings",
    "insert into postings (entry_id, account, unit, amount) values ",
    4,
);
const INSERT_LOTS: InsertMany = InsertMany::new(
    "imports.insert_lots",
    "insert into lots (id, member_id, entry_id, source, granted, pending, available, held, expires_at) values ",
    9,
);
const INSERT_MOVES: InsertMany = InsertMany::new(
    "imports.insert_moves",
    "insert into lot_moves (lot_id, entry_id, bucket, amount) values ",
    4,
);
const ADD_AVAILABLE: Statement = Statement::new(
    "imports.add_available",
    "update balances set available = available + ?2 where member_id = ?1",
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

impl Lookup {
    /// The rows for `keys`, whatever their number.
    fn rows(&self, sql: &dyn Sql, scope: &str, keys: &[Value]) -> Result<Vec<Row>, StoreError> {
        let mut list = String::with_capacity(KEYS_PER_LOOKUP * 6);
        for place in 0..KEYS_PER_LOOKUP {
            let comma = if place == 0 { "?" } else { ", ?" };
            list.push_str(comma);
            list.push_str(&(place + 2).to_string());
        }
        let text = format!("{}{list})", self.head);
        let mut rows = Vec::with_capacity(keys.len());
        for part in keys.chunks(KEYS_PER_LOOKUP) {
            let mut parameters = Vec::with_capacity(KEYS_PER_LOOKUP + 1);
            parameters.push(scope.into());
            parameters.extend_from_slice(part);
            parameters.resize(KEYS_PER_LOOKUP + 1, Value::Null);
            let found = sql
                .execute(&text, &parameters)
                .map_err(|source| StoreError::Sql { statement: self.name, source })?;
            rows.extend(found.into_iter().map(|values| Row::new(self.name, values)));
        }
        Ok(rows)
    }
}

/// What an import knows of a member who is already there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownMember {
    pub id: MemberId,
    pub status: MemberStatus,
    pub phone_index: Option<Vec<u8>>,
    pub external_code: Option<String>,
}

/// Members by their code in the predecessor system.
///
/// # Errors
/// A failure of storage.
pub fn load_members_by_code(
    sql: &dyn Sql,
    brand: &str,
    codes: &[&str],
) -> Result<HashMap<String, KnownMember>, StoreError> {
    let keys: Vec<Value> = codes.iter().map(|code| (*code).into()).collect();
    let mut rows = MEMBERS_BY_CODE.rows(sql, brand, &keys)?;
    rows.iter_mut().map(|row| Ok((row.text()?, read_member(row)?))).collect()
}

/// Members by the blind index of their phone.
///
/// # Errors
/// A failure of storage.
pub fn load_members_by_phone(
    sql: &dyn Sql,
    brand: &str,
    indexes: &[&[u8]],
) -> Result<HashMap<Vec<u8>, KnownMember>, StoreError> {
    let keys: Vec<Value> = indexes.iter().map(|index| (*index).into()).collect();
    let mut rows = MEMBERS_BY_PHONE.rows(sql, brand, &keys)?;
    rows.iter_mut().map(|row| Ok((row.blob()?, read_member(row)?))).collect()
}

fn read_member(row: &mut Row) -> Result<KnownMember, StoreError> {
    Ok(KnownMember {
        id: MemberId::from_raw(row.integer()?),
        status: row.parsed(MemberStatus::parse)?,
        phone_index: row.blob_or_null()?,
        external_code: row.text_or_null()?,
    })
}

/// What an import knows of a card that is already there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownCard {
    pub kind: CardKind,
    pub status: CardStatus,
    pub member: Option<MemberId>,
}

/// Cards by number.
///
/// # Errors
/// A failure of storage.
pub fn load_cards(
    sql: &dyn Sql,
    brand: &str,
    numbers: &[&str],
) -> Result<HashMap<String, KnownCard>, StoreError> {
    let keys: Vec<Value> = numbers.iter().map(|number| (*number).into()).collect();
    let mut rows = CARDS.rows(sql, brand, &keys)?;
    rows.iter_mut()
        .map(|row| {
            let number = row.text()?;
            let (kind, status) = (row.parsed(CardKind::parse)?, row.parsed(CardStatus::parse)?);
            let member = row.integer_or_null()?.map(MemberId::from_raw);
            Ok((number, KnownCard { kind, status, member }))
        })
        .collect()
}

/// An opening balance brought in before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opening {
    pub points: Points,
    /// When they expire; `None` where all of them went into a debt.
    pub expires_at: Option<Option<Timestamp>>,
}

/// Opening balances brought in before, by event.
///
/// # Errors
/// A failure of storage.
pub fn load_openings(
    sql: &dyn Sql,
    unit: &str,
    events: &[String],
) -> Result<HashMap<String, Opening>, StoreError> {
    let keys: Vec<Value> = events.iter().map(|event| event.as_str().into()).collect();
    let mut rows = OPENINGS.rows(sql, unit, &keys)?;
    rows.iter_mut()
        .map(|row| {
            let event = row.text()?;
            let points = Points::from_hundredths(row.integer()?);
            let lot = row.integer_or_null()?;
            let expires_at = row.integer_or_null()?.map(Timestamp::from_millis);
            Ok((event, Opening { points, expires_at: lot.map(|_| expires_at) }))
        })
        .collect()
}

/// Available balances by member.
///
/// # Errors
/// A failure of storage.
pub fn load_available(
    sql: &dyn Sql,
    brand: &str,
    members: &[MemberId],
) -> Result<HashMap<MemberId, Points>, StoreError> {
    let keys: Vec<Value> = members.iter().map(|member| member.raw().into()).collect();
    let mut rows = BALANCES.rows(sql, brand, &keys)?;
    rows.iter_mut()
        .map(|row| Ok((MemberId::from_raw(row.integer()?), Points::from_hundredths(row.integer()?))))
        .collect()
}

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

/// Adds to an available balance what an opening entry posted.
///
/// # Errors
/// A failure of storage.
pub fn add_available(sql: &dyn Sql, member: MemberId, points: Points) -> Result<(), StoreError> {
    ADD_AVAILABLE.run(sql, &[member.raw().into(), points.hundredths().into()])
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

//! Look-ups of many keys at once.

use std::collections::HashMap;

use kernel::{MemberId, Points, Timestamp};

use crate::cards::{CardKind, CardStatus};
use crate::error::StoreError;
use crate::guests::MemberStatus;
use crate::port::{Sql, Value};
use crate::segments::Groups;
use crate::statement::Row;

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
const MEMBERS_BY_ID: Lookup = Lookup {
    name: "imports.members_by_id",
    head: "select m.id, m.status, m.phone_index, m.external_code from members m where m.brand = ?1 and m.id in (",
};
const SEGMENTS: Lookup = Lookup {
    name: "imports.segments",
    head: "select s.member_id, s.segment from member_segments s join members m on m.id = s.member_id \
           and m.brand = ?1 where s.member_id in (",
};
const TAGS: Lookup = Lookup {
    name: "imports.tags",
    head: "select t.member_id, t.tag from member_tags t join members m on m.id = t.member_id and m.brand = ?1 \
           where t.member_id in (",
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

/// Members by id.
///
/// # Errors
/// A failure of storage.
pub fn load_members_by_id(
    sql: &dyn Sql,
    brand: &str,
    ids: &[MemberId],
) -> Result<HashMap<MemberId, KnownMember>, StoreError> {
    let mut rows = MEMBERS_BY_ID.rows(sql, brand, &raw(ids))?;
    let members = rows.iter_mut().map(read_member);
    members.map(|member| member.map(|member| (member.id, member))).collect()
}

/// Segments and tags of members.
///
/// # Errors
/// A failure of storage.
pub fn load_groups(
    sql: &dyn Sql,
    brand: &str,
    ids: &[MemberId],
) -> Result<HashMap<MemberId, Groups>, StoreError> {
    let keys = raw(ids);
    let mut groups: HashMap<MemberId, Groups> = HashMap::new();
    for mut row in SEGMENTS.rows(sql, brand, &keys)? {
        groups.entry(MemberId::from_raw(row.integer()?)).or_default().segments.push(row.text()?);
    }
    for mut row in TAGS.rows(sql, brand, &keys)? {
        groups.entry(MemberId::from_raw(row.integer()?)).or_default().tags.push(row.text()?);
    }
    Ok(groups)
}

fn raw(ids: &[MemberId]) -> Vec<Value> {
    ids.iter().map(|id| id.raw().into()).collect()
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

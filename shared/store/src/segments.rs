//! Segments of guests and tags on them: who is in which, by list or by rule.

use kernel::{Currency, Date, MemberId, StaffId, Timestamp};

use crate::error::StoreError;
use crate::port::{Sql, Value};
use crate::statement::{ManyRows, Row, Statement};

macro_rules! columns {
    () => {
        "brand, code, name, rule, refresh_hours, due_at, cursor_id, refreshed_at, members, created_at, changed_at"
    };
}

const PUT: Statement = Statement::new(
    "segments.put",
    "insert into segments (brand, code, name, rule, refresh_hours, due_at, created_by, created_at, changed_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8) on conflict (brand, code) do update set name = excluded.name, \
     rule = excluded.rule, refresh_hours = excluded.refresh_hours, due_at = excluded.due_at, cursor_id = 0, \
     changed_at = excluded.changed_at",
);
const BY_CODE: Statement = Statement::new(
    "segments.by_code",
    concat!("select ", columns!(), " from segments where brand = ?1 and code = ?2"),
);
const LIST: Statement = Statement::new(
    "segments.list",
    concat!("select ", columns!(), " from segments where brand = ?1 order by code limit ?2"),
);
const NEXT_DUE: Statement = Statement::new(
    "segments.next_due",
    concat!(
        "select ",
        columns!(),
        " from segments where due_at is not null order by due_at, brand, code limit 1"
    ),
);
const ADVANCE: Statement = Statement::new(
    "segments.advance",
    "update segments set cursor_id = ?3, members = members + ?4 where brand = ?1 and code = ?2",
);
const FINISH: Statement = Statement::new(
    "segments.finish",
    "update segments set cursor_id = 0, refreshed_at = ?3, due_at = ?4 where brand = ?1 and code = ?2",
);
const GROW: Statement = Statement::new(
    "segments.grow",
    "update segments set members = members + ?3 where brand = ?1 and code = ?2",
);
const INSERT_MEMBERS: ManyRows = ManyRows {
    name: "member_segments.insert",
    head: "insert into member_segments (member_id, segment, since) values ",
    width: 3,
    tail: " on conflict do nothing",
};
const DELETE_MEMBERS: ManyRows = ManyRows {
    name: "member_segments.delete",
    head: "delete from member_segments where (member_id, segment) in (values ",
    width: 2,
    tail: ")",
};
const INSERT_TAGS: ManyRows = ManyRows {
    name: "member_tags.insert",
    head: "insert into member_tags (member_id, tag, since) values ",
    width: 3,
    tail: " on conflict do nothing",
};
const DELETE_TAGS: ManyRows = ManyRows {
    name: "member_tags.delete",
    head: "delete from member_tags where (member_id, tag) in (values ",
    width: 2,
    tail: ")",
};
/// Both kinds at once: a price asks for them together.
const OF_MEMBER: Statement = Statement::new(
    "member_groups.of_member",
    "select 0, segment from member_segments where member_id = ?1 union all \
     select 1, tag from member_tags where member_id = ?1 order by 1, 2",
);
const OF_BUYERS: Statement = Statement::new(
    "member_groups.of_buyers",
    "select s.member_id, 0, s.segment from member_segments s where s.member_id in \
     (select r.member_id from receipts r where r.id > ?1 and r.id <= ?2) union all \
     select t.member_id, 1, t.tag from member_tags t where t.member_id in \
     (select r.member_id from receipts r where r.id > ?1 and r.id <= ?2)",
);
const FORGET_SEGMENTS: Statement = Statement::new(
    "member_segments.forget",
    "delete from member_segments where member_id = ?1 returning segment",
);
const FORGET_TAGS: Statement =
    Statement::new("member_tags.forget", "delete from member_tags where member_id = ?1");
const SLICE_END: Statement = Statement::new(
    "segments.slice_end",
    "select max(id) from (select id from members where id > ?1 order by id limit ?2) x",
);
const FACTS: Statement = Statement::new(
    "segments.facts",
    "select m.id, m.tier, m.joined_at, o.code, o.city, \
     (select max(r.business_date) from receipts r where r.member_id = m.id), \
     (select count(*) from receipts r where r.member_id = m.id and r.business_date > ?4), \
     coalesce((select sum(r.total_minor) from receipts r where r.member_id = m.id and r.business_date > ?5 \
     and r.currency = ?6), 0) - coalesce((select sum(t.refund_minor + t.points_back_minor) from returns t \
     join receipts r on r.id = t.receipt_id where t.member_id = m.id and t.business_date > ?5 \
     and r.business_date > ?5 and r.currency = ?6), 0), s.segment \
     from members m left join outlets o on o.id = m.home_outlet_id \
     left join member_segments s on s.member_id = m.id and s.segment = ?7 \
     where m.id > ?2 and m.id <= ?3 and m.brand = ?1 and m.status <> 'erased' order by m.id",
);

/// A segment of a brand's guests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    pub brand: String,
    pub code: String,
    pub name: String,
    /// JSON that `pricing` reads; none where members are listed by import.
    pub rule: Option<String>,
    pub refresh_hours: Option<u32>,
    pub due_at: Option<Timestamp>,
    /// Members up to this id have been gone over; zero while no pass is under way.
    pub cursor: i64,
    pub refreshed_at: Option<Timestamp>,
    pub members: i64,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
}

/// Segments and tags of one guest, sorted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Groups {
    pub segments: Vec<String>,
    pub tags: Vec<String>,
}

/// What a rule looks at in a guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    pub member: MemberId,
    pub tier: String,
    pub joined_at: Timestamp,
    pub home_outlet: Option<String>,
    pub home_city: Option<String>,
    pub last_purchase: Option<Date>,
    pub purchases: i64,
    pub spent_minor: i64,
    /// In the segment by now.
    pub is_in: bool,
}

/// What [`list_facts`] counts, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Since {
    /// Purchases after this day.
    pub purchases: Date,
    /// Money spent after this day.
    pub spent: Date,
    pub currency: Option<Currency>,
}

/// Makes a segment, or changes it: a rule is applied anew from `due_at`.
///
/// # Errors
/// A failure of storage.
pub fn put(sql: &dyn Sql, segment: &Segment, by: Option<StaffId>) -> Result<(), StoreError> {
    PUT.run(
        sql,
        &[
            segment.brand.as_str().into(),
            segment.code.as_str().into(),
            segment.name.as_str().into(),
            segment.rule.as_deref().into(),
            segment.refresh_hours.map(i64::from).into(),
            segment.due_at.map(Timestamp::millis).into(),
            by.map(StaffId::raw).into(),
            segment.changed_at.millis().into(),
        ],
    )
}

/// The segment of a brand with this code.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, brand: &str, code: &str) -> Result<Option<Segment>, StoreError> {
    BY_CODE.query_one(sql, &[brand.into(), code.into()])?.map(|mut row| read(&mut row)).transpose()
}

/// Segments of a brand by code, at most `limit`.
///
/// # Errors
/// A failure of storage.
pub fn list(sql: &dyn Sql, brand: &str, limit: i64) -> Result<Vec<Segment>, StoreError> {
    LIST.query(sql, &[brand.into(), limit.into()])?.iter_mut().map(read).collect()
}

/// The segment whose rule is due first, whenever that is.
///
/// # Errors
/// A failure of storage.
pub fn load_next_due(sql: &dyn Sql) -> Result<Option<Segment>, StoreError> {
    NEXT_DUE.query_one(sql, &[])?.map(|mut row| read(&mut row)).transpose()
}

/// Moves a pass on to `cursor`; `grown` is by how many members the segment grew. Call in the transaction that has read
/// the segment.
///
/// # Errors
/// A failure of storage.
pub fn advance(sql: &dyn Sql, segment: &Segment, cursor: i64, grown: i64) -> Result<(), StoreError> {
    let (brand, code) = (segment.brand.as_str().into(), segment.code.as_str().into());
    ADVANCE.run(sql, &[brand, code, cursor.into(), grown.into()])
}

/// Ends a pass.
///
/// # Errors
/// A failure of storage.
pub fn finish(sql: &dyn Sql, segment: &Segment, now: Timestamp, due_at: Timestamp) -> Result<(), StoreError> {
    let (brand, code) = (segment.brand.as_str().into(), segment.code.as_str().into());
    FINISH.run(sql, &[brand, code, now.millis().into(), due_at.millis().into()])
}

/// Counts members that came to a segment, or left it.
///
/// # Errors
/// A failure of storage.
pub fn grow(sql: &dyn Sql, brand: &str, code: &str, by: i64) -> Result<(), StoreError> {
    GROW.run(sql, &[brand.into(), code.into(), by.into()])
}

/// Puts members into segments, in pairs; who is there stays.
///
/// # Errors
/// A failure of storage.
pub fn insert_members(sql: &dyn Sql, pairs: &[(MemberId, &str)], now: Timestamp) -> Result<(), StoreError> {
    INSERT_MEMBERS.run(sql, &triples(pairs, now))
}

/// Takes members out of segments, in pairs.
///
/// # Errors
/// A failure of storage.
pub fn delete_members(sql: &dyn Sql, pairs: &[(MemberId, &str)]) -> Result<(), StoreError> {
    DELETE_MEMBERS.run(sql, &doubles(pairs))
}

/// Puts tags on members, in pairs; what is there stays.
///
/// # Errors
/// A failure of storage.
pub fn insert_tags(sql: &dyn Sql, pairs: &[(MemberId, &str)], now: Timestamp) -> Result<(), StoreError> {
    INSERT_TAGS.run(sql, &triples(pairs, now))
}

/// Takes tags off members, in pairs.
///
/// # Errors
/// A failure of storage.
pub fn delete_tags(sql: &dyn Sql, pairs: &[(MemberId, &str)]) -> Result<(), StoreError> {
    DELETE_TAGS.run(sql, &doubles(pairs))
}

fn triples(pairs: &[(MemberId, &str)], now: Timestamp) -> Vec<Value> {
    pairs
        .iter()
        .flat_map(|(member, text)| [member.raw().into(), (*text).into(), now.millis().into()])
        .collect()
}

fn doubles(pairs: &[(MemberId, &str)]) -> Vec<Value> {
    pairs.iter().flat_map(|(member, text)| [member.raw().into(), (*text).into()]).collect()
}

/// Segments and tags of a guest.
///
/// # Errors
/// A failure of storage.
pub fn load_of_member(sql: &dyn Sql, member: MemberId) -> Result<Groups, StoreError> {
    let mut groups = Groups::default();
    for mut row in OF_MEMBER.query(sql, &[member.raw().into()])? {
        let kind = row.integer()?;
        groups.add(kind, row.text()?);
    }
    Ok(groups)
}

/// Segments and tags of everybody who bought with the receipts after `after` up to `until`.
///
/// # Errors
/// A failure of storage.
pub fn list_of_buyers(
    sql: &dyn Sql,
    after: i64,
    until: i64,
) -> Result<std::collections::BTreeMap<MemberId, Groups>, StoreError> {
    let mut buyers = std::collections::BTreeMap::<MemberId, Groups>::new();
    for mut row in OF_BUYERS.query(sql, &[after.into(), until.into()])? {
        let member = MemberId::from_raw(row.integer()?);
        let kind = row.integer()?;
        buyers.entry(member).or_default().add(kind, row.text()?);
    }
    Ok(buyers)
}

impl Groups {
    fn add(&mut self, kind: i64, text: String) {
        if kind == 0 { self.segments.push(text) } else { self.tags.push(text) }
    }
}

/// Forgets the segments and tags of a member of a brand: they are personal.
///
/// # Errors
/// A failure of storage.
pub fn forget(sql: &dyn Sql, brand: &str, member: MemberId) -> Result<(), StoreError> {
    for mut row in FORGET_SEGMENTS.query(sql, &[member.raw().into()])? {
        grow(sql, brand, &row.text()?, -1)?;
    }
    FORGET_TAGS.run(sql, &[member.raw().into()])
}

/// The last of the next `limit` members after `after`; none at the end.
///
/// # Errors
/// A failure of storage.
pub fn load_slice_end(sql: &dyn Sql, after: i64, limit: i64) -> Result<Option<i64>, StoreError> {
    SLICE_END.query_one(sql, &[after.into(), limit.into()])?.map_or(Ok(None), |mut row| row.integer_or_null())
}

/// What a segment's rule looks at, of the brand's members after `after` up to `until`.
///
/// # Errors
/// A failure of storage.
pub fn list_facts(
    sql: &dyn Sql,
    segment: &Segment,
    (after, until): (i64, i64),
    since: Since,
) -> Result<Vec<Facts>, StoreError> {
    let parameters = [
        segment.brand.as_str().into(),
        after.into(),
        until.into(),
        since.purchases.to_string().into(),
        since.spent.to_string().into(),
        since.currency.map_or("", Currency::code).into(),
        segment.code.as_str().into(),
    ];
    FACTS.query(sql, &parameters)?.iter_mut().map(read_facts).collect()
}

fn read_facts(row: &mut Row) -> Result<Facts, StoreError> {
    Ok(Facts {
        member: MemberId::from_raw(row.integer()?),
        tier: row.text()?,
        joined_at: Timestamp::from_millis(row.integer()?),
        home_outlet: row.text_or_null()?,
        home_city: row.text_or_null()?,
        last_purchase: match row.text_or_null()? {
            None => None,
            Some(text) => Some(Date::parse(&text).map_err(|_| row.inconsistent("not a date"))?),
        },
        purchases: row.integer()?,
        spent_minor: row.integer()?,
        is_in: row.text_or_null()?.is_some(),
    })
}

fn read(row: &mut Row) -> Result<Segment, StoreError> {
    Ok(Segment {
        brand: row.text()?,
        code: row.text()?,
        name: row.text()?,
        rule: row.text_or_null()?,
        refresh_hours: match row.integer_or_null()? {
            None => None,
            Some(hours) => Some(u32::try_from(hours).map_err(|_| row.inconsistent("not a count"))?),
        },
        due_at: row.integer_or_null()?.map(Timestamp::from_millis),
        cursor: row.integer()?,
        refreshed_at: row.integer_or_null()?.map(Timestamp::from_millis),
        members: row.integer()?,
        created_at: Timestamp::from_millis(row.integer()?),
        changed_at: Timestamp::from_millis(row.integer()?),
    })
}

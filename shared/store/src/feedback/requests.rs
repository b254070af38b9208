//! Which receipts are asked about, and how the questions stand.

use kernel::{MemberId, OutletId, ReceiptId, Timestamp};

use crate::error::StoreError;
use crate::guests::MemberStatus;
use crate::port::Sql;
use crate::statement::{ManyRows, Row, Statement};

const CURSOR: Statement = Statement::new("feedback.cursor", "select cursor from feedback_scan where id = 1");
const MOVE_CURSOR: Statement = Statement::new(
    "feedback.move_cursor",
    "insert into feedback_scan (id, cursor) values (1, ?1) on conflict (id) do update set cursor = excluded.cursor",
);
/// Whether the buyer of the receipt `r` of the request `q` is of the staff it speaks about: served themselves, bought with
/// a colleague's discount, or works, or worked, where they bought. Whoever has the whole chain works at no outlet.
macro_rules! of_staff {
    () => {
        "(select count(*) from kpi_excluded x where x.receipt_id = q.receipt_id and x.reason in ('self', 'staff_card')) \
         + (select count(*) from staff_members y join staff s on s.id = y.staff_id where y.member_id = q.member_id \
         and (s.code = r.staff_code or s.outlet_id = q.outlet_id or exists (select 1 from staff_scopes z \
         where z.staff_id = s.id and ((z.scope = 'outlet' and z.target_id = q.outlet_id) \
         or (z.scope = 'franchisee' and z.target_id = o.franchisee_id)))))"
    };
}

/// A walk along the receipts' own key; those without a guest are passed over.
const SCAN: Statement = Statement::new(
    "feedback.scan",
    "select r.id, r.member_id, r.outlet_id, r.sold_at, r.channel, o.brand, o.code, o.zone, h.zone \
     from receipts r join outlets o on o.id = r.outlet_id \
     left join members m on m.id = r.member_id left join outlets h on h.id = m.home_outlet_id \
     where r.id > ?1 order by r.id limit ?2",
);
const INSERT: ManyRows = ManyRows {
    name: "feedback.plan",
    head: "insert into feedback_requests (id, receipt_id, member_id, outlet_id, rules_id, outlet_type, ask_at, until_at, \
           status, skipped) values ",
    width: 10,
    tail: " on conflict (receipt_id) do nothing",
};
const DUE: Statement = Statement::new(
    "feedback.due",
    concat!(
        "select q.id, q.receipt_id, q.member_id, q.rules_id, q.ask_at, q.until_at, o.code, m.status, \
         (select count(*) from returns t where t.receipt_id = q.receipt_id), ",
        of_staff!(),
        ", coalesce(h.zone, o.zone) \
         from feedback_requests q join outlets o on o.id = q.outlet_id join members m on m.id = q.member_id \
         join receipts r on r.id = q.receipt_id left join outlets h on h.id = m.home_outlet_id \
         where q.status = 'planned' and q.ask_at <= ?1 order by q.ask_at, q.id limit ?2"
    ),
);
const COUNT_ASKED: Statement = Statement::new(
    "feedback.count_asked",
    "select count(*) from feedback_requests where member_id = ?1 and asked_at >= ?2",
);
const ASKED: Statement = Statement::new(
    "feedback.asked",
    "update feedback_requests set status = 'asked', asked_at = ?2 where id = ?1 and status = 'planned'",
);
const SKIPPED: Statement = Statement::new(
    "feedback.skipped",
    "update feedback_requests set status = 'skipped', skipped = ?2 where id = ?1 and status = 'planned'",
);
const POSTPONED: Statement = Statement::new(
    "feedback.postponed",
    "update feedback_requests set ask_at = ?2 where id = ?1 and status = 'planned'",
);
const ANSWERED: Statement = Statement::new(
    "feedback.answered",
    "update feedback_requests set status = 'answered' where id = ?1 and status = 'asked'",
);
const NEXT_DUE: Statement =
    Statement::new("feedback.next_due", "select min(ask_at) from feedback_requests where status = 'planned'");
const BACKLOG: Statement = Statement::new(
    "feedback.backlog",
    "select count(*) from feedback_requests where status = 'planned' and ask_at <= ?1",
);
const BY_ID: Statement = Statement::new(
    "feedback.request",
    "select q.id, q.receipt_id, q.member_id, q.outlet_id, q.rules_id, q.outlet_type, q.until_at, q.status, o.brand, \
     o.code, o.name, o.zone, m.status, r.sold_at, r.business_date, r.staff_code, \
     (select count(*) from returns t where t.receipt_id = q.receipt_id) \
     from feedback_requests q join outlets o on o.id = q.outlet_id join members m on m.id = q.member_id \
     join receipts r on r.id = q.receipt_id where q.id = ?1",
);
const OPEN_OF_MEMBER: Statement = Statement::new(
    "feedback.open_of_member",
    "select id from feedback_requests where member_id = ?1 and asked_at > ?2 and status = 'asked' and until_at > ?3 \
     order by asked_at desc, id desc limit ?4",
);
/// A receipt on the way past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanned {
    pub receipt: ReceiptId,
    /// `None`: nobody to ask.
    pub member: Option<MemberId>,
    pub outlet: OutletId,
    pub sold_at: Timestamp,
    pub channel: String,
    pub brand: String,
    pub outlet_code: String,
    /// Of the guest's home, or else of the outlet.
    pub zone: String,
}

/// A request to plan, or a receipt noted as not to be asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned<'a> {
    pub id: i64,
    pub receipt: ReceiptId,
    pub member: MemberId,
    pub outlet: OutletId,
    pub rules: i64,
    pub outlet_type: &'a str,
    pub ask_at: Timestamp,
    pub until: Timestamp,
}

/// A request whose moment has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub id: i64,
    pub receipt: ReceiptId,
    pub member: MemberId,
    pub rules: i64,
    pub ask_at: Timestamp,
    pub until: Timestamp,
    pub outlet_code: String,
    pub member_status: MemberStatus,
    pub returned: bool,
    /// The buyer is of the staff that the question would be about.
    pub of_staff: bool,
    /// Of the guest's home, or else of the outlet.
    pub zone: String,
}

/// How a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Planned,
    Asked,
    Answered,
    Skipped,
}

/// A request with what an answer to it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub id: i64,
    pub receipt: ReceiptId,
    pub member: MemberId,
    pub outlet: OutletId,
    pub rules: i64,
    pub outlet_type: String,
    pub until: Timestamp,
    pub status: Status,
    pub brand: String,
    pub outlet_code: String,
    pub outlet_name: String,
    pub zone: String,
    pub member_status: MemberStatus,
    pub sold_at: Timestamp,
    pub business_date: String,
    pub staff_code: Option<String>,
    pub returned: bool,
}

/// How far receipts were looked at; `None` before the first run.
///
/// # Errors
/// A failure of storage.
pub fn load_cursor(sql: &dyn Sql) -> Result<Option<i64>, StoreError> {
    CURSOR.query_one(sql, &[])?.map(|mut row| row.integer()).transpose()
}

/// Notes how far receipts were looked at.
///
/// # Errors
/// A failure of storage.
pub fn save_cursor(sql: &dyn Sql, cursor: i64) -> Result<(), StoreError> {
    MOVE_CURSOR.run(sql, &[cursor.into()])
}

/// Receipts after `after`, in the order of their ids.
///
/// # Errors
/// A failure of storage.
pub fn scan(sql: &dyn Sql, after: i64, limit: i64) -> Result<Vec<Scanned>, StoreError> {
    SCAN.query(sql, &[after.into(), limit.into()])?.iter_mut().map(read_scanned).collect()
}

/// Plans requests; receipts that have one are left alone.
///
/// # Errors
/// A failure of storage.
pub fn insert(sql: &dyn Sql, planned: &[Planned<'_>]) -> Result<(), StoreError> {
    let mut rows = Vec::with_capacity(planned.len() * INSERT.width);
    for one in planned {
        rows.extend([
            one.id.into(),
            one.receipt.raw().into(),
            one.member.raw().into(),
            one.outlet.raw().into(),
            one.rules.into(),
            one.outlet_type.into(),
            one.ask_at.millis().into(),
            one.until.millis().into(),
            "planned".into(),
            crate::Value::Null,
        ]);
    }
    INSERT.run(sql, &rows)
}

/// Requests whose moment has come by `now`, the oldest first.
///
/// # Errors
/// A failure of storage.
pub fn list_due(sql: &dyn Sql, now: Timestamp, limit: i64) -> Result<Vec<Due>, StoreError> {
    DUE.query(sql, &[now.millis().into(), limit.into()])?.iter_mut().map(read_due).collect()
}

/// Questions to a member since a time.
///
/// # Errors
/// A failure of storage.
pub fn count_asked(sql: &dyn Sql, member: MemberId, since: Timestamp) -> Result<i64, StoreError> {
    let row = COUNT_ASKED.query_one(sql, &[member.raw().into(), since.millis().into()])?;
    row.map_or(Ok(0), |mut row| row.integer())
}

/// The member was asked.
///
/// # Errors
/// A failure of storage.
pub fn set_asked(sql: &dyn Sql, id: i64, at: Timestamp) -> Result<(), StoreError> {
    ASKED.run(sql, &[id.into(), at.millis().into()])
}

/// The member is not asked, for that reason.
///
/// # Errors
/// A failure of storage.
pub fn set_skipped(sql: &dyn Sql, id: i64, why: &str) -> Result<(), StoreError> {
    SKIPPED.run(sql, &[id.into(), why.into()])
}

/// The member is asked later.
///
/// # Errors
/// A failure of storage.
pub fn postpone(sql: &dyn Sql, id: i64, ask_at: Timestamp) -> Result<(), StoreError> {
    POSTPONED.run(sql, &[id.into(), ask_at.millis().into()])
}

/// The member has answered.
///
/// # Errors
/// A failure of storage.
pub fn set_answered(sql: &dyn Sql, id: i64) -> Result<(), StoreError> {
    ANSWERED.run(sql, &[id.into()])
}

/// When the next question is due; `None` where none is planned.
///
/// # Errors
/// A failure of storage.
pub fn load_next_due(sql: &dyn Sql) -> Result<Option<Timestamp>, StoreError> {
    let row = NEXT_DUE.query_one(sql, &[])?;
    let at = row.map_or(Ok(None), |mut row| row.integer_or_null())?;
    Ok(at.map(Timestamp::from_millis))
}

/// Questions that are due and not asked.
///
/// # Errors
/// A failure of storage.
pub fn count_due(sql: &dyn Sql, now: Timestamp) -> Result<i64, StoreError> {
    BACKLOG.query_one(sql, &[now.millis().into()])?.map_or(Ok(0), |mut row| row.integer())
}

/// The request with this id.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, id: i64) -> Result<Option<Request>, StoreError> {
    BY_ID.query_one(sql, &[id.into()])?.map(|mut row| read_request(&mut row)).transpose()
}

/// A member's requests asked since `since` that can still be answered, newest first.
///
/// # Errors
/// A failure of storage.
pub fn list_open(
    sql: &dyn Sql,
    member: MemberId,
    since: Timestamp,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let parameters = [member.raw().into(), since.millis().into(), now.millis().into(), limit.into()];
    OPEN_OF_MEMBER.query(sql, &parameters)?.iter_mut().map(Row::integer).collect()
}

fn read_scanned(row: &mut Row) -> Result<Scanned, StoreError> {
    let receipt = ReceiptId::from_raw(row.integer()?);
    let member = row.integer_or_null()?.map(MemberId::from_raw);
    let outlet = OutletId::from_raw(row.integer()?);
    let sold_at = Timestamp::from_millis(row.integer()?);
    let (channel, brand, outlet_code) = (row.text()?, row.text()?, row.text()?);
    let (here, home) = (row.text()?, row.text_or_null()?);
    Ok(Scanned { receipt, member, outlet, sold_at, channel, brand, outlet_code, zone: home.unwrap_or(here) })
}

fn read_due(row: &mut Row) -> Result<Due, StoreError> {
    Ok(Due {
        id: row.integer()?,
        receipt: ReceiptId::from_raw(row.integer()?),
        member: MemberId::from_raw(row.integer()?),
        rules: row.integer()?,
        ask_at: Timestamp::from_millis(row.integer()?),
        until: Timestamp::from_millis(row.integer()?),
        outlet_code: row.text()?,
        member_status: row.parsed(MemberStatus::parse)?,
        returned: row.integer()? > 0,
        of_staff: row.integer()? > 0,
        zone: row.text()?,
    })
}

fn read_request(row: &mut Row) -> Result<Request, StoreError> {
    Ok(Request {
        id: row.integer()?,
        receipt: ReceiptId::from_raw(row.integer()?),
        member: MemberId::from_raw(row.integer()?),
        outlet: OutletId::from_raw(row.integer()?),
        rules: row.integer()?,
        outlet_type: row.text()?,
        until: Timestamp::from_millis(row.integer()?),
        status: row.parsed(parse_status)?,
        brand: row.text()?,
        outlet_code: row.text()?,
        outlet_name: row.text()?,
        zone: row.text()?,
        member_status: row.parsed(MemberStatus::parse)?,
        sold_at: Timestamp::from_millis(row.integer()?),
        business_date: row.text()?,
        staff_code: row.text_or_null()?,
        returned: row.integer()? > 0,
    })
}

fn parse_status(code: &str) -> Result<Status, ()> {
    match code {
        "planned" => Ok(Status::Planned),
        "asked" => Ok(Status::Asked),
        "answered" => Ok(Status::Answered),
        "skipped" => Ok(Status::Skipped),
        _ => Err(()),
    }
}

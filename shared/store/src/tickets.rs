//! Tickets, their threads and their sums. Words are encrypted before they come here.

use feedback::ticket::{Desk, Outcome, Priority, Purchase, State};
use kernel::{FranchiseeId, MemberId, OutletId, Points, StaffId, Timestamp};
use membership::secrets::Place;

use crate::error::StoreError;
use crate::feedback::in_scope;
use crate::guests::MemberStatus;
use crate::port::Sql;
use crate::statement::{Row, Statement};

pub mod follow;
pub mod report;
pub mod teams;
pub mod thread;

macro_rules! ticket_columns {
    () => {
        "t.id, t.request_id, t.member_id, t.outlet_id, t.desk, t.topic, t.priority, t.state, t.assignee, t.visit_date, \
         t.visit_part, t.stars, t.nps, t.opened_at, t.answer_due_at, t.close_due_at, t.first_answered_at, t.closed_at, \
         t.outcome, t.changed_process, t.lesson, t.lesson_sealed, t.reopened, t.compensated, t.late, t.team_id, t.in_kind, \
         t.changed, o.code, o.name, o.zone, o.franchisee_id, g.name, m.brand, m.name_sealed, m.status \
         from tickets t join members m on m.id = t.member_id left join outlets o on o.id = t.outlet_id \
         left join ticket_teams g on g.id = t.team_id"
    };
}

pub(crate) use ticket_columns;

/// What a desk sees: its tickets and those of the desks before it, of the outlets in scope; tickets about no outlet are
/// for whoever has the whole chain. Nobody is staff to a ticket of an account that is theirs, or was.
macro_rules! visible {
    () => {
        concat!(
            "(t.desk = 'outlet_manager' or (t.desk = 'franchisee' and ?2 <> 'outlet_manager') or ?2 = 'support') \
             and (",
            in_scope!(),
            " or (t.outlet_id is null and exists (select 1 from staff_scopes s where s.staff_id = ?1 and s.scope = 'all'))) \
             and not exists (select 1 from staff_members y where y.member_id = t.member_id and y.staff_id = ?1)"
        )
    };
}
pub(crate) use visible;

const NEXT: Statement = Statement::new("tickets.next", "select coalesce(max(id), 0) + 1 from tickets");
const INSERT: Statement = Statement::new(
    "tickets.insert",
    "insert into tickets (id, request_id, member_id, outlet_id, desk, topic, priority, state, visit_date, visit_part, \
     stars, nps, opened_at, answer_due_at, close_due_at, team_id, changed) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'open', ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, \
     (select coalesce(max(changed), 0) + 1 from tickets where changed > 0))",
);
const UPDATE: Statement = Statement::new(
    "tickets.update",
    "update tickets set state = ?2, desk = ?3, assignee = ?4, close_due_at = ?5, first_answered_at = ?6, closed_at = ?7, \
     outcome = ?8, changed_process = ?9, lesson = null, lesson_sealed = ?10, reopened = ?11, compensated = ?12, late = ?13, \
     team_id = ?14, in_kind = ?15, \
     changed = (select coalesce(max(changed), 0) + 1 from tickets where changed > 0) where id = ?1",
);
const BY_ID: Statement =
    Statement::new("tickets.by_id", concat!("select ", ticket_columns!(), " where t.id = ?1"));
const SEEN: Statement = Statement::new(
    "tickets.seen",
    concat!("select ", ticket_columns!(), " where t.id = ?3 and ", visible!()),
);
const LIST: Statement = Statement::new(
    "tickets.list",
    concat!(
        "select ",
        ticket_columns!(),
        " where t.id < ?3 and ",
        visible!(),
        " and (?4 is null or t.state = ?4) and (?5 is null or o.code = ?5) and (?6 is null or t.assignee = ?6) \
         and (?7 is null or (t.state <> 'closed' and (t.close_due_at < ?7 \
         or (t.first_answered_at is null and t.answer_due_at < ?7)))) and (?9 is null or t.team_id = ?9) \
         order by t.id desc limit ?8"
    ),
);
const OF_MEMBER: Statement = Statement::new(
    "tickets.of_member",
    concat!(
        "select ",
        ticket_columns!(),
        " where t.member_id = ?1 and t.id < ?2 order by t.id desc limit ?3"
    ),
);
const IS_OF_STAFF: Statement =
    Statement::new("tickets.is_of_staff", "select 1 from staff_members where member_id = ?1 limit 1");
/// Whether something is left of the receipt behind an answer.
const PURCHASE: Statement = Statement::new(
    "tickets.purchase",
    "select count(*) from feedback_requests q join receipt_lines l on l.receipt_id = q.receipt_id where q.id = ?1 \
     and l.quantity > coalesce((select sum(t.quantity) from return_lines t \
     where t.receipt_id = l.receipt_id and t.line_no = l.line_no), 0)",
);
const COUNT_OPENED: Statement = Statement::new(
    "tickets.count_opened",
    "select count(*) from tickets where member_id = ?1 and request_id is null and opened_at > ?2",
);

/// A ticket to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTicket<'a> {
    /// The answer that it comes from; `None`: the guest wrote by themselves.
    pub request: Option<i64>,
    pub member: MemberId,
    pub outlet: Option<OutletId>,
    pub desk: Desk,
    /// The team that is given it.
    pub team: Option<i64>,
    pub topic: &'a str,
    pub priority: Priority,
    /// Day and part of the day of the visit.
    pub visit: Option<(&'a str, &'a str)>,
    pub stars: Option<u8>,
    pub nps: Option<u8>,
    pub opened_at: Timestamp,
    pub answer_due_at: Timestamp,
    pub close_due_at: Timestamp,
}

/// A ticket as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Counted from 1.
    pub id: i64,
    pub request: Option<i64>,
    pub member: MemberId,
    pub outlet: Option<OutletId>,
    pub desk: Desk,
    pub topic: String,
    pub priority: Priority,
    pub state: State,
    pub assignee: Option<StaffId>,
    pub visit_date: Option<String>,
    pub visit_part: Option<String>,
    pub stars: Option<i64>,
    pub nps: Option<i64>,
    pub opened_at: Timestamp,
    pub answer_due_at: Timestamp,
    pub close_due_at: Timestamp,
    pub first_answered_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    pub outcome: Option<Outcome>,
    pub changed_process: bool,
    /// What was changed, sealed for [`lesson_place`].
    pub lesson_sealed: Option<Vec<u8>>,
    pub reopened: i64,
    pub compensated: Points,
    /// Closed after its time, once at least.
    pub late: bool,
    /// The team that has it, or of which its assignee is.
    pub team: Option<i64>,
    /// Something was given instead of points.
    pub in_kind: bool,
    /// What was changed, of a ticket closed before lessons were sealed. Not written, as what follows.
    pub lesson: Option<String>,
    /// The number of the last thing that happened to it, among all that happened to tickets.
    pub changed: i64,
    pub outlet_code: Option<String>,
    pub outlet_name: Option<String>,
    pub zone: Option<String>,
    /// Of the outlet.
    pub franchisee: Option<FranchiseeId>,
    /// Of the team.
    pub team_name: Option<String>,
    pub brand: String,
    /// Of the guest.
    pub name_sealed: Option<Vec<u8>>,
    pub member_status: MemberStatus,
}

/// Where what was learned of a ticket is sealed.
#[must_use]
pub const fn lesson_place(ticket: i64) -> Place<'static> {
    Place { table: "tickets", field: "lesson", row: ticket }
}

/// Who looks: their scope and their desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Viewer {
    pub staff: StaffId,
    pub desk: Desk,
}

/// Which tickets are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Filter<'a> {
    pub state: Option<State>,
    pub outlet: Option<&'a str>,
    pub assignee: Option<StaffId>,
    pub team: Option<i64>,
    /// Only those that were due by that time.
    pub overdue_at: Option<Timestamp>,
}

/// Opens a ticket and answers with its number. Call inside a transaction that may write.
///
/// # Errors
/// A failure of storage; a unique violation when the answer has a ticket.
pub fn insert(tx: &dyn Sql, new: &NewTicket<'_>) -> Result<i64, StoreError> {
    let id = NEXT.query_one(tx, &[])?.map_or(Ok(1), |mut row| row.integer())?;
    let (date, part) = new.visit.unzip();
    INSERT.run(
        tx,
        &[
            id.into(),
            new.request.into(),
            new.member.raw().into(),
            new.outlet.map(OutletId::raw).into(),
            new.desk.code().into(),
            new.topic.into(),
            new.priority.code().into(),
            date.into(),
            part.into(),
            new.stars.map(i64::from).into(),
            new.nps.map(i64::from).into(),
            new.opened_at.millis().into(),
            new.answer_due_at.millis().into(),
            new.close_due_at.millis().into(),
            new.team.into(),
        ],
    )?;
    Ok(id)
}

/// Writes what an act changed.
///
/// # Errors
/// A failure of storage.
pub fn update(tx: &dyn Sql, ticket: &Ticket) -> Result<(), StoreError> {
    UPDATE.run(
        tx,
        &[
            ticket.id.into(),
            ticket.state.code().into(),
            ticket.desk.code().into(),
            ticket.assignee.map(StaffId::raw).into(),
            ticket.close_due_at.millis().into(),
            ticket.first_answered_at.map(Timestamp::millis).into(),
            ticket.closed_at.map(Timestamp::millis).into(),
            ticket.outcome.map(Outcome::code).into(),
            ticket.changed_process.into(),
            ticket.lesson_sealed.clone().into(),
            ticket.reopened.into(),
            ticket.compensated.hundredths().into(),
            ticket.late.into(),
            ticket.team.into(),
            ticket.in_kind.into(),
        ],
    )
}

/// The ticket with this number, for its guest.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, id: i64) -> Result<Option<Ticket>, StoreError> {
    BY_ID.query_one(sql, &[id.into()])?.map(|mut row| read(&mut row)).transpose()
}

/// The ticket with this number, if the viewer may see it.
///
/// # Errors
/// A failure of storage.
pub fn load_seen(sql: &dyn Sql, id: i64, viewer: Viewer) -> Result<Option<Ticket>, StoreError> {
    let parameters = [viewer.staff.raw().into(), viewer.desk.code().into(), id.into()];
    SEEN.query_one(sql, &parameters)?.map(|mut row| read(&mut row)).transpose()
}

/// Tickets below `before` that the viewer may see, newest first.
///
/// # Errors
/// A failure of storage.
pub fn list(
    sql: &dyn Sql,
    viewer: Viewer,
    filter: &Filter<'_>,
    before: i64,
    limit: i64,
) -> Result<Vec<Ticket>, StoreError> {
    let parameters = [
        viewer.staff.raw().into(),
        viewer.desk.code().into(),
        before.into(),
        filter.state.map(State::code).into(),
        filter.outlet.into(),
        filter.assignee.map(StaffId::raw).into(),
        filter.overdue_at.map(Timestamp::millis).into(),
        limit.into(),
        filter.team.into(),
    ];
    LIST.query(sql, &parameters)?.iter_mut().map(read).collect()
}

/// A member's tickets below `before`, newest first.
///
/// # Errors
/// A failure of storage.
pub fn list_of_member(
    sql: &dyn Sql,
    member: MemberId,
    before: i64,
    limit: i64,
) -> Result<Vec<Ticket>, StoreError> {
    let parameters = [member.raw().into(), before.into(), limit.into()];
    OF_MEMBER.query(sql, &parameters)?.iter_mut().map(read).collect()
}

/// Whether an account is or was that of somebody of the staff.
///
/// # Errors
/// A failure of storage.
pub fn is_of_staff(sql: &dyn Sql, member: MemberId) -> Result<bool, StoreError> {
    Ok(IS_OF_STAFF.query_one(sql, &[member.raw().into()])?.is_some())
}

/// The purchase that a ticket is about.
///
/// # Errors
/// A failure of storage.
pub fn load_purchase(sql: &dyn Sql, ticket: &Ticket) -> Result<Purchase, StoreError> {
    let Some(request) = ticket.request else { return Ok(Purchase::None) };
    let left = PURCHASE.query_one(sql, &[request.into()])?.map_or(Ok(0), |mut row| row.integer())?;
    Ok(if left > 0 { Purchase::Kept } else { Purchase::Returned })
}

/// Tickets that a member opened by themselves after `since`.
///
/// # Errors
/// A failure of storage.
pub fn count_opened(sql: &dyn Sql, member: MemberId, since: Timestamp) -> Result<i64, StoreError> {
    let row = COUNT_OPENED.query_one(sql, &[member.raw().into(), since.millis().into()])?;
    row.map_or(Ok(0), |mut row| row.integer())
}

fn time(row: &mut Row) -> Result<Option<Timestamp>, StoreError> {
    Ok(row.integer_or_null()?.map(Timestamp::from_millis))
}

fn read(row: &mut Row) -> Result<Ticket, StoreError> {
    Ok(Ticket {
        id: row.integer()?,
        request: row.integer_or_null()?,
        member: MemberId::from_raw(row.integer()?),
        outlet: row.integer_or_null()?.map(OutletId::from_raw),
        desk: row.parsed(Desk::parse)?,
        topic: row.text()?,
        priority: row.parsed(Priority::parse)?,
        state: row.parsed(State::parse)?,
        assignee: row.integer_or_null()?.map(StaffId::from_raw),
        visit_date: row.text_or_null()?,
        visit_part: row.text_or_null()?,
        stars: row.integer_or_null()?,
        nps: row.integer_or_null()?,
        opened_at: Timestamp::from_millis(row.integer()?),
        answer_due_at: Timestamp::from_millis(row.integer()?),
        close_due_at: Timestamp::from_millis(row.integer()?),
        first_answered_at: time(row)?,
        closed_at: time(row)?,
        outcome: parsed_or_null(row, Outcome::parse)?,
        changed_process: row.boolean()?,
        lesson: row.text_or_null()?,
        lesson_sealed: row.blob_or_null()?,
        reopened: row.integer()?,
        compensated: Points::from_hundredths(row.integer()?),
        late: row.boolean()?,
        team: row.integer_or_null()?,
        in_kind: row.boolean()?,
        changed: row.integer()?,
        outlet_code: row.text_or_null()?,
        outlet_name: row.text_or_null()?,
        zone: row.text_or_null()?,
        franchisee: row.integer_or_null()?.map(FranchiseeId::from_raw),
        team_name: row.text_or_null()?,
        brand: row.text()?,
        name_sealed: row.blob_or_null()?,
        member_status: row.parsed(MemberStatus::parse)?,
    })
}

fn parsed_or_null<T, E>(
    row: &mut Row,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>, StoreError> {
    let text = row.text_or_null()?;
    text.map(|text| parse(&text).map_err(|_| row.inconsistent("text outside its closed set"))).transpose()
}

//! Tickets for those who wait for them: what is new, what has run out of its time, how much of it there is.
//!
//! Everything that happens to a ticket gives it the next number of all ([`Ticket::changed`]). Numbers are given within the
//! turn to write: whoever has seen one has seen all below it, or had no right to.

use kernel::{StaffId, Timestamp};

use super::{Ticket, Viewer, read, ticket_columns, visible};
use crate::error::StoreError;
use crate::feedback::in_scope;
use crate::port::{Sql, Value};
use crate::statement::Statement;

macro_rules! narrowed {
    () => {
        " and (?4 is null or o.code = ?4) and (?5 is null or t.assignee = ?5) and (?7 is null or t.team_id = ?7)"
    };
}

const LAST: Statement =
    Statement::new("tickets.last_change", "select coalesce(max(changed), 0) from tickets where changed > 0");
/// Along the index of changes, which holds those above zero.
const CHANGED: Statement = Statement::new(
    "tickets.changed",
    concat!(
        "select ",
        ticket_columns!(),
        " where t.changed > 0 and t.changed > ?3 and ",
        visible!(),
        narrowed!(),
        " order by t.changed limit ?6"
    ),
);
/// Ordered by the time, so that the index of those that are not closed is walked, not every ticket that there ever was.
const UNCLOSED: Statement = Statement::new(
    "tickets.unclosed",
    concat!(
        "select ",
        ticket_columns!(),
        " where t.state <> 'closed' and t.opened_at > ?3 and ",
        visible!(),
        narrowed!(),
        " order by t.opened_at desc, t.id desc limit ?6"
    ),
);
const RUN_OUT: Statement = Statement::new(
    "tickets.run_out",
    concat!(
        "select ",
        ticket_columns!(),
        " where t.state <> 'closed' and ((t.close_due_at >= ?3 and t.close_due_at < ?8) \
         or (t.first_answered_at is null and t.answer_due_at >= ?3 and t.answer_due_at < ?8)) and ",
        visible!(),
        narrowed!(),
        " order by t.opened_at, t.id limit ?6"
    ),
);
const WAITING: Statement = Statement::new(
    "tickets.waiting",
    "select count(*), coalesce(sum(case when first_answered_at is null and answer_due_at < ?1 then 1 else 0 end), 0), \
     coalesce(sum(case when close_due_at < ?1 then 1 else 0 end), 0), \
     coalesce(sum(case when priority = 'urgent' and (close_due_at < ?1 \
     or (first_answered_at is null and answer_due_at < ?1)) then 1 else 0 end), 0) \
     from tickets where state <> 'closed'",
);

/// Which tickets are followed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Narrowed {
    /// Code of one outlet.
    pub outlet: Option<String>,
    pub assignee: Option<StaffId>,
    pub team: Option<i64>,
}

impl Narrowed {
    fn values(&self, viewer: Viewer, from: i64, limit: i64) -> [Value; 7] {
        [
            viewer.staff.raw().into(),
            viewer.desk.code().into(),
            from.into(),
            self.outlet.as_deref().into(),
            self.assignee.map(StaffId::raw).into(),
            limit.into(),
            self.team.into(),
        ]
    }
}

/// Tickets of the whole chain that are not closed, and those of them out of their time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waiting {
    pub unclosed: i64,
    /// Without a first answer, after its time.
    pub unanswered: i64,
    /// After the time by which they were to be closed.
    pub overdue: i64,
    /// Urgent ones among those two.
    pub urgent: i64,
}

/// The number of the last thing that happened to any ticket.
///
/// # Errors
/// A failure of storage.
pub fn load_last(sql: &dyn Sql) -> Result<i64, StoreError> {
    LAST.query_one(sql, &[])?.map_or(Ok(0), |mut row| row.integer())
}

/// Tickets that the viewer may see and to which something happened after the number `after`, in that order.
///
/// # Errors
/// A failure of storage.
pub fn list_changed(
    sql: &dyn Sql,
    viewer: Viewer,
    narrowed: &Narrowed,
    after: i64,
    limit: i64,
) -> Result<Vec<Ticket>, StoreError> {
    CHANGED.query(sql, &narrowed.values(viewer, after, limit))?.iter_mut().map(read).collect()
}

/// Tickets that the viewer may see and that are not closed, newest first.
///
/// # Errors
/// A failure of storage.
pub fn list_unclosed(
    sql: &dyn Sql,
    viewer: Viewer,
    narrowed: &Narrowed,
    limit: i64,
) -> Result<Vec<Ticket>, StoreError> {
    UNCLOSED.query(sql, &narrowed.values(viewer, 0, limit))?.iter_mut().map(read).collect()
}

/// Tickets that the viewer may see, and whose time for an answer or for the end was in `[since, until)`.
///
/// # Errors
/// A failure of storage.
pub fn list_run_out(
    sql: &dyn Sql,
    viewer: Viewer,
    narrowed: &Narrowed,
    (since, until): (Timestamp, Timestamp),
    limit: i64,
) -> Result<Vec<Ticket>, StoreError> {
    let [staff, desk, from, outlet, assignee, limit, team] = narrowed.values(viewer, since.millis(), limit);
    let parameters = [staff, desk, from, outlet, assignee, limit, team, until.millis().into()];
    RUN_OUT.query(sql, &parameters)?.iter_mut().map(read).collect()
}

/// How many tickets wait, in the whole chain: for monitoring.
///
/// # Errors
/// A failure of storage.
pub fn count_waiting(sql: &dyn Sql, now: Timestamp) -> Result<Waiting, StoreError> {
    let Some(mut row) = WAITING.query_one(sql, &[now.millis().into()])? else {
        return Ok(Waiting::default());
    };
    Ok(Waiting {
        unclosed: row.integer()?,
        unanswered: row.integer()?,
        overdue: row.integer()?,
        urgent: row.integer()?,
    })
}

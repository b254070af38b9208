//! Sums of tickets, narrowed to what a member of staff may see. Tickets about no outlet are one group without a name.

use feedback::ticket::Desk;
use kernel::{Points, StaffId, Timestamp};

use super::{Viewer, visible};
use crate::error::StoreError;
use crate::feedback::in_scope;
use crate::port::Sql;
use crate::statement::{Row, Statement};

macro_rules! sums {
    ($key:literal, $name:literal) => {
        concat!(
            "select ",
            $key,
            ", ",
            $name,
            ", count(*), sum(case when t.state = 'closed' then 1 else 0 end), \
             sum(case when t.first_answered_at is not null then 1 else 0 end), \
             coalesce(sum(t.first_answered_at - t.opened_at), 0), coalesce(sum(t.closed_at - t.opened_at), 0), \
             sum(case when t.first_answered_at is not null or t.state = 'closed' or t.answer_due_at < ?5 then 1 else 0 end), \
             sum(case when t.first_answered_at <= t.answer_due_at then 1 else 0 end), \
             sum(case when t.state = 'closed' or t.late = 1 or t.close_due_at < ?5 then 1 else 0 end), \
             sum(case when t.closed_at <= t.close_due_at and t.late = 0 then 1 else 0 end), \
             sum(case when t.state <> 'closed' and (t.close_due_at < ?5 \
             or (t.first_answered_at is null and t.answer_due_at < ?5)) then 1 else 0 end), \
             sum(t.changed_process), sum(case when t.reopened > 0 then 1 else 0 end), sum(t.compensated), \
             sum(case when t.compensated > 0 then 1 else 0 end), sum(t.in_kind) \
             from tickets t join members m on m.id = t.member_id left join outlets o on o.id = t.outlet_id \
             left join franchisees f on f.id = o.franchisee_id left join ticket_teams g on g.id = t.team_id where t.opened_at >= ?3 and t.opened_at < ?4 \
             and (?6 is null or m.brand = ?6) and (?7 is null or o.code = ?7) and ",
            visible!(),
            " group by ",
            $key
        )
    };
}

const BY_BRAND: Statement = Statement::new("tickets.by_brand", sums!("m.brand", "''"));
const BY_OUTLET: Statement =
    Statement::new("tickets.by_outlet", sums!("coalesce(o.code, '')", "coalesce(min(o.name), '')"));
const BY_FRANCHISEE: Statement =
    Statement::new("tickets.by_franchisee", sums!("coalesce(f.code, '')", "coalesce(min(f.name), '')"));
const BY_CITY: Statement = Statement::new("tickets.by_city", sums!("coalesce(o.city, '')", "''"));
const BY_TOPIC: Statement = Statement::new("tickets.by_topic", sums!("t.topic", "''"));
/// Teams of one code are several owners' and several brands'.
const BY_TEAM: Statement = Statement::new(
    "tickets.by_team",
    sums!(
        "coalesce(g.brand || '/' || g.code, '') || case when g.franchisee_id is null then '' else '@' || (select w.code from franchisees w where w.id = g.franchisee_id) end",
        "coalesce(min(g.name), '')"
    ),
);

/// By what tickets are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Brand,
    Outlet,
    Franchisee,
    City,
    Topic,
    /// The team that has the ticket: its brand, `/` and its code, with `@` and the code of its franchisee.
    Team,
}

/// What to look at.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    pub staff: StaffId,
    pub desk: Desk,
    /// Opened from, and before.
    pub opened: (Timestamp, Timestamp),
    pub now: Timestamp,
    pub brand: Option<&'a str>,
    pub outlet: Option<&'a str>,
}

impl Asked<'_> {
    /// Who looks.
    #[must_use]
    pub const fn viewer(&self) -> Viewer {
        Viewer { staff: self.staff, desk: self.desk }
    }
}

/// Sums of one group. Times are in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sums {
    pub key: String,
    pub name: String,
    pub tickets: i64,
    pub closed: i64,
    pub answered: i64,
    pub answer_ms: i64,
    pub close_ms: i64,
    /// Answered, closed without an answer, or to be answered by now.
    pub answers_due: i64,
    pub answered_in_time: i64,
    /// Closed, or to be closed by now.
    pub closings_due: i64,
    /// Those that were never out of time, also before they were reopened.
    pub closed_in_time: i64,
    pub overdue: i64,
    pub changed_process: i64,
    pub reopened: i64,
    pub compensated: Points,
    /// Tickets for which points were given.
    pub with_points: i64,
    /// Tickets for which something was given instead of points.
    pub in_kind: i64,
}

/// The statement that groups by `by`.
#[must_use]
pub const fn statement(by: By) -> Statement {
    match by {
        By::Brand => BY_BRAND,
        By::Outlet => BY_OUTLET,
        By::Franchisee => BY_FRANCHISEE,
        By::City => BY_CITY,
        By::Topic => BY_TOPIC,
        By::Team => BY_TEAM,
    }
}

/// Sums of every group, in no order that matters.
///
/// # Errors
/// A failure of storage.
pub fn list(sql: &dyn Sql, by: By, asked: &Asked<'_>) -> Result<Vec<Sums>, StoreError> {
    let (from, until) = asked.opened;
    let parameters = [
        asked.staff.raw().into(),
        asked.desk.code().into(),
        from.millis().into(),
        until.millis().into(),
        asked.now.millis().into(),
        asked.brand.into(),
        asked.outlet.into(),
    ];
    statement(by).query(sql, &parameters)?.iter_mut().map(read).collect()
}

fn read(row: &mut Row) -> Result<Sums, StoreError> {
    Ok(Sums {
        key: row.text()?,
        name: row.text()?,
        tickets: row.integer()?,
        closed: row.integer()?,
        answered: row.integer()?,
        answer_ms: row.integer()?,
        close_ms: row.integer()?,
        answers_due: row.integer()?,
        answered_in_time: row.integer()?,
        closings_due: row.integer()?,
        closed_in_time: row.integer()?,
        overdue: row.integer()?,
        changed_process: row.integer()?,
        reopened: row.integer()?,
        compensated: Points::from_hundredths(row.integer()?),
        with_points: row.integer()?,
        in_kind: row.integer()?,
    })
}

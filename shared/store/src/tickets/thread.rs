//! What happened to tickets, line by line.

use feedback::ticket::{Act, Outcome};
use kernel::{Points, StaffId, Timestamp};

use super::parsed_or_null;
use crate::error::StoreError;
use crate::port::{Sql, Value};
use crate::statement::{Row, Statement};

const INSERT: Statement = Statement::new(
    "tickets.event",
    "insert into ticket_events (id, ticket_id, act, at, by_staff, assignee, body_sealed, points, outcome, team_id) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
);
const OF_TICKET: Statement = Statement::new(
    "tickets.events",
    "select e.id, e.act, e.at, e.by_staff, s.role, e.assignee, e.body_sealed, e.points, e.outcome, e.team_id, g.name \
     from ticket_events e left join staff s on s.id = e.by_staff left join ticket_teams g on g.id = e.team_id where e.ticket_id = ?1 order by e.id desc limit ?2",
);

/// Something that happens to a ticket, to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    pub id: i64,
    pub ticket: i64,
    pub act: Act,
    pub at: Timestamp,
    /// `None`: the guest, or a rule.
    pub by: Option<StaffId>,
    pub assignee: Option<StaffId>,
    pub body_sealed: Option<Vec<u8>>,
    pub points: Option<Points>,
    pub outcome: Option<Outcome>,
    /// The team that has it from then on.
    pub team: Option<i64>,
}

impl NewEvent {
    fn values(&self) -> [Value; 10] {
        [
            self.id.into(),
            self.ticket.into(),
            self.act.code().into(),
            self.at.millis().into(),
            self.by.map(StaffId::raw).into(),
            self.assignee.map(StaffId::raw).into(),
            self.body_sealed.clone().into(),
            self.points.map(Points::hundredths).into(),
            self.outcome.map(Outcome::code).into(),
            self.team.into(),
        ]
    }
}

/// A line of a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub id: i64,
    pub act: Act,
    pub at: Timestamp,
    pub by: Option<StaffId>,
    /// Code of that person's role.
    pub by_role: Option<String>,
    pub assignee: Option<StaffId>,
    pub body_sealed: Option<Vec<u8>>,
    pub points: Option<Points>,
    pub outcome: Option<Outcome>,
    pub team: Option<i64>,
    /// That team's name as it is now.
    pub team_name: Option<String>,
}

/// Records a line.
///
/// # Errors
/// A failure of storage.
pub fn insert(tx: &dyn Sql, event: &NewEvent) -> Result<(), StoreError> {
    INSERT.run(tx, &event.values())
}

/// A ticket's thread, oldest first: of a longer one its end, which nobody can write out of sight.
///
/// # Errors
/// A failure of storage.
pub fn list(sql: &dyn Sql, ticket: i64, limit: i64) -> Result<Vec<Event>, StoreError> {
    OF_TICKET.query(sql, &[ticket.into(), limit.into()])?.iter_mut().rev().map(read).collect()
}

fn read(row: &mut Row) -> Result<Event, StoreError> {
    Ok(Event {
        id: row.integer()?,
        act: row.parsed(Act::parse)?,
        at: Timestamp::from_millis(row.integer()?),
        by: row.integer_or_null()?.map(StaffId::from_raw),
        by_role: row.text_or_null()?,
        assignee: row.integer_or_null()?.map(StaffId::from_raw),
        body_sealed: row.blob_or_null()?,
        points: row.integer_or_null()?.map(Points::from_hundredths),
        outcome: parsed_or_null(row, Outcome::parse)?,
        team: row.integer_or_null()?,
        team_name: row.text_or_null()?,
    })
}

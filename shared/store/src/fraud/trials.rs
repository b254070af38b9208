//! Trials of rules over the past: where each has got to, and what it has found.

use kernel::{MemberId, OutletId, StaffId, Timestamp};

use crate::error::StoreError;
use crate::port::{Sql, Value};
use crate::statement::{ManyRows, Row, Statement};

const INSERT: Statement = Statement::new(
    "fraud_trials.insert",
    "insert into fraud_trials (id, brand, rules, sold_from, sold_until, cursor_id, end_id, status, events, created_by, \
     created_at, changed_at) values (?1, ?2, ?3, ?4, ?5, 0, (select coalesce(max(y.id), 0) from (select max(id) as id \
     from receipts union all select max(id) from returns union all select max(id) from members) y), 'running', 0, ?6, \
     ?7, ?7)",
);
const BY_ID: Statement = Statement::new(
    "fraud_trials.by_id",
    "select id, brand, rules, sold_from, sold_until, cursor_id, end_id, status, events, created_at, changed_at, \
     (select count(*) from fraud_trial_members m where m.trial_id = t.id) from fraud_trials t where id = ?1",
);
/// Moves on only from where the caller has read: of two runs of one slice the second finds nothing.
const ADVANCE: Statement = Statement::new(
    "fraud_trials.advance",
    "update fraud_trials set cursor_id = ?3, status = ?4, events = events + ?5, changed_at = ?6 \
     where id = ?1 and cursor_id = ?2 and status = 'running' returning id",
);
/// Receipts of members, returns, and sign-ups with the device that came with them, as they were recorded: ids begin with that
/// time. Whoever was brought in from a predecessor signed up nowhere.
const EVENTS: Statement = Statement::new(
    "fraud_trials.events",
    "select x.id, x.kind, x.at, x.member_id, m.joined_at, x.outlet_id, o.latitude_e6, o.longitude_e6, \
     x.staff_code, x.points, t.payment, case when x.kind = 2 then (select l.value from fraud_links l \
     where l.member_id = x.id and l.kind = 'device' and l.first_at = x.at order by l.id limit 1) else t.device end \
     from (select id, 0 as kind, sold_at as at, member_id, outlet_id, staff_code, points_paid as points \
     from receipts where id > ?1 and id <= ?2 and member_id is not null \
     union all select n.id, 1, n.returned_at, n.member_id, n.outlet_id, f.staff_code, \
     case when f.return_id is null then n.points_back else 1 end \
     from returns n left join fraud_returns f on f.return_id = n.id \
     where n.id > ?1 and n.id <= ?2 and n.member_id is not null \
     union all select id, 2, joined_at, id, null, null, 0 \
     from members where id > ?1 and id <= ?2 and external_code is null) x \
     join members m on m.id = x.member_id left join outlets o on o.id = x.outlet_id \
     left join fraud_traces t on t.receipt_id = x.id \
     where m.brand = ?3 and x.at >= ?4 and x.at < ?5 order by x.id",
);
/// The last of the next so many: a slice is bounded by what it looks at, not by what it finds.
const SLICE_END: Statement = Statement::new(
    "fraud_trials.slice_end",
    "select max(id) from (select id from (select id from receipts where id > ?1 and id <= ?2 \
     union all select id from returns where id > ?1 and id <= ?2 \
     union all select id from members where id > ?1 and id <= ?2 and external_code is null) y \
     order by id limit ?3) x",
);
const STATE: Statement = Statement::new(
    "fraud_trials.state",
    "select state from fraud_trial_subjects where trial_id = ?1 and subject = ?2",
);
const SAVE_STATES: ManyRows = ManyRows {
    name: "fraud_trials.save_states",
    head: "insert into fraud_trial_subjects (trial_id, subject, state) values ",
    width: 3,
    tail: " on conflict (trial_id, subject) do update set state = excluded.state",
};
const ADD_COUNTS: ManyRows = ManyRows {
    name: "fraud_trials.add_counts",
    head: "insert into fraud_trial_counts as c (trial_id, kind, name, events) values ",
    width: 4,
    tail: " on conflict (trial_id, kind, name) do update set events = c.events + excluded.events",
};
const ADD_MEMBERS: ManyRows = ManyRows {
    name: "fraud_trials.add_members",
    head: "insert into fraud_trial_members as m (trial_id, member_id, score, action) values ",
    width: 4,
    tail: " on conflict (trial_id, member_id) do update set \
           action = case when excluded.score > m.score then excluded.action else m.action end, \
           score = case when excluded.score > m.score then excluded.score else m.score end",
};
const COUNTS: Statement = Statement::new(
    "fraud_trials.counts",
    "select kind, name, events from fraud_trial_counts where trial_id = ?1 order by kind, events desc, name",
);
const MEMBERS_BY_ACTION: Statement = Statement::new(
    "fraud_trials.members_by_action",
    "select action, count(*) from fraud_trial_members where trial_id = ?1 group by action order by action",
);
const TOP: Statement = Statement::new(
    "fraud_trials.top",
    "select member_id, score, action from fraud_trial_members where trial_id = ?1 \
     order by score desc, member_id limit ?2",
);
const DROP_STATES: Statement =
    Statement::new("fraud_trials.drop_states", "delete from fraud_trial_subjects where trial_id = ?1");

/// A trial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    pub id: i64,
    pub brand: String,
    /// JSON.
    pub rules: String,
    pub sold_from: Timestamp,
    /// Without it.
    pub sold_until: Timestamp,
    pub cursor: i64,
    /// The newest receipt, return or sign-up when it began.
    pub end: i64,
    pub done: bool,
    pub events: i64,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
    /// Members whom the rules would have done something to.
    pub members: i64,
}

/// What a stored event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PastKind {
    Receipt,
    Return,
    SignUp,
}

/// A stored receipt, return or sign-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastEvent {
    pub id: i64,
    pub kind: PastKind,
    pub at: Timestamp,
    pub member: MemberId,
    pub joined_at: Timestamp,
    /// `None` for a sign-up.
    pub outlet: Option<OutletId>,
    pub position: Option<(i64, i64)>,
    pub staff: Option<String>,
    /// Whether points were spent, or came back.
    pub with_points: bool,
    pub payment: Option<i64>,
    pub device: Option<i64>,
}

/// What a slice found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    pub events: i64,
    pub states: Vec<(String, String)>,
    /// Kind (`action`, `rule`), name, events.
    pub counts: Vec<(&'static str, String, i64)>,
    pub members: Vec<(MemberId, u32, &'static str)>,
}

/// Begins a trial of what there is by now.
///
/// # Errors
/// A failure of storage.
pub fn insert(tx: &dyn Sql, new: &Trial, by: Option<StaffId>) -> Result<(), StoreError> {
    INSERT.run(
        tx,
        &[
            new.id.into(),
            new.brand.as_str().into(),
            new.rules.as_str().into(),
            new.sold_from.millis().into(),
            new.sold_until.millis().into(),
            by.map(StaffId::raw).into(),
            new.created_at.millis().into(),
        ],
    )
}

/// A trial as it stands.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, id: i64) -> Result<Option<Trial>, StoreError> {
    BY_ID.query_one(sql, &[id.into()])?.map(|mut row| read(&mut row)).transpose()
}

/// The next slice of at most `limit` receipts, returns and sign-ups: its end and what the trial looks at. `None` behind the last.
///
/// # Errors
/// A failure of storage.
pub fn list_events(
    sql: &dyn Sql,
    trial: &Trial,
    limit: i64,
) -> Result<Option<(i64, Vec<PastEvent>)>, StoreError> {
    let parameters = [trial.cursor.into(), trial.end.into(), limit.into()];
    let Some(mut row) = SLICE_END.query_one(sql, &parameters)? else { return Ok(None) };
    let Some(last) = row.integer_or_null()? else { return Ok(None) };
    let parameters = [
        trial.cursor.into(),
        last.into(),
        trial.brand.as_str().into(),
        trial.sold_from.millis().into(),
        trial.sold_until.millis().into(),
    ];
    let mut rows = EVENTS.query(sql, &parameters)?;
    let events: Result<Vec<PastEvent>, StoreError> = rows.iter_mut().map(read_event).collect();
    Ok(Some((last, events?)))
}

/// What a trial has counted of a subject.
///
/// # Errors
/// A failure of storage.
pub fn load_state(sql: &dyn Sql, trial: i64, subject: &str) -> Result<Option<String>, StoreError> {
    STATE.query_one(sql, &[trial.into(), subject.into()])?.map(|mut row| row.text()).transpose()
}

/// Moves a trial on to `cursor` and adds what was found, unless somebody else has. The counts of a finished one are dropped.
///
/// # Errors
/// A failure of storage.
pub fn advance(
    tx: &dyn Sql,
    trial: &Trial,
    cursor: i64,
    found: &Found,
    now: Timestamp,
) -> Result<(), StoreError> {
    let is_over = cursor >= trial.end;
    let parameters = [
        trial.id.into(),
        trial.cursor.into(),
        cursor.into(),
        if is_over { "done" } else { "running" }.into(),
        found.events.into(),
        now.millis().into(),
    ];
    if ADVANCE.query_one(tx, &parameters)?.is_none() {
        return Ok(());
    }
    let id = Value::from(trial.id);
    let counts = found.counts.iter().flat_map(|(kind, name, events)| {
        [id.clone(), (*kind).into(), name.as_str().into(), (*events).into()]
    });
    ADD_COUNTS.run(tx, &counts.collect::<Vec<_>>())?;
    let members = found.members.iter().flat_map(|(member, score, action)| {
        [id.clone(), member.raw().into(), i64::from(*score).into(), (*action).into()]
    });
    ADD_MEMBERS.run(tx, &members.collect::<Vec<_>>())?;
    if is_over {
        return DROP_STATES.run(tx, &[id]);
    }
    let states = found
        .states
        .iter()
        .flat_map(|(subject, state)| [id.clone(), subject.as_str().into(), state.as_str().into()]);
    SAVE_STATES.run(tx, &states.collect::<Vec<_>>())
}

/// What a trial has counted: kind, name, events.
///
/// # Errors
/// A failure of storage.
pub fn list_counts(sql: &dyn Sql, trial: i64) -> Result<Vec<(String, String, i64)>, StoreError> {
    let mut rows = COUNTS.query(sql, &[trial.into()])?;
    rows.iter_mut().map(|row| Ok((row.text()?, row.text()?, row.integer()?))).collect()
}

/// Members by the sternest action.
///
/// # Errors
/// A failure of storage.
pub fn count_members(sql: &dyn Sql, trial: i64) -> Result<Vec<(String, i64)>, StoreError> {
    let mut rows = MEMBERS_BY_ACTION.query(sql, &[trial.into()])?;
    rows.iter_mut().map(|row| Ok((row.text()?, row.integer()?))).collect()
}

/// The members with the highest scores.
///
/// # Errors
/// A failure of storage.
pub fn list_top(sql: &dyn Sql, trial: i64, limit: i64) -> Result<Vec<(MemberId, u32, String)>, StoreError> {
    let mut rows = TOP.query(sql, &[trial.into(), limit.into()])?;
    rows.iter_mut()
        .map(|row| Ok((MemberId::from_raw(row.integer()?), super::count(row)?, row.text()?)))
        .collect()
}

fn read(row: &mut Row) -> Result<Trial, StoreError> {
    Ok(Trial {
        id: row.integer()?,
        brand: row.text()?,
        rules: row.text()?,
        sold_from: Timestamp::from_millis(row.integer()?),
        sold_until: Timestamp::from_millis(row.integer()?),
        cursor: row.integer()?,
        end: row.integer()?,
        done: row.text()? == "done",
        events: row.integer()?,
        created_at: Timestamp::from_millis(row.integer()?),
        changed_at: Timestamp::from_millis(row.integer()?),
        members: row.integer()?,
    })
}

fn read_event(row: &mut Row) -> Result<PastEvent, StoreError> {
    Ok(PastEvent {
        id: row.integer()?,
        kind: match row.integer()? {
            0 => PastKind::Receipt,
            1 => PastKind::Return,
            2 => PastKind::SignUp,
            _ => return Err(row.inconsistent("not a kind of event")),
        },
        at: Timestamp::from_millis(row.integer()?),
        member: MemberId::from_raw(row.integer()?),
        joined_at: Timestamp::from_millis(row.integer()?),
        outlet: super::outlet_or_null(row)?,
        position: {
            let latitude = row.integer_or_null()?;
            latitude.zip(row.integer_or_null()?)
        },
        staff: row.text_or_null()?,
        with_points: row.integer()? > 0,
        payment: row.integer_or_null()?,
        device: row.integer_or_null()?,
    })
}

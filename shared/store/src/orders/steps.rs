//! The outbox: which step is due, how often it was tried, who is at it.

use kernel::{OrderId, Timestamp};
use ordering::{Step, StepKind};

use crate::error::StoreError;
use crate::port::{Sql, Value};
use crate::statement::{Row, Statement};

const OF_ORDER: Statement = Statement::new(
    "order_steps.of_order",
    "select kind, subject, due_at, tries, last_error from order_steps where order_id = ?1 order by kind, subject",
);
const INSERT: Statement = Statement::new(
    "order_steps.insert",
    "insert into order_steps (order_id, kind, subject, due_at) values (?1, ?2, ?3, ?4) \
     on conflict (order_id, kind, subject) do nothing",
);
const DELETE: Statement = Statement::new(
    "order_steps.delete",
    "delete from order_steps where order_id = ?1 and kind = ?2 and subject = ?3",
);
const DUE: Statement = Statement::new(
    "order_steps.due",
    "select order_id, kind, subject from order_steps where due_at <= ?1 and lease_until <= ?1 order by due_at limit ?2",
);
const DUE_OF_ORDER: Statement = Statement::new(
    "order_steps.due_of_order",
    "select order_id, kind, subject from order_steps where order_id = ?3 and due_at <= ?1 and lease_until <= ?1 \
     order by due_at limit ?2",
);
const NEXT_DUE: Statement =
    Statement::new("order_steps.next_due", "select due_at from order_steps order by due_at limit 1");
const TAKE: Statement = Statement::new(
    "order_steps.take",
    "update order_steps set lease_until = ?6, lease_id = ?5, tries = tries + 1 where order_id = ?1 and kind = ?2 \
     and subject = ?3 and due_at <= ?4 and lease_until <= ?4 returning tries",
);
const HOLD: Statement = Statement::new(
    "order_steps.hold",
    "update order_steps set lease_until = ?5, lease_id = ?4, tries = 1 where order_id = ?1 and kind = ?2 and subject = ?3",
);
const IS_HELD: Statement = Statement::new(
    "order_steps.is_held",
    "select 1 from order_steps where order_id = ?1 and kind = ?2 and subject = ?3 and lease_id = ?4",
);
const PUT_BACK: Statement = Statement::new(
    "order_steps.put_back",
    "update order_steps set lease_until = 0, lease_id = 0, due_at = ?4, last_error = ?5 \
     where order_id = ?1 and kind = ?2 and subject = ?3",
);
const HASTEN: Statement = Statement::new(
    "order_steps.hasten",
    "update order_steps set due_at = ?2 where order_id = ?1 and due_at > ?2 and kind <> 'expire' \
     and not (kind = 'send_order' and exists (select 1 from orders o where o.id = order_steps.order_id \
     and o.due_since > ?2))",
);

/// A step's name in the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    pub order: OrderId,
    pub kind: StepKind,
    pub subject: i64,
}

/// A step as it waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub kind: StepKind,
    pub subject: i64,
    pub due_at: Timestamp,
    pub tries: u32,
    pub last_error: Option<String>,
}

impl Key {
    fn values(self) -> [Value; 3] {
        [self.order.raw().into(), self.kind.code().into(), self.subject.into()]
    }
}

/// Makes the outbox hold just the steps that the order needs. One that waits already keeps its time and its tries.
///
/// # Errors
/// A failure of storage.
pub fn replace(tx: &dyn Sql, order: OrderId, steps: &[Step]) -> Result<(), StoreError> {
    for waiting in list(tx, order)? {
        let is_wanted = |step: &Step| step.kind == waiting.kind && step.subject == waiting.subject;
        if !steps.iter().any(is_wanted) {
            DELETE.run(tx, &Key { order, kind: waiting.kind, subject: waiting.subject }.values())?;
        }
    }
    for step in steps {
        let [id, kind, subject] = Key { order, kind: step.kind, subject: step.subject }.values();
        INSERT.run(tx, &[id, kind, subject, step.due_at.millis().into()])?;
    }
    Ok(())
}

/// The order's steps.
///
/// # Errors
/// A failure of storage.
pub fn list(sql: &dyn Sql, order: OrderId) -> Result<Vec<Waiting>, StoreError> {
    let mut rows = OF_ORDER.query(sql, &[order.raw().into()])?;
    rows.iter_mut()
        .map(|row| {
            Ok(Waiting {
                kind: row.parsed(StepKind::parse)?,
                subject: row.integer()?,
                due_at: Timestamp::from_millis(row.integer()?),
                tries: u32::try_from(row.integer()?).map_err(|_| row.inconsistent("not a count"))?,
                last_error: row.text_or_null()?,
            })
        })
        .collect()
}

/// Steps that are due and that nobody is at, the longest waiting first; of one order, where one is named.
///
/// # Errors
/// A failure of storage.
pub fn list_due(
    sql: &dyn Sql,
    order: Option<OrderId>,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Key>, StoreError> {
    let mut rows = match order {
        None => DUE.query(sql, &[now.millis().into(), limit.into()])?,
        Some(order) => DUE_OF_ORDER.query(sql, &[now.millis().into(), limit.into(), order.raw().into()])?,
    };
    rows.iter_mut().map(key).collect()
}

fn key(row: &mut Row) -> Result<Key, StoreError> {
    Ok(Key {
        order: OrderId::from_raw(row.integer()?),
        kind: row.parsed(StepKind::parse)?,
        subject: row.integer()?,
    })
}

/// When the next step is due.
///
/// # Errors
/// A failure of storage.
pub fn load_next_due(sql: &dyn Sql) -> Result<Option<Timestamp>, StoreError> {
    let row = NEXT_DUE.query_one(sql, &[])?;
    row.map(|mut row| row.integer().map(Timestamp::from_millis)).transpose()
}

/// Takes a step for `lease` until a time, if it is due and free; tells which try it is.
///
/// # Errors
/// A failure of storage.
pub fn take(
    tx: &dyn Sql,
    key: Key,
    now: Timestamp,
    lease: i64,
    until: Timestamp,
) -> Result<Option<u32>, StoreError> {
    let [order, kind, subject] = key.values();
    let parameters = [order, kind, subject, now.millis().into(), lease.into(), until.millis().into()];
    let Some(mut row) = TAKE.query_one(tx, &parameters)? else { return Ok(None) };
    let tries = row.integer()?;
    Ok(Some(u32::try_from(tries).map_err(|_| row.inconsistent("not a count"))?))
}

/// Gives a step to whoever already does what it would find out about.
///
/// # Errors
/// A failure of storage.
pub fn hold(tx: &dyn Sql, key: Key, lease: i64, until: Timestamp) -> Result<(), StoreError> {
    let [order, kind, subject] = key.values();
    HOLD.run(tx, &[order, kind, subject, lease.into(), until.millis().into()])
}

/// Whether `lease` still has the step.
///
/// # Errors
/// A failure of storage.
pub fn is_held(tx: &dyn Sql, key: Key, lease: i64) -> Result<bool, StoreError> {
    let [order, kind, subject] = key.values();
    Ok(IS_HELD.query_one(tx, &[order, kind, subject, lease.into()])?.is_some())
}

/// Gives a step back, to be tried again at a time. A step that is not needed any more is gone; that is fine.
///
/// # Errors
/// A failure of storage.
pub fn put_back(tx: &dyn Sql, key: Key, due_at: Timestamp, error: Option<&str>) -> Result<(), StoreError> {
    let [order, kind, subject] = key.values();
    PUT_BACK.run(tx, &[order, kind, subject, due_at.millis().into(), error.into()])
}

/// Makes everything that waits for a partner due at once: there is news, or a person wants it. An order that is kept for
/// its time stays kept.
///
/// # Errors
/// A failure of storage.
pub fn hasten(tx: &dyn Sql, order: OrderId, now: Timestamp) -> Result<(), StoreError> {
    HASTEN.run(tx, &[order.raw().into(), now.millis().into()])
}

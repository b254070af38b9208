//! What is read and written in the transaction of a receipt, a hold, a sign-up: one reading, one writing.

use kernel::{MemberId, ReceiptId, ReturnId, Timestamp};

use crate::error::StoreError;
use crate::port::{Sql, Value};
use crate::statement::{ManyRows, Statement};

/// Subjects that one reading asks for.
pub const SUBJECTS_MAX: usize = 8;

/// The subjects' states, and what holds for the member under the name `standing`.
const LOAD: Statement = Statement::new(
    "fraud.load",
    "select subject, state, 0, null from fraud_subjects where subject in (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
     union all select 'standing', standing, case_id, until_at from fraud_standings where member_id = ?9",
);
const SAVE: ManyRows = ManyRows {
    name: "fraud.save",
    head: "insert into fraud_subjects (subject, state, changed_at) values ",
    width: 3,
    tail: " on conflict (subject) do update set state = excluded.state, changed_at = excluded.changed_at",
};
const INSERT_TRACE: Statement = Statement::new(
    "fraud.insert_trace",
    "insert into fraud_traces (receipt_id, payment, device) values (?1, ?2, ?3)",
);
const STANDING: Statement = Statement::new(
    "fraud.standing",
    "select standing, case_id, until_at from fraud_standings where member_id = ?1",
);
const SET_STANDING: Statement = Statement::new(
    "fraud.set_standing",
    "insert into fraud_standings (member_id, standing, case_id, since, until_at) values (?1, ?2, ?3, ?4, ?5) \
     on conflict (member_id) do update set standing = excluded.standing, case_id = excluded.case_id, \
     since = excluded.since, until_at = excluded.until_at",
);
const CLEAR_STANDING: Statement =
    Statement::new("fraud.clear_standing", "delete from fraud_standings where member_id = ?1");
/// The subjects after one, in the order of their names, which an index has anyway: one by time would cost every receipt two
/// pages for each of its subjects.
const NEXT: Statement = Statement::new(
    "fraud.next_subjects",
    "select max(subject) from (select subject from fraud_subjects where subject > ?1 order by subject limit ?2) x",
);
const DELETE_OLD: Statement = Statement::new(
    "fraud.delete_old_subjects",
    "delete from fraud_subjects where subject > ?1 and subject <= ?2 and changed_at < ?3",
);
const TIDIED: Statement = Statement::new("fraud.tidied", "select subject from fraud_tidied where id = 1");
const TIDIED_TO: Statement = Statement::new(
    "fraud.tidied_to",
    "insert into fraud_tidied (id, subject) values (1, ?1) on conflict (id) do update set subject = excluded.subject",
);
const FORGET_SUBJECT: Statement =
    Statement::new("fraud.forget_subject", "delete from fraud_subjects where subject = ?1");

/// Which member a return is about, since when they are one.
const JOINED: Statement = Statement::new("fraud.joined", "select joined_at from members where id = ?1");
const INSERT_RETURN: Statement = Statement::new(
    "fraud.insert_return",
    "insert into fraud_returns (return_id, staff_code) values (?1, ?2)",
);
/// Whether a referral's use was found worth a delay, and under which case.
const REFERRAL_DELAYED: Statement = Statement::new(
    "fraud.referral_delayed",
    "select d.case_id from fraud_decisions d join fraud_cases c on c.id = d.case_id where d.member_id = ?1 \
     and d.event = 'referral' and d.action in ('delay_points', 'hold', 'block') and c.status <> 'overturned' \
     order by d.id desc limit 1",
);

/// What holds for a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// `challenge`, `hold`, `block` or `trusted`.
    pub standing: String,
    pub case: i64,
    /// Of trust, and of a challenge that rules made.
    pub until: Option<Timestamp>,
}

impl Standing {
    /// Whether it is this, and not over.
    #[must_use]
    pub fn is(&self, standing: &str, now: Timestamp) -> bool {
        self.standing == standing && self.until.is_none_or(|until| until > now)
    }
}

/// Stored states by their subjects, and what holds for the member.
pub type Loaded = (Vec<(String, String)>, Option<Standing>);

/// What is known of at most [`SUBJECTS_MAX`] subjects and of a member.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, subjects: &[String], member: Option<MemberId>) -> Result<Loaded, StoreError> {
    let mut parameters: Vec<Value> =
        subjects.iter().take(SUBJECTS_MAX).map(|key| key.as_str().into()).collect();
    // No subject has an empty name.
    parameters.resize_with(SUBJECTS_MAX, || "".into());
    parameters.push(member.map_or(0, MemberId::raw).into());
    let (mut states, mut standing) = (Vec::with_capacity(subjects.len()), None);
    for mut row in LOAD.query(sql, &parameters)? {
        let (name, text) = (row.text()?, row.text()?);
        let (case, until) = (row.integer()?, row.integer_or_null()?.map(Timestamp::from_millis));
        if name == "standing" {
            standing = Some(Standing { standing: text, case, until });
        } else {
            states.push((name, text));
        }
    }
    Ok((states, standing))
}

/// Since when a member is one.
///
/// # Errors
/// A failure of storage.
pub fn load_joined(sql: &dyn Sql, member: MemberId) -> Result<Option<Timestamp>, StoreError> {
    let row = JOINED.query_one(sql, &[member.raw().into()])?;
    row.map(|mut row| Ok(Timestamp::from_millis(row.integer()?))).transpose()
}

/// Keeps who took goods back, for a return that was judged.
///
/// # Errors
/// A failure of storage.
pub fn insert_return(tx: &dyn Sql, id: ReturnId, staff: Option<&str>) -> Result<(), StoreError> {
    INSERT_RETURN.run(tx, &[id.raw().into(), staff.into()])
}

/// The case by which a friend's use of a code was found worth a delay of what it brings.
///
/// # Errors
/// A failure of storage.
pub fn load_referral_delayed(sql: &dyn Sql, friend: MemberId) -> Result<Option<i64>, StoreError> {
    REFERRAL_DELAYED.query_one(sql, &[friend.raw().into()])?.map(|mut row| row.integer()).transpose()
}

/// Keeps states.
///
/// # Errors
/// A failure of storage.
pub fn save(tx: &dyn Sql, states: &[(String, String)], now: Timestamp) -> Result<(), StoreError> {
    let mut values: Vec<Value> = Vec::with_capacity(states.len() * SAVE.width);
    for (subject, state) in states {
        values.extend([subject.as_str().into(), state.as_str().into(), now.millis().into()]);
    }
    SAVE.run(tx, &values)
}

/// Keeps with what a receipt was paid, and on which device.
///
/// # Errors
/// A failure of storage.
pub fn insert_trace(
    tx: &dyn Sql,
    receipt: ReceiptId,
    payment: Option<i64>,
    device: Option<i64>,
) -> Result<(), StoreError> {
    INSERT_TRACE.run(tx, &[receipt.raw().into(), payment.into(), device.into()])
}

/// What holds for a member.
///
/// # Errors
/// A failure of storage.
pub fn load_standing(sql: &dyn Sql, member: MemberId) -> Result<Option<Standing>, StoreError> {
    let Some(mut row) = STANDING.query_one(sql, &[member.raw().into()])? else { return Ok(None) };
    Ok(Some(Standing {
        standing: row.text()?,
        case: row.integer()?,
        until: row.integer_or_null()?.map(Timestamp::from_millis),
    }))
}

/// Sets what holds for a member.
///
/// # Errors
/// A failure of storage.
pub fn set_standing(
    tx: &dyn Sql,
    member: MemberId,
    standing: &Standing,
    now: Timestamp,
) -> Result<(), StoreError> {
    SET_STANDING.run(
        tx,
        &[
            member.raw().into(),
            standing.standing.as_str().into(),
            standing.case.into(),
            now.millis().into(),
            standing.until.map(Timestamp::millis).into(),
        ],
    )
}

/// Nothing holds for a member any more.
///
/// # Errors
/// A failure of storage.
pub fn clear_standing(tx: &dyn Sql, member: MemberId) -> Result<(), StoreError> {
    CLEAR_STANDING.run(tx, &[member.raw().into()])
}

/// Looks at the next `limit` subjects and forgets those of whom nothing was counted since `before`. After the last subject it
/// begins anew: false, then.
///
/// # Errors
/// A failure of storage.
pub fn tidy(tx: &dyn Sql, before: Timestamp, limit: i64) -> Result<bool, StoreError> {
    let from = TIDIED.query_one(tx, &[])?.map_or_else(|| Ok(String::new()), |mut row| row.text())?;
    let to = NEXT.query_one(tx, &[from.as_str().into(), limit.into()])?;
    let to = to.map_or(Ok(None), |mut row| row.text_or_null())?;
    if let Some(to) = &to {
        DELETE_OLD.run(tx, &[from.as_str().into(), to.as_str().into(), before.millis().into()])?;
    }
    TIDIED_TO.run(tx, &[to.as_deref().unwrap_or_default().into()])?;
    Ok(to.is_some())
}

/// Forgets one subject.
///
/// # Errors
/// A failure of storage.
pub fn forget(tx: &dyn Sql, subject: &str) -> Result<(), StoreError> {
    FORGET_SUBJECT.run(tx, &[subject.into()])
}

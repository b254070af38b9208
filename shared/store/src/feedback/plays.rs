//! Plays, and the budgets out of which points are given.

use kernel::{MemberId, Points, ReceiptId, Timestamp};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::Statement;

const INSERT: Statement = Statement::new(
    "feedback.play",
    "insert into feedback_plays (request_id, member_id, rules_id, game, prize, points, played_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
);
const COUNT: Statement = Statement::new(
    "feedback.count_plays",
    "select count(*) from feedback_plays where member_id = ?1 and played_at > ?2",
);
const BY_ID: Statement =
    Statement::new("feedback.play_by_id", "select prize, points from feedback_plays where request_id = ?1");
const SPENT: Statement = Statement::new(
    "feedback.spent",
    "select spent from feedback_budgets where budget = ?1 and subject = ?2 and period = ?3",
);
const SPEND: Statement = Statement::new(
    "feedback.spend",
    "insert into feedback_budgets (budget, subject, period, spent) values (?1, ?2, ?3, ?4) \
     on conflict (budget, subject, period) do update set spent = feedback_budgets.spent + excluded.spent",
);

const GIVE_BACK: Statement = Statement::new(
    "feedback.give_back",
    "update feedback_budgets set spent = spent - ?4 where budget = ?1 and subject = ?2 and period = ?3",
);
/// The prize of a receipt's play, and how much of it ran out unspent.
const WON: Statement = Statement::new(
    "feedback.won",
    "select p.request_id, p.points, p.played_at, o.brand, o.zone, coalesce((select -sum(v.amount) from entries g \
     join lots l on l.entry_id = g.id join lot_moves v on v.lot_id = l.id join entries e on e.id = v.entry_id \
     where g.event = 'game:' || p.request_id and g.kind = 'accrual' and e.kind = 'expiry'), 0) \
     from feedback_requests q join feedback_plays p on p.request_id = q.id join outlets o on o.id = q.outlet_id \
     where q.receipt_id = ?1 and p.points > 0",
);

/// A budget of points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Budget {
    /// A brand's game in a month.
    Game,
    /// An outlet's tickets in a month.
    Outlet,
    /// One guest's compensations in a month.
    Guest,
    /// What one member of staff gives in a day.
    Staff,
}

impl Budget {
    const fn code(self) -> &'static str {
        match self {
            Self::Game => "game",
            Self::Outlet => "outlet",
            Self::Guest => "guest",
            Self::Staff => "staff",
        }
    }
}

/// A play to record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPlay<'a> {
    pub request: i64,
    pub member: MemberId,
    pub rules: i64,
    pub game: &'a str,
    pub prize: Option<&'a str>,
    pub points: Points,
    pub played_at: Timestamp,
}

/// A prize as it was won.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WonPrize {
    pub request: i64,
    pub points: Points,
    pub played_at: Timestamp,
    pub brand: String,
    /// Of the outlet.
    pub zone: String,
    /// What of it ran out unspent.
    pub expired: Points,
}

/// Records a play.
///
/// # Errors
/// A failure of storage; a unique violation when the answer has played before.
pub fn insert(sql: &dyn Sql, play: &NewPlay<'_>) -> Result<(), StoreError> {
    INSERT.run(
        sql,
        &[
            play.request.into(),
            play.member.raw().into(),
            play.rules.into(),
            play.game.into(),
            play.prize.into(),
            play.points.hundredths().into(),
            play.played_at.millis().into(),
        ],
    )
}

/// Plays of a member after `since`.
///
/// # Errors
/// A failure of storage.
pub fn count(sql: &dyn Sql, member: MemberId, since: Timestamp) -> Result<i64, StoreError> {
    let row = COUNT.query_one(sql, &[member.raw().into(), since.millis().into()])?;
    row.map_or(Ok(0), |mut row| row.integer())
}

/// What an answer has won: the prize's code and the points; `None` when it has not played.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, request: i64) -> Result<Option<(Option<String>, Points)>, StoreError> {
    let Some(mut row) = BY_ID.query_one(sql, &[request.into()])? else { return Ok(None) };
    Ok(Some((row.text_or_null()?, Points::from_hundredths(row.integer()?))))
}

/// What a budget has given in a period.
///
/// # Errors
/// A failure of storage.
pub fn load_spent(sql: &dyn Sql, budget: Budget, subject: &str, period: &str) -> Result<Points, StoreError> {
    let row = SPENT.query_one(sql, &[budget.code().into(), subject.into(), period.into()])?;
    row.map_or(Ok(Points::ZERO), |mut row| row.integer().map(Points::from_hundredths))
}

/// Takes points out of a budget. The caller has read it in the same transaction.
///
/// # Errors
/// A failure of storage.
pub fn spend(
    sql: &dyn Sql,
    budget: Budget,
    subject: &str,
    period: &str,
    points: Points,
) -> Result<(), StoreError> {
    SPEND.run(sql, &[budget.code().into(), subject.into(), period.into(), points.hundredths().into()])
}

/// Puts points back into a budget out of which they were taken.
///
/// # Errors
/// A failure of storage, also when they were never taken out of it.
pub fn give_back(
    sql: &dyn Sql,
    budget: Budget,
    subject: &str,
    period: &str,
    points: Points,
) -> Result<(), StoreError> {
    GIVE_BACK.run(sql, &[budget.code().into(), subject.into(), period.into(), points.hundredths().into()])
}

/// What the answer about a receipt has won; none where it won nothing.
///
/// # Errors
/// A failure of storage.
pub fn load_won(sql: &dyn Sql, receipt: ReceiptId) -> Result<Option<WonPrize>, StoreError> {
    let Some(mut row) = WON.query_one(sql, &[receipt.raw().into()])? else { return Ok(None) };
    Ok(Some(WonPrize {
        request: row.integer()?,
        points: Points::from_hundredths(row.integer()?),
        played_at: Timestamp::from_millis(row.integer()?),
        brand: row.text()?,
        zone: row.text()?,
        expired: Points::from_hundredths(row.integer()?),
    }))
}

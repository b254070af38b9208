//! Read, reply.

use api::wire::goals::{LeaderboardReply, LeaderboardRow};
use std::cell::RefCell;

use crew::boards::Boards;
use crew::leaderboard::{self, Asker, Row};
use kernel::{Date, Zone};
use membership::staff_auth::Permission;
use web::goals::{code, standing};
use web::problem::lang;
use web::{Call, Problem, Reply, paging, till};

/// Rows of each class unless `limit` says otherwise, and at most.
const ROWS_DEFAULT: i64 = 50;
const ROWS_MAX: i64 = 200;
/// The class of outlets that are new.
const CLASS_NEW: u8 = u8::MAX;

thread_local! {
    /// For whoever asks this instance next.
    static BOARDS: RefCell<Boards> = const { RefCell::new(Boards::new()) };
}

/// Reads a leaderboard.
///
/// # Errors
/// 404 where the goal holds at none of the caller's outlets; a failure of storage.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let staff = call.staff(Permission::ReadGoals)?;
    let (brand, goal_code) = (call.parameter("brand", code)?, call.parameter("code", code)?);
    let day = call.query("date", Date::parse)?.unwrap_or_else(|| call.now.date_in(&Zone::UTC));
    let limit = usize::try_from(paging::limit::<ROWS_MAX>(call, ROWS_DEFAULT)?).unwrap_or(0);
    let vault = till::secrets(call.settings)()?.vault();
    let asker = Asker { staff: staff.id, scope: staff.grant.scope(), vault: &vault };
    let board = BOARDS.with_borrow_mut(|boards| {
        leaderboard::load(call.sql, &brand, &goal_code, day, &asker, limit, (boards, call.now))
    })?;
    let row = |row: &Row| LeaderboardRow {
        class: (row.judged.class != CLASS_NEW).then_some(row.judged.class),
        name: row.name.clone(),
        outlet: row.outlet.clone(),
        within: row.within,
        standing: standing(&board.goal, &row.judged),
    };
    Reply::json(
        200,
        &LeaderboardReply {
            code: goal_code,
            version: board.version,
            name: board.goal.name.text(lang(call.language)).to_owned(),
            subject: board.goal.subject.code().to_owned(),
            period_from: board.days.from.to_string(),
            period_until: board.days.until.to_string(),
            rows: board.rows.iter().map(row).collect(),
            total: board.total,
            as_of: board.as_of.to_string(),
        },
    )
}

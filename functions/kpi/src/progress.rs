//! Progress, once or live.

use api::problem as p;
use api::wire::goals::{GoalProgress, ProgressReply};
use crew::boards::Boards;
use crew::progress::{self, Progress, Stamp, Viewer};
use kernel::{Date, StaffId, Timestamp};
use membership::staff_auth::Permission;
use store::Sql;
use store::outlets::Outlet;
use web::events::{self, Event, Outcome, Progress as Feed};
use web::goals::{chosen_outlet, standing};
use web::problem::lang;
use web::{Call, Problem, Reply};

/// The name of an event with progress in it.
const PROGRESS: &str = "progress";
/// How far from today a day may be asked for.
const DAYS_AWAY_MAX: i32 = 400;

/// Whose progress, and where.
struct Seen {
    person: (String, StaffId),
    outlet: Outlet,
    day: Option<Date>,
    language: membership::profile::Language,
}

pub fn read(call: &Call<'_>) -> Result<Outcome, Problem> {
    let staff = call.staff(Permission::ReadGoals)?.id;
    let outlet = chosen_outlet(call, Permission::ReadGoals)?;
    let day = call.query("date", Date::parse)?;
    let today = call.now.date_in(&outlet.zone);
    if day.is_some_and(|day| day.days_since(today).abs() > DAYS_AWAY_MAX) {
        return Err(Problem::of(&p::INVALID_FIELD).at("?date", "within 400 days of today"));
    }
    let person = store::staff::load(call.sql, staff)?.ok_or_else(|| Problem::of(&p::NOT_FOUND))?;
    let seen = Seen { person: (person.code, staff), outlet, day, language: call.language };
    if !events::is_wanted(&call.request) {
        let looked = look(call.sql, &seen, call.now, &mut Boards::new())?;
        return Ok(Outcome::Reply(Reply::json(200, &looked.reply)?));
    }
    // The clock of the call, moved on as the host's moves: a set one stays set.
    let (asked, mut started) = (call.now, None);
    let mut known: Option<(Stamp, Date)> = None;
    let mut boards = Boards::new();
    // When goals of several outlets together are to be summed anew; never where there are none.
    let mut teams_at: Option<Timestamp> = None;
    let mut told = events::last_event_id(&call.request).map(str::to_owned);
    Ok(Outcome::Feed(Box::new(move |sql: &dyn Sql, now: Timestamp| {
        let began = *started.get_or_insert(now);
        let now = asked.plus_millis(now.millis() - began.millis());
        let day = seen.day.unwrap_or_else(|| now.date_in(&seen.outlet.zone));
        let stamp = progress::stamp(sql, &seen.viewer(day, now))?;
        let is_same = known.as_ref().is_some_and(|(before, on)| *before == stamp && *on == day)
            && teams_at.is_none_or(|at| now < at);
        if is_same {
            return Ok(Feed::Goes(Vec::new()));
        }
        known = Some((stamp, day));
        let current = look(sql, &seen, now, &mut boards)?;
        teams_at = current.has_teams.then(|| now.plus_millis(progress::TEAM_FRESH_MS));
        let current = current.reply;
        let data = serde_json::to_string(&current).map_err(|error| Problem::internal(error.to_string()))?;
        let id = digest(&data);
        if told.as_ref() == Some(&id) {
            return Ok(Feed::Goes(Vec::new()));
        }
        told = Some(id.clone());
        Ok(Feed::Goes(vec![Event { id, name: PROGRESS, data }]))
    })))
}

/// Tells two states apart: FNV-1a, 64 bits. Nothing is trusted to it but whether to say the same again.
fn digest(data: &str) -> String {
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let hash = data.bytes().fold(BASIS, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME));
    format!("{hash:016x}")
}

impl Seen {
    fn viewer(&self, day: Date, now: Timestamp) -> Viewer<'_> {
        Viewer { person: Some((self.person.0.as_str(), self.person.1)), outlet: &self.outlet, day, now }
    }
}

/// What is seen at a moment.
struct Looked {
    reply: ProgressReply,
    /// Whether goals of several outlets together are among it.
    has_teams: bool,
}

fn look(sql: &dyn Sql, seen: &Seen, now: Timestamp, boards: &mut Boards) -> Result<Looked, Problem> {
    let day = seen.day.unwrap_or_else(|| now.date_in(&seen.outlet.zone));
    let goals = progress::load(sql, &seen.viewer(day, now), boards)?;
    let reply = ProgressReply {
        outlet: seen.outlet.code.clone(),
        date: day.to_string(),
        goals: goals.iter().map(|one| reply(one, seen)).collect(),
    };
    Ok(Looked { reply, has_teams: goals.iter().any(|one| one.goal.subject.is_team()) })
}

fn reply(one: &Progress, seen: &Seen) -> GoalProgress {
    let standing = standing(&one.goal, &one.judged);
    let reached = standing.level_percent.unwrap_or(0);
    let next = one.goal.levels.iter().map(|level| level.at_least_percent).find(|&percent| percent > reached);
    GoalProgress {
        code: one.code.clone(),
        version: one.version,
        name: one.goal.name.text(lang(seen.language)).to_owned(),
        subject: one.goal.subject.code().to_owned(),
        period_from: one.days.from.to_string(),
        period_until: one.days.until.to_string(),
        standing,
        next_level_percent: next,
    }
}

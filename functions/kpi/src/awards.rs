//! One's own awards, and payroll.

use api::problem as p;
use api::wire::goals::{AwardReply, AwardsPage};
use crew::payroll;
use kernel::id::parse_id;
use kernel::{Currency, Date, Money, ParseError, Points, Zone};
use membership::staff_auth::Permission;
use store::kpi::awards::{self, Award};
use web::{Call, Problem, Reply, paging};

/// Awards on a page unless `limit` says otherwise, and at most.
const PAGE_DEFAULT: i64 = 50;
const PAGE_MAX: i64 = 100;
/// Days of one export.
const EXPORT_DAYS_MAX: i32 = 100;

fn award_id(text: &str) -> Result<i64, ParseError> {
    parse_id("awd", text)
}

pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let staff = call.staff(Permission::ReadGoals)?.id;
    let before = call.query("cursor", award_id)?.unwrap_or(i64::MAX);
    let limit = paging::limit::<PAGE_MAX>(call, PAGE_DEFAULT)?;
    let mut found = awards::list_of_staff(call.sql, staff, before, limit + 1)?;
    let more = paging::cut(&mut found, limit);
    let next_cursor = found.last().filter(|_| more).map(|last| payroll::text_of(last.id));
    let items = found.into_iter().map(reply).collect::<Result<_, _>>()?;
    Reply::json(200, &AwardsPage { items, next_cursor })
}

fn reply(award: Award) -> Result<AwardReply, Problem> {
    let broken = || Problem::internal(format!("award {} has no known prize", award.id));
    let (kind, code) = award.prize.split_once(':').unwrap_or((award.prize.as_str(), ""));
    let money = match kind {
        "money" => Some(Money::new(award.amount, Currency::parse(code).map_err(|_| broken())?).into()),
        "points" | "badge" => None,
        _ => return Err(broken()),
    };
    Ok(AwardReply {
        id: payroll::text_of(award.id),
        goal: award.goal_code,
        version: award.version,
        period_from: award.from.to_string(),
        period_until: award.until.to_string(),
        subject: award.subject,
        kind: kind.to_owned(),
        badge: (kind == "badge").then(|| code.to_owned()),
        points: (kind == "points").then(|| Points::from_hundredths(award.amount).to_string()),
        money,
        points_posted: award.posted.map(|(_, points)| points.to_string()),
        reverses: award.reverses.map(payroll::text_of),
        arithmetic: serde_json::from_str(&award.arithmetic)
            .map_err(|error| Problem::internal(error.to_string()))?,
        decided_at: award.decided_at.to_string(),
    })
}

pub fn export(call: &Call<'_>) -> Result<Reply, Problem> {
    let missing = |name: &str| Problem::of(&p::INVALID_FIELD).at(name, "say which days");
    let from = call.query("from", Date::parse)?.ok_or_else(|| missing("?from"))?;
    let until = call.query("until", Date::parse)?.ok_or_else(|| missing("?until"))?;
    if !(1..=EXPORT_DAYS_MAX).contains(&until.days_since(from)) {
        let words = format!("1 to {EXPORT_DAYS_MAX} days after from");
        return Err(Problem::of(&p::INVALID_FIELD).at("?until", words));
    }
    let (from, until) = (from.start_in(&Zone::UTC), until.start_in(&Zone::UTC));
    let table = payroll::export(call.sql, from, until)?;
    Ok(Reply::bytes(200, "text/csv", table).header("cache-control", "no-store"))
}

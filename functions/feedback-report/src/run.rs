//! Ask, format, reply.

use api::problem as p;
use api::wire::feedback::{Interval, RatingRow, RatingsReply, TagCount};
use api::wire::tickets::{TicketSums, TicketSumsReply};
use care::report;
use feedback::statistics::{Nps, Rating, per_mille};
use feedback::ticket::{Desk, desk_of};
use kernel::time::MINUTE_MS;
use kernel::{Date, ParseError, Zone};
use membership::staff_auth::Permission;
use store::feedback::report::{self as answers, By};
use store::tickets::report as tickets;
use web::{Call, Problem, Reply};

/// Days of a report.
const DAYS_MAX: i32 = 366;
const DAYS: i32 = 30;
/// Characters of a brand's or an outlet's code.
const CODE_LEN_MAX: usize = 64;

/// Serves the reports.
///
/// # Errors
/// 422 for a parameter that is not lawful.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    match call.operation.id {
        "report_feedback" => ratings(call),
        "report_tickets" => of_tickets(call),
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    }
}

/// What both reports are asked for.
struct Asked {
    days: (Date, Date),
    brand: Option<String>,
    outlet: Option<String>,
}

impl Asked {
    fn read(call: &Call<'_>) -> Result<Self, Problem> {
        let tomorrow = call.now.date_in(&Zone::UTC).plus_days(1);
        let until = call.query("until", Date::parse)?.unwrap_or(tomorrow);
        let from = call.query("from", Date::parse)?.unwrap_or(until.plus_days(-DAYS));
        if from >= until || until.days_since(from) > DAYS_MAX {
            let words = format!("1 to {DAYS_MAX} days after `from`");
            return Err(Problem::of(&p::INVALID_FIELD).at("?until", words));
        }
        Ok(Self {
            days: (from, until),
            brand: call.query("brand", code)?,
            outlet: call.query("outlet", code)?,
        })
    }
}

fn ratings(call: &Call<'_>) -> Result<Reply, Problem> {
    let staff = call.staff(Permission::ReadFeedback)?.id;
    let by = call.query("by", by)?.unwrap_or(By::Outlet);
    let asked = Asked::read(call)?;
    let query = answers::Asked {
        staff,
        days: asked.days,
        brand: asked.brand.as_deref(),
        outlet: asked.outlet.as_deref(),
    };
    let rows = report::ratings(call.sql, by, &query)?;
    let tags = report::tags(call.sql, &query)?;
    let items = rows.into_iter().map(|row| RatingRow {
        key: row.key,
        name: row.name,
        answers: row.answers,
        rating: row.rating.map(stars),
        nps: row.nps.map(score),
    });
    Reply::json(
        200,
        &RatingsReply {
            by: by_code(by).to_owned(),
            from: asked.days.0.to_string(),
            until: asked.days.1.to_string(),
            items: items.collect(),
            tags: tags.into_iter().map(|(tag, answers)| TagCount { tag, answers }).collect(),
        },
    )
}

fn of_tickets(call: &Call<'_>) -> Result<Reply, Problem> {
    let caller = call.staff(Permission::ReadFeedback)?;
    let by = call.query("by", tickets_by)?.unwrap_or(tickets::By::Outlet);
    let asked = Asked::read(call)?;
    let (from, until) = asked.days;
    let query = tickets::Asked {
        staff: caller.id,
        // Sums are no tickets: whoever reads reports and sits at no desk sees all of their scope.
        desk: desk_of(caller.grant.role().code()).unwrap_or(Desk::Support),
        opened: (from.start_in(&Zone::UTC), until.start_in(&Zone::UTC)),
        now: call.now,
        brand: asked.brand.as_deref(),
        outlet: asked.outlet.as_deref(),
    };
    let rows = report::of_tickets(call.sql, by, &query)?;
    Reply::json(
        200,
        &TicketSumsReply {
            by: tickets_code(by).to_owned(),
            from: from.to_string(),
            until: until.to_string(),
            items: rows.into_iter().map(sums).collect(),
        },
    )
}

fn sums(row: tickets::Sums) -> TicketSums {
    let minutes = |sum: i64, count: i64| sum.checked_div(count).map(|mean| mean / MINUTE_MS);
    let percent = |part: i64, whole: i64| {
        let share = per_mille(u64::try_from(part).unwrap_or(0), u64::try_from(whole).unwrap_or(0));
        share.map(|share| fixed(i64::from(share), 1))
    };
    TicketSums {
        answer_minutes: minutes(row.answer_ms, row.answered),
        close_minutes: minutes(row.close_ms, row.closed),
        answered_in_time_percent: percent(row.answered_in_time, row.answers_due),
        closed_in_time_percent: percent(row.closed_in_time, row.closings_due),
        changed_process_percent: percent(row.changed_process, row.closed),
        key: row.key,
        name: row.name,
        tickets: row.tickets,
        closed: row.closed,
        overdue: row.overdue,
        reopened: row.reopened,
        compensated: row.compensated.to_string(),
        with_points: row.with_points,
        in_kind: row.in_kind,
    }
}

fn stars(rating: Rating) -> Interval {
    let text = |hundredths: u32| fixed(i64::from(hundredths), 2);
    Interval {
        answers: rating.answers,
        value: text(rating.mean),
        low: text(rating.low),
        high: text(rating.high),
    }
}

fn score(nps: Nps) -> Interval {
    let text = |tenths: i32| fixed(i64::from(tenths), 1);
    Interval { answers: nps.answers, value: text(nps.score), low: text(nps.low), high: text(nps.high) }
}

/// A number in tenths (1) or hundredths (2) as a decimal.
fn fixed(value: i64, digits: usize) -> String {
    let scale = 10_i64.pow(u32::try_from(digits).unwrap_or(0));
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}{}.{:0digits$}", value.abs() / scale, value.abs() % scale)
}

const BY: [(By, &str); 7] = [
    (By::Brand, "brand"),
    (By::Outlet, "outlet"),
    (By::Franchisee, "franchisee"),
    (By::City, "city"),
    (By::Staff, "staff"),
    (By::Hour, "hour"),
    (By::Product, "product"),
];
const TICKETS_BY: [(tickets::By, &str); 6] = [
    (tickets::By::Brand, "brand"),
    (tickets::By::Outlet, "outlet"),
    (tickets::By::Franchisee, "franchisee"),
    (tickets::By::City, "city"),
    (tickets::By::Topic, "topic"),
    (tickets::By::Team, "team"),
];

fn by(text: &str) -> Result<By, ParseError> {
    let found = BY.iter().find(|(_, code)| *code == text);
    found.map(|(by, _)| *by).ok_or(ParseError("no such grouping"))
}

fn by_code(by: By) -> &'static str {
    BY.iter().find(|(known, _)| *known == by).map_or("", |(_, code)| code)
}

fn tickets_by(text: &str) -> Result<tickets::By, ParseError> {
    let found = TICKETS_BY.iter().find(|(_, code)| *code == text);
    found.map(|(by, _)| *by).ok_or(ParseError("no such grouping"))
}

fn tickets_code(by: tickets::By) -> &'static str {
    TICKETS_BY.iter().find(|(known, _)| *known == by).map_or("", |(_, code)| code)
}

fn code(text: &str) -> Result<String, ParseError> {
    let lawful = text.len() <= CODE_LEN_MAX && text.bytes().all(|byte| byte.is_ascii_graphic());
    lawful.then(|| text.to_owned()).ok_or(ParseError("no such code"))
}

//! Staff: look, decide, reply.

use api::problem as p;
use api::wire::tickets::{AssignBody, CloseBody, CompensateBody, OutcomeBody, TicketPage, WordsBody};
use care::shown::{parse_ticket_id, ticket_id};
use care::teams::parse_team_id;
use care::tickets::{self, Actor, Command};
use club::Moment;
use club::personal::Personal;
use feedback::ticket::{Outcome, State};
use kernel::{ParseError, Points, StaffId};
use membership::staff_auth::Permission;
use store::tickets::{self as stored, Filter};
use web::fields::Fields;
use web::problem::Text;
use web::{Call, Problem, Reply, body, guest as guests, idempotency, paging, tickets as replies};

use crate::run::{PAGE_DEFAULT, PAGE_MAX, words};

/// Characters of a reason for points or of what was given instead, and of what was changed.
const REASON_LEN_MAX: usize = 200;
const LESSON_LEN_MAX: usize = 500;
/// Characters of an outlet's code.
const CODE_LEN_MAX: usize = 32;

pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let actor = actor(call)?;
    let before = call.query("cursor", parse_ticket_id)?.unwrap_or(i64::MAX);
    let limit = paging::limit::<PAGE_MAX>(call, PAGE_DEFAULT)?;
    let (mine, overdue) = (call.query("mine", yes)?, call.query("overdue", yes)?);
    let outlet = call.query("outlet", code)?;
    let filter = Filter {
        state: call.query("state", State::parse)?,
        outlet: outlet.as_deref(),
        assignee: mine.unwrap_or(false).then_some(actor.staff),
        team: call.query("team", parse_team_id)?,
        overdue_at: overdue.unwrap_or(false).then_some(call.now),
    };
    let (secrets, random) = (guests::secrets(call.settings)?, call.random);
    let personal = Personal { secrets: &secrets, random: &random };
    // One more than asked for tells whether there is another page.
    let mut found = stored::list(call.sql, actor.viewer()?, &filter, before, limit + 1)?;
    let more = paging::cut(&mut found, limit);
    let next_cursor = found.last().filter(|_| more).map(|last| ticket_id(last.id));
    let mut items = Vec::with_capacity(found.len());
    for ticket in &found {
        items.push(replies::row(ticket, tickets::head_of(ticket, personal)?, call.now));
    }
    Reply::json(200, &TicketPage { items, next_cursor })
}

pub fn read(call: &Call<'_>) -> Result<Reply, Problem> {
    let id = call.parameter("id", parse_ticket_id)?;
    let (secrets, random) = (guests::secrets(call.settings)?, call.random);
    let personal = Personal { secrets: &secrets, random: &random };
    let seen = tickets::read(call.sql, id, actor(call)?, personal)?;
    Reply::json(200, &replies::reply(seen, call.now))
}

pub fn assign(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let body: AssignBody = body::json(&call.request)?;
    let mut fields = Fields::new();
    let to = body.to.as_deref().and_then(|text| fields.read("/to", StaffId::parse(text)));
    let team = body.team.as_deref().and_then(|text| fields.read("/team", parse_team_id(text)));
    if body.to.is_some() && body.team.is_some() {
        fields.fault(&p::INVALID_FIELD, "/team", one_of_both());
    }
    fields.finish()?;
    act(call, &team.map_or(Command::Assign(to), Command::HandOver))
}

fn one_of_both() -> Text {
    let words = [
        "либо `to`, либо `team`",
        "не `to`, не `team`: екеуінің бірі ғана",
        "either `to` or `team`, not both",
    ];
    Text::Words(words.map(str::to_owned))
}

pub fn comment(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let body: WordsBody = body::json(&call.request)?;
    words(&body.text)?;
    act(call, &Command::Comment(&body.text))
}

pub fn answer(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let body: WordsBody = body::json(&call.request)?;
    words(&body.text)?;
    act(call, &Command::Answer(&body.text))
}

pub fn compensate(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let body: CompensateBody = body::json(&call.request)?;
    let mut fields = Fields::new();
    fields.length("/reason", &body.reason, REASON_LEN_MAX);
    let points = fields.read("/points", Points::parse(&body.points));
    if points.is_some_and(|points| !points.is_positive()) {
        fields.fault(&p::INVALID_FIELD, "/points", "must be above zero");
    }
    fields.finish()?;
    let points = points.ok_or_else(|| Problem::internal("points without a value passed the check"))?;
    act(call, &Command::Compensate { points, reason: &body.reason })
}

pub fn close(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let body: CloseBody = body::json(&call.request)?;
    let mut fields = Fields::new();
    if let Some(lesson) = &body.lesson {
        fields.length("/lesson", lesson, LESSON_LEN_MAX);
    }
    if let Some(in_kind) = &body.in_kind {
        fields.length("/in_kind", in_kind, REASON_LEN_MAX);
    }
    fields.finish()?;
    let outcome = match body.outcome {
        OutcomeBody::Explained => Outcome::Explained,
        OutcomeBody::Compensated => Outcome::Compensated,
        OutcomeBody::Fixed => Outcome::Fixed,
        OutcomeBody::Unfounded => Outcome::Unfounded,
        OutcomeBody::Duplicate => Outcome::Duplicate,
    };
    let (lesson, in_kind) = (body.lesson.as_deref(), body.in_kind.as_deref());
    act(call, &Command::Close { outcome, changed_process: body.changed_process, lesson, in_kind })
}

pub fn reopen(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let body: WordsBody = body::json(&call.request)?;
    words(&body.text)?;
    act(call, &Command::Reopen(&body.text))
}

fn act(call: &mut Call<'_>, command: &Command<'_>) -> Result<Reply, Problem> {
    let (id, actor) = (call.parameter("id", parse_ticket_id)?, actor(call)?);
    let (secrets, random) = (guests::secrets(call.settings)?, call.random);
    idempotency::once(call, |call, tx| {
        let personal = Personal { secrets: &secrets, random: &random };
        let mut moment = Moment { now: call.now, ids: &mut call.ids };
        let seen = tickets::act(tx, id, actor, command, personal, &mut moment)?;
        Reply::json(200, &replies::reply(seen, call.now))
    })
}

pub fn actor(call: &Call<'_>) -> Result<Actor, Problem> {
    let staff = call.staff(Permission::HandleTickets)?;
    Ok(Actor { staff: staff.id, role: staff.grant.role() })
}

pub fn yes(text: &str) -> Result<bool, ParseError> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(ParseError("true or false")),
    }
}

pub fn code(text: &str) -> Result<String, ParseError> {
    let lawful = text.len() <= CODE_LEN_MAX && text.bytes().all(|byte| byte.is_ascii_graphic());
    lawful.then(|| text.to_owned()).ok_or(ParseError("no such outlet"))
}

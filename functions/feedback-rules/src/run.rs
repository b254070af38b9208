//! Check, publish, list.

use api::problem as p;
use api::wire::feedback::{FeedbackRulesPage, NewFeedbackRulesBody};
use api::wire::programmes::{CheckReply, RuleProblem};
use care::rules::{self, NewVersion};
use club::Moment;
use feedback::check::CODE_LEN_MAX;
use feedback::rules::FeedbackRules;
use kernel::{ParseError, Timestamp};
use membership::staff_auth::Permission;
use store::{brands, feedback as stored};
use web::fields::Fields;
use web::problem::lang;
use web::{Call, Problem, Reply, body, feedback as words, idempotency, paging};

use crate::teams;

/// Versions on a page unless `limit` says otherwise, and at most.
const PAGE_DEFAULT: i64 = 5;
const PAGE_MAX: i64 = 20;
/// Most characters of a note.
const NOTE_LEN_MAX: usize = 500;

/// Serves the operations on the rules.
///
/// # Errors
/// What the operation is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let brand = call.parameter("brand", brand)?;
    match call.operation.id {
        "check_feedback_rules" => check(call, &brand),
        "publish_feedback_rules" => publish(call, &brand),
        "list_feedback_rules" => list(call, &brand),
        "list_ticket_teams" => teams::list(call, &brand),
        "put_ticket_team" => teams::put(call, &brand),
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    }
}

fn brand(text: &str) -> Result<String, ParseError> {
    let lawful = text.len() <= CODE_LEN_MAX && text.bytes().all(|byte| byte.is_ascii_graphic());
    lawful.then(|| text.to_owned()).ok_or(ParseError("no such brand"))
}

fn check(call: &Call<'_>, brand: &str) -> Result<Reply, Problem> {
    let rules: FeedbackRules = body::json(&call.request)?;
    let mut problems: Vec<RuleProblem> = rules::problems(call.sql, brand, &rules)?
        .into_iter()
        .map(|found| RuleProblem { detail: found.fault.text(lang(call.language)), pointer: found.pointer })
        .collect();
    if rules.brand != brand {
        let detail = rules::Refused::OtherBrand.to_string();
        problems.push(RuleProblem { pointer: "/brand".to_owned(), detail });
    }
    Reply::json(200, &CheckReply { valid: problems.is_empty(), problems })
}

fn publish(call: &mut Call<'_>, brand: &str) -> Result<Reply, Problem> {
    let by = call.staff(Permission::ManageProgramme)?.id;
    let body: NewFeedbackRulesBody = body::json(&call.request)?;
    let mut fields = Fields::new();
    fields.length("/note", &body.note, NOTE_LEN_MAX);
    let effective_from = body
        .effective_from
        .as_deref()
        .and_then(|text| fields.read("/effective_from", Timestamp::parse(text)));
    fields.finish()?;
    let rules = words::rules(&body.rules)?;
    idempotency::once(call, |call, tx| {
        let new = NewVersion { brand, rules: &rules, effective_from, note: &body.note, by: Some(by) };
        let mut moment = Moment { now: call.now, ids: &mut call.ids };
        let version = rules::publish(tx, &new, &mut moment)?;
        let in_force = stored::load_in_force(tx, brand, call.now)?;
        Reply::json(201, &words::version(&version, in_force)?)
    })
}

fn list(call: &Call<'_>, brand: &str) -> Result<Reply, Problem> {
    let before = call.query("cursor", paging::whole::<{ i64::MAX }>)?.unwrap_or(i64::MAX);
    let limit = paging::limit::<PAGE_MAX>(call, PAGE_DEFAULT)?;
    if brands::load(call.sql, brand)?.is_none() {
        return Err(Problem::of(&p::NOT_FOUND));
    }
    let current = stored::load_in_force(call.sql, brand, call.now)?;
    // One more than asked for tells whether there is another page.
    let mut versions = stored::list_versions(call.sql, brand, before, limit + 1)?;
    let more = paging::cut(&mut versions, limit);
    let next_cursor = versions.last().filter(|_| more).map(|last| last.version.to_string());
    let items = versions.iter().map(|version| words::version(version, current));
    Reply::json(200, &FeedbackRulesPage { items: items.collect::<Result<_, _>>()?, next_cursor })
}

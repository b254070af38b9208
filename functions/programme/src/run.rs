//! Check, publish, list, read.

use api::problem as p;
use api::wire::programmes::{CheckReply, NewVersionBody, RuleProblem, VersionPage};
use club::Moment;
use club::programme_admin::{self, NewVersion, Refused};
use kernel::{ParseError, ProgrammeVersionId, Timestamp};
use loyalty::programme::{CODE_LEN_MAX, Programme};
use membership::staff_auth::Permission;
use store::{brands, programmes};
use web::fields::Fields;
use web::problem::lang;
use web::programmes::version_reply;
use web::{Call, Problem, Reply, body, idempotency, paging};

/// Versions on a page unless `limit` says otherwise, and at most.
const PAGE_DEFAULT: i64 = 10;
const PAGE_MAX: i64 = 50;
/// Most characters of a note.
const NOTE_LEN_MAX: usize = 500;

/// Serves the operations on programmes.
///
/// # Errors
/// What the operation is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let brand = call.parameter("brand", brand)?;
    match call.operation.id {
        "check_programme" => check(call, &brand),
        "publish_programme" => publish(call, &brand),
        "list_programme_versions" => list(call, &brand),
        "read_programme_version" => read(call, &brand),
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    }
}

fn brand(text: &str) -> Result<String, ParseError> {
    let lawful = text.len() <= CODE_LEN_MAX && text.bytes().all(|byte| byte.is_ascii_graphic());
    lawful.then(|| text.to_owned()).ok_or(ParseError("no such brand"))
}

fn check(call: &Call<'_>, brand: &str) -> Result<Reply, Problem> {
    let rules: Programme = body::json(&call.request)?;
    let one = |pointer: &str, detail: String| vec![RuleProblem { pointer: pointer.to_owned(), detail }];
    let problems = match programme_admin::check(call.sql, brand, &rules) {
        Ok(()) => Vec::new(),
        Err(Refused::Rules(problems)) => problems
            .into_iter()
            .map(|found| RuleProblem {
                detail: found.fault.text(lang(call.language)),
                pointer: found.pointer,
            })
            .collect(),
        Err(refused @ Refused::OtherBrand) => one("/brand", refused.to_string()),
        Err(refused @ Refused::TierInUse { .. }) => one("/tiers", refused.to_string()),
        Err(refused) => return Err(refused.into()),
    };
    Reply::json(200, &CheckReply { valid: problems.is_empty(), problems })
}

fn publish(call: &mut Call<'_>, brand: &str) -> Result<Reply, Problem> {
    let by = call.staff(Permission::ManageProgramme)?.id;
    let body: NewVersionBody = body::json(&call.request)?;
    let mut fields = Fields::new();
    fields.length("/note", &body.note, NOTE_LEN_MAX);
    let effective_from = body
        .effective_from
        .as_deref()
        .and_then(|text| fields.read("/effective_from", Timestamp::parse(text)));
    fields.finish()?;
    let rules = web::programmes::rules(&body.rules)?;
    idempotency::once(call, |call, tx| {
        let new = NewVersion { brand, rules: &rules, effective_from, note: &body.note, by: Some(by) };
        let mut moment = Moment { now: call.now, ids: &mut call.ids };
        let version = programme_admin::publish(tx, &new, &mut moment)?;
        let in_force = version.effective_from <= call.now;
        Reply::json(201, &version_reply(&version, in_force)?)
    })
}

fn list(call: &Call<'_>, brand: &str) -> Result<Reply, Problem> {
    let before = call.query("cursor", paging::whole::<{ i64::MAX }>)?.unwrap_or(i64::MAX);
    let limit = paging::limit::<PAGE_MAX>(call, PAGE_DEFAULT)?;
    let current = known_brand(call, brand)?;
    // One more than asked for tells whether there is another page.
    let mut versions = programmes::list(call.sql, brand, before, limit + 1)?;
    let more = paging::cut(&mut versions, limit);
    let next_cursor = versions.last().filter(|_| more).map(|last| last.version.to_string());
    let items = versions.iter().map(|version| version_reply(version, current == Some(version.id)));
    Reply::json(200, &VersionPage { items: items.collect::<Result<_, _>>()?, next_cursor })
}

fn read(call: &Call<'_>, brand: &str) -> Result<Reply, Problem> {
    let number = call.parameter("version", paging::whole::<{ i64::MAX }>)?;
    let current = known_brand(call, brand)?;
    let version = programmes::load_number(call.sql, brand, number)?;
    let version = version.ok_or_else(|| Problem::of(&p::NOT_FOUND))?;
    Reply::json(200, &version_reply(&version, current == Some(version.id))?)
}

/// The version in force in a brand that exists.
fn known_brand(call: &Call<'_>, brand: &str) -> Result<Option<ProgrammeVersionId>, Problem> {
    if brands::load(call.sql, brand)?.is_none() {
        return Err(Problem::of(&p::NOT_FOUND));
    }
    Ok(programmes::load_in_force(call.sql, brand, call.now)?)
}

//! Check, make, revise, switch on and off, list, read.

use api::problem as p;
use api::wire::programmes::RuleProblem;
use api::wire::promotions::{
    NewPromotionBody, PromotionCheckReply, PromotionPage, PromotionVersionPage, ScheduleBody,
};
use club::Moment;
use kernel::{ParseError, PromotionId, Timestamp};
use membership::staff_auth::Permission;
use pricing::Promotion;
use shop::promotion::administration::{self as office, Refused};
use store::promotions::{self, Stored, uses};
use store::transaction::transaction;
use store::{Sql, brands};
use web::fields::Fields;
use web::problem::lang;
use web::{Call, Problem, Reply, body, idempotency, paging};

use crate::show;

/// Promotions or versions on a page unless `limit` says otherwise, and at most.
const PAGE_DEFAULT: i64 = 20;
const PAGE_MAX: i64 = 100;
/// Most characters of a note.
const NOTE_LEN_MAX: usize = 500;
/// Most characters of a brand's code.
const BRAND_LEN_MAX: usize = 64;

/// Serves the operations on promotions.
///
/// # Errors
/// What the operation is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    match call.operation.id {
        "check_promotion" => check(call),
        "create_promotion" => create(call),
        "list_promotions" => list(call),
        "read_promotion" => read(call),
        "revise_promotion" => revise(call),
        "list_promotion_versions" => versions(call),
        "schedule_promotion" => schedule(call),
        "pause_promotion" => change(call, office::pause),
        "resume_promotion" => change(call, office::resume),
        "end_promotion" => change(call, office::end),
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    }
}

fn check(call: &Call<'_>) -> Result<Reply, Problem> {
    let rules: Promotion = body::json(&call.request)?;
    let problems = match office::check(call.sql, &rules) {
        Ok(()) => Vec::new(),
        Err(Refused::Rules(problems)) => {
            let language = lang(call.language);
            let shown = problems
                .into_iter()
                .map(|found| RuleProblem { detail: found.fault.text(language), pointer: found.pointer });
            shown.collect()
        }
        Err(refused @ Refused::UnknownBrand) => {
            vec![RuleProblem { pointer: "/brand".to_owned(), detail: refused.to_string() }]
        }
        Err(refused) => return Err(refused.into()),
    };
    Reply::json(200, &PromotionCheckReply { valid: problems.is_empty(), problems })
}

fn create(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let by = call.staff(Permission::ManageProgramme)?.id;
    let body = noted(call)?;
    idempotency::once(call, |call, tx| {
        let mut moment = Moment { now: call.now, ids: &mut call.ids };
        let (stored, version) = office::create(tx, &body.rules, &body.note, Some(by), &mut moment)?;
        Reply::json(201, &show::promotion(&stored, &version, call.now)?)
    })
}

fn revise(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let by = call.staff(Permission::ManageProgramme)?.id;
    let id = call.parameter("id", PromotionId::parse)?;
    let body = noted(call)?;
    idempotency::once(call, |call, tx| {
        let moment = Moment { now: call.now, ids: &mut call.ids };
        let (stored, version) = office::revise(tx, id, &body.rules, &body.note, Some(by), &moment)?;
        Reply::json(201, &show::promotion(&stored, &version, moment.now)?)
    })
}

fn noted(call: &Call<'_>) -> Result<NewPromotionBody, Problem> {
    let body: NewPromotionBody = body::json(&call.request)?;
    let mut fields = Fields::new();
    fields.length("/note", &body.note, NOTE_LEN_MAX);
    fields.finish()?;
    Ok(body)
}

fn schedule(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let id = call.parameter("id", PromotionId::parse)?;
    let body: ScheduleBody = body::json(&call.request)?;
    let mut fields = Fields::new();
    let mut time = |pointer: &str, text: &Option<String>| {
        text.as_deref().and_then(|text| fields.read(pointer, Timestamp::parse(text)))
    };
    let (starts_at, ends_at) = (time("/starts_at", &body.starts_at), time("/ends_at", &body.ends_at));
    fields.finish()?;
    change(call, |tx, _, moment| office::schedule(tx, id, starts_at, ends_at, moment))
}

/// Changes a promotion's state in one transaction and shows it.
fn change(
    call: &mut Call<'_>,
    change: impl FnOnce(&dyn Sql, PromotionId, &Moment<'_>) -> Result<Stored, Refused>,
) -> Result<Reply, Problem> {
    let id = call.parameter("id", PromotionId::parse)?;
    let moment = Moment { now: call.now, ids: &mut call.ids };
    let stored = transaction(call.sql, |tx| change(tx, id, &moment))?;
    let version = show::version(call.sql, &stored)?;
    Reply::json(200, &show::promotion(&stored, &version, moment.now)?)
}

fn read(call: &Call<'_>) -> Result<Reply, Problem> {
    let stored = known(call)?;
    let version = show::version(call.sql, &stored)?;
    let mut reply = show::promotion(&stored, &version, call.now)?;
    reply.given = uses::totals(call.sql, stored.id)?.iter().map(show::given).collect();
    Reply::json(200, &reply)
}

fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let brand = call.query("brand", brand)?.ok_or_else(|| {
        Problem::of(&p::INVALID_FIELD).at("?brand", "name the brand whose promotions you want")
    })?;
    let before = call.query("cursor", paging::whole::<{ i64::MAX }>)?.unwrap_or(i64::MAX);
    let limit = paging::limit::<PAGE_MAX>(call, PAGE_DEFAULT)?;
    if brands::load(call.sql, &brand)?.is_none() {
        return Err(Problem::of(&p::INVALID_FIELD).at("?brand", "no such brand"));
    }
    let mut stored = promotions::list(call.sql, &brand, before, None, limit + 1)?;
    let more = paging::cut(&mut stored, limit);
    let next_cursor = stored.last().filter(|_| more).map(|last| last.id.raw().to_string());
    let items = stored.iter().map(|stored| {
        let version = show::version(call.sql, stored)?;
        show::promotion(stored, &version, call.now)
    });
    Reply::json(200, &PromotionPage { items: items.collect::<Result<_, _>>()?, next_cursor })
}

fn versions(call: &Call<'_>) -> Result<Reply, Problem> {
    let stored = known(call)?;
    let before = call.query("cursor", paging::whole::<{ i64::MAX }>)?.unwrap_or(i64::MAX);
    let limit = paging::limit::<PAGE_MAX>(call, PAGE_DEFAULT)?;
    let mut versions = promotions::list_versions(call.sql, stored.id, before, limit + 1)?;
    let more = paging::cut(&mut versions, limit);
    let next_cursor = versions.last().filter(|_| more).map(|last| last.version.to_string());
    let items =
        versions.iter().map(|version| show::version_reply(version, version.version == stored.version));
    Reply::json(200, &PromotionVersionPage { items: items.collect::<Result<_, _>>()?, next_cursor })
}

fn known(call: &Call<'_>) -> Result<Stored, Problem> {
    let id = call.parameter("id", PromotionId::parse)?;
    promotions::load(call.sql, id)?.ok_or_else(|| Problem::of(&p::NOT_FOUND))
}

fn brand(text: &str) -> Result<String, ParseError> {
    let lawful =
        (1..=BRAND_LEN_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    lawful.then(|| text.to_owned()).ok_or(ParseError("not a brand's code"))
}

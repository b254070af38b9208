//! Versions of rules, and what they found that no case holds.

use api::wire::fraud::{FraudDecisionPage, FraudRulesPage, NewFraudRulesBody, RulesModeBody};
use kernel::ParseError;
use membership::staff_auth::Permission;
use store::fraud::{decisions, rules as stored};
use watch::Moment;
use watch::rules::{self, NOTE_LEN_MAX, NewVersion};
use web::fields::Fields;
use web::problem::lang;
use web::{Call, Problem, Reply, body, fraud as show, idempotency, paging};

/// Items of a page.
const PAGE_MAX: i64 = 100;
const PAGE_DEFAULT: i64 = 20;
/// Characters of a brand's code.
const BRAND_LEN_MAX: usize = 64;

/// The rules that hold, and the versions before.
///
/// # Errors
/// 404 without such a brand; a failure of storage.
pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let brand = known_brand(call)?;
    let limit = paging::limit::<PAGE_MAX>(call, PAGE_DEFAULT)?;
    let before = call.query("cursor", paging::whole::<{ i64::MAX }>)?.unwrap_or(i64::MAX);
    let mut versions = stored::list(call.sql, &brand, before, limit + 1)?;
    let more = paging::cut(&mut versions, limit);
    let newest = stored::list(call.sql, &brand, i64::MAX, 1)?;
    let in_force = newest.first().map_or_else(|| Ok(show::standard(&brand)), show::version)?;
    let next_cursor = versions.last().filter(|_| more).map(|version| version.version.to_string());
    let items = versions.iter().map(show::version).collect::<Result<_, _>>()?;
    Reply::json(200, &FraudRulesPage { in_force, items, next_cursor })
}

/// Publishes the next version.
///
/// # Errors
/// What is wrong with the rules.
pub fn publish(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let by = call.staff(Permission::ManageFraudRules)?.id;
    let brand = call.parameter("brand", brand)?;
    let body: NewFraudRulesBody = body::json(&call.request)?;
    let mut fields = Fields::new();
    fields.length("/note", &body.note, NOTE_LEN_MAX);
    fields.finish()?;
    idempotency::once(call, |call, tx| {
        let is_live = body.mode == RulesModeBody::Live;
        let new = NewVersion { brand: &brand, rules: &body.rules, is_live, note: &body.note, by: Some(by) };
        let made = rules::publish(tx, &new, &mut Moment { now: call.now, ids: &mut call.ids })?;
        Reply::json(201, &show::version(&made)?)
    })
}

/// Decisions that no case holds: what rules that only observe would have done.
///
/// # Errors
/// 404 without such a brand; a failure of storage.
pub fn observed(call: &Call<'_>) -> Result<Reply, Problem> {
    let brand = known_brand(call)?;
    let limit = paging::limit::<PAGE_MAX>(call, PAGE_DEFAULT)?;
    let before = call.query("cursor", paging::whole::<{ i64::MAX }>)?.unwrap_or(i64::MAX);
    let mut found = decisions::list_apart(call.sql, &brand, before, limit + 1)?;
    let more = paging::cut(&mut found, limit);
    let next_cursor = found.last().filter(|_| more).map(|decision| decision.id.to_string());
    let language = lang(call.language);
    let items = found.iter().map(|decision| show::decision(decision, language));
    Reply::json(200, &FraudDecisionPage { items: items.collect::<Result<_, _>>()?, next_cursor })
}

fn known_brand(call: &Call<'_>) -> Result<String, Problem> {
    let brand = call.parameter("brand", brand)?;
    let known = store::brands::load(call.sql, &brand)?;
    known.map(|_| brand).ok_or_else(|| Problem::of(&api::problem::NOT_FOUND))
}

fn brand(text: &str) -> Result<String, ParseError> {
    let lawful =
        (1..=BRAND_LEN_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    lawful.then(|| text.to_owned()).ok_or(ParseError("not a brand's code"))
}

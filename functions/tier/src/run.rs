//! Read, grant, revoke, preview.

use api::problem as p;
use api::wire::programmes::RuleProblem;
use api::wire::tiers::{MemberHomeBody, TierGrantBody, TierMoveReply, TierPreviewBody, TierPreviewReply};
use club::Moment;
use club::programme_admin::Refused;
use club::tiers::grants::{self, NewGrant, REASON_LEN_MAX};
use club::tiers::moving::{self, Wanted};
use club::tiers::{preview, view};
use kernel::{MemberId, ParseError, Timestamp, Zone};
use loyalty::programme::CODE_LEN_MAX;
use membership::staff_auth::Permission;
use web::fields::Fields;
use web::problem::{Text, lang};
use web::{Call, Problem, Reply, body, idempotency, tiers};

/// Characters of an outlet's code.
const OUTLET_LEN_MAX: usize = 32;
/// Fewest characters of a reason.
const REASON_LEN_MIN: usize = 3;
/// Characters of a member's id that a preview shows: enough to find them again, too few to be looked up by.
const SHOWN_OF_ID: usize = 5;

/// Serves the operations on tiers.
///
/// # Errors
/// What the operation is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    match call.operation.id {
        "read_tier" => {
            let member = call.guest()?.member;
            read(call, member)
        }
        "read_member_tier" => {
            let member = call.parameter("id", MemberId::parse)?;
            read(call, member)
        }
        "grant_tier" => grant(call),
        "revoke_tier_grant" => revoke(call),
        "preview_tiers" => preview(call),
        "read_member_home" => {
            let member = call.parameter("id", MemberId::parse)?;
            Reply::json(200, &tiers::home(member, moving::read(call.sql, member)?))
        }
        "move_member_home" => move_home(call),
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    }
}

fn read(call: &Call<'_>, member: MemberId) -> Result<Reply, Problem> {
    let view = view::read(call.sql, member, call.now)?;
    Reply::json(200, &tiers::standing(member, &view, lang(call.language)))
}

fn grant(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let staff = call.staff(Permission::AdjustPoints)?;
    let (by, role) = (staff.id, staff.grant.role());
    let member = call.parameter("id", MemberId::parse)?;
    let body: TierGrantBody = body::json(&call.request)?;
    let mut fields = Fields::new();
    fields.length("/tier", &body.tier, CODE_LEN_MAX);
    reason(&mut fields, &body.reason);
    let from_at = body.from.as_deref().and_then(|text| fields.read("/from", Timestamp::parse(text)));
    let until_at = fields.read("/until", Timestamp::parse(&body.until));
    fields.finish()?;
    let until_at = until_at.ok_or_else(|| Problem::internal("an end without a value passed the check"))?;
    idempotency::once(call, |call, tx| {
        let new = NewGrant { member, tier: &body.tier, from_at, until_at, reason: &body.reason, by, role };
        let made = grants::grant(tx, &new, &mut Moment { now: call.now, ids: &mut call.ids })?;
        Reply::json(201, &tiers::granted(&made, &Zone::UTC))
    })
}

fn move_home(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let staff = call.staff(Permission::EditMember)?;
    let (by, role) = (staff.id, staff.grant.role());
    let member = call.parameter("id", MemberId::parse)?;
    let body: MemberHomeBody = body::json(&call.request)?;
    let mut fields = Fields::new();
    fields.length("/outlet", &body.outlet, OUTLET_LEN_MAX);
    reason(&mut fields, &body.reason);
    fields.finish()?;
    idempotency::once(call, |call, tx| {
        let wanted = Wanted { member, outlet: &body.outlet, reason: &body.reason, by, role };
        let view = moving::move_home(tx, &wanted, &mut Moment { now: call.now, ids: &mut call.ids })?;
        Reply::json(200, &tiers::home(member, view))
    })
}

fn reason(fields: &mut Fields, reason: &str) {
    fields.length("/reason", reason, REASON_LEN_MAX);
    if !reason.is_empty() && reason.trim().chars().count() < REASON_LEN_MIN {
        let words = ["назовите причину", "себебін айтыңыз", "say why"];
        fields.fault(&p::INVALID_FIELD, "/reason", Text::Words(words.map(str::to_owned)));
    }
}

fn revoke(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let by = call.staff(Permission::AdjustPoints)?.id;
    let id = call.parameter("id", tiers::grant_id)?;
    idempotency::once(call, |call, tx| {
        let ended = grants::revoke(tx, id, by, &mut Moment { now: call.now, ids: &mut call.ids })?;
        Reply::json(200, &tiers::granted(&ended, &Zone::UTC))
    })
}

fn preview(call: &Call<'_>) -> Result<Reply, Problem> {
    let brand = call.parameter("brand", brand)?;
    let after = call.query("cursor", MemberId::parse)?.unwrap_or(MemberId::from_raw(0));
    let body: TierPreviewBody = body::json(&call.request)?;
    let rules = web::programmes::rules(&body.rules)?;
    let refused =
        |problems| Reply::json(200, &TierPreviewReply { moves: Vec::new(), next_cursor: None, problems });
    let one = |pointer: &str, detail: String| vec![RuleProblem { pointer: pointer.to_owned(), detail }];
    let found = match preview::preview(call.sql, &brand, rules, after, call.now) {
        Ok(found) => found,
        Err(Refused::Rules(problems)) => {
            let problem = |found: loyalty::problem::Problem| RuleProblem {
                detail: found.fault.text(lang(call.language)),
                pointer: found.pointer,
            };
            return refused(problems.into_iter().map(problem).collect());
        }
        Err(error @ Refused::OtherBrand) => return refused(one("/brand", error.to_string())),
        Err(error @ Refused::TierInUse { .. }) => return refused(one("/tiers", error.to_string())),
        Err(error) => return Err(error.into()),
    };
    let moves = found.moves.into_iter().map(|((from, to), moved)| TierMoveReply {
        from,
        to,
        members: moved.members,
        first_on: moved.first_on.to_string(),
        last_on: moved.last_on.to_string(),
        sample: moved.sample.into_iter().map(masked).collect(),
    });
    let next_cursor = found.next.map(|member| member.to_string());
    Reply::json(200, &TierPreviewReply { moves: moves.collect(), next_cursor, problems: Vec::new() })
}

fn masked(member: MemberId) -> String {
    let text = member.to_string();
    format!("…{}", &text[text.len() - SHOWN_OF_ID..])
}

fn brand(text: &str) -> Result<String, ParseError> {
    let lawful = text.len() <= CODE_LEN_MAX && text.bytes().all(|byte| byte.is_ascii_graphic());
    lawful.then(|| text.to_owned()).ok_or(ParseError("no such brand"))
}

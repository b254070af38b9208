//! Make, change and read segments; read a guest's, and set their tags.

use api::problem as p;
use api::wire::segments::{GroupsReply, SegmentBody, SegmentReply, SegmentsReply, TagsBody};
use club::Moment;
use kernel::{MemberId, ParseError, Timestamp};
use membership::staff_auth::Permission;
use shop::segment::{self, CODE_LEN_MAX, NAME_LEN_MAX, NewSegment, REFRESH_HOURS, SEGMENTS_MAX, TAGS_MAX};
use store::StoreError;
use store::segments::{self, Groups, Segment};
use store::transaction::transaction;
use web::fields::Fields;
use web::{Call, Problem, Reply, body};

/// How often a rule is applied unless the body says otherwise.
const REFRESH_DEFAULT_HOURS: u32 = 24;

/// Serves the operations on segments and tags.
///
/// # Errors
/// What the operation is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    match call.operation.id {
        "put_segment" => put(call),
        "read_segment" => read(call),
        "list_segments" => list(call),
        "read_member_groups" => {
            let groups = segment::groups(call.sql, call.parameter("id", MemberId::parse)?)?;
            Reply::json(200, &show_groups(groups))
        }
        "set_member_tags" => set_tags(call),
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    }
}

fn put(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let by = call.staff(Permission::ManageProgramme)?.id;
    let (brand, code) = (call.parameter("brand", code)?, call.parameter("code", code)?);
    let body: SegmentBody = body::json(&call.request)?;
    let mut fields = Fields::new();
    fields.length("/name", &body.name, NAME_LEN_MAX);
    let refresh_hours = body.refresh_hours.unwrap_or(REFRESH_DEFAULT_HOURS);
    if !REFRESH_HOURS.contains(&refresh_hours) {
        let words = format!("must be from {} to {}", REFRESH_HOURS.start(), REFRESH_HOURS.end());
        fields.fault(&p::INVALID_FIELD, "/refresh_hours", words);
    }
    if body.rule.is_none() && body.refresh_hours.is_some() {
        fields.fault(&p::INVALID_FIELD, "/refresh_hours", "a list is not refreshed: give a rule");
    }
    fields.finish()?;
    let new = NewSegment { brand, code, name: body.name, rule: body.rule, refresh_hours };
    let moment = Moment { now: call.now, ids: &mut call.ids };
    let made = transaction(call.sql, |tx| segment::put(tx, &new, Some(by), &moment))?;
    Reply::json(200, &show(&made)?)
}

fn read(call: &Call<'_>) -> Result<Reply, Problem> {
    let (brand, code) = (call.parameter("brand", code)?, call.parameter("code", code)?);
    let found = segments::load(call.sql, &brand, &code)?.ok_or_else(|| Problem::of(&p::NOT_FOUND))?;
    Reply::json(200, &show(&found)?)
}

fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let brand = call.query("brand", code)?.ok_or_else(|| {
        Problem::of(&p::INVALID_FIELD).at("?brand", "name the brand whose segments you want")
    })?;
    let found = segments::list(call.sql, &brand, SEGMENTS_MAX)?;
    let items = found.iter().map(show).collect::<Result<_, _>>()?;
    Reply::json(200, &SegmentsReply { items })
}

fn set_tags(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let member = call.parameter("id", MemberId::parse)?;
    let TagsBody { mut tags } = body::json(&call.request)?;
    let mut fields = Fields::new();
    if tags.len() > TAGS_MAX {
        fields.fault(&p::INVALID_FIELD, "/tags", format!("must have at most {TAGS_MAX} items"));
    }
    for (index, tag) in tags.iter().enumerate().take(TAGS_MAX) {
        fields.length(&format!("/tags/{index}"), tag, CODE_LEN_MAX);
    }
    fields.finish()?;
    tags.sort_unstable();
    tags.dedup();
    let moment = Moment { now: call.now, ids: &mut call.ids };
    let groups = transaction(call.sql, |tx| segment::set_tags(tx, member, &tags, &moment))?;
    Reply::json(200, &show_groups(groups))
}

fn show(segment: &Segment) -> Result<SegmentReply, StoreError> {
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
    Ok(SegmentReply {
        brand: segment.brand.clone(),
        code: segment.code.clone(),
        name: segment.name.clone(),
        rule: segment.rule.as_deref().map(segment::read_rule).transpose()?,
        refresh_hours: segment.refresh_hours,
        due_at: time(segment.due_at),
        refreshed_at: time(segment.refreshed_at),
        members: segment.members,
        created_at: segment.created_at.to_string(),
        changed_at: segment.changed_at.to_string(),
    })
}

fn show_groups(groups: Groups) -> GroupsReply {
    GroupsReply { segments: groups.segments, tags: groups.tags }
}

/// A brand's or a segment's code.
fn code(text: &str) -> Result<String, ParseError> {
    let lawful = (1..=CODE_LEN_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    lawful.then(|| text.to_owned()).ok_or(ParseError("must be 1 to 64 visible ASCII characters"))
}

//! Goals, groups of outlets, plans.

use api::problem as p;
use api::wire::goals::{
    GoalBody, GoalEndBody, GoalEndReply, GoalReply, GoalVersionReply, GoalsReply, OutletGroupBody,
    OutletGroupReply, RevenuePlanBody,
};
use club::Moment;
use crew::goals::{self, GROUP_OUTLETS_MAX, NOTE_LEN_MAX, NewGoal};
use kernel::{Currency, Date, ParseError};
use membership::staff_auth::Permission;
use store::transaction::transaction;
use web::fields::Fields;
use web::goals::code;
use web::{Call, Problem, Reply, body, idempotency};

/// Every version of every goal of a brand.
pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let brand = call.parameter("brand", code)?;
    let known = crew::ground::load_goals(call.sql, &brand)?;
    let items = known.into_iter().flat_map(|known| {
        known.versions.into_iter().map(|(version, goal)| GoalReply {
            code: version.code,
            version: version.version,
            effective_on: version.effective_on.to_string(),
            ended_on: version.ended_on.map(|on| on.to_string()),
            note: version.note,
            created_at: version.created_at.to_string(),
            goal,
        })
    });
    Reply::json(200, &GoalsReply { items: items.collect() })
}

/// A goal's or a group's code: small letters, digits, hyphens.
fn slug(text: &str) -> Result<String, ParseError> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let lawful = (1..=goals::CODE_LEN_MAX).contains(&text.len()) && text.bytes().all(fits);
    lawful.then(|| text.to_owned()).ok_or(ParseError("1 to 32 small letters, digits and hyphens"))
}

pub fn publish(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let staff = call.staff(Permission::ManageGoals)?;
    let (by, may_pay) = (staff.id, staff.grant.may(Permission::PayStaff));
    let (brand, goal_code) = (call.parameter("brand", code)?, call.parameter("code", slug)?);
    let body: GoalBody = body::json(&call.request)?;
    let mut fields = Fields::new();
    if body.note.chars().count() > NOTE_LEN_MAX {
        fields.fault(&p::INVALID_FIELD, "/note", format!("at most {NOTE_LEN_MAX} characters"));
    }
    let effective_on =
        body.effective_on.as_deref().and_then(|on| fields.read("/effective_on", Date::parse(on)));
    fields.finish()?;
    if body.goal.pays_money() && !may_pay {
        return Err(Problem::of(&p::FORBIDDEN).because("a goal that pays money is made by finance"));
    }
    idempotency::once(call, |call, tx| {
        let new =
            NewGoal { brand: &brand, code: &goal_code, goal: &body.goal, effective_on, note: &body.note, by };
        let mut moment = Moment { now: call.now, ids: &mut call.ids };
        let (version, on) = goals::publish(tx, &new, &mut moment)?;
        let effective_on = on.to_string();
        Reply::json(201, &GoalVersionReply { code: goal_code.clone(), version, effective_on })
    })
}

pub fn end(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let (brand, goal_code) = (call.parameter("brand", code)?, call.parameter("code", slug)?);
    let body: GoalEndBody = body::json(&call.request)?;
    let mut fields = Fields::new();
    let on = body.on.as_deref().and_then(|on| fields.read("/on", Date::parse(on)));
    fields.finish()?;
    idempotency::once(call, |call, tx| {
        let ended_on = goals::end(tx, &brand, &goal_code, on, call.now)?.to_string();
        Reply::json(200, &GoalEndReply { ended_on })
    })
}

pub fn set_group(call: &Call<'_>) -> Result<Reply, Problem> {
    let (brand, group) = (call.parameter("brand", code)?, call.parameter("code", slug)?);
    let body: OutletGroupBody = body::json(&call.request)?;
    if body.outlets.len() > GROUP_OUTLETS_MAX {
        let words = format!("at most {GROUP_OUTLETS_MAX} outlets");
        return Err(Problem::of(&p::INVALID_FIELD).at("/outlets", words));
    }
    let since = transaction(call.sql, |tx| goals::set_group(tx, &brand, &group, &body.outlets, call.now))?;
    Reply::json(200, &OutletGroupReply { outlets: body.outlets, since: since.to_string() })
}

pub fn set_plan(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let by = call.staff(Permission::ManageGoals)?.id;
    let (outlet, month) = (call.parameter("outlet", code)?, call.parameter("month", Date::parse)?);
    let body: RevenuePlanBody = body::json(&call.request)?;
    let mut fields = Fields::new();
    let currency = fields.read("/revenue/currency", Currency::parse(&body.revenue.currency));
    let revenue = currency.and_then(|currency| fields.money("/revenue", &body.revenue, currency));
    if revenue.is_some_and(|revenue| revenue.minor() <= 0) {
        fields.fault(&p::INVALID_FIELD, "/revenue/amount", "must be above zero");
    }
    fields.finish()?;
    let revenue = revenue.ok_or_else(|| Problem::internal("money without a value passed the check"))?;
    let mut moment = Moment { now: call.now, ids: &mut call.ids };
    transaction(call.sql, |tx| goals::set_plan(tx, &outlet, month, revenue, by, &mut moment))?;
    Reply::json(200, &body)
}

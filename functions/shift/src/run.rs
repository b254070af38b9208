//! Open, close, list, bring in.

use api::problem as p;
use api::wire::shifts::{
    ShiftCloseBody, ShiftEndBody, ShiftImportBody, ShiftImportOutcome, ShiftImportReply, ShiftImportRow,
    ShiftOpenBody, ShiftReply, ShiftsReply,
};
use club::Moment;
use crew::Refused;
use crew::shift::{self, IMPORT_MAX, NewShift};
use kernel::{Date, Timestamp};
use membership::staff_auth::Permission;
use store::shifts::{self, Shift, Source};
use store::transaction::transaction;
use web::fields::Fields;
use web::goals::{chosen_outlet, outlet_of};
use web::{Call, Problem, Reply, body};

/// Most characters of a code.
const CODE_LEN_MAX: usize = 32;
/// Shifts of one outlet's day that are listed: more people than an outlet has.
const LISTED_MAX: i64 = 500;

/// Serves the operations on shifts.
///
/// # Errors
/// What the operation is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    match call.operation.id {
        "open_shift" => open(call),
        "close_shift" => close(call),
        "list_shifts" => list(call),
        "end_shift" => end(call),
        "import_shifts" => import(call),
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    }
}

/// A staff code and a time.
fn named(staff: &str, pointer: &str, at: &str) -> Result<Timestamp, Problem> {
    let mut fields = Fields::new();
    fields.length("/staff", staff, CODE_LEN_MAX);
    let at = fields.read(pointer, Timestamp::parse(at));
    fields.finish()?;
    at.ok_or_else(|| Problem::internal("a time without a value passed the check"))
}

fn open(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let body: ShiftOpenBody = body::json(&call.request)?;
    let opened_at = named(&body.staff, "/opened_at", &body.opened_at)?;
    let outlet = call.till()?.outlet.clone();
    let new = NewShift { staff_code: &body.staff, opened_at, closed_at: None, source: Source::Till };
    let mut moment = Moment { now: call.now, ids: &mut call.ids };
    let (shift, is_new) = transaction(call.sql, |tx| shift::open(tx, &outlet, &new, &mut moment))?;
    Reply::json(if is_new { 201 } else { 200 }, &reply(&shift))
}

fn close(call: &Call<'_>) -> Result<Reply, Problem> {
    let body: ShiftCloseBody = body::json(&call.request)?;
    let closed_at = named(&body.staff, "/closed_at", &body.closed_at)?;
    let outlet = call.till()?.outlet.id;
    let closed = transaction(call.sql, |tx| {
        let last = match shift::load_open(tx, &body.staff) {
            Ok(open) => Some(open.id),
            // The reply to the first time may have been lost.
            Err(Refused::UnknownShift) => {
                let person = store::kpi::sites::load_colleague(tx, &body.staff)?;
                let person = person.ok_or(Refused::UnknownStaff)?.id;
                let day = closed_at.date_in(&call.till().map_err(|_| Refused::UnknownShift)?.outlet.zone);
                let of_days = shifts::list_of_staff(tx, person, day.plus_days(-1), day.plus_days(1))?;
                of_days.into_iter().find(|shift| shift.closed_at == Some(closed_at)).map(|shift| shift.id)
            }
            Err(other) => return Err(other),
        };
        let id = last.ok_or(Refused::UnknownShift)?;
        let known = shifts::load(tx, id)?.filter(|shift| shift.outlet == outlet);
        shift::close(tx, known.ok_or(Refused::UnknownShift)?.id, closed_at, call.now)
    })?;
    Reply::json(200, &reply(&closed))
}

fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let outlet = chosen_outlet(call, Permission::ManageShifts)?;
    let day = call.query("date", Date::parse)?.unwrap_or_else(|| call.now.date_in(&outlet.zone));
    let of_day = shifts::list_of_outlet(call.sql, outlet.id, day, day.plus_days(1), LISTED_MAX)?;
    Reply::json(200, &ShiftsReply { items: of_day.iter().map(reply).collect() })
}

fn end(call: &Call<'_>) -> Result<Reply, Problem> {
    let id = call.parameter("id", shift::parse)?;
    let body: ShiftEndBody = body::json(&call.request)?;
    let mut fields = Fields::new();
    let closed_at = fields.read("/closed_at", Timestamp::parse(&body.closed_at));
    fields.finish()?;
    let closed_at = closed_at.ok_or_else(|| Problem::internal("a time without a value passed the check"))?;
    let staff = call.staff(Permission::ManageShifts)?;
    let known = shifts::load(call.sql, id)?.ok_or_else(|| Problem::of(&p::NOT_FOUND))?;
    let outlet = store::outlets::load(call.sql, known.outlet)?;
    let outlet =
        outlet.filter(|outlet| staff.grant.may_at(Permission::ManageShifts, outlet.id, outlet.franchisee));
    if outlet.is_none() {
        return Err(Problem::of(&p::NOT_FOUND));
    }
    let closed = transaction(call.sql, |tx| shift::close(tx, id, closed_at, call.now))?;
    Reply::json(200, &reply(&closed))
}

fn import(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let body: ShiftImportBody = body::json(&call.request)?;
    if !(1..=IMPORT_MAX).contains(&body.shifts.len()) {
        let words = format!("1 to {IMPORT_MAX} shifts");
        return Err(Problem::of(&p::INVALID_FIELD).at("/shifts", words));
    }
    let rows = body.shifts.iter().map(|row| one(call, row)).collect::<Result<_, _>>()?;
    Reply::json(200, &ShiftImportReply { rows })
}

/// Brings one in, in a transaction of its own. Only a failure of storage stops the others.
fn one(call: &mut Call<'_>, row: &ShiftImportRow) -> Result<ShiftImportOutcome, Problem> {
    let refused = |reason: &str| ShiftImportOutcome {
        outcome: "refused".to_owned(),
        id: None,
        reason: Some(reason.to_owned()),
    };
    let opened_at = Timestamp::parse(&row.opened_at);
    let closed_at = row.closed_at.as_deref().map(Timestamp::parse).transpose();
    let (Ok(opened_at), Ok(closed_at)) = (opened_at, closed_at) else {
        return Ok(refused("not an RFC 3339 time with an offset"));
    };
    let found =
        outlet_of(call.sql, call.staff(Permission::ManageShifts)?, Permission::ManageShifts, &row.outlet);
    let outlet = match found {
        Ok(outlet) => outlet,
        Err(problem) if problem.kind().slug == p::NOT_FOUND.slug => return Ok(refused("no such outlet")),
        Err(problem) => return Err(problem),
    };
    let new = NewShift { staff_code: &row.staff, opened_at, closed_at, source: Source::Import };
    let mut moment = Moment { now: call.now, ids: &mut call.ids };
    match transaction(call.sql, |tx| shift::open(tx, &outlet, &new, &mut moment)) {
        Ok((shift, is_new)) => Ok(ShiftImportOutcome {
            outcome: if is_new { "recorded" } else { "known" }.to_owned(),
            id: Some(shift::text_of(shift.id)),
            reason: None,
        }),
        Err(Refused::Store(error)) => Err(error.into()),
        Err(other) => Ok(refused(&other.to_string())),
    }
}

fn reply(shift: &Shift) -> ShiftReply {
    ShiftReply {
        id: shift::text_of(shift.id),
        staff: shift.staff_code.clone(),
        business_date: shift.business_date.to_string(),
        opened_at: shift.opened_at.to_string(),
        closed_at: shift.closed_at.map(|at| at.to_string()),
        source: shift.source.code().to_owned(),
    }
}

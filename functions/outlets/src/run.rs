//! Search, read, write.

use api::wire::outlets::{
    CoordinatesBody, FranchiseeBody, FranchiseeReply, OutletBody, OutletPage, OutletReply, OutletStatusBody,
};
use club::Moment;
use club::directory::geo::{Position, format_degrees};
use club::directory::{
    self, CODE_LEN_MAX, Found, NAME_LEN_MAX, PAGE_DEFAULT, PAGE_MAX, RADIUS_KM_DEFAULT, RADIUS_KM_MAX,
    Search, Written,
};
use kernel::ParseError;
use membership::profile::Language;
use membership::staff_auth::Permission;
use store::transaction::transaction;
use web::fields::Fields;
use web::{Call, Problem, Reply, body, outlets, paging};

/// How long a phone or a cache may keep the directory, in seconds: about as exact as opening hours need.
const KEEP_SECONDS: u32 = 60;

/// Serves the directory.
///
/// # Errors
/// What the operation is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    match call.operation.id {
        "list_outlets" => list(call),
        "read_outlet" => {
            let code = call.parameter("code", code)?;
            let reply = Reply::json(200, &reply(&directory::read(call.sql, &code, call.now)?)?)?;
            Ok(public(reply))
        }
        "write_outlet" => write_outlet(call),
        "write_franchisee" => write_franchisee(call),
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    }
}

fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let limit = paging::limit::<PAGE_MAX>(call, PAGE_DEFAULT)?;
    let brand = call.request.query("brand");
    let cursor = call.request.query("cursor");
    // One more than asked for tells whether there is another page.
    let search = Search {
        brand: brand.as_deref(),
        language: call.query("language", Language::parse)?,
        limit: limit + 1,
    };
    let radius = call.query("radius_km", radius)?.unwrap_or(RADIUS_KM_DEFAULT);
    let mut found = match call.query("near", near)? {
        Some(place) => {
            let after = cursor.as_deref().map(read_cursor).transpose()?;
            directory::nearest(call.sql, &search, place, radius, after, call.now)?
        }
        None => directory::list(call.sql, &search, cursor.as_deref().unwrap_or_default(), call.now)?,
    };
    let more = paging::cut(&mut found, limit);
    let next_cursor = found.last().filter(|_| more).map(write_cursor);
    let items = found.iter().map(reply).collect::<Result<_, _>>()?;
    Ok(public(Reply::json(200, &OutletPage { items, next_cursor })?))
}

fn public(reply: Reply) -> Reply {
    reply.header("cache-control", format!("public, max-age={KEEP_SECONDS}"))
}

/// Where a page ended: the code, after its distance when the nearest come first.
fn write_cursor(last: &Found) -> String {
    match last.metres {
        Some(metres) => format!("{metres}:{}", last.entry.code),
        None => last.entry.code.clone(),
    }
}

fn read_cursor(text: &str) -> Result<(i64, &str), Problem> {
    let parts = text.split_once(':').and_then(|(metres, code)| Some((metres.parse().ok()?, code)));
    parts.ok_or_else(|| {
        Problem::of(&api::problem::INVALID_FIELD).at("?cursor", "not the next_cursor of such a page")
    })
}

fn near(text: &str) -> Result<Position, ParseError> {
    let (latitude, longitude) = text
        .split_once(',')
        .ok_or(ParseError("not a latitude and a longitude such as 43.238949,76.889709"))?;
    Position::parse(latitude.trim(), longitude.trim())
}

fn radius(text: &str) -> Result<u32, ParseError> {
    let radius = text.parse().ok().filter(|radius| (1..=RADIUS_KM_MAX).contains(radius));
    radius.ok_or(ParseError("not a whole number from 1 to 500"))
}

fn code(text: &str) -> Result<String, ParseError> {
    let lawful =
        !text.is_empty() && text.len() <= CODE_LEN_MAX && text.bytes().all(|byte| byte.is_ascii_graphic());
    lawful.then(|| text.to_owned()).ok_or(ParseError("no such outlet"))
}

fn write_outlet(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let staff = call.staff(Permission::ManageOutlets)?.clone();
    let code = call.parameter("code", code)?;
    let body: OutletBody = body::json(&call.request)?;
    let description = outlets::description(body)?;
    let mut moment = Moment { now: call.now, ids: &mut call.ids };
    let (_, written) = transaction(call.sql, |tx| {
        directory::write_outlet(tx, &code, &description, &staff.grant, &mut moment)
    })?;
    let status = if written == Written::Created { 201 } else { 200 };
    Reply::json(status, &reply(&directory::read(call.sql, &code, call.now)?)?)
}

fn write_franchisee(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let code = call.parameter("code", code)?;
    let body: FranchiseeBody = body::json(&call.request)?;
    let mut fields = Fields::new();
    fields.length("/name", &body.name, NAME_LEN_MAX);
    fields.finish()?;
    let mut moment = Moment { now: call.now, ids: &mut call.ids };
    let (id, written) =
        transaction(call.sql, |tx| directory::write_franchisee(tx, &code, &body.name, &mut moment))?;
    let status = if written == Written::Created { 201 } else { 200 };
    Reply::json(status, &FranchiseeReply { id: id.to_string(), code, name: body.name })
}

fn reply(found: &Found) -> Result<OutletReply, Problem> {
    let entry = &found.entry;
    Ok(OutletReply {
        id: entry.id.to_string(),
        code: entry.code.clone(),
        brand: entry.brand.clone(),
        name: entry.name.clone(),
        country: entry.country.clone(),
        currency: entry.currency.code().to_owned(),
        zone: entry.zone.clone(),
        city: entry.city.clone(),
        address: entry.address.clone(),
        phone: entry.phone.clone(),
        coordinates: entry.position.map(|(latitude, longitude)| CoordinatesBody {
            latitude: format_degrees(latitude),
            longitude: format_degrees(longitude),
        }),
        hours: outlets::hours_body(&found.hours)?,
        languages: entry.languages.split(',').filter(|code| !code.is_empty()).map(str::to_owned).collect(),
        status: match entry.status.as_str() {
            "open" => OutletStatusBody::Open,
            "paused" => OutletStatusBody::Paused,
            _ => OutletStatusBody::Closed,
        },
        open_now: found.is_open,
        distance_metres: found.metres,
    })
}

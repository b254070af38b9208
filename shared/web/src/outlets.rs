//! Outlets: posted ones as domain values, and opening hours in both directions.

use api::problem as p;
use api::wire::outlets::{HoursBody, OutletBody, OutletStatusBody};
use club::directory::geo::Position;
use club::directory::hours::Hours;
use club::directory::{ADDRESS_LEN_MAX, CODE_LEN_MAX, Description, NAME_LEN_MAX, PHONE_LEN_MAX, Status};
use kernel::{Currency, ParseError, Zone};
use membership::profile::Language;

use crate::fields::Fields;
use crate::problem::Problem;

/// Most characters of a brand's code.
const BRAND_LEN_MAX: usize = 64;

/// Checks every field.
///
/// # Errors
/// A problem that lists every field at fault.
pub fn description(body: OutletBody) -> Result<Description, Problem> {
    let mut fields = Fields::new();
    fields.length("/brand", &body.brand, BRAND_LEN_MAX);
    fields.length("/franchisee", &body.franchisee, CODE_LEN_MAX);
    for (pointer, text, max) in [
        ("/name", &body.name, NAME_LEN_MAX),
        ("/city", &body.city, NAME_LEN_MAX),
        ("/address", &body.address, ADDRESS_LEN_MAX),
    ] {
        fields.length(pointer, text, max);
    }
    if let Some(phone) = &body.phone {
        fields.length("/phone", phone, PHONE_LEN_MAX);
    }
    fields.read("/country", check_country(&body.country));
    let currency = fields.read("/currency", Currency::parse(&body.currency));
    fields.read("/zone", Zone::parse(&body.zone));
    let position = body
        .coordinates
        .as_ref()
        .and_then(|at| fields.read("/coordinates", Position::parse(&at.latitude, &at.longitude)));
    let hours = hours(&mut fields, &body)?;
    let languages = languages(&mut fields, &body.languages);
    fields.finish()?;
    let (Some(currency), Some(hours)) = (currency, hours) else {
        return Err(Problem::internal("a field without a value passed the check"));
    };
    Ok(Description {
        brand: body.brand,
        franchisee: body.franchisee,
        name: body.name,
        country: body.country,
        currency,
        zone: body.zone,
        city: body.city,
        address: body.address,
        phone: body.phone,
        position,
        hours,
        languages,
        status: match body.status {
            OutletStatusBody::Open => Status::Open,
            OutletStatusBody::Paused => Status::Paused,
            OutletStatusBody::Closed => Status::Closed,
        },
    })
}

fn check_country(code: &str) -> Result<(), ParseError> {
    let lawful = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    lawful.then_some(()).ok_or(ParseError("two capitals such as KZ"))
}

fn hours(fields: &mut Fields, body: &OutletBody) -> Result<Option<Hours>, Problem> {
    let text = serde_json::to_string(&body.hours).map_err(|error| Problem::internal(error.to_string()))?;
    match Hours::from_json(&text) {
        Ok(hours) => Ok(Some(hours)),
        Err(faults) => {
            for (pointer, what) in faults {
                fields.fault(&p::INVALID_FIELD, format!("/hours{pointer}"), what);
            }
            Ok(None)
        }
    }
}

fn languages(fields: &mut Fields, codes: &[String]) -> Vec<Language> {
    let mut languages = Vec::with_capacity(Language::ALL.len());
    if codes.is_empty() {
        fields.fault(&p::INVALID_FIELD, "/languages", "name at least one");
    }
    for (index, code) in codes.iter().take(Language::ALL.len() + 1).enumerate() {
        let pointer = format!("/languages/{index}");
        match fields.read(&pointer, Language::parse(code)) {
            Some(language) if languages.contains(&language) => {
                fields.fault(&p::INVALID_FIELD, pointer, "name a language once");
            }
            known => languages.extend(known),
        }
    }
    languages
}

/// Opening hours for a reply.
///
/// # Errors
/// None that can happen: both sides know the same form.
pub fn hours_body(hours: &Hours) -> Result<HoursBody, Problem> {
    serde_json::from_str(&hours.to_json()).map_err(|error| Problem::internal(error.to_string()))
}

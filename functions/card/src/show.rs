//! A card as its holder shows it: key, codes, pictures. None of it may stay in a cache.

use api::problem as p;
use api::wire::cards::{CardCodeReply, CardKeyReply, CodeFormats};
use club::card;
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use kernel::{ParseError, Timestamp};
use membership::card_number::CardNumber;
use membership::picture::{Picture, SCALE_DEFAULT, SCALE_MAX};
use membership::rotating_code::CardKey;
use membership::totp::STEP_SECONDS;
use web::{Call, Problem, Reply, guest};

use crate::run::number;

/// The one-time password's hash (RFC 6238).
const ALGORITHM: &str = "SHA1";

/// The key, for an app that shows codes by itself.
///
/// # Errors
/// 404 for a card that is not the guest's, 409 for one that is not active; so for the others here.
pub fn key(call: &Call<'_>) -> Result<Reply, Problem> {
    let (number, key) = own(call)?;
    let numeric = number.ean13().map(|_| format!("1{number}{{code6}}"));
    let reply = CardKeyReply {
        key_base32: BASE32_NOPAD.encode(key.expose()),
        key_hex: HEXLOWER.encode(key.expose()),
        algorithm: ALGORITHM.to_owned(),
        step_seconds: STEP_SECONDS,
        server_time: call.now.to_string(),
        server_time_ms: call.now.millis(),
        formats: CodeFormats { rich: format!("L1.{number}.{{unix_seconds}}.{{code8}}"), numeric },
        number: number.to_string(),
    };
    Reply::json(200, &reply)
}

/// The codes of this moment.
///
/// # Errors
/// As [`key`].
pub fn code(call: &Call<'_>) -> Result<Reply, Problem> {
    let (number, key) = own(call)?;
    let reply = CardCodeReply {
        rich: key.rich_text(&number, call.now),
        numeric: number.ean13().map(|ean| key.numeric_text(ean, call.now)),
        refresh_at: next_step(call.now).to_string(),
        server_time: call.now.to_string(),
        number: number.to_string(),
    };
    Reply::json(200, &reply)
}

/// The card as a QR code, SVG.
///
/// # Errors
/// As [`key`]; 422 for a parameter that cannot be read.
pub fn svg(call: &Call<'_>) -> Result<Reply, Problem> {
    Ok(image("image/svg+xml", picture(call)?.svg().into_bytes()))
}

/// The card as a QR code, PNG.
///
/// # Errors
/// As [`svg`].
pub fn png(call: &Call<'_>) -> Result<Reply, Problem> {
    let scale = call.query("scale", scale)?.unwrap_or(SCALE_DEFAULT);
    let file = picture(call)?.png(scale);
    let file = file.map_err(|error| Problem::of(&p::INVALID_FIELD).at("?scale", error.to_string()))?;
    Ok(image("image/png", file))
}

fn picture(call: &Call<'_>) -> Result<Picture, Problem> {
    let bare = call.query("static", boolean)?.unwrap_or(false);
    let (number, key) = own(call)?;
    let text = if bare { number.to_string() } else { key.rich_text(&number, call.now) };
    Picture::qr(&text).map_err(|error| Problem::internal(error.to_string()))
}

fn own(call: &Call<'_>) -> Result<(CardNumber, CardKey), Problem> {
    let card = card::own_active(call.sql, call.guest()?.member, &call.parameter("number", number)?)?;
    Ok(card::key(&card, &guest::secrets(call.settings)?)?)
}

fn image(media_type: &str, file: Vec<u8>) -> Reply {
    Reply::bytes(200, media_type, file).header("cache-control", "no-store")
}

fn next_step(now: Timestamp) -> Timestamp {
    let step = now.seconds().div_euclid(STEP_SECONDS) + 1;
    Timestamp::from_millis(step * STEP_SECONDS * kernel::time::SECOND_MS)
}

fn scale(text: &str) -> Result<u32, ParseError> {
    let scale = text.parse().ok().filter(|scale| (1..=SCALE_MAX).contains(scale));
    scale.ok_or(ParseError("a whole number from 1 to 32"))
}

fn boolean(text: &str) -> Result<bool, ParseError> {
    text.parse().map_err(|_| ParseError("true or false"))
}

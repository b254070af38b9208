//! Where a page of the desk's list ends: sealed, because the moment in it is told to nobody where it is about a ticket.

use api::problem as p;
use club::personal::Personal;
use data_encoding::BASE64URL_NOPAD;
use kernel::Timestamp;
use membership::secrets::Place;
use web::Problem;

/// Sealed for this use.
const PLACE: Place<'static> = Place { table: "deliveries", field: "cursor", row: 0 };

/// The cursor after a message that ended at a time.
pub fn seal((at, id): (Timestamp, i64), personal: Personal<'_>) -> String {
    BASE64URL_NOPAD.encode(&personal.seal(PLACE, &format!("{} {id}", at.millis())))
}

/// The time and the message in a cursor.
///
/// # Errors
/// 422 for one that was not made here.
pub fn open(text: &str, personal: Personal<'_>) -> Result<(Timestamp, i64), Problem> {
    read(text, personal)
        .ok_or_else(|| Problem::of(&p::INVALID_FIELD).at("?cursor", "not a cursor of this list"))
}

fn read(text: &str, personal: Personal<'_>) -> Option<(Timestamp, i64)> {
    let sealed = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    let opened = personal.open(PLACE, Some(&sealed)).ok()??;
    let (at, id) = opened.split_once(' ')?;
    Some((Timestamp::from_millis(at.parse().ok()?), id.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use membership::secrets::Secrets;

    use super::*;

    #[test]
    fn a_cursor_is_read_back_and_a_forged_one_is_refused() {
        let secrets = Secrets::parse("1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
        let secrets = secrets.expect("secrets");
        let random = |count| vec![7; count];
        let personal = Personal { secrets: &secrets, random: &random };
        let place = (Timestamp::from_millis(1_795_000_000_123), i64::MAX);
        let text = seal(place, personal);
        assert_eq!(open(&text, personal).ok(), Some(place));
        assert!(!text.contains("1795"));
        for forged in ["", "ntf_0000000000000", &text[1..], "AAAA"] {
            assert!(open(forged, personal).is_err(), "{forged}");
        }
    }
}

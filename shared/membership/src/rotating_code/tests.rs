use super::*;

/// Unix time, rich text, numeric text; key `12345678901234567890`. Checked against pyotp.
const VECTORS: [(i64, &str, &str); 4] = [
    (59, "L1.2900000012349.59.94287082", "12900000012349287082"),
    (1_111_111_109, "L1.2900000012349.1111111109.07081804", "12900000012349081804"),
    (1_234_567_890, "L1.2900000012349.1234567890.89005924", "12900000012349005924"),
    (1_795_246_900, "L1.2900000012349.1795246900.27109926", "12900000012349109926"),
];

fn card() -> CardNumber {
    CardNumber::parse("2900000012349").expect("a card")
}

fn key() -> CardKey {
    CardKey(Zeroizing::new(*b"12345678901234567890"))
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * SECOND_MS)
}

#[test]
fn shows_and_accepts_the_vectors() {
    for (seconds, rich, numeric) in VECTORS {
        assert_eq!(key().rich_text(&card(), at(seconds)), rich);
        assert_eq!(key().numeric_text(card().ean13().expect("an EAN-13"), at(seconds)), numeric);
        let step = Step::from_number(seconds / STEP_SECONDS);
        for text in [rich, numeric] {
            let scan = Scan::parse(text).expect("our own text");
            assert_eq!(verify(&scan, &key(), at(seconds)), Ok(step), "{text}");
            assert_eq!(scan.card(), Some(&card()));
        }
    }
}

#[test]
fn derives_the_key_of_a_card() {
    let master: [u8; 32] = std::array::from_fn(|index| index as u8);
    let key = CardKey::derive(&Key::from_bytes(master), 1, &card());
    assert_eq!(data_encoding::HEXLOWER.encode(key.expose()), "f2706039544c94734e54dbbb7f0aa16f5131e2df");
    let newer = CardKey::derive(&Key::from_bytes(master), 2, &card());
    assert_ne!(key.expose(), newer.expose());
    assert_eq!(format!("{key:?}"), "CardKey(hidden)");
}

#[test]
fn rich_codes_stand_90_seconds_either_way() {
    let (seconds, rich, _) = VECTORS[2];
    let scan = Scan::parse(rich).expect("our own text");
    for (offset, expected) in [(-91, false), (-90, true), (0, true), (90, true), (91, false)] {
        let got = verify(&scan, &key(), at(seconds + offset));
        assert_eq!(got.is_ok(), expected, "{offset}");
        assert!(expected || got == Err(Unproven::Stale));
    }
    // The time is part of the proof: a fresh time beside an old code is a wrong code.
    let moved = Scan::parse(&rich.replace("1234567890", "1234567950")).expect("the shape is right");
    assert_eq!(verify(&moved, &key(), at(seconds + 60)), Err(Unproven::Wrong));
}

#[test]
fn numeric_codes_stand_one_step_either_way() {
    let (_, _, numeric) = VECTORS[2];
    let scan = Scan::parse(numeric).expect("our own text");
    // 1,234,567,890 begins a step.
    for (offset, expected) in [(-31, false), (-30, true), (0, true), (59, true), (60, false)] {
        let got = verify(&scan, &key(), at(VECTORS[2].0 + offset));
        assert_eq!(got.is_ok(), expected, "{offset}");
    }
}

#[test]
fn wrong_codes_and_bare_numbers_prove_nothing() {
    let (seconds, rich, numeric) = VECTORS[0];
    let other = CardKey(Zeroizing::new(*b"22345678901234567890"));
    for text in [rich, numeric] {
        assert_eq!(
            verify(&Scan::parse(text).expect("our own text"), &other, at(seconds)),
            Err(Unproven::Wrong)
        );
    }
    for text in ["2900000012349", "+77011234567"] {
        let scan = Scan::parse(text).expect("a known shape");
        assert_eq!(verify(&scan, &key(), at(seconds)), Err(Unproven::NotRotating));
    }
    let before_1970 = Scan::parse(rich).expect("our own text");
    assert_eq!(verify(&before_1970, &key(), at(-59)), Err(Unproven::Stale));
}

#[test]
fn tells_the_forms_apart() {
    let is_static = |text: &str| matches!(Scan::parse(text), Ok(Scan::Static(_)));
    for text in ["2900000012349", " 2900 0000 1234 9\r\n", "AB-1234", "2900000012348", "87011234567"] {
        assert!(is_static(text), "{text:?}");
    }
    // Twenty digits without a valid card inside are a plastic card's.
    assert!(is_static("12900000012348287082") && is_static("22900000012349287082"));
    for text in ["+7 701 123 45 67", "tel:+77011234567", "＋77011234567"] {
        assert_eq!(Scan::parse(text), Ok(Scan::Phone(text.into())));
    }
    for text in [
        "",
        "   ",
        "abc",
        "L1.",
        "L1.2900000012349.59",
        "L1.2900000012349.59.9428708",
        "L1.2900000012349.59.942870821",
        "L1.2900000012349.59.94287082.1",
        "L1.2900000012349.-59.94287082",
        "L1.2900000012349..94287082",
        "L1.2900000012349.9999999999999.94287082",
        "L1..59.94287082",
        "https://example.kz/",
    ] {
        assert_eq!(Scan::parse(text), Err(ScanError), "{text:?}");
    }
    assert_eq!(Scan::parse(&"1".repeat(SCAN_LEN_MAX + 1)), Err(ScanError));
    let shown = format!("{:?} {:?}", Scan::parse(VECTORS[0].1), Scan::parse("+77011234567"));
    assert_eq!(shown, "Ok(Rotating(CardNumber(•••2349) at 59)) Ok(Phone(hidden))");
}

proptest::proptest! {
    #[test]
    fn what_a_phone_shows_is_accepted(seconds in 0_i64..100_000_000_000, skew in -90_i64..=90, secret: [u8; 20]) {
        let key = CardKey(Zeroizing::new(secret));
        let scan = Scan::parse(&key.rich_text(&card(), at(seconds))).expect("our own text");
        let step = verify(&scan, &key, at(seconds + skew)).expect("within the skew");
        proptest::prop_assert_eq!(step, Step::at(at(seconds)));
    }

    #[test]
    fn any_text_is_read_or_refused(text: String) {
        let _: Result<Scan, ScanError> = Scan::parse(&text);
    }
}

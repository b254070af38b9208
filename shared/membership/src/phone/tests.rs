use super::*;

fn country(code: &str) -> Country {
    Country::parse(code).expect("a country")
}

/// 35 spellings read as in KZ and as in RU, against the answers of Google's libphonenumber.
#[test]
#[expect(clippy::disallowed_methods, reason = "a native test finds its data by the environment")]
fn agrees_with_libphonenumber() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let data = std::env::var("CREMA_DATA").unwrap_or_else(|_| format!("{root}/../shared/data"));
    let file = format!("{data}/names_phones_ru_kz/phone_cases_libphonenumber.csv");
    let Ok(cases) = std::fs::read_to_string(&file) else {
        eprintln!("SKIPPED: no phone cases at {file}; set CREMA_DATA to the data folder");
        return;
    };
    let mut count = 0;
    for line in cases.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [input, home, possible, valid, e164, region, kind, _international, _extension] = cells[..] else {
            panic!("a case has nine cells: {line}");
        };
        let got = read(input, country(home));
        if valid == "True" {
            let read = got.unwrap_or_else(|error| panic!("{line}: {error}"));
            assert_eq!(read.phone.expose(), e164, "{line}");
            assert_eq!(read.country.map(Country::code).as_deref(), Some(region), "{line}");
            let expected = match kind {
                "MOBILE" => Kind::Mobile,
                "FIXED_LINE" => Kind::Fixed,
                "TOLL_FREE" => Kind::TollFree,
                other => panic!("a kind that the cases did not have before: {other}"),
            };
            assert_eq!(read.kind, expected, "{line}");
            assert_eq!(read.mobile().is_ok(), kind == "MOBILE", "{line}");
        } else {
            let error = match (possible, e164) {
                ("True", _) => PhoneError::NotAssigned,
                (_, "") => PhoneError::NotANumber,
                _ => PhoneError::Length,
            };
            assert_eq!(got, Err(error), "{line}");
        }
        count += 1;
    }
    assert_eq!(count, 70);
}

#[test]
fn reads_spellings_of_one_number_as_one() {
    for text in
        ["8 701 123 45 67", "+7 (701) 123-45-67", "7011234567", "＋77011234567", "tel:+7-701-123-45-67"]
    {
        for home in ["KZ", "RU"] {
            let read = read(text, country(home)).expect("a number");
            assert_eq!((read.phone.expose(), read.kind), ("+77011234567", Kind::Mobile), "{text}");
        }
    }
    // The same digits are different numbers in different countries.
    assert_eq!(read("0555 123 456", country("KG")).map(|read| read.phone.0), Ok("+996555123456".into()));
    assert_eq!(read("555 123 456", country("GE")).map(|read| read.phone.0), Ok("+995555123456".into()));
}

#[test]
fn only_mobile_numbers_sign_up() {
    let sign_up = |text| read(text, country("KZ")).expect("a number").mobile();
    assert!(sign_up("+7 701 123 45 67").is_ok());
    assert!(sign_up("+1 201 555 0123").is_ok(), "in +1 a number does not tell a mobile phone");
    assert_eq!(sign_up("+7 727 250 00 00"), Err(NotMobile(Kind::Fixed)));
    assert_eq!(sign_up("8 800 080 88 88"), Err(NotMobile(Kind::TollFree)));
    assert_eq!(sign_up("+7 809 123 45 67"), Err(NotMobile(Kind::Other)));
}

#[test]
fn hostile_texts_are_refused() {
    for text in ["", " ", "+", "+7", "abc", "+999999999999999999999", "\0", "'; drop table"] {
        assert!(read(text, country("KZ")).is_err(), "{text:?}");
    }
    assert_eq!(read(&"7".repeat(10_000), country("KZ")), Err(PhoneError::NotANumber));
}

#[test]
fn masks_itself() {
    let phone = read("87011234567", country("KZ")).expect("a number").phone;
    assert_eq!(phone.to_string(), "+7701•••4567");
    assert_eq!(format!("{phone:?}"), "Phone(+7701•••4567)");
    let shortest = Phone::from_e164("+2901234").expect("seven digits");
    assert_eq!(shortest.to_string(), "+•••1234");
}

#[test]
fn stored_form_is_checked() {
    for (text, good) in [
        ("+77011234567", true),
        ("77011234567", false),
        ("+7701123456x", false),
        ("+0771123456", false),
        ("+123456", false),
        ("+1234567890123456", false),
    ] {
        assert_eq!(Phone::from_e164(text).is_ok(), good, "{text}");
    }
    assert!(Country::parse("ZZ").is_err() && Country::parse("kz").is_err() && Country::parse("KAZ").is_err());
}

proptest::proptest! {
    /// The library underneath may panic on no text, and what it reads is always a number we can store.
    #[test]
    fn any_text_is_read_or_refused(text in "[+0-9 ()x.;=a-z\\-＋７доб]{0,40}|.{0,40}", home in "(KZ|RU|KG|GE|US)") {
        if let Ok(read) = read(&text, country(&home)) {
            let phone = Phone::from_e164(read.phone.expose());
            proptest::prop_assert_eq!(phone, Ok(read.phone.clone()));
            let again = super::read(read.phone.expose(), country("KZ"));
            proptest::prop_assert_eq!(again, Ok(read));
        }
    }
}

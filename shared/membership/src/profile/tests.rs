use super::*;

fn today() -> Date {
    Date::parse("2026-11-21").expect("a date")
}

#[test]
fn names() {
    for (text, expected) in [
        ("Анна", Some("Анна")),
        ("  Әсел   Қуанышқызы\u{a0}Нұрлан ", Some("Әсел Қуанышқызы Нұрлан")),
        ("O'Brien-Smith", Some("O'Brien-Smith")),
        ("Анна 2", Some("Анна 2")),
        ("", None),
        ("  ", None),
        ("123", None),
        ("🙂", None),
        ("Ан\u{0}на", None),
        ("Ан\nна", None),
        ("Анна\u{202e}", None),
        ("\u{feff}Анна", None),
        ("<b>Анна</b>", None),
    ] {
        assert_eq!(DisplayName::parse(text).ok().as_ref().map(DisplayName::expose), expected, "{text:?}");
    }
    assert!(DisplayName::parse(&"Ұ".repeat(60)).is_ok());
    assert!(DisplayName::parse(&"Ұ".repeat(61)).is_err());
    assert!(DisplayName::parse(&" ".repeat(100_000)).is_err());
    assert_eq!(format!("{:?}", DisplayName::parse("Әсел")), "Ok(DisplayName(Ә•••))");
}

#[test]
fn birthdays() {
    for (text, expected) in [
        ("1990-04-13", Some((Some(1990), 4, 13))),
        ("--04-13", Some((None, 4, 13))),
        ("--02-29", Some((None, 2, 29))),
        ("2024-02-29", Some((Some(2024), 2, 29))),
        ("2026-11-21", Some((Some(2026), 11, 21))),
        ("2026-11-22", None),
        ("1906-01-01", Some((Some(1906), 1, 1))),
        ("1905-12-31", None),
        ("2023-02-29", None),
        ("--02-30", None),
        ("--13-01", None),
        ("13.04.1990", None),
        ("--4-13", None),
        ("", None),
    ] {
        let got = Birthday::parse(text, today()).ok();
        assert_eq!(got.map(|day| (day.year(), day.month_day().0, day.month_day().1)), expected, "{text:?}");
        if let Some(day) = got {
            assert_eq!(day.expose(), text);
        }
    }
    let leap = Birthday::parse("--02-29", today()).expect("a birthday");
    let kept = |year| leap.in_year(year).map(|date| date.to_string());
    assert_eq!((kept(2026).as_deref(), kept(2028).as_deref()), (Some("2026-02-28"), Some("2028-02-29")));
    assert_eq!(format!("{leap:?}"), "Birthday(hidden)");
}

#[test]
fn emails() {
    for (text, expected) in [
        (" Anna.K+coffee@Example.KZ ", Some("Anna.K+coffee@example.kz")),
        ("почта@пример.рф", Some("почта@пример.рф")),
        ("a@b.co", Some("a@b.co")),
        ("anna", None),
        ("anna@", None),
        ("@example.kz", None),
        ("anna@localhost", None),
        ("anna@@example.kz", None),
        ("an na@example.kz", None),
        ("\"an na\"@example.kz", None),
        ("Anna <anna@example.kz>", None),
        ("anna@[127.0.0.1]", None),
        ("anna@example..kz", None),
        (".anna@example.kz", None),
        ("anna@-example.kz", None),
        ("anna@example.kz\nBcc: b@c.kz", None),
        ("a\u{200b}@b.kz", None),
    ] {
        assert_eq!(Email::parse(text).ok().as_ref().map(Email::expose), expected, "{text:?}");
    }
    assert!(Email::parse(&format!("{}@example.kz", "a".repeat(64))).is_ok());
    assert!(Email::parse(&format!("{}@example.kz", "a".repeat(65))).is_err());
    assert_eq!(format!("{:?}", Email::parse("anna@example.kz")), "Ok(Email(•••@example.kz))");
}

#[test]
fn codes_round_trip() {
    for language in Language::ALL {
        assert_eq!(Language::parse(language.code()), Ok(language));
    }
    for kind in ConsentKind::ALL {
        assert_eq!(ConsentKind::parse(kind.code()), Ok(kind));
    }
    assert!(Language::parse("RU").is_err() && ConsentKind::parse("").is_err());
    for (text, good) in [("2026-11.v2", true), ("app", true), ("", false), ("два", false), ("a b", false)]
    {
        assert_eq!(ConsentWord::parse(text).is_ok(), good, "{text:?}");
    }
    assert!(ConsentWord::parse(&"a".repeat(65)).is_err());
}

#[test]
fn the_latest_consent_of_each_kind_is_in_force() {
    let word = |text| ConsentWord::parse(text).expect("a word");
    let consent = |kind, granted, at| Consent {
        kind,
        granted,
        text_version: word("v1"),
        at: Timestamp::from_millis(at),
        source: word("app"),
    };
    let all = [
        consent(ConsentKind::MarketingSms, true, 1),
        consent(ConsentKind::Terms, true, 1),
        consent(ConsentKind::MarketingSms, false, 3),
        consent(ConsentKind::MarketingSms, true, 2),
        consent(ConsentKind::MarketingPush, true, 5),
        consent(ConsentKind::MarketingPush, false, 5),
    ];
    assert_eq!(Consent::in_force(&all), [&all[1], &all[2], &all[5]]);
}

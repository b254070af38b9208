//! Every topic speaks every language, with every value it is given and no other.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, Resource};
use fluent_syntax::parser;
use kernel::{Currency, Date, Lang, Money, Points, Timestamp, Zone};
use messaging::Topic;
use messaging::topic::FieldKind;
use messaging::words::{Content, NoWords, Phrasebook, Value, texts};

type Names = BTreeSet<String>;

/// The values that a pattern shows or chooses by; of the messages that it refers to as well.
fn names(pattern: &Pattern<&str>, resource: &Resource<&str>, found: &mut Names) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            match expression {
                Expression::Inline(inline) => inline_names(inline, resource, found),
                Expression::Select { selector, variants } => {
                    inline_names(selector, resource, found);
                    for variant in variants {
                        names(&variant.value, resource, found);
                    }
                }
            }
        }
    }
}

fn inline_names(inline: &InlineExpression<&str>, resource: &Resource<&str>, found: &mut Names) {
    match inline {
        InlineExpression::VariableReference { id } => drop(found.insert(id.name.to_owned())),
        InlineExpression::MessageReference { id, .. } => {
            let pattern = message(resource, id.name).and_then(|message| message.0).expect("a message");
            names(pattern, resource, found);
        }
        InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
        other => panic!("the texts need no {other:?}"),
    }
}

type Parts<'r> = (Option<&'r Pattern<&'r str>>, BTreeMap<&'r str, &'r Pattern<&'r str>>);

fn message<'r>(resource: &'r Resource<&'r str>, name: &str) -> Option<Parts<'r>> {
    resource.body.iter().find_map(|entry| match entry {
        Entry::Message(message) if message.id.name == name => {
            let attributes = message.attributes.iter().map(|each| (each.id.name, &each.value));
            Some((message.value.as_ref(), attributes.collect()))
        }
        _ => None,
    })
}

fn resource(lang: Lang) -> Resource<&'static str> {
    parser::parse(texts(lang)).unwrap_or_else(|(_, errors)| panic!("{lang:?}: {errors:?}"))
}

#[test]
fn every_topic_has_every_language_and_every_placeholder() {
    for lang in Lang::ALL {
        let resource = resource(lang);
        for topic in Topic::ALL {
            let (_, parts) = message(&resource, &topic.code().replace('.', "-"))
                .unwrap_or_else(|| panic!("{lang:?} has no words for {topic:?}"));
            let expected: BTreeSet<&str> = if topic.is_for_one_contact() {
                ["title", "text"].into()
            } else {
                ["title", "text", "sms"].into()
            };
            assert_eq!(parts.keys().copied().collect::<BTreeSet<_>>(), expected, "{lang:?} {topic:?}");
            let mut found = Names::new();
            for pattern in parts.values() {
                names(pattern, &resource, &mut found);
            }
            found.remove("brand");
            let mut known = Names::new();
            for field in topic.fields().iter().filter(|field| field.kind != FieldKind::Link) {
                known.insert(field.name.to_owned());
                if matches!(field.kind, FieldKind::Points | FieldKind::Money) {
                    known.insert(format!("{}_text", field.name));
                }
            }
            // Kazakh has one form after any number: it need not choose by it.
            let chosen: Names =
                known.iter().filter(|name| lang != Lang::Kk || *name != "points").cloned().collect();
            let named =
                found.is_subset(&known) && chosen.iter().all(|name| found.contains(name) || name == "ticket");
            assert!(named, "{lang:?} {topic:?}: the texts name {found:?}, the topic has {known:?}");
        }
    }
}

#[test]
fn no_text_is_without_a_topic() {
    let shared = ["date", "instant", "points-count"];
    let topics: Vec<String> = Topic::ALL.map(|topic| topic.code().replace('.', "-")).to_vec();
    for lang in Lang::ALL {
        for entry in &resource(lang).body {
            if let Entry::Message(message) = entry {
                let name = message.id.name;
                assert!(
                    shared.contains(&name) || topics.iter().any(|topic| topic == name),
                    "{lang:?} {name}"
                );
            }
            assert!(!matches!(entry, Entry::Junk { .. }), "{lang:?} {entry:?}");
        }
    }
}

fn content(topic: Topic, points: i64) -> Content {
    let value = |kind| {
        Some(match kind {
            FieldKind::Link => return None,
            FieldKind::Text => Value::Text("T-17".to_owned()),
            FieldKind::Tier => Value::Text("Золото".to_owned()),
            FieldKind::Outlet => Value::Text("Абая, 12".to_owned()),
            FieldKind::Count => Value::Count(14),
            FieldKind::Points => Value::Points(Points::from_hundredths(points)),
            FieldKind::Money => Value::Money(Money::new(points, Currency::Rub)),
            FieldKind::Date => Value::Date(Date::parse("2026-12-01").expect("a date")),
            FieldKind::PointInTime => {
                Value::PointInTime(Timestamp::parse("2026-11-25T13:30:00Z").expect("a time"))
            }
            FieldKind::Flag => Value::Flag(true),
        })
    };
    let values = topic.fields().iter().filter_map(|field| Some((field.name, value(field.kind)?)));
    Content {
        topic,
        brand: "Кофейня".to_owned(),
        values: values.collect(),
        link: None,
        body: topic.has_body().then(|| "Спасибо, мы разобрались.".to_owned()),
    }
}

#[test]
fn every_topic_is_said_in_every_language_without_a_hole() {
    let book = Phrasebook::load().expect("texts");
    let almaty = Zone::parse("Asia/Almaty").expect("a zone");
    for lang in Lang::ALL {
        for topic in Topic::ALL {
            let words = book.compose(&content(topic, 12_050), lang, &almaty).expect("words");
            for text in [&words.title, &words.text, &words.short] {
                let is_whole =
                    !text.is_empty() && !text.contains(['{', '}', '\u{2068}']) && !text.contains("  ");
                assert!(is_whole, "{lang:?} {topic:?}: {text:?}");
            }
            assert!(!words.title.contains('\n') && !words.short.contains('\n'), "{lang:?} {topic:?}");
            assert!(words.title.chars().count() <= 60, "{lang:?} {topic:?}: {}", words.title);
            assert_eq!(words.text.contains("разобрались"), topic.has_body(), "{topic:?}");
        }
    }
}

#[test]
fn numbers_dates_and_choices_are_said_as_the_language_does() {
    let book = Phrasebook::load().expect("texts");
    let almaty = Zone::parse("Asia/Almaty").expect("a zone");
    let say = |topic, points, lang| book.compose(&content(topic, points), lang, &almaty).expect("words");
    for (points, shown) in [
        (100, "Вам награда: 1 балл"),
        (200, "Вам награда: 2 балла"),
        (500, "Вам награда: 5 баллов"),
        (2_100, "Вам награда: 21 балл"),
        (1_050, "Вам награда: 10,5 балла"),
        (1_200_000, "Вам награда: 12000 баллов"),
    ] {
        assert_eq!(say(Topic::AwardGiven, points, Lang::Ru).title, shown);
    }
    assert_eq!(say(Topic::AwardGiven, 100, Lang::En).title, "An award for you: 1 point");
    assert_eq!(say(Topic::AwardGiven, 1_050, Lang::En).title, "An award for you: 10.5 points");
    assert_eq!(say(Topic::AwardGiven, 500, Lang::Kk).title, "Сізге марапат: 5 ұпай");
    assert!(say(Topic::TierEnding, 0, Lang::Ru).text.starts_with("Он действует до 1 декабря."));
    assert!(say(Topic::TierEnding, 0, Lang::Ru).text.ends_with("он продержится ещё 14 дней."));
    assert!(say(Topic::PointsDelayed, 0, Lang::Ru).text.contains("25 ноября, 18:30"));
    assert!(say(Topic::PointsDelayed, 0, Lang::En).text.contains("25 November, 18:30"));
    let mut refused = content(Topic::AppealDecided, 0);
    refused.values.extend([("upheld", Value::Flag(false)), ("eased", Value::Flag(false))]);
    assert_eq!(
        book.compose(&refused, Lang::Ru, &almaty).expect("words").title,
        "Ограничение остаётся в силе"
    );
    refused.values.insert("eased", Value::Flag(true));
    for (lang, title) in [
        (Lang::Ru, "Ограничение стало мягче"),
        (Lang::Kk, "Шектеу жеңілдеді"),
        (Lang::En, "The restriction is milder now"),
    ] {
        assert_eq!(book.compose(&refused, lang, &almaty).expect("words").title, title);
    }
}

#[test]
fn what_may_be_absent_is_left_out() {
    let book = Phrasebook::load().expect("texts");
    let mut closed = content(Topic::TicketClosed, 5_000);
    let with = book.compose(&closed, Lang::En, &Zone::UTC).expect("words");
    assert!(with.text.contains("We have given you 50 points."), "{}", with.text);
    closed.values.remove("points");
    let without = book.compose(&closed, Lang::En, &Zone::UTC).expect("words");
    assert!(without.text.starts_with("Your request T-17 is closed. If something"), "{}", without.text);
    let mut wrong = content(Topic::AwardGiven, 100);
    wrong.values.insert("points", Value::Flag(true));
    assert_eq!(
        book.compose(&wrong, Lang::En, &Zone::UTC).err(),
        Some(NoWords::Value("award-given".to_owned()))
    );
}

/// Whose card is in doubt is told what is asked and until when, and nothing by which the doubt came about.
#[test]
fn a_challenge_says_what_is_asked_and_until_when() {
    let book = Phrasebook::load().expect("texts");
    let almaty = Zone::parse("Asia/Almaty").expect("a zone");
    let mut told = content(Topic::AccountChallenged, 0);
    let say = |told: &Content, lang| book.compose(told, lang, &almaty).expect("words");
    let [ru, kk, en] = [Lang::Ru, Lang::Kk, Lang::En].map(|lang| say(&told, lang));
    assert!(
        ru.text.starts_with("Чтобы защитить ваши баллы, до 25 ноября, 18:30 мы списываем"),
        "{}",
        ru.text
    );
    assert!(ru.short.ends_with("из приложения или бота. До 25 ноября, 18:30."), "{}", ru.short);
    assert!(kk.text.contains("(мерзімі — 25 қараша, сағат 18:30) кассада"), "{}", kk.text);
    assert!(en.text.contains("until 25 November, 18:30 they are spent at the till only"), "{}", en.text);
    told.values.remove("until");
    for lang in Lang::ALL {
        let words = say(&told, lang);
        assert!(!words.text.contains("18:30") && !words.short.contains("18:30"), "{lang:?} {words:?}");
        let hints = ["rule", "limit", "score", "правил", "порог", "ереже"];
        assert!(hints.iter().all(|hint| !words.text.contains(hint)), "{lang:?} {}", words.text);
    }
    assert!(say(&told, Lang::En).text.starts_with("To protect your points they are spent at the till only"));
    assert_eq!(
        say(&told, Lang::En).short,
        "Кофейня: to pay with points, show the code from the app or our bot at the till."
    );
}

/// Whatever was paid and held is said, and nothing of what was not.
#[test]
fn a_cancelled_order_says_what_becomes_of_money_and_points() {
    let book = Phrasebook::load().expect("texts");
    let say = |reason: &str, money: Option<i64>, points: Option<i64>, lang| {
        let mut content = content(Topic::OrderCancelled, 0);
        content.values.retain(|name, _| *name == "order");
        content.values.insert("reason", Value::Text(reason.to_owned()));
        if let Some(minor) = money {
            content.values.insert("money", Value::Money(Money::new(minor, Currency::Rub)));
        }
        if let Some(points) = points {
            content.values.insert("points", Value::Points(Points::from_hundredths(points)));
        }
        book.compose(&content, lang, &Zone::UTC).expect("words")
    };
    let both = say("out_of_stock", Some(21_050), Some(5_000), Lang::Ru);
    assert_eq!(both.title, "Заказ T-17 отменён");
    assert_eq!(
        both.text,
        "Что-то из заказа закончилось. Возвращаем 210,50 RUB туда, откуда они пришли: обычно это занимает несколько \
         дней. На карту вернулось: 50 баллов."
    );
    let neither = say("not_paid", None, None, Lang::En);
    assert_eq!(neither.short, "Кофейня: order T-17 was cancelled. Nothing was charged.");
    assert!(neither.text.starts_with("The time to pay ran out. Nothing was charged."), "{}", neither.text);
    let paid = say("guest", Some(10_000), None, Lang::Kk);
    assert!(paid.text.contains("100,00 RUB төленген жеріне") && !paid.text.contains("ұпай"), "{}", paid.text);
    // The till's troubles are no guest's business.
    let words: Vec<String> = ["till_offline", "till_system_down", "till_refused", "at_till", "office"]
        .map(|reason| say(reason, None, None, Lang::En).text)
        .to_vec();
    assert!(words.iter().all(|text| text.starts_with("The coffee shop could not make it.")), "{words:?}");
}

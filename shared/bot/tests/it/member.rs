//! What a member has in the chat.

use bot::state::StepV1;
use bot::words::menu;
use membership::profile::Language;
use telegram::Markup;
use telegram::method::{Method, Photo};
use telegram::press::{Advertising, Press};

use crate::world::{GUEST, World, button, message};

#[test]
fn the_card_is_a_picture_of_a_code_that_changes() {
    let mut world = World::new();
    world.join();
    let say = world.write("💳 Карта");
    let card = say.card.clone().expect("a card");
    assert!(card.number.starts_with("29") && card.key_version.is_some());
    assert_eq!(world.count("select count(*) from cards where status = 'active'"), 1, "made when asked for");
    let png =
        |world: &World, say: &bot::say::SayV1| match say.method(GUEST, &world.secrets, world.now).unwrap() {
            Method::SendPhoto { photo: Photo::Png(png), .. }
            | Method::EditMessagePhoto { photo: Photo::Png(png), .. } => png,
            other => panic!("{other:?}"),
        };
    let first = png(&world, &say);
    world.wait(30_000);
    assert_ne!(png(&world, &say), first, "another step, another code");
    let bare = world.tap(&say, "Номер").answer.expect("the number");
    assert_eq!((bare.edit, bare.card.as_ref().and_then(|card| card.key_version)), (Some(20), None));
    let static_png = png(&world, &bare);
    world.wait(30_000);
    assert_eq!(png(&world, &bare), static_png);
    let again = world.tap(&bare, "Код").answer.expect("the code");
    assert!(again.card.is_some_and(|card| card.key_version.is_some()));
    assert_eq!(world.count("select count(*) from cards"), 1);
}

#[test]
fn balance_history_tier_and_outlets_are_told() {
    let mut world = World::new();
    world.join();
    let balance = world.write("/balance");
    assert!(balance.words.starts_with("Доступно баллов: "), "{}", balance.words);
    let history = world.write("/history");
    assert!(
        history.words.contains("25.11.2026") && history.words.contains("Приветственные баллы"),
        "{}",
        history.words
    );
    assert!(history.markup.is_none(), "one page");
    assert!(world.write("/tier").words.starts_with("Ваш статус: "));
    let near = |latitude: &str, longitude: &str| {
        message(
            serde_json::from_str(&format!(
                r#"{{"location":{{"latitude":{latitude},"longitude":{longitude}}}}}"#
            ))
            .unwrap(),
        )
    };
    let found = world.update(near("43.24", "76.9")).answer.expect("outlets").words;
    assert!(
        found.contains("One — 842 м") && found.contains("Almaty, Street 1") && found.contains("открыто"),
        "{found}"
    );
    let none = world.update(near("55.75", "37.61")).answer.expect("outlets").words;
    assert!(none.contains("кофеен нет"), "{none}");
    world.now = kernel::Timestamp::parse("2026-11-25T23:00:00+05:00").unwrap();
    let shut = world.update(near("43.24", "76.9")).answer.expect("outlets").words;
    assert!(shut.contains("закрыто, откроется 26.11 08:00"), "{shut}");
}

#[test]
fn the_history_is_paged() {
    let mut world = World::new();
    world.join();
    let member = world.count("select id from members");
    for number in 0..9 {
        world.sql_run(&format!(
            "insert into entries (id, kind, event, member_id, effective_at, recorded_at, note) \
             values ({}, 'adjustment', 'test:{number}', {member}, 0, 0, 'note {number}')",
            i64::MAX - 100 + number
        ));
    }
    let first = world.write("/history");
    assert_eq!(first.words.matches("note ").count(), 8);
    assert!(first.words.contains("note 8") && !first.words.contains("note 0"));
    let second = world.tap(&first, "Раньше").answer.expect("a page");
    assert_eq!(second.edit, Some(20));
    assert!(second.words.contains("note 0") && second.words.contains("Приветственные"), "{}", second.words);
    assert!(second.markup.is_none(), "the last one");
}

#[test]
fn a_language_is_chosen_before_and_after_joining() {
    let mut world = World::new();
    let choice = world.write("/language");
    let chosen = world.tap(&choice, "Қазақша").answer.expect("words");
    assert_eq!(chosen.words, "Қазақша сөйлеймін.");
    assert!(world.write("/start").words.starts_with("Сәлеметсіз бе"), "remembered without an account");
    world.join();
    assert_eq!(world.text("select language from members"), "kk");
    let choice = world.write("/language");
    let english = world.tap(&choice, "English").answer.expect("words");
    assert_eq!(english.markup, Some(menu::keys(Language::En)), "the keys change with it");
    assert_eq!(world.text("select language from members"), "en");
    world.dialogue = bot::state::DialogueV1::default();
    assert!(world.write("⭐ Points").words.starts_with("Points to spend"), "the member's own goes first");
}

#[test]
fn advertising_is_switched_and_required_consents_stay() {
    let mut world = World::new();
    world.join();
    let say = world.write("/consents");
    assert!(button(&say, "⬜ По СМС").is_some() && button(&say, "Правила").is_none());
    let on = world.press(&Press::Consent(Advertising::Sms)).answer.expect("the same list");
    assert!(button(&on, "✅ По СМС").is_some());
    world.wait(1_000);
    let off = world.press(&Press::Consent(Advertising::Sms)).answer.expect("the same list");
    assert!(button(&off, "⬜ По СМС").is_some());
    assert_eq!(
        world.count("select count(*) from consents where kind = 'marketing_sms' and source = 'telegram'"),
        2
    );
}

#[test]
fn a_chat_is_unlinked_after_a_question() {
    let mut world = World::new();
    world.join();
    let asked = world.write("/unlink");
    let left = world.tap(&asked, "Оставить").answer.expect("words");
    assert_eq!((left.edit, world.count("select count(*) from telegram_links")), (Some(20), 1));
    let gone = world.tap(&asked, "Отвязать").answer.expect("words");
    assert_eq!(gone.markup, Some(Markup::remove()));
    assert_eq!(world.count("select count(*) from telegram_links"), 0);
    assert_eq!(world.count("select count(*) from members where status = 'active'"), 1, "the account stays");
    assert_eq!(world.count("select count(*) from contacts where status = 'active'"), 0);
    assert!(world.write("/balance").html, "a stranger again");
}

#[test]
fn an_account_is_erased_after_a_question_that_is_fresh() {
    let mut world = World::new();
    world.join();
    let asked = world.write("/erase");
    assert!(asked.words.contains("Удалить счёт насовсем"));
    world.wait(bot::state::ERASE_KEPT_MS);
    let late = world.tap(&asked, "Удалить").answer.expect("words");
    assert!(late.words.contains("устарел"), "{}", late.words);
    let asked = world.write("/erase");
    let erased = world.tap(&asked, "Удалить").answer.expect("words");
    assert!(erased.words.contains("Счёт удалён"), "{}", erased.words);
    assert_eq!(
        world.count("select count(*) from members where status = 'erased' and phone_sealed is null"),
        1
    );
    assert_eq!(world.count("select count(*) from telegram_links"), 0);
    assert_eq!(world.dialogue.step, StepV1::Idle);
}

#[test]
fn an_account_erased_elsewhere_forgets_its_chat() {
    let mut world = World::new();
    world.join();
    let member = kernel::MemberId::from_raw(world.count("select id from members"));
    world
        .tx(|tx, _, moment| {
            club::member::erase::erase(tx, member, club::member::erase::Through::Themselves, moment)
        })
        .unwrap();
    assert_eq!(world.count("select count(*) from telegram_links"), 0);
}

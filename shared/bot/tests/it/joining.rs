//! Becoming a member, or being known again.

use bot::state::StepV1;
use telegram::Markup;
use telegram::press::{Agreement, Press};

use crate::world::{GUEST, PHONE, World, button, message};

#[test]
fn consents_then_the_own_number_make_a_member() {
    let mut world = World::new();
    let asked = world.write("/start");
    assert!(asked.html && asked.words.contains("https://example.com/terms?a=1&amp;b=2"), "{}", asked.words);
    assert!(button(&asked, "⬜ Правила").is_some());
    let early = world.press(&Press::AgreeDone);
    assert!(early.answer.is_none() && early.notice.is_some_and(|words| words.contains("первые два")));
    let marked = world.press(&Press::Agree(Agreement::Terms)).answer.expect("the same question");
    assert_eq!((marked.edit, button(&marked, "✅ Правила").is_some()), (Some(20), true));
    world.press(&Press::Agree(Agreement::PersonalData));
    let contact = world.press(&Press::AgreeDone).answer.expect("the next question");
    assert!(matches!(contact.markup, Some(Markup::Reply { .. })) && contact.edit.is_none());
    let joined = world.share(PHONE, GUEST);
    assert!(joined.words.contains("вы в клубе"), "{}", joined.words);
    assert!(matches!(&joined.markup, Some(Markup::Reply { keyboard, .. }) if keyboard.len() == 4));
    assert_eq!(world.dialogue.step, StepV1::Idle);
    assert_eq!(world.count("select count(*) from members where status = 'active'"), 1);
    assert_eq!(world.count("select count(*) from telegram_links"), 1);
    assert_eq!(
        world.text("select group_concat(kind || ':' || granted || ':' || text_version || ':' || source, ' ') from consents"),
        "terms:1:2026-11:telegram personal_data:1:2026-11:telegram"
    );
    // The welcome bonus is the programme's, as with every sign-up.
    assert_eq!(world.count("select count(*) from entries where event like 'welcome:%'"), 1);
}

#[test]
fn somebody_elses_number_joins_nobody() {
    let mut world = World::new();
    world.write("/start");
    for agreement in [Agreement::Terms, Agreement::PersonalData] {
        world.press(&Press::Agree(agreement));
    }
    let foreign = world.share(PHONE, GUEST + 1);
    assert!(foreign.words.contains("не ваш номер"), "{}", foreign.words);
    let passed_on = message(serde_json::json!({
        "forward_origin": {"type": "user"},
        "contact": {"phone_number": PHONE, "first_name": "G", "user_id": GUEST},
    }));
    assert!(world.update(passed_on).answer.expect("words").words.contains("не ваш номер"));
    let fixed = world.share("77272500000", GUEST);
    assert!(fixed.words.contains("мобильного"), "{}", fixed.words);
    assert_eq!(world.count("select count(*) from members"), 0);
    assert_eq!(world.count("select count(*) from telegram_links"), 0);
    assert!(world.share(PHONE, GUEST).words.contains("вы в клубе"), "the way is still open");
}

#[test]
fn a_number_without_consents_is_nobodys_business() {
    let mut world = World::new();
    let asked = world.share(PHONE, GUEST);
    assert!(asked.html, "the consents come first: {}", asked.words);
    assert_eq!(world.count("select count(*) from members"), 0);
    assert!(matches!(world.dialogue.step, StepV1::Joining { .. }));
}

#[test]
fn a_member_is_known_again_without_being_asked_anew() {
    let mut world = World::new();
    world.join();
    let member = world.count("select id from members");
    world.sql_run("delete from telegram_links");
    world.dialogue = bot::state::DialogueV1::default();
    let known = world.share(&format!("+{PHONE}"), GUEST);
    assert!(known.words.contains("Нашёл ваш счёт"), "{}", known.words);
    assert_eq!(world.count("select member_id from telegram_links"), member);
    assert_eq!(world.count("select count(*) from consents"), 2, "said before");
}

#[test]
fn a_member_has_one_chat_and_a_chat_one_member() {
    let mut world = World::new();
    world.join();
    // The same chat with another number: another member's now.
    world.dialogue.step = StepV1::Joining {
        marks: bot::state::Marks { terms: true, personal_data: true, marketing: true },
        referral: None,
    };
    world.share("77010000002", GUEST);
    assert_eq!(world.count("select count(*) from members"), 2);
    assert_eq!(world.count("select count(*) from telegram_links"), 1);
    assert_eq!(
        world.count("select count(*) from telegram_links l join members m on m.id = l.member_id where m.id = (select max(id) from members)"),
        1
    );
    assert_eq!(
        world.count("select count(*) from contacts where channel = 'telegram' and status = 'active'"),
        1
    );
    assert_eq!(world.count("select count(*) from consents where kind = 'marketing_push' and granted = 1"), 1);
}

#[test]
fn a_blocked_account_stays_shut() {
    let mut world = World::new();
    world.join();
    world.sql_run("update members set status = 'blocked'");
    let card = world.write("/card");
    assert!(card.html, "treated as a stranger: {}", card.words);
    let refused = world.share(PHONE, GUEST);
    assert!(refused.words.contains("не действует"), "{}", refused.words);
}

#[test]
fn numbers_are_not_tried_out() {
    let mut world = World::new();
    world.join();
    let mut last = String::new();
    for _ in 0..11 {
        world.wait(10_000);
        last = world.share(PHONE, GUEST).words;
    }
    assert!(last.contains("Слишком часто"), "{last}");
}

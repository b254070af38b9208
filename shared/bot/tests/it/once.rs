//! Exactly once, politely, and only in private.

use bot::input::{Meaning, meaning};
use bot::take::{self, PER_CHAT, chat_index};
use serde_json::json;
use store::native::NativeSql;
use telegram::press::Press;

use crate::world::{GUEST, PHONE, World, message, pressed};

#[test]
fn the_same_update_again_gets_the_same_answer_and_does_nothing() {
    let mut world = World::new();
    world.join();
    let update = world.last_update();
    let before = world.dialogue.clone();
    let share = message(json!({ "contact": {"phone_number": PHONE, "first_name": "G", "user_id": GUEST} }));
    let again = world.update_again(update, share);
    assert!(
        again.answer.expect("the same words").words.contains("вы в клубе"),
        "not that the account was found"
    );
    assert!(again.dialogue.is_none());
    assert_eq!(world.dialogue, before);
    assert_eq!(world.count("select count(*) from members"), 1);
    let words = world.text("select hex(answer_sealed) from telegram_updates where update_id = 1");
    assert!(!words.is_empty() && !words.contains("48656C6C6F"), "sealed");
    // A press that had a word over the chat only.
    let toggled = world.press(&Press::Consent(telegram::press::Advertising::Sms)).answer;
    let update = world.last_update();
    let again = world.update_again(update, pressed("vs"));
    assert_eq!(again.answer, toggled);
    assert_eq!(world.count("select count(*) from consents where kind = 'marketing_sms'"), 1, "once");
}

#[test]
fn updates_are_forgotten_after_telegram_has_forgotten_them() {
    let mut world = World::new();
    world.write("/help");
    world.wait(take::REMEMBERED_MS + 1);
    world.write("/help");
    assert_eq!(world.count("select count(*) from telegram_updates"), 1);
}

#[test]
fn a_chat_that_sends_too_much_is_told_so_once() {
    let mut world = World::new();
    for _ in 0..PER_CHAT.max {
        world.write("/help");
    }
    let told = world.update(message(json!({ "text": "/help" })));
    assert!(told.answer.expect("a word").words.contains("Слишком много сообщений"));
    let silent = world.update(message(json!({ "text": "/help" })));
    assert!(silent.answer.is_none() && silent.notice.is_none());
    assert_eq!(
        world.count("select count(*) from telegram_updates"),
        i64::from(PER_CHAT.max) + 2,
        "taken all the same"
    );
    world.wait(PER_CHAT.window_ms);
    assert!(world.write("/help").words.contains("/card"));
}

#[test]
fn only_private_chats_with_people_are_heard() {
    let from = |id: i64, is_bot: bool| json!({"id": id, "is_bot": is_bot, "first_name": "G"});
    for (from, chat) in [
        (from(GUEST, false), json!({"id": -100, "type": "supergroup"})),
        (from(GUEST, false), json!({"id": GUEST + 1, "type": "private"})),
        (from(GUEST, true), json!({"id": GUEST, "type": "private"})),
    ] {
        let update = json!({ "update_id": 1, "message": {
            "message_id": 1, "date": 1, "from": from, "chat": chat, "text": "/balance",
        } });
        let read = telegram::update::read(update.to_string().as_bytes()).unwrap();
        assert_eq!(meaning(read), Meaning::Nothing, "{update}");
    }
}

/// What is said in a group is read by all of it.
#[test]
fn nothing_of_a_members_is_said_in_a_group() {
    let mut world = World::new();
    world.join();
    let group = json!({"id": -100_123, "type": "supergroup", "title": "Friends"});
    let from = json!({"id": GUEST, "is_bot": false, "first_name": "G", "language_code": "ru"});
    let message = |chat: &serde_json::Value, text: &str| json!({"message_id": 1, "date": 1, "from": from, "chat": chat, "text": text});
    let press = |chat: &serde_json::Value, data: &str| {
        json!({"id": "1", "data": data, "chat_instance": "1", "from": from,
            "message": {"message_id": 20, "date": 1, "chat": chat}})
    };
    let contact = json!({"message_id": 1, "date": 1, "from": from, "chat": group,
        "contact": {"phone_number": PHONE, "first_name": "G", "user_id": GUEST}});
    let anonymous =
        json!({"message_id": 1, "date": 1, "chat": group, "sender_chat": group, "text": "/balance"});
    let added = json!({"chat": group, "from": from, "date": 1, "old_chat_member": {"status": "left"},
        "new_chat_member": {"status": "member"}});
    let mine = json!({"id": GUEST, "type": "private"});
    for update in [
        json!({"message": message(&group, "/balance")}),
        json!({"message": message(&group, "/card@brand_bot")}),
        json!({"message": message(&group, "⭐ Баллы")}),
        json!({"message": contact}),
        json!({"message": anonymous}),
        // A message of the bot's that was passed on to a group still has its buttons.
        json!({"callback_query": press(&group, "cr")}),
        json!({"callback_query": press(&group, "ye")}),
        json!({"channel_post": message(&json!({"id": -1_009, "type": "channel"}), "/balance")}),
        json!({"edited_channel_post": message(&group, "/balance")}),
        json!({"my_chat_member": added}),
        json!({"chat_member": added}),
        // What is changed afterwards was heard as it was.
        json!({"edited_message": message(&mine, "/balance")}),
        json!({"business_message": message(&mine, "/balance")}),
        json!({"guest_message": message(&mine, "/balance")}),
        json!({"inline_query": {"id": "1", "from": from, "query": "card", "offset": ""}}),
    ] {
        let mut update = update;
        update["update_id"] = json!(1);
        let read = telegram::update::read(update.to_string().as_bytes()).unwrap();
        assert_eq!(meaning(read), Meaning::Nothing, "{update}");
    }
}

/// A bot that was replaced, or a block that nobody told us was lifted: whoever writes can be written to.
#[test]
fn whoever_writes_is_reached_again() {
    let mut world = World::new();
    world.join();
    let reached = |world: &World| {
        world.count(
            "select (select count(*) from contacts where channel = 'telegram' and status = 'active') \
             + (select count(*) from telegram_links where blocked_at is null)",
        )
    };
    assert_eq!(reached(&world), 2);
    world.sql_run("update telegram_links set blocked_at = 1");
    world.sql_run("update contacts set status = 'dead', reason = 'unreachable' where channel = 'telegram'");
    assert_eq!(reached(&world), 0);
    world.write("/balance");
    assert_eq!(reached(&world), 2);
    let before = world.count("select count(*) from contacts");
    world.write("/balance");
    assert_eq!(world.count("select count(*) from contacts"), before, "once");
    // A press is as good as a word.
    world.sql_run("update telegram_links set blocked_at = 1");
    world.press(&Press::CardRotating);
    assert_eq!(reached(&world), 2);
}

#[test]
fn a_block_is_noted_and_lifted() {
    let mut world = World::new();
    world.join();
    let blocked =
        |world: &World| world.count("select count(*) from telegram_links where blocked_at is not null");
    let reached = |world: &World| {
        world.count("select count(*) from contacts where channel = 'telegram' and status = 'active'")
    };
    let note = |world: &mut World, reachable| {
        world
            .tx(|tx, personal, moment| take::reachable(tx, "daily", GUEST, reachable, personal, moment))
            .unwrap();
    };
    assert_eq!((blocked(&world), reached(&world)), (0, 1));
    note(&mut world, false);
    note(&mut world, false);
    assert_eq!((blocked(&world), reached(&world)), (1, 0), "messages take another way");
    note(&mut world, true);
    assert_eq!((blocked(&world), reached(&world)), (0, 1));
    let other = chat_index("other", GUEST, world.personal());
    assert_ne!(other, chat_index("daily", GUEST, world.personal()), "a chat with another brand's bot");
}

/// Storage that fails in the middle of a turn.
#[test]
fn what_storage_could_not_do_comes_again() {
    let mut world = World::new();
    world.join();
    world.sql_run("alter table cards rename to cards_gone");
    let update = json!({"update_id": 99}).to_string();
    assert!(telegram::update::read(update.as_bytes()).is_ok());
    let mut event = message(json!({ "text": "/card" }));
    event["update_id"] = json!(99);
    let read = telegram::update::read(event.to_string().as_bytes()).unwrap();
    let Meaning::Heard(heard) = meaning(read) else { panic!("a command") };
    let failed = world.hear(99, *heard.clone()).expect_err("no table");
    assert!(failed.store().is_some(), "{failed}");
    assert_eq!(world.count("select count(*) from telegram_updates where update_id = 99"), 0);
    world.sql_run("alter table cards_gone rename to cards");
    assert!(world.hear(99, *heard).unwrap().answer.expect("a card").card.is_some());
}

/// The schema refuses the same update by itself.
#[test]
fn the_database_refuses_a_second_one_too() {
    let world = World::new();
    let insert = |sql: &NativeSql| store::telegram::updates::insert(sql, "daily", 5, None, world.now);
    insert(&world.sql).unwrap();
    assert!(insert(&world.sql).is_err());
}

//! Stars, comments, questions and answers.

use bot::state::StepV1;
use serde_json::json;
use telegram::press::Press;

use crate::world::{BOT, GOOD_TOKEN, TICKET, World, button, message};

#[test]
fn a_visit_is_rated_with_one_tap() {
    let mut world = World::new();
    world.join();
    let asked = world.write(&format!("/start fb_{GOOD_TOKEN}"));
    assert_eq!(asked.words, "Как прошёл визит в «One»?");
    let thanks = world.tap(&asked, "5 ★").answer.expect("thanks");
    assert_eq!(thanks.edit, Some(20), "the stars go from under the question");
    assert!(thanks.words.starts_with("★★★★★"));
    let won = world.tap(&thanks, "подарок").answer.expect("the game");
    assert!(won.words.contains("50"), "{}", won.words);
    world.dialogue.step = StepV1::Comment { token: GOOD_TOKEN.to_owned() };
    let noted = world.write("very good");
    assert!(noted.words.contains(TICKET));
    assert_eq!(*world.desk.heard.borrow(), ["5 stars", "good-token: very good"]);
    let late = world.tap(&asked, "1 ★").answer.expect("a refusal");
    assert!(late.words.contains("уже закрыт"), "{}", late.words);
    assert_eq!(world.dialogue.step, StepV1::Idle, "nothing is waited for");
}

#[test]
fn a_bad_visit_becomes_a_conversation() {
    let mut world = World::new();
    world.join();
    let asked = world.write(&format!("/start fb_{GOOD_TOKEN}"));
    world.tap(&asked, "1 ★");
    assert_eq!(world.dialogue.step, StepV1::Writing { ticket: Some(TICKET.to_owned()) });
    assert!(world.write("it was cold").words.contains(TICKET));
    // Hours later, to the answer that came: without pressing anything.
    world.wait(3_600_000);
    world.write("thank you");
    let heard = world.desk.heard.borrow().clone();
    assert_eq!(heard, ["1 stars", &format!("{TICKET}: it was cold"), &format!("{TICKET}: thank you")]);
    world.wait(bot::take::THREAD_MS + 1);
    assert!(world.write("hello?").words.contains("Не понял"), "a week later it is over");
}

#[test]
fn a_stranger_may_rate_with_the_link_they_got() {
    let mut world = World::new();
    let asked = world.write(&format!("/start fb_{GOOD_TOKEN}"));
    assert!(world.tap(&asked, "4 ★").answer.expect("thanks").words.starts_with("★★★★"));
    let closed = world.write("/start fb_unknown");
    assert!(closed.words.contains("уже закрыт"), "{}", closed.words);
    assert!(button(&closed, "★").is_none());
}

#[test]
fn a_question_is_asked_and_answered() {
    let mut world = World::new();
    world.join();
    world.write("✍️ Написать нам");
    let passed_on = world.write("Do you have oat milk?");
    assert!(passed_on.words.contains(TICKET));
    world.press(&Press::Ticket(TICKET.to_owned()));
    world.write("For tomorrow, I mean");
    world.press(&Press::Ticket("tkt_somebody_elses".to_owned()));
    let unknown = world.write("?");
    assert!(unknown.words.contains("обращения уже нет"), "{}", unknown.words);
    let heard = world.desk.heard.borrow().clone();
    assert_eq!(heard, ["asked: Do you have oat milk?", &format!("{TICKET}: For tomorrow, I mean")]);
}

/// Of several questions the one whose answer is replied to, whatever else was talked about since.
#[test]
fn a_reply_belongs_to_what_it_replies_to() {
    let mut world = World::new();
    world.join();
    world.write("✍️ Написать нам");
    world.write("The newest question");
    for (ticket, message) in [("tkt_somebody_elses", 41), (TICKET, 42)] {
        world.said(BOT, message, ticket);
    }
    let reply = |world: &mut World, to: i64, text: &str| {
        let replied = json!({"message_id": to, "date": 1, "chat": {"id": 700_000_001, "type": "private"}});
        let said = world.update(message(json!({ "text": text, "reply_to_message": replied })));
        said.answer.expect("words").words
    };
    assert!(reply(&mut world, 41, "to another").contains("обращения уже нет"), "the desk says whose it is");
    assert!(reply(&mut world, 42, "to the old one").contains(TICKET));
    // A reply to anything else is a word like any other.
    assert!(reply(&mut world, 999, "go on").contains(TICKET));
    // Even while the bot waits for something else.
    world.write("✍️ Написать нам");
    reply(&mut world, 42, "not a new question");
    let heard = world.desk.heard.borrow().clone();
    let of = |words: &str| format!("{TICKET}: {words}");
    assert_eq!(heard[1..], [of("to the old one"), of("go on"), of("not a new question")]);
}

/// Numbers of messages are a bot's own: what another bot of the brand said under the same number is something else.
#[test]
fn a_reply_finds_nothing_that_another_bot_said() {
    let mut world = World::new();
    world.join();
    world.said(BOT + 1, 42, TICKET);
    let reply = |world: &mut World, text: &str| {
        let replied = json!({"message_id": 42, "date": 1, "chat": {"id": 700_000_001, "type": "private"}});
        let said = world.update(message(json!({ "text": text, "reply_to_message": replied })));
        said.answer.expect("words").words
    };
    let lost = reply(&mut world, "to the card, really");
    assert!(lost.contains("Не нашёл, к какому обращению"), "{lost}");
    assert!(world.desk.heard.borrow().is_empty(), "and nobody reads it under another ticket");
    world.said(BOT, 42, TICKET);
    assert!(reply(&mut world, "to the answer").contains(TICKET));
    // The chat is somebody else's from now on, or nobody's: what was said there goes with its link.
    world.press(&Press::UnlinkConfirmed);
    assert_eq!(world.count("select count(*) from telegram_sayings"), 0);
    world.join();
    let lost = reply(&mut world, "after that");
    assert!(lost.contains("Не нашёл, к какому обращению"), "{lost}");
}

//! What a brand's bot says for the outbox: the buttons under it, and what a reply to it is about.

use club::Moment;
use kernel::time::{DAY_MS, MINUTE_MS};
use kernel::{IdSource, MemberId};
use membership::secrets::{LinkSigner, Purpose};
use messaging::channel::Lane;
use messaging::{Channel, Topic};
use partner::{Answer, Exchange, Fault, Request};
use post::chat;
use post::outbox::{self, Bounds, Done, Ground};
use serde_json::{Value, json};
use store::deliveries::Status;
use store::telegram::sayings::{self, Said};
use store::telegram::threads;

use crate::carriers::{self, Desk, Does, SMS, TELEGRAM};
use crate::telling::{answer, intend, status, tick};
use crate::world::World;

const CHAT: &str = "700000001";
/// The bot of [`World::chat`].
const BOT: i64 = 6_000_000_001;

fn buttons(body: &Value) -> Vec<Vec<Value>> {
    let rows = body["reply_markup"]["inline_keyboard"].as_array().cloned().unwrap_or_default();
    rows.into_iter().map(|row| row.as_array().cloned().unwrap_or_default()).collect()
}

#[test]
fn a_question_after_a_visit_comes_with_its_stars() {
    let mut world = World::new();
    let desk = Desk::default();
    let anna = world.member(1);
    world.chat(anna, CHAT);
    let token = LinkSigner::new(world.secrets.key(Purpose::Links), "feedback").sign(17);
    // Wherever the deployment's address has it, and whatever else is in it.
    for address in ["https://x.kz/f/TOKEN", "https://x.kz/rate?from=tg&t=TOKEN#top", "https://TOKEN.x.kz/"] {
        let data = json!({ "outlet": "o1", "url": address.replace("TOKEN", &token) }).to_string();
        intend(&mut world, anna, Topic::FeedbackRequest, &data, DAY_MS);
        tick(&mut world, &desk);
        world.wait(2 * DAY_MS);
    }
    let bodies = desk.bodies(TELEGRAM);
    assert_eq!(bodies.len(), 3);
    for body in &bodies {
        let rows = buttons(body);
        let stars: Vec<&Value> = rows[0].iter().map(|button| &button["callback_data"]).collect();
        let expected: Vec<String> = (1..=5).map(|stars| format!("s{stars}{token}")).collect();
        assert_eq!(stars, expected.iter().collect::<Vec<_>>());
        assert!(rows[1][0]["url"].as_str().unwrap().contains(&token), "{rows:?}");
    }
    // A link that was not signed here rates nothing.
    world.wait(8 * DAY_MS);
    let forged = json!({ "outlet": "o1", "url": "https://x.kz/f/aaaaaaaaaaaaa00000000000000000000000000" });
    intend(&mut world, anna, Topic::FeedbackRequest, &forged.to_string(), DAY_MS);
    tick(&mut world, &desk);
    let rows = buttons(&desk.bodies(TELEGRAM)[3]);
    assert_eq!(rows.len(), 1, "{rows:?}");
}

#[test]
fn an_answer_can_be_answered_and_what_is_written_next_belongs_to_it() {
    let mut world = World::new();
    let desk = Desk::default();
    let anna = world.member(1);
    world.chat(anna, CHAT);
    let index = chat::index("daily", CHAT, world.personal());
    let newest = |world: &World| {
        threads::load_newest(&world.sql, "daily", &index, world.now.plus_millis(-DAY_MS)).unwrap()
    };
    world.tx(|tx, _, moment| threads::touch(tx, "daily", &index, "T-2", moment.now)).unwrap();
    world.wait(MINUTE_MS);
    // Nothing is talked about that was not told.
    desk.set(TELEGRAM, Does::Answers(500, "{}".to_owned()));
    answer(&mut world, anna);
    tick(&mut world, &desk);
    assert_eq!(newest(&world).as_deref(), Some("T-2"));
    desk.heal();
    world.wait(MINUTE_MS);
    tick(&mut world, &desk);
    let rows = buttons(desk.bodies(TELEGRAM).last().unwrap());
    assert_eq!((&rows[0][0]["text"], &rows[0][0]["callback_data"]), (&json!("Ответить"), &json!("tT-1")));
    assert_eq!(newest(&world).as_deref(), Some("T-1"));
    let said = |bot, index, message| {
        sayings::load(&world.sql, Said { bot, chat_index: index, message }, world.now).unwrap()
    };
    assert_eq!(said(BOT, &index, 5).as_deref(), Some("T-1"));
    let other = chat::index("daily", "700000002", world.personal());
    assert_eq!(said(BOT, &other, 5), None, "somebody else's chat has its own 5");
    assert_eq!(said(BOT + 1, &index, 5), None, "another bot has its own 5");
    assert_eq!(said(BOT, &index, 6), None);
}

/// A chat that becomes another member's while a message is on its way.
struct Relinks<'a> {
    world: &'a World,
    to: MemberId,
}

impl Exchange for Relinks<'_> {
    fn exchange(&self, request: &Request) -> Result<Answer, Fault> {
        self.world.change(&format!("update telegram_links set member_id = {}", self.to.raw()));
        Desk::default().exchange(request)
    }
}

#[test]
fn an_answer_on_its_way_is_not_kept_in_another_member_s_chat() {
    for is_relinked in [false, true] {
        let mut world = World::new();
        let (anna, bolat) = (world.member(1), world.member(2));
        world.chat(anna, CHAT);
        let id = answer(&mut world, anna);
        let mut ids = IdSource::new(9);
        let partners = Relinks { world: &world, to: if is_relinked { bolat } else { anna } };
        let (carriers, now) = (carriers::all(), world.now);
        let ground = Ground {
            sql: &world.sql,
            partners: &partners,
            personal: world.personal(),
            carriers: &carriers,
            clock: &|| now,
        };
        let (mut moment, mut done) = (Moment { now, ids: &mut ids }, Done::default());
        outbox::plan(&ground, &mut moment, Bounds::STANDARD, &mut done).unwrap();
        outbox::dispatch(&ground, &mut moment, Lane::Telegram, Bounds::STANDARD, &mut done).unwrap();
        assert_eq!(status(&world, id), (Status::Sent, Some(Channel::Telegram)));
        for table in ["telegram_threads", "telegram_sayings"] {
            let kept = world.count(&format!("select count(*) from {table}"));
            assert_eq!(kept, i64::from(!is_relinked), "{table}");
        }
    }
}

#[test]
fn what_was_said_long_ago_is_forgotten() {
    let mut world = World::new();
    let desk = Desk::default();
    let anna = world.member(1);
    world.chat(anna, CHAT);
    answer(&mut world, anna);
    tick(&mut world, &desk);
    let index = chat::index("daily", CHAT, world.personal());
    let said = Said { bot: BOT, chat_index: &index, message: 5 };
    world.wait(sayings::KEPT_MS);
    assert_eq!(sayings::load(&world.sql, said, world.now).unwrap().as_deref(), Some("T-1"));
    world.wait(1);
    assert_eq!(sayings::load(&world.sql, said, world.now).unwrap(), None, "whether it is kept or not");
    // Nobody is told anything any more, and still it goes.
    world.clean();
    assert_eq!(world.count("select count(*) from telegram_sayings"), 0);
}

#[test]
fn other_messages_ask_nothing() {
    let mut world = World::new();
    let desk = Desk::default();
    let anna = world.member(1);
    world.chat(anna, CHAT);
    intend(&mut world, anna, Topic::AccountHeld, r#"{"appeal_url":"https://x.kz/a"}"#, DAY_MS);
    tick(&mut world, &desk);
    let rows = buttons(&desk.bodies(TELEGRAM)[0]);
    assert_eq!((rows.len(), &rows[0][0]["url"]), (1, &json!("https://x.kz/a")));
}

/// Whoever stands behind a gateway that gave up may have sent it: told again it would be there twice.
#[test]
fn a_gateway_that_gave_up_is_for_a_person() {
    for (code, expected) in
        [(502, Status::Unconfirmed), (504, Status::Unconfirmed), (500, Status::Queued), (503, Status::Queued)]
    {
        let mut world = World::new();
        let desk = Desk::default();
        let anna = world.member(1);
        world.chat(anna, CHAT);
        let said = json!({ "ok": false, "error_code": code, "description": "Bad Gateway" });
        desk.set(TELEGRAM, Does::Answers(code, said.to_string()));
        let id = answer(&mut world, anna);
        tick(&mut world, &desk);
        assert_eq!(status(&world, id).0, expected, "{code}");
    }
}

#[test]
fn a_bot_that_was_switched_off_stops_no_message() {
    let mut world = World::new();
    let desk = Desk::default();
    let anna = world.member(1);
    world.chat(anna, CHAT);
    world.tx(|tx, _, _| store::telegram::delete_bot(tx, "daily")).unwrap();
    let id = answer(&mut world, anna);
    tick(&mut world, &desk);
    tick(&mut world, &desk);
    assert_eq!(status(&world, id), (Status::Sent, Some(Channel::Sms)));
    assert_eq!((desk.calls(TELEGRAM), desk.calls(SMS)), (0, 1));
    assert_eq!(
        world.count("select count(*) from telegram_links where blocked_at is null"),
        1,
        "its chat is kept"
    );
}

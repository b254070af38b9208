//! A guest and the bot: the updates are those that `aiogram` builds (`cargo xtask test partners` holds them to it), what
//! is said goes through the simulator of the Bot API.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use kernel::{IdSource, StaffId, Timestamp};
use membership::secrets::{Token, TokenKind};
use partners::clock::Clock;
use partners::telegram::{Bot, Running, Said};
use rig::small::{self, NORTH};
use serde_json::{Value, json};
use web::session::{ScopeV1, SessionV1, SubjectV1};

use crate::suite::{Reply, Suite};

/// Outboxes run every two seconds; builders' machines are slow.
const PATIENCE: Duration = Duration::from_secs(30);
const UPDATES: &str = include_str!("../partners/clients/aiogram_updates.json");
const GUEST: i64 = 700_000_001;
const HOOK: &str = "/v1/hooks/telegram/north";

struct Story {
    suite: Suite,
    telegram: Running,
    updates: BTreeMap<String, Value>,
    /// What Telegram was told to repeat in a header.
    secret: String,
    administrator: String,
}

impl Story {
    fn begin(name: &str) -> Self {
        let mut suite = Suite::prepare(name, 1);
        let telegram = Running::start(0, Bot::example(), Clock::default()).expect("a free port");
        telegram.telegram.without_limits();
        suite.variable("telegram_url", &telegram.url());
        suite.clock = Some("2026-11-21T09:30:00Z");
        let administrator = sign_in(&suite);
        suite.boot();
        let bot = json!({
            "token": Bot::example().token, "public_url": "https://api.example.com", "texts_version": "1",
            "terms_url": "https://example.com/terms", "privacy_url": "https://example.com/privacy",
            "app_url": "https://example.com/app",
        });
        let path = "/v1/telegram/bots/north";
        let set = suite.send("PUT", path, Some(&administrator), None, Some(&bot)).expect("an answer").ok();
        assert_eq!((&set["username"], &set["webhook"]["is_ours"]), (&json!("brand_bot"), &json!(true)));
        let webhook = telegram.telegram.webhook().expect("told where updates go");
        assert_eq!(webhook.url, format!("https://api.example.com{HOOK}"));
        assert_eq!(telegram.telegram.command_languages(), ["", "kk", "ru"]);
        let button = telegram.telegram.menu_button().expect("a button beside the field");
        assert_eq!((&button["type"], &button["text"]), (&json!("web_app"), &json!("North Coffee")));
        assert_eq!(button["web_app"]["url"], "https://example.com/app");
        let updates = serde_json::from_str(UPDATES).expect("updates by name");
        Self { suite, telegram, updates, secret: webhook.secret, administrator }
    }

    /// Posts an update as Telegram does; nothing is done with the answer yet.
    fn post(&self, path: &str, secret: Option<&str>, update: &Value) -> (u16, String, Vec<u8>) {
        let mut request = ureq::http::Request::builder()
            .method("POST")
            .uri(self.suite.url(path))
            .header("content-type", "application/json")
            .header("crema-test-clock", self.suite.clock.expect("a clock"));
        if let Some(secret) = secret {
            request = request.header("x-telegram-bot-api-secret-token", secret);
        }
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let request = request.body(update.to_string()).expect("a request");
        let mut response = agent.run(request).expect("an answer");
        let header = response.headers().get("content-type").and_then(|value| value.to_str().ok());
        let content_type = header.unwrap_or_default().to_owned();
        let body = response.body_mut().read_to_vec().expect("a body");
        (response.status().as_u16(), content_type, body)
    }

    /// An update, and what Telegram does with the answer.
    fn update(&self, name: &str) -> Vec<u8> {
        let (status, content_type, body) = self.post(HOOK, Some(&self.secret), &self.updates[name]);
        assert_eq!(status, 200, "{name}: {}", String::from_utf8_lossy(&body));
        let heard = self.telegram.telegram.hear(&content_type, &body);
        assert_eq!(heard, Ok(()), "{name}: {}", String::from_utf8_lossy(&body));
        body
    }

    /// An update that is answered with a new message.
    fn say(&self, name: &str) -> Said {
        let before = self.said().len();
        self.update(name);
        let said = self.said();
        assert_eq!(said.len(), before + 1, "{name}");
        said.into_iter().next_back().expect("a message")
    }

    /// An update, and the words that it is answered with.
    fn hear(&self, update: &Value) -> String {
        let (status, content_type, body) = self.post(HOOK, Some(&self.secret), update);
        let text = String::from_utf8_lossy(&body).into_owned();
        assert_eq!((status, self.telegram.telegram.hear(&content_type, &body)), (200, Ok(())), "{text}");
        text
    }

    fn said(&self) -> Vec<Said> {
        self.telegram.telegram.said(GUEST)
    }

    fn join(&self) {
        for name in ["start", "terms", "personal_data", "agreed", "own_contact"] {
            self.update(name);
        }
    }

    fn end(self) {
        assert_eq!(self.telegram.violations(), Vec::<String>::new());
        self.suite.assert_ledger_holds();
    }
}

#[test]
fn a_bot_is_switched_off() {
    let story = Story::begin("telegram_off");
    let delete = |token: Option<&str>| {
        let path = "/v1/telegram/bots/north";
        story.suite.send("DELETE", path, token, None, None).expect("an answer").status
    };
    assert_eq!(delete(None), 401);
    assert_eq!(delete(Some(&story.suite.guest(0).token)), 403);
    assert!(story.telegram.telegram.webhook().is_some());
    assert_eq!(delete(Some(&story.administrator)), 204);
    assert_eq!(story.telegram.telegram.webhook(), None, "Telegram was told");
    assert_eq!(story.post(HOOK, Some(&story.secret), &story.updates["start"]).0, 401);
    assert_eq!(delete(Some(&story.administrator)), 404);
    story.end();
}

/// The outbox's timers tell it, by the real clock; the guest answers in the chat.
#[test]
fn an_answer_comes_with_a_button_and_is_answered() {
    let story = Story::begin("telegram_answer");
    story.join();
    let path = rig::state::database_path(&story.suite.dir);
    let writer = rusqlite::Connection::open(path).expect("the database");
    writer.busy_timeout(PATIENCE).expect("a timeout");
    let member = story.suite.count("select member_id from telegram_links");
    let awake =
        "insert into message_settings (member_id, quiet_from, quiet_until, changed_at) values (?1, 0, 0, 0)";
    writer.execute(awake, [member]).expect("no quiet hours");
    let now = now_ms();
    let intent = "insert into notifications (id, member_id, topic, dedupe, data, created_at, expires_at) \
                  values (?1, ?2, 'ticket.answer', 'answer', '{\"ticket\":\"tkt_0000000000001\"}', ?3, ?3 + 3600000)";
    let id = IdSource::new(7).next(Timestamp::from_millis(now));
    writer.execute(intent, [id, member, now]).expect("an intent");
    let before = story.said().len();
    let began = Instant::now();
    while story.said().len() == before && began.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(200));
    }
    let told = story.said().pop().expect("it was told");
    assert!(told.text.contains("ответили на ваше обращение"), "{}", told.text);
    let data = told.button("Ответить").expect("a button");
    assert_eq!(data, "ttkt_0000000000001");

    let mut press = story.updates["card_number"].clone();
    press["update_id"] = json!(990_000_001);
    press["callback_query"]["data"] = json!(data);
    press["callback_query"]["message"]["message_id"] = json!(told.message_id);
    assert!(story.hear(&press).contains("Напишите ответ"));
    // And without the button, as a reply; the desk knows no such ticket, which it says.
    let mut reply = story.updates["balance_before"].clone();
    reply["update_id"] = json!(990_000_002);
    reply["message"]["text"] = json!("Спасибо");
    let mut replied = reply["message"].clone();
    replied["message_id"] = json!(told.message_id);
    reply["message"]["reply_to_message"] = replied;
    assert!(story.hear(&reply).contains("обращения уже нет"));
    story.end();
}

fn now_ms() -> i64 {
    let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    i64::try_from(elapsed.as_millis()).expect("before the end of time")
}

/// A session of the chain's administrator, written where sessions are.
fn sign_in(suite: &Suite) -> String {
    let staff = suite.count("select id from staff where role = 'administrator'");
    let token = Token::new(TokenKind::Staff, [7; 32]).expose();
    let session = SessionV1 {
        subject: SubjectV1::Staff {
            id: StaffId::from_raw(staff).to_string(),
            role: "administrator".to_owned(),
            scope: ScopeV1::Everything {},
        },
        session: kernel::SessionId::new(&mut IdSource::new(1), Timestamp::from_millis(0)).to_string(),
        expires_at: Timestamp::from_millis(0).plus_millis(small::SESSION_MS).millis(),
    };
    let key = web::session::key(&web::auth::token_hash(&token));
    let kv = rig::state::key_value(&suite.dir).expect("the key-value file");
    rig::state::set_key(&kv, &key, &serde_json::to_vec(&session).expect("JSON")).expect("a session");
    token
}

#[test]
fn updates_without_the_secret_do_nothing() {
    let story = Story::begin("telegram_secret");
    let update = &story.updates["start"];
    for (path, secret) in [
        (HOOK, None),
        (HOOK, Some("wrong")),
        (HOOK, Some(&story.secret[1..])),
        ("/v1/hooks/telegram/south", Some(story.secret.as_str())),
        ("/v1/hooks/telegram/nowhere", Some(story.secret.as_str())),
    ] {
        assert_eq!(story.post(path, secret, update).0, 401, "{path} {secret:?}");
    }
    assert_eq!(story.suite.count("select count(*) from telegram_updates"), 0);
    let bot = json!({"token": "1:x"});
    for token in [None, Some(story.suite.guest(0).token.as_str())] {
        let refused =
            story.suite.send("PUT", "/v1/telegram/bots/north", token, None, Some(&bot)).expect("an answer");
        assert!(matches!(refused.status, 401 | 403), "{}", refused.status);
    }
    story.end();
}

#[test]
fn a_guest_joins_shows_a_card_and_leaves() {
    let story = Story::begin("telegram_guest");
    let suite = &story.suite;
    let asked = story.say("start");
    assert!(asked.text.contains("North Coffee") && asked.parse_mode.as_deref() == Some("HTML"));
    story.update("terms");
    story.update("personal_data");
    assert_eq!(story.said().len(), 1, "the question itself changed");
    assert!(story.said()[0].reply_markup.to_string().contains("✅ Правила"));
    assert_eq!(story.telegram.telegram.answered().len(), 2, "no button waits");
    assert!(story.say("agreed").text.contains("подтвердить номер"));

    assert!(story.say("foreign_contact").text.contains("не ваш номер"));
    assert_eq!(suite.count("select count(*) from telegram_links"), 0);
    let members = suite.count("select count(*) from members");

    assert!(story.say("own_contact").text.contains("вы в клубе"));
    assert_eq!(suite.count("select count(*) from members"), members + 1);
    // The same update twice: the same answer, and nothing happens.
    let (_, _, again) = story.post(HOOK, Some(&story.secret), &story.updates["own_contact"]);
    assert!(String::from_utf8_lossy(&again).contains("вы в клубе"));
    assert_eq!(suite.count("select count(*) from members"), members + 1);
    assert_eq!(suite.count("select count(*) from consents where source = 'telegram'"), 2);

    let card = story.say("card");
    let rotating = card.picture.expect("a picture");
    let number =
        card.text.lines().next().and_then(|line| line.split(' ').nth(1)).expect("a number").to_owned();
    story.update("card_number");
    let changed = story.said().into_iter().find(|said| said.message_id == card.message_id).expect("the card");
    assert!(changed.edits == 1 && changed.picture.is_some_and(|bare| bare != rotating));

    assert!(story.say("balance_before").text.contains("Доступно баллов: 0"));
    let till = suite.till(0);
    let mut sale = suite.sale(till, None, "1000.00");
    sale["guest"] = json!({ "card": number });
    suite.post(till, "/v1/receipts", &sale).ok();
    // 5 % of 1000 tenge, at five tenge a point.
    assert!(story.say("balance_after").text.contains("Доступно баллов: 10"), "{:?}", story.said());

    assert!(story.say("place").text.contains("нет"), "the small chain's outlets are on no map");
    let question = story.say("unlink");
    assert_eq!(question.button("Отвязать").as_deref(), Some("yu"));
    assert!(story.say("unlinked").text.contains("отвязан"));
    assert_eq!(suite.count("select count(*) from telegram_links"), 0);
    assert!(story.say("balance_as_stranger").text.contains("Чтобы получить карту"));
    story.end();
}

#[test]
fn a_block_is_noted_and_a_mini_app_signs_in_once() {
    let story = Story::begin("telegram_app");
    story.join();
    let opened = init_data(&Bot::example().token, GUEST, "2026-11-21T09:29:00Z");
    let sign_in = |text: &str| -> Reply {
        let body = json!({ "brand": NORTH, "init_data": text });
        story.suite.send("POST", "/v1/telegram/session", None, None, Some(&body)).expect("an answer")
    };
    let foreign = init_data("6000000001:AAother", GUEST, "2026-11-21T09:29:00Z");
    assert_eq!(sign_in(&foreign).problem(), "init-data-refused");
    let stale = init_data(&Bot::example().token, GUEST, "2026-11-21T09:10:00Z");
    assert_eq!(sign_in(&stale).problem(), "init-data-refused");
    let stranger = init_data(&Bot::example().token, GUEST + 1, "2026-11-21T09:29:00Z");
    assert_eq!(sign_in(&stranger).problem(), "chat-not-linked");
    let tokens = sign_in(&opened).ok();
    let token = tokens["access_token"].as_str().expect("a token");
    let balance = story.suite.send("GET", "/v1/balance", Some(token), None, None).expect("an answer").ok();
    assert_eq!(balance["available"], "0.00");
    assert_eq!(sign_in(&opened).problem(), "init-data-refused", "an opening signs in once");

    story.update("blocked");
    assert_eq!(story.suite.count("select count(*) from telegram_links where blocked_at is not null"), 1);
    story.end();
}

/// What Telegram hands a Mini App that `user` opened.
fn init_data(token: &str, user: i64, at: &str) -> String {
    let auth_date = Timestamp::parse(at).expect("a time").seconds();
    let user = json!({ "id": user, "first_name": "Guest" }).to_string();
    let checked = format!("auth_date={auth_date}\nuser={user}");
    let sign = |key: &[u8], text: &[u8]| {
        use hmac::{KeyInit, Mac};
        let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(key).expect("any key");
        mac.update(text);
        mac.finalize().into_bytes().to_vec()
    };
    let hash: String = sign(&sign(b"WebAppData", token.as_bytes()), checked.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let user: String = form_urlencoded::byte_serialize(user.as_bytes()).collect();
    format!("auth_date={auth_date}&user={user}&hash={hash}")
}

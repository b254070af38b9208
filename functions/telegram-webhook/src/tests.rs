//! Over a real database and a Telegram that says what it is told to.

use std::cell::RefCell;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use http::{HeaderMap, HeaderValue, Method, header};
use kernel::{IdSource, SessionId, StaffId, Timestamp};
use membership::profile::Language;
use membership::staff_auth::{Grant, Role, Scope};
use partner::{Answer, Exchange, Fault};
use serde_json::{Value as Json, json};
use store::Sql;
use store::native::{NativeKv, NativeSql};
use web::auth::{Principal, Staff};
use web::{Call, Problem, Reply, Request, Settings};

use crate::run::run;

const TOKEN: &str = "6000000001:AAExample";
/// Of another bot.
const SECOND: &str = "6000000002:AASecond";
const PATH: &str = "/v1/hooks/telegram/daily";

struct World {
    sql: NativeSql,
    kv: NativeKv,
    /// Methods called, with their bodies.
    asked: RefCell<Vec<(String, Json)>>,
    /// With whose token.
    tokens: RefCell<Vec<&'static str>>,
    answers_with: RefCell<Option<(u16, Json)>>,
}

impl World {
    fn new() -> Self {
        let sql = NativeSql::in_memory().expect("a schema");
        for (brand, prefix) in [("daily", "29"), ("other", "28")] {
            let insert = format!("insert into brands values ('{brand}', '{brand}', 'KZ', '{prefix}', 0)");
            sql.execute(&insert, &[]).expect("a brand");
        }
        Self {
            sql,
            kv: NativeKv::default(),
            asked: RefCell::default(),
            tokens: RefCell::default(),
            answers_with: RefCell::default(),
        }
    }

    fn call(&self, method: Method, path: &str, secret: Option<&str>, body: &Json) -> Reply {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(secret) = secret {
            headers.insert(telegram::secret::HEADER, HeaderValue::from_str(secret).expect("a header"));
        }
        let request = Request {
            method,
            path: path.to_owned(),
            query: String::new(),
            headers,
            body: body.to_string().into_bytes(),
            client_address: "149.154.167.220".to_owned(),
        };
        let (operation, parameters) =
            web::dispatch::find("telegram-webhook", &request).expect("an operation");
        let mut call = Call {
            request,
            operation,
            parameters,
            principal: Principal::Staff(Staff {
                id: StaffId::from_raw(1),
                grant: Grant::new(Role::Administrator, Scope::Everything).expect("a grant"),
                session: SessionId::from_raw(1),
            }),
            language: Language::En,
            now: Timestamp::parse("2026-11-25T12:00:00Z").expect("a time"),
            ids: IdSource::new(7),
            random: |count| vec![7; count],
            sql: &self.sql,
            kv: &self.kv,
            settings: self,
            partners: self,
        };
        match pin!(run(&mut call)).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(reply) => reply.unwrap_or_else(|problem| problem.into_reply(Language::En)),
            Poll::Pending => panic!("nothing here waits"),
        }
    }

    fn set(&self, brand: &str, change: impl FnOnce(&mut Json)) -> Reply {
        let mut body = json!({
            "token": TOKEN, "public_url": "https://api.example.com/", "terms_url": "https://example.com/terms",
            "privacy_url": "https://example.com/privacy", "texts_version": "1",
        });
        change(&mut body);
        self.call(Method::PUT, &format!("/v1/telegram/bots/{brand}"), None, &body)
    }

    /// The secret that Telegram was told.
    fn secret(&self) -> String {
        let asked = self.asked.borrow();
        let (_, body) = asked.iter().rev().find(|(method, _)| method == "setWebhook").expect("a webhook");
        body["secret_token"].as_str().expect("a secret").to_owned()
    }
}

impl Settings for World {
    fn get(&self, name: &'static str) -> Result<String, Problem> {
        Ok(match name {
            "master_secret" => "1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
            "telegram_url" => "https://api.telegram.org",
            other => panic!("{other} is not granted"),
        }
        .to_owned())
    }
}

impl Exchange for World {
    fn exchange(&self, request: &partner::Request) -> Result<Answer, Fault> {
        let method = request.url.rsplit('/').next().expect("a method").to_owned();
        let token = [TOKEN, SECOND]
            .into_iter()
            .find(|token| request.url.starts_with(&format!("https://api.telegram.org/bot{token}/")));
        let token = token.unwrap_or_else(|| panic!("{method} of no known bot"));
        self.tokens.borrow_mut().push(token);
        let body = serde_json::from_slice(&request.body).unwrap_or(Json::Null);
        self.asked.borrow_mut().push((method.clone(), body));
        let (status, said) = self.answers_with.borrow().clone().unwrap_or_else(|| {
            let result = match method.as_str() {
                "getMe" if token == SECOND => {
                    json!({"id": 6_000_000_002_i64, "is_bot": true, "username": "new_bot"})
                }
                "getMe" => json!({"id": 6_000_000_001_i64, "is_bot": true, "username": "brand_bot"}),
                "getWebhookInfo" => json!({"url": "https://api.example.com/v1/hooks/telegram/daily"}),
                _ => json!(true),
            };
            (200, json!({ "ok": true, "result": result }))
        });
        Ok(Answer { status, headers: Vec::new(), body: said.to_string().into_bytes() })
    }
}

fn json(reply: &Reply) -> Json {
    serde_json::from_slice(&reply.body).unwrap_or(Json::Null)
}

fn start(update: i64) -> Json {
    let user = json!({"id": 7, "is_bot": false, "first_name": "G", "language_code": "en"});
    json!({"update_id": update, "message": {
        "message_id": 1, "date": 1, "from": user, "chat": {"id": 7, "type": "private"}, "text": "/start",
    }})
}

#[test]
fn telegram_is_told_before_anything_is_recorded() {
    let world = World::new();
    let reply = world.set("daily", |_| {});
    assert_eq!(reply.status, 200, "{}", json(&reply));
    let shown = json(&reply);
    assert_eq!((&shown["username"], &shown["webhook"]["is_ours"]), (&json!("brand_bot"), &json!(true)));
    assert!(!String::from_utf8_lossy(&reply.body).contains("AAExample"), "a token is shown to nobody");
    let methods: Vec<String> = world.asked.borrow().iter().map(|(method, _)| method.clone()).collect();
    assert_eq!(methods[..2], ["getMe", "setWebhook"]);
    let stored =
        world.sql.execute("select token_sealed, secret_sealed from telegram_bots", &[]).expect("a bot");
    assert!(!format!("{stored:?}").contains("AAExample"));
    assert_eq!(world.set("other", |_| {}).status, 409, "one bot, one brand");
    let read = world.call(Method::GET, "/v1/telegram/bots/daily", None, &Json::Null);
    assert_eq!((read.status, &json(&read)["bot_id"]), (200, &json!("6000000001")));
    assert_eq!(world.call(Method::GET, "/v1/telegram/bots/other", None, &Json::Null).status, 404);
}

/// What was called since the last look, without asking who the bot is and what its webhook is.
fn told(world: &World) -> Vec<(String, Json)> {
    let asked = world.asked.take();
    asked.into_iter().filter(|(method, _)| !method.starts_with("get") && method != "setMyCommands").collect()
}

#[test]
fn the_menu_button_opens_the_app_while_there_is_one() {
    let world = World::new();
    let set = world.set("daily", |body| body["app_url"] = json!("https://example.com/app"));
    assert_eq!(set.status, 200, "{}", json(&set));
    let app = json!({ "menu_button": {
        "type": "web_app", "text": "daily", "web_app": { "url": "https://example.com/app" },
    } });
    assert_eq!(told(&world)[1], ("setChatMenuButton".to_owned(), app));
    world.set("daily", |_| {});
    let none = json!({ "menu_button": { "type": "commands" } });
    assert_eq!(told(&world)[1], ("setChatMenuButton".to_owned(), none));
    let refused = world.set("daily", |body| body["app_url"] = json!("http://example.com/app"));
    assert_eq!((refused.status, told(&world)), (422, Vec::new()));
}

#[test]
fn a_bot_is_switched_off_and_one_that_is_replaced_falls_silent() {
    let world = World::new();
    let path = "/v1/telegram/bots/daily";
    assert_eq!(world.call(Method::DELETE, path, None, &Json::Null).status, 404);
    world.set("daily", |_| {});
    let secret = world.secret();
    told(&world);
    // The same bot again is replaced by itself.
    world.set("daily", |_| {});
    assert!(told(&world).iter().all(|(method, _)| method != "deleteWebhook"));
    world.set("daily", |body| body["token"] = json!(SECOND));
    let (methods, tokens) = (world.asked.take(), world.tokens.take());
    let silenced = methods.iter().zip(&tokens).find(|((method, _), _)| method == "deleteWebhook");
    assert_eq!(silenced.map(|(_, token)| *token), Some(TOKEN), "the old one");
    world.set("daily", |_| {});
    told(&world);
    assert_eq!(world.call(Method::DELETE, path, None, &Json::Null).status, 204);
    assert_eq!(told(&world), [("deleteWebhook".to_owned(), json!({}))]);
    assert_eq!(world.call(Method::GET, path, None, &Json::Null).status, 404);
    assert_eq!(world.call(Method::DELETE, path, None, &Json::Null).status, 404);
    assert_eq!(
        world.call(Method::POST, PATH, Some(&secret), &start(9)).status,
        401,
        "updates are taken no more"
    );
    // Telegram that is not there keeps nobody from switching it off.
    world.set("daily", |_| {});
    *world.answers_with.borrow_mut() =
        Some((401, json!({"ok": false, "error_code": 401, "description": "Unauthorized"})));
    assert_eq!(world.call(Method::DELETE, path, None, &Json::Null).status, 204);
}

#[test]
fn what_telegram_refuses_is_not_recorded() {
    let world = World::new();
    for (field, value, pointer) in [
        ("token", json!("no token"), "/token"),
        ("token", json!("6000000001:AA/../x"), "/token"),
        ("public_url", json!("http://api.example.com"), "/public_url"),
        ("terms_url", json!("https://example.com/\"x"), "/terms_url"),
        ("texts_version", json!("версия"), "/texts_version"),
    ] {
        let refused = world.set("daily", |body| body[field] = value);
        assert_eq!((refused.status, &json(&refused)["errors"][0]["pointer"]), (422, &json!(pointer)));
    }
    assert_eq!(world.set("none", |_| {}).status, 422);
    assert!(world.asked.borrow().is_empty(), "nobody was asked");
    for (status, code, expected) in [(401, 401, 409), (429, 429, 503), (502, 502, 503)] {
        let said = json!({"ok": false, "error_code": code, "description": "No"});
        *world.answers_with.borrow_mut() = Some((status, said));
        assert_eq!(world.set("daily", |_| {}).status, expected, "{status}");
    }
    let stored = world.sql.execute("select 1 from telegram_bots", &[]).expect("a table");
    assert!(stored.is_empty());
}

#[test]
fn only_updates_with_the_secret_are_taken() {
    let world = World::new();
    world.set("daily", |_| {});
    let secret = world.secret();
    for (path, header) in [
        (PATH, None),
        (PATH, Some("")),
        (PATH, Some("wrong")),
        ("/v1/hooks/telegram/other", Some(secret.as_str())),
        ("/v1/hooks/telegram/none", Some(secret.as_str())),
    ] {
        assert_eq!(world.call(Method::POST, path, header, &start(1)).status, 401, "{path} {header:?}");
    }
    let taken = world.call(Method::POST, PATH, Some(&secret), &start(1));
    assert_eq!((taken.status, &json(&taken)["method"]), (200, &json!("sendMessage")));
    assert!(json(&taken)["text"].as_str().expect("words").starts_with("Hello!"));
    let again = world.call(Method::POST, PATH, Some(&secret), &start(1));
    assert_eq!(again.body, taken.body);
    for body in [json!({"x": 1}), json!({"update_id": 2, "poll": {}})] {
        let passed_over = world.call(Method::POST, PATH, Some(&secret), &body);
        assert_eq!((passed_over.status, passed_over.body.len()), (200, 0), "Telegram need not send it again");
    }
}

#[test]
fn a_press_is_acknowledged_and_its_failure_costs_nothing() {
    let world = World::new();
    world.set("daily", |_| {});
    let secret = world.secret();
    let press = |update: i64| {
        json!({"update_id": update, "callback_query": {
            "id": "77", "data": "at", "chat_instance": "1",
            "from": {"id": 7, "is_bot": false, "first_name": "G", "language_code": "en"},
            "message": {"message_id": 5, "date": 1, "chat": {"id": 7, "type": "private"}},
        }})
    };
    let shown = world.call(Method::POST, PATH, Some(&secret), &press(1));
    assert_eq!(json(&shown)["method"], "editMessageText");
    assert_eq!(
        world.asked.borrow().last().map(|(method, _)| method.clone()).as_deref(),
        Some("answerCallbackQuery")
    );
    *world.answers_with.borrow_mut() = Some((502, Json::Null));
    let shown = world.call(Method::POST, PATH, Some(&secret), &press(2));
    assert_eq!((shown.status, &json(&shown)["method"]), (200, &json!("editMessageText")));
}

//! Over a real database: replies, repetition, pictures.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use http::{HeaderMap, HeaderValue, Method, header};
use kernel::{IdSource, MemberId, SessionId, Timestamp};
use membership::profile::Language;
use serde_json::{Value as Json, json};
use store::native::{NativeKv, NativeSql};
use store::port::{Rows, SqlError};
use store::{Sql, Value};
use web::auth::{Guest, Principal};
use web::{Call, Problem, Reply, Request, Settings};

use crate::run::run;

const SEED: &[&str] = &[
    "insert into brands values ('daily', 'Daily', 'KZ', '29', 0)",
    "insert into members (id, brand, language, status, tier, joined_at, changed_at) values (1, 'daily', 'ru', 'active', 'bronze', 0, 0)",
    "insert into members (id, brand, language, status, tier, joined_at, changed_at) values (2, 'daily', 'ru', 'active', 'bronze', 0, 0)",
    "insert into balances (member_id, pending, available, held) values (1, 0, 0, 0), (2, 0, 0, 0)",
];

struct World {
    sql: NativeSql,
    kv: NativeKv,
}

impl World {
    fn new() -> Self {
        let sql = NativeSql::in_memory().expect("a schema");
        for statement in SEED {
            sql.execute(statement, &[]).expect("a member");
        }
        Self { sql, kv: NativeKv::default() }
    }

    fn call(
        &self,
        member: i64,
        method: Method,
        target: &str,
        key: Option<&'static str>,
        body: &Json,
    ) -> Reply {
        self.call_over(&self.sql, member, method, target, key, body)
    }

    fn call_over(
        &self,
        sql: &dyn Sql,
        member: i64,
        method: Method,
        target: &str,
        key: Option<&'static str>,
        body: &Json,
    ) -> Reply {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(key) = key {
            headers.insert("idempotency-key", HeaderValue::from_static(key));
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let request = Request {
            method,
            path: path.to_owned(),
            query: query.to_owned(),
            headers,
            body: if body.is_null() { Vec::new() } else { body.to_string().into_bytes() },
            client_address: String::new(),
        };
        let (operation, parameters) = web::dispatch::find("card", &request).expect("an operation");
        let mut call = Call {
            request,
            operation,
            parameters,
            principal: Principal::Guest(Guest {
                member: MemberId::from_raw(member),
                brand: "daily".to_owned(),
                session: SessionId::from_raw(1),
            }),
            language: Language::En,
            now: Timestamp::parse("2026-11-21T09:00:10+05:00").expect("a time"),
            ids: IdSource::new(7),
            random: |count| vec![7; count],
            sql,
            kv: &self.kv,
            settings: self,
            partners: self,
        };
        let mut context = Context::from_waker(Waker::noop());
        match pin!(run(&mut call)).poll(&mut context) {
            Poll::Ready(reply) => reply.unwrap_or_else(|problem| problem.into_reply(Language::En)),
            Poll::Pending => panic!("nothing here waits"),
        }
    }

    fn issue(&self, key: Option<&'static str>) -> Reply {
        self.call(1, Method::POST, "/v1/cards", key, &Json::Null)
    }

    fn get(&self, target: &str) -> Reply {
        self.call(1, Method::GET, target, None, &Json::Null)
    }

    fn number(&self) -> String {
        json(&self.issue(None))["number"].as_str().expect("a number").to_owned()
    }
}

impl Settings for World {
    fn get(&self, name: &'static str) -> Result<String, Problem> {
        assert_eq!(name, "master_secret", "nothing else is granted");
        Ok("1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f".to_owned())
    }
}

impl partner::Exchange for World {
    fn exchange(&self, request: &partner::Request) -> Result<partner::Answer, partner::Fault> {
        panic!("no way out is granted: {}", request.url)
    }
}

fn json(reply: &Reply) -> Json {
    serde_json::from_slice(&reply.body).expect("JSON")
}

fn header<'r>(reply: &'r Reply, name: &str) -> Option<&'r str> {
    reply.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
}

#[test]
fn one_intent_is_one_card() {
    let world = World::new();
    let first = world.issue(Some("k1"));
    assert_eq!((first.status, header(&first, "idempotency-replayed")), (201, None));
    let again = world.issue(Some("k1"));
    assert_eq!((again.status, header(&again, "idempotency-replayed")), (201, Some("true")));
    assert_eq!(again.body, first.body);
    assert_ne!(world.issue(Some("k2")).body, first.body);
    assert_ne!(world.issue(None).body, first.body);
    let elsewhere = world.call(2, Method::POST, "/v1/cards", Some("k1"), &Json::Null);
    assert_ne!(elsewhere.body, first.body, "another guest's keys are their own");
    let items = json(&world.get("/v1/cards"))["items"].as_array().map(Vec::len);
    assert_eq!(items, Some(3));
}

/// Lets another till or phone in just before the turn to write.
struct Overtaken<'w> {
    world: &'w World,
    first: std::cell::RefCell<Option<Reply>>,
}

impl Sql for Overtaken<'_> {
    fn execute(&self, statement: &str, parameters: &[Value]) -> Result<Rows, SqlError> {
        if statement == "begin immediate" && self.first.borrow().is_none() {
            *self.first.borrow_mut() = Some(self.world.issue(Some("k1")));
        }
        self.world.sql.execute(statement, parameters)
    }
}

#[test]
fn of_two_at_once_with_one_key_the_second_gets_the_firsts_reply() {
    let world = World::new();
    let overtaken = Overtaken { world: &world, first: None.into() };
    let second = world.call_over(&overtaken, 1, Method::POST, "/v1/cards", Some("k1"), &Json::Null);
    let first = overtaken.first.take().expect("another was first");
    assert_eq!((first.status, header(&first, "idempotency-replayed")), (201, None));
    assert_eq!((second.status, header(&second, "idempotency-replayed")), (201, Some("true")));
    assert_eq!(second.body, first.body);
    let items = json(&world.get("/v1/cards"))["items"].as_array().map(Vec::len);
    assert_eq!(items, Some(1));
}

#[test]
fn pictures_stay_in_no_cache() {
    let world = World::new();
    let number = world.number();
    let svg = world.get(&format!("/v1/cards/{number}/qr.svg"));
    assert_eq!((svg.status, header(&svg, "content-type")), (200, Some("image/svg+xml")));
    assert!(svg.body.starts_with(b"<svg "));
    let png = world.get(&format!("/v1/cards/{number}/qr.png?scale=2&static=true"));
    assert_eq!((png.status, header(&png, "content-type")), (200, Some("image/png")));
    assert!(png.body.starts_with(b"\x89PNG"));
    for reply in [&svg, &png, &world.get(&format!("/v1/cards/{number}/key"))] {
        assert_eq!(header(reply, "cache-control"), Some("no-store"));
    }
    let rotating = world.get(&format!("/v1/cards/{number}/qr.png?scale=2"));
    assert_ne!(rotating.body, png.body, "the bare number is another picture");
    for (query, pointer) in [("scale=0", "?scale"), ("scale=33", "?scale"), ("static=1", "?static")] {
        let refused = world.get(&format!("/v1/cards/{number}/qr.png?{query}"));
        assert_eq!((refused.status, &json(&refused)["errors"][0]["pointer"]), (422, &json!(pointer)));
    }
}

#[test]
fn codes_say_when_they_change() {
    let world = World::new();
    let number = world.number();
    let code = json(&world.get(&format!("/v1/cards/{number}/code")));
    assert_eq!(code["refresh_at"], "2026-11-21T04:00:30Z");
    assert_eq!(code["numeric"].as_str().map(str::len), Some(20));
    let key = json(&world.get(&format!("/v1/cards/{number}/key")));
    assert_eq!((&key["step_seconds"], key["key_base32"].as_str().map(str::len)), (&json!(30), Some(32)));
}

#[test]
fn every_way_to_a_foreign_card_leads_nowhere() {
    let world = World::new();
    let number = world.number();
    let reason = json!({ "reason": "lost" });
    for (method, way, body) in [
        (Method::GET, "key", &Json::Null),
        (Method::GET, "code", &Json::Null),
        (Method::GET, "qr.svg", &Json::Null),
        (Method::GET, "qr.png", &Json::Null),
        (Method::POST, "block", &reason),
        (Method::POST, "replace", &Json::Null),
    ] {
        let target = format!("/v1/cards/{number}/{way}");
        assert_eq!(world.call(2, method.clone(), &target, None, body).status, 404, "{way}");
        let none = format!("/v1/cards/x/{way}");
        assert_eq!(world.call(1, method, &none, None, body).status, 404, "{way}");
    }
}

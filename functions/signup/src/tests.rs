//! Over a real database, a gateway that can be out of order and a key-value store that can fail.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use http::{HeaderMap, HeaderValue, Method, header};
use kernel::{IdSource, Timestamp};
use membership::profile::Language;
use partner::{Exchange, Fault};
use serde_json::{Value as Json, json};
use store::native::{NativeKv, NativeSql};
use store::port::{Kv, KvError, KvFuture};
use store::{Sql, Value};
use web::auth::{self, Principal};
use web::{Call, Problem, Reply, Request, Settings};

use crate::run::run;

const SEED: &[&str] = &["insert into brands values ('daily', 'Daily', 'KZ', '29', 0)"];
const PROGRAMME: &str = include_str!("../../../shared/club/tests/guest/programme.json");

/// The world around a call.
struct World {
    sql: NativeSql,
    kv: NativeKv,
    kv_fails: Cell<bool>,
    gateway_fails: Cell<bool>,
    sent: RefCell<Vec<Json>>,
    now: Timestamp,
}

impl World {
    fn new() -> Self {
        let sql = NativeSql::in_memory().expect("a schema");
        for statement in SEED {
            sql.execute(statement, &[]).expect("a brand");
        }
        let rules = "insert into programme_versions values (1, 'daily', 1, 0, ?1, null, 0, 'first')";
        sql.execute(rules, &[PROGRAMME.into()]).expect("a programme");
        Self {
            sql,
            kv: NativeKv::default(),
            kv_fails: Cell::new(false),
            gateway_fails: Cell::new(false),
            sent: RefCell::default(),
            now: Timestamp::parse("2026-11-21T09:00:00+05:00").expect("a time"),
        }
    }

    fn post(&self, path: &str, body: &Json) -> (u16, Json) {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let request = Request {
            method: Method::POST,
            path: path.to_owned(),
            query: String::new(),
            headers,
            body: body.to_string().into_bytes(),
            client_address: "203.0.113.7".to_owned(),
        };
        let (operation, parameters) = web::dispatch::find("signup", &request).expect("an operation");
        let mut call = Call {
            request,
            operation,
            parameters,
            principal: Principal::Public,
            language: Language::En,
            now: self.now,
            ids: IdSource::new(self.now.millis().unsigned_abs()),
            random: |count| (0..count).map(|index| (index as u8).wrapping_mul(37).wrapping_add(11)).collect(),
            sql: &self.sql,
            kv: self,
            settings: self,
            partners: self,
        };
        let reply: Reply =
            ready(run(&mut call)).unwrap_or_else(|problem: Problem| problem.into_reply(Language::En));
        (reply.status, serde_json::from_slice(&reply.body).expect("JSON"))
    }

    fn start(&self) -> (u16, Json) {
        let consents = ["terms", "personal_data"]
            .map(|kind| json!({ "kind": kind, "text_version": "1", "granted": true }));
        self.post(
            "/v1/signup",
            &json!({ "brand": "daily", "phone": "+77010000001", "language": "en", "consents": consents }),
        )
    }

    fn code(&self) -> String {
        let sent = self.sent.borrow();
        let text = sent.last().expect("a message")["text"].as_str().expect("text").to_owned();
        text.chars().filter(char::is_ascii_digit).collect()
    }

    fn count(&self, statement: &str) -> Value {
        let rows = self.sql.execute(statement, &[]).expect("a statement");
        rows[0][0].clone()
    }
}

impl Settings for World {
    fn get(&self, name: &'static str) -> Result<String, Problem> {
        let value = match name {
            "master_secret" => "1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
            "sms_gateway_url" => "http://gateway",
            "sms_sender" => "COFFEE",
            "sms_per_address_hour" => "20",
            "sms_per_minute" => "300",
            "sms_gateway_token" | "sms_countries" => "",
            other => panic!("{other} is not granted"),
        };
        Ok(value.to_owned())
    }
}

impl Exchange for World {
    fn exchange(&self, request: &partner::Request) -> Result<partner::Answer, Fault> {
        let message = serde_json::from_slice(&request.body).expect("JSON");
        if self.gateway_fails.get() {
            return Err(Fault::NotSent("connection refused".to_owned()));
        }
        self.sent.borrow_mut().push(message);
        let body = br#"{"provider_id":"p1","status":"accepted"}"#.to_vec();
        Ok(partner::Answer { status: 200, headers: Vec::new(), body })
    }
}

impl Kv for World {
    fn get<'a>(&'a self, key: &'a str) -> KvFuture<'a, Option<Vec<u8>>> {
        self.kv.get(key)
    }

    fn set<'a>(&'a self, key: &'a str, value: &'a [u8]) -> KvFuture<'a, ()> {
        if self.kv_fails.get() {
            return Box::pin(std::future::ready(Err(KvError("down".to_owned()))));
        }
        self.kv.set(key, value)
    }

    fn delete<'a>(&'a self, key: &'a str) -> KvFuture<'a, ()> {
        self.kv.delete(key)
    }
}

fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing here waits"),
    }
}

#[test]
fn a_code_signs_in_with_a_token_that_other_functions_accept() {
    let world = World::new();
    let (status, challenge) = world.start();
    assert_eq!((status, &challenge["digits"]), (202, &json!(6)));
    let path = format!("/v1/signup/{}/verify", challenge["challenge"].as_str().expect("an id"));
    let (status, wrong) = world.post(&path, &json!({ "code": "000000" }));
    assert_eq!((status, &wrong["tries_left"]), (422, &json!(4)));
    let (status, signed_in) = world.post(&path, &json!({ "code": world.code(), "device": "Phone" }));
    assert_eq!((status, &signed_in["is_new"]), (201, &json!(true)));
    let token = signed_in["access_token"].as_str().expect("a token");
    let key = web::session::key(&auth::token_hash(token));
    let stored = ready(web::session::load(&world.kv, &key)).expect("the store").expect("a session");
    assert!(matches!(stored.principal(), Some(Principal::Guest(guest))
        if signed_in["member"] == guest.member.to_string() && guest.brand == "daily"));
}

#[test]
fn a_gateway_out_of_order_is_said_and_the_code_can_be_sent_again() {
    let world = World::new();
    world.gateway_fails.set(true);
    let (status, problem) = world.start();
    assert_eq!((status, &problem["type"]), (503, &json!("/problems/sms-unavailable")));
    assert_eq!(world.count("select status from messages"), "failed".into());
    world.gateway_fails.set(false);
    let path = format!("/v1/signup/{}/resend", problem["challenge"].as_str().expect("an id"));
    assert_eq!(world.post(&path, &json!(null)).0, 202, "at once");
    assert_eq!(world.post(&path, &json!(null)).0, 429, "and not twice");
    assert_eq!(
        world.count("select count(*) from messages where status = 'accepted' and provider_id = 'p1'"),
        Value::Integer(1)
    );
    assert_eq!(world.count("select hits from counters where name = 'otp.phone'"), Value::Integer(1));
}

#[test]
fn a_session_whose_access_token_could_not_be_stored_is_still_a_session() {
    let world = World::new();
    let (_, challenge) = world.start();
    world.kv_fails.set(true);
    let path = format!("/v1/signup/{}/verify", challenge["challenge"].as_str().expect("an id"));
    let (status, signed_in) = world.post(&path, &json!({ "code": world.code() }));
    assert_eq!(status, 201);
    assert!(signed_in["refresh_token"].is_string());
    assert_eq!(world.count("select count(*) from sessions where ended_at is null"), Value::Integer(1));
}

#[test]
fn every_field_is_checked() {
    let world = World::new();
    let lawful = json!({ "brand": "daily", "phone": "+77010000001", "language": "en" });
    for (field, value, status, kind) in [
        ("brand", json!("none"), 422, "unknown-brand"),
        ("phone", json!("8 727 250 00 00"), 422, "phone-not-mobile"),
        ("phone", json!("x".repeat(1_000)), 422, "invalid-field"),
        ("language", json!("de"), 400, "malformed"),
        ("colour", json!("red"), 400, "malformed"),
        (
            "consents",
            json!([{ "kind": "terms", "text_version": "ä", "granted": true }]),
            422,
            "invalid-field",
        ),
        (
            "consents",
            json!([{ "kind": "terms", "text_version": "1", "granted": false }]),
            422,
            "consent-required",
        ),
    ] {
        let mut body = lawful.clone();
        body[field] = value;
        let (got, problem) = world.post("/v1/signup", &body);
        assert_eq!((got, &problem["type"]), (status, &json!(format!("/problems/{kind}"))), "{body}");
    }
    assert_eq!(world.count("select count(*) from challenges"), Value::Integer(0));
    assert_eq!(world.post("/v1/signup", &lawful).0, 202);
}

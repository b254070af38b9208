//! The world around a call: an outlet with a menu, promotions, a guest with a thousand points.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use basket::Quote;
use http::{HeaderMap, HeaderValue, Method, header};
use kernel::{IdSource, MemberId, OutletId, QuoteId, SessionId, Timestamp};
use membership::profile::Language;
use membership::secrets::Secrets;
use menu::outlet::{Category, Group, Item, Modifier, OutletMenu, Size, TillModifier, TillProduct};
use notation::Names;
use partner::{Answer, Exchange, Fault};
use serde_json::{Value as Json, json};
use shop::quote::{Refusal, keep};
use store::Sql;
use store::native::NativeSql;
use store::port::{Kv, KvFuture};
use web::auth::{Guest, Principal};
use web::{Call, Problem, Request, Settings};

use crate::run::run;

/// The guest with points.
pub const GUEST: i64 = 7;
const SECRET: &str = "1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const REVISION: &str = "r1";
const SEED: &[&str] = &[
    "insert into brands values ('daily', 'Daily', 'KZ', '29', 0)",
    "insert into franchisees values (1, 'F-1', 'Daily Almaty', 0)",
    "insert into outlets values (1, 'D-1', 'daily', 1, 'One', 'KZ', 'KZT', 'Asia/Almaty', 'Almaty', 'Abay 1', null, \
     null, null, '{\"mon\":[[\"00:00\",\"24:00\"]],\"tue\":[[\"00:00\",\"24:00\"]],\"wed\":[[\"00:00\",\"24:00\"]],\"thu\":[[\"00:00\",\"24:00\"]],\"fri\":[[\"00:00\",\"24:00\"]],\"sat\":[[\"00:00\",\"24:00\"]],\"sun\":[[\"00:00\",\"24:00\"]],\"exceptions\":{\"2026-11-28\":[]}}', 'ru,kk', 'open', 0, 0)",
    "insert into members (id, brand, language, status, tier, joined_at, changed_at) \
     values (7, 'daily', 'ru', 'active', 'bronze', 0, 0)",
    "insert into balances (member_id, pending, available, held) values (7, 0, 100000, 0)",
    "insert into outlet_menus values (1, 1, 1, 'r1', 0)",
];

pub struct World {
    sql: NativeSql,
    values: RefCell<BTreeMap<String, Vec<u8>>>,
    ids: RefCell<IdSource>,
    now: Timestamp,
}

impl World {
    pub fn new() -> Self {
        let sql = NativeSql::in_memory().expect("a schema");
        for statement in SEED {
            sql.execute(statement, &[]).expect("a row");
        }
        let rules = "insert into programme_versions values (1, 'daily', 1, 0, ?1, null, 0, 'first')";
        sql.execute(rules, &[programme().to_string().into()]).expect("a programme");
        for (id, rules) in (1_i64..).zip(promotions()) {
            let promotion = "insert into promotions values (?1, 'daily', 'live', 1, 1, null, null, 0, 0)";
            sql.execute(promotion, &[id.into()]).expect("a promotion");
            let version = "insert into promotion_versions values (?1, 1, ?2, '', null, 0)";
            sql.execute(version, &[id.into(), rules.to_string().into()]).expect("a version");
        }
        let menu = serde_json::to_vec(&menu()).expect("JSON");
        let key = format!("menu/v1/{}/{REVISION}", OutletId::from_raw(1));
        let now = Timestamp::parse("2026-11-22T10:00:00+05:00").expect("a time");
        Self {
            sql,
            values: RefCell::new(BTreeMap::from([(key, menu)])),
            ids: RefCell::new(IdSource::new(1)),
            now,
        }
    }

    /// Asks for a quote, as a member or as nobody.
    pub fn quote(&self, member: Option<i64>, body: &Json) -> (u16, Json) {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let request = Request {
            method: Method::POST,
            path: "/v1/quotes".to_owned(),
            query: String::new(),
            headers,
            body: body.to_string().into_bytes(),
            client_address: String::new(),
        };
        let (operation, parameters) = web::dispatch::find("cart-quote", &request).expect("an operation");
        let principal = member.map_or(Principal::Public, |member| {
            Principal::Guest(Guest {
                member: MemberId::from_raw(member),
                brand: "daily".to_owned(),
                session: SessionId::from_raw(1),
            })
        });
        // Later calls make later ids, as a clock would have it.
        let seed = self.ids.borrow_mut().next(self.now).unsigned_abs();
        let mut call = Call {
            request,
            operation,
            parameters,
            principal,
            language: Language::En,
            now: self.now,
            ids: IdSource::new(seed),
            random: |count| vec![7; count],
            sql: &self.sql,
            kv: self,
            settings: self,
            partners: self,
        };
        let reply = ready(run(&mut call)).unwrap_or_else(|problem| problem.into_reply(Language::En));
        (reply.status, serde_json::from_slice(&reply.body).expect("JSON"))
    }

    /// Opens the quote of a reply as an order would.
    pub fn open(&self, reply: &Json) -> Result<Quote, Refusal> {
        let id = QuoteId::parse(reply["id"].as_str().expect("an id")).expect("an id");
        self.open_at(id, GUEST, 0)
    }

    pub fn open_at(&self, id: QuoteId, member: i64, later_ms: i64) -> Result<Quote, Refusal> {
        let sealer = keep::sealer(&self.secrets());
        ready(keep::open(self, &sealer, MemberId::from_raw(member), id, self.now.plus_millis(later_ms)))
    }

    pub fn secrets(&self) -> Secrets {
        Secrets::parse(SECRET).expect("a secret")
    }

    /// Changes one byte of every quote.
    pub fn tamper(&self, at: impl Fn(&[u8]) -> usize) {
        for (key, bytes) in self.values.borrow_mut().iter_mut().filter(|(key, _)| key.starts_with("quote/")) {
            let at = at(bytes);
            assert!(at > 32, "{key} has content");
            bytes[at] ^= 1;
        }
    }

    pub fn keys(&self) -> Vec<String> {
        self.values.borrow().keys().cloned().collect()
    }

    /// Records a receipt with these products.
    pub fn sold(&self, number: i64, products: &[&str]) {
        let receipt = "insert into receipts values (?1, 1, '2026-11-21', cast(?1 as text), x'00', 0, 0, null, null, 'none', null, \
                       'counter', 'KZT', 0, 0, 0, 0, 0, null, null, '{}')";
        self.sql.execute(receipt, &[number.into()]).expect("a receipt");
        for (line, product) in (1_i64..).zip(products) {
            let insert = "insert into receipt_lines values (?1, ?2, ?3, '', '', 0, 1000, 0, 0, 0, 0, 0, 0)";
            self.sql.execute(insert, &[number.into(), line.into(), (*product).into()]).expect("a line");
        }
    }

    pub fn recount(&self) -> usize {
        shop::together::recount(&self.sql).expect("counted")
    }

    pub fn bought_together(&self, product: &str, other: &str, receipts: i64) {
        let insert = "insert into bought_together values ('daily', ?1, ?2, ?3)";
        self.sql.execute(insert, &[product.into(), other.into(), receipts.into()]).expect("a pair");
    }
}

fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing here waits"),
    }
}

impl Settings for World {
    fn get(&self, name: &'static str) -> Result<String, Problem> {
        assert_eq!(name, "master_secret", "nothing else is granted");
        Ok(SECRET.to_owned())
    }
}

impl Exchange for World {
    fn exchange(&self, request: &partner::Request) -> Result<Answer, Fault> {
        panic!("no way out is granted: {}", request.url)
    }
}

impl Kv for World {
    fn get<'a>(&'a self, key: &'a str) -> KvFuture<'a, Option<Vec<u8>>> {
        let value = self.values.borrow().get(key).cloned();
        Box::pin(std::future::ready(Ok(value)))
    }

    fn set<'a>(&'a self, key: &'a str, value: &'a [u8]) -> KvFuture<'a, ()> {
        self.values.borrow_mut().insert(key.to_owned(), value.to_vec());
        Box::pin(std::future::ready(Ok(())))
    }

    fn delete<'a>(&'a self, key: &'a str) -> KvFuture<'a, ()> {
        self.values.borrow_mut().remove(key);
        Box::pin(std::future::ready(Ok(())))
    }
}

fn programme() -> Json {
    json!({
        "brand": "daily",
        "zone": "Asia/Almaty",
        "point_values": [{ "amount": "1.00", "currency": "KZT" }],
        "tiers": [{ "code": "bronze", "name": names("Bronze"), "earn_rate": "0.05", "monthly_spend": [] }],
        "earning": {
            "promo_lines_earn": true, "earn_on_points_paid": false, "points_step": "1.00",
            "pending_delay": { "kind": "none" }, "expiry": { "kind": "never" }
        },
        "redemption": {
            "min_points": "1.00", "step": "1.00", "share_max": "0.5", "hold_minutes": 15,
            "static_code_may_spend": true
        },
        "returns": { "clawback": "within_balance", "reinstatement_grace_days": 30 }
    })
}

/// A tenth off pastry; a present from two thousand on, hinted at; a croissant with three coffees.
fn promotions() -> Vec<Json> {
    let rules = |title: &str, condition: Json, effect: Json| {
        json!({
            "brand": "daily", "title": names(title), "condition": condition, "effects": [effect], "hinted": true,
            "funding": [{ "funder": { "kind": "brand" }, "weight": 70 }, { "funder": { "kind": "franchisee" }, "weight": 30 }]
        })
    };
    let sum = |amount: &str| json!([{ "amount": amount, "currency": "KZT" }]);
    vec![
        rules(
            "Pastry morning",
            Json::Null,
            json!({ "kind": "percent_off", "on": { "categories": ["pastry"] }, "percent": "0.1" }),
        ),
        rules(
            "From two thousand",
            json!({ "kind": "amount", "at_least": sum("2000.00") }),
            json!({ "kind": "amount_off", "amount": sum("100.00") }),
        ),
        rules(
            "Three coffees",
            json!({ "kind": "pieces", "of": { "products": ["CAPP-M"] }, "at_least": 3 }),
            json!({ "kind": "gift", "of": { "products": ["CROIS"] }, "pieces": 1 }),
        ),
    ]
}

fn names(text: &str) -> Names {
    Names { ru: text.to_owned(), kk: text.to_owned(), en: text.to_owned() }
}

fn menu() -> OutletMenu {
    let milk = Group {
        code: "milk".to_owned(),
        names: names("Milk"),
        min: 0,
        max: 1,
        free: 0,
        own_limits: false,
        modifiers: vec![modifier("oat", None), modifier("soy", Some(0))],
    };
    OutletMenu {
        brand: "daily".to_owned(),
        outlet: OutletId::from_raw(1).to_string(),
        outlet_code: "D-1".to_owned(),
        currency: "KZT".to_owned(),
        zone: "Asia/Almaty".to_owned(),
        revision: REVISION.to_owned(),
        categories: ["coffee", "pastry"]
            .map(|code| Category { code: code.to_owned(), names: names(code) })
            .to_vec(),
        items: vec![
            item(
                "cappuccino",
                "coffee",
                vec![size("m", "CAPP-M", 75_000, None), size("l", "CAPP-L", 90_000, None)],
            ),
            item("espresso", "coffee", vec![size("", "ESP", 50_000, None)]),
            item("flat-white", "coffee", vec![size("", "FLAT", 80_000, Some(0))]),
            item("croissant", "pastry", vec![size("", "CROIS", 50_000, Some(8))]),
        ],
        groups: vec![milk],
        absent: Vec::new(),
    }
}

fn item(code: &str, category: &str, sizes: Vec<Size>) -> Item {
    Item {
        code: code.to_owned(),
        names: names(code),
        description: None,
        category: category.to_owned(),
        tags: Vec::new(),
        allergens: Vec::new(),
        image: None,
        tax_rate: Some(1_200),
        marked: false,
        schedule: Vec::new(),
        sizes,
    }
}

fn size(code: &str, product: &str, price_minor: i64, left: Option<u32>) -> Size {
    Size {
        code: code.to_owned(),
        names: (!code.is_empty()).then(|| names(code)),
        product_code: product.to_owned(),
        default: code != "l",
        price_minor: Some(price_minor),
        left,
        weight_grams: None,
        nutrition: None,
        image: None,
        till: TillProduct { product_id: format!("id-{product}"), size_id: None, compound: false },
        groups: if product.starts_with("CAPP") { vec![0] } else { Vec::new() },
    }
}

fn modifier(code: &str, left: Option<u32>) -> Modifier {
    Modifier {
        code: code.to_owned(),
        names: names(code),
        price_minor: Some(15_000),
        min: 0,
        max: 1,
        free: 0,
        by_default: 0,
        left,
        allergens: Vec::new(),
        till: TillModifier { product_id: format!("id-{code}"), group_id: Some("id-milk".to_owned()) },
    }
}

//! A brand with an outlet that takes orders, a guest with points, and a till system that is not asked.

use std::cell::{Cell, RefCell};

use basket::{FiscalLine, Quote, TillProduct, Totals};
use club::Moment;
use club::directory::hours::Hours;
use club::personal::Personal;
use fraud::facts::Trace;
use iiko::token::Credentials;
use kernel::{IdSource, IikoAccountId, MemberId, OutletId, QuoteId, Timestamp};
use membership::secrets::Secrets;
use notation::Names;
use partner::{Answer, Exchange, Fault, Request};
use serde_json::json;
use shop::iiko_account::{self, Line, NewAccount};
use shop::iiko_events::{self, Receiver, Registered};
use shop::order::place::{Placing, place};
use shop::order::reconcile::{self, Found};
use shop::order::{Ground, Refusal, Urls};
use store::acquirers;
use store::menus::accounts::Source;
use store::menus::tills::{self, OrderMode, OutletTill};
use store::native::NativeSql;
use store::orders::StoredOrder;
use store::transaction::transaction;
use store::{Sql, StoreError};

pub const BRAND: &str = "bean";
pub const GUEST: MemberId = MemberId::from_raw(1);
pub const OUTLET: OutletId = OutletId::from_raw(1);
/// The outlet's organisation at the till system.
pub const ORGANIZATION: &str = "org-1";
/// Minor units of the only thing on sale.
pub const PRICE: i64 = 100_000;

const SECRETS: &str = "1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const ROWS: &str = "
    insert into brands (code, name, default_region, card_prefix, created_at) values ('bean', 'Bean', 'KZ', '21', 0);
    insert into franchisees (id, code, name, created_at) values (1, 'north', 'North LLP', 0);
    insert into outlets (id, code, brand, franchisee_id, name, country, currency, zone, city, address, hours, languages,
        status, created_at, changed_at)
    values (1, '001', 'bean', 1, 'One', 'RU', 'RUB', 'Asia/Almaty', 'Almaty', 'Abay 1', '{}', 'ru', 'open', 0, 0);
    insert into members (id, brand, language, status, tier, joined_at, changed_at)
    values (1, 'bean', 'ru', 'active', 'base', 0, 0);
    insert into balances (member_id, pending, available, held) values (1, 0, 0, 0);
";

thread_local! {
    static STATE: Cell<u64> = const { Cell::new(0x5eed) };
}

/// Repeatable bytes that stand for a cryptographic source.
pub fn random(count: usize) -> Vec<u8> {
    let next = || {
        STATE.set(STATE.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
        STATE.get().to_be_bytes()[0]
    };
    (0..count).map(|_| next()).collect()
}

/// Answers in the order in which they are given, and remembers what was asked.
#[derive(Default)]
pub struct Partners {
    pub answers: RefCell<Vec<(u16, serde_json::Value)>>,
    pub asked: RefCell<Vec<(String, serde_json::Value)>>,
}

impl Exchange for Partners {
    fn exchange(&self, request: &Request) -> Result<Answer, Fault> {
        let body = serde_json::from_slice(&request.body).unwrap_or_default();
        self.asked.borrow_mut().push((request.url.clone(), body));
        let mut answers = self.answers.borrow_mut();
        if answers.is_empty() {
            return Err(Fault::NotSent("nobody is there".to_owned()));
        }
        let (status, body) = answers.remove(0);
        Ok(Answer { status, headers: Vec::new(), body: body.to_string().into_bytes() })
    }
}

pub struct World {
    pub sql: NativeSql,
    pub ids: IdSource,
    pub now: Timestamp,
    pub secrets: Secrets,
    pub partners: Partners,
    pub account: IikoAccountId,
    urls: Urls,
}

pub fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

impl World {
    /// Open from eight to ten; now it is noon.
    pub fn new() -> Self {
        let sql = NativeSql::in_memory().expect("a database");
        sql.connection().execute_batch(ROWS).expect("rows");
        let urls = Urls {
            yookassa: "https://yookassa.example".to_owned(),
            tbank: "https://tbank.example".to_owned(),
            after_payment: "https://app.example/{order}".to_owned(),
            tbank_notifications: String::new(),
        };
        let mut world = Self {
            sql,
            ids: IdSource::new(7),
            now: at("2026-11-23T12:00:00+05:00"),
            secrets: Secrets::parse(SECRETS).expect("secrets"),
            partners: Partners::default(),
            account: IikoAccountId::from_raw(0),
            urls,
        };
        world.hours(&Hours::every_day("08:00-22:00").expect("hours").to_json());
        world.furnish();
        world
    }

    fn furnish(&mut self) {
        let new = NewAccount {
            name: "north".to_owned(),
            base_url: "https://iiko.example".to_owned(),
            credentials: Some(Credentials::ApiLogin { api_login: "north".to_owned() }),
            source: Source::Nomenclature,
            is_active: true,
            webhook_token: None,
        };
        let personal = Personal { secrets: &self.secrets, random: &random };
        let mut moment = Moment { now: self.now, ids: &mut self.ids };
        let write = |tx: &dyn Sql| iiko_account::write(tx, BRAND, None, &new, personal, &mut moment);
        self.account = transaction(&self.sql, write).expect("an account");
        let till = OutletTill {
            outlet: OUTLET,
            account: self.account,
            organization: ORGANIZATION.to_owned(),
            terminal_group: "group-1".to_owned(),
            mode: OrderMode::Delivery,
            payment_type: Some("paid".to_owned()),
            order_type: None,
            discount_type: None,
            points_payment_type: Some("points".to_owned()),
            lead_minutes: store::menus::tills::LEAD_MINUTES,
        };
        let acquirer = acquirers::Account {
            id: 1,
            franchisee: kernel::FranchiseeId::from_raw(1),
            kind: "tbank".to_owned(),
            account: "terminal".to_owned(),
            secret_sealed: personal.seal(shop::order::money::secret_place(1), "secret"),
            tax_system: None,
            prepaid: false,
            receipts: false,
        };
        transaction(&self.sql, |tx| {
            acquirers::save(tx, &acquirer, self.now)?;
            tills::put(tx, &till, self.now)
        })
        .expect("a till and an acquirer");
    }

    /// Publishes rules: five percent, and these caps.
    pub fn programme(&self, caps: &serde_json::Value) {
        let rules = json!({
            "brand": BRAND, "zone": "Asia/Almaty",
            "point_values": [{ "amount": "1.00", "currency": "RUB" }],
            "tiers": [{ "code": "base", "name": { "ru": "Б", "kk": "Б", "en": "B" }, "earn_rate": "0.05" }],
            "earning": {
                "promo_lines_earn": true, "earn_on_points_paid": false, "points_step": "0.01", "caps": caps,
                "pending_delay": { "kind": "none" }, "expiry": { "kind": "days", "days": 180 }
            },
            "redemption": {
                "min_points": "1.00", "step": "1.00", "share_max": "0.50", "hold_minutes": 15,
                "static_code_may_spend": false
            },
            "returns": { "clawback": "unlimited", "reinstatement_grace_days": 14 }
        });
        let insert = "insert into programme_versions values (1, 'bean', 1, 0, ?1, null, 0, 'first')";
        self.sql.execute(insert, &[rules.to_string().into()]).expect("a programme");
    }

    pub fn hours(&self, json: &str) {
        self.sql.execute("update outlets set hours = ?1", &[json.into()]).expect("hours");
    }

    pub fn execute(&self, statement: &str) {
        self.sql.connection().execute_batch(statement).expect("a lawful change");
    }

    pub fn count(&self, query: &str) -> i64 {
        self.sql.connection().query_row(query, [], |row| row.get(0)).expect("a number")
    }

    /// One piece, for money only, with points promised in hundredths.
    pub fn quote(&mut self, pickup_at: Option<Timestamp>, points_earned: i64) -> Quote {
        let text = Names { ru: "Раф".to_owned(), kk: "Раф".to_owned(), en: "Raf".to_owned() };
        let line = basket::Line {
            line_no: 1,
            item: "raf".to_owned(),
            product_code: "raf".to_owned(),
            name: text,
            category: "coffee".to_owned(),
            size: None,
            quantity: 1,
            modifiers: Vec::new(),
            unit_list_minor: PRICE,
            list_minor: PRICE,
            discounts: Vec::new(),
            points_spent: 0,
            points_spent_minor: 0,
            final_minor: PRICE,
            fiscal: vec![FiscalLine { quantity: 1, unit_minor: PRICE }],
            tax_rate: None,
            points_earned,
            bonuses: Vec::new(),
            till: TillProduct { product_id: "raf".to_owned(), size_id: None, compound: false },
        };
        let totals = Totals {
            list_minor: PRICE,
            discount_minor: 0,
            points_spent: 0,
            points_spent_minor: 0,
            payable_minor: PRICE,
            points_earned,
            points_bonus: 0,
        };
        Quote {
            id: QuoteId::new(&mut self.ids, self.now).to_string(),
            brand: BRAND.to_owned(),
            outlet: OUTLET.to_string(),
            outlet_code: "001".to_owned(),
            member: Some(GUEST.to_string()),
            channel: "app".to_owned(),
            currency: "RUB".to_owned(),
            priced_at: self.now.millis(),
            expires_at: self.now.plus_millis(600_000).millis(),
            pickup_at: pickup_at.map(Timestamp::millis),
            menu_revision: "1".to_owned(),
            coupons: Vec::new(),
            lines: vec![line],
            totals,
            uses: Vec::new(),
            programme_version: None,
        }
    }

    pub fn place(&mut self, quote: &Quote) -> Result<StoredOrder, Refusal> {
        self.place_on(None, quote)
    }

    /// Makes an order on a device that the guest signed in on.
    pub fn place_on(&mut self, device: Option<Trace>, quote: &Quote) -> Result<StoredOrder, Refusal> {
        let personal = Personal { secrets: &self.secrets, random: &random };
        let ground = Ground { sql: &self.sql, partners: &self.partners, personal, urls: &self.urls };
        let placing = Placing { quote, member: GUEST, comment: Some("без крышки"), device };
        let mut moment = Moment { now: self.now, ids: &mut self.ids };
        transaction(&self.sql, |tx| place(tx, &ground, placing, &mut moment))
    }

    /// The guest can be reached: a till takes no order of anybody else.
    pub fn give_phone(&self) {
        let personal = Personal { secrets: &self.secrets, random: &random };
        let place = membership::secrets::Place { table: "members", field: "phone", row: GUEST.raw() };
        let sealed = personal.seal(place, "+77010000001");
        let update = "update members set phone_sealed = ?1 where id = ?2";
        self.sql.execute(update, &[sealed.as_slice().into(), GUEST.raw().into()]).expect("a phone");
    }

    /// Something that is learned of an order.
    pub fn tell(&mut self, id: kernel::OrderId, outcome: &ordering::Outcome) {
        self.write(|tx, moment| {
            let mut stored = shop::order::load(tx, id)?;
            shop::order::change::change(tx, &mut stored, outcome, moment)
        })
        .expect("it can be so");
    }

    /// One run of the timer that does what is due.
    pub fn dispatch(&mut self) {
        let personal = Personal { secrets: &self.secrets, random: &random };
        let ground = Ground { sql: &self.sql, partners: &self.partners, personal, urls: &self.urls };
        let mut moment = Moment { now: self.now, ids: &mut self.ids };
        let done =
            shop::order::run::run(&ground, &mut moment, shop::order::run::Scope::ALL).expect("storage");
        assert_eq!(done.failures, Vec::<String>::new());
    }

    /// One run of the timer that reads what changed.
    pub fn reconcile(&mut self) -> Found {
        let personal = Personal { secrets: &self.secrets, random: &random };
        let ground = Ground { sql: &self.sql, partners: &self.partners, personal, urls: &self.urls };
        let mut moment = Moment { now: self.now, ids: &mut self.ids };
        reconcile::run(&ground, &mut moment).expect("storage")
    }

    /// Has iiko post the account's events.
    pub fn register(&self, url: &str, token: &str) -> Registered {
        let personal = Personal { secrets: &self.secrets, random: &random };
        let line = Line { sql: &self.sql, partners: &self.partners, personal, now: self.now };
        iiko_events::register(&line, self.account, Receiver { url, token }, None).expect("registered")
    }

    /// One transaction.
    pub fn write<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&dyn Sql, &mut Moment<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut moment = Moment { now: self.now, ids: &mut self.ids };
        transaction(&self.sql, |tx| work(tx, &mut moment))
    }
}

//! A service with an outlet that takes orders, the simulators of its partners, and the verbs of guest and barista.
//!
//! Timers take part, so the clock is the real one. Waiting that a guest would feel is waited; what takes minutes is
//! skipped while no host runs: [`Shop::reboot_after`].

use std::ops::{Deref, DerefMut};
use std::time::{Duration, Instant};

use partners::iiko::OrderView;
use partners::world::World;
use partners::yookassa::Payment;
use partners::{Partners, Ports};
use rig::counter::{self, Bank, HOOK_TOKEN, OUTLET};
use rig::small::{Guest, Till};
use rusqlite::Connection;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use store::native::NativeSql;

use crate::suite::{Reply, Suite};

/// How long timers, tills and banks may take together, on a machine that runs other tests as well.
const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(50);
/// Where the simulators' notifications come from.
const SIMULATORS: &str = "127.0.0.1/32";

/// Columns with a time that goes on while nobody watches, and by what part of a millisecond it is counted.
const TIMES: &[(&str, &[&str], i64)] = &[
    ("orders", &["created_at", "pay_until", "last_sent_at", "due_since", "accepted_at", "cancel_since"], 1),
    ("orders", &["send_at", "pickup_at"], 1),
    ("order_payments", &["created_at", "changed_at"], 1),
    ("order_refunds", &["created_at", "changed_at"], 1),
    ("order_steps", &["due_at", "lease_until"], 1),
    ("partner_guards", &["until_at"], 1),
    ("partner_guards", &["full_at_micros"], 1_000),
];

/// A running shop.
pub struct Shop {
    suite: Suite,
    pub partners: Partners,
    /// The administrator's access token.
    office: String,
}

impl Deref for Shop {
    type Target = Suite;

    fn deref(&self) -> &Suite {
        &self.suite
    }
}

impl DerefMut for Shop {
    fn deref_mut(&mut self) -> &mut Suite {
        &mut self.suite
    }
}

impl Shop {
    /// Opens a shop for the test called `name`; YooKassa takes its money.
    pub fn open(name: &str) -> Self {
        Self::open_with(name, Bank::YooKassa)
    }

    /// The same with another acquirer.
    pub fn open_with(name: &str, bank: Bank) -> Self {
        let mut suite = Suite::prepare(name, 1);
        let partners = Partners::start(Ports::default(), World::small()).expect("free ports");
        let sql = NativeSql::open(&rig::state::database_path(&suite.dir)).expect("a database");
        counter::furnish_with(&sql, &suite.chain, &partners, bank).expect("an outlet that takes orders");
        let office = counter::sign_in_office(&suite.dir, &sql).expect("an administrator");
        drop(sql);
        let [iiko, yookassa, tbank] = partners.roots().clone();
        for (name, value) in [
            ("iiko_url", &*iiko),
            ("yookassa_url", &*yookassa),
            ("tbank_url", &*tbank),
            ("yookassa_nets", SIMULATORS),
        ] {
            suite.variable(name, value);
        }
        let mut shop = Self { suite, partners, office };
        shop.boot();
        shop
    }

    /// Starts the host on the state directory as it is, and tells the partners where it is now.
    pub fn boot(&mut self) {
        self.suite.boot();
        self.partners.yookassa.hook_to(&self.url("/v1/hooks/yookassa"));
        self.partners.tbank.hook_to(&self.url("/v1/hooks/tbank"));
        self.partners.iiko.hooks_to(OUTLET, &self.url("/v1/hooks/iiko"), HOOK_TOKEN);
    }

    /// Kills the host if it still runs, and starts it again when `gone` has passed: stored times are set back by it.
    pub fn reboot_after(&mut self, gone: Duration) {
        self.suite.kill();
        let database = Connection::open(rig::state::database_path(&self.dir)).expect("the database");
        let by = i64::try_from(gone.as_millis()).expect("less than an age");
        for (table, columns, per_ms) in TIMES {
            for column in *columns {
                let set =
                    format!("update {table} set {column} = {column} - {} where {column} > 0", by * per_ms);
                database.execute(&set, []).unwrap_or_else(|error| panic!("{set}: {error}"));
            }
        }
        drop(database);
        self.boot();
    }

    /// Its one guest, who has points.
    pub fn buyer(&self) -> &Guest {
        self.guest(0)
    }

    /// The till of the outlet.
    pub fn own_till(&self) -> &Till {
        counter::till(&self.chain)
    }

    /// What two middle cappuccinos with oat milk cost when paid with so many points.
    pub fn quote(&self, points: &str) -> Value {
        self.quote_for(points, None)
    }

    /// The same, to be fetched at a time.
    pub fn quote_for(&self, points: &str, pickup_at: Option<&str>) -> Value {
        let mut cart = json!({
            "outlet": OUTLET, "points": points,
            "lines": [{ "item": "00013", "size": "M", "quantity": 2, "modifiers": [{ "code": "M-OAT" }] }],
        });
        if let Some(at) = pickup_at {
            cart["pickup_at"] = json!(at);
        }
        self.guest_sends("POST", "/v1/quotes", None, Some(&cart)).expect("an answer").ok()
    }

    /// Orders what was quoted, under a key that follows from the quote.
    pub fn order(&self, quote: &Value) -> Result<Reply, ureq::Error> {
        let id = quote["id"].as_str().expect("a quote that can be ordered");
        self.guest_sends("POST", "/v1/orders", Some(id), Some(&json!({ "quote": id })))
    }

    /// Quotes and orders with so many points; the id of the order.
    pub fn place(&self, points: &str) -> String {
        let order = self.order(&self.quote(points)).expect("an answer").ok();
        assert_eq!(order["stage"], "awaiting_payment");
        order["id"].as_str().expect("an id").to_owned()
    }

    /// A request of the guest's.
    pub fn guest_sends(
        &self,
        method: &str,
        path: &str,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Reply, ureq::Error> {
        self.send(method, path, Some(&self.buyer().token), key, body)
    }

    /// A request of the administrator's.
    pub fn office_sends(&self, path: &str, key: Option<&str>, body: &Value) -> Value {
        self.send("POST", path, Some(&self.office), key, Some(body)).expect("an answer").ok()
    }

    /// The order as its guest sees it.
    pub fn read(&self, order: &str) -> Value {
        self.guest_sends("GET", &format!("/v1/orders/{order}"), None, None).expect("an answer").ok()
    }

    /// Reads the order until it is as expected.
    pub fn await_order(&self, order: &str, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        let started = Instant::now();
        loop {
            let found = self.read(order);
            if is(&found) {
                return found;
            }
            assert!(
                started.elapsed() < PATIENCE,
                "{what}: not within {PATIENCE:?}\n{found:#}\n{}",
                self.journals()
            );
            std::thread::sleep(POLL);
        }
    }

    /// Reads the order until it is at `stage`.
    pub fn await_stage(&self, order: &str, stage: &str) -> Value {
        self.await_order(order, stage, |found| found["stage"] == stage)
    }

    /// The order's payments at the acquirer.
    pub fn payments(&self, order: &str) -> Vec<Payment> {
        let mut payments = self.partners.yookassa.payments();
        payments.retain(|payment| payment.metadata["order_id"] == order);
        payments
    }

    /// Waits for the link to pay by, and for the one payment that waits to be paid.
    pub fn await_link(&self, order: &str) -> Payment {
        self.await_order(order, "a link to pay by", |found| {
            found["payment"]["confirmation"]["data"].is_string()
        });
        let pending = |payment: &Payment| payment.status == "pending";
        self.payments(order).into_iter().find(pending).expect("a payment at the acquirer")
    }

    /// The guest's bank pays.
    pub fn pay(&self, order: &str) {
        let payment = self.await_link(order);
        assert!(self.partners.yookassa.pay(&payment.id), "the payment waits for the guest");
    }

    /// Money that the acquirer took for the order and has not given back, in its main unit.
    pub fn kept(&self, order: &str) -> Decimal {
        let taken = self.payments(order).into_iter().filter(|payment| payment.status == "succeeded");
        taken.map(|payment| payment.amount - payment.refunded).sum()
    }

    /// The order at the till; more than one is more than one coffee.
    pub fn at_till(&self, order: &str) -> Vec<OrderView> {
        let mut orders = self.partners.iiko.orders();
        orders.retain(|found| found.external_number.as_deref() == Some(order));
        orders
    }

    /// The barista moves the order on by one state, if the till has it.
    pub fn cook(&self, order: &str) {
        let Some(found) = self.at_till(order).into_iter().find(|found| found.creation == "Success") else {
            return;
        };
        let next = match found.status.as_str() {
            "WaitCooking" => "CookingStarted",
            "CookingStarted" => "CookingCompleted",
            "CookingCompleted" => "Closed",
            _ => return,
        };
        assert!(self.partners.iiko.advance(&found.id, next), "the till moves {} to {next}", found.id);
    }

    /// The barista makes the order and hands it over, and the service has heard of it.
    pub fn hand_over(&self, order: &str) -> Value {
        for code in ["cooking", "ready"] {
            self.cook(order);
            self.await_order(order, code, |found| found["status"]["code"] == code);
        }
        self.cook(order);
        self.await_stage(order, "completed")
    }

    /// Every request that the partners got was one that they would take, and the books are whole.
    pub fn assert_order_in_books(&self) {
        assert_eq!(self.partners.violations(), Vec::<String>::new());
        assert_eq!(self.count("select count(*) from orders where stuck is not null"), 0, "no order is stuck");
        self.assert_ledger_holds();
    }

    /// What the partners were asked, for a person.
    pub fn journals(&self) -> String {
        let lines = |desk: &partners::serve::Desk| {
            let entries = desk.journal.entries().into_iter();
            let shown = entries.map(|entry| {
                format!(
                    "{} {} {:?} applied {} {}",
                    entry.method, entry.path, entry.status, entry.applied, entry.body
                )
            });
            shown.collect::<Vec<_>>().join("\n")
        };
        format!(
            "iiko\n{}\nYooKassa\n{}\nT-Bank\n{}",
            lines(self.partners.iiko_desk()),
            lines(self.partners.yookassa_desk()),
            lines(self.partners.tbank_desk())
        )
    }
}

//! A running service and the verbs of those who use it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use rig::host::{Crema, Server, test_variables, workspace_root};
use rig::small::{self, Chain, Guest, Till};
use rusqlite::Connection;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// A service with the small chain in it.
pub struct Suite {
    pub chain: Chain,
    pub dir: PathBuf,
    runtime: Runtime,
    crema: Crema,
    server: Option<Server>,
    /// Where the host listens, or did when it was alive.
    address: Option<SocketAddr>,
    /// What the host is started with.
    variables: Vec<(String, String)>,
    /// The time of every call: tests do not depend on the day on which they run. None for stories that timers take part
    /// in, whose clock is the real one.
    pub clock: Option<&'static str>,
    numbers: AtomicU64,
}

/// A reply that a story looks at.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub body: Value,
    pub replayed: bool,
}

impl Reply {
    /// The body of a success.
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.body);
        self.body
    }

    /// The slug of a problem.
    pub fn problem(&self) -> &str {
        let kind = self.body["type"].as_str().unwrap_or_default();
        kind.strip_prefix("/problems/")
            .unwrap_or_else(|| panic!("not a problem: {} {}", self.status, self.body))
    }
}

impl Suite {
    /// Starts a service for the test called `name`.
    pub fn start(name: &str) -> Self {
        Self::with_guests(name, 3)
    }

    /// Starts a service with so many guests.
    pub fn with_guests(name: &str, guests: usize) -> Self {
        let mut suite = Self::prepare(name, guests);
        suite.clock = Some("2026-11-21T09:30:00Z");
        suite.boot();
        suite
    }

    /// A service with so many guests and the real clock, before its host runs.
    pub fn prepare(name: &str, guests: usize) -> Self {
        let root = workspace_root().expect("a workspace");
        let dir = root.join("target/it").join(name);
        let chain = small::create(&dir, guests, 1).expect("a state directory");
        let crema = Crema::find(&root).expect("a built host");
        let runtime = Runtime::new().expect("a runtime");
        let variables = test_variables(&chain.secret);
        Self {
            chain,
            dir,
            runtime,
            crema,
            server: None,
            address: None,
            variables,
            clock: None,
            numbers: AtomicU64::new(1),
        }
    }

    /// Has the host started with one variable more.
    pub fn variable(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Starts the host on the state directory as it is.
    pub fn boot(&mut self) {
        let start = self.crema.start(&self.dir, &self.variables, &[]);
        let server = self.runtime.block_on(start).expect("a running host");
        self.address = Some(server.address);
        self.server = Some(server);
    }

    /// Kills the host with SIGKILL, if it runs here.
    pub fn kill(&mut self) {
        drop(self.server.take());
    }

    /// Whether the host is in the suite's hands.
    pub const fn is_running(&self) -> bool {
        self.server.is_some()
    }

    /// Takes the host out of the suite; dropping it kills it with SIGKILL, so that no handler of its runs.
    pub fn take_server(&mut self) -> Server {
        self.server.take().expect("a running host")
    }

    /// Takes a host back.
    pub fn give_server(&mut self, server: Server) {
        self.server = Some(server);
    }

    /// A till's POST to a host that may be dying.
    pub fn send_to(
        &self,
        address: SocketAddr,
        path: &str,
        key: &str,
        body: &Value,
    ) -> Result<Reply, ureq::Error> {
        self.exchange("POST", format!("http://{address}{path}"), Some(key), None, Some(body))
    }

    /// Where the service listens.
    pub fn url(&self, path: &str) -> String {
        let address = self.address.expect("a host that was started");
        format!("http://{address}{path}")
    }

    /// The till at `index` of the small chain.
    pub fn till(&self, index: usize) -> &Till {
        &self.chain.tills[index]
    }

    /// The guest at `index`.
    pub fn guest(&self, index: usize) -> &Guest {
        &self.chain.guests[index]
    }

    /// A receipt number that no other receipt of this test has.
    pub fn number(&self) -> String {
        self.numbers.fetch_add(1, Ordering::Relaxed).to_string()
    }

    /// Sends a request; a transport failure is an `Err`.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Reply, ureq::Error> {
        self.exchange(method, self.url(path), token, key, body)
    }

    fn exchange(
        &self,
        method: &str,
        url: String,
        token: Option<&str>,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Reply, ureq::Error> {
        let mut request =
            ureq::http::Request::builder().method(method).uri(url).header("accept-language", "en");
        if let Some(clock) = self.clock {
            request = request.header("crema-test-clock", clock);
        }
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let text = body.map(Value::to_string).unwrap_or_default();
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let request = request.body(text).expect("a request");
        let mut response = agent.run(request)?;
        let replayed = response.headers().contains_key("idempotency-replayed");
        let status = response.status().as_u16();
        let text = response.body_mut().read_to_string()?;
        Ok(Reply { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)), replayed })
    }

    /// A till's POST.
    pub fn post(&self, till: &Till, path: &str, body: &Value) -> Reply {
        self.send("POST", path, Some(&till.key), None, Some(body)).expect("an answer")
    }

    /// The body of a sale of one line at `price`, with one payment.
    pub fn sale(&self, till: &Till, guest: Option<&Guest>, price: &str) -> Value {
        let money = json!({"amount": price, "currency": till.currency});
        let mut body = json!({
            "outlet": till.code,
            "business_date": "2026-11-21",
            "number": self.number(),
            "sold_at": "2026-11-21T09:00:00Z",
            "staff": "admin",
            "lines": [{"line_no": 1, "product": "cappuccino", "quantity": "1", "unit_price": money, "amount": money}],
            "payments": [{"method": "card", "amount": money}],
        });
        if let Some(guest) = guest {
            body["guest"] = json!({"card": guest.card});
        }
        body
    }

    /// Posts a sale of `guest` and expects it to be taken.
    pub fn sell(&self, till: &Till, guest: Option<&Guest>, price: &str) -> Value {
        self.post(till, "/v1/receipts", &self.sale(till, guest, price)).ok()
    }

    /// Reserves points; `None` for as many as allowed.
    pub fn hold(&self, till: &Till, guest: &Guest, points: Option<&str>, total: &str) -> Reply {
        let mut body = json!({
            "outlet": till.code,
            "guest": {"card": guest.card},
            "receipt_total": {"amount": total, "currency": till.currency},
        });
        if let Some(points) = points {
            body["points"] = json!(points);
        }
        let key = format!("hold-{}", self.number());
        self.send("POST", "/v1/holds", Some(&till.key), Some(&key), Some(&body)).expect("an answer")
    }

    /// A guest's balance.
    pub fn balance(&self, guest: &Guest) -> Value {
        self.send("GET", "/v1/balance", Some(&guest.token), None, None).expect("an answer").ok()
    }

    /// Available, held and pending, as texts.
    pub fn points(&self, guest: &Guest) -> (String, String, String) {
        let balance = self.balance(guest);
        let text = |field: &str| balance[field].as_str().unwrap_or_default().to_owned();
        (text("available"), text("held"), text("pending"))
    }

    /// A connection to look into the database.
    pub fn database(&self) -> Connection {
        rig::state::reader(&self.dir).expect("the database")
    }

    /// One number out of the database.
    pub fn count(&self, sql: &str) -> i64 {
        rig::state::integer(&self.database(), sql).expect("a number")
    }

    /// L1 and L2 for every member, by SQL that shares nothing with the product.
    pub fn assert_ledger_holds(&self) {
        let unbalanced = self.count(
            "select count(*) from (select entry_id, unit from postings group by entry_id, unit having sum(amount) <> 0)",
        );
        assert_eq!(unbalanced, 0, "L1");
        for account in ["pending", "available", "held"] {
            let differing = self.count(&format!(
                "select count(*) from balances b where b.{account} <> coalesce((select sum(p.amount) from postings p \
                 join entries e on e.id = p.entry_id where e.member_id = b.member_id and p.account = '{account}'), 0)"
            ));
            assert_eq!(differing, 0, "L2 postings, {account}");
            let lots = self.count(&format!(
                "select count(*) from balances b where max(b.{account}, 0) <> coalesce((select sum(l.{account}) \
                 from lots l where l.member_id = b.member_id), 0)"
            ));
            assert_eq!(lots, 0, "L2 lots, {account}");
        }
        let moves = self.count(
            "select count(*) from lots l where l.available <> coalesce((select sum(m.amount) from lot_moves m \
             where m.lot_id = l.id and m.bucket = 'available'), 0)",
        );
        assert_eq!(moves, 0, "L2 moves");
    }
}

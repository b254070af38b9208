//! Staff goals as a marketer, baristas, a till and payroll see them.

use std::io::{BufRead as _, BufReader};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use membership::secrets::{Place, Secrets, Token, TokenKind};
use rig::small::SESSION_MS;
use serde_json::{Value, json};
use web::session::{ScopeV1, SessionV1, SubjectV1};

use crate::suite::{Reply, Suite};

/// A receipt is seen in live progress within this; the rest is for the host that runs beside other tests.
const LIVE: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(25);

/// Somebody who signed in.
struct Person {
    token: String,
}

struct Story {
    suite: Suite,
    marketer: Person,
    administrator: Person,
    finance: Person,
    /// At msk-1, and at ala-1.
    barista: Person,
    stranger: Person,
}

impl Story {
    fn start(name: &str) -> Self {
        let mut suite = Suite::prepare(name, 2);
        suite.clock = Some("2026-11-20T08:00:00Z");
        let outlets: Vec<String> = suite.chain.tills.iter().map(|till| till.outlet.to_string()).collect();
        let at = |index: usize| ScopeV1::Outlets { ids: vec![outlets[index].clone()] };
        let person = |code: &str, role: &str, outlet: Option<usize>, scope: ScopeV1| {
            let outlet = outlet.map(|index| suite.chain.tills[index].outlet.raw());
            sign_in(&suite, code, role, outlet, scope)
        };
        let marketer = person("marketer", "marketer", None, ScopeV1::Everything {});
        let administrator = person("root", "administrator", None, ScopeV1::Everything {});
        let finance = person("finance", "finance", None, ScopeV1::Everything {});
        let barista = person("b1", "barista", Some(1), at(1));
        let stranger = person("b2", "barista", Some(0), at(0));
        suite.boot();
        Self { suite, marketer, administrator, finance, barista, stranger }
    }

    fn send(&self, who: &Person, method: &str, path: &str, key: Option<&str>, body: Option<&Value>) -> Reply {
        self.suite.send(method, path, Some(&who.token), key, body).expect("an answer")
    }

    fn get(&self, who: &Person, path: &str) -> Reply {
        self.send(who, "GET", path, None, None)
    }

    /// The barista's sale of so many croissants to a guest, at a minute of the day.
    fn sell(&self, guest: Option<usize>, pieces: u32, minute: u32) -> Value {
        let till = self.suite.till(1);
        let mut sale = self.suite.sale(till, guest.map(|index| self.suite.guest(index)), "100.00");
        sale["staff"] = json!("b1");
        sale["sold_at"] = json!(format!("2026-11-21T08:{minute:02}:00Z"));
        sale["lines"][0]["product"] = json!("croissant");
        sale["lines"][0]["quantity"] = json!(pieces.to_string());
        let total = json!({"amount": format!("{}.00", 100 * pieces), "currency": "RUB"});
        sale["lines"][0]["amount"] = total.clone();
        sale["payments"][0]["amount"] = total;
        self.suite.post(till, "/v1/receipts", &sale).ok();
        sale
    }

    fn take_back(&self, sale: &Value, pieces: Option<&str>) {
        let till = self.suite.till(1);
        let mut body = json!({
            "outlet": till.code, "business_date": "2026-11-21", "number": format!("R{}", self.suite.number()),
            "returned_at": "2026-11-21T09:10:00Z",
            "receipt": {"outlet": till.code, "business_date": "2026-11-21", "number": sale["number"]},
        });
        if let Some(pieces) = pieces {
            body["lines"] = json!([{"line_no": 1, "quantity": pieces}]);
        }
        self.suite.post(till, "/v1/returns", &body).ok();
    }
}

/// Puts somebody on the list of staff, and signs them in.
fn sign_in(suite: &Suite, code: &str, role: &str, outlet: Option<i64>, scope: ScopeV1) -> Person {
    let number = code.bytes().fold(7_i64, |sum, byte| sum * 31 + i64::from(byte));
    let secrets = Secrets::parse(&suite.chain.secret).expect("a secret");
    let place = Place { table: "staff", field: "name", row: number };
    let sealed = secrets.vault().seal(place, &format!("Name {code}"), [7; membership::secrets::NONCE_LEN]);
    let database = rusqlite::Connection::open(rig::state::database_path(&suite.dir)).expect("the database");
    database
        .execute(
            "insert into staff (id, code, name_sealed, role, outlet_id, status, created_at, changed_at) \
             values (?1, ?2, ?3, ?4, ?5, 'active', 0, 0)",
            rusqlite::params![number, code, sealed, role, outlet],
        )
        .expect("staff");
    let token = Token::new(TokenKind::Staff, rand::random()).expose();
    let session = SessionV1 {
        subject: SubjectV1::Staff {
            id: kernel::StaffId::from_raw(number).to_string(),
            role: role.to_owned(),
            scope,
        },
        session: kernel::SessionId::from_raw(number).to_string(),
        expires_at: 1_700_000_000_000 + SESSION_MS,
    };
    let kv = rig::state::key_value(&suite.dir).expect("the key-value store");
    let key = web::session::key(&web::auth::token_hash(&token));
    rig::state::set_key(&kv, &key, &serde_json::to_vec(&session).expect("JSON")).expect("stored");
    Person { token }
}

fn goal(subject: &str) -> Value {
    json!({
        "goal": {
            "name": {"ru": "Больше к кофе", "kk": "Кофеге қоса", "en": "More with coffee"},
            "subject": subject, "period": "day",
            "components": [{
                "measure": {"op": "metric", "of": {"metric": "items_per_receipt"}}, "baseline": "1", "target": "2"
            }],
            "minimums": [{"of": {"metric": "receipts"}, "at_least": "1"}],
            "levels": [{"at_least_percent": 100, "prizes": [
                {"kind": "points", "hundredths": 10_000}, {"kind": "money", "minor": 50_000, "currency": "RUB"}
            ]}],
            "correct_days": 14,
        },
        "effective_on": "2026-11-21",
    })
}

fn value(progress: &Value, code: &str) -> Value {
    let goals = progress["goals"].as_array().expect("goals");
    let goal = goals.iter().find(|goal| goal["code"] == code);
    let goal = goal.unwrap_or_else(|| panic!("no goal {code} in {progress}"));
    goal["standing"]["parts"][0]["value"].clone()
}

#[test]
fn a_barista_sees_a_goal_move_and_is_awarded_once() {
    let mut story = Story::start("staff_goals");
    let (path, body) = ("/v1/goals/north/upsell", goal("person"));
    // The forbidden side first.
    let nobody = story.suite.send("GET", "/v1/goal-progress", None, None, None).expect("an answer");
    assert_eq!((nobody.status, nobody.problem()), (401, "unauthenticated"));
    let till = Person { token: story.suite.till(1).key.clone() };
    assert_eq!(story.get(&till, "/v1/goal-progress").problem(), "forbidden");
    assert_eq!(story.send(&story.barista, "PUT", path, Some("k"), Some(&body)).problem(), "forbidden");
    assert_eq!(
        story.get(&story.barista, "/v1/payroll/awards?from=2026-11-01&until=2026-12-01").problem(),
        "forbidden"
    );
    let mut broken = body.clone();
    broken["goal"]["components"][0]["target"] = json!("1");
    let refused = story.send(&story.finance, "PUT", path, Some("k0"), Some(&broken));
    assert_eq!(refused.problem(), "goal-invalid");
    assert_eq!(refused.body["errors"][0]["pointer"], "/goal/components/0/target");
    // Whoever plans the programme pays nobody money.
    assert_eq!(story.send(&story.marketer, "PUT", path, Some("k1"), Some(&body)).problem(), "forbidden");
    // Made once, however often it is sent.
    let made = story.send(&story.finance, "PUT", path, Some("k1"), Some(&body));
    assert_eq!((made.status, &made.body["version"]), (201, &json!(1)), "{}", made.body);
    assert!(story.send(&story.finance, "PUT", path, Some("k1"), Some(&body)).replayed);
    story.send(&story.finance, "PUT", "/v1/goals/north/ours", Some("k2"), Some(&goal("outlet"))).ok();

    story.suite.clock = Some("2026-11-21T09:30:00Z");
    let before = story.get(&story.barista, "/v1/goal-progress").ok();
    assert_eq!((before["outlet"].as_str(), value(&before, "ours")), (Some("msk-1"), Value::Null));
    live(&story);
    let elsewhere = story.get(&story.stranger, "/v1/goal-progress").ok();
    assert_eq!(elsewhere["outlet"], "ala-1");
    assert_eq!(value(&elsewhere, "ours"), Value::Null, "nothing of another outlet's");
    assert_eq!(story.get(&story.stranger, "/v1/goal-progress?outlet=msk-1").problem(), "not-found");

    // A return takes back, a sale to oneself and a split receipt bring nothing.
    let sale = story.sell(None, 2, 20);
    assert_eq!(value(&story.get(&story.barista, "/v1/goal-progress").ok(), "upsell"), "2.5");
    story.take_back(&sale, Some("1"));
    assert_eq!(value(&story.get(&story.barista, "/v1/goal-progress").ok(), "upsell"), "2");
    link(&story);
    story.sell(Some(0), 4, 30);
    story.sell(Some(1), 2, 40);
    story.sell(Some(1), 4, 42);
    let now = story.get(&story.barista, "/v1/goal-progress").ok();
    assert_eq!(value(&now, "upsell"), "2");
    assert_eq!(value(&now, "ours"), "2");
    award(&mut story);
}

/// Follows the barista's progress while a receipt of three pieces is recorded.
fn live(story: &Story) {
    let (told, news) = mpsc::channel();
    std::thread::scope(|scope| {
        let follower = scope.spawn(|| follow(story, &told));
        let first: Value = news.recv_timeout(PATIENCE).expect("how it stands");
        assert_eq!(value(&first, "upsell"), Value::Null);
        story.sell(None, 3, 10);
        let recorded = Instant::now();
        let second = news.recv_timeout(PATIENCE).expect("what is new");
        assert!(recorded.elapsed() < LIVE, "told after {:?}", recorded.elapsed());
        assert_eq!((value(&second, "upsell"), value(&second, "ours")), (json!("3"), json!("3")));
        follower.join().expect("no panic");
    });
}

/// Sends on the data of the first two events.
fn follow(story: &Story, told: &mpsc::Sender<Value>) {
    let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).build().into();
    let answer = agent
        .get(story.suite.url("/v1/goal-progress"))
        .header("accept", "text/event-stream")
        .header("accept-language", "en")
        .header("crema-test-clock", story.suite.clock.expect("a set clock"))
        .header("authorization", format!("Bearer {}", story.barista.token))
        .call()
        .expect("a feed");
    let mut heard = 0;
    for line in BufReader::new(answer.into_body().into_reader()).lines() {
        let line = line.expect("a feed that goes on");
        if let Some(data) = line.strip_prefix("data: ") {
            told.send(serde_json::from_str(data).expect("JSON")).expect("somebody listens");
            heard += 1;
            if heard == 2 {
                return;
            }
        }
    }
}

/// The first guest is the barista.
fn link(story: &Story) {
    let card = story.send(&story.barista, "POST", "/v1/staff-card", None, None).ok();
    assert_eq!(card["linked"], false);
    let guest = Person { token: story.suite.guest(0).token.clone() };
    let body = json!({"code": card["code"]});
    assert_eq!(
        story.send(&story.barista, "POST", "/v1/staff-card/link", None, Some(&body)).problem(),
        "forbidden"
    );
    story.send(&guest, "POST", "/v1/staff-card/link", None, Some(&body)).ok();
    let other = Person { token: story.suite.guest(1).token.clone() };
    assert_eq!(
        story.send(&other, "POST", "/v1/staff-card/link", None, Some(&body)).problem(),
        "staff-linked"
    );
    assert_eq!(story.send(&story.barista, "POST", "/v1/staff-card", None, None).ok()["linked"], true);
}

/// The day is over.
fn award(story: &mut Story) {
    let before = story.suite.points(story.suite.guest(0)).0;
    let run = "/v1/jobs/kpi-award/run";
    assert_eq!(story.send(&story.marketer, "POST", run, None, None).problem(), "forbidden");
    let early = story.send(&story.administrator, "POST", run, None, None).ok();
    assert_eq!((&early["periods"], &early["awarded"]), (&json!(0), &json!(0)));
    story.suite.clock = Some("2026-11-21T21:30:00Z");
    let done = story.send(&story.administrator, "POST", run, None, None).ok();
    // Both goals, points and money of each to the one barista.
    assert_eq!(
        (&done["periods"], &done["awarded"], &done["posted"]),
        (&json!(2), &json!(4), &json!(2)),
        "{done}"
    );
    let again = story.send(&story.administrator, "POST", run, None, None).ok();
    assert_eq!((&again["periods"], &again["awarded"], &again["posted"]), (&json!(0), &json!(0), &json!(0)));
    let hundredths = |text: &str| text.replace('.', "").parse::<i64>().expect("points");
    let after = story.suite.points(story.suite.guest(0)).0;
    assert_eq!(hundredths(&after) - hundredths(&before), 20_000);
    story.suite.assert_ledger_holds();
    let awards = story.get(&story.barista, "/v1/goal-awards").ok();
    let items = awards["items"].as_array().expect("awards");
    assert_eq!(items.len(), 4);
    assert!(items.iter().all(|award| award["arithmetic"]["facts"]["receipts"] == 3), "{awards}");
    let empty = story.get(&story.stranger, "/v1/goal-awards").ok();
    assert_eq!(empty["items"], json!([]), "others' awards are theirs");
    let payroll = story.get(&story.finance, "/v1/payroll/awards?from=2026-11-01&until=2026-12-01").ok();
    let table = payroll.as_str().expect("a table");
    assert_eq!(table.lines().count(), 3, "{table}");
    assert!(table.contains(",b1,upsell,1,2026-11-21,2026-11-22,b1,500.00,RUB,,"), "{table}");

    let board = story.get(&story.stranger, "/v1/leaderboards/north/upsell?date=2026-11-21").ok();
    assert_eq!(
        (&board["rows"][0]["name"], &board["rows"][0]["standing"]["place"]),
        (&Value::Null, &json!(1))
    );
    let board = story.get(&story.barista, "/v1/leaderboards/north/upsell?date=2026-11-21").ok();
    assert_eq!(board["rows"][0]["name"], "Name b1");
}

#[test]
fn staff_have_a_discount_of_their_own_and_shifts() {
    let mut story = Story::start("staff_card");
    story.suite.clock = Some("2026-11-21T09:30:00Z");
    let rub = |amount: &str| json!({"amount": amount, "currency": "RUB"});
    let rules = json!({"percent": 30, "day_uses": 1, "month_uses": 5, "day_discount": rub("300.00"), "month_discount": rub("900.00")});
    for nobody in [&story.barista, &story.marketer] {
        let refused = story.send(nobody, "POST", "/v1/staff-card-rules", Some("r"), Some(&rules));
        assert_eq!(refused.problem(), "forbidden");
    }
    let made = story.send(&story.finance, "POST", "/v1/staff-card-rules", Some("r"), Some(&rules));
    assert_eq!((made.status, &made.body["version"]), (201, &json!(1)), "{}", made.body);
    let card = story.send(&story.barista, "POST", "/v1/staff-card", None, None).ok();
    let till = Person { token: story.suite.till(1).key.clone() };
    let ask = |rung_by: &str, number: Option<&str>| {
        let mut body = json!({"code": card["code"], "business_date": "2026-11-21", "rung_by": rung_by, "amount": rub("250.00")});
        if let Some(number) = number {
            body["number"] = json!(number);
        }
        body
    };
    let check = |body: &Value| story.send(&till, "POST", "/v1/staff-discounts/check", None, Some(body));
    assert_eq!(check(&ask("b1", None)).problem(), "staff-discount-refused", "by one's own hand");
    assert_eq!(check(&ask("b2", None)).ok()["discount"]["amount"], "75.00");
    let take =
        |number: &str| story.send(&till, "POST", "/v1/staff-discounts", None, Some(&ask("b2", Some(number))));
    let first = take("77");
    assert_eq!((first.status, &first.body["discount"]["amount"]), (201, &json!("75.00")), "{}", first.body);
    let again = take("77");
    assert_eq!((again.status, again.body), (200, first.body));
    assert_eq!(take("78").problem(), "code-spent");
    let void = json!({"business_date": "2026-11-21", "number": "77"});
    story.send(&till, "POST", "/v1/staff-discounts/void", None, Some(&void)).ok();
    assert_eq!(take("77").problem(), "receipt-conflict", "what was voided is over");

    let open = json!({"staff": "b1", "opened_at": "2026-11-21T05:00:00Z"});
    let opened = story.send(&till, "POST", "/v1/shifts/open", None, Some(&open));
    assert_eq!(opened.status, 201, "{}", opened.body);
    assert_eq!(story.send(&till, "POST", "/v1/shifts/open", None, Some(&open)).status, 200);
    let close = json!({"staff": "b1", "closed_at": "2026-11-21T09:00:00Z"});
    let closed = story.send(&till, "POST", "/v1/shifts/close", None, Some(&close)).ok();
    assert_eq!(closed["closed_at"], "2026-11-21T09:00:00Z");
    assert_eq!(
        story.send(&till, "POST", "/v1/shifts/close", None, Some(&close)).ok(),
        closed,
        "the same again"
    );
    assert_eq!(story.get(&story.barista, "/v1/shifts").problem(), "forbidden");
    let listed = story.get(&story.administrator, "/v1/shifts?outlet=msk-1&date=2026-11-21").ok();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
}

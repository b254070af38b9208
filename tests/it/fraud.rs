//! Fraud control as a till, a guest and people who review see it.

use kernel::{MemberId, StaffId};
use membership::staff_auth::Role;
use partners::carriers::Carriers;
use rig::desk;
use serde_json::{Value, json};

use crate::suite::{Reply, Suite};

/// A service with people at their desks.
struct Office {
    suite: Suite,
    administrator: String,
    support: String,
    barista: String,
}

impl Office {
    fn open(name: &str) -> Self {
        Self::open_with(name, &[])
    }

    /// With more variables.
    fn open_with(name: &str, variables: &[(String, String)]) -> Self {
        let mut suite = Suite::prepare(name, 3);
        suite.clock = Some("2026-11-21T09:30:00Z");
        for (variable, value) in variables {
            suite.variable(variable, value);
        }
        suite.boot();
        let admin = StaffId::from_raw(suite.count("select id from staff where code = 'admin'"));
        let sign_in = |seed, role, outlets: &[_]| desk::sign_in(&suite.dir, seed, admin, role, outlets);
        let administrator = sign_in(1, Role::Administrator, &[]).expect("signed in");
        let support = sign_in(2, Role::Support, &[]).expect("signed in");
        let barista = sign_in(3, Role::Barista, &[suite.till(1).outlet]).expect("signed in");
        Self { suite, administrator, support, barista }
    }

    fn get(&self, token: &str, path: &str) -> Reply {
        self.suite.send("GET", path, Some(token), None, None).expect("an answer")
    }

    fn post(&self, token: &str, path: &str, key: &str, body: &Value) -> Reply {
        self.suite.send("POST", path, Some(token), Some(key), Some(body)).expect("an answer")
    }

    /// Makes the rules that hold do what they say.
    fn go_live(&self) {
        let held = self.get(&self.support, "/v1/fraud-rules/north").ok();
        assert_eq!(held["in_force"]["mode"], "shadow", "a fresh chain only observes");
        assert_eq!(held["in_force"]["rules"]["thresholds"].get("block"), None, "and blocks nobody by itself");
        let body = json!({"rules": held["in_force"]["rules"], "mode": "live", "note": "from today"});
        assert_eq!(self.post(&self.support, "/v1/fraud-rules/north", "r1", &body).problem(), "forbidden");
        let made = self.post(&self.administrator, "/v1/fraud-rules/north", "r1", &body);
        assert_eq!((made.status, &made.body["version"]), (201, &json!(1)), "{}", made.body);
        let again = self.post(&self.administrator, "/v1/fraud-rules/north", "r1", &body);
        assert!(again.replayed && again.body == made.body);
    }

    /// Five sales with a guest's card by one member of staff; the last reply.
    fn five(&self, guest: usize) -> Value {
        let (till, guest) = (self.suite.till(1), self.suite.guest(guest));
        let sales = (0..5).map(|_| self.suite.sell(till, Some(guest), "100.00"));
        sales.last().expect("five")
    }
}

#[test]
fn a_barista_attaches_one_card_to_five_receipts_and_is_cleared() {
    let office = Office::open("fraud_staff_card");
    let suite = &office.suite;
    // Observing: nothing happens, and it is written down.
    office.five(1);
    assert_eq!(suite.points(suite.guest(1)).0, "25.00");
    let seen = office.get(&office.support, "/v1/fraud-decisions/north").ok();
    assert_eq!(seen["items"][0]["action"], "delay_points", "{seen}");
    assert_eq!(suite.count("select count(*) from fraud_cases"), 0);
    office.go_live();
    let last = office.five(0);
    assert_eq!(last["accrual"]["points"], "5.00", "a sale is recorded, and earns");
    assert_ne!(last["accrual"]["activates_at"], Value::Null, "later: {last}");
    assert_eq!(suite.points(suite.guest(0)), ("20.00".into(), "0.00".into(), "5.00".into()));

    let queue = "/v1/fraud-cases";
    assert_eq!(suite.send("GET", queue, None, None, None).expect("an answer").problem(), "unauthenticated");
    assert_eq!(office.get(&office.barista, queue).problem(), "forbidden");
    assert_eq!(office.get(&suite.guest(0).token, queue).problem(), "forbidden");
    let found = office.get(&office.support, queue).ok();
    assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{found}");
    assert_eq!(found["items"][0]["member"], suite.guest(0).member.to_string());
    let path = format!("{queue}/{}", found["items"][0]["id"].as_str().expect("an id"));
    assert_eq!(office.get(&office.barista, &path).problem(), "forbidden");
    let case = office.get(&office.support, &path).ok();
    let decision = &case["decisions"][0];
    assert_eq!(decision["reasons"][0]["rule"], "staff_card_hour");
    assert_eq!(
        decision["reasons"][0]["text"],
        "receipts with the card by one member of staff within an hour: 5 (limit 5)"
    );
    assert_eq!((&decision["reference"], &decision["staff"]), (&last["id"], &json!("admin")));
    assert_eq!(case["delayed"][0]["points"], "5.00");

    let decide = format!("{path}/decide");
    let ruling = json!({"outcome": "overturn", "note": "a birthday in the office"});
    assert_eq!(office.post(&office.barista, &decide, "d1", &ruling).problem(), "forbidden");
    let done = office.post(&office.support, &decide, "d1", &ruling);
    assert_eq!(done.body["case"]["status"], "overturned", "{}", done.body);
    assert_eq!(suite.points(suite.guest(0)), ("25.00".into(), "0.00".into(), "0.00".into()));
    let again = office.post(&office.support, &decide, "d1", &ruling);
    assert!(again.replayed && again.body == done.body);
    assert_eq!(office.post(&office.support, &decide, "d2", &ruling).problem(), "case-overturned");
    // A person trusts the guest: the sixth receipt is like any other.
    suite.sell(suite.till(1), Some(suite.guest(0)), "100.00");
    assert_eq!(suite.points(suite.guest(0)).0, "30.00");
    assert_eq!(suite.count("select count(*) from notifications where topic = 'points.delayed'"), 1);
    suite.assert_ledger_holds();
}

#[test]
fn a_person_blocks_a_guest_who_appeals_and_is_heard() {
    let office = Office::open("fraud_block");
    let suite = &office.suite;
    let (till, guest) = (suite.till(1), suite.guest(0));
    suite.sell(till, Some(guest), "1000.00");
    let own = "/v1/account-standing";
    assert_eq!(office.get(&guest.token, own).ok()["standing"], Value::Null);
    let appeal = json!({"text": "It was me, with my own card."});
    assert_eq!(office.post(&guest.token, "/v1/appeals", "a0", &appeal).problem(), "nothing-to-appeal");

    let kept = suite.hold(till, guest, Some("10.00"), "100.00").ok();
    let path = format!("/v1/members/{}/block", guest.member);
    let why = json!({"note": "seen on camera"});
    assert_eq!(office.post(&office.barista, &path, "b1", &why).problem(), "forbidden");
    let nobody = format!("/v1/members/{}/block", MemberId::from_raw(1));
    assert_eq!(office.post(&office.support, &nobody, "b0", &why).problem(), "not-found");
    let blocked = office.post(&office.support, &path, "b1", &why);
    assert_eq!((blocked.status, &blocked.body["standing"]), (201, &json!("block")), "{}", blocked.body);
    assert_eq!(suite.hold(till, guest, Some("1.00"), "100.00").problem(), "spending-held");
    // A sale is recorded all the same; what it earns waits.
    suite.sell(till, Some(guest), "100.00");
    assert_eq!(suite.points(guest), ("40.00".into(), "10.00".into(), "5.00".into()), "the hold is kept");

    let taken = office.post(&guest.token, "/v1/appeals", "a1", &appeal);
    assert_eq!((taken.status, &taken.body["standing"]), (201, &json!("block")), "{}", taken.body);
    let again = office.post(&guest.token, "/v1/appeals", "a1", &appeal);
    assert!(again.replayed && again.body == taken.body);
    assert_eq!(office.post(&guest.token, "/v1/appeals", "a2", &appeal).problem(), "appeal-limit");
    let found = office.get(&office.support, "/v1/fraud-cases").ok();
    assert_eq!(found["items"][0]["has_appeal"], true);
    let path = format!("/v1/fraud-cases/{}", found["items"][0]["id"].as_str().expect("an id"));
    let case = office.get(&office.support, &path).ok();
    assert_eq!(case["appeals"][0]["text"], appeal["text"]);
    let ruling = json!({"outcome": "overturn", "note": "another person on camera", "trust_days": 0});
    office.post(&office.support, &format!("{path}/decide"), "d1", &ruling).ok();
    assert_eq!(suite.points(guest), ("45.00".into(), "10.00".into(), "0.00".into()));
    let standing = office.get(&guest.token, own).ok();
    assert_eq!(standing["standing"], Value::Null);
    assert_eq!(standing["appeals"][0]["upheld"], true);
    suite.hold(till, guest, Some("1.00"), "100.00").ok();
    // What was held before goes on.
    let mut sale = suite.sale(till, Some(guest), "100.00");
    sale["payments"] = json!([
        {"method": "points", "amount": {"amount": "10.00", "currency": "RUB"}, "hold": kept["id"]},
        {"method": "cash", "amount": {"amount": "90.00", "currency": "RUB"}},
    ]);
    suite.post(till, "/v1/receipts", &sale).ok();
    suite.assert_ledger_holds();
}

#[test]
fn tokens_link_accounts_and_are_stored_nowhere() {
    let office = Office::open("fraud_tokens");
    let suite = &office.suite;
    let till = suite.till(1);
    let token = "tok-4f1c9a77e2b04d31";
    for guest in 0..3 {
        let mut sale = suite.sale(till, Some(suite.guest(guest)), "100.00");
        sale["payment_token"] = json!(token);
        sale["device"] = json!("kiosk-device-1");
        let first = suite.post(till, "/v1/receipts", &sale);
        assert_eq!(first.status, 201, "{}", first.body);
        // Sent again without, it is the same receipt.
        sale.as_object_mut().expect("an object").remove("payment_token");
        assert!(suite.post(till, "/v1/receipts", &sale).replayed);
        sale["payment_token"] = json!("short");
        assert_eq!(suite.post(till, "/v1/receipts", &sale).problem(), "invalid-field");
    }
    assert_eq!(suite.count("select count(distinct member_id) from fraud_links where kind = 'payment'"), 3);
    assert_eq!(suite.count("select count(distinct value) from fraud_links"), 2);
    let swept = office.post(&office.administrator, "/v1/jobs/fraud-check/run", "j1", &json!({})).ok();
    assert_eq!((&swept["rings"], &swept["more"]), (&json!(1), &json!(false)), "{swept}");

    // The same day tried on rules: nothing is done, everything is counted.
    let body = json!({"brand": "north", "from": "2026-11-01T00:00:00Z", "until": "2026-12-01T00:00:00Z"});
    let begun = office.post(&office.administrator, "/v1/fraud-trials", "t1", &body).ok();
    let run = format!("/v1/fraud-trials/{}/run?limit=2", begun["id"].as_str().expect("an id"));
    let mut trial = Value::Null;
    for _ in 0..3 {
        trial = office.post(&office.administrator, &run, "", &json!({})).ok();
    }
    assert_eq!((&trial["done"], &trial["events"]), (&json!(true), &json!(3)), "{trial}");

    suite.database().execute_batch("pragma wal_checkpoint").ok();
    for file in std::fs::read_dir(&suite.dir).expect("a directory") {
        let path = file.expect("an entry").path();
        let bytes = if path.is_file() { std::fs::read(&path).expect("a file") } else { Vec::new() };
        let found = bytes.windows(token.len()).any(|window| window == token.as_bytes());
        assert!(!found, "{} has the token", path.display());
    }
}

#[test]
fn a_held_guest_is_told_what_to_do_wherever_they_meet_it() {
    let page = ("appeal_url".to_owned(), "https://club.example/{brand}/appeal".to_owned());
    let office = Office::open_with("fraud_told", &[page]);
    let (suite, run) = (&office.suite, "/v1/jobs/fraud-check/run");
    office.post(&office.administrator, run, "j1", &json!({})).ok();
    let held = office.get(&office.support, "/v1/fraud-rules/north").ok();
    let mut rules = held["in_force"]["rules"].clone();
    for (action, from) in [("challenge", 500), ("delay_points", 500), ("hold", 500)] {
        rules["thresholds"][action] = json!(from);
    }
    let body = json!({"rules": rules, "mode": "live", "note": "stern"});
    office.post(&office.administrator, "/v1/fraud-rules/north", "r1", &body).ok();
    office.five(0);
    let (till, guest) = (suite.till(1), suite.guest(0));
    let link: String = suite
        .database()
        .query_row("select data from notifications where topic = 'account.held'", [], |row| row.get(0))
        .expect("the guest is told");
    assert_eq!(link, r#"{"appeal_url":"https://club.example/north/appeal"}"#);

    // At the till the cashier hears that there is nothing to be done there.
    let refused = suite.hold(till, guest, Some("1.00"), "100.00");
    assert_eq!((refused.status, refused.problem()), (403, "spending-held"));
    let detail = refused.body["detail"].as_str().expect("words");
    assert!(detail.starts_with("Nothing can be done at the till."), "{detail}");
    assert!(!refused.body.to_string().contains("staff_card"), "no rule is named: {}", refused.body);
    // The app asks how it stands.
    let standing = office.get(&guest.token, "/v1/account-standing").ok();
    assert_eq!((&standing["standing"], &standing["can_appeal"]), (&json!("hold"), &json!(true)));
    assert_eq!(standing["appeal_url"], "https://club.example/north/appeal");
    let advice = standing["advice"].as_str().expect("words");
    assert!(advice.starts_with("No points can be spent until a person has checked the account"), "{advice}");
    assert!(!standing.to_string().contains("staff"), "{standing}");
    let erased = office.post(&guest.token, "/v1/member/erase", "", &json!({"confirm": true}));
    assert_eq!(erased.problem(), "account-under-review");
    assert!(
        erased.body["detail"].as_str().is_some_and(|detail| detail.contains("to the bot")),
        "{}",
        erased.body
    );
    let appeal = json!({"text": "It was me, with my own card."});
    let taken = office.post(&guest.token, "/v1/appeals", "a1", &appeal).ok();
    assert_eq!((&taken["can_appeal"], &taken["appeal_url"]), (&json!(false), &Value::Null));

    // What a ruling does to points stands in the history, in words of its own.
    let found = office.get(&office.support, "/v1/fraud-cases").ok();
    let path = format!("/v1/fraud-cases/{}/decide", found["items"][0]["id"].as_str().expect("an id"));
    let reasons = |code: &str| {
        let history = office.get(&guest.token, "/v1/history").ok();
        let items = history["items"].as_array().cloned().expect("items");
        let of_code = items.into_iter().filter(|item| item["reason"]["code"] == code);
        of_code.map(|item| item["reason"]["text"].clone()).collect::<Vec<_>>()
    };
    let ruling = json!({"outcome": "uphold", "action": "allow", "withhold_points": true, "note": "seen"});
    office.post(&office.support, &path, "d1", &ruling).ok();
    assert_eq!(reasons("withheld"), ["Withheld after a check"]);
    office.post(&office.support, &path, "d2", &json!({"outcome": "overturn", "note": "mistaken"})).ok();
    assert_eq!(reasons("given_back"), ["Given back after a check"]);
    let standing = office.get(&guest.token, "/v1/account-standing").ok();
    assert_eq!((&standing["advice"], &standing["can_appeal"]), (&Value::Null, &json!(false)));
    suite.assert_ledger_holds();
}

/// An answer to a code, from a device.
fn answer(office: &Office, device: &str, challenge: &str) -> Reply {
    let request = ureq::http::Request::builder()
        .method("POST")
        .uri(office.suite.url(&format!("/v1/signup/{challenge}/verify")))
        .header("accept-language", "en")
        .header("content-type", "application/json")
        .header("crema-test-clock", office.suite.clock.expect("a clock"))
        .header("crema-device", device)
        .body(json!({"code": "000000"}).to_string())
        .expect("a request");
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut response = agent.run(request).expect("an answer");
    let (status, text) = (response.status().as_u16(), response.body_mut().read_to_string().expect("a text"));
    Reply { status, body: serde_json::from_str(&text).expect("json"), replayed: false }
}

#[test]
fn codes_tried_out_on_phones_come_before_a_person_who_stops_the_device() {
    let carriers = Carriers::start().expect("free ports");
    let office = Office::open_with("fraud_codes", &carriers.variables());
    office.go_live();
    let mut challenges = Vec::new();
    for index in 0..11 {
        let phone = format!("+7701{index:02}00001");
        let consents = json!([
            {"kind": "terms", "granted": true, "text_version": "1"},
            {"kind": "personal_data", "granted": true, "text_version": "1"},
        ]);
        let body = json!({"brand": "north", "phone": phone, "language": "ru", "consents": consents});
        let sent = office.suite.send("POST", "/v1/signup", None, None, Some(&body)).expect("an answer").ok();
        challenges.push(sent["challenge"].as_str().expect("an id").to_owned());
    }
    for challenge in &challenges[..10] {
        assert_eq!(answer(&office, "device-of-an-attacker", challenge).problem(), "one-time-code-wrong");
    }
    let found = office.get(&office.support, "/v1/fraud-cases").ok();
    let case = &found["items"][0];
    assert_eq!((&case["member"], &case["subject"]["kind"]), (&Value::Null, &json!("device")), "{found}");
    let path = format!("/v1/fraud-cases/{}", case["id"].as_str().expect("an id"));
    let view = office.get(&office.support, &path).ok();
    let reason = &view["decisions"][0]["reasons"][0];
    assert_eq!(reason["text"], "wrong sign-in codes from the device within an hour: 10 (limit 10)");
    let decide = format!("{path}/decide");
    let ruling = |action: &str| json!({"outcome": "uphold", "action": action, "note": "not a shop of ours"});
    assert_eq!(office.post(&office.barista, &decide, "d1", &ruling("hold")).problem(), "forbidden");
    assert_eq!(office.post(&office.support, &decide, "d2", &ruling("challenge")).problem(), "invalid-field");
    let done = office.post(&office.support, &decide, "d3", &ruling("hold")).ok();
    assert_eq!(done["case"]["until"], "2026-12-21T09:30:00Z", "{done}");
    let left = "select tries_left from challenges order by id desc limit 1";
    let before = office.suite.count(left);
    let stopped = answer(&office, "device-of-an-attacker", &challenges[10]);
    assert_eq!((stopped.status, stopped.problem()), (429, "rate-limited"));
    assert_eq!(office.suite.count(left), before, "the phone's owner keeps every try");
    assert_eq!(answer(&office, "device-of-the-owner", &challenges[10]).problem(), "one-time-code-wrong");
}

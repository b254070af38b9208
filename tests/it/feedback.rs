//! From a receipt to points for what went wrong: question, answer, ticket, compensation, game.

use kernel::OutletId;
use rig::small::Guest;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::suite::{Reply, Suite};

mod teams;
mod told;

/// Tests of the rules have them too.
const RULES: &str = include_str!("../../shared/feedback/tests/example.json");

/// A suite with people of the back office.
struct Office {
    suite: Suite,
    administrator: String,
    /// Of the outlet of till 1.
    manager: String,
    /// Of the outlet of till 0.
    other: String,
}

impl Office {
    fn open(name: &str) -> Self {
        let mut suite = Suite::prepare(name, 3);
        let outlet = |index: usize| -> Vec<OutletId> { vec![suite.chain.tills[index].outlet] };
        let sign_in = |seed, role, outlets: &[OutletId]| {
            rig::staff::sign_in(&suite.dir, seed, role, outlets).expect("somebody signed in").1
        };
        let administrator = sign_in(51, "administrator", &[]);
        let manager = sign_in(52, "outlet_manager", &outlet(1));
        let other = sign_in(53, "outlet_manager", &outlet(0));
        suite.clock = Some("2026-11-21T08:00:00Z");
        suite.boot();
        let office = Self { suite, administrator, manager, other };
        let rules: Value = serde_json::from_str(RULES).expect("rules");
        let body = json!({"rules": rules, "note": "first"});
        let path = "/v1/feedback-rules/north/versions";
        assert_eq!(office.post(&office.manager, path, None, &body).problem(), "forbidden");
        office.post(&office.administrator, path, None, &body).ok();
        office
    }

    fn get(&self, token: Option<&str>, path: &str) -> Reply {
        self.suite.send("GET", path, token, None, None).expect("an answer")
    }

    fn post(&self, token: &str, path: &str, key: Option<&str>, body: &Value) -> Reply {
        self.suite.send("POST", path, Some(token), key, Some(body)).expect("an answer")
    }

    /// The same without anybody signed in.
    fn post_openly(&self, path: &str, key: Option<&str>, body: Option<&Value>) -> Reply {
        self.suite.send("POST", path, None, key, body).expect("an answer")
    }

    fn agree(&self, guest: usize) {
        let yes = |kind: &str| json!({"kind": kind, "granted": true, "text_version": "1"});
        let body = json!({"consents": [yes("personal_data"), yes("marketing_push")]});
        self.post(&self.suite.guest(guest).token, "/v1/member/consents", None, &body).ok();
    }

    /// Runs the job; a timer's run may be at it for a moment.
    fn run(&self) -> Value {
        for _ in 0..100 {
            let reply = self
                .suite
                .send("POST", "/v1/jobs/feedback-request/run", Some(&self.administrator), None, None)
                .expect("an answer");
            if reply.status != 409 {
                return reply.ok();
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("the job is always running")
    }

    fn database(&self) -> Connection {
        self.suite.database()
    }

    /// The path of the newest question, as the message leads to it.
    /// The path of a guest's newest question. What is stored to be told opens nothing.
    fn question(&self, guest: usize) -> String {
        let sql = "select data from notifications where topic = 'feedback.request' order by id desc limit 1";
        let data: String = self.database().query_row(sql, [], |row| row.get(0)).expect("an intent");
        let listed = self.get(Some(&self.suite.guest(guest).token), "/v1/feedback").ok();
        let token = listed["items"][0]["token"].as_str().expect("a token");
        assert!(!data.contains("url") && !data.contains(token), "{data}");
        format!("/v1/feedback/{token}")
    }

    fn tickets(&self, token: &str) -> Vec<Value> {
        self.get(Some(token), "/v1/tickets").ok()["items"].as_array().expect("a list").clone()
    }
}

#[test]
fn a_low_answer_becomes_action() {
    let mut office = Office::open("a_low_answer");
    office.suite.clock = Some("2026-11-21T09:30:00Z");
    let office = office;
    let suite = &office.suite;
    let (till, guest) = (suite.till(1), suite.guest(0));

    // Nobody is asked who has not agreed to it.
    suite.sell(till, Some(suite.guest(1)), "100.00");
    office.agree(0);
    suite.sell(till, Some(guest), "100.00");
    let run = office.run();
    assert_eq!((run["asked"].as_i64(), run["skipped"].as_i64()), (Some(1), Some(1)), "{run}");
    assert_eq!(office.run()["asked"], 0, "once");
    let path = office.question(0);

    // Forbidden: another token, a guest whom it does not concern, a till.
    assert_eq!(office.get(None, &path.replace("feedback/", "feedback/0")).problem(), "not-found");
    assert_eq!(office.get(Some(&suite.guest(1).token), &path).problem(), "not-found");
    assert_eq!(office.get(Some(&till.key), &path).problem(), "forbidden");
    assert_eq!(office.get(Some(&guest.token), "/v1/tickets").problem(), "forbidden");
    assert_eq!(office.get(Some(&till.key), "/v1/feedback-reports/ratings").problem(), "forbidden");

    let question = office.get(None, &path).ok();
    assert_eq!(
        (question["stars"].as_str(), question["outlet"].as_str()),
        (Some("How was it?"), Some("msk-1"))
    );
    assert_eq!(question["game"]["tickets"], 100);
    let listed = office.get(Some(&guest.token), "/v1/feedback").ok();
    assert_eq!(listed["items"][0]["token"], question["token"], "the app lists it by session");

    let play = format!("{path}/play");
    assert_eq!(office.post_openly(&play, None, None).problem(), "feedback-not-answered");
    let bad = json!({"stars": 2, "tags": ["tasty"], "nps": 11});
    let refused = office.post_openly(&path, None, Some(&bad));
    assert_eq!(refused.problem(), "invalid-field");
    assert_eq!(refused.body["errors"].as_array().map(Vec::len), Some(2), "{}", refused.body);
    assert!(office.tickets(&office.manager).is_empty());

    let answer = json!({"stars": 2, "tags": ["slow"], "nps": 3, "text": "Ждал двадцать минут"});
    let answered = office.post_openly(&path, Some("answer-1"), Some(&answer));
    let again = office.post_openly(&path, Some("answer-1"), Some(&answer));
    assert!(again.replayed && answered.body == again.body, "a retry under its key is answered the same");
    let ticket = answered.ok()["ticket"].as_str().expect("a ticket").to_owned();
    assert_eq!(
        office.post_openly(&path, None, Some(&answer)).problem(),
        "feedback-answered",
        "a link works once"
    );

    // The ticket is in the manager's list, and in no other outlet's.
    let seen = office.tickets(&office.manager);
    assert_eq!((seen.len(), seen[0]["id"].as_str()), (1, Some(ticket.as_str())));
    assert!(office.tickets(&office.other).is_empty());
    let one = format!("/v1/tickets/{ticket}");
    assert_eq!(office.get(Some(&office.other), &one).problem(), "not-found");
    let read = office.get(Some(&office.manager), &one).ok();
    assert_eq!(read["text"], "Ждал двадцать минут");
    assert_eq!(
        (read["ticket"]["visited_on"].as_str(), read["ticket"]["part_of_day"].as_str()),
        (Some("2026-11-21"), Some("day"))
    );
    assert_nobody_shown(&office, &read);

    compensate(&office, &one);
    plays_once(&office, &play);
    the_guest_reads_and_writes(&office, &ticket);
    suite.assert_ledger_holds();
}

/// No reply to staff leads to a guest.
fn assert_nobody_shown(office: &Office, read: &Value) {
    let text = read.to_string();
    for prefix in ["mbr_", "rcp_", "\"member", "\"receipt", "\"request"] {
        assert!(!text.contains(prefix), "{prefix} in {text}");
    }
    let guest = office.suite.guest(0);
    assert!(!text.contains(&guest.card) && !text.contains(&guest.phone));
    assert_eq!(read["ticket"]["opened_at"], "2026-11-21T12:00:00+03:00", "the hour");
}

fn compensate(office: &Office, one: &str) {
    let path = format!("{one}/compensate");
    let body = |points: &str| json!({"points": points, "reason": "Простите за ожидание"});
    let missing = office.post(&office.manager, &path, None, &body("10.00"));
    assert_eq!(missing.problem(), "idempotency-key-required");
    assert_eq!(office.post(&office.other, &path, Some("c-0"), &body("10.00")).problem(), "not-found");
    let over = office.post(&office.manager, &path, Some("c-1"), &body("200.01"));
    assert_eq!(
        (over.status, over.problem(), over.body["limit"].as_str()),
        (403, "compensation-limit", Some("ticket"))
    );
    assert_eq!(office.suite.points(office.suite.guest(0)).0, "5.00", "nothing of it remains");
    office.post(&office.manager, &path, Some("c-2"), &body("150.00")).ok();
    assert!(office.post(&office.manager, &path, Some("c-2"), &body("150.00")).replayed);
    assert_eq!(office.suite.points(office.suite.guest(0)).0, "155.00");
    let over = office.post(&office.manager, &path, Some("c-3"), &body("50.01"));
    assert_eq!(over.body["left"], "50.00");
}

fn plays_once(office: &Office, play: &str) {
    let won = office.post_openly(play, None, None).ok();
    assert_eq!(office.post_openly(play, None, None).problem(), "game-played");
    let expected = match won["prize"].as_str() {
        Some("blank") => "155.00",
        Some("small") => "165.00",
        Some("big") => "205.00",
        other => panic!("{other:?}"),
    };
    assert_eq!(office.suite.points(office.suite.guest(0)).0, expected, "{won}");
}

fn the_guest_reads_and_writes(office: &Office, ticket: &str) {
    let suite = &office.suite;
    let (one, own) = (format!("/v1/tickets/{ticket}"), format!("/v1/member/tickets/{ticket}"));
    office.post(&office.manager, &format!("{one}/comment"), None, &json!({"text": "между нами"})).ok();
    office.post(&office.manager, &format!("{one}/answer"), None, &json!({"text": "Добавили баристу"})).ok();
    let stranger = office.get(Some(&suite.guest(1).token), &own);
    assert_eq!(stranger.problem(), "not-found");
    let read = office.get(Some(&suite.guest(0).token), &own).ok().to_string();
    assert!(
        read.contains("Добавили баристу") && !read.contains("между нами") && !read.contains("stf_"),
        "{read}"
    );
    let close = json!({"outcome": "fixed", "changed_process": true, "lesson": "Второй бариста в обед"});
    office.post(&office.manager, &format!("{one}/close"), None, &close).ok();
    let closed = office.post(&office.manager, &format!("{one}/answer"), None, &json!({"text": "и ещё"}));
    assert_eq!((closed.status, closed.problem()), (409, "ticket-state"));
    let path = format!("{own}/messages");
    let reopened = office.post(&suite.guest(0).token, &path, None, &json!({"text": "Снова ждал"})).ok();
    assert_eq!(reopened["state"], "open");
    let sums = office
        .get(Some(&office.manager), "/v1/feedback-reports/tickets?from=2026-11-01&until=2026-12-01")
        .ok();
    assert_eq!(
        (sums["items"][0]["tickets"].as_i64(), sums["items"][0]["reopened"].as_i64()),
        (Some(1), Some(1))
    );
    let other =
        office.get(Some(&office.other), "/v1/feedback-reports/tickets?from=2026-11-01&until=2026-12-01").ok();
    assert_eq!(other["items"], json!([]));
    let path = "/v1/feedback-reports/ratings?by=outlet&from=2026-11-01&until=2026-12-01";
    let ratings = office.get(Some(&office.administrator), path).ok();
    assert_eq!(
        (ratings["items"][0]["answers"].as_i64(), &ratings["items"][0]["rating"]),
        (Some(1), &Value::Null)
    );
}

#[test]
fn returned_receipts_are_neither_asked_about_nor_played() {
    let mut office = Office::open("feedback_returned");
    office.suite.clock = Some("2026-11-21T09:30:00Z");
    let office = office;
    let suite = &office.suite;
    let (till, guest) = (suite.till(1), suite.guest(0));
    office.agree(0);
    let sell_and_return = |guest: &Guest, give_back: bool| {
        let sale = suite.sale(till, Some(guest), "100.00");
        suite.post(till, "/v1/receipts", &sale).ok();
        let back = json!({
            "outlet": till.code, "business_date": "2026-11-21", "number": suite.number(),
            "returned_at": "2026-11-21T09:20:00Z",
            "receipt": {"outlet": till.code, "business_date": "2026-11-21", "number": sale["number"]},
        });
        if give_back {
            suite.post(till, "/v1/returns", &back).ok();
        }
        back
    };
    sell_and_return(guest, true);
    let run = office.run();
    assert_eq!((run["asked"].as_i64(), run["skipped"].as_i64()), (Some(0), Some(1)), "{run}");
    let back = sell_and_return(guest, false);
    assert_eq!(office.run()["asked"], 1);
    let path = office.question(0);
    office.post_openly(&path, None, Some(&json!({"stars": 5}))).ok();
    suite.post(till, "/v1/returns", &back).ok();
    let refused = office.post_openly(&format!("{path}/play"), None, None);
    assert_eq!((refused.problem(), refused.body["reason"].as_str()), ("game-closed", Some("returned")));
    assert_eq!(suite.count("select count(*) from feedback_plays"), 0);

    // What was won goes back with the receipt.
    let lucky = suite.guest(2);
    office.agree(2);
    let before = suite.points(lucky);
    let back = sell_and_return(lucky, false);
    assert_eq!(office.run()["asked"], 1);
    let path = office.question(2);
    office.post_openly(&path, None, Some(&json!({"stars": 5}))).ok();
    let won = office.post_openly(&format!("{path}/play"), None, None).ok();
    suite.post(till, "/v1/returns", &back).ok();
    assert_eq!(suite.points(lucky), before, "{won}");
    let prizes = suite.count("select count(*) from feedback_plays where points > 0");
    let taken = "select count(*) from entries where event like 'game:%' and kind = 'clawback'";
    assert_eq!(suite.count(taken), prizes, "L4");
    suite.assert_ledger_holds();
}

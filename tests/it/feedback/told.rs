//! Staff are told of tickets as they come, and give nothing to themselves.

use std::io::{BufRead as _, BufReader};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Office;

/// How long a page waits at most to be told.
const TOLD_WITHIN: Duration = Duration::from_millis(2_500);
const PATIENCE: Duration = Duration::from_secs(20);

impl Office {
    fn feed(&self, token: &str, accept: &str, place: Option<&str>) -> ureq::http::Response<ureq::Body> {
        let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).build().into();
        let mut asked = agent
            .get(self.suite.url("/v1/ticket-feed"))
            .header("accept", accept)
            .header("crema-test-clock", self.suite.clock.expect("a set clock"))
            .header("authorization", format!("Bearer {token}"));
        if let Some(place) = place {
            asked = asked.header("last-event-id", place);
        }
        asked.call().expect("an answer")
    }

    /// What is new for somebody who asks once.
    fn news(&self, token: &str, place: Option<&str>) -> Value {
        let mut answer = self.feed(token, "application/json", place);
        serde_json::from_str(&answer.body_mut().read_to_string().expect("text")).expect("JSON")
    }
}

/// Sends on the name and the data of the first `count` events.
fn hear(office: &Office, count: usize, told: &mpsc::Sender<(String, Value)>) {
    let answer = office.feed(&office.manager, "text/event-stream", None);
    let (mut name, mut heard) = (String::new(), 0);
    for line in BufReader::new(answer.into_body().into_reader()).lines() {
        let line = line.expect("a feed that goes on");
        if let Some(event) = line.strip_prefix("event: ") {
            event.clone_into(&mut name);
        } else if let Some(data) = line.strip_prefix("data: ") {
            let data = serde_json::from_str(data).expect("JSON");
            told.send((name.clone(), data)).expect("somebody listens");
            heard += 1;
            if heard == count {
                return;
            }
        }
    }
}

#[test]
fn a_manager_is_told_and_gives_nothing_to_themselves() {
    let mut office = Office::open("a_manager_is_told");
    office.suite.clock = Some("2026-11-21T09:30:00Z");
    let office = office;
    let suite = &office.suite;
    let guest = suite.guest(0);
    office.agree(0);
    suite.sell(suite.till(1), Some(guest), "100.00");
    office.run();
    let path = office.question(0);
    for token in [&guest.token, &suite.till(1).key] {
        assert_eq!(office.get(Some(token), "/v1/ticket-feed").problem(), "forbidden");
    }
    assert_eq!(office.get(None, "/v1/ticket-feed").problem(), "unauthenticated");
    let quiet = office.news(&office.other, None);
    assert_eq!((&quiet["begins"], &quiet["items"]), (&json!(true), &json!([])));
    let place = quiet["last_event_id"].as_str().expect("a place").to_owned();

    let (told, news) = mpsc::channel();
    let ticket = std::thread::scope(|scope| {
        let listener = scope.spawn(|| hear(&office, 3, &told));
        assert_eq!(news.recv_timeout(PATIENCE).expect("a beginning").0, "begin");
        let answer = json!({"stars": 1, "text": "Холодный"});
        let written = Instant::now();
        let ticket = office.post_openly(&path, None, Some(&answer)).ok()["ticket"].clone();
        let (name, row) = news.recv_timeout(PATIENCE).expect("what is new");
        assert!(written.elapsed() < TOLD_WITHIN, "told after {:?}", written.elapsed());
        assert_eq!((name.as_str(), &row["id"], &row["state"]), ("ticket", &ticket, &json!("open")));
        assert!(!row.to_string().contains("mbr_") && !row.to_string().contains("Холодный"), "{row}");
        let ticket = ticket.as_str().expect("an id").to_owned();
        let one = format!("/v1/tickets/{ticket}");
        office.post(&office.manager, &format!("{one}/assign"), None, &json!({})).ok();
        let (_, row) = news.recv_timeout(PATIENCE).expect("what is new");
        assert_eq!(row["state"], "assigned");
        listener.join().expect("no panic");
        ticket
    });
    assert_eq!(office.news(&office.other, Some(&place))["items"], json!([]), "another outlet's");
    let mine = office.news(&office.administrator, Some(&place));
    assert_eq!((&mine["begins"], &mine["items"][0]["ticket"]["id"]), (&json!(false), &json!(ticket)));

    // The guest says who they are: it is no ticket of the manager's any more.
    let one = format!("/v1/tickets/{ticket}");
    let compensate = json!({"points": "10.00", "reason": "Самому себе"});
    let card =
        suite.send("POST", "/v1/staff-card", Some(&office.manager), None, None).expect("an answer").ok();
    office.post(&guest.token, "/v1/staff-card/link", None, &json!({"code": card["code"]})).ok();
    assert_eq!(office.get(Some(&office.manager), &one).problem(), "not-found");
    let refused = office.post(&office.manager, &format!("{one}/compensate"), Some("own-1"), &compensate);
    assert_eq!(refused.problem(), "not-found");
    assert!(office.tickets(&office.manager).is_empty());

    // Without a purchase it is support's to give anything.
    let words = json!({"outlet": suite.till(1).code, "text": "Было грязно"});
    let unasked = office.post(&suite.guest(1).token, "/v1/member/tickets", None, &words).ok();
    let path = format!("/v1/tickets/{}/compensate", unasked["id"].as_str().expect("an id"));
    let refused = office.post(&office.manager, &path, Some("own-2"), &compensate);
    assert_eq!((refused.status, refused.problem()), (403, "compensation-for-support"));
    assert_eq!(suite.count("select count(*) from entries where event like 'ticket:%'"), 0);
}

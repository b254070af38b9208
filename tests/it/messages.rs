//! A guest is told something: whatever goes wrong, once.
//!
//! Timers take part, so the clock is the real one; nothing that is told here waits for the morning.

use std::time::{Duration, Instant};

use partners::carriers::Carriers;
use partners::fault::Effect;
use serde_json::{Value, json};

use crate::suite::{Reply, Suite};

/// Outboxes run every two seconds; builders' machines are slow.
const PATIENCE: Duration = Duration::from_secs(30);
const STEP: Duration = Duration::from_millis(200);
const MONITORING: &str = "monitoring-token-of-the-test";

struct Post {
    suite: Suite,
    carriers: Carriers,
}

impl Post {
    fn open(name: &str) -> Self {
        let mut suite = Suite::prepare(name, 2);
        let carriers = Carriers::start().expect("free ports");
        for (variable, value) in carriers.variables() {
            suite.variable(&variable, &value);
        }
        suite.variable("monitoring_token", MONITORING);
        suite.boot();
        Self { suite, carriers }
    }

    fn guest(&self, method: &str, path: &str, body: Option<&Value>) -> Reply {
        self.suite.send(method, path, Some(&self.suite.guest(0).token), None, body).expect("an answer")
    }

    /// Has something to tell the first guest, at any hour.
    fn hold_account(&self, cause: &str) -> i64 {
        self.intend("account.held", cause, 3_600_000)
    }

    /// Has something to tell the first guest that is of use for so long.
    fn intend(&self, topic: &str, cause: &str, lives_ms: i64) -> i64 {
        let path = rig::state::database_path(&self.suite.dir);
        let writer = rusqlite::Connection::open(path).expect("the database");
        writer.busy_timeout(Duration::from_secs(10)).expect("a timeout");
        let member = self.suite.guest(0).member.raw();
        let seed =
            cause.bytes().fold(7, |seed: u64, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
        let id = kernel::IdSource::new(seed).next(now());
        writer
            .execute(
                "insert into notifications (id, member_id, topic, dedupe, data, created_at, expires_at) \
                 values (?1, ?2, ?3, ?4, '{}', ?5, ?6)",
                rusqlite::params![id, member, topic, cause, now().millis(), now().millis() + lives_ms],
            )
            .expect("an intent");
        id
    }

    /// Has the first guest's account held.
    fn stop(&self) {
        let path = rig::state::database_path(&self.suite.dir);
        let writer = rusqlite::Connection::open(path).expect("the database");
        writer.busy_timeout(Duration::from_secs(10)).expect("a timeout");
        let member = self.suite.guest(0).member.raw();
        for statement in [
            "insert into fraud_cases (id, brand, member_id, status, score, action, opened_at, changed_at) \
             select 1, brand, id, 'open', 90, 'hold', 0, 0 from members where id = ?1",
            "insert into fraud_standings (member_id, standing, case_id, since) values (?1, 'hold', 1, 0)",
        ] {
            writer.execute(statement, [member]).expect("a standing");
        }
    }

    fn status(&self, id: i64) -> String {
        let sql =
            format!("select coalesce((select status from deliveries where notification_id = {id}), 'new')");
        self.suite.database().query_row(&sql, [], |row| row.get(0)).expect("a status")
    }

    fn settled(&self, id: i64) -> String {
        let began = Instant::now();
        while ["new", "queued"].contains(&self.status(id).as_str()) && began.elapsed() < PATIENCE {
            std::thread::sleep(STEP);
        }
        self.status(id)
    }
}

fn now() -> kernel::Timestamp {
    let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    kernel::Timestamp::from_millis(i64::try_from(elapsed.as_millis()).expect("before the end of time"))
}

#[test]
fn a_device_is_told_once_and_a_dead_one_is_left_for_the_phone() {
    let post = Post::open("messages");
    let device = json!({ "provider": "fcm", "token": "device-of-the-guest" });
    let stranger = post.suite.send("POST", "/v1/devices", None, None, Some(&device)).expect("an answer");
    assert_eq!((stranger.status, stranger.problem()), (401, "unauthenticated"));
    let desk = post.guest("GET", "/v1/message-desk", None);
    assert_eq!(desk.status, 403, "guests have no desk");

    let registered = post.guest("POST", "/v1/devices", Some(&device)).ok();
    assert_eq!(post.guest("POST", "/v1/devices", Some(&device)).ok()["id"], registered["id"]);
    let id = registered["id"].as_str().expect("an id");
    let other = &post.suite.guest(1).token;
    let path = format!("/v1/contacts/{id}");
    let foreign = post.suite.send("DELETE", &path, Some(other), None, None).expect("an answer");
    assert_eq!(foreign.status, 404, "somebody else's");

    let first = post.hold_account("first");
    assert_eq!(post.settled(first), "sent");
    assert_eq!(post.carriers.fcm.screen("device-of-the-guest").len(), 1);

    // The answer is lost: told again under the same tag, it is on the screen once.
    post.carriers.fcm_desk().faults.next("messages:send", 1, Effect::LoseAnswer);
    let second = post.hold_account("second");
    assert_eq!(post.settled(second), "sent");
    assert_eq!(post.carriers.fcm.screen("device-of-the-guest").len(), 2);
    assert_eq!(post.carriers.fcm.taken(), 3, "two for one");
    assert_eq!(post.carriers.fcm.grants(), 1, "one token for all of them");

    post.carriers.fcm.uninstall("device-of-the-guest");
    let third = post.hold_account("third");
    assert_eq!(post.settled(third), "sent");
    assert_eq!(post.carriers.sms.inbox(&post.suite.guest(0).phone).len(), 1);
    assert_eq!(post.guest("GET", "/v1/contacts", None).ok()["items"], json!([]));
    assert_eq!(post.carriers.violations(), Vec::<String>::new());
}

#[test]
fn a_mailbox_is_proven_and_settings_are_kept() {
    let post = Post::open("messages_mailbox");
    let body = json!({ "email": "guest@example.com" });
    let offered = post.guest("POST", "/v1/contacts/email", Some(&body));
    assert_eq!((offered.status, offered.body["status"].as_str()), (202, Some("unconfirmed")));
    let began = Instant::now();
    while post.carriers.email.inbox("guest@example.com").is_empty() && began.elapsed() < PATIENCE {
        std::thread::sleep(STEP);
    }
    let mail = post.carriers.email.inbox("guest@example.com").remove(0);
    let code: String = mail.text.lines().last().unwrap_or_default().to_owned();
    let path = format!("/v1/contacts/{}/confirm", offered.body["id"].as_str().expect("an id"));
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let refused = post.guest("POST", &path, Some(&json!({ "code": wrong })));
    assert_eq!((refused.problem(), refused.body["tries_left"].as_i64()), ("one-time-code-wrong", Some(4)));
    assert_eq!(post.guest("POST", &path, Some(&json!({ "code": code }))).ok()["status"], "active");

    let wanted = json!({ "preferred": "email", "off": ["sms"], "quiet": { "from": "23:00", "until": "08:30" }, "zone": "Asia/Almaty" });
    assert_eq!(post.guest("PUT", "/v1/message-settings", Some(&wanted)).ok(), wanted);
    assert_eq!(post.guest("GET", "/v1/message-settings", None).ok(), wanted);
    let nonsense = json!({ "preferred": "sms", "off": ["sms", "pigeon"], "zone": "Mars" });
    let refused = post.guest("PUT", "/v1/message-settings", Some(&nonsense));
    assert_eq!(
        (refused.status, refused.body["errors"].as_array().map(Vec::len)),
        (422, Some(3)),
        "{}",
        refused.body
    );

    let told = post.hold_account("held");
    assert_eq!(post.settled(told), "sent");
    assert_eq!(post.carriers.email.inbox("guest@example.com").len(), 2, "what the guest put first");

    let metrics = |token: Option<&str>| {
        post.suite.send("GET", "/v1/jobs/metrics", token, None, None).expect("an answer")
    };
    assert_eq!(metrics(None).status, 401);
    assert_eq!(metrics(Some("another")).status, 401);
    let text = metrics(Some(MONITORING)).body;
    let text = text.as_str().expect("text");
    for line in
        ["crema_job_backlog{job=\"message-outbox\"} 0", "crema_job_last_failed{job=\"message-outbox\"} 0"]
    {
        assert!(text.lines().any(|each| each == line), "{line}\n{text}");
    }
    assert!(text.contains("crema_job_last_duration_seconds{job=\"message-outbox\"}"), "{text}");
    assert_eq!(post.carriers.violations(), Vec::<String>::new());
}

/// What was of no more use before a run came: a person sees it, why each channel did not carry it, and what can be done.
#[test]
fn what_expired_is_seen_at_the_desk_and_told_again_where_it_is_news_still() {
    let post = Post::open("messages_expired");
    let (_, support) = rig::staff::sign_in(&post.suite.dir, 71, "support", &[]).expect("signed in");
    let desk = |path: &str| post.suite.send("GET", path, Some(&support), None, None).expect("an answer");
    post.guest("POST", "/v1/devices", Some(&json!({ "provider": "fcm", "token": "device-of-the-guest" })))
        .ok();
    let held = post.intend("account.held", "late", -1);
    let mut made = vec![post.intend("tier.ending", "tier", -1)];
    for number in 0..52 {
        made.push(post.intend("account.held", &format!("late-{number}"), -1));
    }
    for id in made.iter().chain([&held]) {
        assert_eq!(post.settled(*id), "expired");
    }
    let all = "/v1/message-desk?status=expired&topic=account.held";
    let first = desk(all).ok();
    assert_eq!(first["items"].as_array().map(Vec::len), Some(50));
    let cursor = first["next_cursor"].as_str().expect("another page");
    let rest = desk(&format!("{all}&cursor={cursor}")).ok();
    assert_eq!((rest["items"].as_array().map(Vec::len), &rest["next_cursor"]), (Some(3), &Value::Null));
    let reasons = rest["items"][0]["reasons"].as_array().expect("reasons");
    let of = |channel: &str| {
        let found = reasons.iter().find(|each| each["channel"] == channel);
        found.and_then(|each| each["reason"].as_str()).map(str::to_owned)
    };
    assert_eq!(
        (of("push_fcm").as_deref(), of("email").as_deref(), of("sms").as_deref(), reasons.len()),
        (Some("late"), Some("no_address"), Some("other_first"), 5)
    );
    assert_eq!(desk("/v1/message-desk?status=expired&channel=sms").ok()["items"], json!([]));
    assert_eq!(desk("/v1/message-desk?status=expired&until=2020-01-01T00:00:00Z").ok()["items"], json!([]));
    for wrong in
        ["status=sent", "topic=weather", "channel=pigeon", "from=yesterday", "cursor=ntf_0000000000000"]
    {
        assert_eq!(desk(&format!("/v1/message-desk?{wrong}")).problem(), "invalid-field", "{wrong}");
    }
    let again = |id: i64| {
        let path = format!("/v1/message-desk/{}/requeue", kernel::NotificationId::from_raw(id));
        post.suite.send("POST", &path, Some(&support), None, None).expect("an answer")
    };
    for id in [made[0], held] {
        let refused = again(id);
        assert_eq!((refused.problem(), &refused.body["reason"]), ("message-outdated", &json!("over")));
    }
    // It is news only while the account is held.
    post.stop();
    assert_eq!(again(held).ok()["message"]["status"], "queued");
    assert_eq!(post.settled(held), "sent");
    assert_eq!(post.carriers.fcm.screen("device-of-the-guest").len(), 1);
    assert_eq!(again(held).problem(), "message-not-failed");
}

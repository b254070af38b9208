use club::lifecycle::HOUSEKEEPING;
use kernel::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};
use shop::order::run::{self as outbox, Done};
use shop::schedule::Timer;
use shop::{order, schedule, together};

use crate::world::World;

/// Components with a timer and when it ticks, by the application's own description.
fn timers() -> Vec<(String, String)> {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../../spin.toml");
    let text = std::fs::read_to_string(manifest).expect("spin.toml");
    let tables = text.split("[[trigger.cron]]").skip(1);
    let value = |table: &str, key: &str| {
        let line = table.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "));
        line.expect("a value").trim_matches('"').to_owned()
    };
    tables.map(|table| (value(table, "component"), value(table, "cron_expression"))).collect()
}

/// A timer as `spin.toml` writes it.
fn expression(timer: Timer) -> String {
    let (second, after) = (timer.after_ms / SECOND_MS % 60, timer.after_ms);
    match timer.every_ms {
        every if every < MINUTE_MS => match after / SECOND_MS {
            0 => format!("*/{} * * * * *", every / SECOND_MS),
            first => format!("{first}/{} * * * * *", every / SECOND_MS),
        },
        MINUTE_MS => format!("{second} * * * * *"),
        DAY_MS => format!("{second} {} {} * * *", after / MINUTE_MS % 60, after / HOUR_MS),
        every => format!("{second} */{} * * * *", every / MINUTE_MS),
    }
}

#[test]
fn every_timer_is_in_the_list_of_jobs_and_says_when_it_ticks() {
    let timers = timers();
    assert!(timers.len() > 10, "{timers:?}");
    for (component, cron) in &timers {
        let mut of = schedule::JOBS.iter().filter(|runs| runs.component == component).peekable();
        assert!(of.peek().is_some(), "nobody would see {component}");
        assert!(of.all(|runs| expression(runs.timer) == *cron), "{component} ticks at {cron}");
    }
    for runs in schedule::JOBS {
        assert!(timers.iter().any(|(component, _)| runs.component == component), "nothing runs {}", runs.job);
    }
    let world = World::new();
    world.programme(&serde_json::json!({}));
    let listed = schedule::list(&world.sql, world.now).expect("storage");
    assert_eq!(listed.len(), schedule::JOBS.len());
    for job in listed {
        assert_eq!(job.backlog.is_none(), schedule::WITHOUT_BACKLOG.contains(&job.name), "{}", job.name);
        assert!(job.next_run_at > world.now, "{}", job.name);
        assert!(job.next_run_at <= world.now.plus_millis(job.timer.every_ms), "{} never ran", job.name);
    }
}

#[test]
fn the_next_tick_is_the_first_that_is_not_before() {
    let timer = Timer { every_ms: 10 * MINUTE_MS, after_ms: 50 * SECOND_MS };
    let at = |text: &str| kernel::Timestamp::parse(text).expect("a time");
    for (from, expected) in [
        ("2026-11-26T10:00:50Z", "2026-11-26T10:00:50Z"),
        ("2026-11-26T10:00:50.001Z", "2026-11-26T10:10:50Z"),
        ("2026-11-26T10:00:00Z", "2026-11-26T10:00:50Z"),
        ("2026-11-25T23:59:59Z", "2026-11-26T00:00:50Z"),
    ] {
        assert_eq!(timer.next(at(from)), at(expected), "{from}");
    }
}

/// From which ids count.
const ID_EPOCH_MS: i64 = 1_577_836_800_000;
/// Leftovers of every kind: a row at a time, and for how many days housekeeping keeps it.
const LEFTOVERS: [(&str, i64); 7] = [
    ("insert into counters (name, subject, since, hits) values ('c', cast(?2 as blob), ?1, 1)", 2),
    (
        "insert into spent_codes (brand, card_number, step, used_at, outlet_id) values ('bean', 'c', ?2, ?1, 1)",
        1,
    ),
    (
        "insert into challenges (id, brand, phone_index, code_hash, tries_left, sends, language, created_at, expires_at)
         values (?2, 'bean', x'00', x'00', 1, 1, 'ru', 0, ?1)",
        7,
    ),
    (
        "insert into idempotency (scope, key, operation, request_hash, status, reply, created_at)
         values ('s', ?2, 'o', x'00', 200, '', ?1)",
        7,
    ),
    (
        "insert into sessions (id, subject, subject_id, refresh_hash, access_key, created_at, refreshed_at, expires_at)
         values (?2, 'member', 1, cast(?2 as blob), 'k', 0, 0, ?1)",
        30,
    ),
    (
        "insert into notifications (id, member_id, topic, dedupe, data, created_at, expires_at, planned_at)
         values (?2, 1, 'account.held', ?2, '{}', ?1, ?1, ?1)",
        92,
    ),
    // Messages are known by the time in their ids.
    (
        "insert into messages (id, channel, kind, status, attempts, created_at, next_attempt_at, expires_at)
         values ((?1 - EPOCH) * 2097152 + 2097151, 'sms', 'otp', 'failed', 1, ?2, 0, 0)",
        30,
    ),
];

/// What housekeeping is said to have before it is what it deletes, to the millisecond.
#[test]
fn leftovers_are_counted_as_housekeeping_finds_them() {
    let mut world = World::new();
    let waiting = |world: &World| {
        let listed = schedule::list(&world.sql, world.now).expect("storage");
        listed.into_iter().find(|job| job.name == HOUSEKEEPING).and_then(|job| job.backlog)
    };
    world.programme(&serde_json::json!({}));
    assert_eq!(waiting(&world), Some(0));
    for (statement, days) in LEFTOVERS {
        let edge = world.now.millis() - days * DAY_MS;
        for (number, at) in [(1, edge - 1), (2, edge)] {
            let statement = statement.replace("EPOCH", &ID_EPOCH_MS.to_string());
            world.sql.connection().execute(&statement, rusqlite::params![at, number]).expect(&statement);
        }
    }
    assert_eq!(waiting(&world), Some(7), "one of each kind");
    let mut moment = club::Moment { now: world.now, ids: &mut world.ids };
    club::lifecycle::run_housekeeping(&world.sql, &mut moment).expect("storage");
    assert_eq!(waiting(&world), Some(0), "what was counted is gone");
    for table in
        ["counters", "spent_codes", "challenges", "idempotency", "sessions", "notifications", "messages"]
    {
        let count = format!("select count(*) from {table}");
        let left: i64 = world.sql.connection().query_row(&count, [], |row| row.get(0)).expect("a count");
        assert_eq!(left, 1, "{table}: and nothing else");
    }
}

#[test]
fn orders_are_due_when_their_steps_are_and_runs_are_noted() {
    let mut world = World::new();
    let of = |world: &World, name: &str| {
        let listed = schedule::list(&world.sql, world.now).expect("storage");
        listed.into_iter().find(|job| job.name == name).expect("listed")
    };
    assert_eq!(of(&world, order::JOB).due_at, None, "nothing to do");
    let quote = world.quote(None, 0);
    world.place(&quote).expect("an order");
    assert_eq!(of(&world, order::JOB).due_at, Some(world.now), "its payment is to be opened");
    let done = Done { steps: 2, failed: 1, failures: vec!["why".to_owned()], more: false };
    outbox::note(&world.sql, &done, world.now).expect("noted");
    let noted = of(&world, order::JOB).job.expect("it ran");
    assert_eq!((noted.last_done, noted.last_error.as_deref()), (2, Some("why")));
    assert_eq!(noted.last_finished_at, Some(world.now));
    together::run(&world.sql, world.now).expect("storage");
    assert!(of(&world, together::JOB).due_at > Some(world.now));
}

//! kill -9 under load: every acknowledged receipt is there, none is half there (L10).

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rand::Rng as _;
use serde_json::Value;

use crate::suite::Suite;

/// Kills in one run; the long mode sets CREMA_CRASHES (say, 50).
const CRASHES_DEFAULT: usize = 3;
/// Clients that write while the host is killed.
const WRITERS: usize = 16;
/// Longest time under load before a kill.
const LOAD_MS_MAX: u64 = 600;

#[test]
fn nothing_acknowledged_is_lost() {
    let crashes =
        std::env::var("CREMA_CRASHES").ok().and_then(|text| text.parse().ok()).unwrap_or(CRASHES_DEFAULT);
    let mut suite = Suite::with_guests("crash", WRITERS);
    let mut acknowledged: Vec<Value> = Vec::new();
    for crash in 0..crashes {
        acknowledged.extend(write_until_killed(&mut suite));
        suite.boot();
        check(&suite, &acknowledged, crash);
    }
    println!("{crashes} crashes, {} acknowledged receipts, all there", acknowledged.len());
    assert!(!acknowledged.is_empty(), "no load");
}

/// Posts receipts from all writers until the host dies under them; what it acknowledged.
fn write_until_killed(suite: &mut Suite) -> Vec<Value> {
    let acknowledged = Mutex::new(Vec::new());
    let dead = AtomicBool::new(false);
    let load = Duration::from_millis(rand::rng().random_range(100..LOAD_MS_MAX));
    // The server is taken out so that it can be killed while the writers still hold the suite.
    let server = suite.take_server();
    let address = server.address;
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (suite, acknowledged, dead) = (&*suite, &acknowledged, &dead);
            scope.spawn(move || {
                let guest = suite.guest(writer);
                while !dead.load(Ordering::Relaxed) {
                    let sale = suite.sale(suite.till(1), Some(guest), "100.00");
                    let Ok(reply) = suite.send_to(address, "/v1/receipts", &suite.till(1).key, &sale) else {
                        return;
                    };
                    assert_eq!(reply.status, 201, "{}", reply.body);
                    acknowledged.lock().expect("no panic").push(reply.body);
                }
            });
        }
        thread::sleep(load);
        drop(server);
        dead.store(true, Ordering::Relaxed);
    });
    acknowledged.into_inner().expect("no panic")
}

fn check(suite: &Suite, acknowledged: &[Value], crash: usize) {
    let database = suite.database();
    let mut find = database
        .prepare(
            "select count(*) from receipts r join entries e on e.receipt_id = r.id and e.kind = 'accrual' \
                  join receipt_lines l on l.receipt_id = r.id where r.number = ?1 and r.points_earned = 500",
        )
        .expect("a statement");
    for receipt in acknowledged {
        let number = receipt["number"].as_str().expect("a number");
        let found: i64 = find.query_row([number], |row| row.get(0)).expect("a count");
        assert_eq!(found, 1, "receipt {number} was acknowledged before crash {crash} and is not whole");
    }
    let half = suite.count(
        "select count(*) from receipts r where not exists (select 1 from receipt_lines l where l.receipt_id = r.id) \
         or not exists (select 1 from entries e where e.receipt_id = r.id)",
    );
    assert_eq!(half, 0, "a receipt is half there after crash {crash}");
    suite.assert_ledger_holds();
}

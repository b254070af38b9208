//! kill -9 under load: every acknowledged receipt is there, none is half there (L10).

use std::collections::HashMap;
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
/// What a sale of 100.00 earns in the small chain, in hundredths.
const POINTS: i64 = 500;

#[test]
fn nothing_acknowledged_is_lost() {
    let crashes =
        std::env::var("CREMA_CRASHES").ok().and_then(|text| text.parse().ok()).unwrap_or(CRASHES_DEFAULT);
    let mut suite = Suite::with_guests("crash", WRITERS);
    let mut acknowledged: Vec<Value> = Vec::new();
    for crash in 1..=crashes {
        let before = newest_receipt(&suite);
        let fresh = write_until_killed(&mut suite);
        suite.boot();
        check(&suite, before, &fresh, crash);
        println!("crash {crash}: {} acknowledged receipts are there", fresh.len());
        acknowledged.extend(fresh);
    }
    // Once more for all: no later crash took what an earlier one had left.
    check(&suite, 0, &acknowledged, crashes);
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

/// Ids grow, so everything written from now on has a greater one.
fn newest_receipt(suite: &Suite) -> i64 {
    suite.count("select coalesce(max(id), 0) from receipts")
}

/// What the database has of a receipt.
struct Found {
    points: i64,
    accruals: i64,
    lines: i64,
    entries: i64,
}

/// Receipts newer than the one with the id `after`: all that were acknowledged are there, and none is there in part.
fn check(suite: &Suite, after: i64, acknowledged: &[Value], crash: usize) {
    let found = found(suite, after);
    for receipt in acknowledged {
        let number = receipt["number"].as_str().expect("a number");
        let whole = found
            .get(number)
            .is_some_and(|found| (found.points, found.accruals, found.lines) == (POINTS, 1, 1));
        assert!(whole, "receipt {number} was acknowledged before crash {crash} and is not whole");
    }
    let half = found.values().filter(|found| found.lines == 0 || found.entries == 0).count();
    assert_eq!(half, 0, "a receipt is half there after crash {crash}");
    suite.assert_ledger_holds();
}

fn found(suite: &Suite, after: i64) -> HashMap<String, Found> {
    let database = suite.database();
    let mut find = database
        .prepare(
            "select r.number, r.points_earned, \
               (select count(*) from entries e where e.receipt_id = r.id and e.kind = 'accrual'), \
               (select count(*) from receipt_lines l where l.receipt_id = r.id), \
               (select count(*) from entries e where e.receipt_id = r.id) \
             from receipts r where r.id > ?1",
        )
        .expect("a statement");
    let rows = find.query_map([after], |row| {
        let found =
            Found { points: row.get(1)?, accruals: row.get(2)?, lines: row.get(3)?, entries: row.get(4)? };
        Ok((row.get(0)?, found))
    });
    rows.expect("receipts").collect::<Result<_, _>>().expect("receipts")
}

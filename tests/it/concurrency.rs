//! Many at once: nothing is overspent, nothing doubled.

use std::sync::Barrier;
use std::thread;

use serde_json::json;

use crate::suite::{Reply, Suite};

/// Runs `work` on so many threads that start together; their results in no order.
fn together<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let barrier = Barrier::new(count);
    let (barrier, work) = (&barrier, &work);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..count)
            .map(|index| {
                scope.spawn(move || {
                    barrier.wait();
                    work(index)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    })
}

fn count(replies: &[Reply], status: u16) -> usize {
    replies.iter().filter(|reply| reply.status == status).count()
}

#[test]
fn sixty_four_clients_cannot_overspend() {
    let suite = Suite::start("sixty_four_clients");
    let (till, guest) = (suite.till(1), suite.guest(0));
    suite.sell(till, Some(guest), "1000.00");
    // 50 points: five holds of ten fit, the other fifty-nine do not.
    let replies = together(64, |_| suite.hold(till, guest, Some("10.00"), "100.00"));
    assert_eq!((count(&replies, 201), count(&replies, 409)), (5, 59));
    assert_eq!(suite.points(guest), ("0.00".into(), "50.00".into(), "0.00".into()));
    suite.assert_ledger_holds();
}

#[test]
fn one_receipt_from_sixteen_tills_is_one_receipt() {
    let suite = Suite::start("one_receipt");
    let (till, guest) = (suite.till(1), suite.guest(0));
    for _ in 0..4 {
        let sale = suite.sale(till, Some(guest), "100.00");
        let replies = together(16, |_| suite.post(till, "/v1/receipts", &sale));
        assert_eq!((count(&replies, 201), count(&replies, 200)), (1, 15));
        assert!(replies.iter().all(|reply| reply.body == replies[0].body));
    }
    assert_eq!(suite.points(guest).0, "20.00");
    suite.assert_ledger_holds();
}

#[test]
fn a_return_racing_a_capture_leaves_the_books_whole() {
    let suite = Suite::start("a_return_racing");
    let (till, guest) = (suite.till(1), suite.guest(0));
    for round in 0..8 {
        // What stays is as much as a round may spend, so that no round begins in debt.
        suite.sell(till, Some(guest), "1000.00");
        let earned = suite.sell(till, Some(guest), "1000.00");
        let hold = suite.hold(till, guest, Some("50.00"), "100.00").ok();
        let mut spend = suite.sale(till, Some(guest), "100.00");
        spend["payments"] = json!([
            {"method": "points", "amount": {"amount": "50.00", "currency": "RUB"}, "hold": hold["id"]},
            {"method": "cash", "amount": {"amount": "50.00", "currency": "RUB"}},
        ]);
        let back = json!({
            "outlet": till.code, "business_date": "2026-11-21", "number": format!("R{round}"),
            "returned_at": "2026-11-21T09:10:00Z",
            "receipt": {"outlet": till.code, "business_date": "2026-11-21", "number": earned["number"]},
        });
        let release = format!("/v1/holds/{}/release", hold["id"].as_str().expect("an id"));
        let replies = together(6, |index| match index % 3 {
            0 => suite.post(till, "/v1/receipts", &spend),
            1 => suite.post(till, "/v1/returns", &back),
            _ => suite.send("POST", &release, Some(&till.key), None, None).expect("an answer"),
        });
        assert!(replies.iter().all(|reply| reply.status < 500), "{replies:?}");
        suite.assert_ledger_holds();
    }
    assert_eq!(suite.points(guest).1, "0.00", "no hold is left open");
}

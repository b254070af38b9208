//! kill -9 at the calls to partners: an order ends as if nothing had happened.
//!
//! The host dies at the very moment when the n-th request of an order is at a partner: before it is applied, or after
//! it was applied and before anything is answered. It starts again with nothing but its files. In the end money, points
//! and till agree.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use partners::journal::Received;
use partners::serve::Moment;
use rig::host::Server;
use rust_decimal::Decimal;
use serde_json::Value;

use crate::shop::Shop;

/// Requests at which the host dies by default; the long mode sets `CREMA_ORDER_CRASHES` (say, 50: then it is killed at
/// every request of an order, both before and after).
const CRASHES_DEFAULT: usize = 3;
/// How long the host is gone: longer than a lease, so that nobody waits for it.
const GONE: Duration = Duration::from_secs(120);
/// How long an order may take in all.
const PATIENCE: Duration = Duration::from_secs(180);
const POLL: Duration = Duration::from_millis(100);

/// A death that waits for its moment.
struct Trap {
    /// Requests that are spared first.
    left: usize,
    moment: Moment,
    /// The victim, until it is dead.
    server: Option<Server>,
    /// The request that it died at.
    died_at: Option<String>,
}

/// Whether a request serves an order: menus are read by a timer of their own.
fn is_of_orders(path: &str) -> bool {
    ["/payments", "/refunds", "/deliveries/", "/commands/"].iter().any(|part| path.contains(part))
}

impl Trap {
    fn show(&mut self, request: &Received, moment: Moment) -> ControlFlow<()> {
        if moment != self.moment || self.server.is_none() || !is_of_orders(&request.path) {
            return ControlFlow::Continue(());
        }
        if self.left > 0 {
            self.left -= 1;
            return ControlFlow::Continue(());
        }
        self.died_at = Some(format!("{} {}", request.method, request.path));
        // Dropping it kills it with SIGKILL and waits until it is gone.
        drop(self.server.take());
        ControlFlow::Break(())
    }
}

fn lock(trap: &Mutex<Trap>) -> std::sync::MutexGuard<'_, Trap> {
    trap.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How an order ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    HandedOver,
    /// By the guest, once the till has it: the money goes back.
    Cancelled,
}

#[test]
fn a_host_that_dies_at_a_call_finishes_the_order_all_the_same() {
    deaths("order_crash", Ending::HandedOver, 0);
}

#[test]
fn a_host_that_dies_at_a_call_gives_the_money_back_all_the_same() {
    // Until the till has the order and the guest cancels, the calls are those of the other ending.
    deaths("order_crash_cancelled", Ending::Cancelled, 4);
}

/// Tells orders with a death at each call from the one of the number `first` on; in the long mode at all.
fn deaths(name: &str, ending: Ending, first: usize) {
    let wanted = std::env::var("CREMA_ORDER_CRASHES").ok().and_then(|text| text.parse().ok());
    let calls = wanted.map_or(first..first + CRASHES_DEFAULT, |wanted| 0..wanted);
    let mut shop = Shop::open(name);
    let mut deaths = 0;
    for call in calls {
        let moments: &[Moment] = match wanted {
            Some(_) => &[Moment::Arrived, Moment::Applied],
            None if call % 2 == 0 => &[Moment::Applied],
            None => &[Moment::Arrived],
        };
        for moment in moments {
            let Some(request) = tell(&mut shop, ending, call, *moment) else {
                println!("{ending:?}: an order takes {call} calls; {deaths} deaths");
                assert!(call > first, "an order takes more calls than {call}");
                return;
            };
            println!("{ending:?}: death at call {call}, {moment:?}: {request}");
            deaths += 1;
        }
    }
    println!("{ending:?}: {deaths} deaths, every order as if nothing had happened");
}

/// Tells an order during which the host dies; the request that it died at, if there were as many.
fn tell(shop: &mut Shop, ending: Ending, call: usize, moment: Moment) -> Option<String> {
    let quote = shop.quote("5");
    let before = Before { points: balance(shop), receipts: shop.count("select count(*) from receipts") };
    let trap = Trap { left: call, moment, server: Some(shop.take_server()), died_at: None };
    let trap = Arc::new(Mutex::new(trap));
    for desk in [shop.partners.iiko_desk(), shop.partners.yookassa_desk()] {
        let trap = Arc::clone(&trap);
        desk.watch(move |request, at| lock(&trap).show(request, at));
    }
    let started = Instant::now();
    let order = loop {
        match shop.order(&quote) {
            Ok(reply) if reply.status < 500 => break reply.ok()["id"].as_str().expect("an id").to_owned(),
            _ => revive(shop, &trap),
        }
        assert!(started.elapsed() < PATIENCE, "an order within {PATIENCE:?}");
        std::thread::sleep(POLL);
    };
    while !is_over(shop, &order) {
        assert!(
            started.elapsed() < PATIENCE,
            "{ending:?} call {call} {moment:?}: not over after {PATIENCE:?}\n{}\n{}",
            described(shop, &order),
            shop.journals()
        );
        revive(shop, &trap);
        people(shop, ending, &order);
        std::thread::sleep(POLL);
    }
    let mut trap = lock(&trap);
    if let Some(server) = trap.server.take() {
        shop.give_server(server);
    }
    check(shop, ending, &order, &quote, before);
    trap.died_at.take()
}

/// What guest and barista do.
fn people(shop: &Shop, ending: Ending, order: &str) {
    for payment in shop.payments(order) {
        if payment.status == "pending" {
            shop.partners.yookassa.pay(&payment.id);
        }
    }
    let is_taken = shop.at_till(order).iter().any(|found| found.status == "WaitCooking");
    match ending {
        Ending::HandedOver => shop.cook(order),
        Ending::Cancelled if is_taken => {
            // A host that is dead is asked again; one that cancels already refuses.
            shop.guest_sends("POST", &format!("/v1/orders/{order}/cancel"), None, None).ok();
        }
        Ending::Cancelled => {}
    }
}

/// Starts the host again if it is dead.
fn revive(shop: &mut Shop, trap: &Mutex<Trap>) {
    let is_dead = lock(trap).died_at.is_some() && !shop.is_running();
    if is_dead {
        shop.reboot_after(GONE);
    }
}

/// Whether nothing is left to do. The database is asked: a host that is dead answers nothing.
fn is_over(shop: &Shop, order: &str) -> bool {
    let open = "select count(*) from orders where stage not in ('completed', 'cancelled')";
    let is_idle = shop.count("select count(*) from order_steps") == 0;
    is_idle && shop.count(open) == 0 && !shop.at_till(order).is_empty()
}

fn balance(shop: &Shop) -> (i64, i64) {
    let of = |column: &str| {
        let member = shop.buyer().member.raw();
        shop.count(&format!("select {column} from balances where member_id = {member}"))
    };
    (of("available"), of("held"))
}

/// Hundredths in a text such as `12.50`.
fn hundredths(text: &Value) -> i64 {
    let number: Decimal = text.as_str().and_then(|text| text.parse().ok()).expect("a number");
    i64::try_from(number * Decimal::ONE_HUNDRED).expect("a sum of some roubles")
}

/// How things stood before an order.
struct Before {
    /// Available and held, in hundredths.
    points: (i64, i64),
    receipts: i64,
}

/// Money, points and till agree.
fn check(shop: &Shop, ending: Ending, order: &str, quote: &Value, before: Before) {
    let said = || format!("{}\n{}", described(shop, order), shop.journals());
    let totals = &quote["totals"];
    let payable = Decimal::new(hundredths(&totals["payable"]["amount"]), 2);
    let gain = hundredths(&totals["points_earned"]) - hundredths(&totals["points_spent"]);
    let (kept, at_till, gain, sold) = match ending {
        Ending::HandedOver => (payable, "Closed", gain, 1),
        Ending::Cancelled => (Decimal::ZERO, "Cancelled", 0, 0),
    };
    assert_eq!(shop.kept(order), kept, "money: {}", said());
    let charged = shop.payments(order).iter().filter(|payment| payment.status == "succeeded").count();
    assert_eq!(charged, 1, "one charge: {}", said());
    let found: Vec<String> = shop.at_till(order).into_iter().map(|found| found.status).collect();
    assert_eq!(found, [at_till], "one order at the till: {}", said());
    assert_eq!(balance(shop), (before.points.0 + gain, before.points.1), "points: {}", said());
    let receipts = shop.count("select count(*) from receipts") - before.receipts;
    assert_eq!(receipts, sold, "receipts: {}", said());
    shop.assert_order_in_books();
}

fn described(shop: &Shop, order: &str) -> String {
    let rows = |sql: &str| {
        let database = shop.database();
        let mut find = database.prepare(sql).expect("a statement");
        let found = find.query_map([], |row| row.get::<_, String>(0)).expect("rows");
        found.collect::<Result<Vec<_>, _>>().expect("texts").join("\n")
    };
    format!(
        "{order}\n{}\n{}\n{}",
        rows("select number || ' ' || stage || ' ' || dispatch || ' ' || coalesce(stuck, '') from orders"),
        rows(
            "select kind || ' due ' || due_at || ' tries ' || tries || ' ' || coalesce(last_error, '') from order_steps"
        ),
        rows("select what || ' ' || coalesce(detail, '') from order_log")
    )
}

//! Budgets: what is taken once, given back once, and never more than there is.

use std::sync::Barrier;
use std::thread;

use club::Moment;
use kernel::{Currency, IdSource, Points, PromotionId};
use pricing::Cart;
use pricing::limit::Scope;
use serde_json::{Value, json};
use shop::promotion::administration as office;
use shop::promotion::allowances;
use shop::promotion::reserve::{Refused, Sale, Wanted, reserve};
use store::native::NativeSql;
use store::transaction::transaction;

use crate::fixture::{BRAND, GUEST, OTHER, Shop, kzt, now, wanted, whose};

fn budget(scope: &str, what: Value) -> Value {
    let mut budget = json!({ "scope": scope, "period": "day" });
    for (name, value) in what.as_object().expect("an object") {
        budget[name] = value.clone();
    }
    json!({ "effects": [{ "kind": "amount_off", "amount": kzt("1000") }], "limits": { "budgets": [budget] } })
}

#[test]
fn a_budget_is_taken_until_it_is_spent() {
    let mut shop = Shop::new();
    let id = shop.live(budget("promotion", json!({ "discount": kzt("25") })));
    assert_eq!(shop.reserve("ord_1", Some(GUEST), &[wanted(id, 1_000)]), Ok(()));
    assert_eq!(shop.reserve("ord_2", Some(GUEST), &[wanted(id, 1_500)]), Ok(()));
    let spent = Err(Refused::BudgetSpent { promotion: id, scope: Scope::Promotion });
    assert_eq!(shop.reserve("ord_3", Some(OTHER), &[wanted(id, 1)]), spent);
    assert_eq!(shop.count("select spent from promotion_budgets"), 2_500);
    assert_eq!(shop.count("select count(*) from promotion_uses"), 2, "what was refused left nothing");
}

/// The same order again takes nothing again; another content under its name is refused; released is released.
#[test]
fn an_order_takes_once_and_ends_once() {
    let mut shop = Shop::new();
    let id = shop.live(budget("promotion", json!({ "uses": 2, "discount": kzt("100") })));
    let spent = "select coalesce(sum(spent), 0) from promotion_budgets";
    for _ in 0..3 {
        assert_eq!(shop.reserve("ord_1", Some(GUEST), &[wanted(id, 1_000)]), Ok(()));
    }
    assert_eq!(shop.count(spent), 1_001, "one use and ten tenge");
    assert_eq!(shop.reserve("ord_1", Some(GUEST), &[wanted(id, 999)]), Err(Refused::Conflict));
    assert_eq!(shop.release("ord_1"), Ok(()));
    assert_eq!(shop.release("ord_1"), Ok(()));
    assert_eq!(shop.count(spent), 0);
    assert_eq!(shop.reserve("ord_1", Some(GUEST), &[wanted(id, 1_000)]), Err(Refused::Ended));
    assert_eq!(shop.commit("ord_1"), Err(Refused::Ended));
    shop.reserve("ord_2", Some(GUEST), &[wanted(id, 1_000)]).expect("reserved");
    assert_eq!(shop.commit("ord_2"), Ok(()));
    assert_eq!(shop.commit("ord_2"), Ok(()));
    assert_eq!(shop.release("ord_2"), Err(Refused::Ended));
    assert_eq!(shop.count(spent), 1_001);
    assert_eq!(shop.release("ord_without_promotions"), Ok(()));
}

#[test]
fn guests_and_outlets_have_budgets_of_their_own() {
    let mut shop = Shop::new();
    let id = shop.live(budget("guest", json!({ "uses": 1 })));
    assert_eq!(shop.reserve("ord_1", Some(GUEST), &[wanted(id, 10)]), Ok(()));
    let again = shop.reserve("ord_2", Some(GUEST), &[wanted(id, 10)]);
    assert_eq!(again, Err(Refused::BudgetSpent { promotion: id, scope: Scope::Guest }));
    assert_eq!(shop.reserve("ord_3", Some(OTHER), &[wanted(id, 10)]), Ok(()));
    assert_eq!(shop.reserve("ord_4", None, &[wanted(id, 10)]), Err(Refused::NoGuest { promotion: id }));
}

/// What a cart may have is what the database would let it take.
#[test]
fn allowances_say_what_is_left() {
    let mut shop = Shop::new();
    let limits = json!({ "budgets": [
        { "scope": "promotion", "period": "ever", "discount": kzt("100"), "points": "50" },
        { "scope": "outlet", "period": "week", "discount": kzt("40") },
        { "scope": "guest", "period": "month", "uses": 2 },
    ] });
    let id =
        shop.live(json!({ "limits": limits, "effects": [{ "kind": "amount_off", "amount": kzt("1000") }] }));
    let want = Wanted { points: Points::parse("20").expect("points"), ..wanted(id, 1_500) };
    shop.reserve("ord_1", Some(GUEST), std::slice::from_ref(&want)).expect("reserved");
    let cart = Cart { currency: Currency::Kzt, lines: Vec::new() };
    let left = |shop: &Shop, member| {
        let index = shop::promotion::snapshot::load(&shop.sql, BRAND, now()).expect("a set");
        allowances(&shop.sql, &cart, &index, &whose(member)).expect("allowances").remove(0)
    };
    let one = left(&shop, Some(GUEST));
    assert_eq!((one.exhausted, one.discount_minor), (None, Some(2_500)), "the outlet's week has the least");
    assert_eq!(one.points, Some(Points::parse("30").expect("points")));
    shop.reserve("ord_2", Some(GUEST), &[Wanted { points: Points::ZERO, ..want }]).expect("reserved");
    assert_eq!(left(&shop, Some(GUEST)).exhausted, Some(Scope::Guest));
    assert_eq!(left(&shop, Some(OTHER)).exhausted, None);
}

/// Whoever was quoted a promotion gets it, though it was changed, paused or ended before the order.
#[test]
fn a_promotion_that_ends_between_quote_and_order_is_honoured() {
    let mut shop = Shop::new();
    let id = shop.live(budget("promotion", json!({ "uses": 5 })));
    shop.write(now(), |tx, moment| {
        office::revise(tx, id, &crate::fixture::rules(json!({})), "other", None, moment)
    })
    .expect("revised");
    shop.write(now(), |tx, moment| office::end(tx, id, moment)).expect("ended");
    assert_eq!(shop.reserve("ord_1", Some(GUEST), &[wanted(id, 1_000)]), Ok(()));
    assert_eq!(shop.count("select version from promotion_uses"), 1, "the version that the quote names");
    let unknown = Wanted { version: 9, ..wanted(id, 1_000) };
    let refused = shop.reserve("ord_2", Some(GUEST), &[unknown]);
    assert_eq!(refused, Err(Refused::UnknownVersion { promotion: id, version: 9 }));
}

/// Eight tills at once on a budget for twenty: twenty get it, whoever is first.
#[test]
fn budget_races_are_decided_by_the_database() {
    const WRITERS: usize = 8;
    const EACH: usize = 10;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("race.db");
    let mut shop = Shop::over(NativeSql::open(&file).expect("a database"));
    let id = shop.live(budget("promotion", json!({ "uses": 20, "discount": kzt("10000") })));
    let start = Barrier::new(WRITERS);
    let got: usize = thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (file, start) = (&file, &start);
                scope.spawn(move || {
                    let sql = NativeSql::wrap(rusqlite::Connection::open(file).expect("a connection"));
                    sql.connection().busy_timeout(std::time::Duration::from_secs(30)).expect("a timeout");
                    start.wait();
                    (0..EACH).filter(|order| take(&sql, id, &format!("ord_{writer}_{order}"))).count()
                })
            })
            .collect();
        writers.into_iter().map(|writer| writer.join().expect("a writer")).sum()
    });
    assert_eq!(got, 20);
    assert_eq!(shop.count("select count(*) from promotion_uses"), 20);
    assert_eq!(shop.count("select spent from promotion_budgets where measure = 'uses'"), 20);
    assert_eq!(shop.count("select spent from promotion_budgets where measure = 'KZT'"), 20 * 1_000);
}

fn take(sql: &NativeSql, id: PromotionId, owner: &str) -> bool {
    let mut ids = IdSource::new(1);
    let moment = Moment { now: now(), ids: &mut ids };
    let sale = Sale { brand: BRAND, whose: whose(None) };
    let taken = transaction(sql, |tx| reserve(tx, &moment, owner, &sale, &[wanted(id, 1_000)]));
    match taken {
        Ok(()) => true,
        Err(Refused::BudgetSpent { .. }) => false,
        Err(other) => panic!("{other}"),
    }
}

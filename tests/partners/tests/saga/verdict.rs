//! Whether money, points, receipt and till agree.

use ordering::model::Stage;
use partners::iiko::OrderView;
use rig::counter::POINTS;
use shop::order::load;
use store::native::NativeSql;

use crate::place::{EARNED, PAYABLE, SPENT};
use crate::play::{Disturbance, Script, Told};

/// The story's orders at the till: more than one would be a second coffee.
pub fn orders_at_till(told: &Told<'_>) -> Vec<OrderView> {
    let id = iiko::orders::id::uuid(told.order.raw(), 0);
    told.place.partners.iiko.orders().into_iter().filter(|order| order.id == id).collect()
}

/// Whether nothing is left to do.
pub fn is_over(told: &Told<'_>, sql: &NativeSql) -> bool {
    let stored = load(sql, told.order).expect("the order");
    let steps = store::orders::steps::list(sql, told.order).expect("storage");
    matches!(stored.order.stage, Stage::Completed | Stage::Cancelled) && steps.is_empty()
}

/// Kopecks that the acquirer took for the order and has not given back.
fn kept(told: &Told<'_>, sql: &NativeSql) -> i64 {
    told.payments(sql).iter().map(|payment| payment.kept_minor).sum()
}

/// The state of everything, for a person.
pub fn describe(told: &Told<'_>, sql: &NativeSql) -> String {
    let stored = load(sql, told.order).expect("the order");
    let steps = store::orders::steps::list(sql, told.order).expect("storage");
    let log = store::orders::desk::list_log(sql, told.order, 100).expect("storage");
    let till: Vec<(String, String)> =
        orders_at_till(told).into_iter().map(|order| (order.creation, order.status)).collect();
    format!("{:#?}\nsteps {steps:#?}\nlog {log:#?}\ntill {till:?}\nkept {}", stored.order, kept(told, sql))
}

/// Everything agrees.
pub fn check(told: &Told<'_>, sql: &NativeSql, disturbance: Option<Disturbance>) {
    let said = || format!("{:?} {disturbance:?}\n{}", told.script, describe(told, sql));
    let stored = load(sql, told.order).expect("the order");
    let sold = told.script.is_sold();
    assert_eq!(stored.order.stage == Stage::Completed, sold, "the order's end: {}", said());
    assert_eq!(stored.order.stuck, None, "{}", said());
    let is_part_back = told.script == Script::ReturnedInPart;
    let expected = match sold {
        true if is_part_back => PAYABLE / 2,
        true => PAYABLE,
        false => 0,
    };
    assert_eq!(kept(told, sql), expected, "money: {}", said());
    // Whatever was lost on the way: as many payments at the bank as attempts at most, each under a key of its own.
    assert!(told.payments(sql).len() <= stored.order.payments.len(), "payments: {}", said());

    let balance: (i64, i64) = sql
        .connection()
        .query_row(
            "select available, held from balances where member_id = ?1",
            [told.place.member.raw()],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .expect("a balance");
    let points = match sold {
        true if is_part_back => POINTS - (SPENT - EARNED) / 2,
        true => POINTS - SPENT + EARNED,
        false => POINTS,
    };
    assert_eq!(balance, (points, 0), "points: {}", said());

    let receipts: i64 =
        sql.connection().query_row("select count(*) from receipts", [], |row| row.get(0)).expect("a count");
    assert_eq!(receipts, i64::from(sold), "receipts: {}", said());

    let taken: Vec<OrderView> =
        orders_at_till(told).into_iter().filter(|order| order.creation == "Success").collect();
    if sold {
        assert_eq!(
            taken.iter().map(|order| order.status.as_str()).collect::<Vec<_>>(),
            ["Closed"],
            "{}",
            said()
        );
    } else {
        assert!(
            taken.iter().all(|order| order.status == "Cancelled"),
            "the till makes it all the same: {}",
            said()
        );
    }
    assert_eq!(told.place.partners.violations(), Vec::<String>::new(), "{}", said());
}

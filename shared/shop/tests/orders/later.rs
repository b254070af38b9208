use kernel::time::MINUTE_MS;
use ordering::model::{CancelReason, DispatchStatus, RefundStatus};
use ordering::notice::{Notice, notice};
use ordering::{Stage, StepKind};
use shop::order::{self, desk};
use store::orders::StoredOrder;
use store::orders::steps as outbox;

use crate::world::{World, at};

/// Monday evening, and Tuesday morning.
const EVENING: &str = "2026-11-23T20:00:00+05:00";
const MORNING: &str = "2026-11-24T09:00:00+05:00";
/// A quarter of an hour before that.
const LEAD: &str = "2026-11-24T08:45:00+05:00";

/// An order for the morning, paid in the evening.
fn paid(world: &mut World) -> StoredOrder {
    world.give_phone();
    world.now = at(EVENING);
    let quote = world.quote(Some(at(MORNING)), 0);
    let placed = world.place(&quote).expect("an order");
    let payment = placed.order.payments[0].id;
    world.tell(placed.order.id, &ordering::Outcome::PaymentSucceeded { payment });
    order::load(&world.sql, placed.order.id).expect("the order")
}

fn sending_at(world: &World, stored: &StoredOrder) -> Option<kernel::Timestamp> {
    let steps = outbox::list(&world.sql, stored.order.id).expect("steps");
    steps.into_iter().find(|step| step.kind == StepKind::SendOrder).map(|step| step.due_at)
}

#[test]
fn it_is_kept_until_its_time_whoever_is_in_a_hurry() {
    let mut world = World::new();
    let stored = paid(&mut world);
    assert_eq!((stored.order.stage, stored.order.send_at), (Stage::Dispatching, Some(at(LEAD))));
    assert_eq!(notice(&stored.order), Notice::Scheduled);
    assert_eq!(sending_at(&world, &stored), Some(at(LEAD)));
    // News of its payment, and a person who wants everything tried again.
    world
        .write(|tx, moment| desk::resolve(tx, stored.order.id, ordering::outcome::Resolution::Retry, moment))
        .expect("a retry");
    assert_eq!(sending_at(&world, &stored), Some(at(LEAD)));
    world.dispatch();
    assert!(world.partners.asked.borrow().is_empty(), "the till is asked nothing");
    // Even a step that somebody made due sends nothing.
    world.execute("update order_steps set due_at = 0 where kind = 'send_order'");
    world.dispatch();
    assert_eq!(sending_at(&world, &stored), Some(at(LEAD)), "it is put back");
    assert!(world.partners.asked.borrow().is_empty());
    world.now = at(LEAD);
    world.dispatch();
    assert!(!world.partners.asked.borrow().is_empty(), "now the till is asked");
    let tried = order::load(&world.sql, stored.order.id).expect("the order");
    assert_eq!(tried.order.dispatch.sends, 1);
}

#[test]
fn the_lead_is_the_outlets() {
    let mut world = World::new();
    world.execute("update outlet_tills set lead_minutes = 60");
    let stored = paid(&mut world);
    assert_eq!(stored.order.send_at, Some(at(MORNING).plus_millis(-60 * MINUTE_MS)));
    world.execute("update outlet_tills set lead_minutes = 780");
    let quote = world.quote(Some(at(MORNING)), 0);
    let now = world.place(&quote).expect("an order");
    assert_eq!(now.order.send_at, None, "its time has come already");
}

#[test]
fn cancelled_before_its_time_everything_goes_back() {
    let mut world = World::new();
    let stored = paid(&mut world);
    let over = world
        .write(|tx, moment| desk::cancel(tx, stored.order.id, CancelReason::Guest, moment))
        .expect("cancelled");
    assert_eq!((over.order.stage, over.order.dispatch.status), (Stage::Cancelled, DispatchStatus::Absent));
    assert_eq!(
        over.order.refunds.iter().map(|refund| refund.status).collect::<Vec<_>>(),
        [RefundStatus::New]
    );
    assert_eq!(over.order.refunds[0].amount_minor, over.order.payable_minor);
    assert_eq!(sending_at(&world, &over), None);
}

#[test]
fn what_is_gone_by_then_goes_back_with_the_reason() {
    let menu = "insert into chain_assortments values (ACCOUNT, 'org-1', 'tea', 'd')";
    let stops = "insert into chain_stops values (ACCOUNT, 'group-1', 'raf', '', 0)";
    let rows = [
        ("update outlets set status = 'paused'", CancelReason::OutletClosed),
        ("update outlets set status = 'closed'", CancelReason::OutletClosed),
        ("delete from outlet_tills", CancelReason::OutletClosed),
        ("HOURS", CancelReason::OutletClosed),
        (menu, CancelReason::MenuChanged),
        (stops, CancelReason::OutOfStock),
    ];
    for (change, why) in rows {
        let mut world = World::new();
        let stored = paid(&mut world);
        match change {
            "HOURS" => world.hours(r#"{"mon":[["08:00","22:00"]]}"#),
            sql => world.execute(&sql.replace("ACCOUNT", &world.account.raw().to_string())),
        }
        world.now = at(LEAD);
        world.dispatch();
        let over = order::load(&world.sql, stored.order.id).expect("the order");
        assert_eq!((over.order.stage, over.order.cancel), (Stage::Cancelled, Some(why)), "{change}");
        assert_eq!(over.order.refunds.len(), 1, "{change}");
        let asked = world.partners.asked.borrow();
        assert!(asked.iter().all(|(url, _)| !url.contains("deliveries")), "{change}: the till is not told");
    }
}

#[test]
fn an_order_for_now_is_not_held_against_our_own_copy_of_the_menu() {
    let mut world = World::new();
    world.give_phone();
    world.now = at("2026-11-24T09:00:00+05:00");
    let quote = world.quote(None, 0);
    let placed = world.place(&quote).expect("an order");
    let payment = placed.order.payments[0].id;
    world.tell(placed.order.id, &ordering::Outcome::PaymentSucceeded { payment });
    let insert = "insert into chain_assortments values (ACCOUNT, 'org-1', 'tea', 'd')";
    world.execute(&insert.replace("ACCOUNT", &world.account.raw().to_string()));
    world.dispatch();
    let stored = order::load(&world.sql, placed.order.id).expect("the order");
    assert_eq!(
        (stored.order.stage, stored.order.dispatch.sends),
        (Stage::Dispatching, 1),
        "the till has the word"
    );
}

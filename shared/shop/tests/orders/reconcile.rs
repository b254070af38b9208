use ordering::Stage;
use ordering::model::{DispatchStatus, Progress, Stuck};
use ordering::outcome::Resolution;
use serde_json::{Value, json};
use shop::order;
use shop::order::desk;
use shop::order::reconcile::{EVERY_MS, Found, WATCHED_MS};
use store::orders::StoredOrder;

use crate::world::{ORGANIZATION, World};

/// An order that its till was told, and of which no event has come.
fn sent(world: &mut World) -> StoredOrder {
    let quote = world.quote(None, 0);
    let placed = world.place(&quote).expect("an order");
    let id = placed.order.id.raw();
    world.execute(&format!(
        "update order_payments set status = 'succeeded' where order_id = {id};
         update orders set stage = 'dispatching', dispatch = 'sent', sends = 1, last_sent_at = {now} where id = {id};
         insert into order_steps (order_id, kind, subject, due_at) values ({id}, 'watch_order', 0, {later});
         insert into iiko_organizations (account_id, id, name, seen_at) values ({account}, '{ORGANIZATION}', 'One', 0);",
        now = world.now.millis(),
        later = i64::MAX,
        account = world.account.raw(),
    ));
    order::load(&world.sql, placed.order.id).expect("the order")
}

fn changes(stored: &StoredOrder, revision: i64, status: &str) -> Value {
    changes_to(stored, revision, status, 1_000)
}

fn changes_to(stored: &StoredOrder, revision: i64, status: &str, sum: i64) -> Value {
    json!({ "correlationId": "c", "maxRevision": revision, "ordersByOrganizations": [{
        "organizationId": ORGANIZATION, "orders": [shown(stored, revision, status, sum)],
    }]})
}

/// An order as iiko shows it.
fn shown(stored: &StoredOrder, revision: i64, status: &str, sum: i64) -> Value {
    json!({
        "id": stored.facts.till.id, "organizationId": ORGANIZATION, "timestamp": revision,
        "creationStatus": "Success", "errorInfo": null, "order": { "status": status, "number": 17, "sum": sum }
    })
}

fn token() -> (u16, Value) {
    (200, json!({ "correlationId": "c", "token": "t" }))
}

fn read(world: &mut World, answers: &[(u16, Value)]) -> Found {
    world.partners.answers.replace(answers.to_vec());
    world.reconcile()
}

fn asked_since(world: &World) -> Option<i64> {
    let asked = world.partners.asked.borrow();
    let last = asked.iter().rev().find(|(url, _)| url.ends_with("/api/1/deliveries/by_revision"));
    last.and_then(|(_, body)| body["startRevision"].as_i64())
}

#[test]
fn a_lost_event_is_found_by_reading_the_account() {
    let mut world = World::new();
    assert_eq!(read(&mut world, &[]), Found::default(), "nobody waits for news");
    let stored = sent(&mut world);
    let token = (200, json!({ "correlationId": "c", "token": "t" }));
    let found = read(&mut world, &[token, (200, changes(&stored, 40, "CookingStarted"))]);
    assert_eq!((found.accounts, found.news), (1, 1), "{found:?}");
    assert_eq!(asked_since(&world), Some(0));
    let known = order::load(&world.sql, stored.order.id).expect("the order");
    assert_eq!(known.order.stage, Stage::Accepted);
    assert_eq!(known.order.dispatch.status, DispatchStatus::Accepted);
    assert_eq!(known.order.dispatch.progress, Progress::Cooking);

    assert_eq!(read(&mut world, &[]), Found::default(), "read once a minute");
    world.now = world.now.plus_millis(EVERY_MS);
    let found = read(&mut world, &[(200, changes(&stored, 40, "CookingStarted"))]);
    assert_eq!((found.accounts, found.news, asked_since(&world)), (1, 0, Some(40)), "news once");
}

#[test]
fn a_reading_that_fails_goes_on_where_the_last_one_ended() {
    let mut world = World::new();
    let stored = sent(&mut world);
    let token = (200, json!({ "correlationId": "c", "token": "t" }));
    read(&mut world, &[token, (200, changes(&stored, 40, "WaitCooking"))]);
    world.now = world.now.plus_millis(EVERY_MS);
    let found = read(&mut world, &[(500, json!({}))]);
    assert_eq!((found.accounts, found.failures.len()), (0, 1));
    world.now = world.now.plus_millis(EVERY_MS);
    read(&mut world, &[(400, json!({ "errorDescription": "too old" }))]);
    assert_eq!(asked_since(&world), Some(40), "the failure forgot nothing");
    world.now = world.now.plus_millis(EVERY_MS);
    let found = read(&mut world, &[(200, changes(&stored, 50, "CookingStarted"))]);
    assert_eq!((found.news, asked_since(&world)), (1, Some(0)), "too far back: anew");
}

#[test]
fn iiko_is_told_where_its_events_go() {
    let mut world = World::new();
    sent(&mut world);
    let token = (200, json!({ "correlationId": "c", "token": "t" }));
    world.partners.answers.replace(vec![token, (200, json!({ "correlationId": "c" }))]);
    let registered = world.register("https://crema.example/v1/hooks/iiko", "a-token-of-our-own");
    assert_eq!((registered.organizations.len(), registered.failed.len()), (1, 0), "{registered:?}");
    let (url, body) = world.partners.asked.borrow().last().cloned().expect("asked");
    assert!(url.ends_with("/api/1/webhooks/update_settings"), "{url}");
    assert_eq!(body["organizationId"], ORGANIZATION);
    assert_eq!(
        (&body["webHooksUri"], &body["authToken"]),
        (&json!("https://crema.example/v1/hooks/iiko"), &json!("a-token-of-our-own"))
    );
    let hash = shop::iiko_account::webhook_hash("a-token-of-our-own");
    let found = store::menus::accounts::load_by_webhook(&world.sql, &hash).expect("storage");
    assert_eq!(found.map(|account| account.id), Some(world.account), "its events are taken");
    world.partners.answers.replace(vec![(400, json!({ "errorDescription": "no rights" }))]);
    let refused = world.register("https://crema.example/v1/hooks/iiko", "a-token-of-our-own");
    assert_eq!(refused.failed, [(ORGANIZATION.to_owned(), "400 no rights".to_owned())]);
}

#[test]
fn orders_of_the_house_are_read_by_their_ids() {
    let mut world = World::new();
    let stored = sent(&mut world);
    world.execute(&format!("update orders set till_service = 'till' where id = {}", stored.order.id.raw()));
    let nothing = json!({ "correlationId": "c", "maxRevision": 5, "ordersByOrganizations": [] });
    let orders = json!({ "correlationId": "c", "orders": [shown(&stored, 7, "Bill", 1_000)] });
    let found = read(&mut world, &[token(), (200, nothing.clone()), (200, orders)]);
    assert_eq!((found.accounts, found.news, found.failures.len()), (1, 1, 0), "{found:?}");
    let (url, body) = world.partners.asked.borrow().last().cloned().expect("asked");
    assert!(url.ends_with("/api/1/order/by_id"), "{url}");
    assert_eq!(body, json!({ "organizationIds": [ORGANIZATION], "orderIds": [stored.facts.till.id] }));
    let known = order::load(&world.sql, stored.order.id).expect("the order");
    assert_eq!((known.order.stage, known.till_number.as_deref()), (Stage::Accepted, Some("17")));
    world.now = world.now.plus_millis(EVERY_MS);
    let found = read(&mut world, &[(200, nothing), (500, json!({}))]);
    assert_eq!((found.accounts, found.failures.len()), (1, 1), "a failure is told: {found:?}");
}

#[test]
fn what_a_till_undoes_after_the_sale_is_seen_without_any_event() {
    let mut world = World::new();
    world.programme(&json!({}));
    let stored = sent(&mut world);
    read(&mut world, &[token(), (200, changes(&stored, 40, "Closed"))]);
    let sold = order::load(&world.sql, stored.order.id).expect("the order");
    assert_eq!((sold.order.stage, sold.order.stuck), (Stage::Completed, None));
    assert_eq!(
        world.count("select count(*) from order_steps where kind = 'watch_order'"),
        0,
        "nobody waits for news"
    );
    world.now = world.now.plus_millis(WATCHED_MS - EVERY_MS);
    // Tokens are good for less than an hour.
    let found = read(&mut world, &[token(), (200, changes(&stored, 50, "Cancelled"))]);
    assert_eq!((found.accounts, found.news), (1, 1), "{found:?}");
    let undone = order::load(&world.sql, stored.order.id).expect("the order");
    assert_eq!(undone.order.stuck, Some(Stuck::CancelledAfterSale));
    assert_eq!(world.count("select count(*) from receipts"), 1, "a person decides");
    world.now = world.now.plus_millis(2 * EVERY_MS);
    assert_eq!(read(&mut world, &[]), Found::default(), "in the end nobody looks any more");
}

#[test]
fn an_order_that_comes_to_another_sum_at_its_till_is_shown_once() {
    let mut world = World::new();
    world.programme(&json!({}));
    let stored = sent(&mut world);
    read(&mut world, &[token(), (200, changes_to(&stored, 40, "CookingStarted", 900))]);
    let stuck = |world: &World| order::load(&world.sql, stored.order.id).expect("the order").order.stuck;
    assert_eq!(stuck(&world), None, "it is not over yet");
    world.now = world.now.plus_millis(EVERY_MS);
    let found = read(&mut world, &[(200, changes_to(&stored, 50, "Closed", 900))]);
    assert_eq!((found.news, stuck(&world)), (1, Some(Stuck::SumDiffers)));
    world.write(|tx, moment| desk::resolve(tx, stored.order.id, Resolution::Retry, moment)).expect("settled");
    world.now = world.now.plus_millis(EVERY_MS);
    read(&mut world, &[(200, changes_to(&stored, 60, "Closed", 900))]);
    assert_eq!(stuck(&world), None, "a person has seen that sum");
    world.now = world.now.plus_millis(EVERY_MS);
    read(&mut world, &[(200, changes_to(&stored, 70, "Closed", 800))]);
    assert_eq!(stuck(&world), Some(Stuck::SumDiffers), "this is another");
}

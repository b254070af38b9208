//! Snapshots: made when what they follow from changes, and at no other time.

use menu::{Choice, LocalTime, select};
use shop::menu as snapshots;
use store::Kv;

use crate::world::{World, outlet, wait};

#[test]
fn prices_and_stop_lists_reach_the_menu() {
    let mut world = World::with_menu();
    let here = outlet(0, 0);
    assert_eq!(world.price(here, "Латте"), Some(20_000));
    let first = world.menu(here).expect("a menu").revision;
    world.iiko.tills[0].price.set(230);
    world.later(25);
    world.sync();
    assert_eq!(world.price(here, "Латте"), Some(23_000));
    let second = world.menu(here).expect("a menu").revision;
    assert_ne!(first, second);
    world.iiko.tills[0].stops.replace(vec![0]);
    world.later(3);
    assert_eq!(world.sync().stops_changed, 1);
    let menu = world.menu(here).expect("a menu");
    let latte = menu.items.iter().find(|item| item.names.ru == "Латте").expect("a latte");
    let wanted = Choice { item: latte.code.clone(), size: None, modifiers: Vec::new() };
    let refusal = select(&menu, &wanted, LocalTime { weekday: 6, minute: 720 }).expect_err("stopped");
    assert_eq!((refusal.code(), refusal.alternatives().len()), ("out_of_stock", 1));
    // The other outlet of the chain has its own till.
    assert_eq!(world.menu(outlet(0, 1)).expect("a menu").items[0].sizes[0].left, None);
    world.iiko.tills[0].stops.replace(Vec::new());
    world.later(3);
    world.sync();
    assert_eq!(world.menu(here).expect("a menu").revision, second, "the same content, the same revision");
}

#[test]
fn nothing_changed_makes_nothing_anew_and_a_lost_snapshot_is_no_loss() {
    let mut world = World::with_menu();
    let here = outlet(0, 0);
    let menu = world.menu(here).expect("a menu");
    assert_eq!(snapshots::revision(&world.sql, here), Ok(Some(menu.revision.clone())));
    world.later(25);
    world.sync();
    assert_eq!(world.rebuild(), 0);
    let key = format!("menu/v1/{here}/{}", menu.revision);
    assert!(wait(world.kv.get(&key)).expect("a store").is_some());
    wait(world.kv.delete(&key)).expect("a store");
    assert_eq!(world.menu(here), Some(menu.clone()));
    assert!(wait(world.kv.get(&key)).expect("a store").is_some(), "kept again");
    wait(world.kv.set(&key, b"{}")).expect("a store");
    assert_eq!(world.menu(here), Some(menu));
}

#[test]
fn an_old_snapshot_is_removed_when_a_new_one_stands() {
    let mut world = World::with_menu();
    let here = outlet(0, 0);
    let old = world.menu(here).expect("a menu").revision;
    world.iiko.tills[0].price.set(230);
    world.later(25);
    world.sync();
    assert_eq!(wait(snapshots::load(&world.kv, here, &old)), Ok(None));
}

#[test]
fn an_outlet_without_a_till_has_no_menu() {
    let world = World::new();
    assert_eq!(world.menu(outlet(0, 0)), None);
    assert_eq!(snapshots::revision(&world.sql, outlet(0, 0)), Ok(None));
}

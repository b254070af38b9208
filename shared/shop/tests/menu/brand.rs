//! Matches of a second chain to the brand's menu, and gaps between outlets.

use menu::brand::{BrandCategory, same_names};
use menu::matching::Conflict;
use shop::menu_brand::{self, Refused};
use store::menus::matches;
use store::transaction::transaction;

use crate::world::{BRAND, World, outlet};

#[test]
fn a_second_chain_is_matched_by_name_and_sold_at_its_own_prices() {
    let mut world = World::with_menu();
    world.iiko.tills[1].price.set(170);
    world.later(25);
    world.sync();
    let there = outlet(1, 0);
    assert_eq!(world.menu(there).expect("a menu").absent.len(), 2, "nothing is confirmed there");
    let account = world.accounts[1];
    let found = menu_brand::findings(&world.sql, BRAND, account).expect("findings");
    assert_eq!((found.proposals.len(), found.conflicts.len()), (2, 0));
    let who = (None, world.now);
    let none = transaction(&world.sql, |tx| menu_brand::confirm_all(tx, BRAND, account, 1_001, who));
    assert_eq!(none, Ok(0));
    let both = transaction(&world.sql, |tx| menu_brand::confirm_all(tx, BRAND, account, 400, who));
    assert_eq!(both, Ok(2));
    world.rebuild();
    assert_eq!(world.price(there, "Латте"), Some(17_000));
    assert_eq!(world.price(outlet(0, 0), "Латте"), Some(20_000));
}

#[test]
fn a_re_sync_never_changes_a_confirmed_match() {
    let mut world = World::with_menu();
    let account = world.accounts[0];
    let before = matches::list(&world.sql, account).expect("stored");
    // The chain exchanges the names of its products: by name they would match the other way round.
    world.iiko.tills[0].names.replace(["Чай", "Латте"]);
    world.later(25);
    assert_eq!(world.sync().products_changed, 4);
    let found = menu_brand::findings(&world.sql, BRAND, account).expect("findings");
    assert!(found.proposals.is_empty());
    assert_eq!(matches::list(&world.sql, account).expect("stored"), before);
    assert_eq!(world.price(outlet(0, 0), "Латте"), Some(20_000), "still the product that a person chose");
}

#[test]
fn a_person_overrides_rejects_and_reopens() {
    let mut world = World::with_menu();
    let account = world.accounts[0];
    let items = store::menus::brand::list_items(&world.sql, BRAND).expect("stored");
    let latte = items.iter().find(|item| item.names.ru == "Латте").expect("a latte").code.clone();
    let who = (None, world.now);
    let wrong =
        transaction(&world.sql, |tx| menu_brand::confirm(tx, BRAND, account, &latte, "alpha-tea", None, who));
    assert_eq!(wrong.map(|mapping| mapping.product_id), Ok("alpha-tea".to_owned()));
    world.rebuild();
    assert_eq!(world.price(outlet(0, 0), "Латте"), Some(10_000));
    assert_eq!(world.price(outlet(0, 0), "Чай"), None, "a product is one item at a time");
    let unknown =
        transaction(&world.sql, |tx| menu_brand::confirm(tx, BRAND, account, &latte, "beta-tea", None, who));
    assert_eq!(unknown, Err(Refused::UnknownProduct));
    let rejected =
        transaction(&world.sql, |tx| menu_brand::reject(tx, BRAND, account, &latte, "alpha-tea", who));
    assert_eq!(rejected, Ok(()));
    let found = menu_brand::findings(&world.sql, BRAND, account).expect("findings");
    assert_eq!(found.proposals.len(), 2);
    assert!(
        found
            .proposals
            .iter()
            .all(|(pair, _)| (pair.item.as_str(), pair.product_id.as_str()) != (&latte, "alpha-tea"))
    );
    transaction(&world.sql, |tx| menu_brand::confirm_all(tx, BRAND, account, 0, who)).expect("confirmed");
    world.rebuild();
    assert_eq!(world.price(outlet(0, 0), "Латте"), Some(20_000));
    transaction(&world.sql, |tx| menu_brand::reopen(tx, BRAND, account, &latte)).expect("reopened");
    world.rebuild();
    assert_eq!(world.price(outlet(0, 0), "Латте"), None);
}

#[test]
fn a_product_that_is_gone_is_named_and_its_item_absent() {
    let mut world = World::with_menu();
    world.iiko.tills[0].has_tea.set(false);
    world.later(25);
    world.sync();
    let menu = world.menu(outlet(0, 1)).expect("a menu");
    assert_eq!((menu.items.len(), menu.absent.len()), (1, 1), "no price there");
    assert_eq!(world.menu(outlet(0, 0)).expect("a menu").items.len(), 2);
    let account = world.accounts[0];
    transaction(&world.sql, |tx| {
        let mapping = menu::mapping::Mapping {
            product_id: "gone".to_owned(),
            sizes: Vec::new(),
            modifiers: Vec::new(),
        };
        let decision = matches::Match {
            item: "old".to_owned(),
            mapping,
            is_confirmed: true,
            score: 500,
            decided_by: None,
            decided_at: world.now,
        };
        matches::put(tx, account, &decision)
    })
    .expect("stored");
    let found = menu_brand::findings(&world.sql, BRAND, account).expect("findings");
    assert_eq!(
        found.conflicts,
        vec![Conflict::ProductGone { item: "old".to_owned(), product_id: "gone".to_owned() }]
    );
}

#[test]
fn what_is_written_is_checked() {
    let world = World::with_menu();
    let bad = BrandCategory { code: "a/b".to_owned(), names: same_names(""), position: 0 };
    let refused = transaction(&world.sql, |tx| menu_brand::put_category(tx, BRAND, &bad, world.now));
    let Err(Refused::Invalid(faults)) = refused else { panic!("{refused:?}") };
    let pointers: Vec<&str> = faults.iter().map(|(pointer, _)| pointer.as_str()).collect();
    assert_eq!(pointers, vec!["/code", "/names/ru", "/names/kk", "/names/en"]);
    let mut item = store::menus::brand::list_items(&world.sql, BRAND).expect("stored").remove(0);
    item.category = "nowhere".to_owned();
    item.image = Some("http://x".to_owned());
    let refused = transaction(&world.sql, |tx| menu_brand::put_item(tx, BRAND, &item, None, world.now));
    assert!(matches!(refused, Err(Refused::Invalid(faults)) if faults.len() == 2));
    let used = transaction(&world.sql, |tx| menu_brand::delete_category(tx, BRAND, "c1"));
    assert_eq!(used, Err(Refused::CategoryInUse));
    let mut till = world.till(0, 0);
    till.terminal_group = "alpha-t2".to_owned();
    till.payment_type = Some("none".to_owned());
    let refused = transaction(&world.sql, |tx| menu_brand::put_till(tx, &till, world.now));
    assert!(matches!(refused, Err(Refused::Invalid(faults)) if faults.len() == 2));
}

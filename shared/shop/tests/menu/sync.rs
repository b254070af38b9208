//! Synchronisation: tokens, revisions, failures, bounds.

use shop::iiko_account::Trouble;
use shop::menu_sync::{self, Outcome};
use store::menus::accounts::{self, Source};
use store::menus::{chains, directory};

use crate::iiko::Mood;
use crate::world::{World, outlet};

#[test]
fn a_token_is_shared_kept_and_asked_for_anew_when_refused() {
    let mut world = World::new().with_tills();
    world.sync();
    let till = &world.iiko.tills[0];
    assert_eq!((till.tokens.get(), till.count("/api/1/access_token")), (1, 1), "many calls, one token");
    let stored = accounts::load(&world.sql, world.accounts[0]).expect("stored").expect("an account");
    let sealed = stored.token.expect("a token");
    assert!(!sealed.windows(5).any(|bytes| bytes == b"alpha"), "not as it is");
    assert!(!stored.description.credentials.windows(5).any(|bytes| bytes == b"alpha"));
    // Somebody else took a token: ours is worth nothing.
    till.tokens.set(7);
    world.later(30);
    assert_eq!(world.sync().failed, Vec::new());
    assert_eq!(world.iiko.tills[0].tokens.get(), 8);
    // It runs out before iiko says so.
    world.later(60);
    world.sync();
    assert_eq!(world.iiko.tills[0].tokens.get(), 9);
}

#[test]
fn what_is_read_is_there_and_what_is_unchanged_is_not_written() {
    let mut world = World::new();
    let first = world.sync();
    assert_eq!((first.accounts, first.menus), (2, 0), "no outlet sells from anywhere yet");
    let mut world = world.with_tills();
    let second = world.sync();
    assert_eq!((second.menus, second.products_changed), (4, 8));
    assert_eq!(second.calls, 4, "stop lists and one menu for both organisations, of two accounts");
    let organizations = directory::list_organizations(&world.sql, world.accounts[0]).expect("stored");
    assert!(organizations.iter().all(|known| known.outlets == 1 && known.menu_synced_at.is_some()));
    assert_eq!(world.sync().calls, 0, "nothing is due");
    world.later(25);
    let third = world.sync();
    assert_eq!((third.menus, third.products_changed, third.stops_changed), (4, 0, 0));
    world.iiko.tills[0].price.set(210);
    world.later(25);
    assert_eq!(world.sync().products_changed, 2);
    let products = chains::list_catalogue(&world.sql, world.accounts[0]).expect("stored");
    assert_eq!(products.len(), 2, "contents that nobody has are gone");
}

#[test]
fn a_failing_account_stops_nobody_else_and_is_left_alone() {
    let mut world = World::new().with_tills();
    for mood in [Mood::Broken, Mood::Silent, Mood::Busy] {
        world.iiko.tills[0].mood.set(mood);
        world.later(60);
        let done = world.sync();
        assert_eq!(
            done.failed.iter().map(|(id, _)| *id).collect::<Vec<_>>(),
            vec![world.accounts[0]],
            "{mood:?}"
        );
        assert_eq!(done.menus, 2, "the other account is read");
    }
    let stored = accounts::load(&world.sql, world.accounts[0]).expect("stored").expect("an account");
    assert!(stored.last_error.is_some());
    let before = world.iiko.tills[0].calls.borrow().len();
    assert_eq!(world.sync().failed, Vec::new(), "left alone, silently");
    assert_eq!(world.iiko.tills[0].calls.borrow().len(), before);
    let asked = world.line().call(world.accounts[0], &|access| iiko::menu::organizations::request(access));
    assert!(matches!(asked, Err(Trouble::LeftAlone { .. })));
    world.iiko.tills[0].mood.set(Mood::Well);
    world.later(60);
    assert_eq!(world.sync().menus, 4);
    let stored = accounts::load(&world.sql, world.accounts[0]).expect("stored").expect("an account");
    assert_eq!(stored.last_error, None);
}

#[test]
fn a_run_stops_at_its_bound_and_the_next_goes_on() {
    let mut world = World::new().with_tills();
    let first = menu_sync::run(&world.line(), None, 2).expect("a run");
    assert_eq!((first.calls, first.menus, first.more), (2, 2, true));
    let second = menu_sync::run(&world.line(), None, 2).expect("a run");
    assert_eq!((second.menus, second.failed.len()), (2, 0));
    world.rebuild();
    assert!(world.menu(outlet(1, 1)).is_some());
}

#[test]
fn two_runs_do_not_overlap() {
    let world = World::new();
    let taken = store::transaction::transaction(&world.sql, |tx| {
        store::jobs::take(tx, menu_sync::JOB, 1, world.now, world.now.plus_millis(1_000))
    });
    assert_eq!(taken, Ok(true));
    assert_eq!(menu_sync::run_alone(&world.line(), 2, None, 10), Ok(Outcome::Busy));
    assert!(world.iiko.tills[0].calls.borrow().is_empty());
}

#[test]
fn nomenclature_is_read_by_its_revision() {
    let mut world = World::new().with_tills();
    let account = world.accounts[0];
    world.account(Some(account), "a.example", "alpha", Source::Nomenclature).expect("changed");
    let first = world.sync();
    assert_eq!(first.menus, 4);
    let known = directory::list_organizations(&world.sql, account).expect("stored");
    assert!(known.iter().all(|organization| organization.revision == 9));
    world.iiko.tills[0].price.set(999);
    world.later(25);
    // The till says that nothing has changed since revision nine: what is known stays.
    let second = world.sync();
    assert_eq!((second.menus, second.products_changed), (4, 0));
    let products = chains::list_products(&world.sql, account, "alpha-org1").expect("stored");
    assert_eq!(products[0].sizes[0].price_minor, Some(20_000));
}

#[test]
fn an_external_menu_is_read_by_its_revision() {
    let mut world = World::new().with_tills();
    let (account, till) = (world.accounts[0], 0);
    world.sync();
    let stored = |world: &World| {
        let products = chains::list_products(&world.sql, account, "alpha-org1").expect("stored");
        products[0].sizes[0].price_minor
    };
    assert_eq!(stored(&world), Some(20_000));
    world.iiko.tills[till].keeps_revisions.set(true);
    world.iiko.tills[till].price.set(999);
    world.later(25);
    let second = world.sync();
    assert_eq!((second.menus, second.products_changed), (4, 0), "left out since revision three");
    assert_eq!(stored(&world), Some(20_000), "what is known stays");
    // Read by hand, everything is asked for.
    menu_sync::run(&world.line(), Some(account), 10).expect("a run");
    assert_eq!(stored(&world), Some(99_900));
}

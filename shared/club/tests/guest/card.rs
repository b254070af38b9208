use std::collections::BTreeSet;

use club::card::{self, ACTIVE_MAX, ISSUES, LINK_TRIES, Linked, Refusal, Replacement};
use kernel::MemberId;
use kernel::time::DAY_MS;
use membership::card_number::CardNumber;
use membership::rotating_code::{self, Scan};
use store::cards::{Card, CardStatus};

use crate::world::{PHONE, World};

const OTHER_PHONE: &str = "+77010000002";

fn issue(world: &mut World, member: MemberId) -> Result<Card, Refusal> {
    world.tx(|tx, personal, moment| card::issue(tx, member, personal.secrets, moment.now))
}

fn link(world: &mut World, member: MemberId, number: &str) -> Result<Linked, Refusal> {
    let number = CardNumber::parse(number).unwrap();
    world.tx(|tx, _, moment| card::link(tx, member, &number, moment.now))
}

fn block(world: &mut World, member: MemberId, card: &Card) -> Result<Card, Refusal> {
    let number = number(card);
    world.tx(|tx, _, moment| card::block(tx, member, &number, "lost", moment.now))
}

fn replace(world: &mut World, member: MemberId, card: &Card) -> Result<Replacement, Refusal> {
    let number = number(card);
    world.tx(|tx, personal, moment| card::replace(tx, member, &number, personal.secrets, moment.now))
}

fn number(card: &Card) -> CardNumber {
    CardNumber::parse(&card.number).unwrap()
}

fn import(world: &World, kind: &str, number: &str) {
    let statement =
        "insert into cards (brand, number, kind, status, changed_at) values ('daily', ?1, ?2, 'free', 0)";
    store::Sql::execute(&world.sql, statement, &[number.into(), kind.into()]).unwrap();
}

/// Ends the day, so that only the limit under test applies.
fn next_day(world: &mut World) {
    world.wait(DAY_MS);
}

#[test]
fn numbers_are_in_store_unique_and_not_in_sequence() {
    let mut world = World::new();
    let member = world.member();
    let mut numbers = BTreeSet::new();
    let mut previous = String::new();
    for _ in 0..60 {
        let card = issue(&mut world, member).unwrap();
        let ean = number(&card).ean13().expect("an EAN-13");
        assert!(card.number.starts_with("29"), "{ean}");
        assert_ne!(&card.number[..9], previous.get(..9).unwrap_or_default(), "neighbours tell nothing");
        assert!(numbers.insert(card.number.clone()), "{} twice", card.number);
        previous.clone_from(&card.number);
        block(&mut world, member, &card).unwrap();
        next_day(&mut world);
    }
    assert_eq!(world.count("select last_serial from card_serials"), 60);
}

#[test]
fn the_imported_pool_is_used_first_and_its_numbers_never_again() {
    let mut world = World::new();
    let member = world.member();
    let mut other = World::new();
    let stranger = other.member();
    // What the shuffle will give first is imported as somebody's free card.
    let first = issue(&mut other, stranger).unwrap().number;
    import(&world, "virtual", &first);
    import(&world, "plastic", "P100");
    assert_eq!(issue(&mut world, member).unwrap().number, first);
    let second = issue(&mut world, member).unwrap();
    assert_ne!(second.number, first, "the serial of an imported number is passed over");
    assert_ne!(second.number, "P100", "plastic is not issued");
    assert_eq!(world.count("select last_serial from card_serials"), 2);
}

#[test]
fn so_many_active_cards_and_so_many_a_day() {
    let mut world = World::new();
    let member = world.member();
    let cards: Vec<Card> = (0..ACTIVE_MAX).map(|_| issue(&mut world, member).unwrap()).collect();
    assert_eq!(issue(&mut world, member).unwrap_err(), Refusal::TooMany);
    block(&mut world, member, &cards[0]).unwrap();
    let mut current = issue(&mut world, member).unwrap();
    for _ in ACTIVE_MAX + 1..ISSUES.max as usize {
        let Replacement::New(next) = replace(&mut world, member, &current).unwrap() else { panic!() };
        current = next;
    }
    assert!(matches!(replace(&mut world, member, &current), Err(Refusal::Limited { .. })));
    assert_eq!(card::own(&world.sql, member, &number(&current)).unwrap().status, CardStatus::Active);
    next_day(&mut world);
    replace(&mut world, member, &current).unwrap();
}

#[test]
fn plastic_cards_are_linked_once() {
    let mut world = World::new();
    let member = world.member();
    let (stranger, _) = world.sign_in(OTHER_PHONE);
    import(&world, "plastic", "P100");
    import(&world, "virtual", "2900000012349");
    assert!(matches!(link(&mut world, member, "p-100").unwrap(), Linked::New(card) if card.number == "P100"));
    assert!(matches!(link(&mut world, member, "P100").unwrap(), Linked::Already(_)));
    assert_eq!(link(&mut world, stranger.member, "P100").unwrap(), Linked::NotFree, "somebody's");
    assert_eq!(link(&mut world, member, "P101").unwrap(), Linked::NotFree, "unknown");
    assert_eq!(link(&mut world, member, "2900000012349").unwrap(), Linked::NotFree, "of the virtual pool");
}

#[test]
fn plastic_numbers_cannot_be_tried_out() {
    let mut world = World::new();
    let member = world.member();
    import(&world, "plastic", "P100");
    for guess in 0..LINK_TRIES.max {
        assert_eq!(link(&mut world, member, &format!("P2{guess:02}")).unwrap(), Linked::NotFree);
    }
    assert!(matches!(link(&mut world, member, "P100"), Err(Refusal::Limited { .. })));
    next_day(&mut world);
    assert!(matches!(link(&mut world, member, "P100").unwrap(), Linked::New(_)));
}

#[test]
fn a_lost_card_is_blocked_and_replaced_once() {
    let mut world = World::new();
    let member = world.member();
    let lost = issue(&mut world, member).unwrap();
    assert_eq!(block(&mut world, member, &lost).unwrap().reason.as_deref(), Some("lost"));
    assert_eq!(block(&mut world, member, &lost).unwrap().status, CardStatus::Blocked);
    let Replacement::New(new) = replace(&mut world, member, &lost).unwrap() else { panic!() };
    assert!(matches!(replace(&mut world, member, &lost).unwrap(), Replacement::Earlier(card) if card == new));
    let old = card::own(&world.sql, member, &number(&lost)).unwrap();
    assert_eq!((old.status, old.key_version), (CardStatus::Replaced, lost.key_version + 1));
    assert_eq!(old.replaced_by.as_deref(), Some(new.number.as_str()));
    assert_eq!(block(&mut world, member, &lost).unwrap_err(), Refusal::Inactive { status: "replaced" });
    let shown = card::own_active(&world.sql, member, &number(&lost));
    assert_eq!(shown.unwrap_err(), Refusal::Inactive { status: "replaced" });
}

#[test]
fn the_key_shows_codes_that_tills_accept() {
    let mut world = World::new();
    let member = world.member();
    let card = issue(&mut world, member).unwrap();
    let (number, key) = card::key(&card, &world.secrets).unwrap();
    let rich = Scan::parse(&key.rich_text(&number, world.now)).unwrap();
    rotating_code::verify(&rich, &key, world.now).expect("a fresh code");
    let bumped = Card { key_version: card.key_version + 1, ..card };
    let (_, newer) = card::key(&bumped, &world.secrets).unwrap();
    assert!(rotating_code::verify(&rich, &newer, world.now).is_err(), "an old copy of the key is of no use");
}

#[test]
fn a_card_of_somebody_else_is_unknown() {
    let mut world = World::new();
    let member = world.member();
    let (stranger, _) = world.sign_in(OTHER_PHONE);
    let card = issue(&mut world, member).unwrap();
    for refused in [
        card::own(&world.sql, stranger.member, &number(&card)).unwrap_err(),
        block(&mut world, stranger.member, &card).unwrap_err(),
        replace(&mut world, stranger.member, &card).unwrap_err(),
    ] {
        assert_eq!(refused, Refusal::Unknown);
    }
    assert_eq!(card::list(&world.sql, stranger.member).unwrap(), []);
    let (again, _) = world.sign_in(PHONE);
    assert_eq!(card::list(&world.sql, again.member).unwrap(), [card]);
}

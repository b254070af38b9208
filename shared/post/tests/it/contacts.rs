//! Devices, chats and mailboxes.

use kernel::time::{DAY_MS, MINUTE_MS};
use kernel::{ContactId, MemberId};
use membership::one_time_code::Code;
use membership::profile::Email;
use messaging::Channel;
use post::Refusal;
use post::contacts::{self, Answered, CODE_LIFETIME_MS, DEVICES_MAX};
use store::contacts::Status;
use store::notifications::{self, body_place};
use store::{contacts as rows, members};

use crate::world::World;

fn statuses(world: &World, member: MemberId) -> Vec<(Channel, Status)> {
    rows::list(&world.sql, member).unwrap().into_iter().map(|each| (each.channel, each.status)).collect()
}

#[test]
fn a_device_is_linked_once_and_goes_with_whoever_has_it() {
    let mut world = World::new();
    let (anna, bolat) = (world.member(1), world.member(2));
    let first = world.link(anna, Channel::PushFcm, "token-a");
    world.wait(MINUTE_MS);
    assert_eq!(world.link(anna, Channel::PushFcm, "token-a"), first, "the same device again");
    assert_eq!(world.count("select count(*) from contacts"), 1);

    let moved = world.link(bolat, Channel::PushFcm, "token-a");
    assert_ne!(moved, first);
    assert_eq!(statuses(&world, anna), []);
    assert_eq!(statuses(&world, bolat), [(Channel::PushFcm, Status::Active)]);
    let gone = rows::load(&world.sql, first.raw()).unwrap().unwrap();
    assert_eq!(
        (gone.status, gone.reason.as_deref(), gone.address_sealed),
        (Status::Removed, Some("moved"), None)
    );

    // The same text in another channel is another address.
    world.link(anna, Channel::PushRustore, "token-a");
    assert_eq!(statuses(&world, bolat).len(), 1);
}

#[test]
fn addresses_are_nowhere_in_clear() {
    let mut world = World::new();
    let anna = world.member(1);
    world.link(anna, Channel::PushFcm, "token-in-clear");
    let found = world.count(
        "select count(*) from contacts where instr(address_sealed, cast('token-in-clear' as blob)) > 0 \
         or instr(address_index, cast('token' as blob)) > 0",
    );
    assert_eq!(found, 0);
    let shown = contacts::list(&world.sql, anna, world.personal()).unwrap();
    assert_eq!(shown[0].address, None, "a token is nobody's to read");
}

#[test]
fn the_device_seen_longest_ago_makes_room() {
    let mut world = World::new();
    let anna = world.member(1);
    let first = world.link(anna, Channel::PushFcm, "token-0");
    for number in 1..DEVICES_MAX {
        world.wait(MINUTE_MS);
        world.link(anna, Channel::PushRustore, &format!("token-{number}"));
    }
    world.wait(MINUTE_MS);
    world.link(anna, Channel::PushFcm, "token-0");
    world.wait(MINUTE_MS);
    world.link(anna, Channel::PushFcm, "token-new");
    let left = rows::list(&world.sql, anna).unwrap();
    assert_eq!(left.len(), DEVICES_MAX);
    assert!(left.iter().any(|each| each.id == first.raw()), "it was seen again");
}

#[test]
fn only_ones_own_contact_is_removed_and_once() {
    let mut world = World::new();
    let (anna, bolat) = (world.member(1), world.member(2));
    let id = world.link(anna, Channel::PushFcm, "token-a");
    let remove =
        |world: &mut World, member| world.tx(|tx, _, moment| contacts::remove(tx, member, id, moment.now));
    assert_eq!(remove(&mut world, bolat), Err(Refusal::Unknown));
    assert_eq!(remove(&mut world, anna), Ok(()));
    assert_eq!(remove(&mut world, anna), Err(Refusal::Unknown));
}

fn offer(world: &mut World, member: MemberId, email: &str) -> Result<ContactId, Refusal> {
    let email = Email::parse(email).unwrap();
    world.tx(|tx, personal, moment| contacts::offer_mailbox(tx, member, &email, personal, moment))
}

/// The code in the latest intent.
fn code(world: &World) -> Code {
    let intent = notifications::list_unplanned(&world.sql, 10).unwrap().pop().unwrap();
    let text = world.personal().open(body_place(intent.id), intent.body_sealed.as_deref()).unwrap().unwrap();
    Code::parse(&text).unwrap()
}

fn other(code: &Code) -> Code {
    Code::parse(if code.expose() == "000000" { "000001" } else { "000000" }).unwrap()
}

fn confirm(world: &mut World, member: MemberId, id: ContactId, code: &Code) -> Result<Answered, Refusal> {
    world.tx(|tx, personal, moment| contacts::confirm_mailbox(tx, member, id, code, personal, moment.now))
}

#[test]
fn a_mailbox_is_used_once_its_code_came_back() {
    let mut world = World::new();
    let (anna, bolat) = (world.member(1), world.member(2));
    let id = offer(&mut world, anna, "anna@example.com").unwrap();
    assert_eq!(statuses(&world, anna), [(Channel::Email, Status::Unconfirmed)]);
    let right = code(&world);
    assert_eq!(confirm(&mut world, bolat, id, &right), Err(Refusal::Unknown));
    assert_eq!(confirm(&mut world, anna, id, &other(&right)), Ok(Answered::Wrong { tries_left: 4 }));
    assert_eq!(confirm(&mut world, anna, id, &right), Ok(Answered::Confirmed));
    assert_eq!(statuses(&world, anna), [(Channel::Email, Status::Active)]);
    assert_eq!(confirm(&mut world, anna, id, &right), Ok(Answered::Confirmed), "said twice");
    assert_eq!(offer(&mut world, anna, "anna@example.com"), Ok(id), "no code for what is confirmed");
    assert_eq!(world.count("select count(*) from notifications"), 1);
    let shown = contacts::list(&world.sql, anna, world.personal()).unwrap();
    assert_eq!(shown[0].address.as_deref(), Some("anna@example.com"));
}

/// Somebody who offers other mailboxes has not given up the one that works.
#[test]
fn an_unproven_mailbox_puts_no_proven_one_out() {
    let mut world = World::new();
    let anna = world.member(1);
    let mailboxes = |world: &World| -> Vec<Status> {
        statuses(world, anna).into_iter().map(|(_, status)| status).collect()
    };
    let first = offer(&mut world, anna, "a@example.com").unwrap();
    let right = code(&world);
    confirm(&mut world, anna, first, &right).unwrap();
    for mailbox in ["b@example.com", "c@example.com"] {
        world.wait(MINUTE_MS);
        offer(&mut world, anna, mailbox).unwrap();
    }
    assert_eq!(mailboxes(&world), [Status::Active, Status::Unconfirmed], "of those unproven the newest");
    let last = rows::list(&world.sql, anna).unwrap().pop().unwrap();
    let right = code(&world);
    confirm(&mut world, anna, ContactId::from_raw(last.id), &right).unwrap();
    world.wait(MINUTE_MS);
    let third = offer(&mut world, anna, "d@example.com").unwrap();
    assert_eq!(mailboxes(&world), [Status::Active, Status::Active, Status::Unconfirmed]);
    let right = code(&world);
    confirm(&mut world, anna, third, &right).unwrap();
    assert_eq!(mailboxes(&world), [Status::Active, Status::Active], "the oldest makes room for a proven one");
    let left = contacts::list(&world.sql, anna, world.personal()).unwrap();
    let left: Vec<Option<String>> = left.into_iter().map(|shown| shown.address).collect();
    assert_eq!(left, [Some("c@example.com".to_owned()), Some("d@example.com".to_owned())]);
}

#[test]
fn guessing_ends_and_so_does_time() {
    let mut world = World::new();
    let anna = world.member(1);
    let id = offer(&mut world, anna, "anna@example.com").unwrap();
    let right = code(&world);
    for left in (0..5).rev() {
        assert_eq!(confirm(&mut world, anna, id, &other(&right)), Ok(Answered::Wrong { tries_left: left }));
    }
    assert_eq!(confirm(&mut world, anna, id, &right), Err(Refusal::CodeEnded));
    // A new code is another; the contact is the same.
    assert_eq!(offer(&mut world, anna, "anna@example.com"), Ok(id));
    let second = code(&world);
    world.wait(CODE_LIFETIME_MS);
    assert_eq!(confirm(&mut world, anna, id, &second), Err(Refusal::CodeEnded));
}

#[test]
fn nobodys_mailbox_is_flooded() {
    let mut world = World::new();
    let members: Vec<MemberId> = (1..=4).map(|number| world.member(number)).collect();
    for &member in &members[..3] {
        offer(&mut world, member, "victim@example.com").unwrap();
    }
    assert!(matches!(offer(&mut world, members[3], "victim@example.com"), Err(Refusal::Limited { .. })));
    for number in 0..4 {
        offer(&mut world, members[0], &format!("m{number}@example.com")).unwrap();
    }
    let more = offer(&mut world, members[0], "more@example.com");
    assert_eq!(more, Err(Refusal::Limited { retry_after_seconds: DAY_MS / 1_000 }));
}

#[test]
fn an_erased_member_leaves_no_address_and_is_told_nothing() {
    let mut world = World::new();
    let anna = world.member(1);
    world.link(anna, Channel::PushFcm, "token-a");
    offer(&mut world, anna, "anna@example.com").unwrap();
    world
        .tx(|tx, _, moment| {
            rows::erase(tx, anna, moment.now)?;
            notifications::erase(tx, anna, moment.now)?;
            members::erase(tx, anna, moment.now)
        })
        .unwrap();
    let left = "select count(*) from contacts where address_sealed is not null or address_index is not null \
                or proof_hash is not null or status <> 'removed'";
    assert_eq!(world.count(left), 0);
    assert_eq!(notifications::list_unplanned(&world.sql, 10).unwrap(), []);
    assert_eq!(world.count("select count(*) from notifications where body_sealed is not null"), 0);
}

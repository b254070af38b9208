//! Signing in from the Mini App.

use bot::opening::{self, FRESH_MS, Refusal};
use club::Moment;
use kernel::IdSource;
use telegram::init_data::{InitData, Unproven};
use telegram::update::User;

use crate::world::{GUEST, World};

fn opened(world: &World, user: i64, proof: u8) -> InitData {
    InitData {
        user: User { id: user, is_bot: false, language_code: None },
        auth_date: world.now,
        start_param: None,
        proof: [proof; 32],
    }
}

fn sign_in(world: &mut World, data: &InitData) -> Result<club::session::Opened, Refusal> {
    let key = |hash: &[u8]| format!("session/{}", hash.len());
    world.tx(|tx, personal, moment| opening::sign_in(tx, "daily", data, personal, key, moment))
}

#[test]
fn a_members_chat_signs_in_once_for_each_opening() {
    let mut world = World::new();
    let first = opened(&world, GUEST, 1);
    assert_eq!(sign_in(&mut world, &first).err(), Some(Refusal::NotLinked));
    world.join();
    let session = sign_in(&mut world, &first).expect("the refused try used nothing up");
    assert_eq!(session.member.raw(), world.count("select id from members"));
    assert_eq!(world.count("select count(*) from sessions where ended_at is null"), 1);
    assert_eq!(sign_in(&mut world, &first).err(), Some(Refusal::Used));
    let second = opened(&world, GUEST, 2);
    assert!(sign_in(&mut world, &second).is_ok());
    let stranger = opened(&world, GUEST + 1, 3);
    assert_eq!(sign_in(&mut world, &stranger).err(), Some(Refusal::NotLinked));
    world.sql_run("update members set status = 'blocked'");
    let third = opened(&world, GUEST, 4);
    assert_eq!(sign_in(&mut world, &third).err(), Some(Refusal::Blocked));
}

#[test]
fn openings_are_forgotten_when_they_are_stale_anyway() {
    let mut world = World::new();
    world.join();
    let first = opened(&world, GUEST, 1);
    sign_in(&mut world, &first).expect("a session");
    world.wait(FRESH_MS + telegram::init_data::AHEAD_MS_MAX + 1);
    let second = opened(&world, GUEST, 2);
    sign_in(&mut world, &second).expect("a session");
    assert_eq!(world.count("select count(*) from telegram_openings"), 1);
}

#[test]
fn only_what_telegram_signed_for_this_bot_is_proven() {
    let world = World::new();
    let mut ids = IdSource::new(1);
    let moment = Moment { now: world.now, ids: &mut ids };
    assert_eq!(opening::prove("user=1&hash=00", &world.account(), &moment), Err(Unproven::Signature));
}

use club::member::erase;
use club::session::{self, Opened, REFRESH_MS, REPEAT_MS, Refusal, Renewal, SESSIONS_MAX};
use club::signup::verify::Outcome;
use club::watching;
use fraud::facts::Trace;
use kernel::time::MINUTE_MS;
use membership::secrets::Token;

use crate::world::{PHONE, World, code_in, key_of, required};

fn renew(world: &mut World, token: &Token) -> Result<Renewal, Refusal> {
    world.tx(|tx, personal, moment| session::renew(tx, token, personal, key_of, moment.now))
}

fn renewed(world: &mut World, token: &Token) -> Opened {
    match renew(world, token) {
        Ok(Renewal::Renewed(opened)) => *opened,
        other => panic!("{other:?}"),
    }
}

fn open_sessions(world: &World) -> i64 {
    world.count("select count(*) from sessions where ended_at is null")
}

#[test]
fn each_exchange_gives_new_tokens_and_a_new_lifetime() {
    let mut world = World::new();
    let (opened, _) = world.sign_in(PHONE);
    let mut current = opened.clone();
    for _ in 0..5 {
        world.wait(REFRESH_MS - 1);
        let next = renewed(&mut world, &current.refresh);
        assert_eq!(next.id, opened.id);
        assert_ne!(next.refresh.expose(), current.refresh.expose());
        assert_ne!(next.access.expose(), current.access.expose());
        assert_eq!(next.stale_keys, [current.access_key.clone()], "the old access token ends");
        assert_eq!(next.refresh_expires_at, world.now.plus_millis(REFRESH_MS));
        current = next;
    }
    world.wait(REFRESH_MS);
    assert_eq!(renew(&mut world, &current.refresh).unwrap_err(), Refusal::Ended, "expired");
}

#[test]
fn a_lost_answer_is_given_again_word_for_word() {
    let mut world = World::new();
    let (opened, _) = world.sign_in(PHONE);
    world.wait(MINUTE_MS);
    let first = renewed(&mut world, &opened.refresh);
    for _ in 0..3 {
        world.wait(REPEAT_MS / 4);
        let again = renewed(&mut world, &opened.refresh);
        assert_eq!(again.refresh.expose(), first.refresh.expose());
        assert_eq!(again.access.expose(), first.access.expose());
        assert_eq!(again.access_key, first.access_key);
        assert_eq!(again.access_expires_at, first.access_expires_at);
        assert_eq!(again.refresh_expires_at, first.refresh_expires_at);
        assert!(again.stale_keys.is_empty(), "the access token just given stays good");
    }
    renewed(&mut world, &first.refresh);
}

/// Whoever comes second with a copied token ends the session for both, in whatever order and however late.
#[test]
fn a_copied_token_ends_the_session() {
    struct Theft {
        exchanges_before: usize,
        wait: i64,
    }
    for theft in [
        Theft { exchanges_before: 1, wait: REPEAT_MS },
        Theft { exchanges_before: 2, wait: 0 },
        Theft { exchanges_before: 5, wait: MINUTE_MS },
    ] {
        let mut world = World::new();
        let (stolen, _) = world.sign_in(PHONE);
        let mut current = stolen.clone();
        for _ in 0..theft.exchanges_before {
            current = renewed(&mut world, &current.refresh);
        }
        world.wait(theft.wait);
        match renew(&mut world, &stolen.refresh).unwrap() {
            Renewal::Reused { stale_keys } => assert_eq!(stale_keys, [current.access_key]),
            other => panic!("{other:?}"),
        }
        assert_eq!(open_sessions(&world), 0);
        assert_eq!(renew(&mut world, &current.refresh).unwrap_err(), Refusal::Ended, "for the other too");
    }
}

#[test]
fn strangers_and_members_shut_out() {
    let mut world = World::new();
    let (opened, _) = world.sign_in(PHONE);
    let stranger = Token::new(membership::secrets::TokenKind::GuestRefresh, [9; 32]);
    assert_eq!(renew(&mut world, &stranger).unwrap_err(), Refusal::Ended);
    world.change("update members set status = 'blocked'");
    let outcome = renew(&mut world, &opened.refresh).unwrap();
    assert!(matches!(outcome, Renewal::MemberInactive { stale_keys } if stale_keys == [opened.access_key]));
    assert_eq!(open_sessions(&world), 0);
}

#[test]
fn signing_out_here_and_everywhere() {
    let mut world = World::new();
    let (here, _) = world.sign_in(PHONE);
    let (there, _) = world.sign_in(PHONE);
    let keys = world.tx(|tx, _, moment| session::sign_out(tx, here.member, here.id, moment.now)).unwrap();
    assert_eq!(keys, [here.access_key.as_str()]);
    assert_eq!(renew(&mut world, &here.refresh).unwrap_err(), Refusal::Ended);
    let again = world.tx(|tx, _, moment| session::sign_out(tx, here.member, here.id, moment.now)).unwrap();
    assert!(again.is_empty());
    let (third, _) = world.sign_in(PHONE);
    let keys = world.tx(|tx, _, moment| session::sign_out_everywhere(tx, here.member, moment.now)).unwrap();
    assert_eq!(keys, [there.access_key, third.access_key]);
    assert_eq!(open_sessions(&world), 0);
}

#[test]
fn one_device_too_many_ends_the_oldest() {
    let mut world = World::new();
    world.policy.per_phone.max = 100;
    world.policy.per_address.max = 100;
    let sessions: Vec<Opened> = (0..SESSIONS_MAX + 2).map(|_| world.sign_in(PHONE).0).collect();
    assert_eq!(open_sessions(&world), SESSIONS_MAX as i64);
    assert_eq!(sessions.last().unwrap().stale_keys, [sessions[1].access_key.clone()]);
    assert_eq!(renew(&mut world, &sessions[0].refresh).unwrap_err(), Refusal::Ended);
    renewed(&mut world, &sessions[2].refresh);
}

/// What the session does later, orders say, is known to be done there; whoever leaves takes it along.
#[test]
fn a_session_knows_the_device_that_it_was_opened_on() {
    let mut world = World::new();
    let device = Trace::from_raw(9);
    let (unsaid, _) = world.sign_in(PHONE);
    world.wait(MINUTE_MS);
    let sent = world.start(PHONE, &required()).unwrap();
    let Outcome::SignedIn { session, .. } = world.answer_on(device, sent.challenge, &code_in(&sent)).unwrap()
    else {
        panic!("the right code")
    };
    assert_eq!(watching::device_of(&world.sql, unsaid.id), Ok(None), "the app did not say");
    assert_eq!(watching::device_of(&world.sql, session.id), Ok(Some(device)));
    // The next tokens are the same session's.
    let next = renewed(&mut world, &session.refresh);
    assert_eq!(watching::device_of(&world.sql, next.id), Ok(Some(device)));
    let member = session.member;
    world.tx(|tx, _, moment| erase::erase(tx, member, erase::Through::Themselves, moment)).unwrap();
    assert_eq!(watching::device_of(&world.sql, session.id), Ok(None));
}

use club::signup::Refusal;
use club::signup::send;
use club::signup::verify::Outcome;
use kernel::time::{DAY_MS, MINUTE_MS};
use membership::one_time_code::Limit;
use membership::phone::Country;
use membership::profile::ConsentKind;
use store::{Value, consents};

use crate::world::{PHONE, SECOND, World, code_in, consent, other_than, required};

fn limited(refused: Result<send::Sent, Refusal>) -> Limit {
    match refused {
        Err(Refusal::Limited(limited)) => {
            assert!(limited.retry_after_seconds > 0);
            limited.limit
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_stranger_becomes_a_member_and_the_member_comes_back() {
    let mut world = World::new();
    let (first, is_new) = world.sign_in(PHONE);
    assert!(is_new);
    let row = "select tier || ' ' || language || ' ' || status from members";
    assert_eq!(world.one(row, &[]), Value::Text("bronze ru active".to_owned()));
    assert_eq!(world.count("select available from balances"), 10_000);
    assert_eq!(world.count("select count(*) from entries where event like 'welcome:%'"), 1);
    assert_eq!(world.count("select count(*) from consents where source = 'signup'"), 2);
    let (second, is_new) = world.sign_in("8 (701) 000-00-01");
    assert!(!is_new);
    assert_eq!(second.member, first.member);
    assert_ne!(second.access.expose(), first.access.expose());
    assert_eq!(world.count("select count(*) from entries"), 1, "one welcome");
    assert_eq!(world.count("select count(*) from consents"), 2, "nothing new was said");
    assert_eq!(world.count("select count(*) from sessions where ended_at is null"), 2);
    world.check_ledger();
}

#[test]
fn nothing_personal_is_readable_in_the_database() {
    let mut world = World::new();
    let sent = world.start(PHONE, &required()).unwrap();
    world.answer(sent.challenge, &code_in(&sent)).unwrap();
    for table in ["members", "challenges", "messages", "counters", "sessions"] {
        for row in store::Sql::execute(&world.sql, &format!("select * from {table}"), &[]).unwrap() {
            for value in row {
                let bytes = match value {
                    Value::Text(text) => text.into_bytes(),
                    Value::Blob(bytes) => bytes,
                    Value::Integer(_) | Value::Null => continue,
                };
                for secret in ["7010000001", &code_in(&sent), "Phone"] {
                    let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
                    assert!(!found, "{secret} in {table}");
                }
            }
        }
    }
}

#[test]
fn known_and_unknown_phones_are_answered_alike() {
    let mut world = World::new();
    world.member();
    world.wait(MINUTE_MS);
    let known = world.start(PHONE, &[]).unwrap();
    let unknown = world.start("+77010000002", &[]).unwrap();
    assert_eq!(known.expires_at, unknown.expires_at);
    assert_eq!(known.resend_after, unknown.resend_after);
    assert_eq!(known.message.text.len(), unknown.message.text.len());
}

#[test]
fn only_mobile_phones_of_the_plan() {
    let mut world = World::new();
    for (phone, refusal) in [
        ("8 727 250 00 00", "only a mobile number can be used to sign up"),
        ("8 800 555 35 35", "only a mobile number can be used to sign up"),
        ("hello", "not a phone number"),
        ("+7 701", "a phone number has more or fewer digits"),
    ] {
        assert_eq!(world.start(phone, &[]).unwrap_err().to_string(), refusal, "{phone}");
    }
    assert_eq!(world.count("select count(*) from challenges"), 0);
}

#[test]
fn messages_go_only_where_the_chain_is() {
    let mut world = World::new();
    world.served = ["KZ", "RU"].map(|code| Country::parse(code).unwrap()).to_vec();
    for (phone, served) in [
        ("+77010000001", true),
        ("+79161234567", true),
        ("+996700123456", false),
        ("+447911123456", false),
        ("+881612345678", false), // a satellite phone: of no country
    ] {
        let started = world.start(phone, &[]);
        assert_eq!(started.as_ref().err(), (!served).then_some(&Refusal::NotServed), "{phone}");
    }
}

#[test]
fn sends_are_limited_per_phone() {
    let mut world = World::new();
    let sent = world.start(PHONE, &[]).unwrap();
    world.wait(59 * SECOND);
    assert_eq!(limited(world.start(PHONE, &[])), Limit::Pause);
    assert_eq!(limited(world.resend(sent.challenge)), Limit::Pause);
    world.wait(SECOND);
    world.resend(sent.challenge).unwrap();
    for _ in 0..3 {
        world.wait(MINUTE_MS);
        world.start(PHONE, &[]).unwrap();
    }
    world.wait(MINUTE_MS);
    assert_eq!(limited(world.start(PHONE, &[])), Limit::Phone);
    world.start("+77010000002", &[]).expect("another phone is free");
    world.wait(DAY_MS);
    world.start(PHONE, &[]).expect("the next day");
}

#[test]
fn sends_are_limited_per_network_and_overall() {
    let mut world = World::new();
    world.policy.per_address.max = 3;
    for last in 1..=3 {
        world.start_from(&format!("+7701000000{last}"), &[], "2001:db8:1:2::1").unwrap();
    }
    assert_eq!(limited(world.start_from("+77010000004", &[], "2001:db8:1:2::2")), Limit::Address);
    world.start_from("+77010000004", &[], "2001:db8:1:3::1").expect("another network");
    world.policy.overall.max = 4;
    assert_eq!(limited(world.start_from("+77010000005", &[], "203.0.113.9")), Limit::Overall);
    world.wait(MINUTE_MS);
    world.start_from("+77010000005", &[], "203.0.113.9").expect("the next minute");
}

#[test]
fn what_the_gateway_did_not_take_does_not_count_against_the_phone() {
    let mut world = World::new();
    for _ in 0..20 {
        let sent = world.start(PHONE, &[]).unwrap();
        world.tx(|tx, _, _| send::undelivered(tx, &sent, "down")).unwrap();
    }
    assert_eq!(limited(world.start(PHONE, &[])), Limit::Address, "but against the network it does");
    assert_eq!(
        world.count("select count(*) from messages where status = 'failed' and body_sealed is null"),
        20
    );
}

#[test]
fn wrong_codes_use_up_the_challenge() {
    let mut world = World::new();
    let sent = world.start(PHONE, &required()).unwrap();
    let code = code_in(&sent);
    for left in (0..5).rev() {
        let outcome = world.answer(sent.challenge, other_than(&code)).unwrap();
        assert!(matches!(outcome, Outcome::Wrong { tries_left } if tries_left == left), "{outcome:?}");
    }
    let ended = Refusal::ChallengeEnded { challenge: sent.challenge };
    assert_eq!(world.answer(sent.challenge, &code).unwrap_err(), ended, "even with the right code");
    world.wait(MINUTE_MS);
    assert_eq!(world.resend(sent.challenge).unwrap_err(), ended);
    assert_eq!(world.count("select count(*) from members"), 0);
    assert_eq!(world.count("select count(*) from challenges where phone_sealed is not null"), 0);
}

#[test]
fn a_new_code_is_no_new_try() {
    let mut world = World::new();
    let first = world.start(PHONE, &required()).unwrap();
    for _ in 0..4 {
        world.answer(first.challenge, other_than(&code_in(&first))).unwrap();
    }
    world.wait(MINUTE_MS);
    let second = world.resend(first.challenge).unwrap();
    assert_eq!(second.challenge, first.challenge);
    if code_in(&first) != code_in(&second) {
        let outcome = world.answer(first.challenge, &code_in(&first)).unwrap();
        assert!(matches!(outcome, Outcome::Wrong { tries_left: 0 }), "the old code is no code: {outcome:?}");
    }
    let ended = Refusal::ChallengeEnded { challenge: first.challenge };
    assert_eq!(world.answer(first.challenge, &code_in(&second)).unwrap_err(), ended);
}

#[test]
fn a_challenge_ends_with_success_time_and_the_next_one() {
    let mut world = World::new();
    let first = world.start(PHONE, &required()).unwrap();
    world.wait(MINUTE_MS);
    let second = world.start(PHONE, &required()).unwrap();
    let ended = |sent: &send::Sent| Refusal::ChallengeEnded { challenge: sent.challenge };
    assert_eq!(world.answer(first.challenge, &code_in(&first)).unwrap_err(), ended(&first), "superseded");
    world.answer(second.challenge, &code_in(&second)).unwrap();
    assert_eq!(world.answer(second.challenge, &code_in(&second)).unwrap_err(), ended(&second), "used");
    world.wait(MINUTE_MS);
    let third = world.start(PHONE, &required()).unwrap();
    world.wait(5 * MINUTE_MS);
    assert_eq!(world.answer(third.challenge, &code_in(&third)).unwrap_err(), ended(&third), "expired");
    let unknown = kernel::ChallengeId::from_raw(42);
    assert_eq!(world.answer(unknown, "111111").unwrap_err(), Refusal::UnknownChallenge);
}

#[test]
fn required_consents_are_asked_for_once_the_phone_is_proven() {
    let mut world = World::new();
    let refused = [consent(ConsentKind::Terms, false, "1")];
    assert_eq!(world.start(PHONE, &refused).unwrap_err(), Refusal::Consents(vec![ConsentKind::Terms]));
    let twice = [required(), required()].concat();
    assert_eq!(world.start(PHONE, &twice).unwrap_err(), Refusal::ConsentTwice);
    let sent = world.start(PHONE, &[consent(ConsentKind::MarketingSms, true, "3")]).unwrap();
    let code = code_in(&sent);
    let missing = Refusal::Consents(vec![ConsentKind::Terms, ConsentKind::PersonalData]);
    assert_eq!(world.answer(sent.challenge, &code).unwrap_err(), missing);
    assert_eq!(world.count("select count(*) from members"), 0, "nothing is half done");
    assert_eq!(world.count("select tries_left from challenges"), 5);
    world.answer_with(sent.challenge, &code, &required()).expect("the same code, with the consents");
    assert_eq!(world.count("select count(*) from consents"), 3);
}

#[test]
fn a_member_without_consents_gives_them_at_the_next_sign_in() {
    let mut world = World::new();
    let member = world.member();
    world.change("delete from consents");
    world.wait(MINUTE_MS);
    let sent = world.start(PHONE, &[]).unwrap();
    let missing = Refusal::Consents(vec![ConsentKind::Terms, ConsentKind::PersonalData]);
    assert_eq!(world.answer(sent.challenge, &code_in(&sent)).unwrap_err(), missing);
    world.answer_with(sent.challenge, &code_in(&sent), &required()).unwrap();
    assert_eq!(consents::list(&world.sql, member).unwrap().len(), 2);
}

#[test]
fn a_blocked_member_is_told_so_only_with_the_right_code() {
    let mut world = World::new();
    world.member();
    world.change("update members set status = 'blocked'");
    world.wait(MINUTE_MS);
    let sent = world.start(PHONE, &[]).unwrap();
    let code = code_in(&sent);
    let wrong = world.answer(sent.challenge, other_than(&code)).unwrap();
    assert!(matches!(wrong, Outcome::Wrong { .. }));
    let sessions = world.count("select count(*) from sessions");
    assert!(matches!(world.answer(sent.challenge, &code).unwrap(), Outcome::Blocked));
    assert_eq!(world.count("select count(*) from sessions"), sessions);
}

/// Sixteen guesses at once are sixteen tries, of which five are had.
#[test]
fn guesses_at_once_are_tries_each() {
    const GUESSERS: u64 = 16;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sqlite_db.db");
    let mut world = World::at(&path);
    let sent = world.start(PHONE, &required()).unwrap();
    let guess = other_than(&code_in(&sent));
    let wrong: usize = std::thread::scope(|scope| {
        let guessers: Vec<_> = (0..GUESSERS)
            .map(|seed| {
                let (path, challenge) = (&path, sent.challenge);
                scope.spawn(move || {
                    let mut beside = World::beside(path, seed);
                    matches!(beside.answer(challenge, guess), Ok(Outcome::Wrong { .. }))
                })
            })
            .collect();
        guessers.into_iter().map(|guesser| usize::from(guesser.join().unwrap())).sum()
    });
    assert_eq!(wrong, 5);
    assert_eq!(world.count("select tries_left from challenges"), 0);
}

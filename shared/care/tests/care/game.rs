//! The game, and that it cannot be farmed.

use care::Refusal;
use care::play::{self, Offer, Played, RANDOM_WORDS};
use feedback::game::NoPlay;
use kernel::{Points, Timestamp};

use crate::world::{ANNA, BORIS, World, example, hours, noon, stars};

/// Wins the dearest prize: tickets 95 to 99 of a hundred.
const BIG: u64 = 97;

fn play(world: &mut World, id: i64, word: u64, now: Timestamp) -> Result<Played, Refusal> {
    world.write(now, |tx, _, moment| play::play(tx, id, &[word; RANDOM_WORDS], moment))
}

/// A receipt, asked and answered with five stars.
fn answered(world: &mut World, member: kernel::MemberId, now: Timestamp) -> i64 {
    let id = world.asked(11, member, now);
    world.submit(id, &stars(5), now).expect("lawful");
    id
}

#[test]
fn an_answer_plays_once() {
    let mut world = World::new();
    let id = world.asked(11, ANNA, noon());
    assert_eq!(play(&mut world, id, BIG, noon()), Err(Refusal::NotAnswered));
    let done = world.submit(id, &stars(5), noon()).expect("lawful");
    assert_eq!(done.game, Some(Offer::Open));
    let won = play(&mut world, id, BIG, noon()).expect("lawful");
    assert_eq!((won.prize.as_deref(), won.points), (Some("big"), Points::from_hundredths(5_000)));
    assert_eq!(world.available(ANNA), 5_000);
    assert_eq!(play(&mut world, id, BIG, noon()), Err(Refusal::Played));
    assert_eq!(world.available(ANNA), 5_000);
    assert_eq!(
        world.number(&format!("select count(*) from entries where event = 'game:{id}' and kind = 'accrual'")),
        1,
        "L4"
    );
    assert_eq!(world.text("select source from lots"), "game");
    assert_eq!(world.number("select coalesce(sum(amount), 0) from postings"), 0, "L1");
}

#[test]
fn a_blank_costs_nothing() {
    let mut world = World::new();
    let id = answered(&mut world, ANNA, noon());
    let won = play(&mut world, id, 0, noon()).expect("lawful");
    assert_eq!((won.prize.as_deref(), won.points), (Some("blank"), Points::ZERO));
    assert_eq!(world.number("select count(*) from entries"), 0);
}

#[test]
fn returned_receipts_do_not_play() {
    let mut world = World::new();
    let id = answered(&mut world, ANNA, noon());
    let receipt = world.number("select receipt_id from feedback_requests");
    world.give_back(receipt);
    assert_eq!(play(&mut world, id, BIG, noon()), Err(Refusal::NoPlay(NoPlay::Returned)));
}

#[test]
fn a_guest_plays_so_often_and_a_budget_reaches_so_far() {
    let mut rules = example();
    rules.requests.cap = 100;
    let mut world = World::with(&rules);
    let ids: Vec<i64> = (0..3).map(|day| answered(&mut world, ANNA, hours(24 * day))).collect();
    assert!(play(&mut world, ids[0], BIG, hours(49)).is_ok());
    assert!(play(&mut world, ids[1], 80, hours(49)).is_ok());
    let often = play(&mut world, ids[2], BIG, hours(49));
    assert_eq!(often, Err(Refusal::NoPlay(NoPlay::TooOften)), "two in thirty days");
    // Sixty of a hundred points are spent; the dearest prize costs fifty.
    let other = answered(&mut world, BORIS, hours(50));
    assert_eq!(play(&mut world, other, 0, hours(50)), Err(Refusal::NoPlay(NoPlay::Budget)));
    assert_eq!(world.number("select spent from feedback_budgets where budget = 'game'"), 6_000);
    assert_eq!(world.available(ANNA), 6_000);
    // The next month has a budget of its own.
    assert!(play(&mut world, other, 0, hours(24 * 10)).is_ok());
}

#[test]
fn a_streak_counts_what_was_asked() {
    let mut rules = example();
    rules.requests.cap = 100;
    let game = rules.game.as_mut().expect("lawful");
    game.kind = feedback::game::GameKind::Streak;
    game.plays = 10;
    game.prizes.remove(0);
    (game.prizes[0].weight, game.prizes[1].weight) = (2, 3);
    let mut world = World::with(&rules);
    let first = answered(&mut world, ANNA, noon());
    assert_eq!(play(&mut world, first, 0, noon()).expect("lawful").prize, None);
    let second = answered(&mut world, ANNA, hours(24));
    let won = play(&mut world, second, 0, hours(24)).expect("lawful");
    assert_eq!((won.prize.as_deref(), won.streak), (Some("small"), 2));
    // One is left unanswered until it has expired.
    world.asked(11, ANNA, hours(48));
    let after = answered(&mut world, ANNA, hours(24 * 7));
    assert_eq!(play(&mut world, after, 0, hours(24 * 7)).expect("lawful").streak, 1);
}

/// A streak of three wins the small prize, one of five the big one.
fn streaks() -> World {
    let mut rules = example();
    rules.requests.cap = 100;
    let game = rules.game.as_mut().expect("lawful");
    game.kind = feedback::game::GameKind::Streak;
    (game.plays, game.month_budget) = (10, Points::from_hundredths(100_000));
    game.prizes.remove(0);
    (game.prizes[0].weight, game.prizes[1].weight) = (3, 5);
    World::with(&rules)
}

#[test]
fn answers_that_are_played_late_win_what_each_was_worth() {
    let mut world = streaks();
    let ids: Vec<i64> = (0..5).map(|day| answered(&mut world, ANNA, hours(24 * day))).collect();
    let late = hours(24 * 6);
    let won: Vec<(u32, Option<String>)> = [3, 0, 4, 2, 1]
        .map(|index| play(&mut world, ids[index], 0, late).expect("lawful"))
        .map(|played| (played.streak, played.prize))
        .into();
    let (small, big) = (Some("small".to_owned()), Some("big".to_owned()));
    assert_eq!(won, [(4, None), (1, None), (5, big), (3, small), (2, None)], "one prize of each length");
    assert_eq!(world.available(ANNA), 6_000);
}

#[test]
fn questions_answered_out_of_turn_have_places_of_their_own() {
    let mut world = streaks();
    for day in [0, 1] {
        answered(&mut world, ANNA, hours(24 * day));
    }
    let open: Vec<i64> = [48, 49, 50].map(|hour| world.asked(11, ANNA, hours(hour))).into();
    let mut places = Vec::new();
    for (index, id) in open.into_iter().enumerate().rev() {
        // The newest first: those before it can still be answered.
        let now = hours(60 - index as i64);
        world.submit(id, &stars(5), now).expect("lawful");
        places.push(play(&mut world, id, 0, now).expect("lawful").streak);
    }
    assert_eq!(places, [3, 4, 5]);
    assert_eq!(world.available(ANNA), 6_000, "the prize for three once");
    assert!(world.sql.connection().execute("update feedback_answers set streak = 9", []).is_err());
}

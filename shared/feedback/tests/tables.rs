//! Rules as tables of cases.

use feedback::answer::{Answer, Recommends, TEXT_LEN_MAX};
use feedback::fault::Fault;
use feedback::game::{GameKind, NoPlay, Table, Won, event, month, ticket};
use feedback::request::{Person, Sale, Skip, ask, awake, is_sampled, plan};
use feedback::routing::{Case, route};
use feedback::rules::{FeedbackRules, Quiet, When};
use feedback::statistics::{nps, per_mille, rating};
use feedback::ticket::{
    Act, Cause, Desk, Ending, Given, Outcome, OverLimit, Priority, Purchase, Refused, State, Ticket,
    check_cause, check_closing, compensate, due,
};
use kernel::{Points, Timestamp, Zone};

fn rules() -> FeedbackRules {
    serde_json::from_str(include_str!("example.json")).expect("lawful")
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("lawful")
}

fn points(text: &str) -> Points {
    Points::parse(text).expect("lawful")
}

fn answer(stars: u8, tags: &[&str], text: Option<&str>) -> Answer {
    Answer {
        stars,
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        nps: None,
        text: text.map(str::to_owned),
        photo: None,
    }
}

#[test]
fn the_example_makes_sense_and_each_change_of_it_does_not() {
    assert_eq!(rules().check(), vec![]);
    type Edit = fn(&mut FeedbackRules);
    let rows: [(Edit, &str); 14] = [
        (|rules| rules.question_sets.clear(), "/question_sets"),
        (|rules| rules.question_sets[0].outlets.push("x".into()), "/question_sets/0/outlets"),
        (|rules| rules.question_sets[1].outlets.clear(), "/question_sets/1/outlets"),
        (|rules| rules.question_sets[1].outlet_type = "cafe".into(), "/question_sets/1/outlet_type"),
        (|rules| rules.question_sets[0].tags[1].code = "slow".into(), "/question_sets/0/tags/1/code"),
        (|rules| rules.question_sets[0].stars.kk.clear(), "/question_sets/0/stars/kk"),
        (|rules| rules.requests.sample_per_mille = 1_001, "/requests/sample_per_mille"),
        (|rules| rules.requests.cap = 0, "/requests/cap"),
        (|rules| rules.routing[1].when.tags[0] = "none".into(), "/routing/1/when/tags/0"),
        (|rules| rules.routing[0].when.keywords[0] = "два слова".into(), "/routing/0/when/keywords/0"),
        (|rules| rules.compensation.limits[0].role = "barista".into(), "/compensation/limits/0/role"),
        (|rules| rules.service.normal.close_minutes = 10, "/service/normal/close_minutes"),
        (|rules| rules.game.as_mut().expect("lawful").prizes[0].weight = 0, "/game/prizes/0/weight"),
        (
            |rules| rules.game.as_mut().expect("lawful").prizes[2].points = Points::from_hundredths(-1),
            "/game/prizes/2/points",
        ),
    ];
    for (edit, pointer) in rows {
        let mut changed = rules();
        edit(&mut changed);
        let found: Vec<String> = changed.check().into_iter().map(|problem| problem.pointer).collect();
        assert_eq!(found.first().map(String::as_str), Some(pointer), "{found:?}");
    }
}

#[test]
fn outlets_have_the_questions_of_their_type() {
    let rules = rules();
    assert_eq!(rules.questions("msk-9").expect("lawful").outlet_type, "kiosk");
    assert_eq!(rules.questions("ala-1").expect("lawful").outlet_type, "cafe");
}

#[test]
fn answers_fit_what_was_asked() {
    let rules = rules();
    let (cafe, kiosk) = (&rules.question_sets[0], &rules.question_sets[1]);
    let full = |nps, text: Option<String>, photo: Option<&str>| Answer {
        nps,
        text,
        photo: photo.map(str::to_owned),
        ..answer(2, &["slow"], None)
    };
    assert_eq!(full(Some(10), Some("Долго.\nОчень".into()), Some("2026/11/a.jpg")).check(cafe), vec![]);
    let rows = [
        (cafe, answer(0, &[], None), "/stars", Fault::Range { min: 1, max: 5 }),
        (cafe, answer(6, &[], None), "/stars", Fault::Range { min: 1, max: 5 }),
        (cafe, answer(5, &["slow"], None), "/tags/0", Fault::Unknown),
        (cafe, answer(1, &["slow", "slow"], None), "/tags/1", Fault::Twice),
        (cafe, full(Some(11), None, None), "/nps", Fault::Range { min: 0, max: 10 }),
        (cafe, full(None, Some(" ".into()), None), "/text", Fault::Text { chars_max: TEXT_LEN_MAX }),
        (cafe, full(None, Some("x".repeat(1_001)), None), "/text", Fault::Text { chars_max: TEXT_LEN_MAX }),
        (cafe, full(None, None, Some("https://evil.example/x")), "/photo", Fault::Text { chars_max: 128 }),
        (cafe, full(None, None, Some("a/../b")), "/photo", Fault::Text { chars_max: 128 }),
        (kiosk, Answer { nps: Some(9), ..answer(5, &[], None) }, "/nps", Fault::Unexpected),
        (kiosk, answer(5, &[], Some("ok")), "/text", Fault::Unexpected),
    ];
    for (set, answer, pointer, fault) in rows {
        let found = answer.check(set);
        assert_eq!((found[0].pointer.as_str(), found[0].fault), (pointer, fault));
    }
    let kinds = [6, 7, 8, 9].map(Recommends::of);
    assert_eq!(
        kinds,
        [Recommends::Detractor, Recommends::Passive, Recommends::Passive, Recommends::Promoter]
    );
}

#[test]
fn quiet_hours_are_the_guests() {
    let quiet = Some(Quiet { from_hour: 22, until_hour: 9 });
    let almaty = Zone::parse("Asia/Almaty").expect("lawful");
    let rows = [
        ("2026-11-21T12:00:00+05:00", "2026-11-21T12:00:00+05:00"),
        ("2026-11-21T21:59:59+05:00", "2026-11-21T21:59:59+05:00"),
        ("2026-11-21T22:00:00+05:00", "2026-11-22T09:00:00+05:00"),
        ("2026-11-21T03:00:00+05:00", "2026-11-21T09:00:00+05:00"),
        ("2026-11-21T09:00:00+05:00", "2026-11-21T09:00:00+05:00"),
    ];
    for (asked, told) in rows {
        assert_eq!(awake(quiet, at(asked), &almaty), at(told), "{asked}");
    }
    let noon = Some(Quiet { from_hour: 12, until_hour: 14 });
    assert_eq!(awake(noon, at("2026-11-21T13:10:00Z"), &Zone::UTC), at("2026-11-21T14:00:00Z"));
    // Berlin's clocks go from 02:00 to 03:00 on 2026-03-29: the end of the hours does not exist there.
    let berlin = Zone::parse("Europe/Berlin").expect("lawful");
    let gap = Some(Quiet { from_hour: 0, until_hour: 2 });
    assert_eq!(awake(gap, at("2026-03-29T00:30:00+01:00"), &berlin), at("2026-03-29T03:00:00+02:00"));
    assert_eq!(awake(None, at("2026-11-21T03:00:00Z"), &berlin), at("2026-11-21T03:00:00Z"));
}

#[test]
fn receipts_are_drawn_by_number_f1() {
    let drawn = |salt, share| (0..100_000).filter(|receipt| is_sampled(*receipt, salt, share)).count();
    assert_eq!((drawn(1, 0), drawn(1, 1_000)), (0, 100_000));
    for salt in 1..20 {
        let count = drawn(salt, 100);
        // Ten thousand expected; five standard deviations are 474.
        assert!((9_526..=10_474).contains(&count), "{count}");
    }
    let rules = rules().requests;
    let zone = Zone::UTC;
    let sale = |sold: &str| Sale { receipt: 7, sold_at: at(sold), channel: "hall", zone: &zone };
    let now = at("2026-11-21T12:30:00Z");
    let planned = plan(&rules, &sale("2026-11-21T12:00:00Z"), 1, now).expect("lawful");
    assert_eq!(planned.ask_at, at("2026-11-21T12:20:00Z"));
    assert_eq!(planned.until, at("2026-11-24T12:20:00Z"));
    assert_eq!(plan(&rules, &sale("2026-11-20T12:00:00Z"), 1, now), Err(Skip::Late));
    let only = feedback::rules::RequestRules { channels: vec!["delivery".into()], ..rules.clone() };
    assert_eq!(plan(&only, &sale("2026-11-21T12:00:00Z"), 1, now), Err(Skip::Channel));
    let none = feedback::rules::RequestRules { sample_per_mille: 0, ..rules };
    assert_eq!(plan(&none, &sale("2026-11-21T12:00:00Z"), 1, now), Err(Skip::NotSampled));
}

#[test]
fn nobody_is_asked_against_their_will() {
    let rules = rules().requests;
    let until = at("2026-11-24T00:00:00Z");
    let willing = Person {
        active: true,
        personal_data: true,
        marketing: true,
        asked: 0,
        returned: false,
        of_staff: false,
    };
    let rows = [
        (willing, Ok(())),
        (Person { active: false, ..willing }, Err(Skip::Inactive)),
        (Person { returned: true, ..willing }, Err(Skip::Returned)),
        (Person { of_staff: true, ..willing }, Err(Skip::Staff)),
        (Person { personal_data: false, ..willing }, Err(Skip::NoConsent)),
        (Person { marketing: false, ..willing }, Err(Skip::NoConsent)),
        (Person { asked: 1, ..willing }, Err(Skip::Capped)),
    ];
    for (person, verdict) in rows {
        assert_eq!(ask(&rules, person, until, at("2026-11-21T00:00:00Z")), verdict, "{person:?}");
    }
    assert_eq!(ask(&rules, willing, until, until), Err(Skip::Missed));
}

#[test]
fn every_ticket_of_a_draw_wins_one_prize_f2() {
    let game = rules().game.expect("lawful");
    assert_eq!(game.tickets(), 100);
    let mut won = [0; 3];
    for word in 0..100 {
        let Some(Won::Prize(prize)) = game.outcome(&[word], 0) else { panic!("no prize") };
        won[game.prizes.iter().position(|known| known.code == prize.code).expect("lawful")] += 1;
    }
    assert_eq!(won, [70, 25, 5], "exactly the published weights");
    // Words beyond the last whole multiple of three are passed over, so that no ticket is more likely.
    assert_eq!(ticket(3, &[u64::MAX, 4]), Some(1));
    assert_eq!(ticket(3, &[u64::MAX]), None);
    assert_eq!(ticket(0, &[1]), None);
}

#[test]
fn a_game_is_closed_before_it_is_changed_f2() {
    let game = rules().game.expect("lawful");
    let open = Table { spent: points("50.00"), plays: 1, returned: false };
    assert_eq!(game.admit(open), Ok(()));
    assert_eq!(game.admit(Table { spent: points("50.01"), ..open }), Err(NoPlay::Budget));
    assert_eq!(game.admit(Table { plays: 2, ..open }), Err(NoPlay::TooOften));
    assert_eq!(game.admit(Table { returned: true, ..open }), Err(NoPlay::Returned));
}

#[test]
fn streaks_pay_at_their_length_and_begin_anew() {
    let mut game = rules().game.expect("lawful");
    game.kind = GameKind::Streak;
    game.prizes.remove(0);
    (game.prizes[0].weight, game.prizes[1].weight) = (3, 5);
    let won = |streak| match game.outcome(&[], streak) {
        Some(Won::Prize(prize)) => prize.code.as_str(),
        Some(Won::Nothing) => "",
        None => "none",
    };
    let expected = ["", "", "", "small", "", "big", "", "", "small", "", "big"];
    for (length, code) in (0..).zip(expected) {
        assert_eq!(won(length), code, "{length}");
    }
}

#[test]
fn answers_open_the_first_ticket_that_fits() {
    let rules = rules();
    let now = at("2026-11-21T12:00:00Z");
    let often = [at("2026-11-01T00:00:00Z"), at("2026-10-01T00:00:00Z")];
    let long_ago = [at("2026-11-01T00:00:00Z"), at("2026-09-01T00:00:00Z")];
    let rows: [(Answer, &[Timestamp], Option<&str>); 11] = [
        (answer(5, &["tasty"], None), &[], None),
        (answer(3, &["slow"], None), &[], None),
        (answer(2, &[], None), &[], Some("low")),
        (answer(3, &["rude"], None), &[], Some("staff")),
        (answer(5, &[], Some("Чуть не ОТРАВИЛСЯ!")), &[], Some("safety")),
        (answer(5, &[], Some("отдали правильно")), &[], None),
        (answer(5, &[], Some("I was poisoned")), &[], Some("safety")),
        (answer(1, &["rude"], Some("food poisoning")), &[], Some("safety")),
        (answer(3, &[], None), &often, Some("regular")),
        (answer(3, &[], None), &long_ago, None),
        (answer(5, &[], None), &often, None),
    ];
    for (answer, low_before, topic) in rows {
        let found = route(&rules, &Case { answer: &answer, outlet: None, low_before, now });
        assert_eq!(found.map(|route| route.topic.as_str()), topic, "{answer:?}");
    }
}

#[test]
fn a_route_may_be_of_some_outlets_alone() {
    let mut rules = rules();
    rules.routing[0].when = When { outlets: vec!["ala-1".to_owned()], ..When::default() };
    let now = at("2026-11-21T12:00:00Z");
    let five = answer(5, &[], None);
    let topic = |outlet| {
        let case = Case { answer: &five, outlet, low_before: &[], now };
        route(&rules, &case).map(|route| route.topic.as_str())
    };
    assert_eq!(topic(Some("ala-1")), Some(rules.routing[0].topic.as_str()));
    assert_eq!((topic(Some("ala-10")), topic(None)), (None, None));
}

#[test]
fn tickets_move_by_their_states_f3() {
    use State::{Answered, Assigned, Closed, Open};
    let service = rules().service;
    let now = at("2026-11-21T12:00:00Z");
    let closed_at = |days: i64| Some(now.plus_millis(-days * kernel::time::DAY_MS));
    let ticket = |state, closed_at| Ticket { state, priority: Priority::Normal, closed_at, is_held: true };
    let live = [Open, Assigned, Answered];
    for state in live {
        let after = |act| ticket(state, None).after(act, &service, now);
        assert_eq!(after(Act::Assigned), Ok(Assigned));
        assert_eq!(after(Act::Answered), Ok(Answered));
        assert_eq!(after(Act::Commented), Ok(state));
        assert_eq!(after(Act::Compensated), Ok(state));
        assert_eq!(after(Act::Closed), Ok(Closed));
        assert_eq!(after(Act::Reopened), Err(Refused::NotClosed));
        assert_eq!(after(Act::GuestWrote), Ok(if state == Answered { Assigned } else { state }));
        let unheld = |act| Ticket { is_held: false, ..ticket(state, None) }.after(act, &service, now);
        assert_eq!(unheld(Act::Assigned), Ok(Open), "a team has it, and nobody of it");
        assert_eq!(unheld(Act::GuestWrote), Ok(if state == Answered { Open } else { state }));
    }
    for act in Act::ALL.iter().copied().filter(|act| *act != Act::Reopened) {
        assert_eq!(ticket(Closed, closed_at(1)).after(act, &service, now), Err(Refused::Closed), "{act:?}");
    }
    assert_eq!(ticket(Closed, closed_at(14)).after(Act::Reopened, &service, now), Ok(Open));
    assert_eq!(ticket(Closed, closed_at(15)).after(Act::Reopened, &service, now), Err(Refused::TooLate));
    let (answer, close) = due(&service, Priority::Urgent, now);
    assert_eq!((answer, close), (at("2026-11-21T13:00:00Z"), at("2026-11-22T12:00:00Z")));
}

#[test]
fn what_is_said_at_the_end_has_happened() {
    let fixed = Ending {
        outcome: Outcome::Fixed,
        changed_process: false,
        lesson: None,
        in_kind: None,
        is_given: false,
    };
    let given = Ending { outcome: Outcome::Compensated, ..fixed };
    let rows = [
        (fixed, Ok(())),
        (Ending { changed_process: true, lesson: Some(" "), ..fixed }, Err(Refused::NoLesson)),
        (Ending { changed_process: true, lesson: Some("two at noon"), ..fixed }, Ok(())),
        (Ending { in_kind: Some("a drink"), ..fixed }, Err(Refused::NotGiven)),
        (given, Err(Refused::NothingGiven)),
        (Ending { in_kind: Some(" "), ..given }, Err(Refused::NothingGiven)),
        (Ending { in_kind: Some(" ок "), ..given }, Err(Refused::NothingGiven)),
        (Ending { in_kind: Some("чай"), ..given }, Ok(())),
        (Ending { changed_process: true, lesson: Some("ок"), ..fixed }, Err(Refused::NoLesson)),
        (Ending { in_kind: Some(" "), is_given: true, ..given }, Err(Refused::NothingGiven)),
        (Ending { in_kind: Some("a drink"), ..given }, Ok(())),
        (Ending { is_given: true, ..given }, Ok(())),
    ];
    for (ending, verdict) in rows {
        assert_eq!(check_closing(&ending), verdict, "{ending:?}");
    }
}

#[test]
fn compensations_stay_within_every_limit() {
    let rules = rules().compensation;
    let nothing =
        Given { ticket: Points::ZERO, day: Points::ZERO, outlet: Points::ZERO, guest: Points::ZERO };
    let give = |role, asked, given| compensate(&rules, role, points(asked), given);
    assert_eq!(give("outlet_manager", "200.00", nothing), Ok(()));
    let over = OverLimit::Ticket { max: points("200.00"), left: points("200.00") };
    assert_eq!(give("outlet_manager", "200.01", nothing), Err(over));
    assert!(matches!(give("barista", "0.01", nothing), Err(OverLimit::Ticket { .. })));
    let row = |given: Given| give("outlet_manager", "100.00", given);
    assert!(matches!(row(Given { ticket: points("150.00"), ..nothing }), Err(OverLimit::Ticket { .. })));
    assert!(matches!(row(Given { day: points("450.00"), ..nothing }), Err(OverLimit::Day { .. })));
    assert!(matches!(row(Given { outlet: points("2950.00"), ..nothing }), Err(OverLimit::Outlet { .. })));
    let guest = Err(OverLimit::Guest { left: points("50.00") });
    assert_eq!(row(Given { guest: points("550.00"), ..nothing }), guest);
}

#[test]
fn three_fives_do_not_outrank_a_thousand_f4() {
    let few = rating(3, 15).expect("lawful");
    let many = rating(1_000, 4_800).expect("lawful");
    assert_eq!((few.mean, many.mean), (500, 480));
    // 1 + 4 · 1 / (1 + 3.841459/3) = 2.75; Wilson's interval of 950 of 1,000 is 0.93469 to 0.96187.
    assert_eq!((few.low, few.high), (275, 500));
    assert_eq!((many.low, many.high), (474, 485));
    assert!(few.low < many.low);
    assert_eq!(rating(0, 0), None);
    let one = rating(1, 1).expect("lawful");
    assert_eq!((one.mean, one.low), (100, 100));
}

#[test]
fn net_promoter_scores_have_intervals() {
    let many = nps(600, 250, 150).expect("lawful");
    assert_eq!((many.answers, many.score), (1_000, 450));
    // (600.5 − 150.5) / 1002 = 0.44910; variance (751/1002 − 0.2017) / 1002; half 1.96 · 0.02338.
    assert_eq!((many.low, many.high), (403, 495));
    let few = nps(3, 0, 0).expect("lawful");
    assert_eq!((few.score, few.high), (1_000, 1_000));
    assert!(few.low < 200, "three promoters prove little: {few:?}");
    assert_eq!(nps(0, 0, 0), None);
    assert_eq!(nps(0, 5, 0).expect("lawful").score, 0);
    assert_eq!((per_mille(1, 3), per_mille(0, 0)), (Some(333), None));
}

#[test]
fn a_game_has_a_budget_for_a_month_of_its_outlet() {
    for (time, zone, expected) in [
        ("2026-11-30T19:30:00Z", "Asia/Almaty", "2026-12"),
        ("2026-11-30T19:30:00Z", "Europe/Moscow", "2026-11"),
        ("2026-11-30T19:30:00Z", "no such zone", "2026-11"),
    ] {
        assert_eq!(month(at(time), zone), expected, "{zone}");
    }
    assert_eq!(event(7), "game:7");
}

#[test]
fn whoever_stands_near_gives_points_for_what_was_bought_and_kept() {
    for guest_is_staff in [false, true] {
        for purchase in [Purchase::None, Purchase::Kept, Purchase::Returned] {
            let cause = Cause { purchase, guest_is_staff };
            let is_plain = purchase == Purchase::Kept && !guest_is_staff;
            let expected = if is_plain { Ok(()) } else { Err(Refused::ForSupport) };
            for desk in [Desk::OutletManager, Desk::Franchisee] {
                assert_eq!(check_cause(desk, cause), expected, "{desk:?} {cause:?}");
            }
            assert_eq!(check_cause(Desk::Support, cause), Ok(()), "{cause:?}");
        }
    }
}

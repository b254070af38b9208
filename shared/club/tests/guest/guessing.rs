//! One-time codes that are tried out: cases about nobody who is known, what people decide of them, and what that does.

use club::member::erase;
use club::signup::Refusal;
use club::signup::verify::Outcome;
use fraud::facts::Trace;
use fraud::{Action, RuleSet, standard};
use kernel::StaffId;
use kernel::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use store::fraud::cases;
use watch::review::{self, RULED_DAYS, Refused, View};
use watch::rules::NewVersion;

use crate::world::{BRAND, PHONE, World, code_in, other_than, required};

const STAFF: StaffId = StaffId::from_raw(1);
const DEVICE: Trace = Trace::from_raw(9);

fn world() -> World {
    world_of(&standard::rules())
}

/// Under other rules than the standard ones, live.
fn world_of(rules: &RuleSet) -> World {
    let mut world = World::new();
    world.change(
        "insert into staff (id, code, name_sealed, role, status, created_at, changed_at) \
         values (1, 'admin', x'00', 'administrator', 'active', 0, 0)",
    );
    let published = world.tx(|tx, _, moment| {
        let new = NewVersion { brand: BRAND, rules, is_live: true, note: "test", by: None };
        watch::rules::publish(tx, &new, &mut watch::Moment { now: moment.now, ids: &mut *moment.ids })
    });
    published.unwrap();
    world
}

/// A wrong code for so many phones, each of another block, from one device.
fn try_out(world: &mut World, phones: std::ops::Range<usize>) {
    for index in phones {
        let (phone, address) = (format!("+7 701 0{index:02} 00 01"), format!("203.0.{index}.7"));
        let sent = world.start_from(&phone, &required(), &address).unwrap();
        let wrong = other_than(&code_in(&sent));
        world.answer_on(DEVICE, sent.challenge, wrong).unwrap();
    }
}

/// As many codes for one phone as may be sent in a day, so many of each spoilt, from a fresh device each time.
fn besiege(world: &mut World, codes: i64, tries: i64) {
    for code in 0..codes {
        world.wait(10 * MINUTE_MS);
        let sent = world.start_from(PHONE, &required(), &format!("203.0.113.{code}")).unwrap();
        for step in 0..tries {
            let device = Trace::from_raw(1_000 + code * 10 + step);
            world.answer_on(device, sent.challenge, other_than(&code_in(&sent))).unwrap();
        }
    }
}

fn decide(world: &mut World, case: i64, outcome: review::Outcome) -> Result<View, Refused> {
    world.tx(|tx, _, moment| {
        let mut moment = watch::Moment { now: moment.now, ids: &mut *moment.ids };
        review::decide(tx, case, outcome, "looked", STAFF, &mut moment)
    })
}

fn only_case(world: &World) -> cases::Case {
    let mut open = cases::list(&world.sql, "open", (i64::MAX, i64::MAX), 10).unwrap();
    assert_eq!(open.len(), 1, "{open:?}");
    open.remove(0)
}

const fn uphold(action: Action) -> review::Outcome {
    review::Outcome::Uphold { action, withheld: false }
}

#[test]
fn many_phones_from_one_device_are_a_case_of_the_device() {
    let mut world = world();
    try_out(&mut world, 0..9);
    assert_eq!(world.count("select count(*) from fraud_cases"), 0, "nine may be a family's");
    try_out(&mut world, 9..10);
    let case = only_case(&world);
    assert_eq!((case.member, case.outlet, case.subject.as_deref()), (None, None, Some("d:9")));
    assert_eq!((case.score, case.action.as_str()), (300, "notify"));
    let view = review::read(&world.sql, case.id).unwrap();
    assert_eq!(view.decisions.len(), 1);
    assert!(view.decisions[0].reasons.contains("code_guessing_device"), "{}", view.decisions[0].reasons);
    assert_eq!(view.decisions[0].member, None);

    // Who goes on fills neither the queue nor the database: the next is written down an hour later.
    try_out(&mut world, 10..20);
    assert_eq!(world.count("select count(*) from fraud_decisions"), 1);
    world.wait(HOUR_MS + MINUTE_MS);
    try_out(&mut world, 20..40);
    assert_eq!(world.count("select count(*) from fraud_decisions"), 2);
    assert_eq!(world.count("select count(*) from fraud_cases"), 1);
}

#[test]
fn a_stopped_device_has_no_code_looked_at_and_takes_nobodys_tries() {
    let mut world = world();
    try_out(&mut world, 0..10);
    let case = only_case(&world).id;
    decide(&mut world, case, uphold(Action::Hold)).unwrap();
    world.wait(MINUTE_MS);
    let sent = world.start(PHONE, &required()).unwrap();
    for _ in 0..10 {
        let refused = world.answer_on(DEVICE, sent.challenge, &code_in(&sent));
        assert!(matches!(refused, Err(Refusal::Limited(_))), "even the right one: {refused:?}");
    }
    // The phone's owner still has every try, and signs in on their own device.
    let signed = world.answer_on(Trace::from_raw(77), sent.challenge, &code_in(&sent)).unwrap();
    assert!(matches!(signed, Outcome::SignedIn { is_new: true, .. }), "{signed:?}");

    world.wait((RULED_DAYS - 1) * DAY_MS);
    let sent = world.start(PHONE, &required()).unwrap();
    assert!(world.answer_on(DEVICE, sent.challenge, &code_in(&sent)).is_err());
    world.wait(DAY_MS);
    let sent = world.start(PHONE, &required()).unwrap();
    assert!(world.answer_on(DEVICE, sent.challenge, &code_in(&sent)).is_ok(), "devices change hands");
}

#[test]
fn an_overturned_case_lets_the_device_in_and_is_not_opened_again_for_a_while() {
    let mut world = world();
    try_out(&mut world, 0..10);
    let case = only_case(&world).id;
    decide(&mut world, case, uphold(Action::Block)).unwrap();
    decide(&mut world, case, review::Outcome::Overturn { trust_days: 2 }).unwrap();
    world.wait(MINUTE_MS);
    let sent = world.start(PHONE, &required()).unwrap();
    assert!(world.answer_on(DEVICE, sent.challenge, &code_in(&sent)).is_ok());
    world.wait(HOUR_MS);
    try_out(&mut world, 10..25);
    assert_eq!(world.count("select count(*) from fraud_cases"), 1, "a shop that signs its guests up");
    world.wait(2 * DAY_MS);
    try_out(&mut world, 25..40);
    assert_eq!(world.count("select count(*) from fraud_cases where status = 'open'"), 1);
}

#[test]
fn one_phone_under_attack_is_a_case_that_stops_nobody() {
    let mut world = world();
    besiege(&mut world, 2, 5);
    assert_eq!(world.count("select count(*) from fraud_cases"), 0, "two spoilt codes are cold hands");
    besiege(&mut world, 1, 2);
    let case = only_case(&world);
    assert!(case.subject.as_deref().is_some_and(|subject| subject.starts_with("n:")), "{case:?}");
    for action in [Action::Challenge, Action::Hold, Action::Block] {
        let refused = decide(&mut world, case.id, uphold(action)).unwrap_err();
        assert_eq!(refused, Refused::NothingToStop, "that would do the attacker's work");
    }
    assert_eq!(only_case(&world).status, "open", "nothing was decided");
    decide(&mut world, case.id, uphold(Action::Notify)).unwrap();
    // What goes on belongs to the ruling: a person knows.
    world.wait(2 * HOUR_MS);
    besiege(&mut world, 1, 3);
    assert_eq!(world.count("select count(*) from fraud_cases"), 1);
    assert_eq!(world.count("select count(*) from fraud_cases where status = 'upheld'"), 1);
    assert_eq!(world.count("select count(*) from fraud_decisions where event = 'code_attempt'"), 2);
    // The owner gets in all the same; the phone is stored in clear nowhere.
    let member = world.member();
    assert!(!world.tx(|tx, _, _| watch::inline::is_held(tx, member)).unwrap());
    assert_eq!(world.count("select count(*) from fraud_subjects where subject like '%77010000001%'"), 0);
}

#[test]
fn fresh_devices_and_blocks_do_not_hide_a_network() {
    let mut world = world();
    for index in 0..20 {
        world.wait(MINUTE_MS);
        // Codes may be asked for from elsewhere.
        let phone = format!("+7 705 {index:03} 00 01");
        let sent = world.start_from(&phone, &required(), &format!("203.0.{index}.7")).unwrap();
        for step in 0..2 {
            let device = Trace::from_raw(1_000 + index * 10 + step);
            world.answer_from("198.51.100.4", device, sent.challenge, other_than(&code_in(&sent))).unwrap();
        }
    }
    let case = only_case(&world);
    assert!(case.subject.as_deref().is_some_and(|subject| subject.starts_with("w:")), "{case:?}");
    assert_eq!(world.count("select count(*) from fraud_subjects where subject like '%198.51%'"), 0);
    let refused = decide(&mut world, case.id, uphold(Action::Block)).unwrap_err();
    assert_eq!(refused, Refused::NothingToStop, "a whole operator's guests are behind it");
}

#[test]
fn rules_that_observe_open_no_case() {
    let mut world = World::new();
    try_out(&mut world, 0..12);
    assert_eq!(world.count("select count(*) from fraud_cases"), 0);
    assert_eq!(world.count("select count(*) from fraud_decisions where mode = 'shadow'"), 3);
}

/// The subjects of open cases, as they are counted.
fn subjects(world: &World) -> Vec<String> {
    let open = cases::list(&world.sql, "open", (i64::MAX, i64::MAX), 10).unwrap();
    let mut all: Vec<String> = open.into_iter().filter_map(|case| case.subject).collect();
    all.sort();
    all
}

/// So many spoilt codes from one network, each of two tries for another phone, by devices of their own.
fn from_network(world: &mut World, codes: std::ops::Range<i64>, device: impl Fn(i64) -> Trace) {
    for index in codes {
        world.wait(MINUTE_MS);
        let phone = format!("+7 705 {index:03} 00 01");
        let sent = world.start_from(&phone, &required(), &format!("203.0.{index}.7")).unwrap();
        for step in 0..2 {
            let device = device(index * 10 + step);
            world.answer_from("198.51.100.4", device, sent.challenge, other_than(&code_in(&sent))).unwrap();
        }
    }
}

#[test]
fn a_trusted_network_does_not_hide_a_device_behind_it() {
    let mut world = world();
    from_network(&mut world, 0..20, |number| Trace::from_raw(1_000 + number));
    let case = only_case(&world).id;
    decide(&mut world, case, review::Outcome::Overturn { trust_days: 30 }).unwrap();
    from_network(&mut world, 20..25, |_| DEVICE);
    assert_eq!(subjects(&world), ["d:9"], "an operator's network, and one who tries codes out behind it");
}

#[test]
fn noise_in_a_block_does_not_hide_the_siege_of_one_phone() {
    let mut world = world();
    for index in 2..17 {
        let (phone, address) = (format!("+7 701 000 00 {index:02}"), format!("203.0.{index}.7"));
        let sent = world.start_from(&phone, &required(), &address).unwrap();
        for step in 0..2 {
            let device = Trace::from_raw(5_000 + index * 10 + step);
            world.answer_on(device, sent.challenge, other_than(&code_in(&sent))).unwrap();
        }
    }
    assert_eq!(subjects(&world), ["x:7701000"]);
    besiege(&mut world, 3, 4);
    let open = subjects(&world);
    assert!(
        matches!(&open[..], [phone, block] if phone.starts_with("n:") && block == "x:7701000"),
        "{open:?}"
    );
}

// Rules are cached by their ids for the life of a thread, and every world has the same: a test for each.
#[test]
fn what_a_person_ruled_of_a_phone_is_not_undone_by_the_next_code() {
    rule_of_a_phone(300);
}

#[test]
fn nor_when_it_weighs_as_much_as_a_challenge() {
    rule_of_a_phone(500);
}

#[test]
fn nor_when_it_weighs_as_much_as_a_block() {
    rule_of_a_phone(1_000);
}

fn rule_of_a_phone(weight: u32) {
    let mut rules = standard::rules();
    let of_phone = rules.rules.iter_mut().find(|rule| rule.code == "code_guessing_phone").unwrap();
    of_phone.weight = weight;
    let mut world = world_of(&rules);
    besiege(&mut world, 3, 4);
    let case = only_case(&world);
    assert_eq!(case.action, "notify", "nothing else was done, whatever it weighs: {weight}");
    for action in [Action::Allow, Action::Notify] {
        decide(&mut world, case.id, uphold(action)).unwrap();
        let ruled = cases::load(&world.sql, case.id).unwrap().unwrap();
        world.wait(2 * HOUR_MS);
        besiege(&mut world, 1, 3);
        let now = cases::load(&world.sql, case.id).unwrap().unwrap();
        assert_eq!((now.status.as_str(), now.action.as_str()), ("upheld", action.code()), "{weight}");
        assert_eq!((now.decided, now.until, now.note), (ruled.decided, ruled.until, ruled.note));
        assert!(now.decisions > ruled.decisions, "what goes on is written down all the same");
    }
    assert_eq!(world.count("select count(*) from fraud_cases"), 1);
}

#[test]
fn a_device_that_a_person_only_noted_is_looked_at_again_when_rules_would_stop_it() {
    let mut rules = standard::rules();
    for rule in rules.rules.iter_mut().filter(|rule| rule.code == "code_guessing_device") {
        rule.weight = 1_000;
    }
    let mut world = world_of(&rules);
    try_out(&mut world, 1..11);
    let case = only_case(&world);
    assert_eq!((case.action.as_str(), case.subject.as_deref()), ("hold", Some("d:9")));
    let sent = world.start(PHONE, &required()).unwrap();
    assert!(world.answer_on(DEVICE, sent.challenge, &code_in(&sent)).is_err(), "until a person has looked");
    decide(&mut world, case.id, uphold(Action::Notify)).unwrap();
    try_out(&mut world, 11..12);
    assert_eq!(only_case(&world).action, "hold", "sterner than what was ruled");
}

#[test]
fn who_was_on_a_stopped_device_before_signs_in_on_it_all_the_same() {
    let mut world = world();
    let sent = world.start(PHONE, &required()).unwrap();
    world.answer_on(DEVICE, sent.challenge, &code_in(&sent)).unwrap();
    // Somebody who knows what the guest's app calls its device tries codes out under that name.
    try_out(&mut world, 1..11);
    let case = only_case(&world).id;
    decide(&mut world, case, uphold(Action::Hold)).unwrap();
    world.wait(MINUTE_MS);
    let sent = world.start(PHONE, &required()).unwrap();
    let signed = world.answer_on(DEVICE, sent.challenge, &code_in(&sent)).unwrap();
    assert!(matches!(signed, Outcome::SignedIn { is_new: false, .. }), "{signed:?}");
    // Guests of elsewhere, and whoever is no guest, are not let in there.
    let other = "+7 701 099 00 01";
    let sent = world.start_from(other, &required(), "203.0.99.7").unwrap();
    let refused = world.answer_on(DEVICE, sent.challenge, &code_in(&sent));
    assert!(matches!(refused, Err(Refusal::Limited(_))), "{refused:?}");
    world.answer_on(Trace::from_raw(78), sent.challenge, &code_in(&sent)).unwrap();
    world.wait(MINUTE_MS);
    let sent = world.start_from(other, &required(), "203.0.99.7").unwrap();
    assert!(world.answer_on(DEVICE, sent.challenge, &code_in(&sent)).is_err(), "a guest, of another device");
}

/// What cases are about, open or not.
fn known(world: &World, kind: &str) -> i64 {
    world.count(&format!(
        "select count(*) from fraud_cases where subject like '{kind}:%' and subject <> '{kind}:' || cast(id as text)"
    ))
}

#[test]
fn a_phone_is_not_known_by_its_case_when_its_guest_has_left() {
    let mut world = world();
    let member = world.member();
    besiege(&mut world, 3, 4);
    assert_eq!(known(&world, "n"), 1);
    world.tx(|tx, _, moment| erase::erase(tx, member, erase::Through::Themselves, moment).map(drop)).unwrap();
    assert_eq!(known(&world, "n"), 0);
    let case = only_case(&world);
    assert_eq!(case.subject, Some(format!("n:{}", case.id)), "and it can still be looked at");
    decide(&mut world, case.id, uphold(Action::Notify)).unwrap();
    // Whoever has the phone next begins a case of their own.
    world.wait(DAY_MS);
    besiege(&mut world, 3, 4);
    assert_eq!((known(&world, "n"), only_case(&world).id == case.id), (1, false));
}

#[test]
fn a_decided_case_forgets_its_device_in_the_end() {
    let mut world = world();
    try_out(&mut world, 0..10);
    let case = only_case(&world).id;
    let sweep = |world: &mut World| {
        let mut moment = watch::Moment { now: world.now, ids: &mut world.ids };
        watch::sweep::run(&world.sql, true, &mut moment).unwrap();
    };
    world.wait(401 * DAY_MS);
    sweep(&mut world);
    assert_eq!(known(&world, "d"), 1, "a person has to look yet");
    decide(&mut world, case, uphold(Action::Hold)).unwrap();
    world.wait(399 * DAY_MS);
    sweep(&mut world);
    assert_eq!(known(&world, "d"), 1);
    world.wait(2 * DAY_MS);
    sweep(&mut world);
    assert_eq!(known(&world, "d"), 0);
    assert_eq!(cases::load(&world.sql, case).unwrap().unwrap().subject, Some(format!("d:{case}")));
}

//! What each kind of event is known by, and what may be done at it.

use fraud::facts::{BadCode, Place, Trace, Who};
use fraud::feature::{Concern, Feature};
use fraud::ring::SHARED_BY_MAX;
use fraud::told::Origin;
use fraud::{Action, Event, Facts, Features, Known, Subject, judge, standard, told};
use kernel::OutletId;
use kernel::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use proptest::prelude::*;

use crate::{NOON, look, member};

const fn on(device: i64) -> Origin {
    Origin { device: Some(Trace::from_raw(device)), network: None }
}

/// What the standard rules find of nobody who is known.
fn of_nobody(told: &Facts, seen: &Features) -> Vec<(Subject, u32, Action)> {
    let rules = standard::rules();
    let verdict = judge(&rules, told.event, seen).apart(&rules, told);
    assert_eq!((verdict.score, verdict.action), (0, Action::Allow), "nothing is left for anybody else");
    verdict.nobody.into_iter().map(|(subject, found)| (subject, found.score, found.action)).collect()
}

/// A network, a block, a phone and a device at once are four findings and not one of 1000 and more.
#[test]
fn what_is_about_nobody_is_judged_each_for_itself() {
    let mut known = Known::default();
    let (phone, origin) = (Trace::from_raw(8), Origin { network: Some(Trace::from_raw(5)), ..on(6) });
    let told = told::sign_in_code(phone, Some("7701000".into()), origin, NOON);
    let seen = (0..40).map(|_| look(&mut known, &told)).last().expect("forty");
    assert_eq!(judge(&standard::rules(), told.event, &seen).score, 1_000, "taken together");
    let found = of_nobody(&told, &seen);
    let subjects = [
        Subject::PhonePrefix("7701000".into()),
        Subject::Phone(phone),
        Subject::Network(Trace::from_raw(5)),
        Subject::Device(Trace::from_raw(6)),
    ];
    assert_eq!(found, subjects.map(|subject| (subject, 300, Action::Notify)));
}

#[test]
fn a_subject_is_read_from_its_key_as_it_was_written() {
    let (trace, code) = (Trace::from_raw(7), "ann:x".to_owned());
    for (subject, key) in [
        (Subject::Member(member(7)), "m:7"),
        (Subject::Outlet(OutletId::from_raw(7)), "o:7"),
        (Subject::Staff(code.clone()), "s:ann:x"),
        (Subject::Pair(code, member(7)), "p:7:ann:x"),
        (Subject::Payment(trace), "t:7"),
        (Subject::Device(trace), "d:7"),
        (Subject::PhonePrefix("7701000".into()), "x:7701000"),
        (Subject::Phone(trace), "n:7"),
        (Subject::Network(trace), "w:7"),
    ] {
        assert_eq!((subject.to_string().as_str(), Subject::parse(key).as_ref()), (key, Some(&subject)));
    }
    for key in ["", "d", "d:", "d:x", "q:7", "p:7"] {
        assert_eq!(Subject::parse(key), None, "{key}");
    }
}

#[test]
fn a_delay_where_nothing_is_earned_is_a_challenge_so_that_more_never_means_less() {
    for event in Event::ALL {
        let mut last = Action::Allow;
        for action in Action::ALL {
            let done = action.at(event);
            assert!(done >= last, "{event:?} {action:?}");
            last = done;
        }
        let earns = matches!(event, Event::Receipt | Event::SignUp | Event::Referral);
        let expected = if earns { Action::DelayPoints } else { Action::Challenge };
        assert_eq!(Action::DelayPoints.at(event), expected, "{event:?}");
    }
    // Three replays weigh 500, from where points are delayed; a code earns none.
    let mut known = Known::default();
    let place = Place { outlet: OutletId::from_raw(1), position: None };
    let who = Who { member: member(7), joined_at: NOON.plus_millis(-90 * DAY_MS) };
    let mut verdict = None;
    for step in 0..3 {
        let at = NOON.plus_millis(step * MINUTE_MS);
        let told = told::card_code(Some(who), place, BadCode::Replayed, at);
        verdict = Some(judge(&standard::rules(), told.event, &look(&mut known, &told)));
    }
    let verdict = verdict.expect("three");
    assert_eq!((verdict.score, verdict.action), (500, Action::Challenge));
}

#[test]
fn a_hold_names_no_device_and_is_known_by_where_its_member_signed_in() {
    let mut known = Known::default();
    let device = Trace::from_raw(9);
    for raw in 1..=6 {
        look(&mut known, &told::sign_up(member(raw), "7701000".into(), Some(device), NOON));
    }
    let who = |raw| Who { member: member(raw), joined_at: NOON };
    let seen = look(&mut known, &told::hold(who(6), NOON.plus_millis(HOUR_MS)));
    assert_eq!(seen.get(Feature::DeviceMembers), Some(6));
    let verdict = judge(&standard::rules(), Event::Hold, &seen);
    let rules: Vec<&str> = verdict.reasons.iter().map(|reason| reason.rule.as_str()).collect();
    assert!(rules.contains(&"fresh_shared") && rules.contains(&"device_farm"), "{rules:?}");
    let first = look(&mut known, &told::hold(who(1), NOON.plus_millis(HOUR_MS)));
    assert_eq!(first.get(Feature::DeviceMembers), Some(1), "nobody else was there when the first signed up");
    let later = look(&mut known, &told::hold(who(6), NOON.plus_millis(31 * DAY_MS)));
    assert_eq!(later.get(Feature::DeviceMembers), None, "a month later it says nothing");
    // A return to the device brings it up to date.
    look(&mut known, &told::sign_in(who(1), device, NOON.plus_millis(2 * HOUR_MS)));
    let again = look(&mut known, &told::hold(who(1), NOON.plus_millis(3 * HOUR_MS)));
    assert_eq!(again.get(Feature::DeviceMembers), Some(6));
}

#[test]
fn what_a_crowd_shares_says_nothing_of_any_of_them() {
    let (mut known, kiosk) = (Known::default(), Trace::from_raw(9));
    let who = |raw| Who { member: member(raw), joined_at: NOON.plus_millis(-90 * DAY_MS) };
    let at = |raw: i64| NOON.plus_millis(raw * MINUTE_MS);
    let of_device = [Feature::DeviceMembers, Feature::DeviceSignUpsDay, Feature::DeviceReceiptsDay];
    let mut sale = |raw: i64| {
        look(&mut known, &told::sign_in(who(raw), kiosk, at(raw)));
        let told = Facts { device: Some(kiosk), ..told::sale(who(raw), None, false, at(raw)) };
        (look(&mut known, &told), look(&mut known, &told::hold(who(raw), at(raw))))
    };
    let crowd = SHARED_BY_MAX as i64;
    for raw in 1..=crowd {
        let (bought, held) = sale(raw);
        assert_eq!(bought.get(Feature::DeviceMembers), Some(raw));
        assert_eq!(held.get(Feature::DeviceMembers), Some(raw));
        let verdict = judge(&standard::rules(), Event::Receipt, &bought);
        assert!(verdict.score + 100 < 400, "with a ring it is shown to a person: {verdict:?}");
    }
    for raw in crowd + 1..=crowd + 30 {
        let (bought, held) = sale(raw);
        for feature in of_device {
            assert_eq!((bought.get(feature), held.get(feature)), (None, None), "{raw} {feature:?}");
        }
    }
    // Where others try codes out is no excuse.
    let tried = told::sign_in_code(Trace::from_raw(5), None, on(9), at(100));
    assert_eq!(look(&mut known, &tried).get(Feature::DeviceWrongCodesHour), Some(1));
}

#[test]
fn a_crowd_does_not_excuse_what_was_seen_elsewhere() {
    let mut known = Known::default();
    let who = |raw| Who { member: member(raw), joined_at: NOON.plus_millis(-90 * DAY_MS) };
    for raw in 1..=SHARED_BY_MAX as i64 + 1 {
        look(&mut known, &told::sign_in(who(100 + raw), Trace::from_raw(1), NOON));
    }
    for raw in 1..=8 {
        look(&mut known, &told::sign_in(who(raw), Trace::from_raw(2), NOON));
    }
    look(&mut known, &told::sign_in(who(8), Trace::from_raw(1), NOON.plus_millis(HOUR_MS)));
    let held = look(&mut known, &told::hold(who(8), NOON.plus_millis(2 * HOUR_MS)));
    assert_eq!(held.get(Feature::DeviceMembers), Some(8));
}

#[test]
fn receipts_are_counted_by_outlet_cashier_and_device_and_wrong_codes_by_device() {
    let mut known = Known::default();
    let place = Some(Place { outlet: OutletId::from_raw(1), position: None });
    let mut seen = Features::default();
    for raw in 1..=3 {
        let who = Who { member: member(raw), joined_at: NOON };
        let sale = told::sale(who, Some("ann".into()), false, NOON);
        seen = look(&mut known, &Facts { place, device: Some(Trace::from_raw(5)), ..sale });
    }
    for feature in [Feature::OutletReceiptsHour, Feature::StaffReceiptsHour, Feature::DeviceReceiptsDay] {
        assert_eq!(seen.get(feature), Some(3), "{feature:?}");
    }
    let mut told = None;
    for step in 1..=10 {
        let (phone, block) = (Trace::from_raw(100 + step), Some(format!("77010{step:02}")));
        told = Some(told::sign_in_code(phone, block, on(6), NOON));
        let told = told.as_ref().expect("told");
        seen = look(&mut known, told);
        assert_eq!(seen.get(Feature::DeviceWrongCodesHour), Some(step));
    }
    let found = of_nobody(&told.expect("ten"), &seen);
    assert_eq!(
        found,
        [(Subject::Device(Trace::from_raw(6)), 300, Action::Notify)],
        "many phones from one device"
    );
}

#[test]
fn one_phone_under_attack_is_known_by_itself_whatever_it_is_tried_from() {
    let mut known = Known::default();
    let phone = Trace::from_raw(4_242);
    for step in 1..=12 {
        let at = NOON.plus_millis(step * HOUR_MS);
        let told = told::sign_in_code(phone, Some("7701000".into()), on(step), at);
        let seen = look(&mut known, &told);
        assert_eq!(seen.get(Feature::PhoneWrongCodesDay), Some(step));
        // Two spoilt codes are ten tries: a guest with cold hands.
        let expected = (step == 12).then_some((Subject::Phone(phone), 300, Action::Notify));
        assert_eq!(of_nobody(&told, &seen), Vec::from_iter(expected), "{step}");
    }
    let quiet = told::sign_in_code(phone, None, Origin::default(), NOON.plus_millis(40 * HOUR_MS));
    assert_eq!(look(&mut known, &quiet).get(Feature::PhoneWrongCodesDay), Some(1), "a day later");
}

/// Whoever has another device and another block of numbers for every try still has a network.
#[test]
fn phones_tried_out_from_fresh_devices_are_known_by_their_network() {
    let mut known = Known::default();
    for step in 1..=40 {
        let origin = Origin { network: Some(Trace::from_raw(5)), ..on(10_000 + step) };
        let at = NOON.plus_millis(step * MINUTE_MS);
        let told = told::sign_in_code(Trace::from_raw(step), Some(format!("77{step:05}")), origin, at);
        let seen = look(&mut known, &told);
        assert_eq!(seen.get(Feature::NetworkWrongCodesHour), Some(step));
        let network = (step == 40).then_some((Subject::Network(Trace::from_raw(5)), 300, Action::Notify));
        assert_eq!(of_nobody(&told, &seen), Vec::from_iter(network), "{step}");
    }
}

/// Forty-one accounts on one bank card join no ring, and still do not pass unseen.
#[test]
fn a_crowd_does_not_hide_in_its_size() {
    let mut known = Known::default();
    let mut actions = Vec::new();
    for raw in 1..=41 {
        let who = Who { member: member(raw), joined_at: NOON.plus_millis(-200 * DAY_MS) };
        let sale = told::sale(who, None, false, NOON.plus_millis(raw * HOUR_MS));
        let seen = look(&mut known, &Facts { payment: Some(Trace::from_raw(3)), ..sale });
        actions.push(judge(&standard::rules(), Event::Receipt, &seen).action);
    }
    // A company's card pays for fourteen.
    assert!(actions[..19].iter().all(|action| *action == Action::Allow), "{actions:?}");
    assert!(actions[19..].iter().all(|action| *action == Action::Notify), "{actions:?}");
}

/// The guest whose receipt is the 120th of a cashier's hour has done nothing.
#[test]
fn a_busy_cashier_and_outlet_are_shown_to_a_person_and_held_against_no_guest() {
    let mut known = Known::default();
    let place = Some(Place { outlet: OutletId::from_raw(1), position: None });
    let mut last = None;
    for raw in 1..=250 {
        let who = Who { member: member(raw), joined_at: NOON.plus_millis(-90 * DAY_MS) };
        let staff = if raw <= 120 { "ann" } else { "bob" };
        let sale = told::sale(who, Some(staff.into()), false, NOON.plus_millis(raw * 10_000));
        let seen = look(&mut known, &Facts { place, ..sale });
        let verdict = judge(&standard::rules(), Event::Receipt, &seen);
        assert_eq!((verdict.score, verdict.action), (0, Action::Allow), "{raw}");
        let rules = verdict.place.as_ref().map(|found| found.reasons[0].rule.clone());
        let expected = matches!(raw, 120 | 240..).then_some("staff_hour");
        assert_eq!(rules.as_deref(), expected, "{raw}");
        last = verdict.place;
    }
    let last = last.expect("the 250th");
    assert_eq!(
        (last.score, last.action),
        (600, Action::Notify),
        "shown, and nothing more: {:?}",
        last.reasons
    );
}

proptest! {
    /// Whatever is counted of outlet and staff alone, a guest's score is what it would be without.
    #[test]
    fn what_others_do_there_is_not_held_against_a_guest(
        pair in 0i64..12, day in 0i64..20, staff in 0i64..500, outlet in 0i64..900, refunds in 0i64..50,
    ) {
        let own = [(Feature::PairReceiptsHour, pair), (Feature::MemberReceiptsDay, day), (Feature::MemberRefundsMonth, pair)];
        let theirs = [
            (Feature::StaffReceiptsHour, staff),
            (Feature::OutletReceiptsHour, outlet),
            (Feature::StaffRefundsMonth, refunds),
        ];
        prop_assert!(theirs.iter().all(|(feature, _)| feature.concern() == Concern::Place));
        for event in Event::ALL {
            let alone = judge(&standard::rules(), event, &Features(own.into()));
            let all = judge(&standard::rules(), event, &Features(own.into_iter().chain(theirs).collect()));
            prop_assert_eq!((alone.score, alone.action, alone.reasons), (all.score, all.action, all.reasons));
        }
    }
}

/// Whoever fetches coffee for an office says one thing five times over: that is no reason to stop them.
#[test]
fn one_card_and_one_cashier_alone_hold_nobody() {
    use Feature::{
        MemberPaymentsDay, MemberReceiptsDay, MemberReceiptsHour, PairReceiptsDay, PairReceiptsHour,
    };
    let counted = [
        (PairReceiptsHour, 9),
        (PairReceiptsDay, 12),
        (Feature::PairReceiptsMonth, 41),
        (Feature::PairShare, 315),
        (MemberReceiptsHour, 10),
        (MemberReceiptsDay, 15),
        (MemberPaymentsDay, 8),
    ];
    let verdict = judge(&standard::rules(), Event::Receipt, &Features(counted.into()));
    assert_eq!((verdict.score, verdict.action, verdict.reasons.len()), (980, Action::DelayPoints, 5));
}

//! Tables and properties of what is counted, judged and joined.

mod events;

use fraud::facts::{BadCode, Place, Position, Trace, Who};
use fraud::feature::{Feature, features};
use fraud::observe::{Link, Shared};
use fraud::ring::{SHARED_BY_MAX, components};
use fraud::rules::Fault;
use fraud::state::{Measure, SEEN_MAX};
use fraud::subject::{SUBJECTS_MAX, phone_prefix, subjects};
use fraud::window::{Span, Window};
use fraud::{Action, Event, Facts, Features, Known, State, Subject, geo, judge, observe, standard};
use kernel::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use kernel::{Lang, MemberId, OutletId, Timestamp};
use proptest::prelude::*;

const NOON: Timestamp = Timestamp::from_millis(1_795_000_000_000);
const ALMATY: Position = Position { latitude_e6: 43_238_949, longitude_e6: 76_889_709 };
const ASTANA: Position = Position { latitude_e6: 51_169_392, longitude_e6: 71_449_074 };

fn member(raw: i64) -> MemberId {
    MemberId::from_raw(raw)
}

fn receipt(at: Timestamp) -> Facts {
    Facts {
        who: Some(Who { member: member(7), joined_at: NOON.plus_millis(-90 * DAY_MS) }),
        place: Some(Place { outlet: OutletId::from_raw(1), position: Some(ALMATY) }),
        staff: Some("ann".into()),
        ..Facts::new(Event::Receipt, at)
    }
}

fn look(known: &mut Known, facts: &Facts) -> Features {
    let observed = observe(facts, known);
    features(facts, known, &observed)
}

#[test]
fn a_window_slides_by_buckets_and_counts_late_events_where_they_belong() {
    let mut window = Window::default();
    window.add(Span::Hour, NOON);
    window.add(Span::Hour, NOON.plus_millis(30 * MINUTE_MS));
    // Late: between the two.
    window.add(Span::Hour, NOON.plus_millis(10 * MINUTE_MS));
    assert_eq!(window.sum(Span::Hour, NOON.plus_millis(30 * MINUTE_MS)), 3);
    assert_eq!(window.sum(Span::Hour, NOON.plus_millis(61 * MINUTE_MS)), 2);
    assert_eq!(window.sum(Span::Hour, NOON.plus_millis(3 * HOUR_MS)), 0);
    // Too late: nothing changes.
    let before = window.clone();
    window.add(Span::Hour, NOON.plus_millis(-2 * HOUR_MS));
    assert_eq!(window, before);
    assert!(window.is_over(Span::Hour, NOON.plus_millis(2 * HOUR_MS)));
}

proptest! {
    /// Whatever the order, a window of the last event's time says how many fell into its buckets.
    #[test]
    fn windows_count_what_falls_into_them(mut minutes in prop::collection::vec(0i64..3_000, 1..60)) {
        for span in [Span::Hour, Span::Day, Span::Month] {
            let at = |minute: i64| NOON.plus_millis(minute * MINUTE_MS);
            let last = *minutes.iter().max().expect("some");
            // The newest first is the hardest order that loses nothing.
            minutes.sort_unstable_by_key(|minute| std::cmp::Reverse(*minute));
            let mut window = Window::default();
            for minute in &minutes {
                window.add(span, at(*minute));
            }
            let bucket = |minute: i64| at(minute).millis().div_euclid(span.bucket_ms());
            let inside = minutes.iter().filter(|m| bucket(last) - bucket(**m) < span.buckets() as i64).count();
            prop_assert_eq!(window.sum(span, at(last)), inside as i64);
        }
    }

    /// Joining is an equivalence: the components do not depend on the order of the links, and share no member.
    #[test]
    fn components_do_not_depend_on_order(pairs in prop::collection::vec((1i64..40, 1i64..25), 0..80)) {
        let mut links: Vec<Link> = pairs
            .iter()
            .map(|(who, what)| Link { member: member(*who), to: Shared::Device(Trace::from_raw(*what)) })
            .collect();
        let once = components(&links, &[]);
        links.reverse();
        prop_assert_eq!(&components(&links, &[]), &once);
        let mut all: Vec<MemberId> = once.iter().flat_map(|found| found.members.clone()).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        prop_assert_eq!(all.len(), count);
    }

    /// More is never judged more mildly, where rules only ask for least numbers.
    #[test]
    fn scores_grow_with_what_is_counted(hour in 0i64..20, more in 0i64..20) {
        let of = |hour: i64| Features([(Feature::PairReceiptsHour, hour), (Feature::MemberReceiptsHour, hour)].into());
        let rules = standard::rules();
        let (less, most) = (judge(&rules, Event::Receipt, &of(hour)), judge(&rules, Event::Receipt, &of(hour + more)));
        prop_assert!(less.score <= most.score && less.action <= most.action);
    }
}

#[test]
fn what_is_known_survives_storage() {
    let mut known = Known::default();
    let facts =
        Facts { payment: Some(Trace::from_raw(5)), device: Some(Trace::from_raw(6)), ..receipt(NOON) };
    look(&mut known, &facts);
    for (subject, state) in &known.0 {
        let text = serde_json::to_string(state).expect("written");
        let read: State = serde_json::from_str(&text).expect("read");
        assert_eq!(&read, state, "{subject}: {text}");
    }
    // The names in stored states are short and must stay what they are.
    let text = serde_json::to_string(known.of(&Subject::Device(Trace::from_raw(6))).expect("known"))
        .expect("written");
    let hour = NOON.millis() / HOUR_MS;
    assert_eq!(text, format!(r#"{{"w":[["r","d",{{"n":{hour},"c":[1]}}]],"s":[[7,{hour}]]}}"#));
    let member = known.of(&Subject::Member(member(7))).expect("known");
    let text = serde_json::to_string(member).expect("written");
    assert!(text.contains(&format!(r#""u":[1,{hour}]"#)), "{text}");
}

#[test]
fn one_member_of_staff_and_one_card_five_times_an_hour_delay_points() {
    let mut known = Known::default();
    let rules = standard::rules();
    let mut actions = Vec::new();
    for step in 0..5 {
        let facts = receipt(NOON.plus_millis(step * 4 * MINUTE_MS));
        let found = look(&mut known, &facts);
        let verdict = judge(&rules, Event::Receipt, &found);
        actions.push(verdict.action);
        if step == 4 {
            assert_eq!(verdict.reasons[0].rule, "staff_card_hour");
            let said: Vec<String> = Lang::ALL.into_iter().map(|lang| verdict.reasons[0].text(lang)).collect();
            assert_eq!(
                said,
                [
                    "чеков с этой картой у одного сотрудника за час: 5 (порог 5)",
                    "бір қызметкердегі осы карта чектері, бір сағатта: 5 (шегі 5)",
                    "receipts with the card by one member of staff within an hour: 5 (limit 5)",
                ]
            );
        }
    }
    use Action::{Allow, DelayPoints};
    assert_eq!(actions, [Allow, Allow, Allow, Allow, DelayPoints]);
}

#[test]
fn distances_and_speeds() {
    let close = |metres: i64, expected: i64, per_mille: i64| {
        assert!((metres - expected).abs() * 1_000 <= expected * per_mille, "{metres} for {expected}");
    };
    // Great circle distances, from the haversine formula over 6,371 km.
    close(geo::distance_m(ALMATY, ASTANA), 971_900, 12);
    let near = Position { latitude_e6: ALMATY.latitude_e6 + 9_000, ..ALMATY };
    close(geo::distance_m(ALMATY, near), 1_001, 2);
    let (east, west) = (
        Position { latitude_e6: 0, longitude_e6: 179_900_000 },
        Position { latitude_e6: 0, longitude_e6: -179_900_000 },
    );
    close(geo::distance_m(east, west), 22_239, 2);
    assert_eq!(geo::distance_m(ALMATY, ALMATY), 0);
    assert_eq!(geo::speed_kmh(100_000, HOUR_MS, 1), 100);
    assert_eq!(geo::speed_kmh(100_000, 0, HOUR_MS), 100, "clocks differ");
}

#[test]
fn a_card_in_two_towns_at_once_is_a_journey_that_nobody_makes() {
    let mut known = Known::default();
    look(&mut known, &receipt(NOON));
    let mut there = receipt(NOON.plus_millis(HOUR_MS));
    there.place = Some(Place { outlet: OutletId::from_raw(2), position: Some(ASTANA) });
    let found = look(&mut known, &there);
    assert!(found.get(Feature::TravelKmh).is_some_and(|speed| (950..1_000).contains(&speed)), "{found:?}");
    assert_eq!(found.get(Feature::JourneysMonth), Some(1));
    // By train the next day.
    let mut back = receipt(NOON.plus_millis(20 * HOUR_MS));
    back.place = Some(Place { outlet: OutletId::from_raw(1), position: Some(ALMATY) });
    let found = look(&mut known, &back);
    assert_eq!(found.get(Feature::JourneysMonth), Some(1), "the old one");
    assert!(found.get(Feature::TravelKmh).is_some_and(|speed| speed < 60));
}

#[test]
fn what_is_unknown_passes_no_test() {
    let test = fraud::rules::Test { feature: Feature::AccountAgeHours, at_least: None, at_most: Some(5) };
    assert!(!test.holds(None) && test.holds(Some(0)) && test.holds(Some(5)) && !test.holds(Some(6)));
    let unknown = Features::default();
    for event in Event::ALL {
        assert_eq!(judge(&standard::rules(), event, &unknown).action, Action::Allow);
    }
}

#[test]
fn accounts_on_one_device_and_self_referral_show() {
    let mut known = Known::default();
    let join = |raw: i64| Facts {
        who: Some(Who { member: member(raw), joined_at: NOON }),
        device: Some(Trace::from_raw(9)),
        phone_prefix: Some(phone_prefix("+77010000001")),
        ..Facts::new(Event::SignUp, NOON)
    };
    let found = look(&mut known, &join(1));
    assert_eq!(found.get(Feature::DeviceMembers), Some(1));
    let found = look(&mut known, &join(2));
    assert_eq!(
        (found.get(Feature::DeviceMembers), found.get(Feature::PrefixSignUpsHour)),
        (Some(2), Some(2))
    );
    let friend = Facts { referrer: Some(member(1)), device: None, ..join(2) };
    let found = look(&mut known, &Facts { event: Event::Referral, ..friend });
    assert_eq!(found.get(Feature::SelfReferral), Some(1));
    let stranger = Facts { referrer: Some(member(1)), device: None, ..join(3) };
    let found = look(&mut known, &Facts { event: Event::Referral, ..stranger });
    assert_eq!(found.get(Feature::SelfReferral), None);
}

#[test]
fn bad_codes_count_by_card_and_outlet_without_linking_devices() {
    let mut known = Known::default();
    let wrong = Facts {
        bad_code: Some(BadCode::Wrong),
        device: Some(Trace::from_raw(4)),
        ..Facts { event: Event::CodeAttempt, ..receipt(NOON) }
    };
    for _ in 0..3 {
        assert!(observe(&wrong, &mut known).links.is_empty());
    }
    let found = features(&wrong, &known, &fraud::observe::Observed::default());
    assert_eq!(found.get(Feature::MemberWrongCodesDay), Some(3));
    assert_eq!(found.get(Feature::OutletWrongCodesHour), Some(3));
    assert_eq!(found.get(Feature::DeviceMembers), None);
}

#[test]
fn whose_codes_are_tried_out_among_others_is_no_suspect() {
    let of = |feature| judge(&standard::rules(), Event::CodeAttempt, &Features([(feature, 50)].into()));
    let outlet = of(Feature::OutletWrongCodesHour);
    assert_eq!((outlet.score, outlet.action, outlet.sternest()), (0, Action::Allow, Action::Notify));
    assert_eq!(
        outlet.place.map(|place| place.reasons[0].rule.clone()).as_deref(),
        Some("code_guessing_outlet")
    );
    let card = of(Feature::MemberReplaysDay);
    assert!(card.action >= Action::Notify && card.suspects_member(Event::CodeAttempt));
}

#[test]
fn rings_are_joined_by_what_is_shared_and_not_by_referrals() {
    let device =
        |who: i64, what: i64| Link { member: member(who), to: Shared::Device(Trace::from_raw(what)) };
    let card = |who: i64, what: i64| Link { member: member(who), to: Shared::Payment(Trace::from_raw(what)) };
    let links = [device(1, 1), device(2, 1), card(2, 1), card(3, 1), device(4, 2), device(5, 3)];
    let referrals =
        [(member(1), member(2)), (member(1), member(3)), (member(1), member(4)), (member(4), member(5))];
    let found = components(&links, &referrals);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].members, [member(1), member(2), member(3)]);
    assert_eq!(found[0].referrals, 2);
    // A device and a payment token of one number are two things; a company's card joins nobody.
    let crowd: Vec<Link> = (0..=SHARED_BY_MAX as i64).map(|who| card(who, 8)).collect();
    assert_eq!(components(&crowd, &[]), []);
}

#[test]
fn the_longest_unseen_is_forgotten() {
    let mut state = State::default();
    for other in 0..=SEEN_MAX as i64 {
        assert!(state.see(other, NOON.plus_millis(other * HOUR_MS)));
    }
    assert!(state.see(0, NOON.plus_millis(DAY_MS * 2)), "the first was forgotten");
    assert_eq!(state.sum(Measure::Receipts, Span::Day, NOON), 0);
}

#[test]
fn an_event_has_few_subjects() {
    let facts = Facts {
        payment: Some(Trace::from_raw(1)),
        device: Some(Trace::from_raw(2)),
        phone_prefix: Some("7701".into()),
        referrer: Some(member(8)),
        ..receipt(NOON)
    };
    let all = subjects(&facts);
    assert_eq!(all.len(), SUBJECTS_MAX);
    let mut keys: Vec<String> = all.iter().map(Subject::to_string).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), all.len());
}

#[test]
fn rules_are_checked_with_pointers_and_the_standard_ones_pass() {
    assert_eq!(standard::rules().check(), []);
    let mut rules = standard::rules();
    rules.rules[0].code = "Bad code".into();
    rules.rules[1].code = rules.rules[2].code.clone();
    rules.rules[3].when[0].at_least = None;
    rules.rules[4].weight = 0;
    rules.rules[5].on.clear();
    rules.thresholds.block = Some(600);
    rules.delay_hours = 0;
    let found = rules.check();
    let pointers: Vec<&str> = found.iter().map(|(pointer, _)| pointer.as_str()).collect();
    assert_eq!(
        pointers,
        [
            "/rules/0/code",
            "/rules/2/code",
            "/rules/3/when/0",
            "/rules/4/weight",
            "/rules/5/on",
            "/delay_hours",
            "/thresholds/block"
        ]
    );
    assert_eq!(found.last().map(|(_, fault)| *fault), Some(Fault::Order));
    assert!(found.iter().all(|(_, fault)| fault.words().iter().all(|words| !words.is_empty())));
}

#[test]
fn thresholds_pick_the_sternest_action_reached() {
    let thresholds = standard::rules().thresholds;
    for (score, action) in [
        (0, Action::Allow),
        (299, Action::Allow),
        (300, Action::Notify),
        (499, Action::Challenge),
        (500, Action::DelayPoints),
        (1_000, Action::Hold),
    ] {
        assert_eq!(thresholds.action(score), action, "{score}");
    }
    for action in Action::ALL {
        assert_eq!(Action::from_code(action.code()), Some(action));
    }
}

//! Where counting and judging begin and end: sums of weights, bounds of windows, what is counted for whom.

use fraud::facts::{BadCode, Place, Position, Who};
use fraud::feature::{Feature, features};
use fraud::rules::{Rule, RuleSet, SCORE_MAX, Test, Thresholds};
use fraud::state::{Measure, Ring, SEEN_MAX};
use fraud::window::{Span, Window};
use fraud::{Action, Event, Facts, Features, Known, State, Subject, judge, observe};
use kernel::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use kernel::{MemberId, OutletId, Timestamp};
use proptest::prelude::*;

/// The beginning of an hour, and of a bucket of every window but the month's.
const START: Timestamp = Timestamp::from_millis(1_795_000_000_000 / HOUR_MS * HOUR_MS);
const ALMATY: Position = Position { latitude_e6: 43_238_949, longitude_e6: 76_889_709 };
const ASTANA: Position = Position { latitude_e6: 51_169_392, longitude_e6: 71_449_074 };
const EVENT: Event = Event::Receipt;

fn rule(code: &str, weight: u32, on: Event, when: &[(Feature, i64)]) -> Rule {
    let test = |&(feature, least): &(Feature, i64)| Test { feature, at_least: Some(least), at_most: None };
    Rule { code: code.to_owned(), on: vec![on], when: when.iter().map(test).collect(), weight }
}

fn rules(rules: Vec<Rule>) -> RuleSet {
    let thresholds = Thresholds {
        notify: Some(300),
        challenge: None,
        delay_points: Some(500),
        hold: None,
        block: Some(1_000),
    };
    RuleSet { rules, thresholds, delay_hours: 72 }
}

#[test]
fn the_weights_of_the_rules_that_hold_add_up() {
    use Feature::{MemberReceiptsDay, MemberReceiptsHour, SpendsDay};
    let of = |weights: [u32; 3]| {
        rules(vec![
            rule("hour", weights[0], EVENT, &[(MemberReceiptsHour, 5)]),
            rule("day", weights[1], EVENT, &[(MemberReceiptsDay, 8)]),
            rule("spends", weights[2], EVENT, &[(SpendsDay, 3)]),
        ])
    };
    let found = |weights, hour, day, spends| {
        let counted = [(MemberReceiptsHour, hour), (MemberReceiptsDay, day), (SpendsDay, spends)];
        let verdict = judge(&of(weights), EVENT, &Features(counted.into()));
        let codes: Vec<String> = verdict.reasons.into_iter().map(|reason| reason.rule).collect();
        (verdict.score, verdict.action, codes.join(" "))
    };
    let row = |score, action, codes: &str| (score, action, codes.to_owned());
    use Action::{Allow, Block, DelayPoints, Notify};
    assert_eq!(found([200, 299, 1], 4, 7, 2), row(0, Allow, ""));
    assert_eq!(found([200, 299, 1], 5, 7, 2), row(200, Allow, "hour"));
    assert_eq!(found([200, 299, 1], 4, 8, 3), row(300, Notify, "day spends"));
    assert_eq!(found([200, 299, 1], 5, 8, 2), row(499, Notify, "day hour"));
    assert_eq!(found([200, 299, 1], 5, 8, 3), row(500, DelayPoints, "day hour spends"));
    assert_eq!(found([300, 300, 399], 5, 8, 3), row(999, DelayPoints, "spends hour day"));
    assert_eq!(found([300, 300, 400], 5, 8, 3), row(SCORE_MAX, Block, "spends hour day"));
    assert_eq!(found([900, 900, 900], 5, 8, 3), row(SCORE_MAX, Block, "hour day spends"), "and no more");
}

#[test]
fn a_rule_asks_at_its_events_and_all_of_it_must_hold() {
    use Feature::{AccountAgeHours, SpendsDay};
    let mut fresh = rule("fresh", 500, Event::Hold, &[(SpendsDay, 3)]);
    fresh.when.push(Test { feature: AccountAgeHours, at_least: None, at_most: Some(72) });
    let rules = rules(vec![fresh]);
    let score = |event, counted: &[(Feature, i64)]| {
        judge(&rules, event, &Features(counted.iter().copied().collect())).score
    };
    assert_eq!(score(Event::Hold, &[(SpendsDay, 3), (AccountAgeHours, 72)]), 500);
    assert_eq!(score(Event::Hold, &[(SpendsDay, 3), (AccountAgeHours, 73)]), 0);
    assert_eq!(score(Event::Hold, &[(SpendsDay, 2), (AccountAgeHours, 1)]), 0);
    assert_eq!(score(Event::Hold, &[(SpendsDay, 3)]), 0, "an age that is not known");
    for event in Event::ALL.into_iter().filter(|event| *event != Event::Hold) {
        assert_eq!(score(event, &[(SpendsDay, 3), (AccountAgeHours, 0)]), 0, "{event:?}");
    }
}

#[test]
fn a_window_counts_from_its_first_bucket_to_its_last() {
    for span in [Span::Hour, Span::Day, Span::Month] {
        let bucket = span.bucket_ms();
        let first = Timestamp::from_millis(START.millis() / bucket * bucket);
        let (last_inside, gone) = (bucket * span.buckets() as i64 - 1, bucket * span.buckets() as i64);
        let mut window = Window::default();
        window.add(span, first);
        assert_eq!(window.sum(span, first.plus_millis(last_inside)), 1, "{span:?}");
        assert_eq!(window.sum(span, first.plus_millis(gone)), 0, "{span:?}");
        assert!(!window.is_over(span, first.plus_millis(last_inside)), "{span:?}");
        assert!(window.is_over(span, first.plus_millis(gone)), "{span:?}");
        // What comes after the moment that is asked for is not counted for it.
        window.add(span, first.plus_millis(2 * bucket));
        assert_eq!(window.sum(span, first), 1);
        assert_eq!(window.sum(span, first.plus_millis(bucket)), 1);
        assert_eq!(window.sum(span, first.plus_millis(2 * bucket)), 2);
        // Late by a whole window: passed over; by a bucket less: counted where it belongs.
        let newest = first.plus_millis(2 * bucket);
        let before = window.clone();
        window.add(span, newest.plus_millis(-gone));
        assert_eq!(window, before);
        window.add(span, newest.plus_millis(bucket - gone));
        assert_eq!(window.sum(span, newest), 3);
    }
}

proptest! {
    /// A window is over when nothing is left in it, and not before.
    #[test]
    fn a_window_is_over_when_it_is_empty(minutes in prop::collection::vec(0i64..100_000, 1..20), later in 0i64..100_000) {
        for span in [Span::Hour, Span::Day, Span::Month] {
            let mut window = Window::default();
            let at = |minute: i64| START.plus_millis(minute * MINUTE_MS);
            minutes.iter().for_each(|minute| window.add(span, at(*minute)));
            let asked = at(minutes.iter().max().expect("some") + later);
            prop_assert_eq!(window.is_over(span, asked), window.sum(span, asked) == 0);
        }
    }
}

#[test]
fn who_was_seen_is_forgotten_at_its_hour() {
    let mut state = State::default();
    assert!(state.see(1, START));
    let after = |hours: i64| START.plus_millis(hours * HOUR_MS);
    assert_eq!((state.seen_within(24, after(23)), state.seen_within(24, after(24))), (1, 0));
    assert_eq!((state.seen_in_month(after(719)), state.seen_in_month(after(720))), (1, 0));
    assert!(!state.see(1, after(10)), "known");
    assert!(!state.see(1, after(2)), "a late sight");
    assert_eq!(state.seen_within(24, after(33)), 1, "the newest sight counts");
    for other in 2..=SEEN_MAX as i64 + 1 {
        state.see(other, after(20));
    }
    assert!(!state.see(2, after(20)), "only the longest unseen was forgotten");
}

fn of_member(event: Event, hours_old: i64, at: Timestamp) -> Facts {
    Facts {
        who: Some(Who { member: MemberId::from_raw(7), joined_at: at.plus_millis(-hours_old * HOUR_MS) }),
        place: Some(Place { outlet: OutletId::from_raw(1), position: Some(ALMATY) }),
        staff: Some("ann".into()),
        ..Facts::new(event, at)
    }
}

fn look(known: &mut Known, facts: &Facts) -> Features {
    let observed = observe(facts, known);
    features(facts, known, &observed)
}

#[test]
fn replayed_codes_and_wrong_ones_are_counted_apart() {
    let mut known = Known::default();
    let bad = |code| Facts { bad_code: Some(code), ..of_member(Event::CodeAttempt, 900, START) };
    let mut found = Features::default();
    for code in [BadCode::Replayed, BadCode::Wrong, BadCode::Replayed] {
        found = look(&mut known, &bad(code));
    }
    assert_eq!(found.get(Feature::MemberReplaysDay), Some(2));
    assert_eq!(found.get(Feature::MemberWrongCodesDay), Some(1));
    assert_eq!(found.get(Feature::OutletWrongCodesHour), Some(1));
    // Codes that belong to nobody are counted where they are tried out.
    let nobody = Facts { who: None, phone_prefix: Some("7701000".into()), ..bad(BadCode::Wrong) };
    look(&mut known, &nobody);
    let found = look(&mut known, &nobody);
    assert_eq!(found.get(Feature::OutletWrongCodesHour), Some(3));
    assert_eq!(found.get(Feature::PrefixWrongCodesHour), Some(2));
    let next_day = look(&mut known, &Facts { at: START.plus_millis(DAY_MS), ..bad(BadCode::Wrong) });
    assert_eq!(next_day.get(Feature::MemberReplaysDay), None, "a day later");
    assert_eq!(next_day.get(Feature::MemberWrongCodesDay), Some(1));
}

#[test]
fn an_account_is_fresh_for_three_days() {
    for (hours, fresh) in [(0, Some(1)), (71, Some(1)), (72, None), (900, None)] {
        let found = look(&mut Known::default(), &of_member(Event::Hold, hours, START));
        assert_eq!(found.get(Feature::OutletFreshSpendsDay), fresh, "{hours} hours");
        assert_eq!(found.get(Feature::AccountAgeHours), Some(hours), "zero is an age");
    }
}

#[test]
fn only_returns_of_what_was_paid_with_points_are_counted() {
    let mut known = Known::default();
    let back = |spends| Facts { spends, ..of_member(Event::Return, 900, START) };
    let found = look(&mut known, &back(false));
    assert_eq!((found.get(Feature::MemberRefundsMonth), found.get(Feature::StaffRefundsMonth)), (None, None));
    look(&mut known, &back(true));
    let found = look(&mut known, &back(true));
    assert_eq!(
        (found.get(Feature::MemberRefundsMonth), found.get(Feature::StaffRefundsMonth)),
        (Some(2), Some(2))
    );
}

#[test]
fn a_late_receipt_does_not_move_the_card_and_the_next_street_is_no_journey() {
    let mut known = Known::default();
    let at = |hours: i64, position| {
        let mut facts = of_member(EVENT, 900, START.plus_millis(hours * HOUR_MS));
        facts.place = Some(Place { outlet: OutletId::from_raw(2), position: Some(position) });
        facts
    };
    look(&mut known, &at(40, ASTANA));
    // Sold the day before, and known only now: a day for the way.
    assert_eq!(look(&mut known, &at(10, ALMATY)).get(Feature::JourneysMonth), None);
    assert_eq!(look(&mut known, &at(41, ASTANA)).get(Feature::TravelKmh), None, "the card is in Astana");
    let street = Position { latitude_e6: ASTANA.latitude_e6 + 100_000, ..ASTANA };
    assert_eq!(look(&mut known, &at(41, street)).get(Feature::TravelKmh), None, "11 km at once");
    let town = Position { latitude_e6: ASTANA.latitude_e6 + 600_000, ..ASTANA };
    assert!(look(&mut known, &at(41, town)).get(Feature::TravelKmh).is_some(), "67 km at once");
}

#[test]
fn friends_are_counted_for_whoever_told_them() {
    let mut known = Known::default();
    let friend = |raw: i64| Facts {
        who: Some(Who { member: MemberId::from_raw(raw), joined_at: START }),
        referrer: Some(MemberId::from_raw(1)),
        ..Facts::new(Event::Referral, START)
    };
    look(&mut known, &friend(2));
    assert_eq!(look(&mut known, &friend(3)).get(Feature::ReferralsDay), Some(2));
}

#[test]
fn few_receipts_make_no_share() {
    let mut known = Known::default();
    let mut found = Features::default();
    for receipt in 0..30 {
        let mut facts = of_member(EVENT, 900, START.plus_millis(receipt * MINUTE_MS));
        // Twenty-four guests first, then six times the same.
        let guest = if receipt < 24 { 100 + receipt } else { 7 };
        facts.who = Some(Who { member: MemberId::from_raw(guest), joined_at: START.plus_millis(-DAY_MS) });
        found = look(&mut known, &facts);
        assert_eq!(found.get(Feature::PairShare).is_some(), receipt == 29, "{receipt}");
    }
    assert_eq!(found.get(Feature::PairShare), Some(200), "six of thirty");
}

#[test]
fn a_ring_shows_at_every_event_of_its_members() {
    let mut known = Known::default();
    let facts = of_member(Event::Hold, 900, START);
    let member = known.entry(&Subject::Member(MemberId::from_raw(7)));
    member.ring = Some(Ring { members: 8, referrals: 3 });
    let found = look(&mut known, &facts);
    assert_eq!((found.get(Feature::RingMembers), found.get(Feature::RingReferrals)), (Some(8), Some(3)));
    let member = known.of(&Subject::Member(MemberId::from_raw(7))).expect("known");
    assert_eq!(member.sum(Measure::Spends, Span::Day, START), 1);
}

//! What each kind of event is known by, and what may be done at it.

use fraud::facts::{BadCode, Place, Trace, Who};
use fraud::feature::Feature;
use fraud::{Action, Event, Facts, Features, Known, judge, standard, told};
use kernel::OutletId;
use kernel::time::{DAY_MS, HOUR_MS, MINUTE_MS};

use crate::{NOON, look, member};

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
    for step in 1..=10 {
        let told = told::sign_in_code(Some(format!("77010{step:02}")), Some(Trace::from_raw(6)), NOON);
        seen = look(&mut known, &told);
        assert_eq!(seen.get(Feature::DeviceWrongCodesHour), Some(step));
    }
    let verdict = judge(&standard::rules(), Event::CodeAttempt, &seen);
    assert_eq!(verdict.action, Action::Notify, "many phones from one device: {:?}", verdict.reasons);
}

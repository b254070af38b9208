//! What guests are told of what holds for them, and what is found of outlets and staff but held against no guest.

use club::watching;
use fraud::facts::BadCode;
use fraud::rules::Rule;
use fraud::{Action, Event, Feature, RuleSet, standard};
use kernel::Timestamp;
use kernel::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use store::transaction::transaction;
use store::{Sql as _, Value};
use watch::review::{self, Outcome};
use watch::{appeal, page};

use crate::fixture::{ADMINISTRATOR, Chain, start};
use crate::fraud::{available, chain, decide, decide_case, go_live, sales};
use crate::rulings::one_rule;
use crate::till::{line, new_sale, outlet, reserve, sell};

const RELEASE: Outcome = Outcome::Overturn { trust_days: 0 };
const PAGE: &str = "https://club.example/{brand}/appeal";

/// What guests were told of their accounts, oldest first: topic and data.
fn told(chain: &Chain) -> Vec<String> {
    let all = "select topic || ' ' || data from notifications where topic like 'account.%' or topic like 'appeal.%' \
               order by id";
    let text = |row: Vec<Value>| match row.into_iter().next() {
        Some(Value::Text(text)) => text,
        other => panic!("{other:?}"),
    };
    chain.sql.execute(all, &[]).expect("rows").into_iter().map(text).collect()
}

/// Rules by which two receipts by one member of staff come to an action.
fn strict(weight: u32) -> RuleSet {
    let mut rules = one_rule(Event::Receipt, Feature::PairReceiptsHour, 2, weight);
    rules.thresholds.delay_points = None;
    rules
}

/// Two sales from then on, a minute apart.
fn two(chain: &mut Chain, number: &str, from: Timestamp) -> Timestamp {
    let mut now = from;
    for step in 0..2 {
        now = from.plus_millis(step * MINUTE_MS);
        let mut sale = new_sale(&format!("{number}{step}"), now, vec![line(1, 1_000, 100_000, false)], None);
        sale.staff_code = Some("ann".to_owned());
        sell(chain, &sale, now).expect("a sale is always recorded");
    }
    now
}

fn uphold(action: Action, withheld: bool) -> Outcome {
    Outcome::Uphold { action, withheld }
}

fn protest(chain: &mut Chain, member: kernel::MemberId, now: Timestamp) {
    let mut moment = watch::Moment { now, ids: &mut chain.ids };
    transaction(&chain.sql, |tx| appeal::take(tx, member, |_| vec![1], &mut moment)).expect("taken");
}

#[test]
fn a_challenge_is_told_when_it_begins_and_not_while_it_goes_on() {
    let (mut chain, _) = chain();
    page::keep(&chain.sql, PAGE).expect("kept");
    go_live(&mut chain, &strict(400));
    let first = start().plus_millis(HOUR_MS);
    let now = two(&mut chain, "a", first);
    let until = now.plus_millis(30 * DAY_MS);
    let expected = format!(
        r#"account.challenged {{"appeal_url":"https://club.example/crema/appeal","until":"{until}"}}"#
    );
    assert_eq!(told(&chain), [expected]);
    two(&mut chain, "b", first.plus_millis(20 * DAY_MS));
    assert_eq!(told(&chain).len(), 1, "it lasts longer, and the guest knows what to do");
    two(&mut chain, "c", first.plus_millis(90 * DAY_MS));
    assert_eq!(told(&chain).len(), 2, "it was over, and begins again under the same case");
    assert_eq!(chain.number("select count(*) from fraud_cases"), 1);
}

#[test]
fn a_hold_is_told_with_and_without_a_page_and_its_end_is_told_too() {
    for page in [None, Some(PAGE)] {
        let (mut chain, member) = chain();
        page::keep(&chain.sql, page.unwrap_or_default()).expect("kept");
        go_live(&mut chain, &strict(1_000));
        let now = two(&mut chain, "a", start().plus_millis(HOUR_MS));
        let data =
            if page.is_some() { r#"{"appeal_url":"https://club.example/crema/appeal"}"# } else { "{}" };
        assert_eq!(told(&chain), [format!("account.held {data}")]);
        let account = review::account(&chain.sql, member, now).expect("reads");
        assert!(account.can_appeal);
        assert_eq!(account.page.is_some(), page.is_some());
        // A person finds that it was right: nothing is news. That nothing can be earned either is.
        decide(&mut chain, uphold(Action::Hold, false), now).expect("upheld");
        assert_eq!(told(&chain).len(), 1);
        decide(&mut chain, uphold(Action::Block, false), now).expect("upheld");
        assert_eq!(told(&chain).len(), 2);
        // Nobody appealed, and still the guest hears that it is over.
        decide(&mut chain, RELEASE, now).expect("overturned");
        assert_eq!(told(&chain)[2..], [r#"appeal.decided {"upheld":true}"#]);
        let account = review::account(&chain.sql, member, now).expect("reads");
        assert!(!account.can_appeal && account.page.is_none());
    }
}

#[test]
fn what_a_guest_is_told_of_an_appeal_is_what_holds_afterwards() {
    let rows = [
        (uphold(Action::Hold, false), r#"{"upheld":false}"#),
        (uphold(Action::Challenge, false), r#"{"eased":true,"upheld":false}"#),
        // Nothing holds, but the points are gone.
        (uphold(Action::Allow, true), r#"{"eased":true,"upheld":false}"#),
        // They come at their time.
        (uphold(Action::Allow, false), r#"{"upheld":true}"#),
        (RELEASE, r#"{"upheld":true}"#),
    ];
    for (outcome, said) in rows {
        let (mut chain, member) = chain();
        go_live(&mut chain, &strict(1_000));
        let now = two(&mut chain, "a", start().plus_millis(HOUR_MS));
        protest(&mut chain, member, now);
        let account = review::account(&chain.sql, member, now).expect("reads");
        assert!(!account.can_appeal, "one waits for its answer");
        decide(&mut chain, outcome, now).expect("decided");
        let last = told(&chain).pop().expect("told");
        assert_eq!(last, format!("appeal.decided {said}"), "{outcome:?}");
    }
    // Where nothing is left in force, nobody is told that a restriction stays.
    let (mut chain, member) = chain();
    go_live(&mut chain, &strict(1_000));
    let now = two(&mut chain, "a", start().plus_millis(HOUR_MS));
    let later = now.plus_millis(10 * DAY_MS);
    protest(&mut chain, member, later);
    decide(&mut chain, uphold(Action::Allow, false), later).expect("decided");
    assert_eq!(told(&chain).pop().as_deref(), Some(r#"appeal.decided {"upheld":true}"#));
    reserve(&mut chain, "10", later).expect("and it is so");
}

#[test]
fn a_guest_who_did_not_appeal_hears_of_whatever_becomes_milder_every_time() {
    let (mut chain, member) = chain();
    go_live(&mut chain, &strict(1_000));
    let now = two(&mut chain, "a", start().plus_millis(HOUR_MS));
    let case = chain.number("select id from fraud_cases");
    let at = |minutes: i64| now.plus_millis(minutes * MINUTE_MS);
    let rows = [
        (Action::Block, "account.held {}"),
        (Action::Hold, r#"appeal.decided {"eased":true,"upheld":false}"#),
        (Action::Challenge, r#"appeal.decided {"eased":true,"upheld":false}"#),
        (Action::Allow, r#"appeal.decided {"upheld":true}"#),
        (Action::Hold, "account.held {}"),
        (Action::Allow, r#"appeal.decided {"upheld":true}"#),
    ];
    for (step, (action, said)) in (1..).zip(rows) {
        decide_case(&mut chain, case, uphold(action, false), at(step)).expect("upheld");
        let all = told(&chain);
        assert_eq!((all.len() as i64, all.last().map(String::as_str)), (1 + step, Some(said)), "{step}");
    }
    reserve(&mut chain, "10", at(9)).expect("and it is so");
    assert!(!watch::inline::is_held(&chain.sql, member).expect("reads"));
}

#[test]
fn points_that_wait_again_weeks_later_are_told_again() {
    let (mut chain, _) = chain();
    go_live(&mut chain, &standard::rules());
    let now = sales(&mut chain, 7);
    let told = "select count(*) from notifications where topic = 'points.delayed'";
    assert_eq!(chain.number(told), 1, "three receipts of one day");
    for step in 0..5 {
        let at = now.plus_millis(10 * DAY_MS + step * MINUTE_MS);
        let mut sale = new_sale(&format!("x{step}"), at, vec![line(1, 1_000, 100_000, false)], None);
        sale.staff_code = Some("ann".to_owned());
        sell(&mut chain, &sale, at).expect("recorded");
    }
    assert_eq!(chain.number("select count(*) from fraud_cases"), 1);
    assert_eq!(chain.number(told), 2);
}

#[test]
fn a_busy_cashier_is_a_case_of_the_outlet_and_no_guest_notices() {
    let (mut chain, member) = chain();
    // As weighty as can be: the guest has done nothing.
    go_live(&mut chain, &one_rule(Event::Receipt, Feature::StaffReceiptsHour, 3, 1_000));
    let now = sales(&mut chain, 6);
    assert_eq!(available(&mut chain, member, now), "300.00", "nothing waits");
    reserve(&mut chain, "10", now).expect("and everything can be spent");
    assert_eq!(chain.number("select count(*) from fraud_standings"), 0);
    assert_eq!(told(&chain), Vec::<String>::new());
    let of_outlet = "select count(*) from fraud_cases where member_id is null and outlet_id is not null \
                     and action = 'notify' and score = 1000 and status = 'open'";
    assert_eq!(chain.number(of_outlet), 1);
    assert_eq!(chain.number("select count(*) from fraud_decisions"), 1, "the same again is not written down");
    for action in [Action::Challenge, Action::Block] {
        let refused = decide(&mut chain, uphold(action, false), now).expect_err("there is nothing to stop");
        assert_eq!(refused, club::watching::ruling::Refused::Review(review::Refused::NothingToStop));
    }
    decide(&mut chain, Outcome::Overturn { trust_days: 3 }, now).expect("a stadium");
    let more = |chain: &mut Chain, number: &str, from: Timestamp| {
        two(chain, &format!("{number}a"), from);
        two(chain, &format!("{number}b"), from.plus_millis(2 * MINUTE_MS));
        chain.number("select count(*) from fraud_cases")
    };
    assert_eq!(more(&mut chain, "m", now.plus_millis(2 * DAY_MS)), 1, "known to be so");
    assert_eq!(more(&mut chain, "n", now.plus_millis(4 * DAY_MS)), 2, "for three days");
    let by = chain.number("select decided_by from fraud_cases where status = 'overturned'");
    assert_eq!(by, ADMINISTRATOR.raw());
    chain.assert_sound();
}

#[test]
fn what_is_loud_does_not_cover_what_is_quiet_at_one_outlet() {
    let (mut chain, _) = chain();
    let mut rules = one_rule(Event::Receipt, Feature::StaffReceiptsHour, 3, 300);
    let codes = one_rule(Event::CodeAttempt, Feature::OutletWrongCodesHour, 2, 300);
    rules.rules.extend(codes.rules.into_iter().map(|rule| Rule { code: "codes".into(), ..rule }));
    go_live(&mut chain, &rules);
    let now = sales(&mut chain, 5);
    let place = outlet(&chain);
    for step in 0..5 {
        let at = now.plus_millis(step);
        transaction(&chain.sql, |tx| watching::bad_code(tx, &place, "2100000099999", BadCode::Wrong, at))
            .expect("counted");
    }
    let decided = "select count(*) from fraud_decisions where case_id is not null";
    assert_eq!(chain.number(decided), 2, "the cashier once, the codes once");
    two(&mut chain, "more", now.plus_millis(MINUTE_MS));
    assert_eq!(chain.number(decided), 2);
    two(&mut chain, "later", now.plus_millis(2 * HOUR_MS));
    assert_eq!(chain.number(decided), 2, "two in that hour");
    let busy = now.plus_millis(4 * HOUR_MS);
    two(&mut chain, "x", busy);
    two(&mut chain, "y", busy.plus_millis(2 * MINUTE_MS));
    assert_eq!(chain.number(decided), 3, "and again an hour later");
    assert_eq!(chain.number("select count(*) from fraud_cases"), 1);
}

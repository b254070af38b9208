//! What rulings, appeals and the scheduled look do to a member and to points, over a database in memory.

use club::watching::ruling::Refused;
use club::{Moment, Refusal, prepaid, watching};
use fraud::facts::BadCode;
use fraud::rules::{Rule, Test};
use fraud::{Action, Event, Feature, RuleSet, standard};
use kernel::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use kernel::{HoldId, MemberId, Timestamp};
use membership::profile::Language;
use store::transaction::transaction;
use watch::review::{self, Outcome, View};
use watch::{appeal, sweep};

use crate::fixture::{ADMINISTRATOR, Chain, points, rules, start};
use crate::fraud::{available, chain, decide, decide_case, go_live, sales};
use crate::till::{give_back, line, new_sale, outlet, reserve, sell, tenge};

const RELEASE: Outcome = Outcome::Overturn { trust_days: 0 };

fn withhold(action: Action) -> Outcome {
    Outcome::Uphold { action, withheld: true }
}

fn protest(chain: &mut Chain, member: MemberId, now: Timestamp) -> Result<i64, appeal::Refused> {
    let mut moment = watch::Moment { now, ids: &mut chain.ids };
    transaction(&chain.sql, |tx| appeal::take(tx, member, |_| vec![1], &mut moment)).map(|appeal| appeal.case)
}

fn block(chain: &mut Chain, member: MemberId, now: Timestamp) -> View {
    let mut moment = watch::Moment { now, ids: &mut chain.ids };
    transaction(&chain.sql, |tx| review::block(tx, member, "seen", ADMINISTRATOR, &mut moment))
        .expect("blocked")
}

/// What the history says, in every language, of movements with that code.
fn said(chain: &Chain, member: MemberId, code: &str) -> Vec<[String; 3]> {
    let (newest, since) = (kernel::EntryId::from_raw(i64::MAX), Timestamp::from_millis(0));
    let all = store::history::list(&chain.sql, member, newest, since, 100).expect("reads");
    let of = all.iter().filter(|movement| club::movement::code(movement) == code);
    of.map(|movement| [Language::Ru, Language::Kk, Language::En].map(|l| club::movement::text(movement, l)))
        .collect()
}

/// One more sale by the same member of staff.
fn one_more(chain: &mut Chain, number: &str, now: Timestamp) {
    let mut sale = new_sale(number, now, vec![line(1, 1_000, 100_000, false)], None);
    sale.staff_code = Some("ann".to_owned());
    sell(chain, &sale, now).expect("a sale is always recorded");
}

/// Rules with one rule that holds at the event from so many on.
pub(crate) fn one_rule(on: Event, feature: Feature, least: i64, weight: u32) -> RuleSet {
    let test = Test { feature, at_least: Some(least), at_most: None };
    let rule = Rule { code: "only".into(), on: vec![on], when: vec![test], weight };
    RuleSet { rules: vec![rule], ..standard::rules() }
}

#[test]
fn what_is_found_under_a_ruling_belongs_to_its_case() {
    let (mut chain, member) = chain();
    go_live(&mut chain, &standard::rules());
    let now = sales(&mut chain, 6);
    decide(&mut chain, Outcome::Uphold { action: Action::Block, withheld: false }, now).expect("upheld");
    one_more(&mut chain, "more", now.plus_millis(MINUTE_MS));
    assert_eq!(chain.number("select count(*) from fraud_cases"), 1, "no second case beside the ruling");
    assert_eq!(
        chain.number("select count(*) from fraud_cases where status = 'upheld'"),
        1,
        "nothing sterner"
    );
    assert_eq!(chain.number("select count(*) from fraud_delays"), 3);
    let later = now.plus_millis(HOUR_MS);
    protest(&mut chain, member, later).expect("taken");
    assert_eq!(
        chain.number("select count(*) from fraud_cases where status = 'open'"),
        1,
        "and it is looked at"
    );
    decide(&mut chain, RELEASE, later).expect("decided");
    assert_eq!(available(&mut chain, member, later), "350.00", "every delay was filed under it");
    assert_eq!(chain.number("select count(*) from fraud_standings"), 0);
    chain.assert_sound();
}

#[test]
fn something_sterner_than_a_ruling_opens_its_case_again() {
    let (mut chain, _) = chain();
    go_live(&mut chain, &standard::rules());
    let now = sales(&mut chain, 5);
    decide(&mut chain, Outcome::Uphold { action: Action::Challenge, withheld: false }, now).expect("upheld");
    one_more(&mut chain, "more", now.plus_millis(MINUTE_MS));
    assert_eq!(chain.number("select count(*) from fraud_cases"), 1);
    assert_eq!(chain.number("select count(*) from fraud_cases where status = 'open'"), 1);
    let held = "select count(*) from fraud_standings where standing = 'challenge'";
    assert_eq!(chain.number(held), 1, "the ruling holds until there is another");
}

#[test]
fn a_milder_ruling_on_another_case_does_not_lift_a_block() {
    let (mut chain, member) = chain();
    go_live(&mut chain, &standard::rules());
    let now = sales(&mut chain, 5);
    decide(&mut chain, Outcome::Uphold { action: Action::Allow, withheld: false }, now).expect("upheld");
    let first = chain.number("select id from fraud_cases");
    // The delay is over: nothing of the first case holds any more, and a second begins.
    let later = now.plus_millis(4 * DAY_MS);
    let second = block(&mut chain, member, later).case.id;
    assert_ne!(first, second);
    let again = decide_case(&mut chain, first, withhold(Action::Challenge), later);
    assert_eq!(again.expect_err("the open case rules"), Refused::Review(review::Refused::OtherOpen));
    decide_case(&mut chain, second, Outcome::Uphold { action: Action::Block, withheld: false }, later)
        .expect("upheld");
    decide_case(&mut chain, first, Outcome::Uphold { action: Action::Challenge, withheld: false }, later)
        .expect("upheld");
    let standing =
        format!("select count(*) from fraud_standings where standing = 'block' and case_id = {second}");
    assert_eq!(chain.number(&standing), 1);
    assert_eq!(protest(&mut chain, member, later).expect("taken"), second);
    assert_eq!(
        chain.number(&format!("select count(*) from fraud_cases where status = 'open' and id = {second}")),
        1
    );
}

#[test]
fn withheld_points_leave_the_wallet_are_seen_appealed_and_come_back() {
    let (mut chain, member) = chain();
    go_live(&mut chain, &standard::rules());
    let now = sales(&mut chain, 6);
    assert_eq!(chain.balance(member).0, "100.00", "the fifth and the sixth wait");
    decide(&mut chain, withhold(Action::Allow), now).expect("upheld");
    assert_eq!(chain.balance(member), ("0.00".into(), "200.00".into(), "0.00".into()));
    let withheld =
        ["Удержано по итогам проверки", "Тексеру қорытындысы бойынша ұсталды", "Withheld after a check"];
    assert_eq!(said(&chain, member, "withheld"), [withheld, withheld], "with a reason in the history");
    chain.assert_sound();
    let account = review::account(&chain.sql, member, now).expect("reads");
    assert_eq!((account.standing, account.waiting.withheld), (None, points("100")));
    let later = now.plus_millis(100 * DAY_MS);
    protest(&mut chain, member, later).expect("nothing holds, but points are withheld");
    let view = decide(&mut chain, RELEASE, later).expect("decided");
    assert!(view.delays.iter().all(|delay| delay.taken == points("0")));
    assert_eq!(chain.balance(member), ("0.00".into(), "300.00".into(), "0.00".into()));
    let back = ["Возвращено после проверки", "Тексеруден кейін қайтарылды", "Given back after a check"];
    assert_eq!(said(&chain, member, "given_back"), [back, back]);
    let refused = protest(&mut chain, member, later).expect_err("nothing is left");
    assert_eq!(refused, appeal::Refused::Nothing);
    chain.assert_sound();
}

#[test]
fn a_return_does_not_take_what_a_ruling_has_taken() {
    let (mut chain, member) = chain();
    go_live(&mut chain, &standard::rules());
    let now = sales(&mut chain, 6);
    decide(&mut chain, withhold(Action::Allow), now).expect("upheld");
    let later = now.plus_millis(HOUR_MS);
    give_back(&mut chain, ("s4", start().plus_millis(HOUR_MS + 4 * MINUTE_MS)), "r1", None, later)
        .expect("returned");
    assert_eq!(chain.balance(member).1, "200.00", "L7: what it gave was gone already");
    decide(&mut chain, RELEASE, later).expect("decided");
    assert_eq!(chain.balance(member).1, "250.00", "of the receipt that is still a sale");
    give_back(&mut chain, ("s5", now), "r2", None, later).expect("returned");
    assert_eq!(chain.balance(member).1, "200.00");
    chain.assert_sound();
}

#[test]
fn what_ran_out_meanwhile_comes_back_with_the_case() {
    let (mut chain, member) = chain();
    let mut all = rules();
    all.redemption.static_code_may_spend = true;
    all.earning.pending_delay = loyalty::programme::PendingDelay::None {};
    all.earning.expiry = serde_json::from_str(r#"{"kind": "days", "days": 2}"#).expect("two days");
    chain.publish(&all, Some(start().plus_millis(2)), start().plus_millis(1)).expect("a version");
    go_live(&mut chain, &standard::rules());
    let now = sales(&mut chain, 5);
    block(&mut chain, member, now);
    let later = now.plus_millis(10 * DAY_MS);
    assert_eq!(available(&mut chain, member, later), "0.00");
    assert_eq!(chain.balance(member).0, "0.00", "the fifth ran out before it could be spent at all");
    decide(&mut chain, RELEASE, later).expect("decided");
    assert_eq!(chain.balance(member), ("0.00".into(), "250.00".into(), "0.00".into()));
    // What came back is taken by a return as if it had never run out: of the delayed one, and of another.
    give_back(&mut chain, ("s4", now), "r1", None, later).expect("returned");
    give_back(&mut chain, ("s0", start().plus_millis(HOUR_MS)), "r2", None, later).expect("returned");
    assert_eq!(chain.balance(member).1, "150.00", "L7");
    assert_eq!(available(&mut chain, member, later.plus_millis(13 * DAY_MS)), "150.00", "time to hear of it");
    assert_eq!(available(&mut chain, member, later.plus_millis(15 * DAY_MS)), "0.00");
    chain.assert_sound();
}

#[test]
fn a_challenge_that_nobody_upheld_ends_by_itself() {
    let (mut chain, member) = chain();
    let mut rules = standard::rules();
    rules.thresholds.delay_points = None;
    go_live(&mut chain, &rules);
    let now = sales(&mut chain, 5);
    let refused = reserve(&mut chain, "10", now.plus_millis(29 * DAY_MS)).expect_err("a card proves nothing");
    assert!(matches!(refused, Refusal::Suspected { needs_code: true, .. }), "{refused:?}");
    let account = review::account(&chain.sql, member, now).expect("reads");
    assert_eq!(account.standing.expect("a challenge").until, Some(now.plus_millis(30 * DAY_MS)));
    reserve(&mut chain, "10", now.plus_millis(30 * DAY_MS)).expect("it is over");
    // What a person upholds stays.
    decide(&mut chain, Outcome::Uphold { action: Action::Challenge, withheld: false }, now).expect("upheld");
    reserve(&mut chain, "10", now.plus_millis(300 * DAY_MS)).expect_err("it is not over");
}

#[test]
fn a_delay_where_nothing_was_earned_stands_as_a_challenge() {
    let (mut chain, _) = chain();
    go_live(&mut chain, &standard::rules());
    let (place, now) = (outlet(&chain), start().plus_millis(HOUR_MS));
    for step in 0..3 {
        let at = now.plus_millis(step * MINUTE_MS);
        transaction(&chain.sql, |tx| {
            watching::bad_code(tx, &place, crate::till::CARD, BadCode::Replayed, at)
        })
        .expect("counted");
    }
    assert_eq!(chain.number("select count(*) from fraud_standings where standing = 'challenge'"), 1);
}

fn order(chain: &mut Chain, member: MemberId, now: Timestamp) -> Result<HoldId, Refusal> {
    let place = outlet(chain);
    let expires_at = now.plus_millis(HOUR_MS);
    let asked =
        prepaid::Reservation { member, points: points("1"), worth: tenge(100), expires_at, device: None };
    let mut moment = Moment { now, ids: &mut chain.ids };
    transaction(&chain.sql, |tx| prepaid::reserve(tx, &place, &asked, &mut moment))
}

#[test]
fn orders_count_as_spending_and_are_stopped_as_at_a_till() {
    let (mut chain, member) = chain();
    let now = sales(&mut chain, 2);
    go_live(&mut chain, &one_rule(Event::Hold, Feature::SpendsDay, 3, 1_000));
    order(&mut chain, member, now).expect("the first");
    reserve(&mut chain, "1", now).expect("at a till: the second");
    assert_eq!(chain.number("select count(*) from fraud_decisions"), 0);
    order(&mut chain, member, now).expect("the third of the day shows it, and is made");
    assert_eq!(
        chain.number("select count(*) from fraud_decisions where event = 'hold' and reference like 'hold:%'"),
        1
    );
    assert_eq!(chain.number("select count(*) from fraud_standings where standing = 'hold'"), 1);
    let refused = order(&mut chain, member, now).expect_err("a person has not looked");
    assert!(matches!(refused, Refusal::Suspected { needs_code: false, .. }), "{refused:?}");
    reserve(&mut chain, "1", now).expect_err("neither at a till");
}

#[test]
fn returns_of_used_points_are_counted_and_nobody_who_sold_is_blamed() {
    let (mut chain, member) = chain();
    go_live(&mut chain, &one_rule(Event::Return, Feature::MemberRefundsMonth, 1, 300));
    let now = sales(&mut chain, 2);
    let sold = start().plus_millis(HOUR_MS);
    // Nothing was used: no refund of anything.
    give_back(&mut chain, ("s0", sold), "r0", None, now).expect("returned");
    assert_eq!(chain.number("select count(*) from fraud_decisions"), 0);
    // The points of the second are spent, then its goods come back: a debt.
    let held = reserve(&mut chain, "50", now).expect("held").hold.hold.id;
    let paid = new_sale("paid", now, vec![line(1, 1_000, 20_000, false)], Some((held, 5_000)));
    sell(&mut chain, &paid, now).expect("sold");
    give_back(&mut chain, ("s1", now), "r1", None, now.plus_millis(MINUTE_MS)).expect("returned");
    assert!(chain.balance(member).1.starts_with('-'), "{:?}", chain.balance(member));
    assert_eq!(chain.number("select count(*) from fraud_decisions where event = 'return'"), 1);
    assert_eq!(
        chain.number("select count(*) from fraud_decisions where staff_code is not null"),
        0,
        "ann sold it"
    );
    assert_eq!(chain.number("select count(*) from fraud_returns where staff_code is null"), 1);
}

#[test]
fn fresh_spenders_are_looked_at_once_and_others_come_up() {
    let (mut chain, _) = chain();
    let now = start().plus_millis(HOUR_MS);
    let place = outlet(&chain).id.raw();
    for index in 0..3 {
        let member = chain.member(&format!("fresh{index}")).raw();
        let hold = kernel::HoldId::new(&mut chain.ids, now).raw();
        let text = format!(
            "update members set joined_at = {joined} where id = {member}; \
             insert into holds (id, member_id, outlet_id, points, currency, value_minor, status, captured, created_at, \
             expires_at) values ({hold}, {member}, {place}, 100, 'KZT', 100, 'captured', 100, {joined}, {joined})",
            joined = now.millis()
        );
        chain.sql.connection().execute_batch(&text).expect("rows");
        let mut moment = watch::Moment { now: now.plus_millis(MINUTE_MS), ids: &mut chain.ids };
        let ran = sweep::run(&chain.sql, true, &mut moment).expect("ran");
        let sweep::Outcome::Ran(done) = ran else { panic!("somebody else is at it") };
        assert_eq!(done.fresh, [0, 2, 1][index], "one alone is nothing; then those who were not looked at");
    }
    assert_eq!(chain.number("select count(*) from fraud_swept"), 3);
    assert_eq!(chain.number("select count(*) from fraud_decisions"), 0, "nobody is suspected");
}

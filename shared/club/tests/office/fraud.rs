//! Fraud control over a database in memory: what a receipt, a hold, a return and people do to points.

use club::watching::ruling::{self, Refused};
use club::{Moment, Refusal, receipt};
use fraud::facts::Trace;
use fraud::{Action, RuleSet, standard};
use kernel::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use kernel::{MemberId, Timestamp};
use store::transaction::transaction;
use watch::inline::Traces;
use watch::review::{self, Outcome};
use watch::trial::{self, NewTrial};
use watch::{rules as versions, sweep};

use crate::fixture::{ADMINISTRATOR, BRAND, Chain, rules, start};
use crate::till::{give_back, guest, line, new_sale, no_secrets, outlet, reserve, sell};

pub(crate) fn chain() -> (Chain, MemberId) {
    let mut chain = Chain::new();
    let mut all = rules();
    all.redemption.static_code_may_spend = true;
    all.earning.pending_delay = loyalty::programme::PendingDelay::None {};
    chain.publish(&all, Some(start().plus_millis(1)), start()).expect("a version");
    let member = guest(&mut chain);
    (chain, member)
}

pub(crate) fn go_live(chain: &mut Chain, rules: &RuleSet) {
    chain.write(start(), |tx, moment| {
        let new = versions::NewVersion { brand: BRAND, rules, is_live: true, note: "test", by: None };
        let mut moment = watch::Moment { now: moment.now, ids: &mut *moment.ids };
        versions::publish(tx, &new, &mut moment).expect("a version");
    });
}

/// So many sales by one member of staff, a minute apart.
pub(crate) fn sales(chain: &mut Chain, count: i64) -> Timestamp {
    let mut now = start().plus_millis(HOUR_MS);
    for step in 0..count {
        now = start().plus_millis(HOUR_MS + step * MINUTE_MS);
        let mut sale = new_sale(&format!("s{step}"), now, vec![line(1, 1_000, 100_000, false)], None);
        sale.staff_code = Some("ann".to_owned());
        sell(chain, &sale, now).expect("a sale is always recorded");
    }
    now
}

pub(crate) fn decide(chain: &mut Chain, outcome: Outcome, now: Timestamp) -> Result<review::View, Refused> {
    let case = chain.number("select max(id) from fraud_cases");
    decide_case(chain, case, outcome, now)
}

pub(crate) fn decide_case(
    chain: &mut Chain,
    case: i64,
    outcome: Outcome,
    now: Timestamp,
) -> Result<review::View, Refused> {
    let mut moment = Moment { now, ids: &mut chain.ids };
    transaction(&chain.sql, |tx| ruling::decide(tx, case, outcome, "looked", ADMINISTRATOR, &mut moment))
}

pub(crate) fn available(chain: &mut Chain, member: MemberId, now: Timestamp) -> String {
    let mut moment = Moment { now, ids: &mut chain.ids };
    club::lifecycle::run_points(&chain.sql, &mut moment, club::lifecycle::Bounds::STANDARD).expect("ran");
    chain.balance(member).1
}

#[test]
fn overturning_brings_delayed_points_at_once_and_upholding_keeps_them_away() {
    for upheld in [false, true] {
        let (mut chain, member) = chain();
        go_live(&mut chain, &standard::rules());
        let now = sales(&mut chain, 6);
        assert_eq!(available(&mut chain, member, now), "200.00", "the fifth and the sixth wait");
        if upheld {
            let outcome = Outcome::Uphold { action: Action::Allow, withheld: true };
            decide(&mut chain, outcome, now).expect("decided");
            let later = now.plus_millis(30 * DAY_MS);
            assert_eq!(available(&mut chain, member, later), "200.00");
        }
        let later = now.plus_millis(DAY_MS);
        let view = decide(&mut chain, Outcome::Overturn { trust_days: 1 }, later).expect("decided");
        assert_eq!(view.case.status, "overturned");
        assert_eq!(available(&mut chain, member, later.plus_millis(30 * DAY_MS)), "300.00");
        let again = decide(&mut chain, Outcome::Overturn { trust_days: 1 }, later);
        assert_eq!(again.expect_err("decided before"), Refused::Review(review::Refused::Decided));
        chain.assert_sound();
    }
}

#[test]
fn delayed_points_come_by_themselves_when_nobody_looks() {
    let (mut chain, member) = chain();
    go_live(&mut chain, &standard::rules());
    let now = sales(&mut chain, 5);
    let delay = i64::from(standard::rules().delay_hours) * HOUR_MS;
    assert_eq!(available(&mut chain, member, now.plus_millis(delay - 1)), "200.00");
    assert_eq!(available(&mut chain, member, now.plus_millis(delay)), "250.00");
    chain.assert_sound();
}

#[test]
fn a_delayed_receipt_can_be_returned_and_released_afterwards() {
    let (mut chain, member) = chain();
    go_live(&mut chain, &standard::rules());
    let now = sales(&mut chain, 5);
    give_back(&mut chain, ("s4", now), "r1", None, now.plus_millis(MINUTE_MS)).expect("returned");
    assert_eq!(chain.balance(member), ("0.00".into(), "200.00".into(), "0.00".into()), "L7");
    decide(&mut chain, Outcome::Overturn { trust_days: 0 }, now.plus_millis(HOUR_MS)).expect("decided");
    assert_eq!(available(&mut chain, member, now.plus_millis(HOUR_MS)), "200.00");
    chain.assert_sound();
}

#[test]
fn rules_that_observe_change_nothing_and_unreadable_ones_fail_no_sale() {
    let (mut chain, member) = chain();
    let now = sales(&mut chain, 5);
    assert_eq!(available(&mut chain, member, now), "250.00");
    assert_eq!(chain.number("select count(*) from fraud_decisions where mode = 'shadow'"), 1);
    assert_eq!(chain.number("select count(*) from fraud_cases"), 0);
    chain
        .sql
        .connection()
        .execute_batch(
            "update fraud_subjects set state = 'not json'; \
             insert into fraud_rule_versions values (7, 'crema', 9, 'live', '{}', 'broken', null, 0)",
        )
        .expect("rows");
    let later = now.plus_millis(MINUTE_MS);
    let sale = new_sale("after", later, vec![line(1, 1_000, 100_000, false)], None);
    sell(&mut chain, &sale, later).expect("a sale is always recorded");
    assert_eq!(available(&mut chain, member, later), "300.00");
}

#[test]
fn a_block_stops_spending_and_orders_but_no_sale() {
    let (mut chain, member) = chain();
    let now = sales(&mut chain, 2);
    let mut moment = watch::Moment { now, ids: &mut chain.ids };
    transaction(&chain.sql, |tx| review::block(tx, member, "seen", ADMINISTRATOR, &mut moment))
        .expect("blocked");
    let refused = reserve(&mut chain, "10", now).expect_err("held");
    assert!(matches!(refused, Refusal::Suspected { needs_code: false, facts: Some(_) }), "{refused:?}");
    let place = outlet(&chain);
    let reservation = club::prepaid::Reservation {
        member,
        points: crate::fixture::points("10"),
        worth: crate::till::tenge(1_000),
        expires_at: now.plus_millis(HOUR_MS),
        device: None,
    };
    let mut moment = Moment { now, ids: &mut chain.ids };
    let refused = transaction(&chain.sql, |tx| club::prepaid::reserve(tx, &place, &reservation, &mut moment));
    assert!(matches!(refused, Err(Refusal::Suspected { .. })));
    let later = now.plus_millis(MINUTE_MS);
    let sale = new_sale("after", later, vec![line(1, 1_000, 100_000, false)], None);
    sell(&mut chain, &sale, later).expect("a sale is always recorded");
    assert_eq!(available(&mut chain, member, later.plus_millis(90 * DAY_MS)), "100.00", "withheld");
    decide(&mut chain, Outcome::Overturn { trust_days: 0 }, later).expect("decided");
    assert_eq!(available(&mut chain, member, later), "150.00");
    chain.assert_sound();
}

#[test]
fn a_challenge_asks_for_the_rotating_code() {
    let (mut chain, _) = chain();
    let mut rules = standard::rules();
    rules.thresholds.delay_points = None;
    go_live(&mut chain, &rules);
    let now = sales(&mut chain, 5);
    let refused = reserve(&mut chain, "10", now).expect_err("a static card proves nothing");
    assert!(matches!(refused, Refusal::Suspected { needs_code: true, .. }), "{refused:?}");
}

#[test]
fn a_trial_counts_the_same_in_one_slice_and_in_many() {
    let (mut chain, _) = chain();
    let now = sales(&mut chain, 9);
    give_back(&mut chain, ("s1", start().plus_millis(HOUR_MS)), "r1", None, now).expect("returned");
    // Of the return nothing was used: no event. A sign-up with its device is one.
    let newcomer = MemberId::new(&mut chain.ids, start()).raw();
    let text = format!(
        "insert into members (id, brand, language, status, tier, joined_at, changed_at) \
         values ({newcomer}, 'crema', 'ru', 'active', 'bronze', {at}, {at}); \
         insert into fraud_links (id, kind, value, member_id, first_at) values (1, 'device', 5, {newcomer}, {at})",
        at = start().millis()
    );
    chain.sql.connection().execute_batch(&text).expect("a sign-up");
    let rules = standard::rules();
    let mut found = Vec::new();
    for limit in [100, 2] {
        let new = NewTrial {
            brand: BRAND,
            rules: &rules,
            sold_from: start(),
            sold_until: now.plus_millis(1),
            by: None,
        };
        let mut moment = watch::Moment { now, ids: &mut chain.ids };
        let begun = transaction(&chain.sql, |tx| trial::begin(tx, &new, &mut moment)).expect("begun");
        let mut state = begun;
        while !state.done {
            state = trial::run(&chain.sql, state.id, limit, now).expect("ran");
        }
        assert_eq!(state.events, 10);
        assert_eq!(state.members, 1);
        let counts = store::fraud::trials::list_counts(&chain.sql, state.id).expect("counts");
        assert!(counts.contains(&("rule".into(), "staff_card_hour".into(), 5)), "{counts:?}");
        found.push(counts);
        // A slice of a finished trial changes nothing.
        assert_eq!(trial::run(&chain.sql, state.id, limit, now).expect("ran").events, 10);
    }
    assert_eq!(found[0], found[1]);
    assert_eq!(chain.number("select count(*) from fraud_trial_subjects"), 0);
}

#[test]
fn accounts_that_share_a_payment_token_become_a_ring() {
    let (mut chain, first) = chain();
    go_live(&mut chain, &standard::rules());
    let place = outlet(&chain);
    let now = start().plus_millis(HOUR_MS);
    for index in 0..8 {
        let number = format!("R{index:07}");
        let member = if index == 0 { first } else { chain.member(&format!("m{index}")) };
        let text = format!(
            "insert into cards (brand, number, kind, status, member_id, issued_at, changed_at) \
             values ('crema', '{number}', 'plastic', 'active', {}, 0, 0)",
            member.raw()
        );
        chain.sql.connection().execute_batch(&text).expect("a card");
        let mut sale = new_sale(&format!("n{index}"), now, vec![line(1, 1_000, 100_000, false)], None);
        sale.named = Some(club::guest::Named::Card(number));
        let traces = Traces { payment: Some(Trace::from_raw(77)), device: None };
        let prepared = receipt::prepare(&chain.sql, &place, &sale, &no_secrets, now).traced(traces);
        let mut moment = Moment { now, ids: &mut chain.ids };
        transaction(&chain.sql, |tx| {
            receipt::record(tx, &place, &sale, prepared, &no_secrets, &mut moment, |_| "{}".to_owned())
        })
        .expect("recorded");
    }
    let mut moment = watch::Moment { now, ids: &mut chain.ids };
    let sweep::Outcome::Ran(done) = sweep::run(&chain.sql, true, &mut moment).expect("ran") else {
        panic!("somebody else is at it")
    };
    assert_eq!((done.rings, done.looked_at), (1, 8));
    let judged = chain.number("select count(distinct member_id) from fraud_decisions where event = 'sweep'");
    assert_eq!(judged, 8, "seven or more are a ring");
    let mut moment = watch::Moment { now, ids: &mut chain.ids };
    let again = sweep::run(&chain.sql, true, &mut moment).expect("ran");
    assert!(matches!(again, sweep::Outcome::Ran(done) if done.rings == 0 && done.looked_at == 0));
    assert_eq!(chain.number("select count(*) from fraud_traces where payment = 77"), 8);
}

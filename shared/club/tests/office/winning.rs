//! A prize won with a purchase goes back with it.

use club::gift::{self, Gift, Giver};
use kernel::time::{DAY_MS, HOUR_MS};
use kernel::{MemberId, Quantity, Timestamp};
use ledger::model::ClawbackPolicy;

use crate::fixture::{Chain, points, rules, start};
use crate::till::{give_back, guest, line, new_sale, outlet, sell};

const PLAY: i64 = 77;
const EVENTS: &str = "select count(*) from entries where event = 'game:77'";
const SPENT: &str = "select spent from feedback_budgets where budget = 'game'";

fn two(thousandths: i64) -> Option<Vec<(u32, Quantity)>> {
    Some(vec![(1, Quantity::from_thousandths(thousandths))])
}

/// A sale of two pieces, whose answer has won ten points that are good for thirty days.
fn won(policy: ClawbackPolicy) -> (Chain, MemberId, Timestamp) {
    let mut chain = Chain::new();
    let mut all = rules();
    all.returns.clawback = policy;
    chain.publish(&all, Some(start().plus_millis(1)), start()).expect("a version");
    let member = guest(&mut chain);
    let sold = start().plus_millis(HOUR_MS);
    sell(&mut chain, &new_sale("1", sold, vec![line(1, 2_000, 100_000, false)], None), sold).expect("taken");
    let receipt = chain.number("select id from receipts");
    let outlet = outlet(&chain).id;
    let played = sold.plus_millis(HOUR_MS);
    let (who, at) = (member.raw(), played.millis());
    chain
        .sql
        .connection()
        .execute_batch(&format!(
            "insert into feedback_rules (id, brand, version, effective_from, rules, created_at, note) \
             values (1, 'crema', 1, 0, '{{}}', 0, 'x'); \
             insert into feedback_requests (id, receipt_id, member_id, outlet_id, rules_id, outlet_type, ask_at, until_at, \
             status, asked_at) values ({PLAY}, {receipt}, {who}, {outlet}, 1, 'cafe', {at}, {at} + 9, 'answered', {at}); \
             insert into feedback_answers (request_id, member_id, outlet_id, business_date, hour, stars, answered_at, streak) \
             values ({PLAY}, {who}, {outlet}, '2026-11-21', 10, 5, {at}, 1); \
             insert into feedback_plays (request_id, member_id, rules_id, game, prize, points, played_at) \
             values ({PLAY}, {who}, 1, 'wheel', 'ten', 1000, {at}); \
             insert into feedback_budgets (budget, subject, period, spent) values ('game', 'crema', '2026-11', 2500)",
            outlet = outlet.raw()
        ))
        .expect("a play");
    chain.write(played, |tx, moment| {
        let gift = Gift {
            member,
            points: points("10.00"),
            giver: Giver::Rule,
            event: feedback::game::event(PLAY),
            outlet: Some(outlet),
            note: None,
            good_days: 30,
        };
        gift::give(tx, &gift, moment).expect("given");
    });
    (chain, member, sold)
}

#[test]
fn the_last_of_the_goods_takes_the_prize_with_it() {
    let (mut chain, member, sold) = won(ClawbackPolicy::Unlimited);
    let now = sold.plus_millis(3 * HOUR_MS);
    give_back(&mut chain, ("1", sold), "r1", two(1_000), now).expect("a part");
    assert_eq!(chain.number(EVENTS), 1, "something was kept");
    assert_eq!(chain.balance(member).1, "10.00");
    let told = give_back(&mut chain, ("1", sold), "r2", two(1_000), now).expect("the rest");
    let left = told.balance.expect("a guest");
    assert_eq!((left.0, left.1), (points("0.00"), points("0.00")), "the till is told the balance without it");
    assert_eq!(chain.balance(member).1, "0.00");
    assert_eq!(chain.number(EVENTS), 2, "L4");
    assert_eq!(chain.number("select count(*) from entries where event = 'game:77' and kind = 'clawback'"), 1);
    assert_eq!(chain.number(SPENT), 1_500, "the budget has it back");
    chain.assert_sound();
}

/// A prize of which two points are left goes back under a policy.
fn spent_and_returned(policy: ClawbackPolicy) -> (String, i64) {
    let (mut chain, member, sold) = won(policy);
    let now = sold.plus_millis(3 * HOUR_MS);
    chain.write(now, |tx, moment| {
        let taken = club::prize::Prize {
            member,
            points: points("-8.00"),
            event: "test:spent",
            reason: "spent",
            expires_at: None,
        };
        club::prize::give(tx, &taken, moment).expect("taken");
    });
    give_back(&mut chain, ("1", sold), "r1", None, now).expect("all of it");
    chain.assert_sound();
    (chain.balance(member).1, chain.number(SPENT))
}

// A test for each: versions of programmes are kept by thread and id, and these chains have the same ids.
#[test]
fn a_prize_that_was_spent_is_owed() {
    assert_eq!(spent_and_returned(ClawbackPolicy::Unlimited), ("-8.00".to_owned(), 1_500), "L9");
}

#[test]
fn a_prize_that_was_spent_is_taken_as_far_as_there_is_something() {
    assert_eq!(spent_and_returned(ClawbackPolicy::WithinBalance), ("0.00".to_owned(), 2_300));
}

#[test]
fn a_prize_that_can_be_spent_is_kept_where_only_what_waits_is_taken() {
    assert_eq!(spent_and_returned(ClawbackPolicy::OnlyPending), ("2.00".to_owned(), 2_500));
}

#[test]
fn what_ran_out_unspent_is_not_taken_a_second_time() {
    let (mut chain, member, sold) = won(ClawbackPolicy::Unlimited);
    let now = sold.plus_millis(40 * DAY_MS);
    give_back(&mut chain, ("1", sold), "r1", None, now).expect("all of it");
    assert_eq!(chain.balance(member), ("0.00".to_owned(), "0.00".to_owned(), "0.00".to_owned()));
    assert_eq!(chain.number(SPENT), 2_500, "nothing was collected");
    chain.assert_sound();
}

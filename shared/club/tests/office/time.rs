//! What is past is past although no timer has come by; and what time took, nobody takes again.

use club::hold;
use club::{Moment, Refusal, balance};
use kernel::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use kernel::{MemberId, Quantity, Timestamp};
use loyalty::programme::{Expiry, PendingDelay};
use store::holds::HoldStatus;

use crate::fixture::{Chain, points, rules, start};
use crate::till::{give_back, guest, line, new_sale, outlet, reserve, sell};

/// Points are good at once, for ten days; a return takes back all of them, into debt if need be.
fn chain() -> (Chain, MemberId) {
    let mut chain = Chain::new();
    let mut ours = rules();
    ours.redemption.static_code_may_spend = true;
    ours.earning.pending_delay = PendingDelay::None {};
    ours.earning.expiry = Expiry::Days { days: 10 };
    chain.publish(&ours, Some(start().plus_millis(1)), start()).expect("a version");
    let member = guest(&mut chain);
    (chain, member)
}

/// Pending, available and held, as the guest sees them.
fn seen(chain: &Chain, member: MemberId, now: Timestamp) -> (String, String, String) {
    let seen = balance::read(&chain.sql, member, now).expect("a balance");
    (seen.pending.to_string(), seen.available.to_string(), seen.held.to_string())
}

fn three(pending: &str, available: &str, held: &str) -> (String, String, String) {
    (pending.to_owned(), available.to_owned(), held.to_owned())
}

#[test]
fn what_a_guest_sees_is_exact_without_a_timer() {
    let (mut chain, member) = chain();
    let hours = |hours: i64| start().plus_millis(hours * HOUR_MS);
    chain.grant(member, "30.00", None, Some(hours(5)));
    chain.grant(member, "20.00", Some(hours(3)), Some(hours(900)));
    chain.hold(member, "12.00", hours(4));
    assert_eq!(seen(&chain, member, hours(2)), three("20.00", "18.00", "12.00"));
    assert_eq!(seen(&chain, member, hours(3)), three("0.00", "38.00", "12.00"));
    assert_eq!(seen(&chain, member, hours(4)), three("0.00", "50.00", "0.00"));
    let soon = balance::read(&chain.sql, member, hours(4)).expect("a balance").expiring;
    assert_eq!(soon, Some((points("30.00"), hours(5))));
    assert_eq!(seen(&chain, member, hours(5)), three("0.00", "20.00", "0.00"));
    assert_eq!(balance::read(&chain.sql, member, hours(5)).expect("a balance").expiring, None);
    assert_eq!(chain.number("select count(*) from entries where kind = 'expiry'"), 0, "nothing was written");
    chain.assert_sound();
}

#[test]
fn a_decision_stands_on_the_present() {
    let (mut chain, member) = chain();
    let hours = |hours: i64| start().plus_millis(hours * HOUR_MS);
    chain.grant(member, "30.00", None, Some(hours(5)));
    chain.grant(member, "20.00", Some(hours(3)), None);
    let early = reserve(&mut chain, "31", hours(2));
    assert!(matches!(early, Err(Refusal::Ledger(_))), "{early:?}");
    let first = reserve(&mut chain, "31", hours(3)).expect("activated by now").hold.hold.id;
    // The hold's time is over, and so is that of the first lot.
    let outlet = outlet(&chain);
    let read = hold::read(&chain.sql, outlet.id, first, hours(6)).expect("a hold");
    assert_eq!((read.hold.status, read.balance.1), (HoldStatus::Lapsed, points("20.00")));
    let over = reserve(&mut chain, "21", hours(6));
    assert!(matches!(over, Err(Refusal::Ledger(_))), "{over:?}");
    let again = reserve(&mut chain, "20", hours(6)).expect("the hold before has lapsed");
    assert_eq!(again.balance.2, points("20.00"));
    assert_eq!(
        chain.rows("select status from holds order by id"),
        ["[Text(\"lapsed\")]", "[Text(\"authorised\")]"]
    );
    let mut moment = Moment { now: hours(6).plus_millis(MINUTE_MS), ids: &mut chain.ids };
    let released = hold::release(&chain.sql, &outlet, first, &mut moment).expect("said again");
    assert_eq!(released.hold.status, HoldStatus::Lapsed);
    chain.assert_sound();
}

#[test]
fn points_released_after_their_lots_time_are_gone() {
    let (mut chain, member) = chain();
    let now = start().plus_millis(HOUR_MS);
    chain.grant(member, "30.00", None, Some(now.plus_millis(5 * MINUTE_MS)));
    let held = reserve(&mut chain, "30", now).expect("held").hold.hold.id;
    let later = now.plus_millis(6 * MINUTE_MS);
    assert_eq!(seen(&chain, member, later), three("0.00", "0.00", "30.00"), "held points do not expire (L6)");
    let outlet = outlet(&chain);
    let mut moment = Moment { now: later, ids: &mut chain.ids };
    let released = hold::release(&chain.sql, &outlet, held, &mut moment).expect("released");
    assert_eq!(released.balance, (points("0.00"), points("0.00"), points("0.00")));
    chain.assert_sound();
}

#[test]
fn a_return_does_not_take_again_what_ran_out() {
    let (mut chain, member) = chain();
    let sold = start().plus_millis(HOUR_MS);
    // Two lines of 20,000: a hundred points each hundred of tenge at five in a hundred.
    let lines = vec![line(1, 1_000, 2_000_000, false), line(2, 1_000, 2_000_000, false)];
    assert_eq!(sell(&mut chain, &new_sale("1", sold, lines, None), sold).expect("taken"), points("2000.00"));
    // A quarter of them is spent in time, on something that earns nothing.
    let held = reserve(&mut chain, "500", sold).expect("held").hold.hold.id;
    let cup = vec![line(1, 1_000, 100_000, false)];
    let spent = sell(&mut chain, &new_sale("2", sold, cup, Some((held, 50_000))), sold).expect("taken");
    let late = sold.plus_millis(20 * DAY_MS);
    assert_eq!(seen(&chain, member, late).1, "0.00", "the rest has run out");
    let half = Some(vec![(1, Quantity::from_thousandths(1_000))]);
    let first = give_back(&mut chain, ("1", sold), "r1", half, late).expect("taken");
    assert_eq!((first.expired, first.forgiven), (points("1000.00"), points("0.00")));
    assert_eq!(seen(&chain, member, late).1, "0.00", "there is nothing to owe");
    let rest = give_back(&mut chain, ("1", sold), "r2", None, late).expect("taken");
    assert_eq!(rest.expired, points("500.00"), "all that ran out, once");
    assert_eq!(seen(&chain, member, late).1, "-500.00", "what was spent is owed (L7)");
    assert!(spent.is_positive());
    chain.assert_sound();
}

#[test]
fn goods_by_weight_come_back_in_parts_even_of_a_whole_kilogramme() {
    let (mut chain, _) = chain();
    let sold = start().plus_millis(HOUR_MS);
    let lines = vec![line(1, 1_000, 400_000, true), line(2, 1_000, 400_000, false)];
    sell(&mut chain, &new_sale("1", sold, lines, None), sold).expect("taken");
    let part = |no: u32| Some(vec![(no, Quantity::from_thousandths(250))]);
    let piece = give_back(&mut chain, ("1", sold), "r1", part(2), sold);
    assert!(matches!(piece, Err(Refusal::Loyalty(loyalty::error::Refusal::Fractional { .. }))), "{piece:?}");
    let weighed = give_back(&mut chain, ("1", sold), "r2", part(1), sold).expect("taken");
    assert_eq!(weighed.plan.refund.minor(), 100_000);
    chain.assert_sound();
}

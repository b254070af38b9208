//! Death between any two steps of an order.
//!
//! The use cases run natively against the simulators. A run is first told undisturbed and its calls to partners are
//! counted; then it is told again once for every call and every way to be disturbed there: the process dies before the
//! call leaves or after it took effect, the request gets lost, the answer gets lost. A step is taken in a transaction,
//! asked outside of any and recorded in a second, so these are all the places between two commits. Afterwards another
//! process finishes what is due, and money, points, receipt and till must agree as if nothing had happened.

mod place;
mod play;
mod verdict;

use play::{Disturbance, Script, Way, play};
use rig::counter::Bank;

/// Tells a script undisturbed and with every disturbance of every call.
fn enumerate(script: Script) {
    enumerate_at(Bank::YooKassa, script);
}

fn enumerate_at(bank: Bank, script: Script) {
    let place = place::Place::new(script.name(), bank);
    let calls = play(&place, script, None);
    assert!(calls > 2, "{script:?} made {calls} calls only");
    for call in 0..calls {
        for way in Way::ALL {
            play(&place, script, Some(Disturbance { call, way }));
        }
    }
    println!("{bank:?} {script:?}: {calls} calls, {} runs", 1 + calls * Way::ALL.len());
}

#[test]
fn an_order_is_paid_made_and_handed_over() {
    enumerate(Script::HandedOver);
}

#[test]
fn a_guest_cancels_after_the_till_has_it() {
    enumerate(Script::GuestCancels);
}

#[test]
fn a_till_that_is_offline_means_the_money_back() {
    enumerate(Script::TillOffline);
}

#[test]
fn a_till_that_refuses_means_the_money_back() {
    enumerate(Script::TillRefuses);
}

#[test]
fn a_declined_payment_is_tried_again() {
    enumerate(Script::DeclinedThenPaid);
}

#[test]
fn an_order_that_nobody_pays_ends() {
    enumerate(Script::NeverPaid);
}

#[test]
fn money_that_comes_too_late_goes_back() {
    enumerate(Script::PaidTooLate);
}

#[test]
fn goods_are_returned_in_part() {
    enumerate(Script::ReturnedInPart);
}

#[test]
fn the_second_acquirer_is_paid_once() {
    enumerate_at(Bank::TBank, Script::HandedOver);
}

#[test]
fn the_second_acquirer_declines_and_is_tried_again() {
    enumerate_at(Bank::TBank, Script::DeclinedThenPaid);
}

#[test]
fn the_second_acquirer_gives_the_money_back() {
    enumerate_at(Bank::TBank, Script::GuestCancels);
}

#[test]
fn the_second_acquirer_gives_a_part_back() {
    enumerate_at(Bank::TBank, Script::ReturnedInPart);
}

#[test]
fn an_order_that_nobody_pays_ends_at_the_second_acquirer() {
    enumerate_at(Bank::TBank, Script::NeverPaid);
}

#[test]
fn an_order_for_later_is_kept_and_sent_in_time() {
    enumerate(Script::ForLater);
}

#[test]
fn an_order_for_later_is_cancelled_before_anybody_made_it() {
    enumerate(Script::LaterCancelled);
}

#[test]
fn an_order_for_later_whose_outlet_is_gone_means_the_money_back() {
    enumerate(Script::LaterGone);
}

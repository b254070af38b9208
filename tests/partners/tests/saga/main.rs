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

/// Tells a script undisturbed and with every disturbance of every call.
fn enumerate(script: Script) {
    let place = place::Place::new(script.name());
    let calls = play(&place, script, None);
    assert!(calls > 2, "{script:?} made {calls} calls only");
    for call in 0..calls {
        for way in Way::ALL {
            play(&place, script, Some(Disturbance { call, way }));
        }
    }
    println!("{script:?}: {calls} calls, {} runs", 1 + calls * Way::ALL.len());
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

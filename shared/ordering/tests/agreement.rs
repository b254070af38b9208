//! Money, points and till agree in the end, whatever is lost on the way.
//!
//! A world with an acquirer and a till that keep their own books plays against the rules alone. Requests may be lost
//! before or after they had their effect, whoever does a step may die at any point, news comes twice and late, guests
//! and offices cancel when they like. Then the world heals, and everybody's books must agree.

#[path = "agreement/world.rs"]
mod world;

use kernel::RefundId;
use ordering::model::{CancelReason, DispatchStatus, PaymentStatus, Progress, RefundReason};
use ordering::notice::{Notice, notice};
use ordering::{Outcome, Stage};
use proptest::prelude::*;
use world::{AtTill, Bank, Event, Luck, PRICE, World};

fn bank() -> impl Strategy<Value = Bank> {
    prop_oneof![Just(Bank::RemembersKeys), Just(Bank::ForgetsKeys)]
}

/// Minutes until the till is to be told; mostly at once.
fn later() -> impl Strategy<Value = Option<i64>> {
    prop_oneof![2 => Just(None), 1 => (1i64..1_200).prop_map(Some)]
}

fn luck() -> impl Strategy<Value = Luck> {
    prop_oneof![
        6 => Just(Luck::Fine),
        1 => Just(Luck::NotSent),
        2 => Just(Luck::LostAnswer),
        2 => Just(Luck::LostRequest),
        1 => Just(Luck::DiedBefore),
        2 => Just(Luck::DiedAfter),
        1 => Just(Luck::Refused),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        12 => luck().prop_map(Event::Step),
        4 => Just(Event::Pay),
        1 => Just(Event::PayAgain),
        2 => Just(Event::Notify),
        4 => Just(Event::TillGoesOn),
        1 => Just(Event::TillFails),
        1 => Just(Event::TillCancels),
        2 => Just(Event::Webhook),
        1 => Just(Event::StaleWebhook),
        1 => Just(Event::Cancels(CancelReason::Guest)),
        1 => Just(Event::Cancels(CancelReason::Office)),
        2 => (1i64..400).prop_map(Event::TimePasses),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn money_points_and_till_agree(
        seed: u64,
        free in 0u8..8,
        bank in bank(),
        later in later(),
        events in prop::collection::vec(event(), 0..60),
    ) {
        let mut world = World::new(seed, if free == 0 { 0 } else { PRICE }, bank, later);
        for event in events {
            world.event(event);
        }
        world.heal();
        world.agree()?;
    }

    /// Telling the same twice changes nothing the second time.
    #[test]
    fn everything_may_be_told_twice(
        seed: u64,
        bank in bank(),
        later in later(),
        events in prop::collection::vec(event(), 0..40),
    ) {
        let mut world = World::new(seed, PRICE, bank, later);
        for event in events {
            world.event(event);
            let order = world.order.clone();
            for payment in order.payments.iter().filter(|payment| payment.status == PaymentStatus::Succeeded) {
                world.tell(&Outcome::PaymentSucceeded { payment: payment.id });
            }
            if order.stage == Stage::Accepted && order.dispatch.status == DispatchStatus::Accepted {
                let (progress, revision) = (order.dispatch.progress, order.dispatch.revision);
                world.tell(&Outcome::Accepted { progress, revision });
            }
            if matches!(order.stage, Stage::Cancelling | Stage::Cancelled) {
                world.tell(&Outcome::Cancel { reason: CancelReason::Guest });
            }
            prop_assert_eq!(&order, &world.order);
        }
    }
}

#[test]
fn goods_returned_are_bounded_by_what_was_paid() {
    let mut world = World::new(1, PRICE, Bank::ForgetsKeys, None);
    for event in [Event::Step(Luck::Fine), Event::Pay, Event::Step(Luck::Fine), Event::Step(Luck::Fine)] {
        world.event(event);
    }
    world.till = AtTill::Has(Progress::HandedOver);
    world.event(Event::Webhook);
    assert_eq!(world.order.stage, Stage::Completed);
    let payment = world.order.payments[0].id;
    let mut ask = |amount_minor| {
        let refund = RefundId::new(&mut world.ids, world.now);
        world.tell(&Outcome::RefundAsked { refund, payment, amount_minor, why: RefundReason::Returned })
    };
    assert!(!ask(0) && !ask(PRICE + 1));
    assert!(ask(PRICE - 100) && ask(100));
    assert!(!ask(1));
}

/// An answer to `Init` is lost, and the bank keeps no keys: the second try finds the first payment.
#[test]
fn a_lost_opening_is_looked_up_before_another() {
    for luck in [Luck::LostAnswer, Luck::DiedAfter] {
        let mut world = World::new(1, PRICE, Bank::ForgetsKeys, None);
        world.event(Event::Step(luck));
        assert_eq!(world.order.payments[0].status, PaymentStatus::New);
        world.event(Event::Step(Luck::Fine));
        assert_eq!(world.order.payments[0].status, PaymentStatus::Pending);
    }
}

/// Paid in the evening for the morning: kept, free to cancel, and then never sent.
#[test]
fn an_order_for_later_is_kept_and_free_to_cancel() {
    let mut world = World::new(1, PRICE, Bank::RemembersKeys, Some(600));
    for event in [Event::Step(Luck::Fine), Event::Pay, Event::Step(Luck::Fine)] {
        world.event(event);
    }
    assert_eq!(world.order.stage, Stage::Dispatching);
    assert_eq!(notice(&world.order), Notice::Scheduled);
    let until = world.order.kept_until(world.now).expect("it is kept");
    assert_eq!(Some(until), world.order.send_at);
    assert!(!world.tell(&Outcome::Sending), "O7: not before its time");
    let mut patient = world.order.clone();
    let later = until.plus_millis(-1);
    ordering::apply(&mut patient, &Outcome::StillWaiting, later, &mut world.ids).expect("time passes");
    assert_eq!((patient.stage, patient.stuck), (Stage::Dispatching, None), "waiting is no trouble");
    assert!(world.tell(&Outcome::Cancel { reason: CancelReason::Guest }));
    assert_eq!(world.order.dispatch.status, DispatchStatus::Absent);
    assert_eq!(world.order.refunds[0].amount_minor, PRICE);
    world.heal();
    world.agree().expect("the money is back");
}

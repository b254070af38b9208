//! What the till says and does not say, as tables: moments, news that comes late, and what a person is asked.

use kernel::time::{HOUR_MS, MINUTE_MS, SECOND_MS};
use kernel::{IdSource, OrderId, PaymentId, Timestamp};
use ordering::model::{CancelReason, DispatchStatus, Progress, Stuck};
use ordering::outcome::Change;
use ordering::{Effect, InvalidTransition, Order, Outcome, PATIENCE_MS, Stage, apply};

const PRICE: i64 = 30_800;
/// A request may still arrive for so long.
const SETTLE_MS: i64 = 30 * SECOND_MS;
/// After so long a person is asked about an order that nobody speaks of, and about one that is never closed.
const SILENT_MS: i64 = 30 * MINUTE_MS;
const NEVER_CLOSED_MS: i64 = 24 * HOUR_MS;

/// An order that is paid at the beginning, told so many milliseconds after it.
struct Told {
    order: Order,
    ids: IdSource,
    start: Timestamp,
}

impl Told {
    fn paid() -> Self {
        let mut ids = IdSource::new(1);
        let start = Timestamp::parse("2026-11-21T09:00:00Z").expect("a time");
        let (id, payment) = (OrderId::new(&mut ids, start), PaymentId::new(&mut ids, start));
        let until = start.plus_millis(10 * MINUTE_MS);
        let mut told = Self { order: Order::new(id, PRICE, Some(payment), start, until, None), ids, start };
        told.at(0, &Outcome::PaymentOpened { payment });
        told.at(0, &Outcome::PaymentSucceeded { payment });
        told
    }

    /// Paid, and the till system has it.
    fn sent() -> Self {
        let mut told = Self::paid();
        told.at(0, &Outcome::Sending);
        told.at(0, &Outcome::Sent { correlation: None });
        told
    }

    /// Accepted by the till, whose own time then was 5.
    fn taken(progress: Progress) -> Self {
        let mut told = Self::sent();
        told.at(0, &Outcome::Accepted { progress, revision: 5 });
        told
    }

    fn at(&mut self, millis: i64, outcome: &Outcome) -> Change {
        apply(&mut self.order, outcome, self.start.plus_millis(millis), &mut self.ids).expect("lawful")
    }

    fn state(&self) -> (Stage, DispatchStatus) {
        (self.order.stage, self.order.dispatch.status)
    }
}

/// Gone back, and why.
fn assert_undone(told: &Told, change: &Change, why: CancelReason) {
    assert_eq!(told.state(), (Stage::Cancelled, DispatchStatus::Absent));
    assert_eq!(change.effects, [Effect::Release]);
    assert_eq!(told.order.cancel, Some(why));
    assert_eq!(told.order.refunds[0].amount_minor, PRICE);
}

/// A request may still arrive: a till system that does not know the order yet proves nothing before that.
#[test]
fn unknown_counts_only_when_nothing_is_under_way() {
    for heard in [false, true] {
        let mut told = Told::paid();
        told.at(0, &Outcome::Sending);
        if heard {
            told.at(0, &Outcome::Sent { correlation: None });
        }
        let before = told.order.clone();
        assert!(!told.at(SETTLE_MS - 1, &Outcome::Missing).changed);
        assert_eq!(told.order, before, "it may be under way");
        assert!(told.at(SETTLE_MS, &Outcome::Missing).changed);
        assert_eq!(told.state(), (Stage::Dispatching, DispatchStatus::Due), "sent again");
    }
}

#[test]
fn a_cancelled_order_is_given_back_only_when_nothing_is_under_way() {
    let mut told = Told::sent();
    told.at(1, &Outcome::Cancel { reason: CancelReason::Guest });
    assert_eq!(told.state(), (Stage::Cancelling, DispatchStatus::CancelDue));
    assert!(!told.at(SETTLE_MS - 1, &Outcome::Missing).changed);
    assert_eq!(told.state(), (Stage::Cancelling, DispatchStatus::CancelDue));
    let change = told.at(SETTLE_MS, &Outcome::Missing);
    assert_undone(&told, &change, CancelReason::Guest);
}

#[test]
fn patience_ends_at_its_moment() {
    // What is said at the end of patience, and what the guest is told then.
    let rows = [
        (Outcome::Missing, CancelReason::TillSystemDown),
        (Outcome::NotSent { why: CancelReason::TillOffline }, CancelReason::TillOffline),
    ];
    for (outcome, why) in rows {
        let sending = || {
            let mut told = Told::paid();
            told.at(0, &Outcome::Sending);
            told
        };
        let mut patient = sending();
        assert!(patient.at(PATIENCE_MS - 1, &outcome).changed);
        assert_eq!(patient.state(), (Stage::Dispatching, DispatchStatus::Due), "{outcome:?}");
        let mut late = sending();
        let change = late.at(PATIENCE_MS, &outcome);
        assert_undone(&late, &change, why);
    }
    let mut told = Told::sent();
    assert!(!told.at(PATIENCE_MS - 1, &Outcome::StillWaiting).changed);
    assert!(told.at(PATIENCE_MS, &Outcome::StillWaiting).changed);
    assert_eq!(told.state(), (Stage::Cancelling, DispatchStatus::CancelDue), "it may have arrived");
    assert_eq!(told.order.cancel, Some(CancelReason::TillOffline));
}

/// Goods may be in the making: only the till's own word that it dropped the order gives the money back.
#[test]
fn what_the_till_took_is_not_undone_by_silence() {
    for outcome in [Outcome::Missing, Outcome::Rejected { why: CancelReason::TillRefused }] {
        let mut told = Told::taken(Progress::Received);
        told.at(1, &Outcome::Cancel { reason: CancelReason::Guest });
        let before = told.order.clone();
        assert!(!told.at(PATIENCE_MS, &outcome).changed, "{outcome:?}");
        assert_eq!(told.order, before);
        let change = told.at(PATIENCE_MS, &Outcome::CancelledAtTill { revision: 6 });
        assert_undone(&told, &change, CancelReason::Guest);
    }
    let mut never = Told::sent();
    never.at(1, &Outcome::Cancel { reason: CancelReason::Guest });
    let change = never.at(2, &Outcome::Rejected { why: CancelReason::TillRefused });
    assert_undone(&never, &change, CancelReason::Guest);
}

#[test]
fn older_news_is_passed_over_and_progress_never_goes_back() {
    let mut told = Told::taken(Progress::Cooking);
    let before = told.order.clone();
    for outcome in [
        Outcome::Accepted { progress: Progress::HandedOver, revision: 4 },
        Outcome::CancelledAtTill { revision: 4 },
        Outcome::Accepted { progress: Progress::Cooking, revision: 5 },
    ] {
        assert!(!told.at(1, &outcome).changed, "{outcome:?}");
        assert_eq!(told.order, before);
    }
    told.at(2, &Outcome::Accepted { progress: Progress::Received, revision: 6 });
    assert_eq!((told.order.dispatch.progress, told.order.dispatch.revision), (Progress::Cooking, 6));
    assert!(!told.at(3, &Outcome::CancelledAtTill { revision: 5 }).changed);
    let change = told.at(3, &Outcome::CancelledAtTill { revision: 6 });
    assert_undone(&told, &change, CancelReason::AtTill);
}

#[test]
fn a_person_is_asked_when_it_has_been_silent_too_long() {
    let cancelling = || {
        let mut told = Told::taken(Progress::Received);
        told.at(0, &Outcome::Cancel { reason: CancelReason::Office });
        told
    };
    let sending = || {
        let mut told = Told::paid();
        told.at(0, &Outcome::Sending);
        told
    };
    let rows = [
        (sending(), SILENT_MS, Stuck::TillSilent),
        (cancelling(), SILENT_MS, Stuck::TillSilent),
        (Told::taken(Progress::Ready), NEVER_CLOSED_MS, Stuck::NeverClosed),
    ];
    for (mut told, limit, stuck) in rows {
        assert!(!told.at(limit - 1, &Outcome::StillWaiting).changed, "{stuck:?}");
        assert_eq!(told.order.stuck, None);
        assert!(told.at(limit, &Outcome::StillWaiting).changed);
        assert_eq!(told.order.stuck, Some(stuck));
        assert!(!told.at(limit + 1, &Outcome::StillWaiting).changed, "asked once");
        // The goods are with the guest: nobody need look any more.
        let change = told.at(limit + 2, &Outcome::Accepted { progress: Progress::HandedOver, revision: 9 });
        assert_eq!(change.effects, [Effect::RecordSale]);
        assert_eq!((told.order.stage, told.order.stuck), (Stage::Completed, None));
    }
}

#[test]
fn a_sale_is_not_undone_by_the_till_and_an_undone_order_is_not_made() {
    let mut sold = Told::taken(Progress::HandedOver);
    assert_eq!(sold.order.stage, Stage::Completed);
    let change = sold.at(1, &Outcome::CancelledAtTill { revision: 6 });
    assert!(change.changed && change.effects.is_empty());
    assert_eq!((sold.order.stage, sold.order.stuck), (Stage::Completed, Some(Stuck::CancelledAfterSale)));
    assert!(sold.order.refunds.is_empty(), "a person decides");
    assert!(!sold.at(2, &Outcome::CancelledAtTill { revision: 6 }).changed, "known");

    let mut undone = Told::sent();
    undone.at(1, &Outcome::Rejected { why: CancelReason::OutOfStock });
    assert_eq!(undone.state(), (Stage::Cancelled, DispatchStatus::Absent));
    let change = undone.at(2, &Outcome::Accepted { progress: Progress::Received, revision: 7 });
    assert!(change.effects.is_empty());
    assert_eq!(undone.state(), (Stage::Cancelled, DispatchStatus::CancelDue));
    assert_eq!(undone.order.stuck, Some(Stuck::TillKeepsOrder));
    assert_eq!(undone.order.refunds.len(), 1, "the money goes back once");
    assert!(undone.at(3, &Outcome::CancelledAtTill { revision: 8 }).effects.is_empty());
    assert_eq!((undone.state(), undone.order.stuck), ((Stage::Cancelled, DispatchStatus::Absent), None));
}

#[test]
fn what_is_being_made_is_undone_at_the_outlet_only() {
    let guest = Outcome::Cancel { reason: CancelReason::Guest };
    for (progress, refused) in [
        (Progress::Received, None),
        (Progress::Cooking, Some(InvalidTransition::BeingMade)),
        (Progress::Ready, Some(InvalidTransition::BeingMade)),
        (Progress::HandedOver, Some(InvalidTransition::Over)),
    ] {
        let mut told = Told::taken(progress);
        let (before, now) = (told.order.clone(), told.start);
        let found = apply(&mut told.order, &guest, now, &mut told.ids);
        assert_eq!(found.err(), refused, "{progress:?}");
        assert_eq!(told.order == before, refused.is_some());
    }
    let mut told = Told::taken(Progress::Ready);
    assert!(told.at(0, &Outcome::Cancel { reason: CancelReason::Office }).changed);
    assert_eq!(told.state(), (Stage::Cancelling, DispatchStatus::CancelDue));
}

/// The till does not give up the order: the sale goes on. Only what the office wanted needs a person.
#[test]
fn a_till_that_refuses_to_cancel_keeps_the_sale() {
    for (reason, stuck) in [(CancelReason::Guest, None), (CancelReason::Office, Some(Stuck::TillKeepsOrder))]
    {
        let mut told = Told::taken(Progress::Received);
        told.at(0, &Outcome::Cancel { reason });
        let change = told.at(1, &Outcome::CancelRefused);
        assert!(change.changed && change.effects.is_empty());
        assert_eq!(told.state(), (Stage::Accepted, DispatchStatus::Accepted), "{reason:?}");
        assert_eq!((told.order.stuck, told.order.cancel), (stuck, None));
        assert!(told.order.refunds.is_empty());
    }
}

#[test]
fn the_time_to_pay_ends_at_its_moment() {
    let mut ids = IdSource::new(1);
    let start = Timestamp::parse("2026-11-21T09:00:00Z").expect("a time");
    let (id, payment) = (OrderId::new(&mut ids, start), PaymentId::new(&mut ids, start));
    let until = start.plus_millis(10 * MINUTE_MS);
    let order = Order::new(id, PRICE, Some(payment), start, until, None);
    let mut told = Told { order, ids, start };
    assert!(!told.at(10 * MINUTE_MS - 1, &Outcome::PayTimeUp).changed);
    assert_eq!(told.order.stage, Stage::AwaitingPayment);
    assert_eq!(told.at(10 * MINUTE_MS, &Outcome::PayTimeUp).effects, [Effect::Release]);
    assert_eq!((told.order.stage, told.order.cancel), (Stage::Cancelled, Some(CancelReason::NotPaid)));
}

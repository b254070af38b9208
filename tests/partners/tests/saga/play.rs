//! One run of a script, perhaps with one disturbance.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

use club::Moment;
use kernel::{IdSource, OrderId};
use ordering::model::{CancelReason, PaymentStatus, Stage};
use partner::{Answer, Exchange, Fault, Request};
use shop::order::place::{Placing, place as place_order};
use shop::order::run::{Scope, run};
use shop::order::{Ground, Refusal, desk, load};
use store::native::NativeSql;
use store::transaction::transaction;

use crate::place::{Place, open};
use crate::verdict;
use rig::wire::Wire;

/// Rounds after which a run counts as hung.
const ROUNDS_MAX: usize = 120;
/// Time that passes between two rounds, for everybody; a lease takes a few of them.
const ROUND_MS: i64 = 20_000;
/// The same where a guest thinks for an hour.
const LONG_ROUND_MS: i64 = 60_000;
/// Later than the order waits for its money, earlier than the bank gives up.
const PAID_AFTER_ROUNDS: usize = 15;
/// What the tills take in their own time.
const TILL_TAKES: Duration = Duration::from_millis(3);

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    HandedOver,
    GuestCancels,
    TillOffline,
    TillRefuses,
    DeclinedThenPaid,
    NeverPaid,
    PaidTooLate,
}

impl Script {
    pub const fn name(self) -> &'static str {
        match self {
            Self::HandedOver => "handed-over",
            Self::GuestCancels => "guest-cancels",
            Self::TillOffline => "till-offline",
            Self::TillRefuses => "till-refuses",
            Self::DeclinedThenPaid => "declined-then-paid",
            Self::NeverPaid => "never-paid",
            Self::PaidTooLate => "paid-too-late",
        }
    }

    const fn round_ms(self) -> i64 {
        match self {
            Self::NeverPaid | Self::PaidTooLate => LONG_ROUND_MS,
            _ => ROUND_MS,
        }
    }

    /// Whether the guest gets the coffee in the end.
    pub const fn is_sold(self) -> bool {
        matches!(self, Self::HandedOver | Self::DeclinedThenPaid)
    }
}

/// How a call is disturbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The process dies before it leaves.
    DieBefore,
    /// The process dies after it took effect.
    DieAfter,
    /// It does not arrive.
    LoseRequest,
    /// It takes effect, and the answer does not arrive.
    LoseAnswer,
}

impl Way {
    pub const ALL: [Self; 4] = [Self::DieBefore, Self::DieAfter, Self::LoseRequest, Self::LoseAnswer];
}

/// Which call is disturbed, and how.
#[derive(Debug, Clone, Copy)]
pub struct Disturbance {
    pub call: usize,
    pub way: Way,
}

/// What a dying process throws.
struct Death;

/// A way out that counts calls and disturbs one of them.
struct Line {
    calls: Cell<usize>,
    disturbance: Option<Disturbance>,
}

impl Exchange for Line {
    fn exchange(&self, request: &Request) -> Result<Answer, Fault> {
        let call = self.calls.replace(self.calls.get() + 1);
        let way = self.disturbance.filter(|disturbance| disturbance.call == call).map(|found| found.way);
        if way == Some(Way::DieBefore) {
            resume_unwind(Box::new(Death));
        }
        if way == Some(Way::LoseRequest) {
            return Err(Fault::NoAnswer("lost on the way".to_owned()));
        }
        let answer = Wire.exchange(request);
        match way {
            Some(Way::DieAfter) => resume_unwind(Box::new(Death)),
            Some(Way::LoseAnswer) => Err(Fault::NoAnswer("lost on the way back".to_owned())),
            _ => answer,
        }
    }
}

/// A story under way.
pub struct Told<'p> {
    pub place: &'p Place,
    pub script: Script,
    pub order: OrderId,
}

/// Tells a script; returns how many calls it made.
pub fn play(place: &Place, script: Script, disturbance: Option<Disturbance>) -> usize {
    let database = place.fresh();
    let line = Line { calls: Cell::new(0), disturbance };
    let mut ids = IdSource::new(rand::random());
    prepare(place, script);
    let mut sql = open(&database);
    let told = Told { place, script, order: order(place, &sql, &line, &mut ids) };
    for round in 0..ROUNDS_MAX {
        let died = catch_unwind(AssertUnwindSafe(|| {
            let ground = Ground { sql: &sql, partners: &line, personal: place.personal(), urls: &place.urls };
            let mut moment = Moment { now: place.now(), ids: &mut ids };
            run(&ground, &mut moment, Scope::ALL).expect("storage")
        }));
        if let Err(thrown) = died {
            if !thrown.is::<Death>() {
                resume_unwind(thrown);
            }
            // Another process takes over with nothing but the database.
            sql = open(&database);
        }
        std::thread::sleep(TILL_TAKES);
        people(&told, &sql, &mut ids, round);
        place.partners.clock.advance(script.round_ms());
        if verdict::is_over(&told, &sql) {
            verdict::check(&told, &sql, disturbance);
            return line.calls.get();
        }
    }
    panic!(
        "{script:?} {disturbance:?}: not over after {ROUNDS_MAX} rounds\n{}",
        verdict::describe(&told, &sql)
    );
}

fn prepare(place: &Place, script: Script) {
    place.partners.iiko.till("msk-1", script != Script::TillOffline);
    // The till's price changed after the quote was made.
    let price = if script == Script::TillRefuses { 219 } else { 209 };
    place.partners.iiko.price("msk-1", "00013", "M", Some(price));
}

fn order(place: &Place, sql: &NativeSql, line: &Line, ids: &mut IdSource) -> OrderId {
    let quote = place.quote(ids);
    let ground = Ground { sql, partners: line, personal: place.personal(), urls: &place.urls };
    let placing = Placing { quote: &quote, member: place.member, comment: None };
    let mut moment = Moment { now: place.now(), ids };
    let placed = transaction(sql, |tx| place_order(tx, &ground, placing, &mut moment)).expect("an order");
    let again = transaction(sql, |tx| place_order(tx, &ground, placing, &mut moment));
    assert!(matches!(again, Err(Refusal::Ordered { order }) if order == placed.order.id), "{again:?}");
    placed.order.id
}

/// What guest and barista do after a round.
fn people(told: &Told<'_>, sql: &NativeSql, ids: &mut IdSource, round: usize) {
    let (place, script) = (told.place, told.script);
    let partners = &place.partners;
    for payment in partners.yookassa.payments() {
        if payment.metadata["order_id"] != told.order.to_string() || payment.status != "pending" {
            continue;
        }
        let declined = partners.yookassa.payments().iter().any(|other| {
            other.metadata["order_id"] == payment.metadata["order_id"] && other.status == "canceled"
        });
        match script {
            Script::NeverPaid => false,
            Script::PaidTooLate if round < PAID_AFTER_ROUNDS => false,
            Script::DeclinedThenPaid if !declined => {
                partners.yookassa.decline(&payment.id, "insufficient_funds")
            }
            _ => partners.yookassa.pay(&payment.id),
        };
    }
    let stored = load(sql, told.order).expect("the order");
    let mut moment = Moment { now: place.now(), ids };
    if script == Script::GuestCancels && stored.order.stage == Stage::Accepted {
        transaction(sql, |tx| desk::cancel(tx, told.order, CancelReason::Guest, &mut moment))
            .expect("cancelled");
    }
    let is_declined = stored.order.payments.iter().all(|payment| payment.status == PaymentStatus::Cancelled);
    if script == Script::DeclinedThenPaid && stored.order.stage == Stage::AwaitingPayment && is_declined {
        transaction(sql, |tx| desk::pay_again(tx, told.order, &mut moment)).expect("one more attempt");
    }
    if script.is_sold() {
        cook(told);
    }
}

/// The barista moves the order on by one state.
fn cook(told: &Told<'_>) {
    let number = verdict::orders_at_till(told).into_iter().find(|order| order.creation == "Success");
    let Some(order) = number else { return };
    let next = match order.status.as_str() {
        "WaitCooking" => "CookingStarted",
        "CookingStarted" => "CookingCompleted",
        "CookingCompleted" => "Closed",
        _ => return,
    };
    assert!(told.place.partners.iiko.advance(&order.id, next), "the till moves {} to {next}", order.id);
}

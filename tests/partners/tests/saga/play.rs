//! One run of a script, perhaps with one disturbance.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

use club::Moment;
use kernel::{IdSource, OrderId, PaymentId};
use ordering::model::{CancelReason, PaymentStatus, Stage};
use partner::{Answer, Exchange, Fault, Request};
use shop::order::place::{Placing, place as place_order};
use shop::order::run::{Scope, run};
use shop::order::{Ground, Refusal, desk, goods, load};
use store::native::NativeSql;
use store::transaction::transaction;

use crate::place::{AtBank, Place, open};
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
/// When an order for later is wanted, from when it is made.
const WANTED_IN_MS: i64 = 30 * 60_000;
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
    /// One of two pieces comes back after it was handed over.
    ReturnedInPart,
    /// Wanted in half an hour: the till is told a quarter of an hour before.
    ForLater,
    /// The same, and the guest changes their mind while it is kept.
    LaterCancelled,
    /// The same, and the outlet is closed when its time comes.
    LaterGone,
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
            Self::ReturnedInPart => "returned-in-part",
            Self::ForLater => "for-later",
            Self::LaterCancelled => "later-cancelled",
            Self::LaterGone => "later-gone",
        }
    }

    const fn round_ms(self) -> i64 {
        match self {
            Self::NeverPaid | Self::PaidTooLate => LONG_ROUND_MS,
            _ if self.is_for_later() => LONG_ROUND_MS,
            _ => ROUND_MS,
        }
    }

    /// Whether the guest gets the coffee in the end.
    pub const fn is_sold(self) -> bool {
        matches!(self, Self::HandedOver | Self::DeclinedThenPaid | Self::ReturnedInPart | Self::ForLater)
    }

    const fn is_for_later(self) -> bool {
        matches!(self, Self::ForLater | Self::LaterCancelled | Self::LaterGone)
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

impl Told<'_> {
    /// The order's payments at the acquirer.
    pub fn payments(&self, sql: &NativeSql) -> Vec<AtBank> {
        let ours: Vec<PaymentId> =
            load(sql, self.order).expect("the order").order.payments.iter().map(|paid| paid.id).collect();
        self.place.payments(self.order, &ours)
    }
}

/// Tells a script; returns how many calls it made.
pub fn play(place: &Place, script: Script, disturbance: Option<Disturbance>) -> usize {
    let database = place.fresh();
    let line = Line { calls: Cell::new(0), disturbance };
    let mut ids = IdSource::new(rand::random());
    prepare(place, script);
    let mut sql = open(&database);
    let told = Told { place, script, order: order(place, script, &sql, &line, &mut ids) };
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

fn order(place: &Place, script: Script, sql: &NativeSql, line: &Line, ids: &mut IdSource) -> OrderId {
    let quote = place.quote(ids, script.is_for_later().then(|| place.now().plus_millis(WANTED_IN_MS)));
    let ground = Ground { sql, partners: line, personal: place.personal(), urls: &place.urls };
    let placing = Placing { quote: &quote, member: place.member, comment: None, device: None };
    let mut moment = Moment { now: place.now(), ids };
    let placed = transaction(sql, |tx| place_order(tx, &ground, placing, &mut moment)).expect("an order");
    let again = transaction(sql, |tx| place_order(tx, &ground, placing, &mut moment));
    assert!(matches!(again, Err(Refusal::Ordered { order }) if order == placed.order.id), "{again:?}");
    placed.order.id
}

/// What guest and barista do after a round.
fn people(told: &Told<'_>, sql: &NativeSql, ids: &mut IdSource, round: usize) {
    let (place, script) = (told.place, told.script);
    let declined = told.payments(sql).iter().any(|payment| payment.is_declined);
    let handed_out = load(sql, told.order).expect("the order");
    let link = |payment: &AtBank| {
        let mut links = handed_out.links.iter().filter(|link| link.confirmation.is_some());
        links.any(|link| link.external_id.as_ref() == Some(&payment.id))
    };
    // A guest pays by a link: a payment that nobody has the link of is paid by nobody.
    for payment in told.payments(sql).into_iter().filter(|payment| payment.is_open && link(payment)) {
        match script {
            Script::NeverPaid => false,
            Script::PaidTooLate if round < PAID_AFTER_ROUNDS => false,
            Script::DeclinedThenPaid if !declined => place.decline(&payment.id),
            _ => place.pay(&payment.id),
        };
    }
    let stored = load(sql, told.order).expect("the order");
    let mut moment = Moment { now: place.now(), ids };
    if let Some(send_at) = stored.order.send_at.filter(|send_at| moment.now < *send_at) {
        assert!(verdict::orders_at_till(told).is_empty(), "the till is told before {send_at}");
    }
    let is_kept = stored.order.kept_until(moment.now).is_some();
    if script == Script::LaterCancelled && is_kept {
        transaction(sql, |tx| desk::cancel(tx, told.order, CancelReason::Guest, &mut moment))
            .expect("cancelled");
    }
    if script == Script::LaterGone && is_kept {
        sql.connection().execute("update outlets set status = 'paused'", []).expect("paused");
    }
    let is_whole = stored.order.refunds.is_empty() && stored.receipt.is_some();
    if script == Script::ReturnedInPart && is_whole {
        transaction(sql, |tx| goods::give_back(tx, told.order, Some(&[(1, 1)]), &mut moment))
            .expect("one piece comes back");
    }
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

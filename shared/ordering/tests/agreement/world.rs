//! The world that the rules play against: an acquirer and a till with books of their own.

use kernel::time::{MINUTE_MS, SECOND_MS};
use kernel::{IdSource, OrderId, PaymentId, RefundId, Timestamp};
use ordering::model::{CancelReason, DispatchStatus, PaymentStatus, Progress, RefundStatus};
use ordering::outcome::Resolution;
use ordering::step::{may_be_done, retry_at};
use ordering::{Effect, Order, Outcome, Stage, StepKind, apply, steps};
use proptest::prelude::{TestCaseError, prop_assert, prop_assert_eq};

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Luck {
    Fine,
    /// It never arrived, and that is known.
    NotSent,
    /// It had its effect, and nobody heard.
    LostAnswer,
    /// It had no effect, and nobody knows.
    LostRequest,
    /// Whoever asked died before, or after, the partner did what was asked.
    DiedBefore,
    DiedAfter,
    /// The partner refuses.
    Refused,
}

/// The till's own book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtTill {
    Nothing,
    InProgress,
    Has(Progress),
    Failed,
    Cancelled,
}

/// How the acquirer takes a repetition of `open_payment`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bank {
    /// Under the same key it is the same payment, as at YooKassa.
    RemembersKeys,
    /// It makes another payment, as a T-Bank terminal may be set to: what may be there has to be looked up first.
    ForgetsKeys,
}

#[derive(Debug)]
pub struct World {
    bank: Bank,
    pub order: Order,
    pub ids: IdSource,
    pub now: Timestamp,
    /// Payments as the acquirer has them: open, or paid.
    opened: Vec<(PaymentId, bool)>,
    given_back: Vec<(RefundId, i64)>,
    pub till: AtTill,
    revision: i64,
    /// What waits: kind, subject, due, tries.
    outbox: Vec<(StepKind, i64, Timestamp, u32)>,
    points_held: bool,
    released: u32,
    sales: u32,
}

pub const PRICE: i64 = 30_800;

#[derive(Debug, Clone, Copy)]
pub enum Event {
    Step(Luck),
    Pay,
    PayAgain,
    Notify,
    TillGoesOn,
    TillFails,
    TillCancels,
    Webhook,
    StaleWebhook,
    Cancels(CancelReason),
    TimePasses(i64),
}

impl World {
    /// `later`: in how many minutes the till is to be told.
    pub fn new(seed: u64, payable: i64, bank: Bank, later: Option<i64>) -> Self {
        let mut ids = IdSource::new(seed);
        let now = Timestamp::parse("2026-11-21T09:00:00Z").expect("a time");
        let id = OrderId::new(&mut ids, now);
        let payment = (payable > 0).then(|| PaymentId::new(&mut ids, now));
        let send_at = later.map(|minutes| now.plus_millis(minutes * MINUTE_MS));
        let order = Order::new(id, payable, payment, now, now.plus_millis(10 * MINUTE_MS), send_at);
        let (opened, given_back, outbox) = (Vec::new(), Vec::new(), Vec::new());
        let till = AtTill::Nothing;
        let mut world = Self {
            bank,
            order,
            ids,
            now,
            opened,
            given_back,
            till,
            revision: 0,
            outbox,
            points_held: true,
            released: 0,
            sales: 0,
        };
        world.plan();
        world
    }

    fn plan(&mut self) {
        let wanted = steps(&self.order, self.now);
        self.outbox
            .retain(|(kind, id, ..)| wanted.iter().any(|step| (step.kind, step.subject) == (*kind, *id)));
        for step in wanted {
            if !self.outbox.iter().any(|(kind, id, ..)| (*kind, *id) == (step.kind, step.subject)) {
                self.outbox.push((step.kind, step.subject, step.due_at, 0));
            }
        }
    }

    pub fn tell(&mut self, outcome: &Outcome) -> bool {
        let Ok(change) = apply(&mut self.order, outcome, self.now, &mut self.ids) else { return false };
        for effect in change.effects {
            assert!(self.points_held, "O5: released or captured once, not both");
            self.points_held = false;
            match effect {
                Effect::Release => self.released += 1,
                Effect::RecordSale => self.sales += 1,
            }
        }
        self.plan();
        self.check();
        true
    }

    /// Holds at every moment.
    fn check(&self) {
        let order = &self.order;
        let paid = order.payments.iter().any(|payment| payment.status == PaymentStatus::Succeeded);
        let is_free = order.payable_minor == 0;
        assert!(
            paid || is_free || order.dispatch.status == DispatchStatus::Held,
            "O1: nothing goes out unpaid"
        );
        assert!(order.payments.iter().all(|payment| order.refundable_minor(payment) >= 0), "O2");
        for (at, (id, _)) in self.opened.iter().enumerate() {
            assert!(self.opened[..at].iter().all(|(other, _)| other != id), "O3: two payments under one key");
        }
        let early = order.dispatch.last_sent_at.zip(order.send_at).is_some_and(|(sent, at)| sent < at);
        assert!(!early, "O7: the till is told before the time");
        assert_eq!(order.stage == Stage::Completed, self.sales == 1, "O5");
        assert_eq!(order.stage == Stage::Cancelled, self.released == 1, "O5");
    }

    /// Does the step that is due first, with this luck.
    fn step(&mut self, luck: Luck) {
        let Some(at) = (0..self.outbox.len()).min_by_key(|&at| self.outbox[at].2) else { return };
        let (kind, subject, due, tries) = self.outbox[at];
        self.now = self.now.max(due);
        self.outbox[at].3 = tries + 1;
        self.outbox[at].2 = retry_at(kind, tries + 1, self.now);
        if kind == StepKind::Expire {
            self.tell(&Outcome::PayTimeUp);
            return;
        }
        if kind == StepKind::SendOrder && !self.tell(&Outcome::Sending) {
            return;
        }
        let heard = if luck == Luck::DiedBefore { None } else { self.ask(kind, subject, tries + 1, luck) };
        match (luck, heard) {
            (Luck::DiedBefore | Luck::DiedAfter, _) => self.now = self.now.plus_millis(90 * SECOND_MS),
            (Luck::LostAnswer | Luck::LostRequest, _) | (_, None) => {
                self.tell(&Outcome::StillWaiting);
            }
            (_, Some(outcome)) => {
                self.tell(&outcome);
                self.tell(&Outcome::StillWaiting);
            }
        }
    }

    /// The partner's side of a call.
    fn ask(&mut self, kind: StepKind, subject: i64, tries: u32, luck: Luck) -> Option<Outcome> {
        let (payment, refund) = (PaymentId::from_raw(subject), RefundId::from_raw(subject));
        let arrives = !matches!(luck, Luck::NotSent | Luck::LostRequest);
        // What was done under a key is not refused under it later.
        let is_done = self.opened.iter().any(|(id, _)| *id == payment)
            || self.given_back.iter().any(|(id, _)| *id == refund);
        let refused = luck == Luck::Refused && !is_done;
        match kind {
            StepKind::OpenPayment if refused => {
                Some(Outcome::PaymentCancelled { payment, reason: "refused".into() })
            }
            StepKind::OpenPayment => {
                let is_there = self.opened.iter().any(|(id, _)| *id == payment);
                let is_known = is_there && (self.bank == Bank::RemembersKeys || may_be_done(tries));
                if arrives && !is_known {
                    self.opened.push((payment, false));
                }
                arrives.then_some(Outcome::PaymentOpened { payment })
            }
            StepKind::WatchPayment => {
                let paid = self.opened.iter().find(|(id, _)| *id == payment)?.1;
                let until = self.order.payment(payment)?.created_at.plus_millis(60 * MINUTE_MS);
                match (arrives, paid) {
                    (true, true) => Some(Outcome::PaymentSucceeded { payment }),
                    (true, false) if self.now > until => {
                        Some(Outcome::PaymentCancelled { payment, reason: "expired".into() })
                    }
                    _ => None,
                }
            }
            StepKind::SendOrder if luck == Luck::NotSent => {
                Some(Outcome::NotSent { why: CancelReason::TillOffline })
            }
            StepKind::SendOrder if refused && self.till == AtTill::Nothing => {
                Some(Outcome::Rejected { why: CancelReason::MenuChanged })
            }
            StepKind::SendOrder => {
                if arrives && self.till == AtTill::Nothing {
                    self.till = AtTill::InProgress;
                }
                arrives.then_some(Outcome::Sent { correlation: None })
            }
            StepKind::WatchOrder if arrives => Some(self.look()),
            StepKind::CancelAtTill if arrives => {
                match self.till {
                    AtTill::Has(progress) if refused && progress != Progress::HandedOver => {
                        return Some(Outcome::CancelRefused);
                    }
                    AtTill::InProgress | AtTill::Has(_) if self.till != AtTill::Has(Progress::HandedOver) => {
                        (self.till, self.revision) = (AtTill::Cancelled, self.revision + 1);
                    }
                    _ => {}
                }
                Some(self.look())
            }
            StepKind::OpenRefund if refused => {
                Some(Outcome::RefundFailed { refund, reason: "refused".into() })
            }
            StepKind::OpenRefund => {
                let amount = self.order.refund(refund)?.amount_minor;
                if arrives && !self.given_back.iter().any(|(id, _)| *id == refund) {
                    self.given_back.push((refund, amount));
                }
                arrives.then_some(Outcome::RefundOpened { refund })
            }
            StepKind::WatchRefund if arrives => Some(Outcome::RefundSucceeded { refund }),
            _ => None,
        }
    }

    fn look(&self) -> Outcome {
        let revision = self.revision;
        match self.till {
            AtTill::Nothing => Outcome::Missing,
            AtTill::InProgress => Outcome::StillWaiting,
            AtTill::Has(progress) => Outcome::Accepted { progress, revision },
            AtTill::Failed => Outcome::Rejected { why: CancelReason::TillOffline },
            AtTill::Cancelled => Outcome::CancelledAtTill { revision },
        }
    }

    /// The till goes on by itself.
    fn till_goes_on(&mut self) {
        let next = match self.till {
            AtTill::InProgress => AtTill::Has(Progress::Received),
            AtTill::Has(Progress::Received) => AtTill::Has(Progress::Cooking),
            AtTill::Has(Progress::Cooking) => AtTill::Has(Progress::Ready),
            AtTill::Has(Progress::Ready) => AtTill::Has(Progress::HandedOver),
            other => other,
        };
        self.till_becomes(next);
    }

    fn till_becomes(&mut self, next: AtTill) {
        if next != self.till {
            (self.till, self.revision) = (next, self.revision + 1);
        }
    }

    pub fn event(&mut self, event: Event) {
        match event {
            Event::Step(luck) => self.step(luck),
            Event::Pay => {
                // Only who was given a link can pay by it.
                let linked = |id: PaymentId| {
                    let payment = self.order.payment(id);
                    payment.is_some_and(|payment| payment.status == PaymentStatus::Pending)
                };
                let open = self.opened.iter_mut().find(|(id, paid)| !paid && linked(*id));
                if let Some(open) = open {
                    open.1 = true;
                }
            }
            Event::PayAgain => {
                let payment = PaymentId::new(&mut self.ids, self.now);
                self.tell(&Outcome::PayAgain { payment });
            }
            Event::Notify => {
                if let Some(&(payment, true)) = self.opened.first() {
                    self.tell(&Outcome::PaymentSucceeded { payment });
                }
            }
            Event::TillGoesOn => self.till_goes_on(),
            Event::TillFails if self.till == AtTill::InProgress => self.till_becomes(AtTill::Failed),
            Event::TillCancels if matches!(self.till, AtTill::Has(at) if at != Progress::HandedOver) => {
                self.till_becomes(AtTill::Cancelled);
            }
            Event::Webhook if self.till != AtTill::Nothing => {
                let news = self.look();
                self.tell(&news);
            }
            Event::StaleWebhook => {
                self.tell(&Outcome::Accepted { progress: Progress::Received, revision: -1 });
            }
            Event::Cancels(reason) => {
                self.tell(&Outcome::Cancel { reason });
            }
            Event::TimePasses(seconds) => self.now = self.now.plus_millis(seconds * SECOND_MS),
            Event::TillFails | Event::TillCancels | Event::Webhook => {}
        }
    }

    /// Everything works again, and a person has refused refunds asked for again.
    pub fn heal(&mut self) {
        for round in 0..600 {
            if self.order.refunds.iter().any(|refund| refund.status == RefundStatus::Failed) {
                self.tell(&Outcome::Resolved(Resolution::Retry));
            }
            if self.order.is_settled() && self.outbox.is_empty() {
                break;
            }
            if round % 3 == 0 {
                self.till_goes_on();
            }
            self.step(Luck::Fine);
        }
    }

    /// What everybody's books say in the end.
    pub fn agree(&self) -> Result<(), TestCaseError> {
        let order = &self.order;
        prop_assert!(order.is_settled(), "never settled: {:?}", self);
        let paid = self.opened.iter().filter(|(_, paid)| *paid);
        let came: i64 =
            paid.filter_map(|(id, _)| order.payment(*id)).map(|payment| payment.amount_minor).sum();
        let went: i64 = self.given_back.iter().map(|(_, amount)| amount).sum();
        if order.stage == Stage::Completed {
            prop_assert_eq!(self.till, AtTill::Has(Progress::HandedOver));
            prop_assert_eq!(came - went, order.payable_minor, "paid once: {:?}", self);
        } else {
            let till = matches!(self.till, AtTill::Nothing | AtTill::Failed | AtTill::Cancelled);
            prop_assert!(till, "dispatch without payment: {:?}", self);
            prop_assert_eq!(came, went, "payment without dispatch: {:?}", self);
        }
        Ok(())
    }
}

//! What is recorded of an order.

use kernel::{OrderId, PaymentId, RefundId, Timestamp};

/// Declares a closed set of codes: the names in the database and on the wire.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $code:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in the database and on the wire.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The value of that name.
            ///
            /// # Errors
            /// When there is none.
            pub fn parse(code: &str) -> Result<Self, kernel::ParseError> {
                let found = Self::ALL.iter().copied().find(|value| value.code() == code);
                found.ok_or(kernel::ParseError("not one of the documented values"))
            }
        }
    };
}
pub(crate) use codes;

codes!(
    /// Where an order stands as a whole.
    Stage {
        /// Made; the guest has still to pay.
        AwaitingPayment = "awaiting_payment",
        /// Paid, on its way to the till.
        Dispatching = "dispatching",
        /// The till has it.
        Accepted = "accepted",
        /// Handed over: the sale is recorded.
        Completed = "completed",
        /// To be undone as soon as it is known that the till does not have it.
        Cancelling = "cancelling",
        /// Undone. Money may still be on its way back.
        Cancelled = "cancelled",
    }
);

codes!(
    /// Why an order ends unsold.
    CancelReason {
        /// The guest changed their mind.
        Guest = "guest",
        /// Somebody in the office or at the outlet decided so.
        Office = "office",
        /// Not paid in time.
        NotPaid = "not_paid",
        /// The menu or its prices are others by now.
        MenuChanged = "menu_changed",
        /// Something in it is sold out.
        OutOfStock = "out_of_stock",
        /// The outlet does not take orders.
        OutletClosed = "outlet_closed",
        /// The outlet's till is not connected.
        TillOffline = "till_offline",
        /// The chain's till system does not answer, or refuses so many requests.
        TillSystemDown = "till_system_down",
        /// The till system refused the order for a reason of its own.
        TillRefused = "till_refused",
        /// Cancelled at the till.
        AtTill = "at_till",
    }
);

codes!(
    /// How an attempt to pay stands.
    PaymentStatus {
        /// To be opened with the acquirer. Nobody can pay it yet.
        New = "new",
        /// Open: the guest has a link, or a code to scan.
        Pending = "pending",
        /// The money is ours.
        Succeeded = "succeeded",
        /// Declined, expired or never opened.
        Cancelled = "cancelled",
    }
);

codes!(
    /// How a refund stands.
    RefundStatus {
        /// To be asked for.
        New = "new",
        /// The acquirer has it.
        Pending = "pending",
        /// The money is on the guest's account.
        Succeeded = "succeeded",
        /// Refused for good: a person asks again or pays by hand.
        Failed = "failed",
        /// Failed, and asked for again under another id.
        Replaced = "replaced",
    }
);

codes!(
    /// Why money goes back.
    RefundReason {
        /// The order ended unsold.
        Cancelled = "cancelled",
        /// The money came for an order that was over or paid already.
        Superfluous = "superfluous",
        /// Goods were returned after the sale.
        Returned = "returned",
    }
);

codes!(
    /// What is known of the order at the till.
    DispatchStatus {
        /// Not to be sent yet: not paid.
        Held = "held",
        /// To be sent; nothing of it has left.
        Due = "due",
        /// Sent, or about to be: it may have arrived.
        Sending = "sending",
        /// The till system has it and passes it on.
        Sent = "sent",
        /// The till has it.
        Accepted = "accepted",
        /// To be cancelled at the till.
        CancelDue = "cancel_due",
        /// The till does not have it, and never will.
        Absent = "absent",
    }
);

codes!(
    /// How far the till has got. In this order; it never goes back.
    Progress {
        None = "none",
        /// Taken in.
        Received = "received",
        /// Being made.
        Cooking = "cooking",
        /// Ready to be fetched.
        Ready = "ready",
        /// Handed over.
        HandedOver = "handed_over",
    }
);

codes!(
    /// Why a person should look.
    Stuck {
        /// The till system will not say whether the till has the order.
        TillSilent = "till_silent",
        /// The order is to be cancelled and the till keeps it.
        TillKeepsOrder = "till_keeps_order",
        /// Accepted long ago and never closed.
        NeverClosed = "never_closed",
        /// The acquirer refuses to give money back.
        RefundRefused = "refund_refused",
        /// The acquirer will not say what became of a payment or refund.
        AcquirerSilent = "acquirer_silent",
        /// The sale could not be recorded.
        SaleRefused = "sale_refused",
        /// The till's receipt comes to another sum than was paid.
        SumDiffers = "sum_differs",
        /// The till undid the order after it was handed over.
        CancelledAfterSale = "cancelled_after_sale",
    }
);

/// An order with everything that its rules need. Amounts are minor units of its one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub id: OrderId,
    pub stage: Stage,
    /// What the guest pays in money; zero when points and promotions cover it all.
    pub payable_minor: i64,
    pub created_at: Timestamp,
    /// Until then it may be paid.
    pub pay_until: Timestamp,
    /// The till is not told before: it is for later. None for at once.
    pub send_at: Option<Timestamp>,
    /// Why it ends unsold, once that is decided.
    pub cancel: Option<CancelReason>,
    /// Oldest first.
    pub payments: Vec<Payment>,
    pub refunds: Vec<Refund>,
    pub dispatch: Dispatch,
    pub stuck: Option<Stuck>,
}

/// One attempt to pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    pub id: PaymentId,
    pub status: PaymentStatus,
    pub amount_minor: i64,
    pub created_at: Timestamp,
    /// Why it did not come to anything, in the acquirer's words.
    pub reason: Option<String>,
}

/// Money on its way back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    pub id: RefundId,
    pub payment: PaymentId,
    pub status: RefundStatus,
    pub amount_minor: i64,
    pub why: RefundReason,
    pub created_at: Timestamp,
    pub reason: Option<String>,
}

/// The order at the till.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispatch {
    pub status: DispatchStatus,
    /// How many times it was sent.
    pub sends: u32,
    pub last_sent_at: Option<Timestamp>,
    /// When it is free to go: paid, or nothing to pay, and its time has come. In the future for an order that is kept.
    pub due_since: Option<Timestamp>,
    /// The till system's name for the request.
    pub correlation: Option<String>,
    pub progress: Progress,
    /// The till system's own time of what we know last; older news is ignored.
    pub revision: i64,
    /// When the till took it.
    pub accepted_at: Option<Timestamp>,
    /// When it was first to be cancelled at the till.
    pub cancel_since: Option<Timestamp>,
}

impl Dispatch {
    /// An order that must not be sent yet.
    pub const HELD: Self = Self {
        status: DispatchStatus::Held,
        sends: 0,
        last_sent_at: None,
        due_since: None,
        correlation: None,
        progress: Progress::None,
        revision: 0,
        accepted_at: None,
        cancel_since: None,
    };
}

impl Order {
    /// A new order with its first payment, if there is anything to pay; otherwise it is free to go at once, or at
    /// `send_at`.
    #[must_use]
    pub fn new(
        id: OrderId,
        payable_minor: i64,
        payment: Option<PaymentId>,
        now: Timestamp,
        pay_until: Timestamp,
        send_at: Option<Timestamp>,
    ) -> Self {
        let mut order = Self {
            id,
            stage: Stage::AwaitingPayment,
            payable_minor,
            created_at: now,
            pay_until,
            send_at,
            cancel: None,
            payments: payment.map(|id| Payment::new(id, payable_minor, now)).into_iter().collect(),
            refunds: Vec::new(),
            dispatch: Dispatch::HELD,
            stuck: None,
        };
        if payable_minor == 0 {
            order.release_to_till(now);
        }
        order
    }

    /// Paid, or nothing to pay: it may go to the till (O1), when its time has come (O7).
    pub(crate) fn release_to_till(&mut self, now: Timestamp) {
        self.stage = Stage::Dispatching;
        self.dispatch.status = DispatchStatus::Due;
        self.dispatch.due_since = Some(self.send_at.map_or(now, |at| at.max(now)));
    }

    /// Paid and kept for its time: nothing of it has left, and nothing is to leave yet.
    #[must_use]
    pub fn kept_until(&self, now: Timestamp) -> Option<Timestamp> {
        let is_kept = self.stage == Stage::Dispatching && self.dispatch.status == DispatchStatus::Due;
        self.dispatch.due_since.filter(|due| is_kept && now < *due)
    }

    /// The attempt with this id.
    #[must_use]
    pub fn payment(&self, id: PaymentId) -> Option<&Payment> {
        self.payments.iter().find(|payment| payment.id == id)
    }

    /// The refund with this id.
    #[must_use]
    pub fn refund(&self, id: RefundId) -> Option<&Refund> {
        self.refunds.iter().find(|refund| refund.id == id)
    }

    /// The payment that paid for the order: the first that succeeded and was not sent back as superfluous.
    #[must_use]
    pub fn paid_by(&self) -> Option<&Payment> {
        let sent_back = |payment: &Payment| {
            self.refunds
                .iter()
                .any(|refund| refund.payment == payment.id && refund.why == RefundReason::Superfluous)
        };
        self.payments.iter().find(|payment| payment.status == PaymentStatus::Succeeded && !sent_back(payment))
    }

    /// What of a payment has not gone back and is not on its way back.
    #[must_use]
    pub fn refundable_minor(&self, payment: &Payment) -> i64 {
        if payment.status != PaymentStatus::Succeeded {
            return 0;
        }
        let back = self.refunds.iter().filter(|refund| refund.payment == payment.id && !refund.is_void());
        payment.amount_minor - back.map(|refund| refund.amount_minor).sum::<i64>()
    }

    /// Nothing more will happen by itself.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let till = match self.stage {
            Stage::Completed => true,
            Stage::Cancelled => matches!(self.dispatch.status, DispatchStatus::Held | DispatchStatus::Absent),
            Stage::AwaitingPayment | Stage::Dispatching | Stage::Accepted | Stage::Cancelling => false,
        };
        till && self
            .payments
            .iter()
            .all(|payment| matches!(payment.status, PaymentStatus::Succeeded | PaymentStatus::Cancelled))
            && self.refunds.iter().all(|refund| refund.status == RefundStatus::Succeeded || refund.is_void())
    }
}

impl Payment {
    /// An attempt that is still to be opened.
    #[must_use]
    pub const fn new(id: PaymentId, amount_minor: i64, now: Timestamp) -> Self {
        Self { id, status: PaymentStatus::New, amount_minor, created_at: now, reason: None }
    }
}

impl Refund {
    /// No money goes back through it.
    #[must_use]
    pub const fn is_void(&self) -> bool {
        matches!(self.status, RefundStatus::Failed | RefundStatus::Replaced)
    }
}

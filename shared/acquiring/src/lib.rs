//! Payments: one port, and the wire formats of the acquirers behind it.
//!
//! [`Acquirer`] makes requests and reads answers; it sends nothing. A payment and a refund are named by our own ids,
//! so that repeating a request whose answer was lost changes nothing: YooKassa takes them as `Idempotence-Key`,
//! T-Bank as `OrderId` and `ExternalRequestId`.
//!
//! Reading order: [`port`] (what is asked and what comes back), [`receipt`] (the fiscal receipt), [`yookassa`],
//! [`tbank`], [`nets`] (where notifications may come from).

pub mod nets;
pub mod port;
pub mod receipt;
pub mod tbank;
pub mod yookassa;

pub use port::{Acquirer, Confirmation, NewPayment, NewRefund, PaymentState, Reading, RefundState, State};
pub use receipt::{Item, PaymentMode, Receipt};

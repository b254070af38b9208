//! An order's way from a quote to the till and back: states, what moves them, and what undoes them.
//!
//! An order is three stories told at once: money (payments and refunds), the till (dispatch) and points (held,
//! captured or released). None of the partners takes part in our transactions, so the three are kept in agreement by
//! rules that need nothing but what is recorded:
//!
//! - O1 nothing is sent to the till before the order is paid;
//! - O2 money of an order that the till does not have, or of a second payment, goes back;
//! - O3 whatever may have arrived is read before it is repeated, and is repeated under the same key;
//! - O4 the till is believed not to have an order only when it says so, or when nothing was ever sent;
//! - O5 points and budgets are released exactly when the order ends unsold, captured exactly when it is sold;
//! - O6 what no rule can settle is shown to a person, and is still watched;
//! - O7 an order for later is kept, and the till is told when its time has come: not before, and not of one that was
//!   cancelled meanwhile.
//!
//! Reading order: [`model`] (states), [`step`] (which calls to partners are due), [`outcome`] (what can be learned),
//! [`apply`](apply::apply) (what it changes), [`notice`] (what the guest is told).
//!
//! Architecture invariant: no I/O and no JSON; time and ids are parameters.

pub mod apply;
mod cancel;
mod dispatch;
pub mod model;
pub mod notice;
pub mod outcome;
mod payment;
pub mod step;

pub use apply::apply;
pub use dispatch::PATIENCE_MS;
pub use model::{Dispatch, Order, Payment, Refund, Stage};
pub use outcome::{Change, Effect, InvalidTransition, Outcome};
pub use step::{Step, StepKind, steps};

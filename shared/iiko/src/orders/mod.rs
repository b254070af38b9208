//! Orders: sent to a till, looked up, cancelled; and the events that iikoCloud posts to us.
//!
//! An order carries an id that we make ([`id::uuid`]). iiko answers a repetition with `DuplicatedOrderId`, so a lost
//! reply never makes a second order. An answer of 200 is not acceptance by the till: that is said by the command's
//! status, by reading the order, or by an event.
//!
//! Reading order: [`create`] (what is sent), `calls` (the other requests), [`answer`] (what comes back), [`event`].

pub mod answer;
mod calls;
pub mod create;
pub mod event;
pub mod id;
pub mod number;

pub use answer::{Alive, CommandState, Created, Creation, OrderInfo, Read, Refusal, TillOrder, TillStatus};
pub use calls::IDS_MAX;
pub use create::{Combo, ComboPart, Discount, Item, Modifier, NewOrder, Payment, Service};

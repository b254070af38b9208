//! One HTTP call, host-neutral: parsing, authentication, idempotency, replies.
//!
//! A function's `run` takes a [`Call`] and returns a [`Reply`] or a [`Problem`]; it never sees the host. `platform`
//! makes a `Call` from Spin's request; the native baseline and the tests make one from theirs.
//!
//! Reading order: [`call`], [`dispatch`] (who may call what), [`auth`], [`body`], [`reply`], [`problem`],
//! [`idempotency`], [`refusal`] (business refusals as problems).

pub mod auth;
pub mod body;
pub mod call;
pub mod dispatch;
pub mod events;
pub mod feedback;
pub mod fields;
pub mod fraud;
pub mod goals;
pub mod guest;
pub mod idempotency;
pub mod messages;
pub mod orders;
pub mod outbox;
pub mod outlets;
pub mod paging;
pub mod problem;
pub mod programmes;
pub mod refusal;
pub mod refusal_feedback;
pub mod refusal_guest;
pub mod refusal_menu;
pub mod refusal_office;
pub mod refusal_order;
pub mod refusal_promotion;
pub mod refusal_quote;
pub mod reply;
pub mod session;
pub mod sms;
pub mod tickets;
pub mod tiers;
pub mod till;
pub mod till_reply;
pub mod traces;

pub use call::{Call, Request, Settings};
pub use dispatch::dispatch;
pub use problem::Problem;
pub use reply::Reply;

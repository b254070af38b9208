//! Use cases of feedback: load, decide, record in one transaction.
//!
//! - [`rules`]: versions of what a brand decides.
//! - [`ask`]: the job that turns receipts into questions.
//! - [`submit`]: reading the questions behind a link, and answering them; a low answer is a ticket in the same transaction.
//! - [`play`]: the game after an answer.
//! - [`tickets`] for staff, [`guest`] for guests; [`teams`]: who is handed them; [`follow`]: staff are told what is new.
//! - [`report`]: what many answers and tickets come to.
//!
//! What staff see of a guest is decided in one place, [`shown`]: a masked name, the day and part of the day of the visit,
//! and times in whole hours. No reply to staff has the id of a member, a receipt or a request in it.
//!
//! Architecture invariant: no HTTP, no JSON of the wire, no clock, no SQL text.

use membership::secrets::{LinkSigner, Secrets};

pub mod ask;
pub mod follow;
pub mod guest;
pub mod play;
pub mod refusal;
pub mod report;
pub mod rules;
pub mod shown;
pub mod submit;
pub mod teams;
mod tell;
pub mod tickets;

pub use refusal::Refusal;

/// The kind of link that opens a question.
const LINKS: &str = "feedback";

/// Who signs the links of questions.
#[must_use]
pub fn signer(secrets: &Secrets) -> LinkSigner {
    LinkSigner::new(secrets.key(membership::secrets::Purpose::Links), LINKS)
}

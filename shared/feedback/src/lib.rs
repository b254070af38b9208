//! Feedback: what a guest is asked after a receipt, what an answer leads to, and what many answers are worth.
//!
//! Reading order: [`rules`] (everything a brand decides, as plain data), [`request`] (who is asked, and when), [`answer`],
//! [`game`], [`routing`] (which answer opens a ticket), [`ticket`] (its states, times and compensations), [`team`] (who is
//! given it), [`statistics`].
//!
//! Invariants, named by tests:
//! - F1 whether a receipt is asked about depends on the receipt and the rules alone: asking again gives the same verdict.
//! - F2 the odds of a game are its prizes' weights, exactly: every ticket of the draw wins one prize, and a game whose
//!   budget does not reach for its dearest prize is closed rather than changed.
//! - F3 a closed ticket changes by being reopened and by nothing else.
//! - F4 fewer answers never make the lower bound of a rating better: five stars from three guests stay below 4.8 from a
//!   thousand.
//!
//! Architecture invariant: no I/O, no clock, no random source, no floating point.

pub mod answer;
pub mod check;
pub mod fault;
pub mod game;
pub mod request;
pub mod routing;
pub mod rules;
pub mod statistics;
pub mod team;
pub mod ticket;
mod words;

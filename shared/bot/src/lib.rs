//! The Telegram bot of a brand: what a guest says becomes what the club does, and words come back.
//!
//! Reading order: [`input`] (an update, as what a guest did), [`dialogue`] (the state machine: a state, some facts and an
//! input become the next state and an act, without any I/O), [`perform`] (an act, carried out by the club's use cases in
//! the open transaction), [`show`] and [`words`] (what came of it, in Russian, Kazakh or English), [`take`] (all of it
//! for one update, exactly once), [`state`] (what is kept of a dialogue), [`account`] (a brand's bot), [`opening`]
//! (signing in from a Mini App).

pub mod account;
pub mod desk;
pub mod desk_care;
pub mod dialogue;
pub mod input;
pub mod join;
pub mod opening;
pub mod perform;
mod reach;
pub mod refusal;
pub mod say;
pub mod show;
pub mod state;
pub mod take;
pub mod words;

pub use refusal::Refusal;

//! How guests are told something: through which channel, at what hour, how often, in which words, and what to do when a
//! provider does not take it.
//!
//! Reading order: [`channel`], [`topic`] (what there is to tell, and how urgent it is), [`quiet`] and [`frequency`] (when
//! not), [`plan`] (all of it together), [`outcome`] (after a call to a provider), [`missed`] (why nothing came of it),
//! [`words`].
//!
//! No I/O, no JSON, no clock. Texts are in `texts/`, one file per language, in Fluent's format.

pub mod channel;
pub mod frequency;
pub mod missed;
pub mod outcome;
pub mod plan;
pub mod quiet;
pub mod topic;
pub mod words;

pub use channel::{Channel, Kind};
pub use topic::Topic;

//! Use cases of staff goals: load, decide, record in one transaction, as in `club`.
//!
//! Counters are kept by the database in the transaction of each receipt and return (migration 0011). Everything here
//! reads them: [`measure`] makes facts of them, `merit` decides, [`progress`] and [`leaderboard`] show, [`award`] records.
//! [`goals`] administers, [`shift`] and [`card`] are what staff do at the till.
//!
//! Architecture invariant: no HTTP, no JSON of the wire, no clock, no SQL text.

pub mod arithmetic;
pub mod award;
pub mod boards;
pub mod card;
pub mod goals;
pub mod ground;
pub mod judge;
pub mod leaderboard;
pub mod measure;
pub mod payroll;
pub mod progress;
pub mod refusal;
pub mod shift;
mod words;

pub use refusal::Refused;

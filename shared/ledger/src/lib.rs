//! The points ledger: lots, balanced entries, and the rules that move them.

pub mod model;

//! iikoCloud's wire formats: requests made, answers read. Nothing here is sent and nothing is stored.
//!
//! Readers are tolerant: a field that is not known is passed over, one that may be missing or null is, and an unknown
//! word in a closed set reads as such. Numbers become integers by their decimal text ([`number`]).

pub mod call;
pub mod menu;
pub mod number;
pub mod orders;
pub mod token;

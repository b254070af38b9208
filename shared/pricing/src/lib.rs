//! Promotions as data, and what a cart costs under them, with reasons.

pub mod funding;

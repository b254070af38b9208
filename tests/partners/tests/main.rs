//! The simulators spoken to by our own wire crates, and our shapes against recorded samples.

mod acquirers;
mod iiko_orders;
mod iiko_reading;
mod samples;
mod support;

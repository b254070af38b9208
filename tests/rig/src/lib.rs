//! A chain, a state directory, a running host and a client: what tests and benchmarks stand on.

pub mod chain;
pub mod counter;
pub mod desk;
pub mod host;
pub mod http;
pub mod small;
pub mod staff;
pub mod state;
pub mod wire;

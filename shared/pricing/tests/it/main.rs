//! Promotions from the outside: traps by name, a table per effect and condition, properties of the sums.

mod check;
mod conditions;
mod effects;
mod properties;
mod samples;
#[cfg(feature = "schema")]
mod schema;
mod texts;
mod traps;

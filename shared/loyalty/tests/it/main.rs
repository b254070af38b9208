//! Programme rules from the outside: tables per decision, properties for the sums.

mod accrual;
mod programme;
mod properties;
mod redemption;
mod returning;
mod sale;
mod samples;
#[cfg(feature = "schema")]
mod schema;
mod texts;
mod tier;
mod tiers;
mod timing;

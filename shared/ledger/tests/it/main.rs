//! The ledger from the outside: scenarios as tables, invariants as properties.

mod audit;
mod holds;
mod properties;
mod scenarios;
mod table;
mod violations;

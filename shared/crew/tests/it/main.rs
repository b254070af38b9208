//! Staff goals over a real database in memory: receipts and returns go through the use cases of `club`.

mod awards;
mod cards;
mod counters;
mod gaming;
mod guards;
mod ibm;
mod scopes;
mod world;

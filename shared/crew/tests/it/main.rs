//! Staff goals over a real database in memory: receipts and returns go through the use cases of `club`.

mod awards;
mod boards;
mod cards;
mod counters;
mod ends;
mod gaming;
mod guards;
mod ibm;
mod limits;
mod scopes;
mod shifts;
mod world;

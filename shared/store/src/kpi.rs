//! Staff goals: what was counted, where, the goals in their versions, the awards.

pub mod awards;
pub mod counters;
pub mod counting;
pub mod goals;
pub mod periods;
pub mod sites;

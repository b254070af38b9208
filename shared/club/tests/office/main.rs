//! The back office over a database in memory: timers, imports, verification, staff, programmes, the directory.

mod adjust;
mod calls;
mod directory;
mod fixture;
mod forgotten;
mod fraud;
mod import;
mod lifecycle;
mod programme;
mod rulings;
mod staff;
mod telling;
mod tiers;
mod tiers_homes;
mod tiers_late;
mod tiers_moving;
mod tiers_naive;
mod tiers_notice;
mod till;
mod time;
mod verify;
mod winning;

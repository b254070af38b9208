//! Promotions, coupons and replays over a database in memory.

mod administration;
mod budgets;
mod coupons;
mod fixture;
mod referrals;
mod segments;
mod simulation;

//! Menus from end to end without a network: accounts, synchronisation, matches, snapshots.

#![recursion_limit = "256"]

mod brand;
mod iiko;
mod snapshot;
mod sync;
mod world;

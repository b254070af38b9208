//! Crema's host: runs a Spin application in one process, with nothing else installed.
//!
//! The path of a request: [`serve`] takes it off the wire and guards its limits, [`router`] finds the
//! component, [`app`] hands it to an instance ([`instance`]), whose calls out come back through [`link`] and
//! reach only what the manifest granted ([`component`]). [`state`] is what outlives it.

#![deny(missing_docs)]

pub mod app;
pub mod cache;
pub mod cli;
pub mod component;
pub mod cron;
pub mod engine;
mod failure;
pub mod instance;
pub mod limits;
pub mod link;
pub mod log;
pub mod manifest;
pub mod metrics;
pub mod outbound;
pub mod problem;
pub mod router;
pub mod runtime_config;
pub mod serve;
pub mod state;
pub mod up;
pub mod variables;

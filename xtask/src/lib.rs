//! The project's commands, as a library: `tests/tidy` asks it whether generated files are up to date.
//!
//! Reading order: [`workspace`] and [`process`] (where things are, how programs are run), [`build`], [`migrate`],
//! [`generate`], [`suite`] (check and test), then what `up` and `demo` are made of: [`chain`] (demo data), [`sms`]
//! (the text message inbox), [`server`], [`story`].
//!
//! Architecture invariant: nothing here depends on wasmtime, directly or not. A command starts within seconds of a
//! fresh checkout; the host is built by the commands, not into them.

pub mod build;
pub mod chain;
pub mod generate;
pub mod migrate;
pub mod process;
pub mod progress;
pub mod server;
pub mod sms;
pub mod story;
pub mod suite;
pub mod totp;
pub mod up;
pub mod workspace;

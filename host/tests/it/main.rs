//! The `crema` program from outside: a manifest, real components, HTTP.
//!
//! The components in `tests/components` are built here, with cargo, once per run.

mod feed;
mod grants;
mod lifecycle;
mod limits;
mod manifest;
mod partners;
mod routing;
mod state;
mod support;
mod triggers;

//! The database as its users see it: through its API, on a real file system.

mod statements;
mod support;

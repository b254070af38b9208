//! Where SQLite and PostgreSQL differ: the only home of statements that are not common to both.

use crate::statement::Statement;

/// Takes the right to write at once. PostgreSQL: `begin isolation level serializable`.
pub const BEGIN_WRITE: Statement = Statement::new("begin", "begin immediate");
/// Makes the transaction durable.
pub const COMMIT: Statement = Statement::new("commit", "commit");
/// Forgets the transaction.
pub const ROLLBACK: Statement = Statement::new("rollback", "rollback");

/// The schema, oldest first: name and script.
pub const MIGRATIONS: &[(&str, &str)] =
    &[("0001_foundation", include_str!("../migrations/sqlite/0001_foundation.sql"))];

/// Settings of a database file, made once; they persist in the file, so stock Spin gets them too.
pub const FILE_SETTINGS: &[&str] = &["pragma journal_mode = wal"];

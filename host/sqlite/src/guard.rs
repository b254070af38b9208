//! What SQL may not do to a pooled, durable database.
//!
//! SQLite asks while it compiles a statement, so this costs nothing per execution and needs no parsing of SQL.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::ffi;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

use crate::Error;

/// Settings that group commit stands on: SQL may read them, not change them. `journal_mode=wal` is let through,
/// because it says what already is and scripts written for other hosts begin with it.
const FIXED_PRAGMAS: [&str; 5] =
    ["journal_mode", "synchronous", "locking_mode", "wal_autocheckpoint", "writable_schema"];
/// Settings of the whole process, which are not one connection's to change.
const PROCESS_PRAGMAS: [&str; 4] =
    ["temp_store_directory", "data_store_directory", "soft_heap_limit", "hard_heap_limit"];

/// Installs the rules. A statement that changes the connection itself (a pragma with a value, a temporary table)
/// is allowed but sets `tainted`: such a connection is closed instead of pooled, or the next user would inherit it.
pub(crate) fn install(conn: &mut rusqlite::Connection, tainted: Arc<AtomicBool>) -> Result<(), Error> {
    conn.authorizer(Some(move |context: AuthContext<'_>| match context.action {
        // Would open any file the process can reach; `vacuum into` comes by here too. The empty name is a private
        // temporary database: plain `vacuum` builds its copy in one. A name that is computed, not a literal,
        // arrives as "unknown".
        AuthAction::Attach { filename } if !filename.is_empty() => Authorization::Deny,
        AuthAction::Unknown { code: ffi::SQLITE_ATTACH, .. } => Authorization::Deny,
        AuthAction::Pragma { pragma_name, pragma_value: Some(value) } => {
            let is = |name: &&str| pragma_name.eq_ignore_ascii_case(name);
            let says_what_is = is(&"journal_mode") && value.eq_ignore_ascii_case("wal");
            if FIXED_PRAGMAS.iter().chain(&PROCESS_PRAGMAS).any(is) && !says_what_is {
                return Authorization::Deny;
            }
            tainted.store(true, Ordering::Relaxed);
            Authorization::Allow
        }
        AuthAction::Attach { .. }
        | AuthAction::CreateTempTable { .. }
        | AuthAction::CreateTempView { .. }
        | AuthAction::CreateTempTrigger { .. }
        | AuthAction::CreateTempIndex { .. } => {
            tainted.store(true, Ordering::Relaxed);
            Authorization::Allow
        }
        _ => Authorization::Allow,
    }))?;
    Ok(())
}

//! What SQL can ask of a connection about its own past: `changes()`, `total_changes()`, `last_insert_rowid()`.
//!
//! SQLite keeps these numbers in the SQLite connection. A connection of ours writes on one that all writers share
//! (see [`lease`](crate::lease)) and reads on another, so the numbers are carried along: whoever asks gets those of
//! its own statements, wherever they ran, and never another user's.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use rusqlite::ffi;
use rusqlite::functions::{Context, FunctionFlags};

/// No number is carried: SQLite's own is right.
const OWN: i64 = -1;

/// The three numbers as a connection's user knows them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) changes: i64,
    pub(crate) total_changes: i64,
    pub(crate) last_insert_rowid: i64,
}

/// What is carried to one SQLite connection.
#[derive(Clone, Debug)]
pub(crate) struct Carried(Arc<Numbers>);

#[derive(Debug)]
struct Numbers {
    /// What `changes()` is until a statement changes rows here, or [`OWN`].
    changes: AtomicI64,
    /// What SQLite had for `changes()` when that was set. While a statement runs, another number is that of a trigger
    /// at work, which then asks for its own. (If its own is the same number, it gets the carried one.)
    found: AtomicI64,
    /// To be added to SQLite's own `total_changes()`.
    total_offset: AtomicI64,
}

/// SQLite's own numbers before a statement, to tell whether it counted.
#[derive(Clone, Copy)]
pub(crate) struct Before {
    changes: u64,
    total_changes: u64,
    in_transaction: bool,
}

impl Carried {
    /// Puts functions in the place of SQLite's own.
    pub(crate) fn install(conn: &rusqlite::Connection) -> rusqlite::Result<Self> {
        let [changes, found, total_offset] = [OWN, 0, 0].map(AtomicI64::new);
        let numbers = Arc::new(Numbers { changes, found, total_offset });
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_INNOCUOUS;
        let carried = Arc::clone(&numbers);
        conn.create_scalar_function("changes", 0, flags, move |context| {
            let own = own(context, rusqlite::Connection::changes)?;
            Ok(match carried.changes.load(Ordering::Relaxed) {
                OWN => own,
                _ if own != carried.found.load(Ordering::Relaxed) => own,
                changes => changes,
            })
        })?;
        let carried = Arc::clone(&numbers);
        conn.create_scalar_function("total_changes", 0, flags, move |context| {
            let own = own(context, rusqlite::Connection::total_changes)?;
            Ok(own + carried.total_offset.load(Ordering::Relaxed))
        })?;
        Ok(Self(numbers))
    }

    /// Makes `conn` answer as if `counts` came about on it.
    pub(crate) fn set(&self, conn: &rusqlite::Connection, counts: Counts) {
        self.0.changes.store(counts.changes, Ordering::Relaxed);
        self.0.found.store(signed(conn.changes()), Ordering::Relaxed);
        self.0.total_offset.store(counts.total_changes - signed(conn.total_changes()), Ordering::Relaxed);
        #[expect(unsafe_code, reason = "rusqlite can read this number but not set it")]
        // SAFETY: the handle is that of an open connection, which the caller has to itself; the call only stores a
        // number in it.
        unsafe {
            ffi::sqlite3_set_last_insert_rowid(conn.handle(), counts.last_insert_rowid);
        }
    }

    pub(crate) fn counts(&self, conn: &rusqlite::Connection) -> Counts {
        Counts {
            changes: match self.0.changes.load(Ordering::Relaxed) {
                OWN => signed(conn.changes()),
                changes => changes,
            },
            total_changes: signed(conn.total_changes()) + self.0.total_offset.load(Ordering::Relaxed),
            last_insert_rowid: conn.last_insert_rowid(),
        }
    }

    /// To be called after a statement that can write. If it counted rows, `changes()` is SQLite's own from now on.
    /// When SQLite's number was zero and still is, the statement may have counted none, unless it only began a
    /// transaction. (It may also have been one that counts nothing, a `create table`: then `changes()` is zero where
    /// SQLite would still give the number before.)
    pub(crate) fn after_write(&self, conn: &rusqlite::Connection, before: Before) {
        let after = Before::of(conn);
        let counted = after.changes != before.changes || after.total_changes != before.total_changes;
        let began = after.in_transaction && !before.in_transaction;
        if counted || (after.changes == 0 && !began) {
            self.0.changes.store(OWN, Ordering::Relaxed);
        }
    }
}

impl Before {
    pub(crate) fn of(conn: &rusqlite::Connection) -> Self {
        Self {
            changes: conn.changes(),
            total_changes: conn.total_changes(),
            in_transaction: !conn.is_autocommit(),
        }
    }
}

/// A number of the connection that a function runs on. Within a trigger it is the trigger's, as SQLite has it.
fn own(context: &Context<'_>, number: impl Fn(&rusqlite::Connection) -> u64) -> rusqlite::Result<i64> {
    #[expect(unsafe_code, reason = "the only way to the connection from within a function")]
    // SAFETY: the reference does not leave this function, hence not this thread, and only a number is read.
    let connection = unsafe { context.get_connection() }?;
    Ok(signed(number(&connection)))
}

/// No connection changes 2^63 rows.
fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

//! One SQLite connection: how it is set up, and one attempt at a statement.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::{Batch, OpenFlags, Statement};

use crate::error::{is_interrupt, is_retryable_busy};
use crate::guard;
use crate::interrupt::InterruptHandle;
use crate::watchdog::Watchdog;
use crate::{Durability, Error, Options, QueryResult, Value};

/// Virtual machine steps between two looks at the clock: some 10 to 100 microseconds.
const STEPS_PER_TICK: i32 = 1_000;

/// How an attempt at a statement ended.
pub(crate) enum Attempt {
    /// It ran, or failed for good.
    Done(Result<QueryResult, Error>),
    /// It writes and the caller has not got the writer's turn: nothing happened yet.
    NeedsTurn,
    /// Another process holds the lock: nothing happened yet.
    Busy,
}

/// A connection with everything that must go with it.
pub(crate) struct Session {
    conn: rusqlite::Connection,
    frames: Arc<AtomicU32>,
    tainted: Arc<AtomicBool>,
    watchdog: Arc<Watchdog>,
    columns: HashMap<Box<str>, Arc<[String]>>,
    columns_max: usize,
}

impl Session {
    pub(crate) fn open(path: &Path, options: &Options) -> Result<Self, Error> {
        let mut conn = connect(path, options)?;
        let frames = Arc::new(AtomicU32::new(0));
        let noted = Arc::clone(&frames);
        // Called after each commit that appended to the WAL, with the frames it holds then. Setting it also
        // switches SQLite's own checkpointing off: that would run in the writer's turn (see `checkpoint`).
        conn.wal_hook(Some(move |_wal: &mut rusqlite::hooks::Wal, count| {
            noted.store(u32::try_from(count).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        }))?;
        let watchdog = Arc::new(Watchdog::new());
        let ticking = Arc::clone(&watchdog);
        conn.progress_handler(STEPS_PER_TICK, Some(move || ticking.expired()))?;
        let tainted = Arc::new(AtomicBool::new(false));
        guard::install(&mut conn, Arc::clone(&tainted))?;
        let columns_max = options.statement_cache_capacity;
        Ok(Self { conn, frames, tainted, watchdog, columns: HashMap::new(), columns_max })
    }

    /// Tries a statement once, without waiting for anything.
    pub(crate) fn attempt(
        &mut self,
        sql: &str,
        params: &[Value],
        may_write: bool,
        limit: Duration,
    ) -> Attempt {
        let Self { conn, columns, watchdog, columns_max, .. } = self;
        let outcome = conn.prepare_cached(sql).and_then(|mut statement| {
            if !may_write && !statement.readonly() {
                return Ok(None);
            }
            watchdog.start(limit);
            bind(&mut statement, params)?;
            collect(&mut statement, sql, columns, *columns_max).map(Some)
        });
        match outcome {
            Ok(None) => Attempt::NeedsTurn,
            Ok(Some(result)) => Attempt::Done(result),
            Err(error) => self.judge(error, limit),
        }
    }

    fn judge(&self, error: rusqlite::Error, limit: Duration) -> Attempt {
        if is_retryable_busy(&error) {
            return Attempt::Busy;
        }
        if is_interrupt(&error) {
            let expired = self.watchdog.expired();
            return Attempt::Done(Err(if expired { Error::TimeLimit { limit } } else { Error::Interrupted }));
        }
        Attempt::Done(Err(error.into()))
    }

    /// Hands the statements of a script one after another to `each`, as something to attempt until done.
    pub(crate) fn each_statement(
        &self,
        script: &str,
        limit: Duration,
        mut each: impl FnMut(&mut dyn FnMut() -> Attempt) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut batch = Batch::new(&self.conn, script);
        while let Some(mut statement) = batch.next()? {
            each(&mut || {
                self.watchdog.start(limit);
                let mut rows = statement.raw_query();
                loop {
                    match rows.next() {
                        Ok(Some(_)) => {}
                        Ok(None) => return Attempt::Done(Ok(QueryResult::default())),
                        Err(error) => return self.judge(error, limit),
                    }
                }
            })?;
        }
        Ok(())
    }

    /// Frames in the WAL after a commit by this session that was not asked about yet.
    pub(crate) fn take_frames(&self) -> Option<u32> {
        Some(self.frames.swap(0, Ordering::Relaxed)).filter(|&frames| frames > 0)
    }

    pub(crate) fn in_transaction(&self) -> bool {
        !self.conn.is_autocommit()
    }

    pub(crate) fn changes(&self) -> u64 {
        self.conn.changes()
    }

    pub(crate) fn last_insert_rowid(&self) -> i64 {
        self.conn.last_insert_rowid()
    }

    /// A handle for the current loan.
    pub(crate) fn interrupt_handle(&self) -> InterruptHandle {
        InterruptHandle::new(self.conn.get_interrupt_handle())
    }

    /// Brings the session back to how it was opened. False if that cannot be done: then close it.
    pub(crate) fn reset(&mut self) -> bool {
        if self.in_transaction() {
            self.watchdog.stop();
            if let Err(error) = self.conn.execute_batch("rollback") {
                tracing::warn!(%error, "roll back failed; closing the connection");
            }
        }
        !self.in_transaction() && !self.tainted.load(Ordering::Relaxed)
    }
}

/// Opens a connection and sets what every connection of ours has, also the checkpoint thread's.
pub(crate) fn connect(path: &Path, options: &Options) -> Result<rusqlite::Connection, Error> {
    let open_error = |e: rusqlite::Error| Error::Open { path: path.to_owned(), message: e.to_string() };
    // Not SQLITE_OPEN_URI: a file name is a file name. NO_MUTEX: a connection is used by one thread at a time.
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = rusqlite::Connection::open_with_flags(path, flags).map_err(open_error)?;
    conn.busy_timeout(options.busy_timeout)?;
    let mode: String =
        conn.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0)).map_err(open_error)?;
    if mode != "wal" {
        let message = format!("the file system does not support WAL (journal mode is {mode})");
        return Err(Error::Open { path: path.to_owned(), message });
    }
    let synchronous = match options.durability {
        Durability::EachCommit => "full",
        Durability::Grouped | Durability::Lazy => "normal",
    };
    conn.pragma_update(None, "synchronous", synchronous)?;
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "temp_store", "memory")?;
    conn.pragma_update(None, "cache_size", -i64::from(options.page_cache_kib))?;
    conn.pragma_update(None, "mmap_size", i64::try_from(options.mmap_bytes).unwrap_or(i64::MAX))?;
    // Closing must not sync behind our back: after a failed sync that would pass off lost pages as written.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    conn.set_prepared_statement_cache_capacity(options.statement_cache_capacity);
    // From here on waiting is ours, in `Connection`: SQLite would sleep on the executor's thread.
    conn.busy_timeout(Duration::ZERO)?;
    Ok(conn)
}

fn bind(statement: &mut Statement<'_>, params: &[Value]) -> rusqlite::Result<()> {
    let expected = statement.parameter_count();
    if params.len() != expected {
        return Err(rusqlite::Error::InvalidParameterCount(params.len(), expected));
    }
    params.iter().enumerate().try_for_each(|(i, value)| statement.raw_bind_parameter(i + 1, value))
}

/// Runs the statement to its end. The inner result is an unreadable value: the statement itself went through.
fn collect(
    statement: &mut Statement<'_>,
    sql: &str,
    known: &mut HashMap<Box<str>, Arc<[String]>>,
    known_max: usize,
) -> rusqlite::Result<Result<QueryResult, Error>> {
    let width = statement.column_count();
    if width == 0 {
        statement.raw_execute()?;
        return Ok(Ok(QueryResult::default()));
    }
    let mut read = Ok(Vec::new());
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        // After a value that cannot be read the statement still runs to its end: it may be an
        // `insert ... returning`, which takes effect only when done.
        let Ok(so_far) = &mut read else { continue };
        let width = row.as_ref().column_count();
        let values: Result<Vec<Value>, Error> = (0..width).map(|i| Value::read(row.get_ref(i)?, i)).collect();
        match values {
            Ok(values) => so_far.push(values),
            Err(error) => read = Err(error),
        }
    }
    drop(rows);
    Ok(read.map(|rows| QueryResult { columns: column_names(statement, sql, known, known_max), rows }))
}

/// The statement's column names, from `known` if they are still the same: a schema change may alter them.
fn column_names(
    statement: &Statement<'_>,
    sql: &str,
    known: &mut HashMap<Box<str>, Arc<[String]>>,
    known_max: usize,
) -> Arc<[String]> {
    let count = statement.column_count();
    let name = |i| statement.column_name(i).unwrap_or_default();
    if let Some(names) = known.get(sql)
        && names.len() == count
        && names.iter().enumerate().all(|(i, known)| known == name(i))
    {
        return Arc::clone(names);
    }
    let names: Arc<[String]> = (0..count).map(|i| name(i).to_owned()).collect();
    if known.len() >= known_max {
        known.clear();
    }
    known.insert(sql.into(), Arc::clone(&names));
    names
}

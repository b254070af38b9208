//! One SQLite connection: how it is set up, and one attempt at a statement.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::limits::Limit;
use rusqlite::{Batch, MAIN_DB, OpenFlags, Row, Statement, TransactionState};

use crate::columns::ColumnNames;
use crate::counts::{Before, Carried, Counts};
use crate::error::{is_interrupt, is_retryable_busy};
use crate::guard;
use crate::interrupt::InterruptHandle;
use crate::watchdog::Watchdog;
use crate::{Durability, Error, Options, QueryResult, Value};

/// Virtual machine steps between two looks at the clock: some 10 to 100 microseconds.
const STEPS_PER_TICK: i32 = 1_000;

/// How an attempt at a statement ended.
#[derive(Debug)]
pub(crate) enum Attempt {
    /// It ran, or failed for good.
    Done(Result<QueryResult, Error>),
    /// It writes and the caller has not got the writer's turn: nothing happened yet.
    NeedsTurn,
    /// Another process holds the lock: nothing happened yet.
    Busy,
    /// It ran into the inline limit and was undone: to be run where it may take long.
    TooSlow,
}

/// How long a statement may compute.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// In any case.
    pub(crate) whole: Duration,
    /// Here, if it can be undone and run elsewhere.
    pub(crate) inline: Option<Duration>,
}

/// What SQLite says after a statement.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct After {
    pub(crate) counts: Counts,
    pub(crate) in_transaction: bool,
}

/// A connection with everything that must go with it.
pub(crate) struct Session {
    conn: rusqlite::Connection,
    frames: Arc<AtomicU32>,
    tainted: Arc<AtomicBool>,
    carried: Carried,
    watchdog: Arc<Watchdog>,
    columns: ColumnNames,
    slow: HashSet<Box<str>>,
    statements_max: usize,
    result_bytes_max: usize,
}

impl Session {
    /// Opens a session with a page cache of `page_cache_kib`.
    pub(crate) fn open(path: &Path, options: &Options, page_cache_kib: u32) -> Result<Self, Error> {
        let mut conn = connect(path, options)?;
        conn.pragma_update(None, "cache_size", -i64::from(page_cache_kib))?;
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
        conn.progress_handler(STEPS_PER_TICK, Some(move || ticking.tick()))?;
        let carried = Carried::install(&conn)?;
        let tainted = Arc::new(AtomicBool::new(false));
        guard::install(&mut conn, Arc::clone(&tainted))?;
        Ok(Self {
            conn,
            frames,
            tainted,
            carried,
            watchdog,
            columns: ColumnNames::new(options.statement_cache_capacity),
            slow: HashSet::new(),
            statements_max: options.statement_cache_capacity,
            result_bytes_max: options.result_bytes_max,
        })
    }

    /// Tries a statement once, without waiting for anything.
    pub(crate) fn attempt(
        &mut self,
        sql: &str,
        params: &[Value],
        may_write: bool,
        limits: Limits,
    ) -> Attempt {
        if self.watchdog.is_cancelled() {
            return Attempt::Done(Err(Error::Interrupted));
        }
        let Self { conn, columns, watchdog, result_bytes_max, carried, .. } = self;
        let mut inline = limits.inline;
        let outcome = conn.prepare_cached(sql).and_then(|mut statement| {
            let writes = !statement.readonly();
            if writes && !may_write {
                return Ok(None);
            }
            // Stopping a write inside a transaction rolls the transaction back: that cannot be run again.
            if writes && !conn.is_autocommit() {
                inline = None;
            }
            watchdog.start(inline.unwrap_or(limits.whole));
            bind(&mut statement, params)?;
            let before = writes.then(|| Before::of(conn));
            let collected = collect(&mut statement, sql, columns, *result_bytes_max);
            drop(statement);
            if let Some(before) = before {
                carried.after_write(conn, before);
            }
            collected.map(Some)
        });
        match outcome {
            Ok(None) => Attempt::NeedsTurn,
            Ok(Some(result)) => {
                match limits.inline {
                    Some(inline) if watchdog.ran_longer_than(inline) => self.note_slow(sql),
                    None if !watchdog.took_many_steps() => _ = self.slow.remove(sql),
                    Some(_) | None => {}
                }
                Attempt::Done(result)
            }
            Err(error) if is_retryable_busy(&error) => Attempt::Busy,
            Err(error) if is_interrupt(&error) && inline.is_some() && watchdog.expired() => {
                self.note_slow(sql);
                Attempt::TooSlow
            }
            Err(error) => Attempt::Done(Err(self.explain(error, limits))),
        }
    }

    fn explain(&self, error: rusqlite::Error, limits: Limits) -> Error {
        if !is_interrupt(&error) {
            error.into()
        } else if self.watchdog.expired() {
            Error::TimeLimit { limit: limits.whole }
        } else {
            Error::Interrupted
        }
    }

    /// Whether the statement was long last time.
    pub(crate) fn is_slow(&self, sql: &str) -> bool {
        !self.slow.is_empty() && self.slow.contains(sql)
    }

    fn note_slow(&mut self, sql: &str) {
        if self.slow.len() >= self.statements_max {
            self.slow.clear();
        }
        self.slow.insert(sql.into());
    }

    /// Hands the statements of a script one after another to `each`, as something to attempt until done.
    pub(crate) fn each_statement(
        &self,
        script: &str,
        limits: Limits,
        mut each: impl FnMut(&mut dyn FnMut() -> Attempt) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut batch = Batch::new(&self.conn, script);
        while let Some(mut statement) = batch.next()? {
            each(&mut || {
                self.watchdog.start(limits.whole);
                let before = (!statement.readonly()).then(|| Before::of(&self.conn));
                let mut rows = statement.raw_query();
                let attempt = loop {
                    match rows.next() {
                        Ok(Some(_)) => {}
                        Ok(None) => break Attempt::Done(Ok(QueryResult::default())),
                        Err(error) if is_retryable_busy(&error) => break Attempt::Busy,
                        Err(error) => break Attempt::Done(Err(self.explain(error, limits))),
                    }
                };
                drop(rows);
                if let Some(before) = before {
                    self.carried.after_write(&self.conn, before);
                }
                attempt
            })?;
        }
        Ok(())
    }

    /// Frames in the WAL after a commit by this session that was not asked about yet.
    pub(crate) fn take_frames(&self) -> Option<u32> {
        Some(self.frames.swap(0, Ordering::Relaxed)).filter(|&frames| frames > 0)
    }

    /// Whether SQLite's own write lock is ours. A deferred transaction that could not write has not got it.
    pub(crate) fn is_writing(&self) -> bool {
        self.conn.transaction_state(Some(MAIN_DB)).is_ok_and(|state| state == TransactionState::Write)
    }

    fn in_transaction(&self) -> bool {
        !self.conn.is_autocommit()
    }

    pub(crate) fn after(&self) -> After {
        After { counts: self.counts(), in_transaction: self.in_transaction() }
    }

    pub(crate) fn counts(&self) -> Counts {
        self.carried.counts(&self.conn)
    }

    /// Whether a statement changed the connection itself, so that it must serve this user only.
    fn is_tainted(&self) -> bool {
        self.tainted.load(Ordering::Relaxed)
    }

    /// Whether the user's next statement must run here.
    pub(crate) fn must_stay(&self) -> bool {
        self.in_transaction() || self.is_tainted()
    }

    /// Lets nobody else have the session after this user.
    pub(crate) fn taint(&self) {
        self.tainted.store(true, Ordering::Relaxed);
    }

    /// Makes the session answer for a user who did `counts` so far.
    pub(crate) fn begin_loan(&self, counts: Counts) {
        self.carried.set(&self.conn, counts);
        self.watchdog.reset();
    }

    /// Makes the session usable again after its statement was stopped because its caller had gone.
    pub(crate) fn forget_recall(&self) {
        self.watchdog.reset();
    }

    pub(crate) fn watchdog(&self) -> Arc<Watchdog> {
        Arc::clone(&self.watchdog)
    }

    /// Makes `handle` stop this session's statements from now on.
    pub(crate) fn attach(&self, handle: &InterruptHandle) {
        handle.attach(self.conn.get_interrupt_handle());
    }

    /// Brings the session back to how it was opened. False if that cannot be done: then close it.
    pub(crate) fn reset(&mut self) -> bool {
        self.begin_loan(Counts::default());
        if self.in_transaction()
            && let Err(error) = self.conn.execute_batch("rollback")
        {
            tracing::warn!(%error, "roll back failed; closing the connection");
        }
        !self.in_transaction() && !self.is_tainted()
    }
}

/// Opens a connection and sets what every connection of ours has, also the checkpoint thread's.
pub(crate) fn connect(path: &Path, options: &Options) -> rusqlite::Result<rusqlite::Connection> {
    // Not SQLITE_OPEN_URI: a file name is a file name. NO_MUTEX: a connection is used by one thread at a time.
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = rusqlite::Connection::open_with_flags(path, flags)?;
    // Waiting is ours, in `Connection`: SQLite would sleep on the executor's thread.
    conn.busy_timeout(Duration::ZERO)?;
    let synchronous = match options.durability {
        Durability::EachCommit => "full",
        Durability::Grouped | Durability::Lazy => "normal",
    };
    conn.pragma_update(None, "synchronous", synchronous)?;
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "temp_store", "memory")?;
    conn.pragma_update(None, "mmap_size", i64::try_from(options.mmap_bytes).unwrap_or(i64::MAX))?;
    // Plans do not depend on bound values. Otherwise SQLite prepares a statement anew whenever a value that the
    // planner has looked at (a bound of a range, say) changes: two of a balance's seven statements at every request.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // Closing must not sync behind our back: after a failed sync that would pass off lost pages as written.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    conn.set_limit(Limit::SQLITE_LIMIT_LENGTH, i32::try_from(options.result_bytes_max).unwrap_or(i32::MAX))?;
    conn.set_prepared_statement_cache_capacity(options.statement_cache_capacity);
    Ok(conn)
}

/// Opens the first connection, which puts the file in WAL mode: that stays in the file.
pub(crate) fn connect_first(options: &Options) -> Result<rusqlite::Connection, Error> {
    let path = &options.path;
    let open_error = |message: String| Error::Open { path: path.clone(), message };
    let conn = connect(path, options).map_err(|error| open_error(error.to_string()))?;
    conn.busy_timeout(options.busy_timeout)?;
    let mode = conn.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get::<_, String>(0));
    match mode.map_err(|error| open_error(error.to_string()))?.as_str() {
        "wal" => Ok(conn),
        mode => Err(open_error(format!("the file system does not support WAL (journal mode is {mode})"))),
    }
}

fn bind(statement: &mut Statement<'_>, params: &[Value]) -> rusqlite::Result<()> {
    let expected = statement.parameter_count();
    if params.len() != expected {
        return Err(rusqlite::Error::InvalidParameterCount(params.len(), expected));
    }
    params.iter().enumerate().try_for_each(|(i, value)| statement.raw_bind_parameter(i + 1, value))
}

/// Runs the statement to its end. The inner result is about its rows: the statement itself went through.
fn collect(
    statement: &mut Statement<'_>,
    sql: &str,
    columns: &mut ColumnNames,
    bytes_max: usize,
) -> rusqlite::Result<Result<QueryResult, Error>> {
    if statement.column_count() == 0 {
        statement.raw_execute()?;
        return Ok(Ok(QueryResult::default()));
    }
    let readonly = statement.readonly();
    let mut read = Ok(Vec::new());
    let mut bytes = 0;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        let Ok(so_far) = &mut read else {
            // Nobody will see the rest. A read can stop; a write with `returning` must run to its end.
            if readonly {
                break;
            }
            continue;
        };
        match read_row(row) {
            Ok(values) => {
                bytes += values.iter().map(Value::bytes).sum::<usize>();
                so_far.push(values);
            }
            Err(error) => read = Err(error),
        }
        if bytes > bytes_max {
            read = Err(Error::ResultTooLarge { max: bytes_max });
            bytes = 0;
        }
    }
    drop(rows);
    Ok(read.map(|rows| QueryResult { columns: columns.of(statement, sql), rows }))
}

fn read_row(row: &Row<'_>) -> Result<Vec<Value>, Error> {
    (0..row.as_ref().column_count()).map(|column| Value::read(row.get_ref(column)?, column)).collect()
}

//! The database: its pool, its threads, its beginning and end.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use tokio::sync::Semaphore;

use crate::checkpoint::Checkpointer;
use crate::connection::Connection;
use crate::lease::Lease;
use crate::log::{Fdatasync, Log, Syncer, WalFile, run_sync_thread};
use crate::metrics::{Counters, Metrics};
use crate::queue::Queue;
use crate::session::{self, Session};
use crate::wait::{Mode, run_blocking};
use crate::{Durability, Error, Options};

/// An open database. A clone is another handle to the same one.
#[derive(Clone, Debug)]
pub struct Database {
    shared: Arc<Shared>,
}

/// What all handles and connections of a database share.
pub(crate) struct Shared {
    pub(crate) options: Options,
    pub(crate) log: Arc<Log>,
    pub(crate) queue: Arc<Queue>,
    pub(crate) counters: Arc<Counters>,
    path: PathBuf,
    slots: Arc<Semaphore>,
    pool: Mutex<Pool>,
    writer: Mutex<Writer>,
    sync_thread: Mutex<Option<JoinHandle<()>>>,
    checkpoint_thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct Pool {
    idle: Vec<Session>,
    closed: bool,
}

/// The session that writes, when nobody has the turn: see [`Lease::take_turn`].
#[derive(Default)]
struct Writer {
    idle: Option<Session>,
    closed: bool,
}

impl Database {
    /// Opens the file, making it if missing, and starts the sync and checkpoint threads.
    ///
    /// # Errors
    /// [`Error::Open`] if the file cannot be opened, is no database, or its file system cannot do WAL.
    pub fn open(options: Options) -> Result<Self, Error> {
        Self::open_with_syncer(options, Box::new(Fdatasync))
    }

    /// Like [`Database::open`], with another way to make the WAL durable: for tests that lose or refuse syncs.
    ///
    /// # Errors
    /// As [`Database::open`].
    pub fn open_with_syncer(options: Options, syncer: Box<dyn Syncer>) -> Result<Self, Error> {
        let conn = session::connect_first(&options)?;
        // The first read opens the WAL and recovers it if a predecessor was killed.
        conn.query_row("select count(*) from sqlite_schema", [], |_| Ok(()))?;
        let page_size: u32 = conn.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let system_error =
            |e: std::io::Error| Error::Open { path: options.path.clone(), message: e.to_string() };
        // SQLite follows a symbolic link before it names the WAL.
        let path = fs::canonicalize(&options.path).map_err(system_error)?;
        let mut wal_path = path.clone().into_os_string();
        wal_path.push("-wal");
        let wal = WalFile::open(wal_path.into(), syncer).map_err(system_error)?;

        let counters = Arc::new(Counters::default());
        let log = Log::new(
            Arc::clone(&counters),
            options.durability,
            page_size.into(),
            options.checkpoint_wal_bytes,
        );
        let shared = Shared {
            log: Arc::new(log),
            queue: Arc::new(Queue::new(Arc::clone(&counters))),
            slots: Arc::new(Semaphore::new(options.connections_max)),
            path,
            options,
            counters,
            pool: Mutex::default(),
            writer: Mutex::default(),
            sync_thread: Mutex::default(),
            checkpoint_thread: Mutex::default(),
        };
        shared.start_threads(conn, wal)?;
        Ok(Self { shared: Arc::new(shared) })
    }

    /// A connection from the pool, or a new one. It goes back when dropped.
    ///
    /// # Errors
    /// [`Error::ConnectionLimit`] if too many are in use for longer than the busy timeout, [`Error::Closed`]
    /// after [`Database::shutdown`], or SQLite's error.
    pub async fn connect(&self) -> Result<Connection, Error> {
        self.connect_in(Mode::Async).await
    }

    /// [`Database::connect`] for a thread that may block.
    ///
    /// # Errors
    /// As [`Database::connect`].
    pub fn connect_blocking(&self) -> Result<Connection, Error> {
        run_blocking(self.connect_in(Mode::Blocking))
    }

    async fn connect_in(&self, mode: Mode) -> Result<Connection, Error> {
        let shared = &self.shared;
        let slot = match Arc::clone(&shared.slots).try_acquire_owned() {
            Ok(slot) => slot,
            Err(_) => {
                let deadline = Instant::now() + shared.options.busy_timeout;
                let max = shared.options.connections_max;
                let slot = mode.until(deadline, Arc::clone(&shared.slots).acquire_owned()).await;
                slot.ok_or(Error::ConnectionLimit { max })?.map_err(|_| Error::Closed)?
            }
        };
        Ok(Connection::new(Lease::new(slot, Arc::clone(shared)), Arc::clone(shared)))
    }

    /// Counters since the database was opened.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        self.shared.counters.snapshot(self.shared.pool().idle.len())
    }

    /// False once a sync has failed or the database was shut down: no write will succeed.
    #[must_use]
    pub fn healthy(&self) -> bool {
        !self.shared.pool().closed && self.shared.log.refuse_if_poisoned().is_ok()
    }

    /// Ends the database well: no new connections, the writer at work finishes, then sync, checkpoint, close.
    /// Connections still out can read until dropped. Calling it again does nothing.
    ///
    /// # Errors
    /// [`Error::Busy`] if a writer kept its transaction open beyond the busy timeout (the rest is done all the
    /// same, and that transaction will be rolled back), [`Error::Poisoned`] if a sync has failed.
    pub async fn shutdown(&self) -> Result<(), Error> {
        let this = self.clone();
        tokio::task::spawn_blocking(move || this.shutdown_blocking()).await.unwrap_or(Err(Error::Closed))
    }

    /// [`Database::shutdown`] for a thread that may block.
    ///
    /// # Errors
    /// As [`Database::shutdown`].
    pub fn shutdown_blocking(&self) -> Result<(), Error> {
        let shared = &self.shared;
        shared.slots.close();
        let idle = {
            let mut pool = shared.pool();
            pool.closed = true;
            std::mem::take(&mut pool.idle)
        };
        idle.into_iter().for_each(|session| shared.close_session(session));
        let deadline = Instant::now() + shared.options.busy_timeout;
        let last_turn = run_blocking(shared.queue.turn(Mode::Blocking, deadline));
        shared.queue.close();
        shared.close_writer();
        shared.stop_threads();
        match last_turn {
            Err(error @ Error::Busy { .. }) => Err(error),
            _ => shared.log.refuse_if_poisoned(),
        }
    }
}

impl Shared {
    fn start_threads(&self, conn: rusqlite::Connection, wal: WalFile) -> Result<(), Error> {
        let spawn_error =
            |e: std::io::Error| Error::Open { path: self.path.clone(), message: format!("no thread: {e}") };
        if self.options.durability == Durability::Grouped {
            let log = Arc::clone(&self.log);
            let thread = thread::Builder::new().name("sqlite-sync".into());
            let thread = thread.spawn(move || run_sync_thread(&log, wal)).map_err(spawn_error)?;
            *lock(&self.sync_thread) = Some(thread);
        }
        let (log, queue) = (Arc::clone(&self.log), Arc::clone(&self.queue));
        let truncate_wal_bytes = self.options.truncate_wal_bytes;
        let checkpointer = Checkpointer::new(conn, truncate_wal_bytes, Arc::clone(&self.counters))?;
        let thread = thread::Builder::new().name("sqlite-checkpoint".into());
        let thread = thread.spawn(move || checkpointer.run(&log, &queue)).map_err(spawn_error)?;
        *lock(&self.checkpoint_thread) = Some(thread);
        Ok(())
    }

    fn stop_threads(&self) {
        // In this order: the last checkpoint removes the WAL, so all of it must have been answered for by then.
        self.log.stop_sync();
        join(&self.sync_thread);
        // Whoever commits from now on would wait for a sync that never comes.
        self.log.close();
        self.log.stop_checkpoints();
        join(&self.checkpoint_thread);
    }

    fn pool(&self) -> MutexGuard<'_, Pool> {
        lock(&self.pool)
    }

    /// A session out of the pool, or a new one. After the shutdown too: connections still out can read.
    pub(crate) fn session(&self) -> Result<Session, Error> {
        // The one that was used last has the warmest cache.
        let pooled = self.pool().idle.pop();
        pooled.map_or_else(|| self.open_session(self.options.page_cache_kib), Ok)
    }

    fn open_session(&self, page_cache_kib: u32) -> Result<Session, Error> {
        let session = Session::open(&self.path, &self.options, page_cache_kib)?;
        self.counters.connections_open.fetch_add(1, Ordering::Relaxed);
        Ok(session)
    }

    /// The session that writes. To be called with the turn.
    pub(crate) fn writer(&self) -> Result<Session, Error> {
        let idle = lock(&self.writer).idle.take();
        idle.map_or_else(|| self.open_session(self.options.writer_page_cache_kib), Ok)
    }

    /// Takes the writing session back, as clean as one for the pool. To be called before the turn is passed on.
    pub(crate) fn keep_writer(&self, session: Session) {
        let mut writer = lock(&self.writer);
        if writer.closed {
            drop(writer);
            self.close_session(session);
        } else {
            writer.idle = Some(session);
        }
    }

    /// Closes the writing session, now or when whoever has it gives it back.
    fn close_writer(&self) {
        let idle = {
            let mut writer = lock(&self.writer);
            writer.closed = true;
            writer.idle.take()
        };
        idle.into_iter().for_each(|session| self.close_session(session));
    }

    /// Takes back a session that has nothing of its user's.
    pub(crate) fn pool_session(&self, session: Session) {
        let mut pool = self.pool();
        if pool.closed || pool.idle.len() >= self.options.pool_idle_max {
            drop(pool);
            self.close_session(session);
        } else {
            pool.idle.push(session);
        }
    }

    /// Any statement can hit a failed sync: starting the WAL over syncs its header in every mode.
    pub(crate) fn poison_if_sync_failed(&self, error: &Error) {
        if error.is_failed_sync() {
            self.log.poison(&format!("sync in a statement failed: {error}"));
        }
    }

    pub(crate) fn close_session(&self, session: Session) {
        drop(session);
        self.counters.connections_open.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.pool().idle.clear();
        self.close_writer();
        self.stop_threads();
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").field("path", &self.path).finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing under these locks can be left half done by a panic.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn join(thread: &Mutex<Option<JoinHandle<()>>>) {
    let thread = lock(thread).take();
    if thread.is_some_and(|thread| thread.join().is_err()) {
        tracing::error!("a database thread panicked");
    }
}

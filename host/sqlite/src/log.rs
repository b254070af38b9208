//! Group commit: who has appended to the WAL, how far it is known durable, and the thread that syncs.
//!
//! With `synchronous=NORMAL` a commit only appends to the WAL (a few microseconds). Each commit takes a ticket
//! under the writer's turn, so tickets have the order of the WAL. The sync thread takes the latest ticket, syncs
//! the `-wal` file, and publishes that ticket as durable; whoever holds it or an earlier one may be answered.
//! A commit that arrives during a sync is covered by the next one. The crate's documentation says why it
//! is safe.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::metrics::Counters;
use crate::wait::Mode;
use crate::{Durability, Error};

/// Bytes before the first frame of a WAL.
const WAL_HEADER_BYTES: u64 = 32;
/// Bytes before the page in each frame.
const WAL_FRAME_HEADER_BYTES: u64 = 24;

/// Makes the WAL durable. [`Fdatasync`] is the real one; tests put in one that records, or fails.
pub trait Syncer: Send + 'static {
    /// Returns when every byte written to `wal` before the call is durable, and its length too.
    ///
    /// # Errors
    /// Any error poisons the database: see [`Error::Poisoned`].
    fn sync(&mut self, wal: &File) -> io::Result<()>;
}

/// `fdatasync(2)`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fdatasync;

impl Syncer for Fdatasync {
    fn sync(&mut self, wal: &File) -> io::Result<()> {
        wal.sync_data()
    }
}

/// A place in the order of commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ticket(u64);

/// How far the log is durable, published to everyone who waits.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    durable: Ticket,
    end: Option<End>,
}

/// Why no later commit will be acknowledged.
#[derive(Clone, Debug)]
enum End {
    Poisoned(Arc<str>),
    Closed,
}

impl End {
    fn error(&self) -> Error {
        match self {
            Self::Poisoned(reason) => Error::Poisoned { reason: Arc::clone(reason) },
            Self::Closed => Error::Closed,
        }
    }
}

#[derive(Debug)]
struct State {
    appended: Ticket,
    /// Up to where the latest sync went or goes.
    synced: Ticket,
    wal_bytes: u64,
    checkpoint_due: bool,
    stop_sync: bool,
    stop_checkpoints: bool,
}

/// Shared by writers, the sync thread and the checkpoint thread.
#[derive(Debug)]
pub(crate) struct Log {
    state: Mutex<State>,
    appended: Condvar,
    checkpoint: Condvar,
    progress: watch::Sender<Progress>,
    counters: Arc<Counters>,
    durability: Durability,
    frame_bytes: u64,
    checkpoint_wal_bytes: u64,
}

impl Log {
    pub(crate) fn new(
        counters: Arc<Counters>,
        durability: Durability,
        page_size: u64,
        checkpoint_wal_bytes: u64,
    ) -> Self {
        let start = Ticket(0);
        Self {
            state: Mutex::new(State {
                appended: start,
                synced: start,
                wal_bytes: 0,
                checkpoint_due: false,
                stop_sync: false,
                stop_checkpoints: false,
            }),
            appended: Condvar::new(),
            checkpoint: Condvar::new(),
            progress: watch::Sender::new(Progress { durable: start, end: None }),
            counters,
            durability,
            frame_bytes: WAL_FRAME_HEADER_BYTES + page_size,
            checkpoint_wal_bytes,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics under this lock; if something did, the plain numbers inside would still be whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a commit after which the WAL holds `frames` frames. Call it under the writer's turn.
    pub(crate) fn append(&self, frames: u32) -> Ticket {
        let mut state = self.state();
        state.appended.0 += 1;
        state.wal_bytes = WAL_HEADER_BYTES + u64::from(frames) * self.frame_bytes;
        self.counters.commits.fetch_add(1, Ordering::Relaxed);
        self.counters.wal_bytes.store(state.wal_bytes, Ordering::Relaxed);
        if state.wal_bytes >= self.checkpoint_wal_bytes && !state.checkpoint_due {
            state.checkpoint_due = true;
            self.checkpoint.notify_one();
        }
        let unsynced = state.appended.0 - state.synced.0;
        if self.durability == Durability::Grouped && (unsynced == 1 || !self.gathers(unsynced)) {
            self.appended.notify_one();
        }
        state.appended
    }

    /// The ticket of the latest commit.
    pub(crate) fn latest(&self) -> Ticket {
        self.state().appended
    }

    /// A view of the progress for [`Log::durable`].
    pub(crate) fn watch(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// Waits until `ticket` is durable. Never gives up: until the sync is over nobody can tell what to answer.
    pub(crate) async fn durable(
        &self,
        mode: Mode,
        progress: &mut watch::Receiver<Progress>,
        ticket: Ticket,
    ) -> Result<(), Error> {
        if self.durability != Durability::Grouped {
            return self.refuse_if_poisoned();
        }
        let settled = progress.wait_for(|p| p.durable >= ticket || p.end.is_some());
        // An error would mean that the sender, which is in `self`, is gone.
        let seen = mode.wait(settled).await.map_err(|_| Error::Closed)?;
        match &seen.end {
            Some(end) if seen.durable < ticket => Err(end.error()),
            _ => Ok(()),
        }
    }

    /// Stops all acknowledgements for good: after a failed sync the kernel may have dropped the unsynced pages
    /// and report success next time, so no later sync proves anything.
    pub(crate) fn poison(&self, reason: &str) {
        if self.end(End::Poisoned(reason.into())) {
            tracing::error!(reason, "database poisoned: no write is acknowledged any more");
        }
    }

    /// Refuses all writes from now on, in good order.
    pub(crate) fn close(&self) {
        self.end(End::Closed);
    }

    /// The first end stays.
    fn end(&self, end: End) -> bool {
        self.progress.send_if_modified(|progress| {
            let first = progress.end.is_none();
            progress.end.get_or_insert(end);
            first
        })
    }

    pub(crate) fn refuse_if_poisoned(&self) -> Result<(), Error> {
        match &self.progress.borrow().end {
            Some(end @ End::Poisoned(_)) => Err(end.error()),
            Some(End::Closed) | None => Ok(()),
        }
    }

    pub(crate) fn refuse_writes(&self) -> Result<(), Error> {
        self.progress.borrow().end.as_ref().map_or(Ok(()), |end| Err(end.error()))
    }

    /// Ends the sync thread once everything appended is durable.
    pub(crate) fn stop_sync(&self) {
        self.state().stop_sync = true;
        self.appended.notify_all();
    }

    /// Ends the checkpoint thread after its last checkpoint.
    pub(crate) fn stop_checkpoints(&self) {
        self.state().stop_checkpoints = true;
        self.checkpoint.notify_all();
    }

    /// Waits until a checkpoint is due (true) or no more are wanted (false).
    pub(crate) fn wait_checkpoint_due(&self) -> bool {
        let idle = |state: &mut State| !state.checkpoint_due && !state.stop_checkpoints;
        let mut state =
            self.checkpoint.wait_while(self.state(), idle).unwrap_or_else(PoisonError::into_inner);
        state.checkpoint_due = false;
        !state.stop_checkpoints
    }

    /// Sleeps between checkpoint attempts, less if no more are wanted.
    pub(crate) fn pause_checkpoints(&self, pause: Duration) {
        let _unused = self
            .checkpoint
            .wait_timeout_while(self.state(), pause, |state| !state.stop_checkpoints)
            .unwrap_or_else(PoisonError::into_inner);
    }

    /// Notes that the next commit starts the WAL over. Call it under the writer's turn.
    pub(crate) fn started_over(&self) {
        let mut state = self.state();
        (state.wal_bytes, state.checkpoint_due) = (0, false);
    }

    /// Bytes of WAL in use after the latest commit.
    pub(crate) fn wal_bytes(&self) -> u64 {
        self.state().wal_bytes
    }

    /// Whether to wait for the commits of writers in line before `unsynced` ones are synced.
    fn gathers(&self, unsynced: u64) -> bool {
        unsynced < GATHER_COMMITS && self.counters.writers_waiting.load(Ordering::Relaxed) > 0
    }

    /// The next ticket to sync up to and the WAL's size there; `None` when all is synced and the thread may end.
    fn next_sync(&self, last: &LastSync) -> Option<(Ticket, u64)> {
        let idle = |state: &mut State| state.appended == last.done && !state.stop_sync;
        let mut state = self.appended.wait_while(self.state(), idle).unwrap_or_else(PoisonError::into_inner);
        let window = (last.ended + last.took / GATHER_FRACTION).saturating_duration_since(Instant::now());
        if !window.is_zero() {
            let back = |state: &mut State| state.appended < last.expected && !state.stop_sync;
            let gathered = self.appended.wait_timeout_while(state, window, back);
            state = gathered.unwrap_or_else(PoisonError::into_inner).0;
        }
        let more = |state: &mut State| !state.stop_sync && self.gathers(state.appended.0 - state.synced.0);
        let gathered = self.appended.wait_timeout_while(state, GATHER_MAX, more);
        state = gathered.unwrap_or_else(PoisonError::into_inner).0;
        state.synced = state.appended;
        (state.appended > last.done).then_some((state.appended, state.wal_bytes))
    }
}

/// The share of a sync's time for which the next one waits for writers that the last one released.
///
/// Without it the writers fall into two halves that sync in turn: one half appends while the other half's sync
/// runs. With 16 writers and 4 ms added to each sync (example `group_commit`, busy machine) it took commits a
/// second from 926 to 1,376 and the median from 19 to 8 ms. A writer alone never waits, nor does one that comes
/// later than this.
const GATHER_FRACTION: u32 = 4;

/// Commits for which a sync waits as long as writers stand in line: they come one after another without a pause, and
/// each sync costs the processor as much as a third of a small transaction. Who is in line has waited much longer for
/// the turn than this adds.
const GATHER_COMMITS: u64 = 8;
/// How long a sync waits for them, should a turn take long.
const GATHER_MAX: Duration = Duration::from_millis(3);

/// What the sync thread knows when it looks for more to do.
struct LastSync {
    done: Ticket,
    ended: Instant,
    took: Duration,
    /// Where the log will be when everyone whom this sync released has committed again.
    expected: Ticket,
}

/// The `-wal` file as the sync thread sees it.
///
/// SQLite guards the main database file with POSIX advisory locks, which the kernel drops as soon as *any*
/// descriptor of that file is closed by the process: so this crate never opens that file itself. The `-wal` file
/// carries no locks (they are in `-shm`), so a descriptor of our own is safe to open and close.
pub(crate) struct WalFile {
    file: File,
    path: PathBuf,
    inode: u64,
    syncer: Box<dyn Syncer>,
}

impl WalFile {
    /// Opens the WAL and makes it durable as found, and its folder entry: a predecessor that was killed may have
    /// left commits that so far only the page cache holds, and answers given from now on may rest on them.
    pub(crate) fn open(path: PathBuf, syncer: Box<dyn Syncer>) -> io::Result<Self> {
        let file = File::options().read(true).write(true).open(&path)?;
        let inode = file.metadata()?.ino();
        let mut wal = Self { file, path, inode, syncer };
        wal.sync()?;
        File::open(wal.path.parent().unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(wal)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.syncer.sync(&self.file)?;
        // SQLite removes the WAL only when its last connection closes, and ours stays open. If the name no longer
        // leads to this file, somebody removed it: SQLite goes on writing to the orphan, and a restart would not
        // find a single commit of it. Syncing whatever has the name now would prove nothing.
        if fs::metadata(&self.path)?.ino() != self.inode {
            return Err(io::Error::other("the -wal file was removed or replaced while in use"));
        }
        Ok(())
    }
}

/// Syncs until told to stop or until a sync fails.
pub(crate) fn run_sync_thread(log: &Log, mut wal: WalFile) {
    let _guard = PoisonOnPanic(log);
    let start = Ticket(0);
    let mut last = LastSync { done: start, ended: Instant::now(), took: Duration::ZERO, expected: start };
    while let Some((target, wal_bytes)) = log.next_sync(&last) {
        let started = Instant::now();
        if let Err(error) = wal.sync() {
            log.poison(&format!("sync of the WAL failed: {error}"));
            return;
        }
        let (took, released) = (started.elapsed(), target.0 - last.done.0);
        log.counters.syncs.add_time(took);
        log.counters.batch.add(released);
        log.counters.wal_synced_bytes.store(wal_bytes, Ordering::Relaxed);
        let expected = Ticket(log.latest().0 + released);
        last = LastSync { done: target, ended: Instant::now(), took, expected };
        log.progress.send_modify(|progress| progress.durable = target);
    }
}

/// Waiters must not wait for ever for a thread that is no more.
struct PoisonOnPanic<'a>(&'a Log);

impl Drop for PoisonOnPanic<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.poison("the sync thread panicked");
        }
    }
}

//! A connection on loan from the pool, and the life of a statement on it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, watch};

use crate::database::Shared;
use crate::interrupt::InterruptHandle;
use crate::log::{Progress, Ticket};
use crate::queue::Turn;
use crate::session::{Attempt, Session};
use crate::wait::{Mode, run_blocking};
use crate::{Error, QueryResult, Value};

/// The first pause when another process holds the lock; each next one is twice as long.
const BUSY_PAUSE_MIN: Duration = Duration::from_micros(250);
/// The longest such pause.
const BUSY_PAUSE_MAX: Duration = Duration::from_millis(10);

/// A connection, with at most one open transaction. Dropping it rolls back what is open and gives it back.
#[derive(Debug)]
pub struct Connection {
    lease: Lease,
    progress: watch::Receiver<Progress>,
}

/// A session out of the pool, and the writer's turn while its transaction has it.
pub(crate) struct Lease {
    session: Option<Session>,
    turn: Option<Turn>,
    interrupt: InterruptHandle,
    shared: Arc<Shared>,
    _slot: OwnedSemaphorePermit,
}

impl Connection {
    pub(crate) fn new(lease: Lease) -> Self {
        let progress = lease.shared.log.watch();
        Self { lease, progress }
    }

    /// Runs one statement to its end. A write waits for its turn; the end of a writing transaction (which may be
    /// this very statement) waits until it is durable. Dropping the future is safe at any moment: it leaves the
    /// queue; a statement that already ran has had its effect.
    ///
    /// # Errors
    /// SQLite's ([`Error::Sqlite`]), or any other [`Error`] but [`Error::Open`].
    pub async fn execute(&mut self, sql: &str, params: &[Value]) -> Result<QueryResult, Error> {
        self.execute_in(Mode::Async, sql, params).await
    }

    /// [`Connection::execute`] for a thread that may block.
    ///
    /// # Errors
    /// As [`Connection::execute`].
    pub fn execute_blocking(&mut self, sql: &str, params: &[Value]) -> Result<QueryResult, Error> {
        run_blocking(self.execute_in(Mode::Blocking, sql, params))
    }

    /// Runs a script: any number of statements without parameters, each to its end, results dropped. The writer's
    /// turn is held throughout. It stops at the first error; statements before it keep their effect unless the
    /// script opened a transaction.
    ///
    /// # Errors
    /// As [`Connection::execute`].
    pub fn execute_batch_blocking(&mut self, script: &str) -> Result<(), Error> {
        let deadline = Instant::now() + self.lease.shared.options.busy_timeout;
        let turn = match self.lease.turn.take() {
            Some(turn) => turn,
            None => run_blocking(self.lease.shared.queue.turn(Mode::Blocking, deadline))?,
        };
        let result = self.lease.run_script(script);
        run_blocking(self.settle(Mode::Blocking, Some(turn), result))
    }

    /// Rows that the latest insert, update or delete on this connection changed.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.lease.session().changes()
    }

    /// The rowid of the latest insert on this connection.
    #[must_use]
    pub fn last_insert_rowid(&self) -> i64 {
        self.lease.session().last_insert_rowid()
    }

    /// A handle that stops this connection's running statement from elsewhere.
    #[must_use]
    pub fn interrupt_handle(&self) -> InterruptHandle {
        self.lease.interrupt.clone()
    }

    /// Whether a transaction is open.
    #[must_use]
    pub fn in_transaction(&self) -> bool {
        self.lease.session().in_transaction()
    }

    async fn execute_in(&mut self, mode: Mode, sql: &str, params: &[Value]) -> Result<QueryResult, Error> {
        let started = Instant::now();
        let deadline = started + self.lease.shared.options.busy_timeout;
        let limit = self.lease.shared.options.statement_time_limit;
        let mut pause = BUSY_PAUSE_MIN;
        // Kept here, not in the lease, until a transaction is open: a caller that drops this future while it
        // sleeps must not leave an idle connection sitting on the turn.
        let mut turn = None;
        loop {
            let may_write = turn.is_some() || self.lease.turn.is_some();
            if may_write {
                self.lease.shared.log.refuse_if_poisoned()?;
            }
            match self.lease.session_mut().attempt(sql, params, may_write, limit) {
                Attempt::Done(result) => {
                    let turn = self.lease.turn.take().or(turn);
                    return self.settle(mode, turn, result).await;
                }
                Attempt::NeedsTurn => turn = Some(self.lease.shared.queue.turn(mode, deadline).await?),
                Attempt::Busy if Instant::now() < deadline => {
                    mode.sleep(pause).await;
                    pause = (pause * 2).min(BUSY_PAUSE_MAX);
                }
                Attempt::Busy => return Err(Error::Busy { waited: started.elapsed() }),
            }
        }
    }

    /// After a statement that ran with the turn: keeps the turn if the transaction is still open; else passes it
    /// on and waits until all that was committed so far is durable. Also if this transaction wrote nothing, or
    /// failed: a replayed request that found its stored reply, or an insert refused as a duplicate, rests on an
    /// earlier commit, and its answer must not outlive that commit.
    async fn settle<T>(
        &mut self,
        mode: Mode,
        turn: Option<Turn>,
        result: Result<T, Error>,
    ) -> Result<T, Error> {
        let shared = &self.lease.shared;
        let session = self.lease.session.as_ref().expect(LEASED);
        let appended: Option<Ticket> = session.take_frames().map(|frames| shared.log.append(frames));
        if session.in_transaction() {
            self.lease.turn = turn;
            return result;
        }
        if turn.is_none() && appended.is_none() {
            return result;
        }
        let ticket = appended.unwrap_or_else(|| shared.log.latest());
        drop(turn);
        shared.log.durable(mode, &mut self.progress, ticket).await?;
        result
    }
}

/// Why taking the session cannot fail.
const LEASED: &str = "the session leaves the lease only when that is dropped";

impl Lease {
    pub(crate) fn new(session: Session, slot: OwnedSemaphorePermit, shared: Arc<Shared>) -> Self {
        let interrupt = session.interrupt_handle();
        Self { session: Some(session), turn: None, interrupt, shared, _slot: slot }
    }

    fn session(&self) -> &Session {
        self.session.as_ref().expect(LEASED)
    }

    fn session_mut(&mut self) -> &mut Session {
        self.session.as_mut().expect(LEASED)
    }

    /// Runs the statements of a script; the caller has the turn and settles the last commit.
    fn run_script(&mut self, script: &str) -> Result<(), Error> {
        let Self { session, shared, .. } = self;
        let session = session.as_ref().expect(LEASED);
        shared.log.refuse_if_poisoned()?;
        session.each_statement(script, shared.options.statement_time_limit, |attempt| {
            let started = Instant::now();
            let mut pause = BUSY_PAUSE_MIN;
            let result = loop {
                match attempt() {
                    Attempt::Done(result) => break result.map(drop),
                    _ if started.elapsed() >= shared.options.busy_timeout => {
                        break Err(Error::Busy { waited: started.elapsed() });
                    }
                    _ => {
                        std::thread::sleep(pause);
                        pause = (pause * 2).min(BUSY_PAUSE_MAX);
                    }
                }
            };
            if let Some(frames) = session.take_frames() {
                shared.log.append(frames);
            }
            result
        })
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(mut session) = self.session.take() else { return };
        self.interrupt.detach();
        let clean = session.reset();
        // Only now: the next writer must find SQLite's own lock free.
        drop(self.turn.take());
        if clean {
            self.shared.pool_session(session);
        } else {
            self.shared.close_session(session);
        }
    }
}

impl std::fmt::Debug for Lease {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lease").field("has_turn", &self.turn.is_some()).finish_non_exhaustive()
    }
}

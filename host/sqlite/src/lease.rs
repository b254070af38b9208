//! What a connection holds: a session while it needs one, the turn while it writes.
//!
//! A session (an SQLite connection with its page cache and its statements) is with a connection of ours only while a
//! statement runs, a transaction is open, or the session has settings or temporary tables of this user's. So few
//! sessions serve many connections: statements run on the threads of the executor, and there are few of those. Few
//! can have large caches. What a session knows of its user is carried along: see [`counts`](crate::counts).
//!
//! # Who writes
//!
//! All write transactions of a database run on one session, which goes from writer to writer with the turn. Every
//! commit by another SQLite connection voids the whole page cache: with as many writers as connections, each began
//! with an empty one and read the inner pages of every table and index that it touched anew. The one session's cache
//! stays right, because nobody else commits.
//!
//! Two kinds of user write on the session they have: one inside a deferred transaction, whose snapshot is there, and
//! one whose session must stay with it. If a user gives the writing session settings or temporary tables, it keeps
//! that one, and the next writer opens another.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::OwnedSemaphorePermit;

use crate::counts::Counts;
use crate::database::Shared;
use crate::interrupt::InterruptHandle;
use crate::log::Ticket;
use crate::queue::Turn;
use crate::session::{After, Attempt, Limits, Session};
use crate::{Error, Value};

/// The first pause when another process holds the lock; each next one is twice as long.
const BUSY_PAUSE_MIN: Duration = Duration::from_micros(250);
/// The longest such pause.
const BUSY_PAUSE_MAX: Duration = Duration::from_millis(10);

/// Why there is a session.
const TAKEN: &str = "taken on the lines before";

/// A connection's session and turn, while it has them.
pub(crate) struct Lease {
    session: Option<Session>,
    /// Whether that is the session that all writers share.
    shares_writer: bool,
    turn: Option<Turn>,
    /// As of the latest statement.
    counts: Counts,
    /// What the answer to the latest statement rests on, until waited for.
    pub(crate) owed: Option<Ticket>,
    interrupt: InterruptHandle,
    pub(crate) shared: Arc<Shared>,
    _slot: OwnedSemaphorePermit,
}

impl Lease {
    pub(crate) fn new(slot: OwnedSemaphorePermit, shared: Arc<Shared>) -> Self {
        Self {
            session: None,
            shares_writer: false,
            turn: None,
            counts: Counts::default(),
            owed: None,
            interrupt: InterruptHandle::default(),
            shared,
            _slot: slot,
        }
    }

    /// The session that the next statement runs on; from the pool if none is here.
    pub(crate) fn session(&mut self) -> Result<&mut Session, Error> {
        if self.session.is_none() {
            let session = self.shared.session()?;
            self.begin(session);
        }
        Ok(self.session.as_mut().expect(TAKEN))
    }

    fn begin(&mut self, session: Session) {
        session.begin_loan(self.counts);
        session.attach(&self.interrupt);
        self.session = Some(session);
    }

    fn end(&mut self) -> Option<Session> {
        let session = self.session.take()?;
        self.counts = session.counts();
        self.interrupt.detach();
        Some(session)
    }

    pub(crate) fn has_turn(&self) -> bool {
        self.turn.is_some()
    }

    /// What SQLite says after the latest statement.
    pub(crate) fn after(&self) -> After {
        self.session.as_ref().map_or(After { counts: self.counts, in_transaction: false }, Session::after)
    }

    /// Lets the session run statements although one was stopped because its caller had gone.
    pub(crate) fn forget_recall(&self) {
        if let Some(session) = &self.session {
            session.forget_recall();
        }
    }

    /// Takes the turn, and with it the session that writes, unless the one that is here must.
    pub(crate) fn take_turn(&mut self, turn: Turn) -> Result<(), Error> {
        self.turn = Some(turn);
        if self.session.as_ref().is_some_and(Session::must_stay) {
            return Ok(());
        }
        if let Some(session) = self.end() {
            self.shared.pool_session(session);
        }
        let writer = self.shared.writer()?;
        self.begin(writer);
        self.shares_writer = true;
        Ok(())
    }

    /// Passes the turn and the session on, if they are not needed between statements.
    pub(crate) fn relax(&mut self) {
        if self.session.as_ref().is_some_and(Session::is_writing) {
            return;
        }
        match &self.session {
            Some(session) if session.must_stay() => {
                if std::mem::take(&mut self.shares_writer) {
                    session.taint();
                }
            }
            _ => {
                if let Some(session) = self.end() {
                    if std::mem::take(&mut self.shares_writer) {
                        self.shared.keep_writer(session);
                    } else {
                        self.shared.pool_session(session);
                    }
                }
            }
        }
        // Last: whoever has it next takes the session.
        self.turn = None;
    }

    /// Tries a statement once; it may write if the turn is here.
    pub(crate) fn attempt(&mut self, sql: &str, params: &[Value], limits: Limits) -> Attempt {
        let may_write = self.has_turn();
        let attempt = match self.session() {
            Ok(session) => session.attempt(sql, params, may_write, limits),
            Err(error) => Attempt::Done(Err(error)),
        };
        if let Attempt::Done(Err(error)) = &attempt {
            self.shared.poison_if_sync_failed(error);
        }
        attempt
    }

    pub(crate) fn interrupt_handle(&self) -> InterruptHandle {
        self.interrupt.clone()
    }

    /// After a statement: notes what it committed, and passes on what its connection no longer needs.
    /// If it had the turn, its answer rests on all that was committed so far: also if it wrote nothing, or failed.
    /// A replayed request that found its stored reply, or an insert refused as a duplicate, rests on an earlier
    /// commit, and must not be answered while that can still vanish.
    pub(crate) fn settle(&mut self) {
        let frames = self.session.as_ref().and_then(Session::take_frames);
        let appended = frames.map(|frames| self.shared.log.append(frames));
        let had_turn = self.has_turn();
        self.relax();
        let passed_on = had_turn && !self.has_turn();
        let rests_on = appended.or_else(|| passed_on.then(|| self.shared.log.latest()));
        self.owed = rests_on.or(self.owed);
    }

    /// Runs the statements of a script, on a thread that may block. The caller has the turn, and settles.
    pub(crate) fn run_script(&mut self, script: &str) -> Result<(), Error> {
        let shared = Arc::clone(&self.shared);
        let Shared { log, options, .. } = &*shared;
        log.refuse_writes()?;
        let session = &*self.session()?;
        let limits = Limits { whole: options.statement_time_limit, inline: None };
        session.each_statement(script, limits, |attempt| {
            let mut backoff = Backoff::new(options.busy_timeout);
            let result = loop {
                match attempt() {
                    Attempt::Done(result) => break result.map(drop),
                    Attempt::Busy | Attempt::NeedsTurn | Attempt::TooSlow => match backoff.next() {
                        Ok(pause) => std::thread::sleep(pause),
                        Err(busy) => break Err(busy),
                    },
                }
            };
            if let Some(frames) = session.take_frames() {
                log.append(frames);
            }
            result.inspect_err(|error| shared.poison_if_sync_failed(error))
        })
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.interrupt.detach();
        let Some(mut session) = self.session.take() else { return };
        let clean = session.reset();
        // What the last statement committed, if its caller was cancelled before it could be noted.
        if let Some(frames) = session.take_frames() {
            self.shared.log.append(frames);
        }
        match (clean, self.shares_writer) {
            (true, true) => self.shared.keep_writer(session),
            (true, false) => self.shared.pool_session(session),
            (false, _) => self.shared.close_session(session),
        }
        // Only now: the next writer must find SQLite's own lock free, and the session that writes.
        drop(self.turn.take());
    }
}

impl std::fmt::Debug for Lease {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lease").field("has_turn", &self.has_turn()).finish_non_exhaustive()
    }
}

/// Pauses for as long as another process holds the lock, up to the busy timeout.
pub(crate) struct Backoff {
    started: Instant,
    pub(crate) deadline: Instant,
    pause: Duration,
}

impl Backoff {
    pub(crate) fn new(timeout: Duration) -> Self {
        let started = Instant::now();
        Self { started, deadline: started + timeout, pause: BUSY_PAUSE_MIN }
    }

    /// How long to sleep before the next attempt.
    pub(crate) fn next(&mut self) -> Result<Duration, Error> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Error::Busy { waited: self.started.elapsed() });
        }
        let pause = self.pause.min(left);
        self.pause = (self.pause * 2).min(BUSY_PAUSE_MAX);
        Ok(pause)
    }
}

//! A session out of the pool, and how it gets back.
//!
//! # Who writes
//!
//! All write transactions of a database run on one session, which goes from writer to writer with the turn. Every
//! commit by another SQLite connection voids the whole page cache: with as many writers as connections, each began
//! with an empty one and read the inner pages of every table and index that it touched anew. The one session's cache
//! stays right, because nobody else commits, so it can be large.
//!
//! Two kinds of user write on their own session: one inside a deferred transaction, whose snapshot is there, and one
//! whose session has settings or temporary tables of its own. If a user gives the writing session such things, it
//! keeps that one and the next writer opens another. What else a session knows of its user is carried over: see
//! [`counts`](crate::counts).

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::OwnedSemaphorePermit;

use crate::database::Shared;
use crate::interrupt::InterruptHandle;
use crate::log::Ticket;
use crate::queue::Turn;
use crate::session::{Attempt, Limits, Session};
use crate::{Error, Value};

/// The first pause when another process holds the lock; each next one is twice as long.
const BUSY_PAUSE_MIN: Duration = Duration::from_micros(250);
/// The longest such pause.
const BUSY_PAUSE_MAX: Duration = Duration::from_millis(10);

/// Why taking the session cannot fail.
const LEASED: &str = "the session leaves the lease only when that is dropped";

/// A session on loan, and the writer's turn while its transaction has it.
pub(crate) struct Lease {
    own: Option<Session>,
    /// With the turn, unless the user has to write on its own: the session that writes.
    writer: Option<Session>,
    turn: Option<Turn>,
    /// What the answer to the latest statement rests on, until waited for.
    pub(crate) owed: Option<Ticket>,
    interrupt: InterruptHandle,
    pub(crate) shared: Arc<Shared>,
    _slot: OwnedSemaphorePermit,
}

impl Lease {
    pub(crate) fn new(session: Session, slot: OwnedSemaphorePermit, shared: Arc<Shared>) -> Self {
        let interrupt = session.interrupt_handle();
        Self { own: Some(session), writer: None, turn: None, owed: None, interrupt, shared, _slot: slot }
    }

    /// The session that the next statement runs on.
    pub(crate) fn session(&self) -> &Session {
        self.writer.as_ref().or(self.own.as_ref()).expect(LEASED)
    }

    fn session_mut(&mut self) -> &mut Session {
        self.writer.as_mut().or(self.own.as_mut()).expect(LEASED)
    }

    pub(crate) fn has_turn(&self) -> bool {
        self.turn.is_some()
    }

    /// Takes the turn, and with it the session that writes.
    pub(crate) fn take_turn(&mut self, turn: Turn) -> Result<(), Error> {
        self.turn = Some(turn);
        let own = self.own.as_ref().expect(LEASED);
        if !own.in_transaction() && !own.is_tainted() {
            let writer = self.shared.writer()?;
            writer.begin_loan(own.counts());
            writer.attach(&self.interrupt);
            self.writer = Some(writer);
        }
        Ok(())
    }

    /// Passes the turn on, if it is here, and with it the session that writes, which no longer does.
    pub(crate) fn pass_turn(&mut self) {
        if let Some(writer) = self.writer.take() {
            let own = self.own.as_mut().expect(LEASED);
            if writer.is_tainted() || writer.in_transaction() {
                writer.taint();
                self.shared.take_back(std::mem::replace(own, writer));
            } else {
                own.begin_loan(writer.counts());
                own.attach(&self.interrupt);
                self.shared.keep_writer(writer);
            }
        }
        // Last: whoever has it next takes the session.
        self.turn = None;
    }

    /// Tries a statement once; it may write if the turn is here.
    pub(crate) fn attempt(&mut self, sql: &str, params: &[Value], limits: Limits) -> Attempt {
        let may_write = self.turn.is_some();
        let attempt = self.session_mut().attempt(sql, params, may_write, limits);
        if let Attempt::Done(Err(error)) = &attempt {
            self.poison_if_sync_failed(error);
        }
        attempt
    }

    pub(crate) fn interrupt_handle(&self) -> InterruptHandle {
        self.interrupt.clone()
    }

    /// After a statement: notes what it committed, and passes the turn on unless its transaction goes on writing.
    /// If it had the turn, its answer rests on all that was committed so far: also if it wrote nothing, or failed.
    /// A replayed request that found its stored reply, or an insert refused as a duplicate, rests on an earlier
    /// commit, and must not be answered while that can still vanish.
    pub(crate) fn settle(&mut self) {
        let appended = self.session().take_frames().map(|frames| self.shared.log.append(frames));
        if self.session().is_writing() {
            return;
        }
        let had_turn = self.has_turn();
        self.pass_turn();
        let rests_on = appended.or_else(|| had_turn.then(|| self.shared.log.latest()));
        self.owed = rests_on.or(self.owed);
    }

    /// Any statement can hit a failed sync: starting the WAL over syncs its header in every mode.
    fn poison_if_sync_failed(&self, error: &Error) {
        if error.is_failed_sync() {
            self.shared.log.poison(&format!("sync in a statement failed: {error}"));
        }
    }

    /// Runs the statements of a script, on a thread that may block. The caller has the turn, and settles.
    pub(crate) fn run_script(&mut self, script: &str) -> Result<(), Error> {
        let Shared { log, options, .. } = &*self.shared;
        let session = self.session();
        log.refuse_writes()?;
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
            result.inspect_err(|error| self.poison_if_sync_failed(error))
        })
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.interrupt.detach();
        let Self { own, writer, turn, shared, .. } = self;
        let clean = |session: &mut Session| {
            let clean = session.reset();
            // What the last statement committed, if its caller was cancelled before it could be noted.
            if let Some(frames) = session.take_frames() {
                shared.log.append(frames);
            }
            clean
        };
        if let Some(mut writer) = writer.take() {
            if clean(&mut writer) { shared.keep_writer(writer) } else { shared.close_session(writer) }
        }
        let Some(mut own) = own.take() else { return };
        let reusable = clean(&mut own);
        // Only now: the next writer must find SQLite's own lock free, and the session that writes.
        drop(turn.take());
        if reusable { shared.pool_session(own) } else { shared.close_session(own) }
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

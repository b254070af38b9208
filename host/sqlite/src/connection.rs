//! A connection on loan from the pool, and the life of a statement on it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::watch;

use crate::database::Shared;
use crate::interrupt::InterruptHandle;
use crate::lease::{Backoff, Lease};
use crate::log::Progress;
use crate::offload::{self, Away};
use crate::session::{After, Attempt, Limits};
use crate::wait::{Mode, run_blocking};
use crate::{Error, QueryResult, Value};

/// A connection, with at most one open transaction. Dropping it rolls back what is open and gives it back.
///
/// A call whose future is dropped while a long statement runs elsewhere (see the crate's documentation) stops
/// that statement as [`InterruptHandle::interrupt`] would; the next call waits until it has stopped.
#[derive(Debug)]
pub struct Connection {
    place: Place,
    shared: Arc<Shared>,
    progress: watch::Receiver<Progress>,
    interrupt: InterruptHandle,
    after: After,
}

/// Where the lease is.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "it is nearly always here; a box would be one more allocation a loan"
)]
enum Place {
    Here(Lease),
    Away(Away),
    /// The thread that had it went down with its runtime.
    Lost,
}

impl Connection {
    pub(crate) fn new(lease: Lease, shared: Arc<Shared>) -> Self {
        let (progress, interrupt) = (shared.log.watch(), lease.interrupt_handle());
        Self { place: Place::Here(lease), shared, progress, interrupt, after: After::default() }
    }

    /// Runs one statement to its end. A write waits for its turn; the end of a writing transaction (which may be
    /// this very statement) waits until it is durable. Dropping the future is safe at any moment: it leaves the
    /// queue; a statement that already ran has had its effect.
    ///
    /// # Errors
    /// SQLite's ([`Error::Sqlite`]), or any other [`Error`] but [`Error::Open`].
    ///
    /// # Panics
    /// Outside a tokio runtime with timers.
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
        run_blocking(async {
            let deadline = Backoff::new(self.shared.options.busy_timeout).deadline;
            let call = Call { mode: Mode::Blocking, connection: self };
            let lease = call.connection.lease(call.mode).await?;
            if !lease.has_turn() {
                let turn = lease.shared.queue.turn(call.mode, deadline).await?;
                lease.take_turn(turn)?;
            }
            let result = lease.run_script(script);
            call.finish(result).await
        })
    }

    /// Rows that the latest insert, update or delete on this connection changed.
    #[must_use]
    pub fn changes(&self) -> u64 {
        u64::try_from(self.after.counts.changes).unwrap_or(0)
    }

    /// The rowid of the latest insert on this connection.
    #[must_use]
    pub fn last_insert_rowid(&self) -> i64 {
        self.after.counts.last_insert_rowid
    }

    /// Whether the latest statement left a transaction open.
    #[must_use]
    pub fn in_transaction(&self) -> bool {
        self.after.in_transaction
    }

    /// A handle that stops this connection's running statement from elsewhere.
    #[must_use]
    pub fn interrupt_handle(&self) -> InterruptHandle {
        self.interrupt.clone()
    }

    async fn execute_in(&mut self, mode: Mode, sql: &str, params: &[Value]) -> Result<QueryResult, Error> {
        let options = &self.shared.options;
        let mut backoff = Backoff::new(options.busy_timeout);
        let everything = Limits { whole: options.statement_time_limit, inline: None };
        let inline = Limits { inline: Some(options.inline_time_limit), ..everything };
        let call = Call { mode, connection: self };
        let mut elsewhere = false;
        loop {
            let lease = call.connection.lease(mode).await?;
            if lease.has_turn() {
                lease.shared.log.refuse_writes()?;
            }
            let attempt = match mode {
                Mode::Blocking => lease.attempt(sql, params, everything),
                Mode::Async if elsewhere || lease.session()?.is_slow(sql) => {
                    call.connection.attempt_elsewhere(sql, params, everything).await?
                }
                Mode::Async => lease.attempt(sql, params, inline),
            };
            match attempt {
                Attempt::Done(result) => return call.finish(result).await,
                Attempt::NeedsTurn => {
                    // Whoever waits needs no session.
                    call.connection.lease(mode).await?.relax();
                    let turn = call.connection.shared.queue.turn(mode, backoff.deadline).await?;
                    call.connection.lease(mode).await?.take_turn(turn)?;
                }
                Attempt::TooSlow => elsewhere = true,
                Attempt::Busy => mode.sleep(backoff.next()?).await,
            }
        }
    }

    /// The lease, once it is here.
    async fn lease(&mut self, mode: Mode) -> Result<&mut Lease, Error> {
        if let Place::Away(away) = &mut self.place {
            // Sent off by a call that was then dropped, and recalled: what it did is nobody's answer any more.
            let back = mode.wait(away).await.map(|(mut lease, _unheard)| {
                lease.forget_recall();
                lease.owed = None;
                lease
            });
            self.place = back.map_or(Place::Lost, Place::Here);
        }
        match &mut self.place {
            Place::Here(lease) => Ok(lease),
            Place::Away(_) | Place::Lost => Err(Error::Closed),
        }
    }

    /// Attempts the statement on a blocking thread; the lease is [`Place::Away`] meanwhile.
    async fn attempt_elsewhere(
        &mut self,
        sql: &str,
        params: &[Value],
        limits: Limits,
    ) -> Result<Attempt, Error> {
        let Place::Here(lease) = &mut self.place else { return Err(Error::Closed) };
        let watchdog = lease.session()?.watchdog();
        let Place::Here(lease) = std::mem::replace(&mut self.place, Place::Lost) else {
            return Err(Error::Closed);
        };
        self.shared.counters.moved.fetch_add(1, Ordering::Relaxed);
        let (away, recall) = offload::send(lease, watchdog, sql, params, limits);
        self.place = Place::Away(away);
        let Place::Away(away) = &mut self.place else { unreachable!("set on the line before") };
        let back = away.await;
        recall.done();
        let (lease, attempt) = back.map_err(|_| Error::Closed)?;
        self.place = Place::Here(lease);
        Ok(attempt)
    }
}

/// One call at work. However it ends, cancelled too, an idle connection does not go on sitting on the turn, nor on a session.
struct Call<'a> {
    mode: Mode,
    connection: &'a mut Connection,
}

impl Call<'_> {
    /// Settles the statement and waits until what its answer rests on is durable.
    async fn finish<T>(self, result: Result<T, Error>) -> Result<T, Error> {
        let Connection { place, shared, progress, after, .. } = &mut *self.connection;
        let Place::Here(lease) = place else { return Err(Error::Closed) };
        *after = lease.after();
        lease.settle();
        if let Some(ticket) = lease.owed.take() {
            shared.log.durable(self.mode, progress, ticket).await?;
        }
        result
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        if let Place::Here(lease) = &mut self.connection.place {
            lease.relax();
        }
    }
}

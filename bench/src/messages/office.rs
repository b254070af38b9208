//! Ticks of both outboxes, as their functions make them, by a clock that is advanced.

use std::cell::Cell;
use std::ops::Range;

use anyhow::{Result, anyhow, ensure};
use club::Moment;
use club::personal::Personal;
use kernel::time::{DAY_MS, SECOND_MS};
use kernel::{IdSource, Timestamp};
use messaging::Channel;
use messaging::channel::Lane;
use post::carry::Carriers;
use post::outbox::{self, Bounds, Done, Ground};
use store::native::NativeSql;
use store::port::{Rows, SqlError};
use store::{Sql, Value};

use super::double::Double;
use super::fill::{self, Spread};
use crate::meter::{self, Spent};

/// Between two ticks, as in the manifest.
const TICK_MS: i64 = 2 * SECOND_MS;
/// More than any set takes, by the clock: what comes too often waits for a day.
const LONGEST_MS: i64 = 3 * DAY_MS;
/// Of a hundred messages these are the most, whose time is told apart from the last one's.
const MOST: usize = 95;
/// In the statement that lists what is due, and in no other.
const LOOKS: &str = "lease_until <= ?2 order by due_at";

/// Counts statements, and deliveries that were looked at.
pub struct Counted {
    pub sql: NativeSql,
    statements: Cell<u64>,
    looks: Cell<u64>,
}

impl Sql for Counted {
    fn execute(&self, statement: &str, parameters: &[Value]) -> Result<Rows, SqlError> {
        let rows = self.sql.execute(statement, parameters)?;
        self.statements.set(self.statements.get() + 1);
        if statement.contains(LOOKS) {
            self.looks.set(self.looks.get() + rows.len() as u64);
        }
        Ok(rows)
    }
}

/// The outboxes, and what is around them.
pub struct Office<'a> {
    pub sql: Counted,
    pub double: Double,
    pub personal: Personal<'a>,
    carriers: Carriers,
    pub ids: IdSource,
    now: Timestamp,
}

/// What telling came to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Told {
    pub sent: usize,
    pub called: usize,
    pub ticks: u64,
    /// Until the last one was told, by the clock, and until most of them were.
    pub took_ms: i64,
    pub most_ms: i64,
    /// Of the outboxes alone, without the carriers.
    pub spent: Spent,
    pub looks: u64,
    pub statements: u64,
}

impl<'a> Office<'a> {
    /// With the carriers that the product reads out of its variables.
    ///
    /// # Errors
    /// When it does not understand them.
    pub fn new(
        sql: NativeSql,
        double: Double,
        personal: Personal<'a>,
        ids: IdSource,
        now: Timestamp,
    ) -> Result<Self> {
        let carriers =
            web::messages::carriers(&double).map_err(|problem| anyhow!("{:?}", problem.cause()))?;
        let sql = Counted { sql, statements: Cell::new(0), looks: Cell::new(0) };
        Ok(Self { sql, double, personal, carriers, ids, now })
    }

    /// What time it is.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// Time goes by.
    pub fn wait(&mut self, millis: i64) {
        self.now = self.now.plus_millis(millis);
    }

    /// Records an intent for each of some people.
    ///
    /// # Errors
    /// When the database refuses one.
    pub fn intend(&mut self, spread: Spread, people: &Range<usize>) -> Result<Vec<i64>> {
        fill::intents(&self.sql.sql, spread, people.clone(), self.personal, self.now, &mut self.ids)
    }

    /// Decides about every new intent.
    ///
    /// # Errors
    /// A failure of the outbox, or something that people should look at.
    pub fn plan(&mut self) -> Result<Spent> {
        let started = meter::start()?;
        loop {
            let mut done = Done::default();
            let (now, double, carriers) = (self.now, &self.double, &self.carriers);
            let clock = || now;
            let ground =
                Ground { sql: &self.sql, partners: double, personal: self.personal, carriers, clock: &clock };
            outbox::plan(
                &ground,
                &mut Moment { now: self.now, ids: &mut self.ids },
                Bounds::STANDARD,
                &mut done,
            )?;
            ensure!(done.complaints.is_empty(), "{:?}", done.complaints);
            if !done.more {
                return Spent::since(&started);
            }
        }
    }

    /// Ticks until nothing waits. `after` sees each tick.
    ///
    /// # Errors
    /// A failure of the outbox, or when it does not come to an end.
    pub fn tell(&mut self, mut after: impl FnMut(&Self, Timestamp) -> Result<()>) -> Result<Told> {
        let (began, mut told, mut sent_by) = (self.now, Told::default(), Vec::new());
        let (statements, looks) = (self.sql.statements.get(), self.sql.looks.get());
        loop {
            self.double.set_clock(self.now.millis());
            let done = self.tick(&mut told.spent)?;
            told.ticks += 1;
            told.sent += done.sent as usize;
            told.called += done.called as usize;
            told.took_ms = self.now.millis() - began.millis();
            sent_by.push((told.sent, told.took_ms));
            (told.statements, told.looks) =
                (self.sql.statements.get() - statements, self.sql.looks.get() - looks);
            after(self, self.now)?;
            let Some(due_at) = self.due_at()? else {
                let most = sent_by.iter().find(|(sent, _)| sent * 100 >= told.sent * MOST);
                return Ok(Told { most_ms: most.map_or(0, |(_, ms)| *ms), ..told });
            };
            // Ticks in which nothing would be due are passed over.
            let ticks = (due_at.millis() - self.now.millis()).div_euclid(TICK_MS).max(1);
            self.wait(ticks * TICK_MS);
            ensure!(told.took_ms < LONGEST_MS, "it does not come to an end: {told:?}");
        }
    }

    /// Deliveries that wait for another channel, apart from those whose first address was dead.
    ///
    /// # Errors
    /// A failure of storage.
    pub fn waiting_except(&self, channel: Channel) -> Result<i64> {
        let query = "select count(*) from deliveries where status = 'queued' and channel <> ?1 \
             and coalesce(code, '') <> 'unreachable'";
        Ok(self.sql.sql.connection().query_row(query, [channel.code()], |row| row.get(0))?)
    }

    /// One tick of both functions.
    fn tick(&mut self, spent: &mut Spent) -> Result<Done> {
        let mut done = Done::default();
        let (started, by_carriers) = (meter::start()?, self.double.spent());
        let now = self.now;
        let clock = || now;
        let ground = Ground {
            sql: &self.sql,
            partners: &self.double,
            personal: self.personal,
            carriers: &self.carriers,
            clock: &clock,
        };
        let mut moment = Moment { now: self.now, ids: &mut self.ids };
        outbox::plan(&ground, &mut moment, Bounds::STANDARD, &mut done)?;
        for lane in [Lane::Direct, Lane::Telegram] {
            outbox::dispatch(&ground, &mut moment, lane, Bounds::STANDARD, &mut done)?;
        }
        *spent += Spent::since(&started)? - (self.double.spent() - by_carriers);
        Ok(done)
    }

    fn due_at(&self) -> Result<Option<Timestamp>> {
        let lanes = [Lane::Direct, Lane::Telegram].map(|lane| outbox::due_at(&self.sql, lane, self.now));
        let [direct, telegram] = lanes;
        Ok([direct?, telegram?].into_iter().flatten().min())
    }
}

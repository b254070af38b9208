//! Staff are told of tickets: what is new, what somebody did, what has run out of its time.
//!
//! A reader begins with the tickets that are not closed, and from then on hears what changes. Where they are is a short text
//! that they bring back, so that nothing is missed between two readings and nothing is kept about readers.

use kernel::Timestamp;
use kernel::time::{DAY_MS, SECOND_MS};
use store::tickets::follow::{self, Narrowed};
use store::tickets::{Ticket, Viewer};
use store::{Sql, StoreError};

/// Tickets told at once: at the beginning the newest ones, later the rest with the next reading.
pub const TOLD_MAX: i64 = 100;
/// How often tickets are looked through for those out of their time.
const RUN_OUT_EVERY_MS: i64 = 5 * SECOND_MS;
/// Who was away for longer begins anew.
const AWAY_MAX_MS: i64 = DAY_MS;
/// The place of everything told at the beginning but its last: who saw only a part begins anew.
const BEGINNING: &str = "begin";

/// Where a reader is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    /// The number of the last thing told or passed over.
    changed: i64,
    /// Tickets that ran out of time before were told.
    at: Timestamp,
}

impl Place {
    fn parse(text: &str) -> Option<Self> {
        let (changed, at) = text.split_once('-')?;
        let (changed, at) = (changed.parse::<u32>().ok()?, at.parse::<u64>().ok()?);
        Some(Self { changed: i64::from(changed), at: Timestamp::from_millis(i64::try_from(at).ok()?) })
    }

    fn text(self) -> String {
        format!("{}-{}", self.changed, self.at.millis())
    }
}

/// Why a ticket is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// It is there, or something happened to it.
    Ticket,
    /// Its time for an answer or for the end has passed.
    Overdue,
}

impl What {
    /// The name in feeds.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ticket => "ticket",
            Self::Overdue => "overdue",
        }
    }
}

/// Something to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// Where the reader is who has heard it.
    pub place: String,
    pub what: What,
    pub ticket: Ticket,
}

/// What one reading brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// These are the tickets that are not closed: whatever the reader had heard before is to be forgotten.
    pub begins: bool,
    pub news: Vec<News>,
}

/// A reader of what happens to the tickets that they may see.
#[derive(Debug, Clone)]
pub struct Reader {
    viewer: Viewer,
    narrowed: Narrowed,
    /// None: at the beginning.
    place: Option<Place>,
}

impl Reader {
    /// A reader who comes back to a place, or begins: without one, and with one that is no place.
    #[must_use]
    pub fn new(viewer: Viewer, narrowed: Narrowed, place: Option<&str>) -> Self {
        Self { viewer, narrowed, place: place.and_then(Place::parse) }
    }

    /// Where the reader is.
    #[must_use]
    pub fn place(&self) -> String {
        self.place.map_or_else(|| BEGINNING.to_owned(), Place::text)
    }

    /// What is new since the last reading; the next one goes on behind it. Cheap where nothing happened.
    ///
    /// # Errors
    /// A failure of storage.
    pub fn read(&mut self, sql: &dyn Sql, now: Timestamp) -> Result<Reading, StoreError> {
        // Read first: what happens meanwhile is told twice rather than never.
        let last = follow::load_last(sql)?;
        let sound = self.place.filter(|place| {
            place.changed <= last && place.at <= now && now.millis() - place.at.millis() <= AWAY_MAX_MS
        });
        let Some(mut place) = sound else { return self.begin(sql, last, now) };
        let mut news = Vec::new();
        if place.changed < last {
            let changed = follow::list_changed(sql, self.viewer, &self.narrowed, place.changed, TOLD_MAX)?;
            let is_all = (changed.len() as i64) < TOLD_MAX;
            for ticket in changed {
                place.changed = ticket.changed;
                news.push(News { place: place.text(), what: What::Ticket, ticket });
            }
            if is_all {
                place.changed = place.changed.max(last);
            }
        }
        if now.millis() - place.at.millis() >= RUN_OUT_EVERY_MS {
            let run_out = follow::list_run_out(sql, self.viewer, &self.narrowed, (place.at, now), TOLD_MAX)?;
            if run_out.len() as i64 == TOLD_MAX {
                return self.begin(sql, last, now);
            }
            let before = place.text();
            place.at = now;
            let count = run_out.len();
            // Only who has heard all of them is past them.
            news.extend(run_out.into_iter().enumerate().map(|(index, ticket)| News {
                place: if index + 1 == count { place.text() } else { before.clone() },
                what: What::Overdue,
                ticket,
            }));
        }
        self.place = Some(place);
        Ok(Reading { begins: false, news })
    }

    fn begin(&mut self, sql: &dyn Sql, last: i64, now: Timestamp) -> Result<Reading, StoreError> {
        let place = Place { changed: last, at: now };
        let mut unclosed = follow::list_unclosed(sql, self.viewer, &self.narrowed, TOLD_MAX)?;
        unclosed.reverse();
        let count = unclosed.len();
        self.place = Some(place);
        let told = unclosed.into_iter().enumerate().map(|(index, ticket)| News {
            place: if index + 1 == count { place.text() } else { BEGINNING.to_owned() },
            what: What::Ticket,
            ticket,
        });
        Ok(Reading { begins: true, news: told.collect() })
    }
}

//! The game after an answer: prizes with published odds.
//!
//! A scratch card and a wheel are the same draw shown differently; a streak pays for answering several times in a row.
//! The draw is made by the server from random numbers given to it, over whole weights, without rounding (F2).

use kernel::{Points, Timestamp, Zone};
#[cfg(feature = "schema")]
use notation::PointsText;
use notation::{Names, points};
use serde::{Deserialize, Serialize};

/// A game. Each limit holds by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Game {
    pub kind: GameKind,
    /// What can be won. Of a scratch card and a wheel with its chance; of a streak with its length.
    pub prizes: Vec<Prize>,
    /// Points that the brand gives away in a calendar month.
    #[serde(with = "points")]
    #[cfg_attr(feature = "schema", schemars(with = "PointsText"))]
    pub month_budget: Points,
    /// Most plays of one guest within `plays_days` days.
    pub plays: u32,
    pub plays_days: u32,
    /// Days for which points won are good.
    pub good_days: u32,
}

/// How the game looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum GameKind {
    Scratch,
    Wheel,
    Streak,
}

impl GameKind {
    /// The name in JSON and in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Scratch => "scratch",
            Self::Wheel => "wheel",
            Self::Streak => "streak",
        }
    }
}

/// Something to win, zero points included: a blank is a prize of nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Prize {
    pub code: String,
    pub name: Names,
    #[serde(with = "points")]
    #[cfg_attr(feature = "schema", schemars(with = "PointsText"))]
    pub points: Points,
    /// Of a draw: how many tickets of all its tickets are this prize's. Of a streak: answers in a row that win it.
    pub weight: u32,
}

/// Why no play took place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoPlay {
    /// What is left of the budget is less than the dearest prize.
    #[error("the game's budget is spent")]
    Budget,
    #[error("too many plays within the game's days")]
    TooOften,
    /// Something of the receipt was given back.
    #[error("the receipt was returned")]
    Returned,
}

/// What is known when somebody wants to play.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// Points given away in the month so far.
    pub spent: Points,
    /// The guest's plays within the game's days.
    pub plays: u32,
    pub returned: bool,
}

impl Game {
    /// Tickets of the draw, all prizes together.
    #[must_use]
    pub fn tickets(&self) -> u64 {
        self.prizes.iter().map(|prize| u64::from(prize.weight)).sum()
    }

    /// The most that one play can cost.
    #[must_use]
    pub fn dearest(&self) -> Points {
        self.prizes.iter().map(|prize| prize.points).max().unwrap_or(Points::ZERO)
    }

    /// Whether a play may take place. Decided before the draw: a game that could not pay its dearest prize would have
    /// other odds than those it publishes.
    ///
    /// # Errors
    /// See [`NoPlay`].
    pub fn admit(&self, table: Table) -> Result<(), NoPlay> {
        if table.returned {
            return Err(NoPlay::Returned);
        }
        if table.plays >= self.plays {
            return Err(NoPlay::TooOften);
        }
        let after = table.spent.checked_add(self.dearest());
        if after.is_none_or(|after| after > self.month_budget) {
            return Err(NoPlay::Budget);
        }
        Ok(())
    }

    /// What a play wins; `None` when none of the words of `randomness` fell into the range. A word misses it one time in
    /// 2^31 or less.
    ///
    /// `streak` is the number of questions answered in a row, this one included.
    #[must_use]
    pub fn outcome(&self, randomness: &[u64], streak: u32) -> Option<Won<'_>> {
        match self.kind {
            GameKind::Scratch | GameKind::Wheel => {
                let ticket = ticket(self.tickets(), randomness)?;
                self.prize_of(ticket).map(Won::Prize)
            }
            GameKind::Streak => Some(self.prize_of_streak(streak).map_or(Won::Nothing, Won::Prize)),
        }
    }

    /// The prize that holds a ticket, prizes in order.
    #[must_use]
    pub fn prize_of(&self, ticket: u64) -> Option<&Prize> {
        let mut first = 0;
        self.prizes.iter().find(|prize| {
            first += u64::from(prize.weight);
            ticket < first
        })
    }

    /// The prize of a streak of exactly that length; longer than the longest, streaks begin anew.
    #[must_use]
    pub fn prize_of_streak(&self, streak: u32) -> Option<&Prize> {
        let longest = self.prizes.iter().map(|prize| prize.weight).max()?;
        let place = streak.checked_sub(1)? % longest.max(1) + 1;
        self.prizes.iter().find(|prize| prize.weight == place)
    }
}

/// What a play brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Won<'g> {
    /// Of a streak that is not long enough yet.
    Nothing,
    Prize(&'g Prize),
}

/// One of `tickets` tickets, each as likely as any other: words beyond the last whole multiple are passed over.
#[must_use]
pub fn ticket(tickets: u64, randomness: &[u64]) -> Option<u64> {
    if tickets == 0 {
        return None;
    }
    let whole = u64::MAX - u64::MAX % tickets;
    randomness.iter().find(|&&word| word < whole).map(|word| word % tickets)
}

/// The calendar month of a time in a zone, as budgets name it.
#[must_use]
pub fn month(at: Timestamp, zone: &str) -> String {
    let zone = Zone::parse(zone).unwrap_or(Zone::UTC);
    let (year, month, _) = at.date_in(&zone).parts();
    format!("{year:04}-{month:02}")
}

/// The ledger's event of a play: its prize is given under it, and taken back under it (L4).
#[must_use]
pub fn event(request: i64) -> String {
    format!("game:{request}")
}

//! Tickets: whose they are, what moves them, when they are due.

use kernel::time::{DAY_MS, MINUTE_MS};
use kernel::{Points, Timestamp};
use serde::{Deserialize, Serialize};

use crate::rules::{Compensation, Service};

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $code:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$each])* $variant),* }

        impl $name {
            /// Every one of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name in JSON and in the database.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// Reads the name.
            ///
            /// # Errors
            /// When there is no such thing.
            pub fn parse(code: &str) -> Result<Self, kernel::ParseError> {
                let found = Self::ALL.iter().copied().find(|known| known.code() == code);
                found.ok_or(kernel::ParseError(concat!("unknown ", stringify!($name))))
            }
        }
    };
}

codes! {
    /// How soon.
    Priority { Urgent = "urgent", Normal = "normal" }
}
codes! {
    /// Who deals with a ticket. A desk sees its own tickets and those of the desks before it.
    Desk { OutletManager = "outlet_manager", Franchisee = "franchisee", Support = "support" }
}
codes! {
    /// Where a ticket is in its life.
    State {
        /// Nobody has it.
        Open = "open",
        /// Somebody works on it.
        Assigned = "assigned",
        /// The guest has an answer, and nobody waits for us.
        Answered = "answered",
        Closed = "closed",
    }
}
codes! {
    /// What came of it.
    Outcome {
        /// The guest knows now why.
        Explained = "explained",
        /// Points were given, or something in kind that is named.
        Compensated = "compensated",
        /// What was broken works.
        Fixed = "fixed",
        /// It did not happen like that.
        Unfounded = "unfounded",
        /// Another ticket has it.
        Duplicate = "duplicate",
    }
}
codes! {
    /// What happens to a ticket; also what its thread is made of.
    Act {
        Opened = "opened",
        Assigned = "assigned",
        /// A word among colleagues.
        Commented = "commented",
        /// A word to the guest.
        Answered = "answered",
        Compensated = "compensated",
        /// The guest's word.
        GuestWrote = "guest_wrote",
        Closed = "closed",
        Reopened = "reopened",
    }
}

/// Why nothing happens to a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// F3.
    #[error("the ticket is closed: reopen it first")]
    Closed,
    #[error("the ticket is not closed")]
    NotClosed,
    /// The days for it have passed.
    #[error("the ticket can no longer be reopened")]
    TooLate,
    /// A compensation that nobody gave would be told to those who read reports.
    #[error("nothing was given: give points first, or say what was given instead of points")]
    NothingGiven,
    /// What was given instead of points is said of a compensation alone.
    #[error("only a compensation gives something instead of points")]
    NotGiven,
    /// A changed process is told in words, so that others learn of it.
    #[error("say what was changed")]
    NoLesson,
    /// Points for a visit without a purchase that was kept, or to a colleague. It is not said which: the guest is nobody's
    /// to recognise.
    #[error(
        "only support gives points here: nothing was bought, all of it came back, or the guest is of the staff"
    )]
    ForSupport,
    /// Nobody reads it, and nobody can be made to forget it.
    #[error("the guest has been erased: nothing more is written to or about them")]
    Erased,
}

/// A ticket as decisions need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    pub state: State,
    pub priority: Priority,
    pub closed_at: Option<Timestamp>,
    /// Whether somebody has it by name.
    pub is_held: bool,
}

impl Ticket {
    /// The state after an act.
    ///
    /// # Errors
    /// See [`Refused`].
    pub fn after(self, act: Act, service: &Service, now: Timestamp) -> Result<State, Refused> {
        match (self.state, act) {
            (State::Closed, Act::Reopened) => {
                let until = self.closed_at.map(|at| at.plus_millis(i64::from(service.reopen_days) * DAY_MS));
                if until.is_some_and(|until| now > until) { Err(Refused::TooLate) } else { Ok(State::Open) }
            }
            (State::Closed, _) => Err(Refused::Closed),
            (_, Act::Reopened) => Err(Refused::NotClosed),
            (_, Act::Opened) => Ok(State::Open),
            // A team has it when one of them takes it.
            (_, Act::Assigned) => Ok(if self.is_held { State::Assigned } else { State::Open }),
            (_, Act::Answered) => Ok(State::Answered),
            (_, Act::Closed) => Ok(State::Closed),
            // Whoever had it has it again.
            (State::Answered, Act::GuestWrote) => {
                Ok(if self.is_held { State::Assigned } else { State::Open })
            }
            (state, Act::Commented | Act::Compensated | Act::GuestWrote) => Ok(state),
        }
    }
}

/// What is said of a ticket at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending<'a> {
    pub outcome: Outcome,
    pub changed_process: bool,
    /// What is done differently from now on.
    pub lesson: Option<&'a str>,
    /// What was given instead of points.
    pub in_kind: Option<&'a str>,
    /// Whether anything was given for the ticket before: points by the ledger, or something in kind.
    pub is_given: bool,
}

/// Fewest characters that say what is done differently, or what was given: the guest reads the latter.
pub const SAID_LEN_MIN: usize = 3;

/// What may be said at the end. Words shorter than [`SAID_LEN_MIN`] say nothing.
///
/// # Errors
/// [`Refused::NoLesson`], [`Refused::NothingGiven`], [`Refused::NotGiven`].
pub fn check_closing(ending: &Ending<'_>) -> Result<(), Refused> {
    let told = |words: Option<&str>| words.is_some_and(|words| words.trim().chars().count() >= SAID_LEN_MIN);
    if ending.changed_process && !told(ending.lesson) {
        return Err(Refused::NoLesson);
    }
    match (ending.outcome, ending.in_kind) {
        (Outcome::Compensated, words) if !ending.is_given && !told(words) => Err(Refused::NothingGiven),
        (Outcome::Compensated, Some(_)) if !told(ending.in_kind) => Err(Refused::NothingGiven),
        (Outcome::Compensated, _) | (_, None) => Ok(()),
        (_, Some(_)) => Err(Refused::NotGiven),
    }
}

/// When the first answer and the end are due.
#[must_use]
pub fn due(service: &Service, priority: Priority, opened_at: Timestamp) -> (Timestamp, Timestamp) {
    let times = service.times(priority);
    let after = |minutes: u32| opened_at.plus_millis(i64::from(minutes) * MINUTE_MS);
    (after(times.answer_minutes), after(times.close_minutes))
}

/// The desk at which a role sits; `None`: it deals with no tickets.
#[must_use]
pub fn desk_of(role: &str) -> Option<Desk> {
    match role {
        "outlet_manager" => Some(Desk::OutletManager),
        "franchisee" => Some(Desk::Franchisee),
        "support" | "administrator" => Some(Desk::Support),
        _ => None,
    }
}

/// The purchase that a ticket is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purchase {
    /// The guest wrote by themselves: nobody knows whether there was one.
    None,
    /// Something of it was kept.
    Kept,
    /// All of it came back.
    Returned,
}

/// Whom and what points would be given for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cause {
    pub purchase: Purchase,
    /// The guest's account is, or was, that of somebody of the staff.
    pub guest_is_staff: bool,
}

/// Whether a desk may give points for a cause at all, whatever the limits. Where nothing was paid, and where a colleague
/// is the guest, whoever decides stands too near: it is for [`Desk::Support`], who work for no outlet. Nobody gives
/// anything to themselves: their own ticket is no ticket of theirs to see.
///
/// # Errors
/// [`Refused::ForSupport`].
pub fn check_cause(desk: Desk, cause: Cause) -> Result<(), Refused> {
    let is_plain = cause.purchase == Purchase::Kept && !cause.guest_is_staff;
    if is_plain || desk == Desk::Support { Ok(()) } else { Err(Refused::ForSupport) }
}

/// What was given already, for the limits of one more compensation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Given {
    /// For this ticket.
    pub ticket: Points,
    /// By this person today.
    pub day: Points,
    /// For this outlet in the month.
    pub outlet: Points,
    /// To this guest in the month.
    pub guest: Points,
}

/// Why points are not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OverLimit {
    #[error("the role gives at most {max} points for a ticket, of which {left} are left")]
    Ticket { max: Points, left: Points },
    #[error("the role gives at most {max} points a day, of which {left} are left")]
    Day { max: Points, left: Points },
    #[error("the outlet's tickets have {left} points left this month")]
    Outlet { left: Points },
    #[error("the guest has been given as much as one guest may be in a month")]
    Guest { left: Points },
}

/// Whether a role may give so many points more.
///
/// # Errors
/// The first limit that they would exceed.
pub fn compensate(rules: &Compensation, role: &str, asked: Points, given: Given) -> Result<(), OverLimit> {
    let (ticket, day) = rules.limit(role);
    let left = |max: Points, given: Points| max.checked_sub(given).unwrap_or(Points::ZERO).max(Points::ZERO);
    let checks = [
        (ticket, given.ticket, OverLimit::Ticket { max: ticket, left: left(ticket, given.ticket) }),
        (day, given.day, OverLimit::Day { max: day, left: left(day, given.day) }),
        (
            rules.outlet_month,
            given.outlet,
            OverLimit::Outlet { left: left(rules.outlet_month, given.outlet) },
        ),
        (rules.guest_month, given.guest, OverLimit::Guest { left: left(rules.guest_month, given.guest) }),
    ];
    let over = checks.into_iter().find(|(max, given, _)| asked > left(*max, *given));
    over.map_or(Ok(()), |(_, _, limit)| Err(limit))
}

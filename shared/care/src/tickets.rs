//! What staff do about tickets. Every act is one line of the thread, written with what it changes.

use club::Moment;
use club::gift::{self, Gift, Giver};
use club::member::words::{THREAD_MAX, line_place, photo_place, text_place};
use club::member::{Field, place};
use club::personal::Personal;
use feedback::game::month;
use feedback::ticket::{
    self, Act, Cause, Ending, Given, Outcome, Refused, Ticket as Judged, check_closing, desk_of,
};
use kernel::{Points, StaffId, Timestamp, Zone};
use membership::staff_auth::Role;
use store::feedback::answers;
use store::feedback::plays::{self, Budget};
use store::guests::MemberStatus;
use store::staff::{self, StaffStatus};
use store::tickets::thread::{self, Event, NewEvent};
use store::tickets::{self, Ticket, Viewer, lesson_place};
use store::{Sql, StoreError};

use crate::refusal::Refusal;
use crate::rules::InForce;
use crate::{rules, shown, submit, teams, tell};

/// Characters of what staff write.
pub const WORDS_LEN_MAX: usize = feedback::answer::TEXT_LEN_MAX;
/// The budget subject of a brand's tickets about no outlet begins with it.
const NO_OUTLET: &str = "none";

/// An act of staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command<'a> {
    /// `None`: to whoever says so.
    Assign(Option<StaffId>),
    /// To a team, until one of it takes it.
    HandOver(i64),
    /// A word among colleagues.
    Comment(&'a str),
    /// A word to the guest.
    Answer(&'a str),
    /// Points to the guest, with words that stand in their history.
    Compensate {
        points: Points,
        reason: &'a str,
    },
    Close {
        outcome: Outcome,
        changed_process: bool,
        lesson: Option<&'a str>,
        /// What was given instead of points; the guest reads it.
        in_kind: Option<&'a str>,
    },
    Reopen(&'a str),
}

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    pub staff: StaffId,
    pub role: Role,
}

impl Actor {
    /// What the actor sees.
    ///
    /// # Errors
    /// [`Refusal::UnknownTicket`] for a role that deals with no tickets.
    pub fn viewer(self) -> Result<Viewer, Refusal> {
        let desk = desk_of(self.role.code()).ok_or(Refusal::UnknownTicket)?;
        Ok(Viewer { staff: self.staff, desk })
    }
}

/// A ticket as staff see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub ticket: Ticket,
    pub head: Head,
    /// What the guest wrote in the answer.
    pub text: Option<String>,
    pub photo: Option<String>,
    pub tags: Vec<String>,
    pub thread: Vec<Line>,
    pub zone: Zone,
}

/// What is sealed of a ticket's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The guest's name, masked.
    pub guest: String,
    /// What is done differently since.
    pub lesson: Option<String>,
}

/// A line of a thread with its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub event: Event,
    pub text: Option<String>,
}

/// What is sealed of a ticket's row.
///
/// # Errors
/// What cannot be opened.
pub fn head_of(ticket: &Ticket, personal: Personal<'_>) -> Result<Head, StoreError> {
    let name = personal.open(place(ticket.member, Field::Name), ticket.name_sealed.as_deref())?;
    let sealed = personal.open(lesson_place(ticket.id), ticket.lesson_sealed.as_deref())?;
    Ok(Head { guest: shown::masked(name.as_deref()), lesson: sealed.or_else(|| ticket.lesson.clone()) })
}

/// A ticket that the actor may see, with its thread.
///
/// # Errors
/// [`Refusal::UnknownTicket`]; a failure of storage.
pub fn read(sql: &dyn Sql, id: i64, actor: Actor, personal: Personal<'_>) -> Result<Seen, Refusal> {
    let ticket = tickets::load_seen(sql, id, actor.viewer()?)?.ok_or(Refusal::UnknownTicket)?;
    seen(sql, ticket, personal)
}

fn seen(sql: &dyn Sql, ticket: Ticket, personal: Personal<'_>) -> Result<Seen, Refusal> {
    let answer = match ticket.request {
        Some(request) => answers::load(sql, request)?.map(|answer| (request, answer)),
        None => None,
    };
    let (mut text, mut photo, mut tags) = (None, None, Vec::new());
    if let Some((request, answer)) = answer {
        text = personal.open(text_place(request), answer.text_sealed.as_deref())?;
        photo = personal.open(photo_place(request), answer.photo_sealed.as_deref())?;
        tags = answer.tags;
    }
    let thread = lines(sql, ticket.id, personal)?;
    let head = head_of(&ticket, personal)?;
    let zone = ticket.zone.as_deref().and_then(|zone| Zone::parse(zone).ok()).unwrap_or(Zone::UTC);
    Ok(Seen { ticket, head, text, photo, tags, thread, zone })
}

pub(crate) fn lines(sql: &dyn Sql, ticket: i64, personal: Personal<'_>) -> Result<Vec<Line>, Refusal> {
    let events = thread::list(sql, ticket, THREAD_MAX)?;
    let line = |event: Event| {
        let text = personal.open(line_place(event.id), event.body_sealed.as_deref())?;
        Ok(Line { event, text })
    };
    events.into_iter().map(line).collect()
}

/// Does something about a ticket that the actor may see.
///
/// # Errors
/// [`Refusal::UnknownTicket`]; what the ticket's state, the rules or the limits refuse.
pub fn act(
    tx: &dyn Sql,
    id: i64,
    actor: Actor,
    command: &Command<'_>,
    personal: Personal<'_>,
    moment: &mut Moment<'_>,
) -> Result<Seen, Refusal> {
    let mut ticket = tickets::load_seen(tx, id, actor.viewer()?)?.ok_or(Refusal::UnknownTicket)?;
    let rules = rules::in_force(tx, &ticket.brand, moment.now)?;
    let act = command.act();
    let judged = Judged {
        state: ticket.state,
        priority: ticket.priority,
        closed_at: ticket.closed_at,
        is_held: matches!(command, Command::Assign(_)),
    };
    let state = judged.after(act, &rules.rules.service, moment.now)?;
    let is_erased = ticket.member_status == MemberStatus::Erased;
    if is_erased && command.has_words() {
        return Err(Refused::Erased.into());
    }
    let mut event = NewEvent { act, by: Some(actor.staff), ..submit::opened(id, moment) };
    event.body_sealed = command.words().map(|words| personal.seal(line_place(event.id), words));
    match command {
        Command::Assign(to) => {
            let to = to.unwrap_or(actor.staff);
            check_assignee(tx, id, to)?;
            (ticket.assignee, event.assignee) = (Some(to), Some(to));
            ticket.team = teams::kept(tx, ticket.team, to)?;
            event.team = ticket.team;
        }
        Command::HandOver(team) => {
            let given = teams::hand(tx, &ticket, *team)?;
            (ticket.team, ticket.desk, ticket.assignee) = (given.team, given.desk, None);
            event.team = given.team;
        }
        Command::Comment(_) => {}
        Command::Answer(words) => {
            ticket.first_answered_at.get_or_insert(moment.now);
            tell::answer(tx, ticket.member, (id, event.id), words, personal, moment)?;
        }
        Command::Compensate { points, reason } => {
            give(tx, &ticket, actor, (*points, reason), &rules, event.id, moment)?;
            let total = ticket.compensated.checked_add(*points);
            ticket.compensated = total.ok_or(club::Refusal::Ledger(ledger::error::Refusal::Overflow))?;
            event.points = Some(*points);
        }
        Command::Close { outcome, changed_process, lesson, in_kind } => {
            let (outcome, changed_process, lesson, in_kind) = (*outcome, *changed_process, *lesson, *in_kind);
            let is_given = ticket.compensated.is_positive() || ticket.in_kind;
            check_closing(&Ending { outcome, changed_process, lesson, in_kind, is_given })?;
            ticket.in_kind |= in_kind.is_some();
            ticket.closed_at = Some(moment.now);
            ticket.late |= moment.now > ticket.close_due_at;
            (ticket.outcome, event.outcome) = (Some(outcome), Some(outcome));
            ticket.changed_process = changed_process;
            ticket.lesson_sealed = lesson.map(|lesson| personal.seal(lesson_place(id), lesson));
            if !is_erased {
                tell::closed(tx, ticket.member, id, event.id, ticket.compensated, moment)?;
            }
        }
        Command::Reopen(_) => reopen(&mut ticket, &rules, moment.now),
    }
    ticket.state = state;
    tickets::update(tx, &ticket)?;
    thread::insert(tx, &event)?;
    let ticket = tickets::load(tx, id)?.ok_or(Refusal::UnknownTicket)?;
    seen(tx, ticket, personal)
}

impl Command<'_> {
    const fn act(&self) -> Act {
        match self {
            Self::Assign(_) | Self::HandOver(_) => Act::Assigned,
            Self::Comment(_) => Act::Commented,
            Self::Answer(_) => Act::Answered,
            Self::Compensate { .. } => Act::Compensated,
            Self::Close { .. } => Act::Closed,
            Self::Reopen(_) => Act::Reopened,
        }
    }

    const fn words(&self) -> Option<&str> {
        match self {
            Self::Comment(words)
            | Self::Answer(words)
            | Self::Compensate { reason: words, .. }
            | Self::Reopen(words) => Some(words),
            Self::Close { in_kind, .. } => *in_kind,
            Self::Assign(_) | Self::HandOver(_) => None,
        }
    }

    /// Whether anything is written to or about the guest.
    const fn has_words(&self) -> bool {
        matches!(self, Self::Close { lesson: Some(_), .. }) || self.words().is_some()
    }
}

/// A closed ticket is as if it had just been opened, but for what was given, its first answer, and whether it was late.
pub(crate) fn reopen(ticket: &mut Ticket, rules: &InForce, now: Timestamp) {
    ticket.closed_at = None;
    ticket.outcome = None;
    ticket.changed_process = false;
    (ticket.lesson, ticket.lesson_sealed) = (None, None);
    ticket.reopened += 1;
    ticket.close_due_at = ticket::due(&rules.rules.service, ticket.priority, now).1;
}

fn check_assignee(tx: &dyn Sql, id: i64, to: StaffId) -> Result<(), Refusal> {
    let person = staff::load(tx, to)?.filter(|person| person.status == StaffStatus::Active);
    let desk = person.and_then(|person| desk_of(person.role.code())).ok_or(Refusal::UnfitAssignee)?;
    let sees = tickets::load_seen(tx, id, Viewer { staff: to, desk })?;
    sees.map(drop).ok_or(Refusal::UnfitAssignee)
}

/// Gives points within every limit, out of every budget, as one entry of the ledger, if the actor's desk may give any here.
fn give(
    tx: &dyn Sql,
    ticket: &Ticket,
    actor: Actor,
    (points, reason): (Points, &str),
    rules: &InForce,
    event: i64,
    moment: &mut Moment<'_>,
) -> Result<(), Refusal> {
    let cause = Cause {
        purchase: tickets::load_purchase(tx, ticket)?,
        guest_is_staff: tickets::is_of_staff(tx, ticket.member)?,
    };
    ticket::check_cause(actor.viewer()?.desk, cause)?;
    let period = month(moment.now, ticket.zone.as_deref().unwrap_or("UTC"));
    let day = moment.now.date_in(&Zone::UTC).to_string();
    let nowhere = || format!("{NO_OUTLET}:{}", ticket.brand);
    let outlet = ticket.outlet.map_or_else(nowhere, |outlet| outlet.raw().to_string());
    let (staff, guest) = (actor.staff.raw().to_string(), ticket.member.raw().to_string());
    let budgets = [
        (Budget::Staff, staff.as_str(), day.as_str()),
        (Budget::Outlet, outlet.as_str(), period.as_str()),
        (Budget::Guest, guest.as_str(), period.as_str()),
    ];
    let spent = |(budget, subject, period)| plays::load_spent(tx, budget, subject, period);
    let given = Given {
        ticket: ticket.compensated,
        day: spent(budgets[0])?,
        outlet: spent(budgets[1])?,
        guest: spent(budgets[2])?,
    };
    ticket::compensate(&rules.rules.compensation, actor.role.code(), points, given)?;
    for (budget, subject, period) in budgets {
        plays::spend(tx, budget, subject, period, points)?;
    }
    let gift = Gift {
        member: ticket.member,
        points,
        giver: Giver::Person,
        event: format!("ticket:{}:{event}", ticket.id),
        outlet: ticket.outlet,
        note: Some(reason),
        good_days: rules.rules.compensation.good_days,
    };
    gift::give(tx, &gift, moment)?;
    Ok(())
}

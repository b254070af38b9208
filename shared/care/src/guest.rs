//! A guest's own tickets: reading them, writing on, opening one without being asked.

use club::Moment;
use club::limit;
use club::member::words::line_place;
use club::personal::Personal;
use feedback::answer::{Answer, STARS_MAX};
use feedback::routing::{self, Case};
use feedback::rules::FeedbackRules;
use feedback::ticket::{self, Act, Desk, Priority, Ticket as Judged};
use kernel::MemberId;
use kernel::time::DAY_MS;
use membership::allowance::Allowance;
use store::guests::{self, MemberStatus};
use store::tickets::thread::{self, NewEvent};
use store::tickets::{self, NewTicket, Ticket};
use store::{Sql, directory};

use crate::refusal::Refusal;
use crate::tickets::{Line, lines, reopen};
use crate::{rules, submit, teams};

/// How often a guest may write in a day, all tickets together.
pub const WORDS: Allowance = Allowance { max: 30, window_ms: DAY_MS };
/// How many tickets a guest may open unasked in a day.
pub const OPENED: Allowance = Allowance { max: 3, window_ms: DAY_MS };
/// Topic of what a guest writes unasked and no route knows.
pub const TOPIC: &str = "message";

/// A ticket with its thread, as its guest sees it: no words among colleagues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    pub ticket: Ticket,
    pub thread: Vec<Line>,
}

/// A guest's ticket.
///
/// # Errors
/// [`Refusal::UnknownTicket`], also for another guest's; a failure of storage.
pub fn read(sql: &dyn Sql, member: MemberId, id: i64, personal: Personal<'_>) -> Result<Own, Refusal> {
    let ticket = own(sql, member, id)?;
    let mut thread = lines(sql, id, personal)?;
    thread.retain(|line| !matches!(line.event.act, Act::Commented | Act::Assigned));
    Ok(Own { ticket, thread })
}

fn own(sql: &dyn Sql, member: MemberId, id: i64) -> Result<Ticket, Refusal> {
    tickets::load(sql, id)?.filter(|ticket| ticket.member == member).ok_or(Refusal::UnknownTicket)
}

/// Adds a guest's words. To a closed ticket they reopen it.
///
/// # Errors
/// [`Refusal::UnknownTicket`], [`Refusal::Limited`]; [`ticket::Refused::TooLate`] when it can no longer be reopened.
pub fn write(
    tx: &dyn Sql,
    member: MemberId,
    id: i64,
    words: &str,
    personal: Personal<'_>,
    moment: &mut Moment<'_>,
) -> Result<Own, Refusal> {
    let mut ticket = own(tx, member, id)?;
    hit(tx, "ticket.words", member, WORDS, moment)?;
    let rules = rules::in_force(tx, &ticket.brand, moment.now)?;
    let judged = |ticket: &Ticket| Judged {
        state: ticket.state,
        priority: ticket.priority,
        closed_at: ticket.closed_at,
        is_held: ticket.assignee.is_some(),
    };
    if ticket.closed_at.is_some() {
        ticket.state = judged(&ticket).after(Act::Reopened, &rules.rules.service, moment.now)?;
        reopen(&mut ticket, &rules, moment.now);
        thread::insert(tx, &NewEvent { act: Act::Reopened, ..submit::opened(id, moment) })?;
    }
    ticket.state = judged(&ticket).after(Act::GuestWrote, &rules.rules.service, moment.now)?;
    tickets::update(tx, &ticket)?;
    thread::insert(tx, &said(id, words, personal, moment))?;
    read(tx, member, id, personal)
}

/// Opens a ticket of what a guest writes unasked, about an outlet or about none. Routes may know its keywords.
///
/// # Errors
/// [`Refusal::UnknownOutlet`], [`Refusal::Limited`], [`Refusal::NoRules`]; [`club::Refusal::MemberInactive`].
pub fn open(
    tx: &dyn Sql,
    member: MemberId,
    code: Option<&str>,
    words: &str,
    personal: Personal<'_>,
    moment: &mut Moment<'_>,
) -> Result<Own, Refusal> {
    let guest = guests::load(tx, member)?.filter(|guest| guest.status == MemberStatus::Active);
    let guest = guest.ok_or(club::Refusal::MemberInactive)?;
    let outlet = match code {
        None => None,
        Some(code) => {
            let known = directory::load(tx, code)?.filter(|outlet| outlet.brand == guest.brand);
            Some(known.ok_or(Refusal::UnknownOutlet)?.id)
        }
    };
    hit(tx, "ticket.open", member, OPENED, moment)?;
    let rules = rules::in_force(tx, &guest.brand, moment.now)?;
    let (topic, priority, desk, team) = route(&rules.rules, code, words, moment);
    let desk = if outlet.is_none() { Desk::Support } else { desk };
    let given = teams::route(tx, &guest.brand, team, (member, outlet), desk)?;
    let (answer_due_at, close_due_at) = ticket::due(&rules.rules.service, priority, moment.now);
    let new = NewTicket {
        request: None,
        member,
        outlet,
        desk: given.desk,
        team: given.team,
        topic,
        priority,
        visit: None,
        stars: None,
        nps: None,
        opened_at: moment.now,
        answer_due_at,
        close_due_at,
    };
    let id = tickets::insert(tx, &new)?;
    thread::insert(tx, &NewEvent { team: given.team, ..submit::opened(id, moment) })?;
    thread::insert(tx, &said(id, words, personal, moment))?;
    read(tx, member, id, personal)
}

/// What the words alone lead to: nobody gave stars here.
fn route<'r>(
    rules: &'r FeedbackRules,
    outlet: Option<&str>,
    words: &str,
    moment: &Moment<'_>,
) -> (&'r str, Priority, Desk, Option<&'r str>) {
    let answer =
        Answer { stars: STARS_MAX, tags: Vec::new(), nps: None, text: Some(words.to_owned()), photo: None };
    let case = Case { answer: &answer, outlet, low_before: &[], now: moment.now };
    let found = routing::route(rules, &case);
    found.map_or((TOPIC, Priority::Normal, Desk::OutletManager, None), |route| {
        (route.topic.as_str(), route.priority, route.desk, route.team.as_deref())
    })
}

fn hit(
    tx: &dyn Sql,
    name: &str,
    member: MemberId,
    allowance: Allowance,
    moment: &Moment<'_>,
) -> Result<(), Refusal> {
    let wait = limit::hit(tx, name, &member.raw().to_be_bytes(), allowance, moment.now)?;
    wait.map_or(Ok(()), |retry_after_seconds| Err(Refusal::Limited { retry_after_seconds }))
}

fn said(id: i64, words: &str, personal: Personal<'_>, moment: &mut Moment<'_>) -> NewEvent {
    let event = NewEvent { act: Act::GuestWrote, ..submit::opened(id, moment) };
    NewEvent { body_sealed: Some(personal.seal(line_place(event.id), words)), ..event }
}

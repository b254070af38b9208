//! The questions behind a link, and the answer to them. A link is answered once.

use std::rc::Rc;

use club::Moment;
use club::member::words::{photo_place, text_place};
use club::personal::Personal;
use feedback::answer::Answer;
use feedback::game::Game;
use feedback::request::part_of_day;
use feedback::routing::{self, Case};
use feedback::rules::{FeedbackRules, QuestionSet};
use feedback::ticket::{self, Act};
use kernel::time::DAY_MS;
use kernel::{MemberId, Timestamp, Zone};
use store::Sql;
use store::directory;
use store::feedback::answers::{self, NewAnswer};
use store::feedback::requests::{self, Request, Status};
use store::guests::MemberStatus;
use store::tickets::thread::{self, NewEvent};
use store::tickets::{self, NewTicket};

use crate::play::{self, Offer};
use crate::refusal::Refusal;
use crate::{rules, teams};

/// Questions that a guest is shown in the app.
pub const OPEN_MAX: i64 = 20;
/// How long ago an open question can have been asked: the longest that rules allow, and a day.
const OPEN_SINCE_MS: i64 = 31 * DAY_MS;

/// A question that was asked.
#[derive(Debug, Clone)]
pub struct Question {
    pub request: Request,
    pub rules: Rc<FeedbackRules>,
    pub answered: bool,
    /// What an answer may win, or has won; `None` for no game.
    pub game: Option<Offer>,
}

/// What an answer led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitted {
    /// The number of the ticket that it opened.
    pub ticket: Option<i64>,
    pub game: Option<Offer>,
}

impl Question {
    /// What is asked.
    ///
    /// # Errors
    /// [`Refusal::NoRules`] when the rules of the request have no such set: a defect of ours.
    pub fn set(&self) -> Result<&QuestionSet, Refusal> {
        self.rules.question_set(&self.request.outlet_type).ok_or(Refusal::NoRules)
    }

    /// The rules of the game.
    #[must_use]
    pub fn game_rules(&self) -> Option<&Game> {
        self.rules.game.as_ref()
    }
}

/// A question that was asked, to be read before and after it is answered.
///
/// # Errors
/// [`Refusal::UnknownRequest`], also for one of an account that is erased or blocked; [`Refusal::Expired`] for one that
/// was not answered in time.
pub fn read(sql: &dyn Sql, id: i64, now: Timestamp) -> Result<Question, Refusal> {
    let request = requests::load(sql, id)?.ok_or(Refusal::UnknownRequest)?;
    let asked = matches!(request.status, Status::Asked | Status::Answered);
    if !asked || request.member_status != MemberStatus::Active {
        return Err(Refusal::UnknownRequest);
    }
    let answered = request.status == Status::Answered;
    if !answered && now >= request.until {
        return Err(Refusal::Expired);
    }
    let rules = rules::load(sql, request.rules)?;
    let game = play::offer(sql, &request, &rules, now)?;
    Ok(Question { request, rules, answered, game })
}

/// A guest's open questions, newest first.
///
/// # Errors
/// A failure of storage.
pub fn list_open(sql: &dyn Sql, member: MemberId, now: Timestamp) -> Result<Vec<Question>, Refusal> {
    let ids = requests::list_open(sql, member, now.plus_millis(-OPEN_SINCE_MS), now, OPEN_MAX)?;
    ids.into_iter().map(|id| read(sql, id, now)).collect()
}

/// Answers a question. What the answer calls for, a ticket, is there with it or not at all.
///
/// # Errors
/// As [`read`]; [`Refusal::Answered`]; [`Refusal::Answer`] with what is not lawful.
pub fn submit(
    tx: &dyn Sql,
    id: i64,
    answer: &Answer,
    personal: Personal<'_>,
    moment: &mut Moment<'_>,
) -> Result<Submitted, Refusal> {
    let question = read(tx, id, moment.now)?;
    if question.answered {
        return Err(Refusal::Answered);
    }
    let problems = answer.check(question.set()?);
    if !problems.is_empty() {
        return Err(Refusal::Answer(problems));
    }
    let (request, rules) = (&question.request, &question.rules);
    let zone = Zone::parse(&request.zone).unwrap_or(Zone::UTC);
    let hour = request.sold_at.hour_in(&zone);
    let low_before = answers::list_low(tx, request.member, rules.low_stars_max, routing::LOW_ANSWERS_MAX)?;
    let seal = |place, text: &String| personal.seal(place, text);
    answers::insert(
        tx,
        &NewAnswer {
            request: id,
            receipt: request.receipt,
            member: request.member,
            outlet: request.outlet,
            staff_code: request.staff_code.as_deref(),
            business_date: &request.business_date,
            hour,
            stars: answer.stars,
            nps: answer.nps,
            text_sealed: answer.text.as_ref().map(|text| seal(text_place(id), text)),
            photo_sealed: answer.photo.as_ref().map(|photo| seal(photo_place(id), photo)),
            tags: &answer.tags,
            answered_at: moment.now,
            streak: answers::count_in_a_row(tx, request.member, moment.now)? + 1,
        },
    )?;
    requests::set_answered(tx, id)?;
    let outlet = directory::load_outlet_code(tx, request.outlet)?;
    let case = Case { answer, outlet: outlet.as_deref(), low_before: &low_before, now: moment.now };
    let ticket = match routing::route(rules, &case) {
        Some(route) => Some(open(tx, request, answer, route, rules, part_of_day(hour), moment)?),
        None => None,
    };
    Ok(Submitted { ticket, game: play::offer(tx, request, rules, moment.now)? })
}

fn open(
    tx: &dyn Sql,
    request: &Request,
    answer: &Answer,
    route: &feedback::rules::Route,
    rules: &FeedbackRules,
    part: &str,
    moment: &mut Moment<'_>,
) -> Result<i64, Refusal> {
    let (answer_due_at, close_due_at) = ticket::due(&rules.service, route.priority, moment.now);
    let about = (request.member, Some(request.outlet));
    let given = teams::route(tx, &rules.brand, route.team.as_deref(), about, route.desk)?;
    let number = tickets::insert(
        tx,
        &NewTicket {
            request: Some(request.id),
            member: request.member,
            outlet: Some(request.outlet),
            desk: given.desk,
            team: given.team,
            topic: &route.topic,
            priority: route.priority,
            visit: Some((&request.business_date, part)),
            stars: Some(answer.stars),
            nps: answer.nps,
            opened_at: moment.now,
            answer_due_at,
            close_due_at,
        },
    )?;
    thread::insert(tx, &NewEvent { team: given.team, ..opened(number, moment) })?;
    Ok(number)
}

/// The first line of a thread.
pub(crate) fn opened(ticket: i64, moment: &mut Moment<'_>) -> NewEvent {
    NewEvent {
        id: moment.ids.next(moment.now),
        ticket,
        act: Act::Opened,
        at: moment.now,
        by: None,
        assignee: None,
        body_sealed: None,
        points: None,
        outcome: None,
        team: None,
    }
}

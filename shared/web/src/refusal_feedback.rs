//! Refusals of feedback and tickets, as problems: one exhaustive match each.

use api::problem as p;
use care::rules::Refused;
use care::{Refusal, rules};
use feedback::fault::Problem as Fault;
use feedback::game::NoPlay;
use feedback::ticket::{OverLimit, Refused as Held};

use crate::problem::{Problem, Text};

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let words = refusal.to_string();
        match refusal {
            Refusal::Store(error) => error.into(),
            Refusal::Club(refusal) => refusal.into(),
            Refusal::NoRules => Self::of(&p::NO_FEEDBACK_RULES),
            Refusal::UnknownRequest | Refusal::UnknownTicket => Self::of(&p::NOT_FOUND),
            Refusal::Answered => Self::of(&p::FEEDBACK_ANSWERED),
            Refusal::Expired => Self::of(&p::FEEDBACK_CLOSED),
            Refusal::Answer(problems) => faults(Self::of(&p::INVALID_FIELD), problems, ""),
            Refusal::NotAnswered => Self::of(&p::FEEDBACK_NOT_ANSWERED),
            Refusal::NoGame => Self::of(&p::GAME_CLOSED).with("reason", "no_game"),
            Refusal::Played => Self::of(&p::GAME_PLAYED),
            Refusal::NoPlay(why) => Self::of(&p::GAME_CLOSED).because(words).with("reason", no_play(why)),
            Refusal::Ticket(why) => held(why).because(words),
            Refusal::OverLimit(why) => over(why).because(words),
            Refusal::UnfitAssignee => Self::of(&p::UNFIT_ASSIGNEE).at("/to", words),
            Refusal::UnknownOutlet => Self::of(&p::UNKNOWN_OUTLET).at("/outlet", words),
            Refusal::Limited { retry_after_seconds } => {
                Self::of(&p::RATE_LIMITED).because(words).retry_after(retry_after_seconds)
            }
        }
    }
}

/// Why no play takes place, as a code.
#[must_use]
pub const fn no_play(why: NoPlay) -> &'static str {
    match why {
        NoPlay::Budget => "budget",
        NoPlay::TooOften => "too_often",
        NoPlay::Returned => "returned",
    }
}

fn held(why: Held) -> Problem {
    let code = match why {
        Held::Closed => "closed",
        Held::NotClosed => "not_closed",
        Held::TooLate => "too_late",
        Held::Erased => "erased",
        Held::ForSupport => return Problem::of(&p::COMPENSATION_FOR_SUPPORT),
        Held::NoLesson => return Problem::of(&p::INVALID_FIELD).at("/lesson", why.to_string()),
    };
    Problem::of(&p::TICKET_STATE).with("reason", code)
}

fn over(why: OverLimit) -> Problem {
    let (limit, left) = match why {
        OverLimit::Ticket { left, .. } => ("ticket", left),
        OverLimit::Day { left, .. } => ("day", left),
        OverLimit::Outlet { left } => ("outlet", left),
        OverLimit::Guest { left } => ("guest", left),
    };
    Problem::of(&p::COMPENSATION_LIMIT).with("limit", limit).with("left", left.to_string())
}

impl From<rules::Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let words = refused.to_string();
        match refused {
            Refused::Store(error) => error.into(),
            Refused::UnknownBrand => Self::of(&p::NOT_FOUND),
            Refused::Rules(problems) => faults(Self::of(&p::FEEDBACK_RULES_INVALID), problems, "/rules"),
            Refused::OtherBrand => Self::of(&p::FEEDBACK_RULES_INVALID).at("/rules/brand", words),
            Refused::InPast => Self::of(&p::EFFECTIVE_TOO_EARLY).at("/effective_from", words),
            Refused::NotAfterNewest { newest } => Self::of(&p::EFFECTIVE_TOO_EARLY)
                .at("/effective_from", words)
                .with("newest", newest.to_string()),
        }
    }
}

fn faults(problem: Problem, found: Vec<Fault>, below: &str) -> Problem {
    found.into_iter().fold(problem, |problem, one| {
        problem.at(format!("{below}{}", one.pointer), Text::Words(one.fault.words()))
    })
}

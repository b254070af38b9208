//! Refusals of feedback and tickets, as problems: one exhaustive match each.

use api::problem as p;
use care::rules::Refused;
use care::{Refusal, rules, teams};
use feedback::fault::Problem as Fault;
use feedback::game::NoPlay;
use feedback::ticket::{OverLimit, Refused as Held};

use crate::problem::{Problem, Text};

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
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
            Refusal::NoPlay(why) => {
                Self::of(&p::GAME_CLOSED).because(Text::Words(why.words())).with("reason", no_play(why))
            }
            Refusal::Ticket(why) => held(why),
            Refusal::OverLimit(why) => over(why).because(Text::Words(why.words())),
            Refusal::UnfitAssignee => Self::of(&p::UNFIT_ASSIGNEE).at("/to", UNFIT_ASSIGNEE.text()),
            Refusal::UnfitTeam => Self::of(&p::UNFIT_TEAM).at("/team", UNFIT_TEAM.text()),
            Refusal::UnknownOutlet => Self::of(&p::UNKNOWN_OUTLET).at("/outlet", NO_OUTLET.text()),
            Refusal::Limited { retry_after_seconds } => {
                Self::of(&p::RATE_LIMITED).retry_after(retry_after_seconds)
            }
        }
    }
}

/// Words in Russian, Kazakh and English.
struct Words([&'static str; 3]);

impl Words {
    fn text(&self) -> Text {
        Text::Words(self.0.map(str::to_owned))
    }
}

const UNFIT_ASSIGNEE: Words = Words([
    "этот сотрудник таких обращений не видит",
    "бұл қызметкер мұндай өтініштерді көрмейді",
    "that person does not deal with this ticket",
]);
const UNFIT_TEAM: Words = Words([
    "эта команда таких обращений не принимает или никто в ней его не увидит",
    "бұл топ мұндай өтініштерді қабылдамайды немесе онда оны ешкім көрмейді",
    "that team does not take such tickets, or nobody of it would see this one",
]);
const NO_OUTLET: Words = Words(["такой точки нет", "мұндай нүкте жоқ", "no such outlet"]);
const UNFIT_MEMBER: Words = Words([
    "не увидит обращений команды или не из её точек",
    "топтың өтініштерін көрмейді немесе оның нүктелерінен емес",
    "would not see the team's tickets, or is not of its outlets",
]);
const NOBODY: Words = Words(["укажите хотя бы одного", "кемінде біреуін көрсетіңіз", "name somebody"]);
const UNFIT_DESK: Words = Words([
    "команда франчайзи не выше его собственного стола",
    "франчайзи тобы оның өз үстелінен жоғары емес",
    "a franchisee's people sit at their own desks",
]);

const NO_FRANCHISEE: Words = Words(["такого франчайзи нет", "мұндай франчайзи жоқ", "no such franchisee"]);
const BELOW_CHAIN: Words = Words([
    "у команды сети с этим кодом стол выше",
    "желінің осы кодты тобының үстелі жоғары",
    "the chain's team of that code has a higher desk",
]);

impl From<teams::Refused> for Problem {
    fn from(refused: teams::Refused) -> Self {
        use teams::Refused as R;
        match refused {
            R::Store(error) => error.into(),
            R::UnknownBrand => Self::of(&p::NOT_FOUND),
            R::UnknownFranchisee => Self::of(&p::UNKNOWN_FRANCHISEE).at("/franchisee", NO_FRANCHISEE.text()),
            R::NotYours => Self::of(&p::FORBIDDEN),
            R::UnfitMember { pointer } => Self::of(&p::INVALID_FIELD).at(pointer, UNFIT_MEMBER.text()),
            R::Nobody => Self::of(&p::INVALID_FIELD).at("/staff", NOBODY.text()),
            R::UnfitDesk => Self::of(&p::INVALID_FIELD).at("/desk", UNFIT_DESK.text()),
            R::BelowChain => Self::of(&p::INVALID_FIELD).at("/desk", BELOW_CHAIN.text()),
            R::TooMany => Self::of(&p::TOO_MANY_TEAMS),
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
    let words = Text::Words(why.words());
    let code = match why {
        Held::Closed => "closed",
        Held::NotClosed => "not_closed",
        Held::TooLate => "too_late",
        Held::Erased => "erased",
        Held::ForSupport => return Problem::of(&p::COMPENSATION_FOR_SUPPORT).because(words),
        Held::NoLesson => return Problem::of(&p::INVALID_FIELD).at("/lesson", words),
        Held::NothingGiven | Held::NotGiven => return Problem::of(&p::INVALID_FIELD).at("/in_kind", words),
    };
    Problem::of(&p::TICKET_STATE).because(words).with("reason", code)
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

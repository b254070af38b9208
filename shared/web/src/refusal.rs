//! Business refusals as problems: one exhaustive match each, so that a new refusal cannot be forgotten.

use api::problem as p;
use club::Refusal;
use kernel::ReceiptId;
use loyalty::problem::Fault;
use membership::allowance::whole_seconds;
use membership::rotating_code::Unproven;

use crate::fraud;
use crate::problem::{Problem, Text};

/// Where a guest sees how the account stands, and where they say that it is a mistake.
const STANDING_PATH: &str = "/v1/account-standing";
const APPEALS_PATH: &str = "/v1/appeals";

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let words = refusal.to_string();
        match refusal {
            Refusal::Store(error) => error.into(),
            Refusal::Ledger(refusal) => ledger_refusal(&refusal),
            Refusal::Loyalty(refusal) => loyalty_refusal(refusal),
            Refusal::Sale(problems) => sale_problems(problems),
            Refusal::Secrets(cause) => Self::internal(cause),
            Refusal::OtherOutlet { got, .. } => {
                Self::of(&p::UNKNOWN_OUTLET).at("/outlet", format!("{got} is not this till's outlet"))
            }
            Refusal::UnknownGuest(why) => Self::of(&p::UNKNOWN_GUEST).at("/guest", why),
            Refusal::CardInactive => Self::of(&p::CARD_INACTIVE),
            Refusal::MemberInactive => Self::of(&p::MEMBER_INACTIVE),
            Refusal::Code { why, .. } => Self::of(code_kind(why)).because(words),
            Refusal::TooManyCodes { wait_ms } => {
                Self::of(&p::RATE_LIMITED).because(words).retry_after(whole_seconds(wait_ms))
            }
            Refusal::CodeSpent { .. } => Self::of(&p::CODE_SPENT),
            // Tills have what was judged counted afterwards; an order's is told its guest, who can do something about it.
            Refusal::Suspected { facts, needs_code } => {
                let kind = if needs_code { &p::ROTATING_CODE_REQUIRED } else { &p::SPENDING_HELD };
                let problem = Self::of(kind).because(fraud::stopped(facts.is_some(), needs_code));
                if facts.is_some() {
                    problem
                } else {
                    problem.with("standing", STANDING_PATH).with("appeal", APPEALS_PATH)
                }
            }
            Refusal::NoProgramme => Self::of(&p::NO_PROGRAMME),
            Refusal::Conflict { id } => {
                Self::of(&p::RECEIPT_CONFLICT).with("recorded", ReceiptId::from_raw(id).to_string())
            }
            Refusal::PointsPayment => Self::of(&p::INVALID_FIELD).at("/payments", words),
            Refusal::UnknownHold => Self::of(&p::UNKNOWN_HOLD),
            Refusal::HoldEnded => Self::of(&p::HOLD_ENDED),
            Refusal::AboveHold { held } => Self::of(&p::REDEMPTION_LIMIT).with("held", held.to_string()),
            Refusal::UnknownReceipt => Self::of(&p::UNKNOWN_RECEIPT),
            Refusal::ImplausibleTime(why) => Self::of(&p::IMPLAUSIBLE_TIME).because(why),
        }
    }
}

const fn code_kind(why: Unproven) -> &'static api::Kind {
    match why {
        Unproven::NotRotating => &p::ROTATING_CODE_REQUIRED,
        Unproven::Stale | Unproven::Wrong => &p::CODE_REFUSED,
    }
}

fn ledger_refusal(refusal: &ledger::error::Refusal) -> Problem {
    use ledger::error::Refusal as R;
    match refusal {
        R::InsufficientPoints { available, asked } => Problem::of(&p::INSUFFICIENT_POINTS)
            .with("available", available.to_string())
            .with("asked", asked.to_string()),
        R::NotPositive { .. } => Problem::of(&p::INVALID_FIELD).at("/points", refusal.to_string()),
        R::MoreThanHeld { held, .. } => Problem::of(&p::REDEMPTION_LIMIT).with("held", held.to_string()),
        R::ForeignHold => Problem::of(&p::UNKNOWN_HOLD),
        R::HoldClosed { .. } => Problem::of(&p::HOLD_ENDED),
        R::Inconsistent(_) | R::Overflow => Problem::internal(refusal.to_string()),
    }
}

fn loyalty_refusal(refusal: loyalty::error::Refusal) -> Problem {
    use loyalty::error::Refusal as R;
    let words = refusal.to_string();
    match refusal {
        R::CurrencyNotInProgramme { .. } | R::CurrencyDiffers { .. } => {
            Problem::of(&p::WRONG_CURRENCY).because(words)
        }
        R::BelowMinimum { min, .. } => limit(words).with("min", min.to_string()),
        R::NotAStep { step, .. } => limit(words).with("step", step.to_string()),
        R::AboveAllowance { max, limit: by, .. } => Problem::of(&p::REDEMPTION_LIMIT)
            .because(Text::Limit(by))
            .with("max", max.to_string())
            .with("limit", by.code()),
        R::WorthNothing { .. } => limit(words),
        R::StaticCode => Problem::of(&p::ROTATING_CODE_REQUIRED),
        R::UnknownLine { line_no } | R::DuplicateLine { line_no } => {
            Problem::of(&p::INVALID_LINES).because(words).with("line_no", line_no)
        }
        R::MoreThanLeft { line_no, left, .. } => Problem::of(&p::RETURN_EXCEEDS)
            .because(words)
            .with("line_no", line_no)
            .with("left", left.to_string()),
        R::NotPositive { line_no, .. } | R::Fractional { line_no, .. } => {
            Problem::of(&p::INVALID_QUANTITY).because(words).with("line_no", line_no)
        }
        R::NothingToReturn => Problem::of(&p::RETURN_EXCEEDS).because(words),
        // A member's tier that the rules in force do not know: the programme was changed under the members.
        R::UnknownTier | R::Overflow => Problem::internal(words),
    }
}

fn limit(words: String) -> Problem {
    Problem::of(&p::REDEMPTION_LIMIT).because(words)
}

/// The first fault names the type of the problem; all are listed.
fn sale_problems(problems: Vec<loyalty::problem::Problem>) -> Problem {
    let kind = problems.first().map_or(&p::INVALID_FIELD, |first| fault_kind(first.fault, &first.pointer));
    problems
        .into_iter()
        .fold(Problem::of(kind), |problem, found| problem.at(found.pointer, Text::Fault(found.fault)))
}

/// The problem type of a fault in a sale.
fn fault_kind(fault: Fault, pointer: &str) -> &'static api::Kind {
    match fault {
        Fault::WrongCurrency { .. } | Fault::NoPointValue { .. } => &p::WRONG_CURRENCY,
        Fault::InFuture | Fault::TooOld { .. } | Fault::BusinessDateOff => &p::IMPLAUSIBLE_TIME,
        Fault::Fractional | Fault::QuantityAboveMax { .. } => &p::INVALID_QUANTITY,
        Fault::NotPositive | Fault::Negative if pointer.ends_with("/quantity") => &p::INVALID_QUANTITY,
        Fault::AmountDiffers { .. }
        | Fault::PaymentsDiffer { .. }
        | Fault::DiscountAboveList { .. }
        | Fault::PointsPaymentDiffers { .. } => &p::SUMS_DIFFER,
        Fault::Duplicate | Fault::TooMany { .. } => &p::INVALID_LINES,
        Fault::Empty if pointer == "/lines" => &p::INVALID_LINES,
        _ => &p::INVALID_FIELD,
    }
}

//! Why a use case of feedback did not happen.

use feedback::fault::Problem;
use feedback::game::NoPlay;
use feedback::ticket::{OverLimit, Refused};
use store::StoreError;

/// Everything that is refused, and the failures beneath it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The club refused: an inactive member, the ledger.
    #[error(transparent)]
    Club(#[from] club::Refusal),
    #[error("no rules of feedback are in force")]
    NoRules,
    /// No such question, or it was never asked.
    #[error("no such question")]
    UnknownRequest,
    /// The question was answered; a link works once.
    #[error("the question was answered")]
    Answered,
    #[error("the question is no longer open")]
    Expired,
    /// What is not lawful in an answer.
    #[error("the answer does not fit the questions")]
    Answer(Vec<Problem>),
    #[error("answer the question first")]
    NotAnswered,
    /// The brand has no game.
    #[error("there is no game")]
    NoGame,
    #[error("the answer has played")]
    Played,
    #[error(transparent)]
    NoPlay(#[from] NoPlay),
    /// No such ticket, or not the caller's to see.
    #[error("no such ticket")]
    UnknownTicket,
    #[error(transparent)]
    Ticket(#[from] Refused),
    #[error(transparent)]
    OverLimit(#[from] OverLimit),
    /// Whoever is named does not see the ticket.
    #[error("that person does not deal with this ticket")]
    UnfitAssignee,
    /// No such team, or one that takes no such tickets, or of which nobody would see it.
    #[error("that team does not deal with this ticket")]
    UnfitTeam,
    #[error("no such outlet")]
    UnknownOutlet,
    /// The guest writes too much.
    #[error("too often; try again in {retry_after_seconds} s")]
    Limited { retry_after_seconds: i64 },
}

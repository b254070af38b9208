//! Feedback and questions, as the dialogue sees them.

use club::Moment;
use club::personal::Personal;
use kernel::{MemberId, Points};
use store::Sql;

use crate::Refusal;

/// A visit was rated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rated {
    /// The ticket that the rating opened.
    pub ticket: Option<String>,
    /// Whether the answer may play the game.
    pub may_play: bool,
}

/// What takes ratings, comments and questions. A token proves that its holder was asked.
pub trait Desk {
    /// The outlet of a visit that may still be rated.
    ///
    /// # Errors
    /// [`Refusal::FeedbackClosed`]; a failure of storage.
    fn visit(&self, at: &mut At<'_, '_>, token: &str) -> Result<String, Refusal>;

    /// Rates a visit with so many stars.
    ///
    /// # Errors
    /// [`Refusal::FeedbackClosed`]; a failure of storage.
    fn rate(&self, at: &mut At<'_, '_>, token: &str, stars: u8) -> Result<Rated, Refusal>;

    /// Takes words about a visit that was rated and opened no ticket: they open one.
    ///
    /// # Errors
    /// [`Refusal::FeedbackClosed`], [`Refusal::Limited`]; a failure of storage.
    fn comment(&self, at: &mut At<'_, '_>, token: &str, words: &str) -> Result<String, Refusal>;

    /// Plays the game of a rated visit: points won, none at all perhaps.
    ///
    /// # Errors
    /// [`Refusal::FeedbackClosed`]; a failure of storage.
    fn play(&self, at: &mut At<'_, '_>, token: &str) -> Result<Points, Refusal>;

    /// Opens a ticket with a member's words.
    ///
    /// # Errors
    /// [`Refusal::Limited`]; a failure of storage.
    fn ask(&self, at: &mut At<'_, '_>, member: MemberId, words: &str) -> Result<String, Refusal>;

    /// Adds a member's words to a ticket of theirs.
    ///
    /// # Errors
    /// [`Refusal::UnknownTicket`], [`Refusal::Limited`]; a failure of storage.
    fn answer(&self, at: &mut At<'_, '_>, member: MemberId, ticket: &str, words: &str)
    -> Result<(), Refusal>;
}

/// The open transaction, and what else a desk needs.
pub struct At<'a, 'm> {
    pub tx: &'a dyn Sql,
    pub personal: Personal<'a>,
    pub moment: &'a mut Moment<'m>,
}

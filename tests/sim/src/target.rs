//! What is tried: the product behind one trait, natively or as WebAssembly over HTTP.

pub mod chain;
pub mod native;
pub mod wasm;

use anyhow::Result;
use api::wire::adjust::AdjustmentBody;
use api::wire::holds::HoldBody;
use api::wire::receipts::{BatchItemBody, ReceiptBody};
use api::wire::returns::ReturnBody;
use kernel::Timestamp;
use rusqlite::Connection;
use serde_json::Value;

use crate::answer::{Account, Line, Moved};
use crate::world::World;

/// The product's answer as it came: a reply and whether it is an earlier one's, or the slug of a problem.
pub type Reply = Result<Taken, String>;

/// A reply of the product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub body: Value,
    pub replayed: bool,
}

/// A product with a fresh chain in it.
pub trait Target {
    /// The text of a guest's rotating code at a time.
    fn code(&self, member: usize, at: Timestamp) -> String;

    /// A till posts a sale.
    ///
    /// # Errors
    /// When there is no answer; a refusal is an answer. So with all that follow.
    fn sell(&mut self, outlet: usize, body: &ReceiptBody, now: Timestamp) -> Result<Reply>;

    /// A till posts a return.
    ///
    /// # Errors
    /// See [`Self::sell`].
    fn give_back(&mut self, outlet: usize, body: &ReturnBody, now: Timestamp) -> Result<Reply>;

    /// A till reserves points.
    ///
    /// # Errors
    /// See [`Self::sell`].
    fn hold(&mut self, outlet: usize, body: &HoldBody, now: Timestamp) -> Result<Reply>;

    /// A till gives a hold back.
    ///
    /// # Errors
    /// See [`Self::sell`].
    fn release(&mut self, outlet: usize, hold: &str, now: Timestamp) -> Result<Reply>;

    /// An administrator corrects a member's balance.
    ///
    /// # Errors
    /// See [`Self::sell`].
    fn adjust(&mut self, member: usize, body: &AdjustmentBody, now: Timestamp) -> Result<Reply>;

    /// A till sends its queue.
    ///
    /// # Errors
    /// See [`Self::sell`].
    fn batch(&mut self, outlet: usize, items: &[BatchItemBody], now: Timestamp) -> Result<Vec<Line>>;

    /// A guest reads two pages of their history, newest first.
    ///
    /// # Errors
    /// See [`Self::sell`].
    fn history(&mut self, member: usize, page: u8, now: Timestamp) -> Result<Vec<Moved>>;

    /// A guest proves their phone with a one-time code. Whether a new member came of it, or the slug of a problem.
    ///
    /// # Errors
    /// See [`Self::sell`].
    fn join(
        &mut self,
        world: &World,
        member: usize,
        now: Timestamp,
    ) -> Result<std::result::Result<bool, String>>;

    /// A member is forgotten, at their own request or through support; or the slug of a problem.
    ///
    /// # Errors
    /// See [`Self::sell`].
    fn erase(
        &mut self,
        member: usize,
        through_support: bool,
        now: Timestamp,
    ) -> Result<std::result::Result<(), String>>;

    /// The scheduled work on points runs.
    ///
    /// # Errors
    /// When it fails.
    fn lifecycle(&mut self, now: Timestamp) -> Result<()>;

    /// What a member sees, or the slug of a problem.
    ///
    /// # Errors
    /// See [`Self::sell`].
    fn account(&mut self, member: usize, now: Timestamp) -> Result<Result<Account, String>>;

    /// A connection to look into the books.
    fn books(&self) -> &Connection;

    /// The raw id of a member in the books.
    fn member_id(&self, member: usize) -> i64;
}

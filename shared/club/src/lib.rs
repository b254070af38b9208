//! Use cases of the loyalty club: load, decide, record in one transaction.
//!
//! Every function here takes the open transaction as its first argument and the time as a value; the caller opens
//! and commits. What it decides comes from `ledger`, `loyalty` and `membership`; what it reads and writes goes
//! through `store`. A refusal leaves nothing behind, because the caller's transaction is rolled back.
//!
//! Architecture invariant: no HTTP, no JSON of the wire, no clock, no SQL text.

mod account;
pub mod adjust;
pub mod balance;
pub mod card;
pub mod directory;
pub mod gift;
pub mod guest;
pub mod hold;
pub mod import;
pub mod lifecycle;
pub mod limit;
pub mod member;
pub mod movement;
pub mod personal;
pub mod prepaid;
pub mod prize;
pub mod programme;
pub mod programme_admin;
pub mod receipt;
pub mod referral;
pub mod refusal;
pub mod returning;
pub mod session;
pub mod signup;
pub mod staff;
pub mod tiers;
pub mod till_key;
pub mod verify;
pub mod watching;
mod winning;

use kernel::time::SECOND_MS;
use kernel::{IdSource, Timestamp};

pub use refusal::Refusal;

/// What every use case that writes is given besides its command.
#[derive(Debug)]
pub struct Moment<'a> {
    /// Recorded time (L8).
    pub now: Timestamp,
    pub ids: &'a mut IdSource,
}

impl Moment<'_> {
    /// Makes the following ids begin at a random place within the next second. Ids of one moment crowd at its end once
    /// there are thousands of them, where those of another run at the same moment would be as well.
    fn scatter_ids(&mut self) {
        let millis = self.ids.next(self.now) % SECOND_MS;
        self.ids.next(self.now.plus_millis(1 + millis));
    }
}

/// The ledger's unit for a brand's points.
#[must_use]
pub fn unit(brand: &str) -> String {
    format!("points:{brand}")
}

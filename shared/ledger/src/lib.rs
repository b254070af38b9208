//! The points ledger: lots, balanced entries, and the rules that move them.
//!
//! Every operation takes the member's [`model::Wallet`], changes it in memory and returns the [`model::Entry`] that
//! does the same in the books; the store writes that entry in the transaction that loaded the wallet. A refused
//! operation leaves the wallet as it was. An operation that moves nothing returns no entry.
//!
//! The invariants, by number:
//! - **L1** the postings of an entry sum to zero.
//! - **L2** a balance equals the sum of the lots' buckets (less a debt) and the sum of its postings. For every lot
//!   and bucket, the sum of its moves is the bucket: an entry has at most one move for each, net of debt repaid.
//! - **L3** entries and postings are never updated or deleted: nothing here changes one.
//! - **L4** one business event has at most one entry of each kind: [`model::Occasion::event`] is its name.
//! - **L5** available = active - held; a hold is captured or released once, in part or whole.
//! - **L6** spending and expiry take the earliest-expiring lot first, never-expiring last, ties by lot id; held
//!   points do not expire under the hold.
//! - **L7** a receipt returned in any number of parts takes back exactly what it gave and gives back exactly what
//!   it took (the parts come from `loyalty::returning`).
//! - **L8** effective time decides what expires and what can be spent, recorded time the accounting period.
//! - **L9** nothing is below zero but an available balance after a clawback whose policy allows it. While there is
//!   such a debt the lots' available buckets are empty, and whatever becomes available repays it first: an available
//!   posting is then larger than the moves in the lots, by what was repaid.
//! - **L10** no acknowledged write is lost: the store's part.
//!
//! Every operation stands on a wallet that [`age::age`] has brought to its moment; in a return [`grant::reinstate`]
//! comes before [`clawback::claw_back`].
//!
//! Reading order: [`model`], [`grant`], [`spend`], [`expire`], [`age`], [`clawback`], [`verify`], [`error`].

mod balance;
mod record;

pub mod age;
pub mod clawback;
pub mod error;
pub mod expire;
pub mod grant;
pub mod model;
pub mod spend;
pub mod verify;

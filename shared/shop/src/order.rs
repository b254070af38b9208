//! Orders: placed from a quote, paid, sent to the till, followed, undone.
//!
//! The rules are in `ordering`; here they meet the database, the partners and the ledger. Whatever a partner is asked
//! goes through the outbox: [`run`](run::run) takes a step in one transaction, asks the partner outside of any, and
//! records what was learned in a second. It may be killed anywhere between, and run twice: see `ordering`.
//!
//! Reading order: [`place`], [`change`] (what every change has in common), [`run`], [`money`], [`till`], [`news`]
//! (what partners tell unasked), `later` (orders that were kept), [`reconcile`] (what they did not tell), [`sale`] (the receipt that an order becomes), [`goods`] (what is returned of it), [`desk`] (what people decide).

pub mod change;
mod combos;
pub mod desk;
pub mod goods;
pub mod guard;
mod later;
pub mod money;
pub mod news;
pub mod place;
pub mod reconcile;
pub mod run;
pub mod sale;
pub mod spoken;
pub mod stock;
pub mod till;
mod told;

use basket::Quote;
use club::personal::Personal;
use kernel::{OrderId, Timestamp};
use ordering::InvalidTransition;
use ordering::model::CancelReason;
use partner::Exchange;
use store::orders::StoredOrder;
use store::{Sql, StoreError, orders};

use crate::opening::{self, Closed};

/// Name of the job that does what is due for orders.
pub const JOB: &str = "order-dispatch";

/// Everything that a step needs from outside.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    pub sql: &'a dyn Sql,
    pub partners: &'a dyn Exchange,
    pub personal: Personal<'a>,
    pub urls: &'a Urls,
}

/// Addresses of the deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Urls {
    /// YooKassa, without the path.
    pub yookassa: String,
    /// T-Bank, without the path.
    pub tbank: String,
    /// Where a guest's bank leads back to; `{order}` in it becomes the order's id.
    pub after_payment: String,
    /// Where T-Bank sends its notifications; empty where that is set in its cabinet.
    pub tbank_notifications: String,
}

/// Why something about an order did not happen.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Club(#[from] club::Refusal),
    #[error(transparent)]
    Transition(#[from] InvalidTransition),
    #[error("no such order")]
    Unknown,
    /// The quote became an order before.
    #[error("the quote is ordered already")]
    Ordered { order: OrderId },
    #[error("the quote has expired")]
    QuoteExpired,
    /// The quote promises points that another receipt or order of the day has been given by now.
    #[error("the day's points were earned or promised since the quote")]
    DayFull,
    /// The outlet takes no orders from the app: closed for good, paused, or without a till that we know.
    #[error("the outlet takes no orders")]
    OutletUnavailable,
    /// Closed by its hours when the guest wants to fetch the order.
    #[error(transparent)]
    Closed(#[from] Closed),
    /// The till system is down, or the account is paused.
    #[error("the till system does not answer")]
    TillUnavailable { why: CancelReason, until: Timestamp },
    /// Nobody takes money for the outlet, or not such a sum.
    #[error("payment is not possible here")]
    PaymentUnavailable,
    /// The guest has so many unfinished orders already.
    #[error("too many open orders")]
    TooManyOpen { max: i64 },
    /// A budget or coupon of the quote is used up by now.
    #[error("{why}")]
    PromotionOver { why: String },
    /// Nothing of it was paid in money, or all of that has gone back.
    #[error("nothing of that can be returned")]
    NotReturnable,
}

impl From<opening::Refusal> for Refusal {
    fn from(refusal: opening::Refusal) -> Self {
        match refusal {
            opening::Refusal::Store(error) => error.into(),
            opening::Refusal::Closed(closed) => closed.into(),
        }
    }
}

/// An order that must be there.
///
/// # Errors
/// [`Refusal::Unknown`]; a failure of storage.
pub fn load(sql: &dyn Sql, id: OrderId) -> Result<StoredOrder, Refusal> {
    orders::load(sql, id)?.ok_or(Refusal::Unknown)
}

/// What was agreed on.
///
/// # Errors
/// When the stored quote is of no known version.
pub fn quote_of(stored: &StoredOrder) -> Result<Quote, StoreError> {
    serde_json::from_str(&stored.facts.quote)
        .map_err(|error| StoreError::Unreadable { what: "order's quote", problem: error.to_string() })
}

//! Quotes: what a cart costs at an outlet for a guest, with the reason of every sum.
//!
//! A quote writes nothing that matters: it is priced from the menu's snapshot, the promotions and the guest's account
//! as they stand, and kept in the key-value store until it expires. An order refers to it and is made from it.
//!
//! Reading order: [`wish`], [`choose`](mod@choose), [`price`](mod@price), [`points`](mod@points), [`keep`], [`load`].

pub mod choose;
pub mod gifts;
pub mod keep;
pub mod load;

pub mod points;
pub mod price;
pub mod suggest;
pub mod wish;

use menu::stock::Shortage;
use store::StoreError;

use crate::opening::{self, Closed};

pub use price::{Offer, price};
pub use wish::{PointsWish, Wish, WishLine};

/// Why there is no quote.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Club(#[from] club::Refusal),
    #[error("no such outlet")]
    UnknownOutlet,
    /// Paused, closed for good, or without a menu yet.
    #[error("the outlet takes no orders")]
    OutletUnavailable,
    /// Closed by its hours when the goods are wanted.
    #[error(transparent)]
    Closed(#[from] Closed),
    /// A guest of another brand.
    #[error("the outlet is of another brand")]
    OtherBrand,
    /// Not in the cart, or not all of it, can be had. Lines are counted from 0.
    #[error("the cart cannot be had as it is")]
    Unavailable { lines: Vec<(usize, Box<menu::Refusal>)>, shortages: Vec<Shortage> },
    #[error(transparent)]
    Cart(#[from] pricing::evaluate::Refusal),
    /// Points belong to a guest who is signed in.
    #[error("points need a signed-in guest")]
    PointsNeedGuest,
    /// Never made, or forgotten.
    #[error("no such quote")]
    Unknown,
    /// Made, and too old by now.
    #[error("the quote has expired")]
    Expired,
}

impl From<opening::Refusal> for Refusal {
    fn from(refusal: opening::Refusal) -> Self {
        match refusal {
            opening::Refusal::Store(error) => error.into(),
            opening::Refusal::Closed(closed) => closed.into(),
        }
    }
}

impl From<loyalty::error::Refusal> for Refusal {
    fn from(refusal: loyalty::error::Refusal) -> Self {
        Self::Club(refusal.into())
    }
}

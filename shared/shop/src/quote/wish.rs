//! What a guest wants priced.

use kernel::{Points, Timestamp};
use menu::Choice;

/// Lines of one cart.
pub const LINES_MAX: usize = 50;
/// Pieces of one line.
pub const PIECES_MAX: u32 = 99;
/// Coupons on one cart.
pub const COUPONS_MAX: usize = 5;

/// A cart and how it is to be paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// At least one.
    pub lines: Vec<WishLine>,
    /// Codes as the guest typed them.
    pub coupons: Vec<String>,
    pub points: PointsWish,
    /// How the order comes in: `app`, `bot`, `kiosk`, `till`.
    pub channel: &'static str,
    /// How the guest will pay, where it is known: `sbp`, `card`, `cash`.
    pub payment: Option<&'static str>,
    /// None for as soon as possible.
    pub pickup_at: Option<Timestamp>,
}

/// So many pieces of one choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WishLine {
    pub choice: Choice,
    /// At least one.
    pub pieces: u32,
    /// How many of them are wanted from the menu for points.
    pub pieces_for_points: u32,
}

/// How many points the guest wants to spend, besides the menu for points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PointsWish {
    None,
    /// As many as the programme allows.
    Most,
    Exactly(Points),
}

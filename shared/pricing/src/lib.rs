//! Promotions as data, and what a cart costs under them, with reasons.
//!
//! Pure: no I/O, no JSON, no clock. A promotion is a typed tree of conditions and a closed set of effects
//! ([`promotion`]); [`evaluate`] takes a cart, the facts about guest, outlet and hour, and an [`index::Index`] of
//! promotions, and returns every line's price with who took what off it, and why the other promotions did not apply.
//!
//! # What a promotion sees
//! Conditions look at the cart at list prices, so whether a promotion *may* apply depends on no other promotion.
//! Promotions are applied in one order, *priority first (larger before smaller), then id*; what an effect takes off
//! depends on what the earlier ones left where its base is the reduced price, and on nothing that comes later.
//! Points effects come last: they count the final prices.
//!
//! # The best lawful combination
//! A set of promotions is lawful when an exclusive one is alone in it and no two share an exclusivity group. Of all
//! lawful sets the guest gets the one that is best by this order, each rule deciding only what the one before left
//! open:
//! 1. the least money to pay;
//! 2. the fewest points to pay (the menu for points);
//! 3. the most points given;
//! 4. the most gifts offered;
//! 5. the fewest promotions;
//! 6. the earliest promotion in the order above that one set has and the other has not.
//!
//! The last rule makes the order total: the same input always has the same answer. [`search`] finds it by branch and
//! bound, separately for promotions that have nothing to do with one another, over at most [`search::NODES_MAX`] nodes.
//! That is enough to be exact for eight promotions, whatever they are, and in practice for many more. Beyond the limit the best lawful set seen so
//! far is taken, which is never worse than taking greedily in order, and [`priced::Priced::exact`] says so.
//!
//! # Sums
//! Lines that are alike in everything are priced together, so that splitting a line in two changes nothing. A
//! percentage is taken of the sum of what it covers, rounded half up once, and shared by largest remainder over the
//! kinds of goods and then over their pieces, to the minor unit. What is taken off is stored with the sale; a return
//! computes nothing anew. Who funds a discount is fixed minor unit by minor unit ([`funding`]).
//!
//! Reading order: [`promotion`], [`condition`], [`effect`], [`cart`], [`facts`], [`priced`]; then [`judge`], `goods`,
//! `prepare`, `apply`, [`search`], [`evaluate`](mod@evaluate); then [`fiscal`] and [`spend`].

pub mod amounts;
mod apply;
mod bound;
pub mod cart;
pub mod check;
pub mod condition;
pub mod coupon;
pub mod effect;
pub mod evaluate;
pub mod facts;
pub mod fault;
pub mod fiscal;
pub mod funding;
mod gains;
mod goods;
pub mod index;
pub mod judge;
pub mod limit;
mod near;
mod prepare;
pub mod priced;
pub mod promotion;
pub mod search;
pub mod segment;
mod sets;
pub mod spend;
mod text;
pub mod verdict;

pub use cart::Cart;
pub use evaluate::{any_may_apply, evaluate, evaluate_with};
pub use facts::Facts;
pub use index::Index;
pub use priced::Priced;
pub use promotion::Promotion;

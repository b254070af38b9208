//! Menus: what an outlet sells at which price, what the brand sells, and which of a chain's products is which of the
//! brand's.
//!
//! Reading order: [`outlet`] (the snapshot that an outlet sells from), [`mod@select`] (what one choice costs, or why it
//! cannot be had), [`refusal`], [`schedule`], [`stock`], [`search`]; then how a menu comes about: [`chain`], [`brand`],
//! [`mapping`], [`matching`], [`build`], [`gaps`]; and [`combo`].
//!
//! Rules of modifiers, as iiko has them and as the tests name them:
//! - M1 a price of zero is sold for nothing; no price is not for sale.
//! - M2 a group's minimum above zero makes it required. Nothing is added unasked: defaults are for the app to propose.
//! - M3 where modifiers have no limits of their own, the group's hold; where they have, both hold. A maximum of zero is
//!   no maximum.
//! - M4 what is free is the modifier's own free amount, where it has own limits, and then the group's, dearest first:
//!   the order in which a guest lists modifiers does not change the price.
//! - M5 a choice that lists a modifier twice means their sum.

pub mod brand;
pub mod build;
pub mod chain;
pub mod combo;
pub mod fold;
pub mod gaps;
mod limits;
pub mod mapping;
pub mod matching;
pub mod outlet;
pub mod refusal;
mod refusal_text;
pub mod schedule;
pub mod search;
pub mod select;
pub mod stock;

pub use outlet::OutletMenu;
pub use refusal::Refusal;
pub use schedule::LocalTime;
pub use search::search;
pub use select::{Choice, ModifierChoice, Selected, select};

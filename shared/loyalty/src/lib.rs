//! Programme rules: what a receipt earns, what may be spent, what a return undoes.
//!
//! Pure decisions over plain data. Nothing here reads a clock, a store or JSON; the serde derives on
//! [`programme::Programme`] and [`reason::Reason`] only name their stored form.
//!
//! How sums are rounded and shared out:
//! - Points earned are `floor(rate × base ÷ value of a point)`, down to the programme's step, once for the whole
//!   receipt: splitting a line changes no total. They are then shared over the lines by largest remainder.
//! - Points spent are worth `floor(points × value of a point)`. That money is shared by largest remainder first
//!   over the products, then over the lines of each, so that splitting a line changes no product's share.
//! - A return takes the difference of two cumulative shares of what was stored at the sale: any number of partial
//!   returns sums to the whole (L7), and nothing is computed anew from rules that may have changed since.
//!
//! Architecture invariant: a decision never formats text. It returns closed enums with data
//! ([`reason::Reason`], [`problem::Fault`], [`error::Refusal`], [`redemption::Limit`]); `text` turns them into words.
//!
//! Reading order: [`programme`], [`sale`], [`accrual`], [`redemption`], [`returning`], [`tier`], [`tiers`]; then [`reason`] and
//! [`problem`] for what the answers say.

pub mod accrual;
pub mod error;
pub mod problem;
pub mod programme;
pub mod reason;
pub mod redemption;
pub mod referral;
pub mod returning;
pub mod sale;
pub mod tier;
pub mod tiers;
pub mod timing;

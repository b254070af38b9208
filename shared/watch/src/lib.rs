//! Use cases of fraud control.
//!
//! In line with receipts, holds, returns, sign-ups and referrals: [`inline::prepare`] before the turn to write,
//! [`inline::judge`] and [`inline::conclude`] within it; [`inline::note`] for what was refused and so left nothing behind.
//! Beside them: [`rules`], [`trial`] (rules over the past), [`sweep`] (what only a look at many accounts shows),
//! [`review`] and [`appeal`] (people), [`leaver`] (who leaves and comes back), [`page`] (where guests appeal).
//!
//! Whatever is decided, a sale is recorded: the sternest that happens to a receipt is that its points wait. And nothing
//! here fails a sale that storage would take: a state that cannot be read counts as empty, rules that cannot be read are
//! the standard ones, observing.
//!
//! Architecture invariant: callers hand over plain facts; nothing of `club` is known here.

mod act;
pub mod appeal;
pub mod inline;
pub mod leaver;
pub mod page;
pub mod review;
pub mod rules;
pub mod sweep;
pub mod trial;

use kernel::{IdSource, Timestamp};

/// Time and ids for what is written.
#[derive(Debug)]
pub struct Moment<'a> {
    /// Recorded time (L8).
    pub now: Timestamp,
    pub ids: &'a mut IdSource,
}

//! Tiers move: on schedule, when receipts come late or go back, and by hand.
//!
//! What a member was judged to be is a fold over the boundaries of periods (see `loyalty::tiers`), so that the result
//! does not depend on when, how often or in which order it is worked out:
//! - [`recalc`] goes over everybody once after each boundary, in slices of one transaction each, and remembers the last
//!   member. A member already judged on that boundary is passed over, and the same facts give the same judgement.
//! - A receipt or return that belongs to a window already judged is noted by the database itself, in its own transaction
//!   (`tier_horizon`, `tier_touched`): there is no moment in which it could be missed. Its member is judged again from
//!   the first boundary that it touches ([`member`]); what differs becomes a new judgement, and the old one stays.
//!
//! The tier that a member has is the highest of what they were judged to be, what the running period has brought where
//! rules take effect at once, and what people granted. Every change of it is an event with its arithmetic.

mod counts;
pub mod grants;
pub mod homes;
pub mod member;
pub mod moving;
mod opening;
mod outlook;
pub mod preview;
pub mod recalc;
mod slice;
mod versions;
pub mod view;
mod warn;
mod worth;

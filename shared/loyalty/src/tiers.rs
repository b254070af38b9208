//! How members move between tiers: rules as data, and what follows from them.
//!
//! Time is cut into periods at local midnights of the member's home outlet. The first day of a period is a *boundary*:
//! there a window of days that ends the day before is measured ([`window`]), the highest tier that it qualifies for is
//! found ([`rules`]), and the member is judged ([`judge`]). What a member is judged to be is a fold over boundaries,
//! nothing else: it can be repeated from any of them, and a late receipt or a return only changes what was measured.
//!
//! Two things stand over it and change nothing in it: what the running period has brought already, where rules take
//! effect at once ([`reach`]), and tiers granted by hand. A member has the highest of the three.
//!
//! Effective time decides which window a receipt belongs to (L8), and a return takes its goods out of the window of
//! their sale: what was bought on the last of a month to be brought back on the first qualifies for nothing.

pub mod judge;
pub mod reach;
pub mod rules;
pub mod window;

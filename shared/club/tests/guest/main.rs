//! What guests do, over a real database: sign-up, sessions, their record, their cards.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod card;
mod guessing;
mod member;
mod rejoin;
mod session;
mod signup;
mod world;

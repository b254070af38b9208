//! What guests do, over a real database: sign-up, sessions, their record, their cards.

mod card;
mod member;
mod session;
mod signup;
mod world;

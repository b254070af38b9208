//! The bot over an in-memory database: what guests do, what is said, what is recorded.

mod conversation;
mod desk_care;
mod dialogue;
mod joining;
mod member;
mod once;
mod opening;
mod world;

//! Telegram's Bot API and Mini Apps, as far as a loyalty club needs them: wire formats, and nothing that sends.
//!
//! Source: <https://core.telegram.org/bots/api> and <https://core.telegram.org/bots/webapps>.
//!
//! [`Bot`] makes a [`partner::Request`] of a [`Method`], or the body with which an update is answered; [`answer`] reads
//! what Telegram says to a call. What Telegram sends is read leniently ([`update`]): its fields are added to at any time.
//!
//! Reading order: [`update`] (what comes in), [`method`] and [`markup`] (what goes out), [`answer`] (what became of it),
//! [`press`] (what our buttons send back), [`init_data`] (who opened a Mini App), [`limit`].

pub mod answer;
mod hash;
pub mod init_data;
pub mod limit;
pub mod markup;
pub mod method;
pub mod multipart;
pub mod press;
pub mod secret;
pub mod text;
pub mod update;

pub use answer::Failure;
pub use markup::Markup;
pub use method::{Bot, Method};
pub use press::Press;
pub use update::{Event, Update};

/// A chat, or a user: in a private chat the two are one number. Up to 52 bits.
pub type ChatId = i64;

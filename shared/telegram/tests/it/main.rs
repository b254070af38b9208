//! The wire formats against Telegram's documentation: samples in, bytes out.

mod answers;
mod init_data;
mod methods;
mod updates;

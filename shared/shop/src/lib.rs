//! Use cases of the shop: menus, promotions, quotes, orders. Load, decide, record in one transaction, as in `club`.
//!
//! What has to be asked of a partner is returned as data (`partner::Request`); the caller sends it outside of any
//! transaction and brings the answer back.

pub mod quote;

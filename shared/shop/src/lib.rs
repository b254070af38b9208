//! Use cases of the shop: menus, promotions, quotes, orders. Load, decide, record in one transaction, as in `club`.
//!
//! What has to be asked of a partner is returned as data (`partner::Request`); the caller sends it outside of any
//! transaction and brings the answer back.

pub mod coupon;
pub mod day;
pub mod facts;
pub mod iiko_account;
pub mod iiko_events;
pub mod menu;
pub mod menu_brand;
pub mod menu_sync;
pub mod opening;
pub mod order;
pub mod promotion;
pub mod quote;
pub mod schedule;
pub mod segment;
pub mod simulation;
pub mod together;

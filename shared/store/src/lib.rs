//! Storage: the SQL and key-value ports, every statement, migrations, transactions.
//!
//! Reading order: [`port`] (what an adapter must do), [`statement`] (named statements, addressed rows),
//! [`transaction`], then one module per domain. Each of those holds its statements as constants at the top and
//! functions named `load_*`, `list_*`, `insert_*`, `update_*` beneath. No module here decides anything: rules are
//! in `ledger`, `loyalty` and `membership`, and `club` joins the two.
//!
//! Architecture invariant: this is the only crate with SQL text in it.

pub mod acquirers;
pub mod arrivals;
pub mod brands;
pub mod cards;
pub mod challenges;
pub mod chats;
pub mod consents;
pub mod contacts;
pub mod counters;
pub mod coupons;
pub mod deliveries;
pub mod dialect;
pub mod directory;
pub mod error;
pub mod exports;
pub mod feedback;
pub mod fraud;
pub mod guards;
pub mod guests;
pub mod history;
pub mod holds;
pub mod idempotency;
pub mod imports;
pub mod jobs;
pub mod kpi;
pub mod ledger;
pub mod lifecycle;
pub mod members;
pub mod menus;
pub mod message_providers;
pub mod message_settings;
pub mod messages;
#[cfg(feature = "native")]
pub mod native;
pub mod notifications;
pub mod orders;
pub mod outlets;
pub mod port;
pub mod products;
pub mod programmes;
pub mod promotions;
pub mod receipts;
pub mod referrals;
pub mod returns;
pub mod segments;
pub mod sessions;
pub mod shifts;
pub mod staff;
pub mod staff_cards;
pub mod standings;
pub mod statement;
pub mod telegram;
pub mod tickets;
pub mod tiers;
pub mod tills;
pub mod together;
pub mod transaction;
pub mod verify;
pub mod visits;

pub use error::StoreError;
pub use port::{Kv, Sql, Value};

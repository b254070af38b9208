//! The wire: operations, request and reply types, problems. No logic beyond checked conversion to domain values.
//!
//! [`operations::all()`] is the single list of endpoints: functions dispatch by it, the OpenAPI description, API.md
//! and the README's table are generated from it, and a house test compares it with `spin.toml`.
//!
//! Conventions: snake_case; unknown fields are refused in requests; money is `{"amount":"210.00","currency":"RUB"}`,
//! points and quantities are decimal strings, times are RFC 3339 with an offset, ids are prefixed text.

#[cfg(feature = "schema")]
pub mod openapi;
pub mod operation;
pub mod operations;
pub mod problem;
pub mod wire;

pub use operation::{Access, Idempotency, Method, Operation};
pub use problem::Kind;

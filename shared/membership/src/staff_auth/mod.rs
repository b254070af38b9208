//! Who works for the chain and what they may do: [`role`] (permissions and scope), [`password`], [`second_factor`].

use kernel::time::MINUTE_MS;

use crate::allowance::Allowance;

pub mod password;
pub mod role;
pub mod second_factor;

pub use password::{PasswordHash, PasswordRefused};
pub use role::{Grant, GrantError, Permission, Role, Scope};
pub use second_factor::{SecondFactor, SecondFactorRefused};

/// Failed sign-ins of one login, by either factor; then further ones are refused unchecked until the window ends.
pub const SIGN_IN_FAILURES: Allowance = Allowance { max: 10, window_ms: 15 * MINUTE_MS };

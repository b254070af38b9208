//! Who works for the chain and what they may do: [`role`] (permissions and scope), [`password`], [`second_factor`].

pub mod password;
pub mod role;
pub mod second_factor;

pub use password::{PasswordHash, PasswordRefused};
pub use role::{Grant, GrantError, Permission, Role, Scope};
pub use second_factor::{SecondFactor, SecondFactorRefused};

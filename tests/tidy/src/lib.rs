//! House rules as tests. Each says what is wrong, where, and what to do instead.
//!
//! `cargo test -p tidy` runs them; so do `cargo xtask check` and CI.

#[cfg(test)]
mod architecture;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod endpoints;
#[cfg(test)]
mod source;
#[cfg(test)]
mod stored;
#[cfg(test)]
mod text;
#[cfg(test)]
mod tree;

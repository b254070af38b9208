//! Replies.

use serde::Serialize;

use crate::problem::Problem;

/// An HTTP reply with its whole body. The body's length is always known, so it is never sent in chunks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    /// A JSON body. Personal data and balances must not linger in caches, so none may keep it unless told otherwise.
    ///
    /// # Errors
    /// When the value cannot be written as JSON: a defect of ours.
    pub fn json(status: u16, value: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_vec(value).map_err(|error| Problem::internal(error.to_string()))?;
        Ok(Self::stored_json(status, body))
    }

    /// A JSON body that is already text: a stored reply.
    #[must_use]
    pub fn stored_json(status: u16, body: Vec<u8>) -> Self {
        Self::bytes(status, "application/json", body).header("cache-control", "no-store")
    }

    /// No body.
    #[must_use]
    pub const fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    /// Any body.
    #[must_use]
    pub fn bytes(status: u16, content_type: &str, body: Vec<u8>) -> Self {
        Self { status, headers: vec![("content-type", content_type.to_owned())], body }
    }

    /// A problem document.
    #[must_use]
    pub fn problem(status: u16, body: String) -> Self {
        Self::bytes(status, "application/problem+json", body.into_bytes()).header("cache-control", "no-store")
    }

    /// Adds a header, replacing one of the same name.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.into()));
        self
    }
}

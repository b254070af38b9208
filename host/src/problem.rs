//! Replies the host itself makes when something is wrong: `application/problem+json` (RFC 9457).
//!
//! The `type` of each is part of the interface and never changes.

use http::{HeaderValue, Response, StatusCode, header};
use serde::Serialize;
use wasmtime_wasi_http::WasiBody;

use crate::app::whole;

/// Seconds after which a client may try again, for replies that say so.
const RETRY_AFTER_SECONDS: &str = "1";

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The status of the reply.
    pub status: StatusCode,
    slug: &'static str,
    title: &'static str,
    retry: bool,
}

impl Problem {
    const fn new(status: StatusCode, slug: &'static str, title: &'static str) -> Self {
        Self { status, slug, title, retry: false }
    }

    const fn temporary(status: StatusCode, slug: &'static str, title: &'static str) -> Self {
        Self { status, slug, title, retry: true }
    }

    /// No route matches.
    pub const fn no_route() -> Self {
        Self::new(StatusCode::NOT_FOUND, "no-route", "No route matches this path")
    }

    /// The request is not one HTTP allows.
    pub const fn bad_request() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-request", "The request has no valid Host or an invalid body")
    }

    /// The body did not arrive in time.
    pub const fn body_timeout() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "body-timeout", "The request body did not arrive in time")
    }

    /// The body is too long.
    pub const fn body_too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", "The request body is too large")
    }

    /// The headers are too long or too many.
    pub const fn headers_too_large() -> Self {
        Self::new(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "headers-too-large",
            "The request headers are too large",
        )
    }

    /// The component trapped, or answered with an error instead of a reply.
    pub const fn component_failed() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "component-failed", "The component failed")
    }

    /// The component could not be started.
    pub const fn no_instance() -> Self {
        Self::temporary(StatusCode::SERVICE_UNAVAILABLE, "no-instance", "The component could not be started")
    }

    /// The application is not ready yet, or no longer.
    pub const fn not_ready() -> Self {
        Self::temporary(StatusCode::SERVICE_UNAVAILABLE, "not-ready", "The server is starting or stopping")
    }

    /// A database cannot be used.
    pub const fn state_unavailable() -> Self {
        Self::temporary(StatusCode::SERVICE_UNAVAILABLE, "state-unavailable", "A database cannot be used")
    }

    /// The component did not answer in time.
    pub const fn timeout() -> Self {
        Self::new(StatusCode::GATEWAY_TIMEOUT, "timeout", "The component did not answer in time")
    }

    /// The reply.
    pub fn into_response(self) -> Response<WasiBody> {
        #[derive(Serialize)]
        struct Body {
            r#type: String,
            title: &'static str,
            status: u16,
        }
        let body = Body {
            r#type: format!("urn:crema:problem:{}", self.slug),
            title: self.title,
            status: self.status.as_u16(),
        };
        // Three strings and a number always serialise.
        let json = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = Response::new(whole(json));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.retry {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_SECONDS));
        }
        response
    }
}

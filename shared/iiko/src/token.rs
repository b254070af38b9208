//! Access tokens: one per login, good for an hour.

use partner::{Answer, Request};
use serde::{Deserialize, Serialize};

use crate::call::{self, Failure};

/// How long a token is used. It is good for an hour; the rest is for calls under way and for clocks that differ.
pub const USED_FOR_MS: i64 = 50 * 60_000;

/// What opens an account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Credentials {
    /// `api/1/access_token`
    ApiLogin { api_login: String },
    /// `api/v2/access_token`
    App { api_key: String, app_id: String, client_secret: String },
}

/// Secrets are not printed.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::ApiLogin { .. } => "ApiLogin(…)",
            Self::App { .. } => "App(…)",
        })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LoginBody<'a> {
    api_login: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AppBody<'a> {
    api_key: &'a str,
    app_id: &'a str,
    client_secret: &'a str,
}

#[derive(Deserialize)]
struct TokenBody {
    token: String,
}

/// Asks for a token.
#[must_use]
pub fn request(base_url: &str, credentials: &Credentials) -> Request {
    match credentials {
        Credentials::ApiLogin { api_login } => {
            call::post(base_url, "/api/1/access_token", &LoginBody { api_login })
        }
        Credentials::App { api_key, app_id, client_secret } => {
            call::post(base_url, "/api/v2/access_token", &AppBody { api_key, app_id, client_secret })
        }
    }
}

/// The token in an answer.
///
/// # Errors
/// See [`Failure`]; [`Failure::Unauthorised`] for wrong credentials.
pub fn read(answer: &Answer) -> Result<String, Failure> {
    call::read::<TokenBody>(answer).map(|body| body.token)
}

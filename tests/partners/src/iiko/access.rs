//! Tokens: good for an hour, one request each.

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use super::state::Account;
use super::{Call, refused, shapes};
use crate::ids;
use crate::journal::Received;
use crate::serve::Reply;

/// Answers a request for a token; none if the path is another.
pub fn token(call: &mut Call<'_>, path: &str, request: &Received) -> Option<Reply> {
    let body = body(request);
    let spec = &call.account.spec;
    let (shape, known) = match path {
        "/api/1/access_token" => (shapes::ACCESS_TOKEN_1, body["apiLogin"] == spec.api_login.as_str()),
        "/api/v2/access_token" => (
            shapes::ACCESS_TOKEN_2,
            body["apiKey"] == spec.api_login.as_str()
                && body["appId"] == spec.app_id.as_str()
                && body["clientSecret"] == spec.client_secret.as_str(),
        ),
        _ => return None,
    };
    let notes = shape.faults(&body);
    if !known {
        return Some(refused(401, "Login is not authorized.", None).noting(notes));
    }
    let ends_ms = call.now_ms + call.iiko.pace.token_s * 1_000;
    let token = jwt(ends_ms / 1_000);
    call.account.tokens.insert(token.clone(), ends_ms);
    Some(call.reply(json!({ "token": token })).noting(notes))
}

/// What a caller without a valid token is told.
pub fn stranger() -> Reply {
    refused(401, "Token has expired or is invalid", Some("INVALID_TOKEN"))
}

/// Whether a request is for this account, by its login or its token.
pub fn is_of(account: &Account, request: &Received) -> bool {
    let body = body(request);
    let login = account.spec.api_login.as_str();
    body["apiLogin"] == login
        || body["apiKey"] == login
        || request.bearer().is_some_and(|token| account.tokens.contains_key(token))
}

/// Whether the request carries a token that is still good.
pub fn admits(call: &Call<'_>, request: &Received) -> bool {
    let ends_ms = request.bearer().and_then(|token| call.account.tokens.get(token));
    ends_ms.is_some_and(|ends_ms| *ends_ms > call.now_ms)
}

/// The body; a common client sends a JSON string that contains the JSON.
fn body(request: &Received) -> Value {
    let body = request.json();
    match &body {
        Value::String(inner) => serde_json::from_str(inner).unwrap_or(Value::Null),
        _ => body,
    }
}

fn jwt(ends_s: i64) -> String {
    let part = |value: Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let head = part(json!({ "alg": "HS256", "typ": "JWT" }));
    let claims = part(json!({ "exp": ends_s, "jti": ids::fresh() }));
    format!("{head}.{claims}.{}", BASE64URL_NOPAD.encode(b"not checked by anybody"))
}

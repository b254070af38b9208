//! Firebase Cloud Messaging, HTTP v1, and the exchange at `/token`.
//!
//! Sources: firebase.google.com/docs/reference/fcm/rest/v1/projects.messages, RFC 7523. Grants are verified: RS256 under
//! the account's key, audience, scope, times.
//!
//! Control: `POST /_control/devices` `{"gone":"<token>"}`; `GET /_control/screen` with the device in the body's `device`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use data_encoding::BASE64URL_NOPAD;
use rsa::pkcs1v15::{Signature, VerifyingKey};
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::signature::Verifier as _;
use serde_json::{Value, json};
use sha2::Sha256;

use super::{FCM_PROJECT, SERVICE_ACCOUNT_EMAIL, SERVICE_ACCOUNT_KEY, Seen, text};
use crate::clock::Clock;
use crate::journal::Received;
use crate::serve::{Partner, Reply};
use crate::shape::{Shape, may, must};

/// Either is enough for messages: the one that is for nothing else, and the one that Google's own client asks for among
/// others.
const SCOPES: [&str; 2] =
    ["https://www.googleapis.com/auth/firebase.messaging", "https://www.googleapis.com/auth/cloud-platform"];
/// Google's own name of the exchange, which its clients use wherever they find it.
const AUDIENCE: &str = "https://oauth2.googleapis.com/token";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const TOKEN_SECONDS: i64 = 3_599;
const PAYLOAD_BYTES_MAX: usize = 4_096;

const SHOWN: Shape =
    Shape::Object(&[must("title", Shape::Text(1, 200)), must("body", Shape::Text(1, 1_000))]);
const ANDROID: Shape = Shape::Object(&[
    may("collapse_key", Shape::Text(1, 64)),
    must("priority", Shape::One(&["normal", "high"])),
    must("ttl", Shape::Text(2, 10)),
    must(
        "notification",
        Shape::Object(&[must("channel_id", Shape::Text(1, 64)), must("tag", Shape::Text(1, 64))]),
    ),
]);
const APNS: Shape = Shape::Object(&[
    must(
        "headers",
        Shape::Object(&[
            must("apns-priority", Shape::One(&["5", "10"])),
            must("apns-collapse-id", Shape::Text(1, 64)),
            must("apns-expiration", Shape::Text(1, 12)),
        ]),
    ),
    must(
        "payload",
        Shape::Object(&[must(
            "aps",
            Shape::Object(&[must("sound", Shape::Text(1, 32)), must("thread-id", Shape::Text(1, 64))]),
        )]),
    ),
]);
const MESSAGE: Shape = Shape::Object(&[must(
    "message",
    Shape::Object(&[
        may("token", Shape::Text(1, 4_096)),
        may("fid", Shape::Text(1, 64)),
        must("notification", SHOWN),
        must("data", Shape::Texts { entries: 16, key: 64, value: 1_024 }),
        must("android", ANDROID),
        must("apns", APNS),
        must("fcm_options", Shape::Object(&[must("analytics_label", Shape::Text(1, 50))])),
    ]),
)]);

#[derive(Default)]
struct State {
    url: String,
    /// Tokens granted, with when they end (ms).
    granted: BTreeMap<String, i64>,
    /// Devices whose app is gone.
    gone: BTreeSet<String>,
    /// By device and tag: a notification with a known tag replaces the earlier one.
    shown: BTreeMap<(String, String), Seen>,
    /// Messages taken, repetitions included.
    taken: u64,
    grants: u64,
}

/// The simulator.
#[derive(Clone)]
pub struct Fcm {
    state: Arc<Mutex<State>>,
    clock: Clock,
}

impl Fcm {
    /// With a clock.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { state: Arc::default(), clock }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn listens_at(&self, url: &str) {
        self.lock().url = url.to_owned();
    }

    /// The app was removed from a device.
    pub fn uninstall(&self, device: &str) {
        self.lock().gone.insert(device.to_owned());
    }

    /// What is on a device's screen.
    #[must_use]
    pub fn screen(&self, device: &str) -> Vec<Seen> {
        self.lock()
            .shown
            .iter()
            .filter(|((each, _), _)| each == device)
            .map(|(_, seen)| seen.clone())
            .collect()
    }

    /// Messages taken, repetitions included.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.lock().taken
    }

    /// Tokens granted so far.
    #[must_use]
    pub fn grants(&self) -> u64 {
        self.lock().grants
    }

    /// No token is good any more.
    pub fn revoke(&self) {
        self.lock().granted.clear();
    }

    fn grant(&self, request: &Received) -> Reply {
        let form: BTreeMap<String, String> = form_urlencoded::parse(&request.bytes).into_owned().collect();
        let mut state = self.lock();
        let audience = format!("{}/token", state.url);
        let now_ms = self.clock.now_ms();
        let faults = match form.get("assertion") {
            Some(assertion) => assertion_faults(assertion, &audience, now_ms / 1_000),
            None => vec!["no assertion".to_owned()],
        };
        if form.get("grant_type").map(String::as_str) != Some(GRANT) || !faults.is_empty() {
            let words = json!({ "error": "invalid_grant", "error_description": faults.join("; ") });
            return Reply::json(400, words).noting(faults);
        }
        state.grants += 1;
        let token = format!("ya29.{}", crate::ids::fresh());
        state.granted.insert(token.clone(), now_ms + TOKEN_SECONDS * 1_000);
        Reply::json(
            200,
            json!({ "access_token": token, "expires_in": TOKEN_SECONDS, "token_type": "Bearer" }),
        )
    }

    fn send(&self, request: &Received) -> Reply {
        let mut state = self.lock();
        let now_ms = self.clock.now_ms();
        let is_known = request
            .bearer()
            .is_some_and(|token| state.granted.get(token).is_some_and(|until| *until > now_ms));
        if !is_known {
            return refusal(401, "UNAUTHENTICATED", None, "Request had invalid authentication credentials.");
        }
        let body = request.json();
        let mut faults = MESSAGE.faults(&body);
        if request.bytes.len() > PAYLOAD_BYTES_MAX {
            faults.push(format!("a payload of {} bytes", request.bytes.len()));
        }
        let device = match (body.pointer("/message/token"), body.pointer("/message/fid")) {
            (Some(Value::String(device)), None) | (None, Some(Value::String(device))) => device.clone(),
            _ => {
                faults.push("not one target".to_owned());
                String::new()
            }
        };
        if !faults.is_empty() {
            return refusal(400, "INVALID_ARGUMENT", Some("INVALID_ARGUMENT"), "Invalid JSON payload")
                .noting(faults);
        }
        if state.gone.contains(&device) {
            return refusal(404, "NOT_FOUND", Some("UNREGISTERED"), "Requested entity was not found.");
        }
        state.taken += 1;
        let id = text(&body, "/message/data/id");
        let tag = text(&body, "/message/android/notification/tag");
        let seen = Seen {
            address: device.clone(),
            id,
            title: text(&body, "/message/notification/title"),
            text: text(&body, "/message/notification/body"),
        };
        state.shown.insert((device, tag), seen);
        Reply::json(
            200,
            json!({ "name": format!("projects/{FCM_PROJECT}/messages/{}", crate::ids::fresh()) }),
        )
    }
}

impl Partner for Fcm {
    fn answer(&self, request: &Received) -> Reply {
        match (request.method.as_str(), request.path.as_str()) {
            ("POST", "/token") => self.grant(request),
            ("POST", path) if path == format!("/v1/projects/{FCM_PROJECT}/messages:send") => {
                self.send(request)
            }
            _ => refusal(404, "NOT_FOUND", None, "no such path").noting(vec!["no such path".to_owned()]),
        }
    }

    fn control(&self, path: &str, body: &Value) -> Option<Reply> {
        match path {
            "devices" => {
                self.uninstall(body["gone"].as_str()?);
                Some(Reply::json(200, json!({})))
            }
            "screen" => {
                let seen = self.screen(body["device"].as_str()?);
                let seen: Vec<Value> = seen
                    .iter()
                    .map(|seen| json!({ "id": seen.id, "title": seen.title, "text": seen.text }))
                    .collect();
                Some(Reply::json(200, json!({ "seen": seen })))
            }
            _ => None,
        }
    }

    fn failure(&self, status: u16, retry_after_s: Option<u32>) -> Reply {
        let code = match status {
            429 => ("RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"),
            503 => ("UNAVAILABLE", "UNAVAILABLE"),
            _ => ("INTERNAL", "INTERNAL"),
        };
        let mut reply = refusal(status, code.0, Some(code.1), "on purpose");
        reply.headers.extend(retry_after_s.map(|seconds| ("retry-after", seconds.to_string())));
        reply
    }
}

fn refusal(status: u16, code: &str, error_code: Option<&str>, message: &str) -> Reply {
    let details: Vec<Value> = error_code
        .map(|code| json!({ "@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code }))
        .into_iter()
        .collect();
    Reply::json(
        status,
        json!({ "error": { "code": status, "message": message, "status": code, "details": details } }),
    )
}

/// Everything wrong with a grant.
fn assertion_faults(assertion: &str, audience: &str, now: i64) -> Vec<String> {
    let mut faults = Vec::new();
    let parts: Vec<&str> = assertion.split('.').collect();
    let [head, claims, signature] = parts[..] else { return vec!["not three parts".to_owned()] };
    let part = |text: &str| -> Value {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or(Value::Null)
    };
    let (head_read, claims_read) = (part(head), part(claims));
    if head_read["alg"] != "RS256" || head_read["typ"] != "JWT" {
        faults.push("not a JWT under RS256".to_owned());
    }
    let scopes = claims_read["scope"].as_str().unwrap_or_default();
    if !scopes.split(' ').any(|scope| SCOPES.contains(&scope)) {
        faults.push(format!("scope is {scopes:?}"));
    }
    for (name, expected) in [("iss", [SERVICE_ACCOUNT_EMAIL; 2]), ("aud", [audience, AUDIENCE])] {
        if !expected.iter().any(|expected| claims_read[name] == *expected) {
            faults.push(format!("{name} is {}", claims_read[name]));
        }
    }
    let (iat, exp) = (claims_read["iat"].as_i64().unwrap_or(0), claims_read["exp"].as_i64().unwrap_or(0));
    // Tests set the time of calls: the exchange takes any, but not one of more than an hour.
    if exp - iat > 3_600 || exp <= iat || now == 0 {
        faults.push(format!("from {iat} until {exp}"));
    }
    let verified = rsa::PrivateKey::from_pkcs8_pem(SERVICE_ACCOUNT_KEY).ok().and_then(|key| {
        let key = VerifyingKey::<Sha256>::new(key.to_public_key());
        let bytes = BASE64URL_NOPAD.decode(signature.as_bytes()).ok()?;
        key.verify(format!("{head}.{claims}").as_bytes(), &Signature::try_from(&bytes[..]).ok()?).ok()
    });
    if verified.is_none() {
        faults.push("the signature is not the account's".to_owned());
    }
    faults
}

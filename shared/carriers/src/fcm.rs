//! Firebase Cloud Messaging, HTTP v1: one call for each device.
//!
//! There is no idempotency key: a repeated message has the same tag and collapse id, by which the phone replaces the
//! first by the second.

use http::Method;
use kernel::Timestamp;
use messaging::outcome::Outcome;
use partner::{Answer, Fault, Request};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{PUSH_TEXT_CHARS_MAX, PUSH_TITLE_CHARS_MAX, Parcel, TIMEOUT_MS, cut, fault, shortened, trouble};

/// Longest time for which FCM keeps a message for a phone that is off: four weeks.
const TTL_SECONDS_MAX: i64 = 28 * 24 * 3_600;

/// What the address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A registration token.
    Token,
    /// A Firebase installation id.
    Installation,
}

/// A message to one device.
///
/// `base_url` is without a path: `https://fcm.googleapis.com`; `token` is the exchanged one.
#[must_use]
pub fn request(base_url: &str, project: &str, token: &str, target: Target, parcel: &Parcel<'_>) -> Request {
    let ttl = parcel.ttl_seconds(TTL_SECONDS_MAX);
    let priority = if parcel.is_urgent { ("high", "10") } else { ("normal", "5") };
    let mut data = json!({ "topic": parcel.topic, "id": parcel.id });
    if let Some(link) = &parcel.words.link {
        data["url"] = json!(link);
    }
    let mut message = json!({
        "notification": {
            "title": shortened(&parcel.words.title, PUSH_TITLE_CHARS_MAX),
            "body": shortened(&parcel.words.text, PUSH_TEXT_CHARS_MAX),
        },
        "data": data,
        "android": {
            "collapse_key": parcel.id,
            "priority": priority.0,
            "ttl": format!("{ttl}s"),
            "notification": { "channel_id": channel(parcel.topic), "tag": parcel.id },
        },
        "apns": {
            "headers": {
                "apns-priority": priority.1,
                "apns-collapse-id": parcel.id,
                "apns-expiration": parcel.now.seconds().saturating_add(ttl).to_string(),
            },
            "payload": { "aps": { "sound": "default", "thread-id": channel(parcel.topic) } },
        },
        "fcm_options": { "analytics_label": channel(parcel.topic) },
    });
    let name = match target {
        Target::Token => "token",
        Target::Installation => "fid",
    };
    message[name] = json!(parcel.address);
    Request {
        method: Method::POST,
        url: format!("{base_url}/v1/projects/{project}/messages:send"),
        headers: vec![
            ("content-type", "application/json".to_owned()),
            ("authorization", format!("Bearer {token}")),
        ],
        body: json!({ "message": message }).to_string().into_bytes(),
        timeout_ms: TIMEOUT_MS,
    }
}

/// The app's notification channel: what stands before the dot of a topic.
pub(crate) fn channel(topic: &str) -> &str {
    topic.split_once('.').map_or(topic, |(area, _)| area)
}

#[derive(Deserialize)]
struct Sent {
    name: String,
}

#[derive(Deserialize)]
struct Failure {
    error: Body,
}

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    status: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    details: Vec<Detail>,
}

#[derive(Deserialize, Serialize)]
struct Detail {
    #[serde(default, rename = "errorCode")]
    error_code: Option<String>,
}

/// What FCM's answer means.
#[must_use]
pub fn outcome(answer: &Result<Answer, Fault>, now: Timestamp) -> Outcome {
    let answer = match answer {
        Ok(answer) => answer,
        Err(no_answer) => return fault(no_answer),
    };
    if answer.is_success() {
        return match serde_json::from_slice::<Sent>(&answer.body) {
            Ok(sent) => Outcome::Accepted { provider_id: Some(cut(&sent.name)) },
            Err(_) => Outcome::Unknown(format!("{} with a body that is not FCM's", answer.status)),
        };
    }
    let failure = serde_json::from_slice::<Failure>(&answer.body).ok().map(|failure| failure.error);
    let code = failure.as_ref().and_then(|body| {
        let codes = body.details.iter().find_map(|detail| detail.error_code.clone());
        codes.or_else(|| Some(body.status.clone()).filter(|status| !status.is_empty()))
    });
    let names_token = failure.as_ref().is_some_and(|body| body.message.contains("registration token"));
    let code = code.unwrap_or_default();
    let detail = cut(&format!("{} {code}", answer.status));
    match code.as_str() {
        "UNREGISTERED" | "SENDER_ID_MISMATCH" => Outcome::AddressGone(detail),
        "INVALID_ARGUMENT" if names_token => Outcome::AddressGone(detail),
        "INVALID_ARGUMENT" => Outcome::Refused(detail),
        "THIRD_PARTY_AUTH_ERROR" => Outcome::Misconfigured(detail),
        _ if answer.is_transient() => trouble(answer, detail, now),
        _ if matches!(answer.status, 401 | 403 | 404) => Outcome::Misconfigured(detail),
        _ => Outcome::Refused(detail),
    }
}

#[cfg(test)]
mod tests {
    use messaging::words::Words;

    use super::*;

    fn answer(status: u16, body: &str) -> Result<Answer, Fault> {
        Ok(Answer { status, headers: Vec::new(), body: body.as_bytes().to_vec() })
    }

    fn error(status: u16, code: &str, message: &str) -> Result<Answer, Fault> {
        let body = json!({ "error": { "code": status, "message": message, "status": "X", "details": [
            { "@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code } ] } });
        answer(status, &body.to_string())
    }

    #[test]
    fn every_documented_answer() {
        let now = Timestamp::from_millis(0);
        let outcome = |answer: Result<Answer, Fault>| outcome(&answer, now);
        let name = r#"{"name":"projects/p/messages/0:1"}"#;
        assert_eq!(
            outcome(answer(200, name)),
            Outcome::Accepted { provider_id: Some("projects/p/messages/0:1".to_owned()) }
        );
        assert!(matches!(outcome(error(404, "UNREGISTERED", "")), Outcome::AddressGone(_)));
        assert!(matches!(outcome(error(403, "SENDER_ID_MISMATCH", "")), Outcome::AddressGone(_)));
        let token = "The registration token is not a valid FCM registration token";
        assert!(matches!(outcome(error(400, "INVALID_ARGUMENT", token)), Outcome::AddressGone(_)));
        assert!(matches!(outcome(error(400, "INVALID_ARGUMENT", "ttl")), Outcome::Refused(_)));
        assert!(matches!(outcome(error(429, "QUOTA_EXCEEDED", "")), Outcome::Slower { .. }));
        assert!(matches!(outcome(error(503, "UNAVAILABLE", "")), Outcome::Failed { .. }));
        assert!(matches!(outcome(error(500, "INTERNAL", "")), Outcome::Failed { .. }));
        assert!(matches!(outcome(error(401, "THIRD_PARTY_AUTH_ERROR", "")), Outcome::Misconfigured(_)));
        // The project is another, not the device.
        assert!(matches!(outcome(answer(404, "{}")), Outcome::Misconfigured(_)));
        assert!(matches!(outcome(answer(200, "<html>")), Outcome::Unknown(_)));
        assert!(matches!(outcome(Err(Fault::NoAnswer("late".to_owned()))), Outcome::Unknown(_)));
        assert!(matches!(outcome(Err(Fault::NotSent("dns".to_owned()))), Outcome::Failed { .. }));
    }

    #[test]
    fn a_message_stays_below_the_limit() {
        let words = Words {
            title: "Ж".repeat(300),
            text: "Ж".repeat(5_000),
            short: String::new(),
            link: Some(format!("https://example.com/{}", "a".repeat(200))),
        };
        let at = Timestamp::from_millis(0);
        let parcel = Parcel {
            id: "ntf_0000000000000",
            address: &"t".repeat(300),
            words: &words,
            topic: "ticket.answer",
            is_urgent: true,
            expires_at: at.plus_millis(600_000),
            now: at,
        };
        let request = request("http://fcm", "p", "secret", Target::Installation, &parcel);
        assert!(request.body.len() < 4_096, "{}", request.body.len());
        let body: serde_json::Value = serde_json::from_slice(&request.body).expect("JSON");
        assert_eq!(body["message"]["android"]["ttl"], "600s");
        assert!(body["message"]["fid"].is_string() && body["message"]["token"].is_null());
        assert_eq!(request.url, "http://fcm/v1/projects/p/messages:send");
    }
}

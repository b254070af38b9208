//! RuStore's push service: FCM's shape without its priorities, collapse keys and tags, under a fixed token.

use http::Method;
use kernel::Timestamp;
use messaging::outcome::Outcome;
use partner::{Answer, Fault, Request};
use serde::Deserialize;
use serde_json::json;

use crate::fcm::channel;
use crate::{PUSH_TEXT_CHARS_MAX, PUSH_TITLE_CHARS_MAX, Parcel, TIMEOUT_MS, cut, fault, shortened, trouble};

/// Longest time for which a message is kept for a phone that is off: four weeks.
const TTL_SECONDS_MAX: i64 = 28 * 24 * 3_600;
/// `click_action` is a deep link.
const DEEP_LINK: u8 = 1;

/// A message to one device. `base_url` is without a path: `https://vkpns.rustore.ru`.
#[must_use]
pub fn request(base_url: &str, project: &str, token: &str, parcel: &Parcel<'_>) -> Request {
    let mut data = json!({ "topic": parcel.topic, "id": parcel.id });
    let mut shown = json!({ "channel_id": channel(parcel.topic) });
    if let Some(link) = &parcel.words.link {
        data["url"] = json!(link);
        shown["click_action"] = json!(link);
        shown["click_action_type"] = json!(DEEP_LINK);
    }
    let body = json!({
        "message": {
            "token": parcel.address,
            "notification": {
                "title": shortened(&parcel.words.title, PUSH_TITLE_CHARS_MAX),
                "body": shortened(&parcel.words.text, PUSH_TEXT_CHARS_MAX),
            },
            "data": data,
            "android": { "ttl": format!("{}s", parcel.ttl_seconds(TTL_SECONDS_MAX)), "notification": shown },
        }
    });
    Request {
        method: Method::POST,
        url: format!("{base_url}/v1/projects/{project}/messages:send"),
        headers: vec![
            ("content-type", "application/json".to_owned()),
            ("authorization", format!("Bearer {token}")),
        ],
        body: body.to_string().into_bytes(),
        timeout_ms: TIMEOUT_MS,
    }
}

#[derive(Deserialize)]
struct Failure {
    error: Body,
}

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    status: String,
}

/// What RuStore's answer means.
#[must_use]
pub fn outcome(answer: &Result<Answer, Fault>, now: Timestamp) -> Outcome {
    let answer = match answer {
        Ok(answer) => answer,
        Err(no_answer) => return fault(no_answer),
    };
    if answer.is_success() {
        return Outcome::Accepted { provider_id: None };
    }
    let failure = serde_json::from_slice::<Failure>(&answer.body).ok();
    let status = failure.map(|failure| failure.error.status).unwrap_or_default();
    let detail = cut(&format!("{} {status}", answer.status));
    match (answer.status, status.as_str()) {
        (404, "NOT_FOUND") => Outcome::AddressGone(detail),
        (400, _) => Outcome::Refused(detail),
        (401 | 403 | 404, _) => Outcome::Misconfigured(detail),
        _ if answer.is_transient() => trouble(answer, detail, now),
        _ => Outcome::Refused(detail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_answer() {
        let error = |status: u16, code: &str| {
            let body = json!({ "error": { "code": status, "message": "m", "status": code } });
            outcome(
                &Ok(Answer { status, headers: Vec::new(), body: body.to_string().into_bytes() }),
                Timestamp::from_millis(0),
            )
        };
        assert!(matches!(error(404, "NOT_FOUND"), Outcome::AddressGone(_)));
        assert!(matches!(error(400, "INVALID_ARGUMENT"), Outcome::Refused(_)));
        assert!(matches!(error(403, "PERMISSION_DENIED"), Outcome::Misconfigured(_)));
        assert!(matches!(error(429, ""), Outcome::Slower { .. }));
        assert!(matches!(error(500, "INTERNAL"), Outcome::Failed { .. }));
        assert_eq!(error(200, ""), Outcome::Accepted { provider_id: None });
        let late = outcome(&Err(Fault::NoAnswer("late".to_owned())), Timestamp::from_millis(0));
        assert!(matches!(late, Outcome::Unknown(_)));
    }
}

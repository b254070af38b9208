//! Text messages: the gateway's contract (docs/partners/sms.md).

use http::Method;
use kernel::Timestamp;
use messaging::outcome::Outcome;
use messaging::words::Words;
use partner::{Answer, Fault, Request};
use serde::{Deserialize, Serialize};

use crate::{TIMEOUT_MS, cut, fault, shortened, trouble};

/// Characters of one message with letters beyond Latin (UCS-2), and of each part of a longer one.
const UNITS_ALONE: usize = 70;
const UNITS_PER_PART: usize = 67;
/// Parts of a notification: a person's answer is cut to fit, the rest is in the app.
const PARTS_MAX: usize = 3;

/// What a message is for: the gateway routes and bills by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A one-time code.
    Otp,
    Service,
    /// Advertising.
    Promo,
}

/// The gateway and how to speak to it.
#[derive(Debug, Clone)]
pub struct Gateway {
    /// Without a slash at the end.
    pub url: String,
    /// Empty where the gateway knows its clients by other means.
    pub token: String,
    /// The sender's name registered with the operators.
    pub sender: String,
}

/// A message to one phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message<'a> {
    /// Ours: the gateway sends a message of one id once, however often it is told to.
    pub id: &'a str,
    /// E.164.
    pub to: &'a str,
    pub text: &'a str,
    pub ttl_seconds: i64,
    pub kind: Kind,
}

#[derive(Serialize)]
struct Body<'a> {
    id: &'a str,
    to: &'a str,
    sender: &'a str,
    text: &'a str,
    ttl_s: i64,
    kind: Kind,
}

#[derive(Deserialize)]
struct Taken {
    #[serde(default)]
    provider_id: Option<String>,
    status: Status,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Accepted,
    Queued,
    Sent,
    Delivered,
    #[serde(other)]
    Refused,
}

impl Gateway {
    /// Hands a message over.
    #[must_use]
    pub fn request(&self, message: Message<'_>) -> Request {
        let body = Body {
            id: message.id,
            to: message.to,
            sender: &self.sender,
            text: message.text,
            ttl_s: message.ttl_seconds,
            kind: message.kind,
        };
        let mut headers = vec![
            ("content-type", "application/json".to_owned()),
            ("accept", "application/json".to_owned()),
            ("idempotency-key", message.id.to_owned()),
        ];
        if !self.token.is_empty() {
            headers.push(("authorization", format!("Bearer {}", self.token)));
        }
        Request {
            method: Method::POST,
            url: format!("{}/messages", self.url),
            headers,
            body: serde_json::to_vec(&body).expect("texts and a number are JSON"),
            timeout_ms: TIMEOUT_MS,
        }
    }
}

/// What the gateway's answer means.
#[must_use]
pub fn outcome(answer: &Result<Answer, Fault>, now: Timestamp) -> Outcome {
    let answer = match answer {
        Ok(answer) => answer,
        Err(no_answer) => return fault(no_answer),
    };
    let detail = format!("the gateway answered {}", answer.status);
    match answer.status {
        200..=299 => match serde_json::from_slice::<Taken>(&answer.body) {
            Ok(Taken { status: Status::Refused, .. }) => {
                Outcome::Refused("the gateway refused the message".to_owned())
            }
            Ok(taken) => Outcome::Accepted { provider_id: taken.provider_id.map(|id| cut(&id)) },
            Err(_) => Outcome::Unknown("the gateway's answer has another shape".to_owned()),
        },
        401 | 403 => Outcome::Misconfigured(detail),
        _ if answer.is_transient() => trouble(answer, detail, now),
        _ => Outcome::Refused(detail),
    }
}

/// The text of a notification, in at most three parts; the link stays whole.
#[must_use]
pub fn text(words: &Words) -> String {
    let link = words.link.as_ref().map(|link| format!(" {link}")).unwrap_or_default();
    let units = |text: &str| text.encode_utf16().count();
    let most = if units(&words.short) + units(&link) <= UNITS_ALONE {
        UNITS_ALONE
    } else {
        PARTS_MAX * UNITS_PER_PART
    };
    let mut chars = words.short.chars().count();
    let mut short = words.short.clone();
    while units(&short) + units(&link) > most && chars > 1 {
        chars -= 1;
        short = shortened(&words.short, chars);
    }
    short + &link
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_and_what_they_mean() {
        let now = Timestamp::from_millis(0);
        let of = |status, body: &str| {
            outcome(&Ok(Answer { status, headers: Vec::new(), body: body.as_bytes().to_vec() }), now)
        };
        let accepted = |id: Option<&str>| Outcome::Accepted { provider_id: id.map(str::to_owned) };
        assert_eq!(
            of(200, r#"{"provider_id":"p1","status":"accepted","parts":1,"price":"4.20"}"#),
            accepted(Some("p1"))
        );
        assert_eq!(of(202, r#"{"status":"queued"}"#), accepted(None));
        assert!(matches!(of(200, r#"{"status":"rejected"}"#), Outcome::Refused(_)));
        assert!(matches!(of(200, "ok"), Outcome::Unknown(_)));
        assert!(matches!(of(422, ""), Outcome::Refused(_)));
        assert!(matches!(of(401, ""), Outcome::Misconfigured(_)));
        assert!(matches!(of(429, ""), Outcome::Slower { .. }));
        assert!(matches!(of(502, r#"{"status":"accepted"}"#), Outcome::Failed { .. }));
    }

    #[test]
    fn a_text_has_three_parts_at_most_and_its_link_whole() {
        let words = |short: &str, link: Option<&str>| Words {
            title: String::new(),
            text: String::new(),
            short: short.to_owned(),
            link: link.map(str::to_owned),
        };
        assert_eq!(text(&words("Оцените", Some("https://x.kz/f/1"))), "Оцените https://x.kz/f/1");
        let long = text(&words(&"я".repeat(400), Some("https://x.kz/f/1")));
        assert!(long.ends_with("… https://x.kz/f/1"));
        assert_eq!(long.encode_utf16().count(), PARTS_MAX * UNITS_PER_PART);
    }
}

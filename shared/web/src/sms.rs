//! Text messages: the gateway's contract (docs/partners/sms.md).

use http::Method;
use partner::{Exchange, Request};
use serde::{Deserialize, Serialize};

use crate::call::Settings;
use crate::problem::Problem;

/// Base address of the gateway, without a slash at the end.
pub const URL: &str = "sms_gateway_url";
/// Sent as `Authorization: Bearer …`; empty where the gateway knows its clients by other means.
pub const TOKEN: &str = "sms_gateway_token";
/// The sender's name registered with the operators.
pub const SENDER: &str = "sms_sender";

/// How long the gateway may take: a guest looks at the screen meanwhile.
const TIMEOUT_MS: u32 = 10_000;
/// Characters of a gateway's own words that are kept.
const ERROR_LEN_MAX: usize = 200;

/// The gateway and how to speak to it.
#[derive(Debug, Clone)]
pub struct Gateway {
    url: String,
    token: String,
    sender: String,
}

/// What a message is for: the gateway routes and bills by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Otp,
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
struct Answer {
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
    /// The gateway that the variables name.
    ///
    /// # Errors
    /// An internal error when one is not granted.
    pub fn from_settings(settings: &dyn Settings) -> Result<Self, Problem> {
        Ok(Self {
            url: settings.get(URL)?.trim_end_matches('/').to_owned(),
            token: settings.get(TOKEN)?,
            sender: settings.get(SENDER)?,
        })
    }

    /// Hands a message over. Answers with the gateway's own id for it, if it gave one.
    ///
    /// # Errors
    /// In words for the log: no answer, or not a yes. They name neither phone nor text.
    pub fn send(&self, partners: &dyn Exchange, message: Message<'_>) -> Result<Option<String>, String> {
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
        let request = Request {
            method: Method::POST,
            url: format!("{}/messages", self.url),
            headers,
            body: serde_json::to_vec(&body).map_err(|error| error.to_string())?,
            timeout_ms: TIMEOUT_MS,
        };
        let answer = partners.exchange(&request).map_err(|fault| cut(&fault.to_string()))?;
        if !answer.is_success() {
            return Err(format!("the gateway answered {}", answer.status));
        }
        let read: Answer = serde_json::from_slice(&answer.body)
            .map_err(|error| cut(&format!("the gateway's answer has another shape: {error}")))?;
        match read.status {
            Status::Refused => Err("the gateway refused the message".to_owned()),
            Status::Accepted | Status::Queued | Status::Sent | Status::Delivered => Ok(read.provider_id),
        }
    }
}

fn cut(words: &str) -> String {
    words.chars().take(ERROR_LEN_MAX).collect()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use partner::Fault;

    use super::*;

    struct Fixed {
        answer: Result<(u16, &'static str), &'static str>,
        asked: RefCell<Vec<Request>>,
    }

    impl Exchange for Fixed {
        fn exchange(&self, request: &Request) -> Result<partner::Answer, Fault> {
            self.asked.borrow_mut().push(request.clone());
            let (status, body) = self.answer.map_err(|words| Fault::NotSent(words.to_owned()))?;
            Ok(partner::Answer { status, headers: Vec::new(), body: body.as_bytes().to_vec() })
        }
    }

    const MESSAGE: Message<'static> =
        Message { id: "msg_1", to: "+77010000001", text: "код 048213", ttl_seconds: 300, kind: Kind::Otp };

    #[test]
    fn answers_and_what_they_mean() {
        let gateway =
            Gateway { url: "http://sms".to_owned(), token: String::new(), sender: "COFFEE".to_owned() };
        for (answer, accepted) in [
            (
                Ok((200, r#"{"provider_id":"p1","status":"accepted","parts":1,"price":"4.20"}"#)),
                Some(Some("p1")),
            ),
            (Ok((202, r#"{"status":"queued"}"#)), Some(None)),
            (Ok((200, r#"{"status":"rejected"}"#)), None),
            (Ok((200, "ok")), None),
            (Ok((500, r#"{"status":"accepted"}"#)), None),
            (Err("connection refused"), None),
        ] {
            let gate = Fixed { answer, asked: RefCell::default() };
            let outcome = gateway.send(&gate, MESSAGE);
            assert_eq!(outcome.as_ref().ok().map(Option::as_deref), accepted, "{answer:?}");
            if let Err(words) = outcome {
                assert!(!words.contains("7701") && !words.contains("048213"), "{words}");
            }
        }
    }

    #[test]
    fn the_request_is_the_contracts() {
        let gateway =
            Gateway { url: "http://sms".to_owned(), token: "key".to_owned(), sender: "COFFEE".to_owned() };
        let gate = Fixed { answer: Err("none"), asked: RefCell::default() };
        gateway.send(&gate, MESSAGE).expect_err("no answer");
        let asked = gate.asked.borrow();
        assert_eq!((asked[0].method.as_str(), asked[0].url.as_str()), ("POST", "http://sms/messages"));
        assert!(asked[0].headers.contains(&("authorization", "Bearer key".to_owned())));
        let body: serde_json::Value = serde_json::from_slice(&asked[0].body).expect("JSON");
        assert_eq!(
            body,
            serde_json::json!({ "id": "msg_1", "to": "+77010000001", "sender": "COFFEE", "text": "код 048213",
                "ttl_s": 300, "kind": "otp" })
        );
    }
}

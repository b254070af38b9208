//! Text messages that a guest waits for: handed to the gateway at once (docs/partners/sms.md).

use carriers::sms::{self, Message};
use kernel::Timestamp;
use messaging::outcome::Outcome;
use partner::Exchange;

use crate::call::Settings;
use crate::problem::Problem;

/// Base address of the gateway, without a slash at the end.
pub const URL: &str = "sms_gateway_url";
/// Sent as `Authorization: Bearer …`; empty where the gateway knows its clients by other means.
pub const TOKEN: &str = "sms_gateway_token";
/// The sender's name registered with the operators.
pub const SENDER: &str = "sms_sender";

/// The gateway and how to speak to it.
#[derive(Debug, Clone)]
pub struct Gateway(sms::Gateway);

impl Gateway {
    /// The gateway that the variables name.
    ///
    /// # Errors
    /// An internal error when one is not granted.
    pub fn from_settings(settings: &dyn Settings) -> Result<Self, Problem> {
        Ok(Self(sms::Gateway {
            url: settings.get(URL)?.trim_end_matches('/').to_owned(),
            token: settings.get(TOKEN)?,
            sender: settings.get(SENDER)?,
        }))
    }

    /// Hands a message over. Answers with the gateway's own id for it, if it gave one.
    ///
    /// # Errors
    /// In words for the log: no answer, or not a yes. They name neither phone nor text.
    pub fn send(
        &self,
        partners: &dyn Exchange,
        message: Message<'_>,
        now: Timestamp,
    ) -> Result<Option<String>, String> {
        match sms::outcome(&partners.exchange(&self.0.request(message)), now) {
            Outcome::Accepted { provider_id } => Ok(provider_id),
            other => Err(other.detail().to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use carriers::sms::Kind;
    use partner::{Fault, Request};

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

    fn gateway(token: &str) -> Gateway {
        Gateway(sms::Gateway {
            url: "http://sms".to_owned(),
            token: token.to_owned(),
            sender: "COFFEE".to_owned(),
        })
    }

    #[test]
    fn answers_and_what_they_mean() {
        let gateway = gateway("");
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
            let outcome = gateway.send(&gate, MESSAGE, Timestamp::from_millis(0));
            assert_eq!(outcome.as_ref().ok().map(Option::as_deref), accepted, "{answer:?}");
            if let Err(words) = outcome {
                assert!(!words.contains("7701") && !words.contains("048213"), "{words}");
            }
        }
    }

    #[test]
    fn the_request_is_the_contracts() {
        let gateway = gateway("key");
        let gate = Fixed { answer: Err("none"), asked: RefCell::default() };
        gateway.send(&gate, MESSAGE, Timestamp::from_millis(0)).expect_err("no answer");
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

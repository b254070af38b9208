//! E-mail through an HTTP gateway (docs/partners/email.md): `POST /emails`, with a key by which a repeated mail is none.

use http::Method;
use kernel::Timestamp;
use messaging::outcome::Outcome;
use messaging::words::Words;
use partner::{Answer, Fault, Request};
use serde::Deserialize;
use serde_json::json;

use crate::{Parcel, TIMEOUT_MS, cut, fault, trouble};

/// The gateway and how to speak to it.
#[derive(Debug, Clone)]
pub struct Gateway {
    /// Without a slash at the end.
    pub url: String,
    pub token: String,
    /// `Name <address>`, of a domain that the gateway may send for.
    pub sender: String,
}

#[derive(Deserialize)]
struct Taken {
    id: String,
}

#[derive(Deserialize)]
struct Failure {
    #[serde(default)]
    name: String,
}

impl Gateway {
    /// Hands a mail over.
    #[must_use]
    pub fn request(&self, parcel: &Parcel<'_>) -> Request {
        let body = json!({
            "from": self.sender,
            "to": [parcel.address],
            "subject": parcel.words.title,
            "text": plain(parcel.words),
            "html": html(parcel.words),
            "headers": { "Auto-Submitted": "auto-generated", "X-Entity-Ref-ID": parcel.id },
            "tags": [{ "name": "topic", "value": parcel.topic.replace('.', "_") }],
        });
        Request {
            method: Method::POST,
            url: format!("{}/emails", self.url),
            headers: vec![
                ("content-type", "application/json".to_owned()),
                ("authorization", format!("Bearer {}", self.token)),
                ("idempotency-key", parcel.id.to_owned()),
            ],
            body: body.to_string().into_bytes(),
            timeout_ms: TIMEOUT_MS,
        }
    }
}

fn plain(words: &Words) -> String {
    match &words.link {
        Some(link) => format!("{}\n\n{link}\n", words.text),
        None => format!("{}\n", words.text),
    }
}

/// The same as HTML: paragraphs, and a link. Everything is escaped; nothing is loaded.
fn html(words: &Words) -> String {
    let paragraphs =
        words.text.split("\n\n").map(|part| format!("<p>{}</p>", escaped(part).replace('\n', "<br>")));
    let mut html: String = paragraphs.collect();
    if let Some(link) = &words.link {
        let link = escaped(link);
        html.push_str(&format!("<p><a href=\"{link}\">{link}</a></p>"));
    }
    html
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for each in text.chars() {
        match each {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// What the gateway's answer means.
#[must_use]
pub fn outcome(answer: &Result<Answer, Fault>, now: Timestamp) -> Outcome {
    let answer = match answer {
        Ok(answer) => answer,
        Err(no_answer) => return fault(no_answer),
    };
    if answer.is_success() {
        return match serde_json::from_slice::<Taken>(&answer.body) {
            Ok(taken) => Outcome::Accepted { provider_id: Some(cut(&taken.id)) },
            Err(_) => Outcome::Unknown("the gateway's answer has another shape".to_owned()),
        };
    }
    let name =
        serde_json::from_slice::<Failure>(&answer.body).map(|failure| failure.name).unwrap_or_default();
    let detail = cut(&format!("{} {name}", answer.status));
    match (answer.status, name.as_str()) {
        // The first of the same mail is still under way.
        (409, "concurrent_idempotent_requests") => Outcome::Failed { wanted: None, detail },
        // The same key with another mail: the words of a person were changed in between; the first was taken.
        (409, "invalid_idempotent_request") => Outcome::Accepted { provider_id: None },
        (401 | 403, _) => Outcome::Misconfigured(detail),
        _ if answer.is_transient() => trouble(answer, detail, now),
        _ => Outcome::Refused(detail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_answer() {
        let of = |status, body: &str| {
            let answer = Answer { status, headers: Vec::new(), body: body.as_bytes().to_vec() };
            outcome(&Ok(answer), Timestamp::from_millis(0))
        };
        let error = |status: u16, name: &str| {
            of(status, &json!({ "statusCode": status, "name": name, "message": "m" }).to_string())
        };
        assert_eq!(
            of(200, r#"{"id":"49a3999c"}"#),
            Outcome::Accepted { provider_id: Some("49a3999c".to_owned()) }
        );
        assert!(matches!(error(422, "validation_error"), Outcome::Refused(_)));
        assert!(matches!(error(409, "concurrent_idempotent_requests"), Outcome::Failed { .. }));
        assert_eq!(error(409, "invalid_idempotent_request"), Outcome::Accepted { provider_id: None });
        assert!(matches!(error(401, "missing_api_key"), Outcome::Misconfigured(_)));
        assert!(matches!(error(429, "rate_limit_exceeded"), Outcome::Slower { .. }));
        assert!(matches!(error(500, "application_error"), Outcome::Failed { .. }));
        assert!(matches!(of(200, "ok"), Outcome::Unknown(_)));
    }

    #[test]
    fn what_a_person_wrote_is_text_and_not_markup() {
        let words = Words {
            title: "t".to_owned(),
            text: "Ответ:\n\n<img src=x onerror=alert(1)>\nвторая строка".to_owned(),
            short: String::new(),
            link: Some("https://x.kz/?a=1&b=\"2\"".to_owned()),
        };
        assert_eq!(
            html(&words),
            "<p>Ответ:</p><p>&lt;img src=x onerror=alert(1)&gt;<br>вторая строка</p>\
             <p><a href=\"https://x.kz/?a=1&amp;b=&quot;2&quot;\">https://x.kz/?a=1&amp;b=&quot;2&quot;</a></p>"
        );
    }
}

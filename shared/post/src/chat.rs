//! A message as a brand's bot says it.

use kernel::time::SECOND_MS;
use kernel::{Lang, Timestamp};
use messaging::outcome::Outcome;
use partner::{Answer, Fault, Request};
use telegram::answer::{self, Failure};
use telegram::markup::{InlineButton, Markup};
use telegram::method::{Bot, Method, Words};
use telegram::text::{escape, fit};

use crate::carry::Call;

/// Characters of title and text together: Telegram takes 4,096, and tags are not cut.
const TEXT_CHARS_MAX: usize = 3_500;

/// A message to a chat.
pub fn request(base_url: &str, token: &str, call: &Call) -> Result<Request, Outcome> {
    let chat = call.address.parse().map_err(|_| Outcome::AddressGone("not a chat's number".to_owned()))?;
    let text = fit(&call.words.text, TEXT_CHARS_MAX);
    let words = Words::html(format!("<b>{}</b>\n\n{}", escape(&call.words.title), escape(&text)));
    let method = Method::SendMessage { chat, words, markup: button(call), silent: false };
    Ok(Bot { base_url, token }.call(&method))
}

/// The only button, where there is something to open.
fn button(call: &Call) -> Option<Markup> {
    let open = match call.lang {
        Lang::Ru => "Открыть",
        Lang::Kk => "Ашу",
        Lang::En => "Open",
    };
    let link = call.words.link.as_ref()?;
    Some(Markup::inline(vec![vec![InlineButton::url(open, link)]]))
}

/// What Telegram's answer means.
#[must_use]
pub fn outcome(answer: &Result<Answer, Fault>, now: Timestamp) -> Outcome {
    let answer = match answer {
        Ok(answer) => answer,
        Err(fault @ Fault::NotSent(_)) => return Outcome::Failed { wanted: None, detail: fault.to_string() },
        Err(fault @ Fault::NoAnswer(_)) => return Outcome::Unknown(fault.to_string()),
    };
    let failure = match answer::sent(answer) {
        Ok(sent) => return Outcome::Accepted { provider_id: Some(sent.message.to_string()) },
        Err(failure) => failure,
    };
    let detail = failure.to_string();
    match failure {
        Failure::TooMany { retry_after_seconds } => {
            Outcome::Slower { until: now.plus_millis(i64::from(retry_after_seconds) * SECOND_MS), detail }
        }
        Failure::Unreachable(_) | Failure::Moved { .. } => Outcome::AddressGone(detail),
        Failure::Unauthorised => Outcome::Misconfigured(detail),
        Failure::Unavailable { .. } => Outcome::Failed { wanted: None, detail },
        Failure::Refused { .. } => Outcome::Refused(detail),
        Failure::NotModified | Failure::Unreadable(_) => Outcome::Unknown(detail),
    }
}

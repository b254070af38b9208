//! The story performed: every request sent, every reply shown and checked.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use console::style;
use kernel::Zone;
use serde_json::Value;

use super::{Capture, Known, Request, Step, To};
use crate::chain;

/// How long a text message may take to arrive.
const MESSAGE_SECONDS_MAX: u64 = 15;
/// How long what is awaited may take: timers tick every few seconds, and dishes are made.
const AWAITED_SECONDS_MAX: u64 = 60;
const POLL: Duration = Duration::from_millis(100);
/// Characters of a reply that are shown.
const SHOWN_MAX: usize = 1_200;

/// Where the servers are.
#[derive(Debug, Clone, Default)]
pub struct Places {
    pub api: String,
    pub inbox: String,
    /// Simulators of partners.
    pub iiko: String,
    pub yookassa: String,
}

/// Sends every request in order and checks every reply, telling `tell` line by line; returns every value captured.
///
/// # Errors
/// At the first reply that is not as it should be: with the request, the reply and what was expected.
pub fn perform(
    steps: &[Step],
    places: &Places,
    known: &[Known],
    tell: &mut dyn FnMut(String),
) -> Result<BTreeMap<String, String>> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(30)))
        .build()
        .into();
    let mut values: BTreeMap<String, String> =
        known.iter().map(|known| (known.name.to_owned(), known.value.clone())).collect();
    for (index, step) in steps.iter().enumerate() {
        tell(format!("\n{}", style(format!("{}. {}", index + 1, step.title)).bold()));
        if let Some(stamp) = step.stamp {
            values.insert(stamp.to_owned(), chain::now()?.rfc3339_in(&Zone::UTC));
        }
        let reply = send(&agent, step, places, &values, index, tell)?;
        for (pointer, expected) in &step.checks {
            let found = reply.pointer(pointer).unwrap_or(&Value::Null);
            ensure!(
                found == expected,
                "step {} ({}): {pointer} is {found}, expected {expected}",
                index + 1,
                step.title
            );
            tell(format!("   {} {pointer} = {expected}", style("ok").green()));
        }
        for capture in &step.captures {
            let value = value(&reply, capture).with_context(|| {
                format!("step {} ({}): no {} in the reply", index + 1, step.title, capture.field)
            })?;
            values.insert(capture.name.to_owned(), value);
        }
    }
    Ok(values)
}

fn send(
    agent: &ureq::Agent,
    step: &Step,
    places: &Places,
    values: &BTreeMap<String, String>,
    index: usize,
    tell: &mut dyn FnMut(String),
) -> Result<Value> {
    let request = &step.request;
    let base: &str = match request.to {
        To::Api => &places.api,
        To::Inbox => &places.inbox,
        To::Iiko => &places.iiko,
        To::YooKassa => &places.yookassa,
        To::Web => "",
    };
    let path = filled(&request.path, values)?;
    let body = request.body.as_ref().map(|body| filled(&body.to_string(), values)).transpose()?;
    let shown = body.as_deref().map(|body| format!(" {body}")).unwrap_or_default();
    tell(format!("   {} {path}{shown}", style(request.method).cyan()));
    let patience = if step.awaited { AWAITED_SECONDS_MAX } else { MESSAGE_SECONDS_MAX };
    let deadline = Instant::now() + Duration::from_secs(patience);
    loop {
        let (status, text) =
            exchange(agent, request, &format!("{base}{path}"), body.as_deref(), values, index)?;
        let reply: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
        let lacking = step.captures.iter().any(|capture| value(&reply, capture).is_none());
        let differs = || step.checks.iter().any(|(pointer, wanted)| reply.pointer(pointer) != Some(wanted));
        let waits = (request.to == To::Inbox && lacking) || (step.awaited && (lacking || differs()));
        if waits && Instant::now() < deadline {
            std::thread::sleep(POLL);
            continue;
        }
        let shown: String = text.chars().take(SHOWN_MAX).collect();
        tell(format!("   {} {}", style(status).yellow(), style(shown).dim()));
        if status != step.status {
            bail!("step {} ({}): answered {status}, expected {}", index + 1, step.title, step.status);
        }
        return Ok(reply);
    }
}

fn exchange(
    agent: &ureq::Agent,
    request: &Request,
    url: &str,
    body: Option<&str>,
    values: &BTreeMap<String, String>,
    index: usize,
) -> Result<(u16, String)> {
    let mut builder = ureq::http::Request::builder().method(request.method).uri(url);
    if let Some(bearer) = request.bearer {
        let token = values.get(bearer).with_context(|| format!("nothing captured {bearer}"))?;
        builder = builder.header("authorization", format!("Bearer {token}"));
    }
    if request.keyed {
        let run = values.get("RUN").context("the story has no RUN")?;
        builder = builder.header("idempotency-key", format!("{run}-{}", index + 1));
    }
    if body.is_some() {
        builder = builder.header("content-type", "application/json");
    }
    let answer = agent.run(builder.body(body.unwrap_or_default().to_owned())?);
    let mut answer = answer
        .with_context(|| format!("{url} does not answer\n  is the server running? `cargo xtask up`"))?;
    Ok((answer.status().as_u16(), answer.body_mut().read_to_string()?))
}

/// Puts captured values in place of `${NAME}`.
fn filled(text: &str, values: &BTreeMap<String, String>) -> Result<String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}').context("an open ${ in the story")?;
        let value = values.get(name).with_context(|| format!("nothing captured {name}"))?;
        filled.push_str(before);
        filled.push_str(value);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn value(reply: &Value, capture: &Capture) -> Option<String> {
    let text = first(reply, capture.field)?;
    if !capture.digits {
        return Some(text.to_owned());
    }
    text.split(|letter: char| !letter.is_ascii_digit())
        .find(|run| (4..=6).contains(&run.len()))
        .map(str::to_owned)
}

/// The first text field of that name, depth first.
fn first<'v>(value: &'v Value, field: &str) -> Option<&'v str> {
    match value {
        Value::Object(members) => members.iter().find_map(|(name, member)| match member {
            Value::String(text) if name == field => Some(text.as_str()),
            other => first(other, field),
        }),
        Value::Array(items) => items.iter().find_map(|item| first(item, field)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn codes_are_found_in_texts() {
        let reply =
            json!({ "messages": [{ "to": "+77010000001", "text": "Код 482193. Никому не сообщайте." }] });
        let capture = Capture { name: "CODE", field: "text", digits: true };
        assert_eq!(value(&reply, &capture).as_deref(), Some("482193"));
    }

    #[test]
    fn a_value_that_was_never_captured_is_an_error() {
        assert!(filled("/v1/holds/${HOLD}", &BTreeMap::new()).is_err());
    }
}

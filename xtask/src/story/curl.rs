//! The story as commands for a shell with curl, grep and cut.

use super::{Capture, Known, Places, Request, Step, To};

/// The commands, with a comment above each; `known` are the values that are there from the start.
#[must_use]
pub fn print(steps: &[Step], places: &Places, known: &[Known]) -> String {
    let mut text = format!("API={}\nINBOX={}\n", places.api, places.inbox);
    if steps.iter().any(|step| matches!(step.request.to, To::Iiko | To::YooKassa)) {
        text.push_str(&format!("IIKO={}\nYOOKASSA={}\n", places.iiko, places.yookassa));
    }
    for Known { name, shell, .. } in known {
        text.push_str(&format!("{name}=\"{shell}\"\n"));
    }
    for (index, step) in steps.iter().enumerate() {
        text.push_str(&format!("\n# {}. {}\n", index + 1, step.title));
        if let Some(stamp) = step.stamp {
            text.push_str(&format!("{stamp}=$(date -u +%FT%TZ)\n"));
        }
        if step.awaited {
            text.push_str("# again until it says so:");
            for (pointer, expected) in &step.checks {
                text.push_str(&format!(" {pointer} = {expected}"));
            }
            text.push('\n');
        }
        text.push_str(&command(step, index));
        text.push('\n');
    }
    text
}

fn command(step: &Step, index: usize) -> String {
    let curl = request(&step.request, index);
    match step.captures.as_slice() {
        [] => format!("{curl}; echo"),
        [one] => format!("{}=$({curl} | tee /dev/stderr | {}); echo", one.name, filter(one)),
        several => {
            let taken: Vec<String> = several
                .iter()
                .map(|capture| format!("{}=$(echo \"$REPLY\" | {})", capture.name, filter(capture)))
                .collect();
            format!("REPLY=$({curl}); echo \"$REPLY\"\n{}", taken.join("; "))
        }
    }
}

fn request(request: &Request, index: usize) -> String {
    let base = match request.to {
        To::Api => "$API",
        To::Inbox => "$INBOX",
        To::Iiko => "$IIKO",
        To::YooKassa => "$YOOKASSA",
        To::Web => "",
    };
    let mut text = String::from("curl -sS");
    if request.method != "GET" && !(request.method == "POST" && request.body.is_some()) {
        text.push_str(&format!(" -X {}", request.method));
    }
    // `${NAME}` in the path is already as a shell reads it.
    text.push_str(&format!(" \"{base}{}\"", request.path));
    if let Some(bearer) = request.bearer {
        text.push_str(&format!(" -H \"authorization: Bearer ${bearer}\""));
    }
    if request.keyed {
        text.push_str(&format!(" -H \"idempotency-key: $RUN-{}\"", index + 1));
    }
    if let Some(body) = &request.body {
        text.push_str(&format!(
            " \\\n  -H 'content-type: application/json' \\\n  -d '{}'",
            quoted(&body.to_string())
        ));
    }
    text
}

/// Leaves the single quotes around each `${NAME}`, so that the shell puts the value in.
fn quoted(body: &str) -> String {
    let mut text = String::new();
    let mut rest = body;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        text.push_str(&format!("{before}'\"${name}\"'"));
        rest = after;
    }
    text + rest
}

fn filter(capture: &Capture) -> String {
    let field = format!("grep -oE '\"{}\":\"[^\"]*\"' | head -1 | cut -d'\"' -f4", capture.field);
    if capture.digits { format!("{field} | grep -oE '[0-9]{{4,6}}' | head -1") } else { field }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_leave_the_quotes_and_tokens_are_captured() {
        let request = Request::post("/v1/receipts", json!({ "guest": { "card": "${CARD}" } })).bearer("TILL");
        let step = Step::new("Post", request).capture("RECEIPT", "id");
        let places = Places { api: "http://a".to_owned(), inbox: "http://b".to_owned(), ..Places::default() };
        let text = print(&[step], &places, &[Known::fixed("TILL", "key")]);
        assert_eq!(
            text,
            "API=http://a\nINBOX=http://b\nTILL=\"key\"\n\n# 1. Post\n\
             RECEIPT=$(curl -sS \"$API/v1/receipts\" -H \"authorization: Bearer $TILL\" \\\n  \
             -H 'content-type: application/json' \\\n  \
             -d '{\"guest\":{\"card\":\"'\"$CARD\"'\"}}' | tee /dev/stderr | \
             grep -oE '\"id\":\"[^\"]*\"' | head -1 | cut -d'\"' -f4); echo\n"
        );
    }
}

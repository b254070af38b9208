//! API.md: every operation, every type, every problem.

use api::openapi::{HOST_PROBLEMS, document, problems_of, snake_case, tag};
use api::operation::{Access, Idempotency, Operation};
use api::{operations, problem};
use serde_json::Value;

const OPENING: &str = "\
<!-- Written by `cargo xtask gen` from shared/api. Do not edit. -->
# API

The machine-readable form is [docs/openapi.json](docs/openapi.json), which a running server also serves.

Conventions: JSON with snake_case names; unknown fields are refused in requests; times are RFC 3339 with an offset;
money is `{\"amount\":\"210.00\",\"currency\":\"RUB\"}`; points and quantities are decimal strings; ids are prefixed
text that sorts by time. Lists are paged by an opaque `cursor`. `Authorization: Bearer …` carries a guest's or a
staff member's access token, or a till's API key. `Accept-Language` (ru, kk, en) chooses the language of texts.

";

const PROBLEMS_OPENING: &str = "\
## Problems

Every refusal is an RFC 9457 document (`application/problem+json`). Decide by `type`, which never changes; `title` is
for people, in the language of `Accept-Language`; `detail`, where present, is for the client's developer; `errors`
lists the fields at fault: `pointer` is a JSON pointer into the body, `?name` of a query parameter, or a header.

```json
{
  \"type\": \"/problems/invalid-field\", \"title\": \"A field's value is not allowed\", \"status\": 422,
  \"errors\": [{ \"pointer\": \"/lines/0/quantity\", \"detail\": \"…\" }]
}
```

| Type | Status | English | Русский | Қазақша |
|---|---|---|---|---|
";

const HOST_OPENING: &str = "
The host answers these itself, whatever the operation:

| Type | Status | Meaning |
|---|---|---|
";

/// The whole page.
pub fn text() -> String {
    let mut page = OPENING.to_owned();
    page.push_str(&usual_text());
    for audience in ["Public", "Guest", "Till", "Staff"] {
        page.push_str(&format!("## {audience}\n\n"));
        for operation in operations::all().filter(|operation| tag(operation.access) == audience) {
            page.push_str(&operation_text(operation));
        }
    }
    page.push_str("## Types\n\n");
    let document = document();
    if let Some(schemas) = document["components"]["schemas"].as_object() {
        for (name, schema) in schemas.iter().filter(|(name, _)| *name != "Problem") {
            page.push_str(&type_text(name, schema));
        }
    }
    page.push_str(PROBLEMS_OPENING);
    for kind in problem::ALL {
        page.push_str(&format!(
            "| <a id=\"{slug}\"></a>`/problems/{slug}` | {} | {} | {} | {} |\n",
            kind.status,
            kind.en,
            kind.ru,
            kind.kk,
            slug = kind.slug,
        ));
    }
    page.push_str(HOST_OPENING);
    for (status, slug, meaning) in HOST_PROBLEMS {
        page.push_str(&format!("| `urn:crema:problem:{slug}` | {status} | {meaning} |\n"));
    }
    page
}

fn operation_text(operation: &Operation) -> String {
    let mut text = format!(
        "### {} {}\n\n{}. Operation `{}`, function [{component}](functions/{component}).\n\n",
        operation.method.name(),
        operation.path,
        operation.summary,
        operation.id,
        component = operation.component,
    );
    if let Access::Staff(permission) = operation.access {
        text.push_str(&format!("- Needs the permission `{}`.\n", snake_case(&format!("{permission:?}"))));
    }
    if let Some(line) = idempotency_text(operation.idempotency) {
        text.push_str(&format!("- {line}\n"));
    }
    for query in operation.query {
        text.push_str(&format!("- `?{}`: {}\n", query.name, query.meaning));
    }
    let document = document_of(operation);
    if let Some(content) = document["requestBody"]["content"].as_object() {
        text.push_str(&format!("- Request: {}\n", content_text(content)));
    }
    for (status, _) in operation.replies {
        let response = &document["responses"][status.to_string()];
        let body = response["content"].as_object().map_or_else(|| "no body".to_owned(), content_text);
        text.push_str(&format!("- {status}: {body}\n"));
    }
    let problems: Vec<String> = problems_of(operation)
        .iter()
        .filter(|kind| !usual().contains(kind))
        .map(|kind| format!("[{slug}](#{slug})", slug = kind.slug))
        .collect();
    if !problems.is_empty() {
        text.push_str(&format!("- Problems: {}\n", problems.join(", ")));
    }
    text.push('\n');
    text
}

/// Problems that go without saying: any operation, any operation that needs a token, any that takes a body.
fn usual() -> Vec<&'static problem::Kind> {
    let mut usual = problem::everywhere().to_vec();
    usual.extend([&problem::UNAUTHENTICATED, &problem::FORBIDDEN]);
    usual.extend([&problem::MALFORMED, &problem::TOO_LARGE, &problem::UNSUPPORTED_MEDIA_TYPE]);
    usual
}

fn usual_text() -> String {
    let links: Vec<String> =
        usual().iter().map(|kind| format!("[{slug}](#{slug})", slug = kind.slug)).collect();
    format!("Not repeated below: {}.\n\n", links.join(", "))
}

/// The operation as the OpenAPI description has it.
fn document_of(operation: &Operation) -> Value {
    let document = document();
    let paths = document["paths"].as_object().into_iter().flatten();
    let mut methods = paths.flat_map(|(_, methods)| methods.as_object().into_iter().flatten());
    let found = methods.find(|(_, described)| described["operationId"] == operation.id);
    found.map_or(Value::Null, |(_, described)| described.clone())
}

const fn idempotency_text(idempotency: Idempotency) -> Option<&'static str> {
    match idempotency {
        Idempotency::None => None,
        Idempotency::Natural => Some(
            "Safe to send again: what it creates is known by a key of its own (a receipt by outlet, business date and \
             number). The same content answers the same, other content is refused.",
        ),
        Idempotency::Optional => Some("Honours `Idempotency-Key`."),
        Idempotency::Required => Some("Needs `Idempotency-Key`."),
    }
}

fn content_text(content: &serde_json::Map<String, Value>) -> String {
    let bodies = content.iter().map(|(media_type, body)| match reference(&body["schema"]) {
        Some(name) => format!("[{name}](#{})", name.to_lowercase()),
        None => format!("`{media_type}`"),
    });
    bodies.collect::<Vec<_>>().join(", ")
}

fn reference(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/components/schemas/")
}

fn type_text(name: &str, schema: &Value) -> String {
    let mut text = format!("### {name}\n\n");
    if let Some(description) = schema["description"].as_str() {
        text.push_str(&format!("{description}\n\n"));
    }
    let Some(fields) = schema["properties"].as_object() else {
        text.push_str(&format!("{}\n\n", shape(schema)));
        return text;
    };
    text.push_str("| Field | Type | Meaning |\n|---|---|---|\n");
    for (field, schema_of_field) in fields {
        let required =
            schema["required"].as_array().is_some_and(|required| required.iter().any(|name| name == field));
        let optional = if required { "" } else { " (optional)" };
        let meaning = schema_of_field["description"].as_str().unwrap_or_default().replace('\n', " ");
        text.push_str(&format!("| `{field}`{optional} | {} | {meaning} |\n", shape(schema_of_field)));
    }
    text.push('\n');
    text
}

/// A schema in a few words: its type, what it refers to, its limits.
fn shape(schema: &Value) -> String {
    if let Some(name) = reference(schema) {
        return format!("[{name}](#{})", name.to_lowercase());
    }
    for choice in ["oneOf", "anyOf"] {
        if let Some(options) = schema[choice].as_array() {
            return options.iter().map(shape).collect::<Vec<_>>().join(" or ");
        }
    }
    if let Some(constant) = schema.get("const") {
        return format!("`{constant}`");
    }
    if let Some(values) = schema["enum"].as_array() {
        return values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ");
    }
    if let Some(fields) = schema["properties"].as_object() {
        let fields: Vec<String> =
            fields.iter().map(|(name, field)| format!("{name}: {}", shape(field))).collect();
        return format!("object with {}", fields.join(", "));
    }
    let kind = match &schema["type"] {
        Value::String(kind) if kind == "array" => format!("list of {}", shape(&schema["items"])),
        Value::String(kind) => kind.clone(),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        _ => "any".to_owned(),
    };
    format!("{kind}{}", limits(schema))
}

fn limits(schema: &Value) -> String {
    let words = [
        ("minLength", "from"),
        ("maxLength", "to"),
        ("minItems", "from"),
        ("maxItems", "to"),
        ("minimum", "≥"),
        ("maximum", "≤"),
    ];
    let mut limits: Vec<String> =
        words.iter().filter_map(|(key, word)| Some(format!("{word} {}", schema.get(*key)?))).collect();
    if let Some(pattern) = schema["pattern"].as_str() {
        limits.push(format!("`{}`", pattern.replace('|', "\\|")));
    }
    if limits.is_empty() { String::new() } else { format!(" ({})", limits.join(" ")) }
}

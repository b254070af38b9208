//! The OpenAPI 3.1 description, made from the operations table, the problem catalogue and the wire types.
//!
//! Nothing is described here by hand that the table knows: a new operation appears by being in the table.

use std::collections::{BTreeMap, BTreeSet};

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::operation::{Access, Content, Idempotency, Operation, Query};
use crate::problem::{self, Kind};
use crate::{Method, operations};

/// What the host itself answers before or instead of a function: status, slug of `urn:crema:problem:<slug>`, meaning.
pub const HOST_PROBLEMS: &[(u16, &str, &str)] = &[
    (400, "bad-request", "The request has no valid Host or an invalid body"),
    (404, "no-route", "No route matches the path"),
    (408, "body-timeout", "The request body did not arrive in time"),
    (413, "body-too-large", "The request body is larger than the host takes"),
    (431, "headers-too-large", "The request headers are larger than the host takes"),
    (500, "component-failed", "The function failed; the request had no effect that was not committed"),
    (503, "no-instance", "The function could not be started; try again"),
    (503, "not-ready", "The server is starting or stopping; try again"),
    (504, "timeout", "The function did not answer in time"),
];

const PROBLEM_MEDIA_TYPE: &str = "application/problem+json";

/// Every problem that an operation may answer with, in the order of the catalogue: its own, and those that its
/// access and idempotency bring with them.
#[must_use]
pub fn problems_of(operation: &Operation) -> Vec<&'static Kind> {
    let mut slugs: BTreeSet<&str> = operation.problems.iter().map(|kind| kind.slug).collect();
    slugs.extend(problem::everywhere().map(|kind| kind.slug));
    if operation.access != Access::Public {
        slugs.extend([problem::UNAUTHENTICATED.slug, problem::FORBIDDEN.slug]);
    }
    if operation.path.contains(':') {
        // A parameter of the wrong shape names nothing.
        slugs.insert(problem::NOT_FOUND.slug);
    }
    match operation.idempotency {
        Idempotency::None | Idempotency::Natural => {}
        Idempotency::Optional => {
            slugs.extend([problem::IDEMPOTENCY_MISMATCH.slug, problem::INVALID_FIELD.slug]);
        }
        Idempotency::Required => slugs.extend([
            problem::IDEMPOTENCY_KEY_REQUIRED.slug,
            problem::IDEMPOTENCY_MISMATCH.slug,
            problem::INVALID_FIELD.slug,
        ]),
    }
    problem::ALL.iter().copied().filter(|kind| slugs.contains(kind.slug)).collect()
}

/// The whole description.
#[must_use]
pub fn document() -> Value {
    let settings = SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into());
    let mut generator = settings.into_generator();
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations::all() {
        let described = describe(operation, &mut generator);
        let path = paths.entry(template(operation.path)).or_insert_with(|| json!({}));
        path[method_key(operation.method)] = described;
    }
    let mut schemas = generator.take_definitions(true);
    schemas.insert("Problem".to_owned(), problem_schema());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Crema",
            "summary": "Loyalty for a franchised coffee chain: guests, cards, receipts and points",
            "description": DESCRIPTION,
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "tags": [
            { "name": "Public", "description": "No token" },
            { "name": "Guest", "description": "The mobile app and the bot, for the signed-in guest" },
            { "name": "Till", "description": "Tills, each with the API key of its outlet" },
            { "name": "Staff", "description": "The back office; the permission needed is in `x-permission`" },
        ],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "guest": { "type": "http", "scheme": "bearer", "description": "Access token of a guest" },
                "till": { "type": "http", "scheme": "bearer", "description": "API key of a till" },
                "staff": { "type": "http", "scheme": "bearer", "description": "Access token of a member of staff" },
            },
        },
    })
}

const DESCRIPTION: &str = "JSON with snake_case names. Unknown fields are refused in requests. Times are RFC 3339 with \
an offset, money is `{\"amount\":\"210.00\",\"currency\":\"RUB\"}`, points and quantities are decimal strings, ids are \
prefixed and sort by time. Errors are RFC 9457 problem documents whose `type` never changes; the title comes in the \
language of `Accept-Language` (ru, kk, en).";

fn describe(operation: &Operation, generator: &mut SchemaGenerator) -> Value {
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [tag(operation.access)],
        "security": security(operation.access),
        "parameters": parameters(operation),
        "responses": responses(operation, generator),
        "x-component": operation.component,
    });
    if let Access::Staff(permission) = operation.access {
        described["x-permission"] = json!(snake_case(&format!("{permission:?}")));
    }
    if let Some(content) = &operation.request {
        described["requestBody"] = json!({ "required": true, "content": body(content, generator) });
    }
    described
}

/// The audience of an operation, as a tag.
#[must_use]
pub const fn tag(access: Access) -> &'static str {
    match access {
        Access::Public => "Public",
        Access::Visitor | Access::Guest => "Guest",
        Access::Till => "Till",
        Access::Staff(_) => "Staff",
    }
}

fn security(access: Access) -> Value {
    match access {
        Access::Public => json!([]),
        // Either without or with a token.
        Access::Visitor => json!([{}, { "guest": [] }]),
        Access::Guest => json!([{ "guest": [] }]),
        Access::Till => json!([{ "till": [] }]),
        Access::Staff(_) => json!([{ "staff": [] }]),
    }
}

const fn method_key(method: Method) -> &'static str {
    match method {
        Method::Get => "get",
        Method::Post => "post",
        Method::Put => "put",
        Method::Patch => "patch",
        Method::Delete => "delete",
    }
}

/// `/v1/holds/:id` as OpenAPI writes it: `/v1/holds/{id}`.
fn template(path: &str) -> String {
    let segments: Vec<String> = path
        .split('/')
        .map(|segment| {
            segment.strip_prefix(':').map_or_else(|| segment.to_owned(), |name| format!("{{{name}}}"))
        })
        .collect();
    segments.join("/")
}

fn parameters(operation: &Operation) -> Vec<Value> {
    let in_path = operation.path.split('/').filter_map(|segment| segment.strip_prefix(':')).map(|name| {
        json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string", "minLength": 1 } })
    });
    let mut parameters: Vec<Value> = in_path.chain(operation.query.iter().map(query)).collect();
    let key = |required| {
        json!({
            "name": "Idempotency-Key", "in": "header", "required": required,
            "description": "A new value (a UUID, say) for every intent, and the same one on a retry",
            "schema": { "type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$" },
        })
    };
    match operation.idempotency {
        Idempotency::None | Idempotency::Natural => {}
        Idempotency::Optional => parameters.push(key(false)),
        Idempotency::Required => parameters.push(key(true)),
    }
    parameters
}

fn query(query: &Query) -> Value {
    let schema: Value = serde_json::from_str(query.schema)
        .expect("schemas in the operations table are JSON: a test reads them all");
    json!({ "name": query.name, "in": "query", "required": false, "description": query.meaning, "schema": schema })
}

fn body(content: &Content, generator: &mut SchemaGenerator) -> Value {
    let schema = match content.schema {
        Some(schema) => schema(generator).to_value(),
        None if content.media_type == "application/json" => json!({ "type": "object" }),
        None => json!({ "type": "string" }),
    };
    json!({ (content.media_type): { "schema": schema } })
}

fn responses(operation: &Operation, generator: &mut SchemaGenerator) -> Value {
    let mut responses: Map<String, Value> = Map::new();
    for (status, content) in operation.replies {
        let mut response = json!({ "description": meaning(*status) });
        if let Some(content) = content {
            response["content"] = body(content, generator);
        }
        if !matches!(operation.idempotency, Idempotency::None | Idempotency::Natural) {
            response["headers"] = json!({ "Idempotency-Replayed": {
                "description": "`true` when this is the stored reply of an earlier request with the same key",
                "schema": { "type": "string", "const": "true" },
            }});
        }
        responses.insert(status.to_string(), response);
    }
    for (status, types) in problem_types(operation) {
        responses.insert(status.to_string(), problem_response(status, &types));
    }
    Value::Object(responses)
}

/// Type URIs and English titles of an operation's problems and the host's, by status.
fn problem_types(operation: &Operation) -> BTreeMap<u16, Vec<(String, &'static str)>> {
    let mut by_status: BTreeMap<u16, Vec<(String, &'static str)>> = BTreeMap::new();
    for kind in problems_of(operation) {
        by_status.entry(kind.status).or_default().push((format!("/problems/{}", kind.slug), kind.en));
    }
    for (status, slug, meaning) in HOST_PROBLEMS {
        by_status.entry(*status).or_default().push((format!("urn:crema:problem:{slug}"), meaning));
    }
    by_status
}

fn problem_response(status: u16, types: &[(String, &'static str)]) -> Value {
    let titles: Vec<&str> = types.iter().map(|(_, title)| *title).collect();
    let uris: Vec<&str> = types.iter().map(|(uri, _)| uri.as_str()).collect();
    let mut response = json!({
        "description": titles.join("; "),
        "content": { PROBLEM_MEDIA_TYPE: { "schema": {
            "allOf": [
                { "$ref": "#/components/schemas/Problem" },
                { "properties": { "type": { "enum": uris }, "status": { "const": status } } },
            ],
        }}},
    });
    if matches!(status, 429 | 503) {
        response["headers"] = json!({ "Retry-After": {
            "description": "Seconds until it is worth trying again", "schema": { "type": "integer", "minimum": 1 },
        }});
    }
    response
}

/// RFC 9457, with the list of fields at fault.
fn problem_schema() -> Value {
    json!({
        "type": "object",
        "description": "RFC 9457. Further members depend on the type.",
        "required": ["type", "title", "status"],
        "properties": {
            "type": { "type": "string", "description": "Stable: programs decide by it" },
            "title": { "type": "string", "description": "For people, in the language of the request" },
            "status": { "type": "integer", "minimum": 400, "maximum": 599 },
            "detail": { "type": "string", "description": "What happened this time, for the client's developer" },
            "errors": {
                "type": "array",
                "description": "Fields at fault",
                "items": {
                    "type": "object",
                    "required": ["pointer", "detail"],
                    "properties": {
                        "pointer": { "type": "string", "description": "JSON pointer, `?name` of a query parameter, or a header" },
                        "detail": { "type": "string" },
                    },
                },
            },
        },
    })
}

const fn meaning(status: u16) -> &'static str {
    match status {
        200 => "Done",
        201 => "Created",
        202 => "Accepted",
        204 => "Done; no body",
        _ => "Success",
    }
}

/// `ManageTillKeys` as `manage_till_keys`.
#[must_use]
pub fn snake_case(camel: &str) -> String {
    let mut snake = String::with_capacity(camel.len() + 4);
    for (index, letter) in camel.char_indices() {
        if letter.is_ascii_uppercase() && index > 0 {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_described_once_and_every_reference_resolves() {
        let document = document();
        let mut described = 0;
        for path in document["paths"].as_object().expect("paths").values() {
            described += path.as_object().expect("methods").len();
        }
        assert_eq!(described, operations::all().count(), "two operations share method and path");
        let mut ids: Vec<&str> = operations::all().map(|operation| operation.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), described, "two operations share an id");
        for reference in references(&document) {
            let pointer = reference.strip_prefix('#').expect("local references only");
            assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
        }
    }

    #[test]
    fn every_operation_declares_its_path_parameters_and_some_success() {
        for operation in operations::all() {
            let declared = parameters(operation).iter().filter(|parameter| parameter["in"] == "path").count();
            assert_eq!(declared, template(operation.path).matches('{').count(), "{}", operation.id);
            assert!(
                operation.replies.iter().all(|&(status, _)| (200..300).contains(&status) || status == 304),
                "{}",
                operation.id
            );
            assert!(!operation.replies.is_empty(), "{}", operation.id);
        }
    }

    fn references(value: &Value) -> Vec<String> {
        match value {
            Value::Object(members) => members
                .iter()
                .flat_map(|(name, member)| match member {
                    Value::String(target) if name == "$ref" => vec![target.clone()],
                    other => references(other),
                })
                .collect(),
            Value::Array(items) => items.iter().flat_map(references).collect(),
            _ => Vec::new(),
        }
    }
}

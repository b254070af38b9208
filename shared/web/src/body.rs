//! Request bodies.

use api::problem;
use serde::de::DeserializeOwned;

use crate::call::Request;
use crate::problem::Problem;

/// Largest JSON body. A receipt of 200 lines is some 40 KB.
pub const JSON_BYTES_MAX: usize = 256 * 1024;

/// Reads a JSON body of the documented shape.
///
/// # Errors
/// 413 when it is too large, 415 when it is not declared as JSON, 400 with a pointer to the field otherwise.
pub fn json<T: DeserializeOwned>(request: &Request) -> Result<T, Problem> {
    if request.body.len() > JSON_BYTES_MAX {
        return Err(Problem::of(&problem::TOO_LARGE).with("bytes_max", JSON_BYTES_MAX));
    }
    expect_media_type(request, "application/json")?;
    json_text(&request.body)
}

/// Refuses a body that is not declared as `expected`.
///
/// # Errors
/// 415.
pub fn expect_media_type(request: &Request, expected: &str) -> Result<(), Problem> {
    let declared = request.header("content-type").unwrap_or_default();
    let media_type = declared.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case(expected) {
        return Ok(());
    }
    Err(Problem::of(&problem::UNSUPPORTED_MEDIA_TYPE).because(format!("send content-type: {expected}")))
}

/// Reads JSON text of the documented shape: a body, or one line of a batch.
///
/// # Errors
/// 400 with a pointer to the field and what is wrong with it.
pub fn json_text<T: DeserializeOwned>(text: &[u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let pointer = pointer(error.path());
        Problem::of(&problem::MALFORMED).at(pointer, error.inner().to_string())
    })?;
    deserializer.end().map_err(|error| Problem::of(&problem::MALFORMED).at("", error.to_string()))?;
    Ok(value)
}

/// A path of the parser as a JSON pointer (RFC 6901).
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => {
                pointer.push_str(&format!("/{}", key.replace('~', "~0").replace('/', "~1")))
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[expect(dead_code, reason = "only its parsing is tested")]
        lines: Vec<Inner>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[expect(dead_code, reason = "only its parsing is tested")]
        quantity: String,
    }

    #[test]
    fn points_at_the_field() {
        let rows = [
            (r#"{"lines":[{"quantity":"1"},{"quantity":2}]}"#, "/lines/1/quantity"),
            (r#"{"lines":[{"quantity":"1","colour":1}]}"#, "/lines/0/colour"),
            (r#"{"lines":[]} x"#, ""),
            (r#"{"lines":["#, "/lines"),
            ("", ""),
        ];
        for (text, pointer) in rows {
            let problem = json_text::<Outer>(text.as_bytes()).expect_err("malformed");
            let reply = problem.into_reply(membership::profile::Language::En);
            let body: serde_json::Value = serde_json::from_slice(&reply.body).expect("JSON");
            assert_eq!(body["errors"][0]["pointer"], pointer, "{text}");
        }
    }
}

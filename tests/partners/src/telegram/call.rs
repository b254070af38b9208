//! A call's fields, out of JSON or a form.

use serde_json::{Map, Value};

/// What a call carries.
#[derive(Debug, Clone, Default)]
pub struct Call {
    pub fields: Map<String, Value>,
    /// Uploaded files by name.
    pub files: Vec<(String, Vec<u8>)>,
}

/// Fields whose text in a form is JSON.
const STRUCTURED: [&str; 6] =
    ["reply_markup", "media", "link_preview_options", "commands", "allowed_updates", "menu_button"];
/// Fields whose text in a form is a number.
const NUMBERS: [&str; 3] = ["chat_id", "message_id", "max_connections"];

impl Call {
    /// Reads a body of one of the three types that Telegram takes.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(content_type: &str, body: &[u8]) -> Result<Self, String> {
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        match kind {
            "application/json" => match serde_json::from_slice(body) {
                Ok(Value::Object(fields)) => Ok(Self { fields, files: Vec::new() }),
                Ok(_) => Err("the body is no object".to_owned()),
                Err(error) => Err(format!("the body is not JSON: {error}")),
            },
            "application/x-www-form-urlencoded" => {
                let mut call = Self::default();
                for (name, value) in form_urlencoded::parse(body) {
                    call.put(&name, &value)?;
                }
                Ok(call)
            }
            "multipart/form-data" => {
                let boundary = content_type.split("boundary=").nth(1).ok_or("a form without a boundary")?;
                Self::from_parts(boundary.trim_matches('"'), body)
            }
            other => Err(format!("content type {other:?} is not taken")),
        }
    }

    fn from_parts(boundary: &str, body: &[u8]) -> Result<Self, String> {
        let delimiter = format!("--{boundary}").into_bytes();
        let mut call = Self::default();
        let mut rest = after(body, &delimiter).ok_or("the form does not begin with its boundary")?;
        loop {
            if rest.starts_with(b"--") {
                return Ok(call);
            }
            let part = rest.strip_prefix(b"\r\n").ok_or("a boundary without a line break")?;
            let end = find(part, &[b"\r\n", delimiter.as_slice()].concat()).ok_or("a part without an end")?;
            call.take(&part[..end])?;
            rest = &part[end + 2 + delimiter.len()..];
        }
    }

    fn take(&mut self, part: &[u8]) -> Result<(), String> {
        let middle = find(part, b"\r\n\r\n").ok_or("a part without a head")?;
        let head = String::from_utf8_lossy(&part[..middle]);
        let content = &part[middle + 4..];
        let name = quoted(&head, "name=\"").ok_or("a part without a name")?;
        if quoted(&head, "filename=\"").is_some() {
            self.files.push((name, content.to_vec()));
            return Ok(());
        }
        let text = std::str::from_utf8(content).map_err(|_| format!("{name} is not UTF-8"))?;
        self.put(&name, text)
    }

    fn put(&mut self, name: &str, text: &str) -> Result<(), String> {
        let value = if STRUCTURED.contains(&name) {
            serde_json::from_str(text).map_err(|error| format!("{name} is not JSON: {error}"))?
        } else if NUMBERS.contains(&name) {
            text.parse::<i64>().map(Value::from).map_err(|_| format!("{name} is no number"))?
        } else if matches!(text, "true" | "false" | "True" | "False") {
            Value::from(text.eq_ignore_ascii_case("true"))
        } else {
            Value::from(text)
        };
        self.fields.insert(name.to_owned(), value);
        Ok(())
    }

    /// The bytes of an uploaded file.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<&[u8]> {
        self.files.iter().find(|(known, _)| known == name).map(|(_, bytes)| bytes.as_slice())
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

fn after<'b>(body: &'b [u8], delimiter: &[u8]) -> Option<&'b [u8]> {
    body.strip_prefix(delimiter)
}

fn quoted(head: &str, before: &str) -> Option<String> {
    // `name="` stands in `filename="` as well.
    let at = head.match_indices(before).find(|(at, _)| !head[..*at].ends_with("file"))?.0;
    head[at + before.len()..].split('"').next().map(str::to_owned)
}

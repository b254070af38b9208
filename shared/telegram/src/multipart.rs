//! `multipart/form-data` (RFC 7578): how a picture is uploaded.

/// A form with its boundary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    boundary: String,
    body: Vec<u8>,
}

impl Form {
    /// An empty form. `boundary` must occur in none of the values: what is random does.
    #[must_use]
    pub fn new(boundary: &str) -> Self {
        Self { boundary: boundary.to_owned(), body: Vec::new() }
    }

    /// A value under a name.
    #[must_use]
    pub fn text(mut self, name: &str, value: &str) -> Self {
        self.open(&format!("Content-Disposition: form-data; name=\"{name}\"\r\n"));
        self.close(value.as_bytes());
        self
    }

    /// A file under a name.
    #[must_use]
    pub fn file(mut self, name: &str, file_name: &str, media_type: &str, bytes: &[u8]) -> Self {
        self.open(&format!(
            "Content-Disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"\r\nContent-Type: {media_type}\r\n"
        ));
        self.close(bytes);
        self
    }

    /// The content type and the body.
    #[must_use]
    pub fn finish(mut self) -> (String, Vec<u8>) {
        self.body.extend_from_slice(format!("--{}--\r\n", self.boundary).as_bytes());
        (format!("multipart/form-data; boundary={}", self.boundary), self.body)
    }

    fn open(&mut self, headers: &str) {
        self.body.extend_from_slice(format!("--{}\r\n{headers}\r\n", self.boundary).as_bytes());
    }

    fn close(&mut self, value: &[u8]) {
        self.body.extend_from_slice(value);
        self.body.extend_from_slice(b"\r\n");
    }
}

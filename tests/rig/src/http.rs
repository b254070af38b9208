//! A small HTTP/1.1 client for keep-alive connections: requests are bytes made beforehand, replies are borrowed.
//!
//! The driver shares two cores with the server it measures, so a request costs it one write, one read and a parse
//! of the reply's head, no allocation.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Bytes read at once; every reply but a batch's fits.
const READ_BYTES: usize = 16 * 1024;
/// Largest reply that is believed.
const REPLY_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Headers of one reply.
const HEADERS_MAX: usize = 32;

/// One connection.
#[derive(Debug)]
pub struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
}

/// A reply, good until the next request.
#[derive(Debug, Clone, Copy)]
pub struct Reply<'c> {
    pub status: u16,
    /// The reply says that it is the stored one of an earlier request.
    pub replayed: bool,
    pub body: &'c [u8],
}

impl Reply<'_> {
    /// The body for a message to people.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.body).into_owned()
    }
}

/// What the head of a reply says.
struct Head {
    bytes: usize,
    status: u16,
    content_length: usize,
    replayed: bool,
}

impl Client {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens.
    pub async fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("connecting to {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; READ_BYTES], filled: 0 })
    }

    /// Sends a request and reads the whole reply.
    ///
    /// # Errors
    /// When the connection breaks, or the reply is not one that this client reads (chunked, over-long).
    pub async fn send(&mut self, request: &[u8]) -> Result<Reply<'_>> {
        self.filled = 0;
        self.stream.write_all(request).await.context("sending a request")?;
        let head = loop {
            self.fill().await?;
            if let Some(head) = parse_head(&self.buffer[..self.filled])? {
                break head;
            }
        };
        let end = head.bytes + head.content_length;
        ensure!(end <= REPLY_BYTES_MAX, "a reply of {end} bytes");
        if self.buffer.len() < end {
            self.buffer.resize(end, 0);
        }
        while self.filled < end {
            self.fill().await?;
        }
        ensure!(self.filled == end, "bytes after the end of a reply");
        Ok(Reply { status: head.status, replayed: head.replayed, body: &self.buffer[head.bytes..end] })
    }

    async fn fill(&mut self) -> Result<()> {
        if self.filled == self.buffer.len() {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        let read = self.stream.read(&mut self.buffer[self.filled..]).await.context("reading a reply")?;
        ensure!(read > 0, "the server closed the connection");
        self.filled += read;
        Ok(())
    }
}

fn parse_head(bytes: &[u8]) -> Result<Option<Head>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut parsed = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(length) = parsed.parse(bytes).context("parsing a reply")? else {
        return Ok(None);
    };
    let status = parsed.code.unwrap_or_default();
    let mut head = Head { bytes: length, status, content_length: 0, replayed: false };
    let mut has_length = matches!(status, 204 | 304);
    for header in parsed.headers.iter() {
        if header.name.eq_ignore_ascii_case("content-length") {
            head.content_length =
                std::str::from_utf8(header.value)?.trim().parse().context("content-length")?;
            has_length = true;
        } else if header.name.eq_ignore_ascii_case("idempotency-replayed") {
            head.replayed = header.value == b"true";
        }
    }
    if !has_length {
        bail!("a reply with status {status} has no content-length");
    }
    Ok(Some(head))
}

/// A request as it goes over the wire. `headers` are whole lines without their ends.
#[must_use]
pub fn request(method: &str, path: &str, headers: &[String], body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256 + body.len());
    bytes.extend_from_slice(format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n").as_bytes());
    for header in headers {
        bytes.extend_from_slice(header.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    if method != "GET" {
        bytes.extend_from_slice(format!("content-length: {}\r\n", body.len()).as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_head_once_it_is_whole() {
        let reply = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nIdempotency-Replayed: true\r\n\r\n{}";
        for cut in 0..reply.len() - 2 {
            assert!(parse_head(&reply[..cut]).expect("half a head").is_none(), "{cut}");
        }
        let head = parse_head(reply).expect("a head").expect("a whole head");
        assert_eq!((head.status, head.content_length, head.bytes), (200, 2, reply.len() - 2));
        assert!(head.replayed);
    }

    #[test]
    fn refuses_a_reply_of_unknown_length() {
        let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        assert!(parse_head(chunked).is_err());
        let empty = b"HTTP/1.1 204 No Content\r\n\r\n";
        assert!(parse_head(empty).expect("a head").is_some_and(|head| head.content_length == 0));
    }
}

//! Every limit a request or an instance lives under.

use std::str::FromStr;
use std::time::Duration;

/// Spin's default: requests one instance of a WASI 0.3 component answers before it is dropped.
pub const REUSE_COUNT: usize = 128;
/// Spin's default: requests inside one instance at once.
pub const CONCURRENT_REUSE_COUNT: usize = 16;
/// Linear memory of one instance when nothing else is said, bytes: the address space of 32-bit Wasm.
pub const INSTANCE_MEMORY: usize = 4 << 30;
/// Component instances alive at once; Spin's figure.
pub const MAX_INSTANCES: u32 = 1_000;
/// Connections open at once.
pub const MAX_CONNECTIONS: usize = 10_000;
/// Bytes of a request body.
pub const MAX_REQUEST_BODY: u64 = 16 << 20;
/// Bytes of a request's headers, names and values together.
pub const MAX_REQUEST_HEADERS: usize = 16 << 10;
/// Number of headers in a request.
pub const MAX_HEADER_COUNT: usize = 100;
/// A client that has not sent its request's headers by then is disconnected; also ends idle connections.
pub const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(60);
/// A client that has not sent the part of the body that the host buffers by then gets a 408.
pub const BODY_READ_TIMEOUT: Duration = Duration::from_secs(30);
/// Bodies up to this many bytes are read whole before an instance is bothered, and replies with a
/// `content-length` up to it are collected and written with their head in one packet.
pub const BUFFERED_BODY: usize = 256 << 10;
/// How long requests in flight may take to finish once shutdown began.
pub const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(30);

/// A value, or bounds between which each instance gets its own at random (end excluded).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span<T> {
    /// This value.
    Exactly(T),
    /// From the first to just below the second.
    Between(T, T),
}

/// How long instances live and what they may use.
#[derive(Clone, Copy, Debug)]
pub struct InstanceLimits {
    /// Requests before an instance is dropped.
    pub reuse_count: Span<usize>,
    /// Requests inside an instance at once.
    pub concurrent_reuse_count: Span<usize>,
    /// How long an instance waits for its next request.
    pub idle_timeout: Span<Duration>,
    /// How long a guest may take to answer; `None` for ever.
    pub request_timeout: Option<Span<Duration>>,
    /// Bytes of one linear memory.
    pub memory: usize,
}

impl InstanceLimits {
    /// Whether a request that has taken `elapsed` is over the time any instance could have given it.
    pub fn timed_out(&self, elapsed: Duration) -> bool {
        match self.request_timeout {
            None => false,
            Some(Span::Exactly(timeout) | Span::Between(timeout, _)) => elapsed >= timeout,
        }
    }

    /// Whether several requests may be inside one instance at once.
    pub fn shares_instances(&self) -> bool {
        self.concurrent_reuse_count != Span::Exactly(1)
    }
}

/// What the server accepts.
#[derive(Clone, Copy, Debug)]
pub struct ServerLimits {
    /// Connections at once.
    pub connections: usize,
    /// Bytes of a request body.
    pub request_body: u64,
    /// Bytes of a request's headers.
    pub request_headers: usize,
    /// How long shutdown waits for requests in flight.
    pub shutdown: Duration,
}

/// Parses a count: `8`, or `1..8`.
pub fn parse_count(text: &str) -> Result<Span<usize>, String> {
    let span = parse_span(text, |part| {
        part.parse::<usize>().map_err(|_| format!("{part:?} is not a whole number"))
    })?;
    match span {
        Span::Exactly(0) | Span::Between(0, _) => Err("must be at least 1".to_owned()),
        span => Ok(span),
    }
}

/// Parses a duration: `2`, `2s`, `500ms`, `10us`, `10ns`, or a range of such.
pub fn parse_duration_span(text: &str) -> Result<Span<Duration>, String> {
    parse_span(text, parse_duration)
}

/// Parses a duration: `2`, `2s`, `500ms`, `10us` or `10ns`.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let number_before = |suffix| u64::from_str(text.strip_suffix(suffix)?).ok();
    number_before("ms")
        .map(Duration::from_millis)
        .or_else(|| number_before("us").or_else(|| number_before("μs")).map(Duration::from_micros))
        .or_else(|| number_before("ns").map(Duration::from_nanos))
        .or_else(|| number_before("s").or_else(|| number_before("")).map(Duration::from_secs))
        .ok_or_else(|| format!("{text:?} is not a duration: use seconds, or a number with s, ms, us or ns"))
}

fn parse_span<T: PartialOrd>(
    text: &str,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Span<T>, String> {
    match text.split_once("..") {
        None => Ok(Span::Exactly(parse(text)?)),
        Some((low, high)) => {
            let (low, high) = (parse(low)?, parse(high)?);
            if low < high { Ok(Span::Between(low, high)) } else { Err(format!("{text:?} is empty")) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_durations_are_written_as_for_spin() {
        assert_eq!(parse_count("8"), Ok(Span::Exactly(8)));
        assert_eq!(parse_count("1..8"), Ok(Span::Between(1, 8)));
        for wrong in ["0", "8..1", "3..3", "x", "1..", "-1"] {
            assert!(parse_count(wrong).is_err(), "{wrong}");
        }
        assert_eq!(parse_duration("2"), Ok(Duration::from_secs(2)));
        assert_eq!(parse_duration("2s"), Ok(Duration::from_secs(2)));
        assert_eq!(parse_duration("150ms"), Ok(Duration::from_millis(150)));
        assert_eq!(parse_duration("7μs"), Ok(Duration::from_micros(7)));
        assert_eq!(
            parse_duration_span("1s..2s"),
            Ok(Span::Between(Duration::from_secs(1), Duration::from_secs(2)))
        );
        assert!(parse_duration("2m").is_err());
    }
}

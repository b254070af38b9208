//! The way out to partners, on wasi:http 0.2.
//!
//! The synchronous interface is used for the same reason as with SQL, and because a cron function, whose export is
//! synchronous, may wait for nothing else. While a partner is waited for, the instance serves nobody else.

use http::Uri;
use partner::{Answer, Exchange, Fault, Request};
use wasip2::clocks::monotonic_clock;
use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingResponse, Method, OutgoingBody, OutgoingRequest,
    RequestOptions, Scheme,
};
use wasip2::io::poll::{Pollable, poll};
use wasip2::io::streams::{OutputStream, StreamError};

/// Largest answer read from a partner: a chain's whole nomenclature.
const ANSWER_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Bytes asked for in one read.
const READ_BYTES: u64 = 64 * 1024;
/// Longest wait for a connection: a partner that takes longer is down, and it is known that nothing was sent.
const CONNECT_MS_MAX: u32 = 5_000;
const NANOS_IN_MS: u64 = 1_000_000;

/// Requests through the host.
pub struct SpinPartners;

impl Exchange for SpinPartners {
    fn exchange(&self, request: &Request) -> Result<Answer, Fault> {
        send(request)?.answer()
    }

    /// All are sent before the first answer is waited for: they are under way side by side, each with its own deadline.
    fn exchange_all(&self, requests: &[Request]) -> Vec<Result<Answer, Fault>> {
        let sent: Vec<Result<Sent, Fault>> = requests.iter().map(send).collect();
        sent.into_iter().map(|sent| sent.and_then(|sent| sent.answer())).collect()
    }
}

/// A request whose answer is not there yet.
struct Sent {
    pending: FutureIncomingResponse,
    deadline: Deadline,
}

impl Sent {
    fn answer(&self) -> Result<Answer, Fault> {
        let response = response(&self.pending, &self.deadline)?;
        read(&response, &self.deadline)
    }
}

fn send(request: &Request) -> Result<Sent, Fault> {
    let deadline = Deadline::in_ms(request.timeout_ms);
    let outgoing = outgoing(request)?;
    let body = match request.body.is_empty() {
        true => None,
        false => Some(outgoing.body().map_err(|()| not_sent("the request has no body"))?),
    };
    let pending = outgoing_handler::handle(outgoing, Some(options(request.timeout_ms)?))
        .map_err(|code| fault(&code))?;
    if let Some(body) = body {
        send_body(body, &request.body, &deadline)?;
    }
    Ok(Sent { pending, deadline })
}

/// The moment by which everything has to be over.
struct Deadline(Pollable);

/// It has passed.
struct Passed;

impl From<Passed> for Fault {
    fn from(Passed: Passed) -> Self {
        Self::NoAnswer("not in time".to_owned())
    }
}

impl Deadline {
    fn in_ms(milliseconds: u32) -> Self {
        Self(monotonic_clock::subscribe_duration(u64::from(milliseconds) * NANOS_IN_MS))
    }

    /// Waits until `event` is ready. What is ready at the deadline still counts.
    fn wait(&self, event: &Pollable) -> Result<(), Passed> {
        match poll(&[event, &self.0]).contains(&0) {
            true => Ok(()),
            false => Err(Passed),
        }
    }
}

fn not_sent(why: &str) -> Fault {
    Fault::NotSent(why.to_owned())
}

fn outgoing(request: &Request) -> Result<OutgoingRequest, Fault> {
    let uri: Uri =
        request.url.parse().map_err(|error: http::uri::InvalidUri| Fault::NotSent(error.to_string()))?;
    let mut headers: Vec<(String, Vec<u8>)> = request
        .headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone().into_bytes()))
        .collect();
    if !request.body.is_empty() {
        headers.push(("content-length".to_owned(), request.body.len().to_string().into_bytes()));
    }
    let headers =
        Fields::from_list(&headers).map_err(|error| Fault::NotSent(format!("headers: {error:?}")))?;
    let scheme = match uri.scheme_str() {
        Some("https") => Scheme::Https,
        Some("http") => Scheme::Http,
        _ => return Err(not_sent("the address is neither http nor https")),
    };
    let method = match request.method {
        http::Method::GET => Method::Get,
        http::Method::POST => Method::Post,
        http::Method::PUT => Method::Put,
        http::Method::DELETE => Method::Delete,
        http::Method::PATCH => Method::Patch,
        ref other => Method::Other(other.as_str().to_owned()),
    };
    let outgoing = OutgoingRequest::new(headers);
    let set = outgoing
        .set_method(&method)
        .and_then(|()| outgoing.set_scheme(Some(&scheme)))
        .and_then(|()| outgoing.set_authority(uri.authority().map(http::uri::Authority::as_str)))
        .and_then(|()| outgoing.set_path_with_query(uri.path_and_query().map(|path| path.as_str())));
    set.map_err(|()| not_sent("the method or the address is not lawful"))?;
    Ok(outgoing)
}

fn options(timeout_ms: u32) -> Result<RequestOptions, Fault> {
    let nanos = |milliseconds: u32| Some(u64::from(milliseconds) * NANOS_IN_MS);
    let options = RequestOptions::new();
    // Less than the deadline, so that the host is the one who says that no connection came about.
    let set = options
        .set_connect_timeout(nanos((timeout_ms / 2).min(CONNECT_MS_MAX)))
        .and_then(|()| options.set_first_byte_timeout(nanos(timeout_ms)))
        .and_then(|()| options.set_between_bytes_timeout(nanos(timeout_ms)));
    set.map_err(|()| not_sent("the host knows no timeouts"))?;
    Ok(options)
}

/// Hands the body over. A body that nobody takes is no fault yet: the answer, or its error code, says why.
fn send_body(body: OutgoingBody, bytes: &[u8], deadline: &Deadline) -> Result<(), Fault> {
    let stream = body.write().map_err(|()| not_sent("the body has no stream"))?;
    let whole = write(&stream, bytes, deadline)?;
    drop(stream);
    if whole {
        // An error here means that the answer came before the body was read.
        drop(OutgoingBody::finish(body, None));
    }
    Ok(())
}

/// Whether everything was taken.
fn write(stream: &OutputStream, mut bytes: &[u8], deadline: &Deadline) -> Result<bool, Fault> {
    let ready = stream.subscribe();
    while !bytes.is_empty() {
        let permit = match stream.check_write() {
            Ok(permit) => usize::try_from(permit).unwrap_or(usize::MAX),
            Err(_) => return Ok(false),
        };
        if permit == 0 {
            deadline.wait(&ready)?;
            continue;
        }
        let (now, later) = bytes.split_at(permit.min(bytes.len()));
        if stream.write(now).is_err() {
            return Ok(false);
        }
        bytes = later;
    }
    Ok(stream.flush().is_ok())
}

fn response(pending: &FutureIncomingResponse, deadline: &Deadline) -> Result<IncomingResponse, Fault> {
    let ready = pending.subscribe();
    deadline.wait(&ready)?;
    match pending.get() {
        Some(Ok(Ok(response))) => Ok(response),
        Some(Ok(Err(code))) => Err(fault(&code)),
        Some(Err(())) | None => Err(Fault::NoAnswer("the host lost the answer".to_owned())),
    }
}

fn read(response: &IncomingResponse, deadline: &Deadline) -> Result<Answer, Fault> {
    let no_answer = |why: &str| Fault::NoAnswer(why.to_owned());
    let headers = response.headers().entries();
    let incoming = response.consume().map_err(|()| no_answer("the answer has no body"))?;
    let stream = incoming.stream().map_err(|()| no_answer("the answer's body has no stream"))?;
    let ready = stream.subscribe();
    let mut body = Vec::new();
    loop {
        deadline.wait(&ready)?;
        match stream.read(READ_BYTES) {
            Ok(bytes) if body.len() + bytes.len() > ANSWER_BYTES_MAX => {
                return Err(Fault::NoAnswer(format!("more than {ANSWER_BYTES_MAX} bytes")));
            }
            Ok(bytes) => body.extend_from_slice(&bytes),
            Err(StreamError::Closed) => break,
            Err(StreamError::LastOperationFailed(error)) => {
                return Err(Fault::NoAnswer(format!("broken off: {}", error.to_debug_string())));
            }
        }
    }
    let text = |value: Vec<u8>| String::from_utf8_lossy(&value).into_owned();
    Ok(Answer {
        status: response.status(),
        headers: headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), text(value))).collect(),
        body,
    })
}

/// Whether the partner can have seen the request. In doubt it can: to ask once more what became of an order costs
/// less than to order twice.
fn fault(code: &ErrorCode) -> Fault {
    match code {
        ErrorCode::DnsTimeout
        | ErrorCode::DnsError(_)
        | ErrorCode::DestinationNotFound
        | ErrorCode::DestinationUnavailable
        | ErrorCode::DestinationIpProhibited
        | ErrorCode::DestinationIpUnroutable
        | ErrorCode::ConnectionRefused
        | ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionLimitReached
        | ErrorCode::TlsCertificateError
        | ErrorCode::HttpRequestDenied
        | ErrorCode::HttpRequestMethodInvalid
        | ErrorCode::HttpRequestUriInvalid
        | ErrorCode::HttpRequestUriTooLong => Fault::NotSent(format!("{code:?}")),
        _ => Fault::NoAnswer(format!("{code:?}")),
    }
}

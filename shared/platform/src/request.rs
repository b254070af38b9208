//! Spin's request as ours.

use http::header::CONTENT_LENGTH;
use http::{HeaderMap, Method};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use membership::profile::Language;
use spin_sdk::http as spin;
use web::{Problem, Request};

/// Largest body of any operation: a batch of receipts, or an import. Others set lower limits of their own.
const REQUEST_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Longest request id repeated into a log line.
const REQUEST_ID_LEN_MAX: usize = 64;

/// Reads the whole request.
///
/// # Errors
/// 413 when the body is too large, 400 when it breaks off.
pub async fn read(request: spin::Request) -> Result<Request, Problem> {
    let (parts, incoming) = request.into_parts();
    let body =
        if has_body(&parts.method) { body(incoming, announced(&parts.headers)).await? } else { Vec::new() };
    let client_address = parts.headers.get("spin-client-addr").and_then(|value| value.to_str().ok());
    Ok(Request {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        client_address: client_address.map(address_without_port).unwrap_or_default(),
        headers: parts.headers,
        body,
    })
}

/// Whether an operation with this method reads a body. To ask for the end of one that is not there costs a component
/// three waits for the host.
fn has_body(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::DELETE)
}

/// Bytes of the body, where the client said so.
fn announced(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Reads a body to its end, or to its announced length: a host lets no more through, and asking again only to hear
/// that there is no more costs as much as reading it.
async fn body(
    incoming: spin_sdk::wasip3::http_compat::IncomingRequestBody,
    announced: Option<usize>,
) -> Result<Vec<u8>, Problem> {
    let broken = || Problem::of(&api::problem::MALFORMED).because("the body broke off");
    let too_large = || Problem::of(&api::problem::TOO_LARGE).with("bytes_max", REQUEST_BYTES_MAX);
    if announced.is_some_and(|bytes| bytes > REQUEST_BYTES_MAX) {
        return Err(too_large());
    }
    let mut incoming = Limited::new(incoming, REQUEST_BYTES_MAX);
    let mut body = Vec::with_capacity(announced.unwrap_or_default());
    while announced.is_none_or(|bytes| body.len() < bytes) {
        let Some(frame) = incoming.frame().await else { break };
        let frame =
            frame.map_err(|error| if error.is::<LengthLimitError>() { too_large() } else { broken() })?;
        if let Ok(data) = frame.into_data() {
            body.extend_from_slice(&data);
        }
    }
    if announced.is_some_and(|bytes| body.len() < bytes) { Err(broken()) } else { Ok(body) }
}

/// `203.0.113.7:50412` and `[2001:db8::7]:50412` without the port, which changes with every connection.
fn address_without_port(address: &str) -> String {
    match address.parse::<std::net::SocketAddr>() {
        Ok(address) => address.ip().to_string(),
        Err(_) => address.to_owned(),
    }
}

/// The language that the client prefers among ours; English where it names none of them.
pub fn language(headers: &HeaderMap) -> Language {
    let accepted =
        headers.get(http::header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut best = (Language::En, 0);
    for entry in accepted.split(',') {
        let (tag, quality) = match entry.split_once(';') {
            Some((tag, parameter)) => (tag.trim(), thousandths(parameter.trim())),
            None => (entry.trim(), 1_000),
        };
        let primary = tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        if let Ok(language) = Language::parse(&primary)
            && quality > best.1
        {
            best = (language, quality);
        }
    }
    best.0
}

/// `q=0.8` in thousandths; anything else counts as absent, which is 1.
fn thousandths(parameter: &str) -> i64 {
    let weight = parameter.strip_prefix("q=").and_then(|weight| kernel::Quantity::parse(weight).ok());
    weight.map_or(1_000, kernel::Quantity::thousandths)
}

/// The id that the host gave this request, for the log.
pub fn id(headers: &HeaderMap) -> String {
    let id = headers.get("x-request-id").and_then(|value| value.to_str().ok()).unwrap_or("-");
    id.chars().filter(char::is_ascii_graphic).take(REQUEST_ID_LEN_MAX).collect()
}

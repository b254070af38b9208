//! Bodies: small ones whole, large ones as they come, none beyond the limit.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, HeaderMap};
use http_body::Body as _;
use http_body_util::{BodyExt as _, LengthLimitError, Limited, StreamBody};
use hyper::body::{Frame, Incoming};
use wasmtime_wasi_http::{Error, WasiBody};

use crate::app::InboundBody;
use crate::limits::{BODY_READ_TIMEOUT, BUFFERED_BODY};
use crate::problem::Problem;

/// Says after the fact whether a streamed body went over the limit.
#[derive(Clone, Default)]
pub struct Overflow(Arc<AtomicBool>);

impl Overflow {
    /// Whether it did.
    pub fn happened(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Takes a request's body: whole if it is small, so that no instance waits for a slow client.
pub async fn receive(body: Incoming, limit: u64) -> Result<(InboundBody, Overflow), Problem> {
    if body.size_hint().lower() > limit {
        return Err(Problem::body_too_large());
    }
    let overflow = Overflow::default();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut body = Limited::new(body, limit);
    let first = tokio::time::timeout(BODY_READ_TIMEOUT, read_up_to(&mut body, BUFFERED_BODY))
        .await
        .map_err(|_| Problem::body_timeout())??;
    Ok(match first {
        First::Whole(bytes) => (InboundBody::Whole(bytes), overflow),
        First::Part(bytes) => (InboundBody::Stream(continued(bytes, body, overflow.clone())), overflow),
    })
}

enum First {
    Whole(Bytes),
    Part(Bytes),
}

async fn read_up_to(body: &mut Limited<Incoming>, room: usize) -> Result<First, Problem> {
    let mut first: Option<Bytes> = None;
    let mut more = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| match error.is::<LengthLimitError>() {
            true => Problem::body_too_large(),
            false => Problem::bad_request(),
        })?;
        let Ok(data) = frame.into_data() else { continue };
        // Most bodies are one frame, which then need not be copied.
        match &first {
            None => first = Some(data),
            Some(head) => {
                if more.is_empty() {
                    more.extend_from_slice(head);
                }
                more.extend_from_slice(&data);
            }
        }
        let length = if more.is_empty() { first.as_ref().map_or(0, Bytes::len) } else { more.len() };
        if length > room && !body.is_end_stream() {
            return Ok(First::Part(join(first, more)));
        }
    }
    Ok(First::Whole(join(first, more)))
}

fn join(first: Option<Bytes>, more: BytesMut) -> Bytes {
    if more.is_empty() { first.unwrap_or_default() } else { more.freeze() }
}

/// The part that was read, then the rest as it comes.
fn continued(first: Bytes, rest: Limited<Incoming>, overflow: Overflow) -> WasiBody {
    let frames =
        futures::stream::unfold((Some(first), rest, overflow), |(first, mut rest, overflow)| async {
            if let Some(first) = first {
                return Some((Ok(Frame::data(first)), (None, rest, overflow)));
            }
            let frame = rest.frame().await?.map_err(|error| {
                if error.is::<LengthLimitError>() {
                    overflow.0.store(true, Ordering::Relaxed);
                    Error::HttpRequestBodySize(None)
                } else {
                    Error::HttpProtocolError
                }
            });
            Some((frame, (None, rest, overflow)))
        });
    StreamBody::new(frames).boxed_unsync()
}

/// Collects a reply that announces a small body, so that head and body leave in one packet and a guest that
/// dies while writing it yields an error and not a torn reply.
pub async fn settle(headers: &HeaderMap, body: WasiBody) -> Result<WasiBody, Problem> {
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if length.is_none_or(|length| length > BUFFERED_BODY) {
        return Ok(body);
    }
    match body.collect().await {
        Ok(collected) => Ok(crate::app::whole(collected.to_bytes())),
        Err(error) => {
            tracing::error!(%error, "a component failed while writing its reply");
            Err(Problem::component_failed())
        }
    }
}

//! The way out on wasi:http.

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use spin_sdk::http as spin;
use web::call::{Outbound, OutboundFuture, OutboundRequest};

/// Largest answer read from a partner.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// Outbound requests through the host.
pub struct SpinOutbound;

impl Outbound for SpinOutbound {
    fn send(&self, request: OutboundRequest) -> OutboundFuture<'_> {
        Box::pin(async move {
            let mut builder = http::Request::builder()
                .method(request.method)
                .uri(request.url)
                .header("content-length", request.body.len());
            for (name, value) in request.headers {
                builder = builder.header(name, value);
            }
            let request =
                builder.body(Full::new(Bytes::from(request.body))).map_err(|error| error.to_string())?;
            let answer = spin::send(request).await.map_err(|error| format!("{error:?}"))?;
            let (parts, body) = answer.into_parts();
            let body =
                Limited::new(body, ANSWER_BYTES_MAX).collect().await.map_err(|error| error.to_string())?;
            Ok(http::Response::from_parts(parts, body.to_bytes().to_vec()))
        })
    }
}

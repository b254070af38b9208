//! Calls to simulated partners without a network between.

use partner::{Answer, Request};
use partners::journal::Received;
use partners::serve::Reply;

/// A request as it would arrive at `path`.
#[must_use]
pub fn received(request: &Request, path: &str) -> Received {
    let headers = request.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    Received {
        method: request.method.to_string(),
        path: path.to_owned(),
        query: Vec::new(),
        headers: headers.collect(),
        bytes: request.body.clone(),
    }
}

/// A partner's reply as the caller gets it.
#[must_use]
pub fn answer(reply: &Reply) -> Answer {
    let headers = reply.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    Answer { status: reply.status, headers: headers.collect(), body: reply.body.to_string().into_bytes() }
}

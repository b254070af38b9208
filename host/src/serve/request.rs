//! One request, from its head to its reply.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use http::uri::{Authority, Scheme};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use hyper::body::Incoming;
use wasmtime_wasi_http::WasiBody;

use super::request_id::{self, REQUEST_ID};
use super::{Server, body, health};
use crate::app::{Answer, App};
use crate::limits::MAX_HEADER_COUNT;
use crate::link::outbound_http::strip_hop_headers;
use crate::problem::Problem;
use crate::router::RouteMatch;

/// The component label of replies that no component made.
const HOST_LABEL: &str = "-";

impl Server {
    /// Answers a request, whatever it is.
    pub(super) async fn handle(
        &self,
        mut request: Request<Incoming>,
        client: SocketAddr,
    ) -> Response<WasiBody> {
        let started = Instant::now();
        let in_flight = self.metrics.in_flight();
        let id = request_id::assign(request.headers_mut());
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());

        let mut answer = self.answer(request, client).await;
        let component = answer.component.take().unwrap_or_else(|| Arc::from(HOST_LABEL));
        let mut response = answer.response;
        response.headers_mut().insert(REQUEST_ID, id.clone());

        drop(in_flight);
        let elapsed = started.elapsed();
        let status = response.status().as_u16();
        self.metrics.request(&component, status, elapsed);
        tracing::info!(
            target: "crema::access",
            request_id = id.to_str().unwrap_or_default(),
            %method,
            path,
            status,
            component = component.as_ref(),
            elapsed_us = elapsed.as_micros() as u64,
            %client,
            "request"
        );
        response
    }

    async fn answer(&self, request: Request<Incoming>, client: SocketAddr) -> Answer {
        if !self.headers_fit(request.headers()) {
            return Problem::headers_too_large().into();
        }
        let path = request.uri().path();
        let app = self.app.get();
        if let Some(response) = health::reserved(path, app.map(AsRef::as_ref)) {
            return Answer { response, component: None };
        }
        if let Some(app) = app
            && let Some(route) = app.router.find(path)
        {
            return self.forward(app, route, request, client).await.unwrap_or_else(Answer::from);
        }
        match self.health(path).await {
            Some(response) => Answer { response, component: None },
            None if app.is_none() => Problem::not_ready().into(),
            None => Problem::no_route().into(),
        }
    }

    /// Hands a request to the application.
    async fn forward(
        &self,
        app: &App,
        route: RouteMatch<'_>,
        request: Request<Incoming>,
        client: SocketAddr,
    ) -> Result<Answer, Problem> {
        let (mut parts, incoming) = request.into_parts();
        let is_head = parts.method == Method::HEAD;
        parts.uri = absolute(parts.uri, &parts.headers)?;
        strip_hop_headers(&mut parts.headers);
        let (inbound, overflow) = body::receive(incoming, self.limits.request_body).await?;
        let answer = app.answer(route, Request::from_parts(parts, inbound), client).await;
        if overflow.happened() {
            return Err(Problem::body_too_large());
        }
        let (parts, body) = answer.response.into_parts();
        // What these announce as a length is that of a body they do not have.
        let bodiless = is_head || parts.status == StatusCode::NOT_MODIFIED;
        let body = if bodiless { body } else { body::settle(&parts.headers, body).await? };
        Ok(Answer { response: Response::from_parts(parts, body), component: answer.component })
    }

    fn headers_fit(&self, headers: &HeaderMap<HeaderValue>) -> bool {
        let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        headers.len() <= MAX_HEADER_COUNT && bytes <= self.limits.request_headers
    }
}

/// The request's URI with scheme and authority, which components are told.
fn absolute(uri: Uri, headers: &HeaderMap) -> Result<Uri, Problem> {
    let mut parts = uri.into_parts();
    let host = match headers.get(header::HOST) {
        Some(host) => Some(Authority::try_from(host.as_bytes()).map_err(|_| Problem::bad_request())?),
        None => None,
    };
    parts.authority = match (host, parts.authority) {
        (None, None) => return Err(Problem::bad_request()),
        (Some(host), Some(authority)) if host != authority => return Err(Problem::bad_request()),
        (host, authority) => host.or(authority),
    };
    parts.scheme = Some(Scheme::HTTP);
    if parts.path_and_query.is_none() {
        return Err(Problem::bad_request());
    }
    Uri::from_parts(parts).map_err(|_| Problem::bad_request())
}

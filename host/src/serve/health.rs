//! Health endpoints, for whatever watches over the process. The application's own routes go before them.

use http::{HeaderValue, Response, header};
use serde::Serialize;
use wasmtime_wasi_http::WasiBody;

use super::Server;
use crate::app::{App, whole};
use crate::problem::Problem;

/// Answers while the process lives.
const LIVE: &str = "/healthz";
/// Answers 200 only if requests can be answered: components are compiled and every database works.
const READY: &str = "/readyz";
/// Spin's own paths; applications cannot have them.
const SPIN_PREFIX: &str = "/.well-known/spin/";

/// Answers Spin's reserved paths.
pub fn reserved(path: &str, app: Option<&App>) -> Option<Response<WasiBody>> {
    let name = path.strip_prefix(SPIN_PREFIX)?;
    Some(match (name, app) {
        ("health", _) => plain("OK"),
        ("info", Some(app)) => info(app),
        _ => Problem::no_route().into_response(),
    })
}

impl Server {
    /// Answers the health paths.
    pub(super) async fn health(&self, path: &str) -> Option<Response<WasiBody>> {
        match path {
            LIVE => Some(plain("ok\n")),
            READY => Some(self.readiness().await),
            _ => None,
        }
    }

    async fn readiness(&self) -> Response<WasiBody> {
        let Some(app) = self.app.get().filter(|_| !self.is_stopping()) else {
            return Problem::not_ready().into_response();
        };
        match app.state.check().await {
            Ok(()) => plain("ready\n"),
            Err(reason) => {
                tracing::error!(reason, "not ready");
                Problem::state_unavailable().into_response()
            }
        }
    }
}

fn plain(text: &'static str) -> Response<WasiBody> {
    let mut response = Response::new(whole(text));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}

fn info(app: &App) -> Response<WasiBody> {
    #[derive(Serialize)]
    struct Info<'a> {
        name: &'a str,
        #[serde(skip_serializing_if = "str::is_empty")]
        version: &'a str,
    }
    // Two strings always serialise.
    let json = serde_json::to_vec(&Info { name: &app.name, version: &app.version }).unwrap_or_default();
    let mut response = Response::new(whole(json));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

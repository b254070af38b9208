//! Outgoing HTTP: only where the component may go, and to other components without leaving the process.

use std::sync::Arc;

use http::{HeaderMap, Request, Response, Uri, header};
use http_body_util::BodyExt;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks, default_send_request};

use crate::app::AppHandle;
use crate::component::ComponentContext;
use crate::outbound::chained_component;

/// One instance's way out.
pub struct OutboundHttp {
    component: Arc<ComponentContext>,
}

type IoFuture = Box<dyn Future<Output = Result<(), Error>> + Send>;
type SendFuture = Box<dyn Future<Output = Result<(Response<WasiBody>, IoFuture), Error>> + Send>;

/// Where a request goes.
enum Destination {
    /// The component with this id, inside the process.
    Component(String),
    /// The application's own routes.
    Itself,
    /// The network.
    Network,
}

impl OutboundHttp {
    /// The way out for instances of `component`.
    pub fn new(component: Arc<ComponentContext>) -> Self {
        Self { component }
    }

    fn destination(&self, uri: &Uri) -> Result<Destination, Error> {
        let hosts = &self.component.grants.outbound_hosts;
        let denied = |what: &str| {
            tracing::warn!(
                component = self.component.id.as_ref(),
                destination = what,
                "outbound request denied: the manifest's allowed_outbound_hosts does not grant it"
            );
            Err(Error::HttpRequestDenied)
        };
        let Some(host) = uri.host().filter(|host| !host.is_empty()) else {
            let scheme = uri.scheme_str().unwrap_or("http");
            return if hosts.allows_self(scheme) { Ok(Destination::Itself) } else { denied("self") };
        };
        if !hosts.allows(uri) {
            return denied(host);
        }
        Ok(match chained_component(host) {
            Some(component) => Destination::Component(component.to_owned()),
            None => Destination::Network,
        })
    }
}

impl WasiHttpHooks for OutboundHttp {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> SendFuture {
        let destination = match self.destination(request.uri()) {
            Ok(destination) => destination,
            Err(error) => return Box::new(std::future::ready(Err(error))),
        };
        let app = self.component.app.clone();
        Box::new(async move {
            match destination {
                Destination::Network => {
                    let (response, io) = default_send_request(request, options).await?;
                    Ok((response.map(BodyExt::boxed_unsync), Box::new(io) as IoFuture))
                }
                Destination::Component(id) => within(app, request, Some(&id)).await,
                Destination::Itself => within(app, request, None).await,
            }
        })
    }
}

/// Answers a request without leaving the process.
async fn within(
    app: AppHandle,
    mut request: Request<WasiBody>,
    component: Option<&str>,
) -> Result<(Response<WasiBody>, IoFuture), Error> {
    // The application is gone only when the process is going.
    let app = app.get().ok_or(Error::ConnectionTerminated)?;
    strip_hop_headers(request.headers_mut());
    let response = match component {
        Some(component) => app.chain(component, request).await.ok_or(Error::DestinationNotFound)?,
        None => app.route_internally(request).await,
    };
    Ok((response, Box::new(std::future::ready(Ok(())))))
}

/// Headers that mean something only to the connection they came over.
pub fn strip_hop_headers(headers: &mut HeaderMap) {
    let chained = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .is_some_and(|host| chained_component(host.split(':').next().unwrap_or(host)).is_some());
    if chained {
        headers.remove(header::HOST);
    }
    headers.remove(header::CONNECTION);
}

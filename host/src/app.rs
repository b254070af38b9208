//! An application ready to answer: its routes, components, stores and schedule.

mod load;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Instant;

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use wasmtime_wasi_http::WasiBody;
use wasmtime_wasi_http::handler::{ProxyHandler, TrapOrPanicError};

use crate::component::ComponentContext;
use crate::cron::CronJob;
use crate::failure::classify;
use crate::instance::HttpInstances;
use crate::limits::InstanceLimits;
use crate::manifest::{HttpTarget, StaticResponse};
use crate::problem::Problem;
use crate::router::{RouteMatch, Router, write_chained_headers};
use crate::state::State;

pub use load::{Follow, LoadOptions};

/// An application.
pub struct App {
    /// `application.name`.
    pub name: String,
    /// `application.version`.
    pub version: String,
    /// Its routes.
    pub router: Router,
    /// Its databases and stores.
    pub state: Arc<State>,
    /// Its schedule.
    pub cron: Vec<CronJob>,
    components: BTreeMap<String, HttpComponent>,
    limits: InstanceLimits,
    /// Keeps the epoch ticking, and copied files in place, as long as the application lives.
    _keep: load::Keep,
}

/// A component that answers HTTP.
struct HttpComponent {
    context: Arc<ComponentContext>,
    handler: ProxyHandler<HttpInstances>,
    /// One request, one instance: for requests that are tried again after another one killed their instance.
    isolated: ProxyHandler<HttpInstances>,
}

/// A way to the application from its own instances; empty while it is being loaded.
#[derive(Clone, Default)]
pub struct AppHandle(Arc<OnceLock<Weak<App>>>);

impl AppHandle {
    /// The application, unless it is not there yet or no longer.
    pub fn get(&self) -> Option<Arc<App>> {
        self.0.get().and_then(Weak::upgrade)
    }
}

/// A request body: in memory, so that the request can be tried again, or still arriving.
pub enum InboundBody {
    /// All of it.
    Whole(Bytes),
    /// A stream.
    Stream(WasiBody),
}

impl From<InboundBody> for WasiBody {
    fn from(body: InboundBody) -> Self {
        match body {
            InboundBody::Whole(bytes) => whole(bytes),
            InboundBody::Stream(body) => body,
        }
    }
}

/// A body of known bytes.
pub fn whole(bytes: impl Into<Bytes>) -> WasiBody {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

/// An answer and who gave it.
pub struct Answer {
    /// The reply.
    pub response: Response<WasiBody>,
    /// The component's id, or `None` if the host answered by itself.
    pub component: Option<Arc<str>>,
}

impl From<Problem> for Answer {
    fn from(problem: Problem) -> Self {
        Self { response: problem.into_response(), component: None }
    }
}

impl App {
    /// Answers a request that `route` was found for. The request's URI must be absolute.
    pub async fn answer(
        &self,
        route: RouteMatch<'_>,
        mut request: Request<InboundBody>,
        client: SocketAddr,
    ) -> Answer {
        let id = match &route.entry.target {
            HttpTarget::Static(reply) => {
                return Answer { response: static_response(reply), component: None };
            }
            HttpTarget::Component(id) => id,
        };
        // The loader refuses HTTP triggers for components that export no handler.
        let Some(component) = self.components.get(id) else { return Problem::no_route().into() };
        let (host, uri) = (host_of(&request), request.uri().clone());
        route.write_headers(&uri, &host, client, request.headers_mut());
        self.call(component, request).await
    }

    /// Answers a request that one component makes to another; `None` if there is no such component.
    pub async fn chain(&self, id: &str, mut request: Request<WasiBody>) -> Option<Response<WasiBody>> {
        let component = self.components.get(id)?;
        let (host, uri) = (host_of(&request), request.uri().clone());
        write_chained_headers(&uri, &host, request.headers_mut());
        Some(self.call(component, request.map(InboundBody::Stream)).await.response)
    }

    /// Answers a request that a component makes to the application's own routes.
    pub async fn route_internally(&self, request: Request<WasiBody>) -> Response<WasiBody> {
        let client = SocketAddr::from(([0, 0, 0, 0], 0));
        match self.router.find(request.uri().path()) {
            Some(route) => self.answer(route, request.map(InboundBody::Stream), client).await.response,
            None => Problem::no_route().into_response(),
        }
    }

    async fn call(&self, component: &HttpComponent, request: Request<InboundBody>) -> Answer {
        let started = Instant::now();
        let again = self.copy_for_retry(&request);
        let mut result = component.handler.handle((), request.map(WasiBody::from)).await;
        let lost = result.as_ref().is_err_and(|error| error.is::<TrapOrPanicError>())
            && !self.limits.timed_out(started.elapsed());
        if let Some(request) = again.filter(|_| lost) {
            // Somebody in the instance trapped, perhaps another request: this one gets an instance of its own.
            result = component.isolated.handle((), request).await;
        }
        let response = result.unwrap_or_else(|error| {
            let problem = classify(&error, self.limits.timed_out(started.elapsed()));
            if problem.status == StatusCode::GATEWAY_TIMEOUT {
                component.context.metrics.timed_out();
            }
            problem.into_response()
        });
        Answer { response, component: Some(Arc::clone(&component.context.id)) }
    }

    /// A copy of a request that may be sent twice, where an instance may hold several requests at all.
    fn copy_for_retry(&self, request: &Request<InboundBody>) -> Option<Request<WasiBody>> {
        let repeatable = request.method().is_safe() || request.headers().contains_key("idempotency-key");
        let InboundBody::Whole(body) = request.body() else { return None };
        if !repeatable || !self.limits.shares_instances() {
            return None;
        }
        let mut copy = Request::new(whole(body.clone()));
        *copy.method_mut() = request.method().clone();
        *copy.uri_mut() = request.uri().clone();
        *copy.headers_mut() = request.headers().clone();
        Some(copy)
    }
}

fn host_of<B>(request: &Request<B>) -> String {
    let header = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    header.or_else(|| request.uri().authority().map(|host| host.as_str())).unwrap_or("localhost").to_owned()
}

fn static_response(reply: &StaticResponse) -> Response<WasiBody> {
    let mut response = Response::new(whole(reply.body.clone()));
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers.clone();
    response
}

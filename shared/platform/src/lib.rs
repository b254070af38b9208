//! The only crate that names spin-sdk: requests, SQL, key-value, variables, clock.
//!
//! A function's whole contact with the host is [`serve`]. Everything behind it speaks the ports of `store` and `web`.

mod bindings;
mod feed;
mod key_value;
mod partners;
mod request;
pub mod scheduled;
mod settings;
mod sql;

use bytes::Bytes;
use http::{HeaderValue, header};
use http_body_util::{Either, Full};
use kernel::{IdSource, Timestamp};
use membership::profile::Language;
use spin_sdk::http as spin;
use spin_sdk::wasip3::clocks::system_clock;
use spin_sdk::wasip3::random::random;
use web::auth::Principal;
use web::events::{self, Outcome};
use web::{Call, Problem, Reply};

/// What a function hands back to Spin.
pub type Response = spin::Response<Either<Full<Bytes>, feed::Body>>;

/// The variable that allows the test clock.
const TEST_CLOCK_VARIABLE: &str = "test_clock";
/// Its value when allowed; anything else forbids it.
const TEST_CLOCK_ALLOWED: &str = "allowed";
/// The header that sets the call's time where the test clock is allowed.
const TEST_CLOCK_HEADER: &str = "crema-test-clock";

/// Serves one request of `component`: finds the operation, checks who calls, runs `run` and turns its outcome into a
/// response. `variables` are the component's variables besides `test_clock`.
///
/// Every outcome is a response: an error returned to Spin would be a bare 500 without a problem document.
pub async fn serve(
    component: &'static str,
    variables: &'static [&'static str],
    request: spin::Request,
    run: impl AsyncFnOnce(&mut Call<'_>) -> Result<Reply, Problem>,
) -> Response {
    let to_reader = Reader::of(component, &request);
    match answer(component, variables, request, run).await {
        Ok(reply) => respond(reply),
        Err(problem) => to_reader.refuse(problem),
    }
}

/// As [`serve`], for a component that answers some calls with a feed of events.
pub async fn serve_feed(
    component: &'static str,
    variables: &'static [&'static str],
    request: spin::Request,
    run: impl AsyncFnOnce(&mut Call<'_>) -> Result<Outcome, Problem>,
) -> Response {
    let to_reader = Reader::of(component, &request);
    match answer(component, variables, request, run).await {
        Ok(Outcome::Reply(reply)) => respond(reply),
        Ok(Outcome::Feed(feed)) => match feed::body(component, feed) {
            Ok(body) => stream(body),
            Err(problem) => to_reader.refuse(problem),
        },
        Err(problem) => to_reader.refuse(problem),
    }
}

/// What has to be known of a request to refuse it.
struct Reader {
    component: &'static str,
    language: Language,
    request_id: String,
}

impl Reader {
    fn of(component: &'static str, request: &spin::Request) -> Self {
        let (language, request_id) = (request::language(request.headers()), request::id(request.headers()));
        Self { component, language, request_id }
    }

    fn refuse(&self, problem: Problem) -> Response {
        if let Some(cause) = problem.cause() {
            let Self { component, request_id, .. } = self;
            eprintln!("request.failed component={component} request_id={request_id} cause={cause:?}");
        }
        respond(problem.into_reply(self.language))
    }
}

async fn answer<T>(
    component: &'static str,
    variables: &'static [&'static str],
    request: spin::Request,
    run: impl AsyncFnOnce(&mut Call<'_>) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let request = request::read(request).await?;
    let settings = settings::load(variables)?;
    let (operation, parameters) = web::dispatch::find(component, &request)?;
    let now = now(&request, settings)?;
    let mut call = Call {
        language: request::language(&request.headers),
        request,
        operation,
        parameters,
        principal: Principal::Public,
        now,
        ids: id_source(),
        random: random_bytes,
        sql: sql::connection(),
        kv: &key_value::SpinKv,
        settings,
        partners: &partners::SpinPartners,
    };
    web::dispatch(&mut call).await?;
    run(&mut call).await
}

/// The time of this call: the host's clock, or what the caller asks for where the test clock is allowed.
fn now(request: &web::Request, settings: &dyn web::Settings) -> Result<Timestamp, Problem> {
    let Some(asked) = request.header(TEST_CLOCK_HEADER) else { return Ok(system_now()) };
    let refused = || Problem::of(&api::problem::NOT_ACCEPTABLE_CLOCK);
    if settings.get(TEST_CLOCK_VARIABLE)? != TEST_CLOCK_ALLOWED {
        return Err(refused());
    }
    Timestamp::parse(asked).map_err(|error| refused().because(error.0))
}

/// The host's wall clock.
fn system_now() -> Timestamp {
    let instant = system_clock::now();
    Timestamp::from_millis(instant.seconds.saturating_mul(1_000) + i64::from(instant.nanoseconds / 1_000_000))
}

/// A source of ids for one call.
fn id_source() -> IdSource {
    IdSource::at_wall(random::get_random_u64(), system_now())
}

fn random_bytes(count: usize) -> Vec<u8> {
    random::get_random_bytes(count as u64)
}

fn stream(body: feed::Body) -> Response {
    let mut response = http::Response::new(Either::Right(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(events::CONTENT_TYPE));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Proxies of the nginx kind hold a body back until it is whole, unless told.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

fn respond(reply: Reply) -> Response {
    let mut builder =
        http::Response::builder().status(reply.status).header("content-length", reply.body.len());
    for (name, value) in reply.headers {
        builder = builder.header(name, value);
    }
    builder.body(Either::Left(Full::new(Bytes::from(reply.body)))).unwrap_or_else(|error| {
        eprintln!("response.build failed: {error}");
        let mut response = http::Response::new(Either::Left(Full::default()));
        *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

//! HTTP around a partner: requests in, faults, the journal, answers out, and the control endpoints.
//!
//! hyper and no framework, because a partner must be able to drop a connection without a byte.
//!
//! Control, beside the partner's own paths: `GET /_control/journal`, `GET /_control/violations`,
//! `POST /_control/faults` with a [`Fault`], `DELETE /_control/faults`, and what each partner adds.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::fault::{Effect, Fault, Faults};
use crate::journal::{Entry, Journal, Received};

/// Largest body read.
const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Where control begins.
const CONTROL: &str = "/_control/";
/// A reply that is not JSON.
const GARBAGE: &str = "<html><body>502 Bad Gateway</body></html>";

/// What a partner answers.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Value,
    /// What was wrong with the request, though it may have been answered.
    pub violations: Vec<String>,
}

impl Reply {
    /// An answer in JSON.
    #[must_use]
    pub const fn json(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), body, violations: Vec::new() }
    }

    /// The same with what was wrong with the request.
    #[must_use]
    pub fn noting(mut self, violations: Vec<String>) -> Self {
        self.violations.extend(violations);
        self
    }
}

/// A partner's behaviour, without HTTP.
pub trait Partner: Send + Sync + 'static {
    /// Answers a request.
    fn answer(&self, request: &Received) -> Reply;
    /// A failure in the partner's own words.
    fn failure(&self, status: u16, retry_after_s: Option<u32>) -> Reply;
    /// A control endpoint of the partner's own: what comes after `/_control/`.
    fn control(&self, _path: &str, _body: &Value) -> Option<Reply> {
        None
    }
}

/// When somebody watches a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// It is here, and nothing is done yet.
    Arrived,
    /// It took effect, and nothing is answered yet.
    Applied,
}

type Watcher = Box<dyn FnMut(&Received, Moment) -> ControlFlow<()> + Send>;

/// What every simulator has beside the partner's behaviour.
#[derive(Default)]
pub struct Desk {
    pub journal: Journal,
    pub faults: Faults,
    watcher: Mutex<Option<Watcher>>,
}

impl Desk {
    /// Has every request shown to `watcher`, twice. The partner waits for it: what it does is done before the answer. If
    /// it breaks, the connection is dropped: with a request that has arrived only, nothing is done.
    pub fn watch(&self, watcher: impl FnMut(&Received, Moment) -> ControlFlow<()> + Send + 'static) {
        *self.watcher.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(watcher));
    }

    fn show(&self, received: &Received, moment: Moment) -> ControlFlow<()> {
        let mut watcher = self.watcher.lock().unwrap_or_else(PoisonError::into_inner);
        watcher.as_mut().map_or(ControlFlow::Continue(()), |watcher| watcher(received, moment))
    }
}

/// A server of one partner; it stops when dropped.
pub struct Served {
    address: SocketAddr,
    stop: Option<oneshot::Sender<Infallible>>,
    worker: Option<JoinHandle<()>>,
}

impl Served {
    /// Serves on the loopback address; port 0 takes any free port.
    ///
    /// # Errors
    /// When the port is taken.
    pub fn start(port: u16, partner: Arc<dyn Partner>, desk: Arc<Desk>) -> Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .with_context(|| format!("a partner's simulator could not listen on port {port}"))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let worker = std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = accept(listener, partner, desk) => {}
                    _ = stopped => {}
                }
            });
        });
        Ok(Self { address, stop: Some(stop), worker: Some(worker) })
    }

    /// Where it listens: `http://127.0.0.1:<port>`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(worker) = self.worker.take() {
            worker.join().ok();
        }
    }
}

async fn accept(listener: std::net::TcpListener, partner: Arc<dyn Partner>, desk: Arc<Desk>) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    while let Ok((stream, _)) = listener.accept().await {
        stream.set_nodelay(true).ok();
        let (partner, desk) = (Arc::clone(&partner), Arc::clone(&desk));
        let service = service_fn(move |request| {
            let (partner, desk) = (Arc::clone(&partner), Arc::clone(&desk));
            async move { handle(request, &*partner, &desk).await }
        });
        // An error here is the client that went away, or a fault that wants the connection dropped.
        tokio::spawn(
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
        );
    }
}

/// An answer, or none: then the connection is dropped.
async fn handle(
    request: Request<Incoming>,
    partner: &dyn Partner,
    desk: &Desk,
) -> Result<Response<Full<Bytes>>, Dropped> {
    let received = receive(request).await?;
    if let Some(path) = received.path.strip_prefix(CONTROL) {
        return rendered(&control(path, &received, partner, desk));
    }
    let mut effect = desk.faults.strike(&received.path);
    if desk.show(&received, Moment::Arrived).is_break() {
        effect = Some(Effect::LoseRequest);
    }
    let answered = |reply: &Reply, status: Option<u16>, applied: bool| Entry {
        method: received.method.clone(),
        path: received.path.clone(),
        body: received.json(),
        idempotence_key: received.header("idempotence-key").map(str::to_owned),
        status,
        answer: reply.body.clone(),
        applied,
        violations: reply.violations.clone(),
    };
    let lost = Reply::json(0, Value::Null);
    match effect {
        Some(Effect::LoseRequest) => {
            desk.journal.write(answered(&lost, None, false));
            return Err(Dropped);
        }
        Some(Effect::Refuse { status, retry_after_s }) => {
            let reply = partner.failure(status, retry_after_s);
            desk.journal.write(answered(&reply, Some(reply.status), false));
            return rendered(&reply);
        }
        _ => {}
    }
    let reply = partner.answer(&received);
    if desk.show(&received, Moment::Applied).is_break() {
        effect = Some(Effect::LoseAnswer);
    }
    match effect {
        Some(Effect::LoseAnswer) => {
            desk.journal.write(answered(&reply, None, true));
            Err(Dropped)
        }
        Some(Effect::ApplyAndRefuse { status }) => {
            let failure = partner.failure(status, None).noting(reply.violations.clone());
            desk.journal.write(answered(&failure, Some(status), true));
            rendered(&failure)
        }
        Some(Effect::Garble) => {
            desk.journal.write(answered(&reply, Some(reply.status), true));
            Ok(Response::new(Full::new(Bytes::from_static(GARBAGE.as_bytes()))))
        }
        other => {
            desk.journal.write(answered(&reply, Some(reply.status), reply.status < 300));
            if let Some(Effect::Delay { ms }) = other {
                tokio::time::sleep(Duration::from_millis(ms)).await;
            }
            rendered(&reply)
        }
    }
}

async fn receive(request: Request<Incoming>) -> Result<Received, Dropped> {
    let (parts, body) = request.into_parts();
    let bytes = Limited::new(body, BODY_BYTES_MAX).collect().await.map_err(|_| Dropped)?.to_bytes();
    let query = parts.uri.query().unwrap_or_default();
    let headers = parts
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())));
    Ok(Received {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        headers: headers.collect(),
        bytes: bytes.to_vec(),
    })
}

fn control(path: &str, received: &Received, partner: &dyn Partner, desk: &Desk) -> Reply {
    match (received.method.as_str(), path) {
        ("GET", "journal") => Reply::json(200, json!({ "entries": desk.journal.entries() })),
        ("GET", "violations") => Reply::json(200, json!({ "violations": desk.journal.violations() })),
        ("DELETE", "faults") => {
            desk.faults.clear();
            Reply::json(200, json!({}))
        }
        ("POST", "faults") => match serde_json::from_slice::<Fault>(&received.bytes) {
            Ok(fault) => {
                desk.faults.set(fault);
                Reply::json(200, json!({}))
            }
            Err(error) => Reply::json(422, json!({ "error": error.to_string() })),
        },
        _ => partner
            .control(path, &received.json())
            .unwrap_or_else(|| Reply::json(404, json!({ "error": "no such control endpoint" }))),
    }
}

fn rendered(reply: &Reply) -> Result<Response<Full<Bytes>>, Dropped> {
    let mut response =
        Response::builder().status(reply.status).header("content-type", "application/json; charset=utf-8");
    for (name, value) in &reply.headers {
        response = response.header(*name, value);
    }
    response.body(Full::new(Bytes::from(reply.body.to_string()))).map_err(|_| Dropped)
}

/// The connection ends here, without an answer.
#[derive(Debug)]
struct Dropped;

impl std::fmt::Display for Dropped {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("dropped on purpose")
    }
}

impl std::error::Error for Dropped {}

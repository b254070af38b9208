//! `bench baseline`: the functions' own code compiled natively, under axum, over the same SQLite engine.
//!
//! What differs from the wasm deployment is what is to be measured: no sandbox, no interface types, no fibers. Reads
//! run on the executor's threads, where a blocking look-up of some tens of microseconds is cheaper than a thread
//! hop; writes, which wait for a disk, run on blocking threads.

pub mod functions;
pub mod ports;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{any, get};
use axum::serve::ListenerExt as _;
use crema_sqlite::{Database, Options};

use crate::baseline::functions::{BALANCE, Function, HISTORY, HOLDS, QUOTE, RECEIPT, RECEIPT_BATCH, RETURN};
use crate::state;

/// Largest request body: the host's default.
const REQUEST_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Arguments of `bench baseline`.
#[derive(Debug, clap::Args)]
pub struct BaselineArgs {
    #[arg(long)]
    pub state_dir: PathBuf,
    #[arg(long)]
    pub listen: SocketAddr,
    /// The deployment's master secret.
    #[arg(long)]
    pub master_secret: String,
}

/// What every request needs.
pub struct Shared {
    pub database: Database,
    pub key_value: Database,
    pub master_secret: String,
}

/// Serves until killed.
///
/// # Errors
/// When a database cannot be opened or the address is taken.
pub fn run(args: &BaselineArgs) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(args))
}

async fn serve(args: &BaselineArgs) -> Result<()> {
    let shared = Arc::new(Shared {
        database: Database::open(Options::new(state::database_path(&args.state_dir)))?,
        key_value: Database::open(Options::new(state::key_value_path(&args.state_dir)))?,
        master_secret: args.master_secret.clone(),
    });
    let at = |function: &'static Function| {
        let shared = Arc::clone(&shared);
        any(move |request: Request| answer(shared, function, request))
    };
    let router = Router::new()
        .route("/readyz", get(async || "ok"))
        .route("/probe", get(probe).with_state(Arc::clone(&shared)))
        .route("/v1/balance", at(&BALANCE))
        .route("/v1/history", at(&HISTORY))
        .route("/v1/quotes", at(&QUOTE))
        .route("/v1/receipts", at(&RECEIPT))
        .route("/v1/receipts/batch", at(&RECEIPT_BATCH))
        .route("/v1/returns", at(&RETURN))
        .route("/v1/holds", at(&HOLDS))
        .route("/v1/holds/{id}", at(&HOLDS))
        .route("/v1/holds/{id}/release", at(&HOLDS));
    let listener = tokio::net::TcpListener::bind(args.listen).await.context("listening")?;
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            eprintln!("nodelay: {error}");
        }
    });
    axum::serve(listener, router).with_graceful_shutdown(stopped()).await?;
    Ok(())
}

async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminated) => {
            terminated.recv().await;
        }
        Err(error) => {
            eprintln!("no signal handler: {error}");
            std::future::pending::<()>().await;
        }
    }
}

async fn answer(shared: Arc<Shared>, function: &'static Function, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, REQUEST_BYTES_MAX).await else {
        return respond(413, Vec::new(), Vec::new());
    };
    let request = web::Request {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: body.to_vec(),
        client_address: String::new(),
    };
    let reply = if function.reads_only || request.method == http::Method::GET {
        functions::call(&shared, function, request)
    } else {
        let done = tokio::task::spawn_blocking(move || functions::call(&shared, function, request)).await;
        match done {
            Ok(reply) => reply,
            Err(panicked) => {
                eprintln!("{panicked}");
                return respond(500, Vec::new(), Vec::new());
            }
        }
    };
    respond(reply.status, reply.headers, reply.body)
}

/// A key-value read and one select, and nothing else: the price of the two host calls.
async fn probe(State(shared): State<Arc<Shared>>) -> Response {
    match functions::probe(&shared) {
        Ok(text) => respond(200, Vec::new(), text.into_bytes()),
        Err(error) => respond(500, Vec::new(), error.to_string().into_bytes()),
    }
}

fn respond(status: u16, headers: Vec<(&'static str, String)>, body: Vec<u8>) -> Response {
    let mut builder = Response::builder().status(status);
    for (name, value) in headers {
        builder = builder.header(name, value);
    }
    builder.body(Body::from(body)).unwrap_or_else(|error| {
        eprintln!("a reply could not be made: {error}");
        Response::new(Body::empty())
    })
}

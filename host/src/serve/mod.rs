//! The HTTP server in front of an application.

mod body;
mod health;
mod metrics;
mod request;
mod request_id;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::app::App;
use crate::limits::{HEADER_READ_TIMEOUT, MAX_HEADER_COUNT, ServerLimits};
use crate::metrics::Metrics;

pub use metrics::serve_metrics;

/// Room for headers in hyper's buffer over what this server accepts, so that a refusal is ours to word.
const HEADER_BUFFER_FACTOR: usize = 4;
/// At least this, for the same reason: only heads beyond it get hyper's bare 431.
const MIN_HEADER_BUFFER: usize = 256 << 10;
/// Pause after a failed accept: out of file descriptors, most likely, and trying at once will not help.
const ACCEPT_RETRY: std::time::Duration = std::time::Duration::from_millis(50);

/// What every connection shares.
pub struct Server {
    app: OnceLock<Arc<App>>,
    limits: ServerLimits,
    metrics: Metrics,
    stopping: watch::Receiver<bool>,
}

impl Server {
    /// A server that answers 503 until [`Server::ready`].
    pub fn new(limits: ServerLimits, metrics: Metrics, stopping: watch::Receiver<bool>) -> Arc<Self> {
        Arc::new(Self { app: OnceLock::new(), limits, metrics, stopping })
    }

    /// From now on requests reach the application.
    pub fn ready(&self, app: Arc<App>) {
        // Called once; a second application would be ignored.
        drop(self.app.set(app));
    }

    fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Accepts connections until told to stop, then lets those that are busy finish, up to the deadline.
    pub async fn serve(self: Arc<Self>, listener: TcpListener) {
        let slots = Arc::new(Semaphore::new(self.limits.connections));
        let graceful = GracefulShutdown::new();
        let mut stopping = self.stopping.clone();
        loop {
            let accepted = tokio::select! {
                accepted = accept(&listener, &slots) => accepted,
                _ = stopping.wait_for(|stop| *stop) => break,
            };
            match accepted {
                Ok((stream, client, slot)) => {
                    Arc::clone(&self).spawn(stream, client, slot, graceful.watcher())
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(ACCEPT_RETRY).await;
                }
            }
        }
        drop(listener);
        if tokio::time::timeout(self.limits.shutdown, graceful.shutdown()).await.is_err() {
            tracing::warn!("requests still in flight at the shutdown deadline were cut off");
        }
    }

    fn spawn(
        self: Arc<Self>,
        stream: TcpStream,
        client: SocketAddr,
        slot: OwnedSemaphorePermit,
        watcher: Watcher,
    ) {
        // Without it, the last bytes of a reply wait up to 40 ms for the client's delayed acknowledgement.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY");
        }
        let buffer = (HEADER_BUFFER_FACTOR * self.limits.request_headers).max(MIN_HEADER_BUFFER);
        let guard = self.metrics.connection();
        let service = service_fn(move |request| {
            let server = Arc::clone(&self);
            async move { Ok::<_, std::convert::Infallible>(server.handle(request, client).await) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_READ_TIMEOUT)
            .max_buf_size(buffer)
            .max_headers(HEADER_BUFFER_FACTOR * MAX_HEADER_COUNT)
            .serve_connection(TokioIo::new(stream), service);
        let connection = watcher.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                // Clients go away and send nonsense; neither is the server's trouble.
                tracing::debug!(%client, %error, "connection ended");
            }
            drop((slot, guard));
        });
    }
}

/// A slot first, then a connection: beyond the limit clients wait in the kernel's backlog.
async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let slot = Arc::clone(slots).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, client) = listener.accept().await?;
    Ok((stream, client, slot))
}

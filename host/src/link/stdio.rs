//! What components print: Spin's log files, and the host's own output unless it is quiet.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use anyhow::Context as _;
use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

/// Bytes a guest may hand over in one write.
const WRITE_PERMIT: usize = 64 * 1024;

/// Which of the two outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// One component's output. Writes append whole buffers; they are small and land in the page cache, so they
/// are not worth a thread.
#[derive(Clone)]
pub struct ComponentOutput {
    file: Option<Arc<File>>,
    channel: Channel,
    follow: bool,
    /// Whether a failure to write the file has been reported.
    complained: Arc<AtomicBool>,
}

impl ComponentOutput {
    /// Opens `<component>_{stdout,stderr}.txt` in `dir`, if there is one. `follow` also shows the output on
    /// the host's own.
    pub fn open(
        component: &str,
        channel: Channel,
        dir: Option<&Path>,
        follow: bool,
        truncate: bool,
    ) -> anyhow::Result<Self> {
        let file = match dir {
            None => None,
            Some(dir) => {
                let suffix = match channel {
                    Channel::Stdout => "stdout",
                    Channel::Stderr => "stderr",
                };
                let path = dir.join(format!("{component}_{suffix}.txt"));
                let file = OpenOptions::new().create(true).append(true).open(&path);
                let file = file.with_context(|| format!("cannot open {}", path.display()))?;
                if truncate {
                    file.set_len(0).with_context(|| format!("cannot truncate {}", path.display()))?;
                }
                Some(Arc::new(file))
            }
        };
        Ok(Self { file, channel, follow, complained: Arc::default() })
    }

    /// Writes as far as possible. A full disk or a closed terminal is no reason for a guest's `println!` to
    /// panic, so the guest is never told.
    fn write(&self, bytes: &[u8]) {
        if let Some(file) = &self.file
            && let Err(error) = (&**file).write_all(bytes)
            && !self.complained.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(%error, channel = ?self.channel, "cannot write a component's log");
        }
        if self.follow {
            let result = match self.channel {
                Channel::Stdout => io::stdout().write_all(bytes),
                Channel::Stderr => io::stderr().write_all(bytes),
            };
            if let Err(error) = result {
                tracing::debug!(%error, "cannot show a component's output");
            }
        }
    }
}

impl IsTerminal for ComponentOutput {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for ComponentOutput {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl AsyncWrite for ComponentOutput {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.write(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for ComponentOutput {
    async fn ready(&mut self) {}
}

impl OutputStream for ComponentOutput {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        Self::write(self, &bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(WRITE_PERMIT)
    }
}

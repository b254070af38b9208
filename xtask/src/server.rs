//! A running host with this application.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::progress::Step;
use crate::{process, workspace};

/// How the product runs, where Spin's defaults differ: a request may not take for ever, and a trap in one harms no
/// other (requests that share an instance share its end; our functions wait inside SQLite, which lets nobody in).
const OUR_LIMITS: [&str; 4] = ["--request-timeout", "30s", "--max-instance-concurrent-reuse-count", "1"];
/// How long the host may take until it is ready: a first start compiles every component.
const READY_SECONDS_MAX: u64 = 180;
/// How long it may take to finish requests in flight when told to stop.
const STOP_SECONDS_MAX: u64 = 35;
const POLL: Duration = Duration::from_millis(50);

/// What to start.
#[derive(Debug, Clone)]
pub struct Start {
    pub listen: SocketAddr,
    pub state_dir: PathBuf,
    /// Application variables, with the secrets among them: handed over in the environment, where no process list
    /// shows them.
    pub variables: Vec<(String, String)>,
    /// Where Prometheus metrics are served, if at all.
    pub metrics: Option<SocketAddr>,
}

/// A host process; stopped when dropped.
pub struct Server {
    child: Child,
    listen: SocketAddr,
    log: PathBuf,
}

impl Server {
    /// Starts the host and waits until it says that it is ready.
    ///
    /// # Errors
    /// When it does not become ready: with the end of its log.
    pub fn start(start: &Start, step: &Step) -> Result<Self> {
        // The host runs at the root, we perhaps elsewhere.
        let state_dir = std::path::absolute(&start.state_dir)?;
        std::fs::create_dir_all(&state_dir)?;
        let log = state_dir.join("host.log");
        let file = File::create(&log).with_context(|| format!("create {}", log.display()))?;
        let mut command = Command::new(workspace::host());
        command
            .arg("up")
            .arg("-f")
            .arg(workspace::manifest())
            .arg("--listen")
            .arg(start.listen.to_string())
            .arg("--state-dir")
            .arg(&state_dir)
            .arg("--quiet")
            .args(OUR_LIMITS)
            .current_dir(workspace::root())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::from(file));
        for (name, value) in &start.variables {
            command.env(format!("SPIN_VARIABLE_{}", name.to_uppercase()), value);
        }
        if let Some(metrics) = start.metrics {
            command.arg("--metrics-listen").arg(metrics.to_string());
        }
        let child = command.spawn().with_context(|| {
            format!("could not start {}\n  build it with `cargo xtask build`", workspace::host().display())
        })?;
        let mut server = Self { child, listen: start.listen, log };
        server.wait_ready(step)?;
        Ok(server)
    }

    fn wait_ready(&mut self, step: &Step) -> Result<()> {
        let url = format!("{}/readyz", self.url());
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(2)))
            .build()
            .into();
        let deadline = Instant::now() + Duration::from_secs(READY_SECONDS_MAX);
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                bail!(
                    "the host stopped at once ({status}):\n{}\n  its log: {}",
                    self.log_tail(),
                    self.log.display()
                );
            }
            if agent.get(&url).call().is_ok_and(|reply| reply.status() == 200) {
                return Ok(());
            }
            step.note("a first start compiles every component");
            std::thread::sleep(POLL);
        }
        bail!("the host was not ready after {READY_SECONDS_MAX} s:\n{}", self.log_tail());
    }

    /// Where it listens: `http://127.0.0.1:3000`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.listen)
    }

    /// The host's own log.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Waits until the host ends by itself, or for `limit`; true if it has ended.
    ///
    /// # Errors
    /// When the operating system cannot say.
    pub fn ended_within(&mut self, limit: Duration) -> Result<bool> {
        let deadline = Instant::now() + limit;
        loop {
            if self.child.try_wait()?.is_some() {
                return Ok(true);
            }
            if Instant::now() >= deadline {
                return Ok(false);
            }
            std::thread::sleep(POLL);
        }
    }

    /// The end of the host's log.
    #[must_use]
    pub fn log_tail(&self) -> String {
        process::tail(&std::fs::read_to_string(&self.log).unwrap_or_default())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        let asked = pid.is_some_and(|pid| kill_process(pid, Signal::TERM).is_ok());
        let ended = asked && self.ended_within(Duration::from_secs(STOP_SECONDS_MAX)).unwrap_or(false);
        if !ended {
            self.child.kill().ok();
            self.child.wait().ok();
        }
    }
}

/// An address nobody listens on.
///
/// # Errors
/// When there is none.
pub fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port on 127.0.0.1")?;
    Ok(listener.local_addr()?)
}

/// Checks that nobody listens on `address` yet.
///
/// # Errors
/// With what to do when somebody does.
pub fn check_free(address: SocketAddr, option: &str) -> Result<()> {
    TcpListener::bind(address).map(drop).with_context(|| {
        format!(
            "{address} is taken\n  stop the program that listens there (`ss -ltnp` names it), \
             or choose another address with {option}"
        )
    })
}

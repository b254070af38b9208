//! The server under test as a child process.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::http::{self, Client};

/// How long a server may take until it serves; compiling every component on a loaded machine takes a minute.
const READY_WITHIN: Duration = Duration::from_secs(180);
const READY_POLL: Duration = Duration::from_millis(5);
/// How long a server may take to finish what is in flight.
const STOP_WITHIN: Duration = Duration::from_secs(40);
const STOP_POLL: Duration = Duration::from_millis(20);

/// How the product is run, by `cargo xtask up` too: with several requests in an instance, a trap in one ends others.
const LIMITS: [&str; 4] = ["--request-timeout", "30s", "--max-instance-concurrent-reuse-count", "1"];

/// A running server. Dropping it kills it.
#[derive(Debug)]
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    /// From the start of the process to its first successful answer.
    pub ready_after: Duration,
}

/// Where the built host and the manifest are, below the workspace.
#[derive(Debug, Clone)]
pub struct Crema {
    pub program: PathBuf,
    pub manifest: PathBuf,
}

impl Crema {
    /// The host that `cargo xtask build` makes and the application's own manifest.
    ///
    /// # Errors
    /// When either is missing, with what to do about it.
    pub fn find(root: &Path) -> Result<Self> {
        Self::find_or(root, None, None)
    }

    /// As [`Crema::find`], with another host or another manifest where one is given: to hold builds against each other.
    ///
    /// # Errors
    /// As [`Crema::find`].
    pub fn find_or(root: &Path, program: Option<&Path>, manifest: Option<&Path>) -> Result<Self> {
        let given = |path: Option<&Path>, usual| path.map_or_else(|| root.join(usual), Path::to_owned);
        let found =
            Self { program: given(program, "target/release/crema"), manifest: given(manifest, "spin.toml") };
        for path in [&found.program, &found.manifest] {
            if !path.exists() {
                bail!("{} is missing; run `cargo xtask build` first", path.display());
            }
        }
        Ok(found)
    }

    /// Starts the host on a free port and waits until it serves.
    ///
    /// # Errors
    /// When it ends or does not serve in time.
    pub async fn start(
        &self,
        state_dir: &Path,
        variables: &[(String, String)],
        more: &[&str],
    ) -> Result<Server> {
        let mut command = Command::new(&self.program);
        command.arg("up").arg("-f").arg(&self.manifest).arg("--state-dir").arg(state_dir);
        command.args(["--quiet", "--no-access-log"]);
        command.args(LIMITS);
        for (name, value) in variables {
            command.arg("--variable").arg(format!("{name}={value}"));
        }
        command.args(more);
        Server::start(command, state_dir, "/readyz").await
    }
}

impl Server {
    /// Starts `command` with `--listen` and a free port, and waits until `probe` answers 200. What it prints goes to
    /// `server.log` in `log_dir`.
    ///
    /// # Errors
    /// When it ends or does not serve in time.
    pub async fn start(mut command: Command, log_dir: &Path, probe: &str) -> Result<Self> {
        let address = free_address()?;
        let log_path = log_dir.join("server.log");
        let log = std::fs::File::create(&log_path).with_context(|| log_path.display().to_string())?;
        command.arg("--listen").arg(address.to_string());
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let started = Instant::now();
        let child =
            command.spawn().with_context(|| format!("starting {}", command.get_program().display()))?;
        let mut server = Self { child, address, ready_after: Duration::ZERO };
        let request = http::request("GET", probe, &[], &[]);
        loop {
            if let Some(status) = server.child.try_wait()? {
                let said = std::fs::read_to_string(&log_path).unwrap_or_default();
                bail!("the server ended with {status}:\n{said}");
            }
            if let Ok(mut client) = Client::connect(address).await
                && let Ok(reply) = client.send(&request).await
                && reply.status == 200
            {
                server.ready_after = started.elapsed();
                return Ok(server);
            }
            if started.elapsed() > READY_WITHIN {
                bail!(
                    "the server did not answer {probe} within {READY_WITHIN:?}; see {}",
                    log_path.display()
                );
            }
            tokio::time::sleep(READY_POLL).await;
        }
    }

    /// Bytes of memory that are resident now.
    ///
    /// # Errors
    /// When the process has ended.
    pub fn resident_bytes(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        let kib: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kib * 1024)
    }

    /// Processor time that the process has used so far, user and system together.
    ///
    /// # Errors
    /// When the process has ended.
    pub fn cpu_time(&self) -> Result<Duration> {
        cpu_time_of(&self.child.id().to_string())
    }

    /// Asks it to stop and waits until it has.
    ///
    /// # Errors
    /// When it does not.
    pub async fn stop(mut self) -> Result<()> {
        let killed = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        anyhow::ensure!(killed.success(), "could not signal the server");
        let asked = Instant::now();
        while self.child.try_wait()?.is_none() {
            if asked.elapsed() > STOP_WITHIN {
                bail!("the server did not stop within {STOP_WITHIN:?}");
            }
            tokio::time::sleep(STOP_POLL).await;
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            // It is on its way out with us; there is nobody left to tell about a failure.
            drop(self.child.kill());
            drop(self.child.wait());
        }
    }
}

/// Processor time of a process (`self` for this one).
///
/// # Errors
/// When there is no such process.
pub fn cpu_time_of(process: &str) -> Result<Duration> {
    /// Clock ticks a second in `/proc`, fixed by the kernel's interface.
    const TICKS_PER_SECOND: u64 = 100;
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    let after_name = stat.rsplit_once(')').context("malformed stat")?.1;
    let mut fields = after_name.split_whitespace().skip(11);
    let mut next = || -> Result<u64> { Ok(fields.next().context("malformed stat")?.parse()?) };
    let ticks = next()? + next()?;
    Ok(Duration::from_millis(ticks * 1_000 / TICKS_PER_SECOND))
}

fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?)
}

/// Variables of a deployment that takes the caller's clock: for data of other times, never for production.
#[must_use]
pub fn test_variables(secret: &str) -> Vec<(String, String)> {
    [("test_clock", "allowed"), ("master_secret", secret)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

/// The workspace's root, two folders above this crate.
///
/// # Errors
/// When this crate was moved out of its workspace.
pub fn workspace_root() -> Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    Ok(root.context("this crate stands in a workspace")?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_host_says_what_to_do() {
        let nowhere = Path::new("/nowhere");
        let error =
            Crema::find_or(nowhere, Some(&nowhere.join("crema")), None).expect_err("there is no such host");
        assert!(error.to_string().contains("cargo xtask build"), "{error}");
    }

    #[test]
    fn processor_time_of_this_process_passes() -> Result<()> {
        let before = cpu_time_of("self")?;
        let started = Instant::now();
        while started.elapsed() < Duration::from_millis(200) {
            std::hint::black_box(started);
        }
        assert!(cpu_time_of("self")? > before);
        Ok(())
    }
}

//! Starts hosts and talks to them.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Generous: the machine may be busy, and the first start compiles.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The head that every manifest here begins with.
const HEAD: &str = "spin_manifest_version = 2\napplication = { name = \"test\", version = \"1.2.3\" }\n";

fn target_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/test-components")
}

/// The path of a test component, built on first use.
pub fn component(name: &str) -> PathBuf {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        let status = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--locked", "--release", "--target", "wasm32-wasip2"])
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/components"))
            .env("CARGO_TARGET_DIR", target_dir())
            .status()
            .expect("cargo runs");
        assert!(
            status.success(),
            "the test components do not build; if their lock is old, run `cargo update --workspace` in \
             host/tests/components and commit it"
        );
    });
    target_dir()
        .join(format!("wasm32-wasip2/release/{name}.wasm"))
        .canonicalize()
        .expect("the component is built")
}

/// A directory with a manifest.
pub struct App {
    pub dir: TempDir,
}

impl App {
    /// `manifest` without its head; `{probe}` and the like stand for component files.
    pub fn new(manifest: &str) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let mut text = format!("{HEAD}{manifest}");
        for name in ["courier", "hello", "probe", "tick", "p2"] {
            let place = format!("{{{name}}}");
            if text.contains(&place) {
                text = text.replace(&place, &component(name).display().to_string());
            }
        }
        std::fs::write(dir.path().join("spin.toml"), text).expect("the manifest is written");
        Self { dir }
    }

    /// The probe at `/probe/...`, with these grants.
    pub fn probe(grants: &str) -> Self {
        Self::new(&format!(
            "[[trigger.http]]\nroute = \"/probe/...\"\ncomponent = \"probe\"\n\
             [component.probe]\nsource = \"{{probe}}\"\n{grants}\n"
        ))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("the file is written");
    }

    /// `crema up` in this directory.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_crema"));
        command
            .arg("up")
            .args(args)
            .current_dir(self.dir.path())
            .env("SPIN_HTTP_LISTEN_ADDR", "127.0.0.1:0")
            .env("CREMA_CACHE_DIR", target_dir().join("cache"))
            .env_remove("RUST_LOG");
        command
    }

    pub fn start(&self, args: &[&str]) -> Host {
        Host::start(self.command(args))
    }

    /// Runs a host that is expected to refuse, and gives its complaint.
    pub fn refusal(&self, args: &[&str]) -> String {
        let Output { status, stderr, .. } = self.command(args).output().expect("crema runs");
        assert!(!status.success(), "crema started");
        String::from_utf8(stderr).expect("the complaint is text")
    }
}

/// A running host; killed when dropped.
pub struct Host {
    /// None for a listener that somebody else started.
    child: Option<Child>,
    pub address: String,
}

impl Host {
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("crema runs");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let address = lines
            .find_map(|line| Some(line.expect("text").strip_prefix("Serving http://")?.to_owned()))
            .expect("crema starts");
        // Keeps the pipe empty: the host would block on a full one.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child: Some(child), address }
    }

    /// Only a client for whatever listens on `address`.
    pub fn start_client(address: String) -> Self {
        Self { child: None, address }
    }

    fn child(&mut self) -> &mut Child {
        self.child.as_mut().expect("this host was started here")
    }

    pub fn get(&self, path: &str) -> Reply {
        self.request("GET", path, &[], b"")
    }

    pub fn post(&self, path: &str, body: impl AsRef<[u8]>) -> Reply {
        self.request("POST", path, &[], body.as_ref())
    }

    pub fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.address);
        if !body.is_empty() {
            head += &format!("content-length: {}\r\n", body.len());
        }
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        let mut bytes = (head + "\r\n").into_bytes();
        bytes.extend_from_slice(body);
        self.raw(&bytes)
    }

    /// Sends these bytes and reads a reply.
    pub fn raw(&self, bytes: &[u8]) -> Reply {
        let mut stream = self.connect();
        // The host may answer and close before it has read everything.
        drop(stream.write_all(bytes));
        Reply::read(stream)
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).expect("the host listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
        stream
    }

    pub fn signal(&self, signal: &str) {
        let status = Command::new("kill")
            .args([signal, &self.child.as_ref().expect("started here").id().to_string()])
            .status();
        assert!(status.expect("kill runs").success());
    }

    pub fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child().try_wait().expect("the host can be waited for") {
                return status;
            }
            assert!(Instant::now() < deadline, "the host does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn stop(mut self) {
        self.signal("-TERM");
        assert!(self.wait().success());
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

/// An HTTP reply.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Reply {
    pub fn read(mut stream: TcpStream) -> Self {
        let mut bytes = Vec::new();
        // A reset after the reply is the host closing on unread input.
        drop(stream.read_to_end(&mut bytes));
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("not a reply: {text:?}"));
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).expect("a status");
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let mut reply = Self { status, headers, body: body.to_owned() };
        if reply.header("transfer-encoding") == Some("chunked") {
            reply.body = unchunk(&reply.body);
        }
        reply
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Status and body, which is what most tests compare.
    pub fn pair(&self) -> (u16, &str) {
        (self.status, &self.body)
    }

    /// Asserts that this is a problem of the host's own, with this status and type.
    #[track_caller]
    pub fn assert_problem(&self, status: u16, slug: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        assert!(self.header("x-request-id").is_some(), "{self:?}");
        let problem: serde_json::Value = serde_json::from_str(&self.body).expect("JSON");
        assert_eq!(problem["type"], format!("urn:crema:problem:{slug}"));
        assert_eq!(problem["status"], status);
    }
}

fn unchunk(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).expect("a chunk size");
        whole += &rest[..size];
        body = rest[size..].trim_start_matches("\r\n");
        if size == 0 {
            break;
        }
    }
    whole
}

/// Waits until `check` says so.
#[track_caller]
pub fn eventually(what: &str, check: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !check() {
        assert!(Instant::now() < deadline, "it never happened: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

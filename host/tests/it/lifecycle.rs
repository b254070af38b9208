//! Starting, stopping, and what can be seen from outside.

use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{App, Host, eventually};

#[test]
fn requests_in_flight_are_finished_at_shutdown() {
    let app = App::probe("sqlite_databases = [\"default\"]");
    let mut host = app.start(&[]);
    thread::scope(|scope| {
        let slow = scope.spawn(|| host.get("/probe/sleep/1500"));
        thread::sleep(Duration::from_millis(300));
        host.signal("-TERM");
        assert_eq!(slow.join().unwrap().pair(), (200, "slept"));
    });
    assert!(host.wait().success());
    assert!(!app.path(".spin/sqlite_db.db-wal").exists(), "the database was closed well");
}

#[test]
fn shutdown_waits_only_so_long() {
    // One guest waits, the other never lets go of its processor.
    for path in ["/probe/sleep/60000", "/probe/loop"] {
        let app = App::probe("");
        let mut host = app.start(&["--shutdown-timeout", "300ms"]);
        let mut stream = host.connect();
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n");
        std::io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
        thread::sleep(Duration::from_millis(300));
        host.signal("-INT");
        let started = Instant::now();
        assert!(host.wait().success(), "{path}");
        assert!(started.elapsed() < Duration::from_secs(10), "{path}");
    }
}

#[test]
fn the_second_start_compiles_nothing() {
    let app = App::probe("");
    let cache = app.path("cache");
    let start = || {
        let mut command = app.command(&["--log-format", "json"]);
        command.env("CREMA_CACHE_DIR", &cache).env("RUST_LOG", "crema=debug");
        command.stderr(std::fs::File::create(app.path("log")).unwrap());
        let host = Host::start(command);
        assert_eq!(host.get("/probe/sleep/0").status, 200);
        host.stop();
        std::fs::read_to_string(app.path("log")).unwrap()
    };
    let loaded = |log: &str| {
        let line = log.lines().find(|line| line.contains("component loaded")).unwrap().to_owned();
        serde_json::from_str::<serde_json::Value>(&line).unwrap()
    };
    assert_eq!(loaded(&start())["cached"], false);
    let second = loaded(&start());
    assert_eq!(second["cached"], true);
    assert!(second["elapsed_ms"].as_u64().unwrap() < 500, "{second}");
}

#[test]
fn component_output_goes_to_spins_log_files() {
    let app = App::probe("");
    let mut command = app.command(&["--no-access-log"]);
    command.stderr(std::fs::File::create(app.path("log")).unwrap());
    let host = Host::start(command);
    host.get("/probe/print/one");
    host.stop();
    assert_eq!(std::fs::read_to_string(app.path(".spin/logs/probe_stdout.txt")).unwrap(), "out: one\n");
    assert_eq!(std::fs::read_to_string(app.path(".spin/logs/probe_stderr.txt")).unwrap(), "err: one\n");
    assert!(std::fs::read_to_string(app.path("log")).unwrap().contains("err: one"), "followed by default");

    let mut command = app.command(&["--quiet", "--truncate-logs"]);
    command.stderr(std::fs::File::create(app.path("log")).unwrap());
    let host = Host::start(command);
    host.get("/probe/print/two");
    host.stop();
    assert_eq!(std::fs::read_to_string(app.path(".spin/logs/probe_stderr.txt")).unwrap(), "err: two\n");
    assert!(!std::fs::read_to_string(app.path("log")).unwrap().contains("err: two"));
}

#[test]
fn every_request_is_logged_and_counted() {
    let app = App::probe("");
    let metrics = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let mut command = app.command(&["--log-format", "json", "--metrics-listen", &metrics]);
    command.stderr(std::fs::File::create(app.path("log")).unwrap());
    let host = Host::start(command);
    host.request("GET", "/probe/sleep/0?secret=1", &[("x-request-id", "find-me")], b"");
    host.get("/nowhere");
    host.get("/probe/trap");

    let scrape = Host::start_client(metrics);
    let text = scrape.get("/metrics").body;
    for line in [
        "crema_http_requests_total{component=\"probe\",status=\"200\"} 1",
        "crema_http_requests_total{component=\"probe\",status=\"500\"} 1",
        "crema_http_requests_total{component=\"-\",status=\"404\"} 1",
        "crema_http_request_duration_seconds_count{component=\"probe\"} 2",
        // The failing request was tried again in an instance of its own.
        "crema_instance_failures_total{component=\"probe\",cause=\"trap\"} 2",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} not in\n{text}");
    }
    assert_eq!(scrape.get("/else").status, 404);
    host.get("/metrics").assert_problem(404, "no-route");
    host.stop();

    let log = std::fs::read_to_string(app.path("log")).unwrap();
    let line = log.lines().find(|line| line.contains("find-me")).expect("an access log line");
    let entry: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(entry["path"], "/probe/sleep/0");
    assert_eq!(entry["status"], 200);
    assert_eq!(entry["component"], "probe");
    assert!(!log.contains("secret=1"), "query strings hold personal data");
}

#[test]
fn health_is_answered_while_components_are_still_being_compiled() {
    let app = App::probe("");
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let mut command = app.command(&["--disable-cache"]);
    command.env_remove("CREMA_CACHE_DIR").args(["--listen", &port]).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let host = Host::start_client(port.clone());
    eventually("the port is open", || std::net::TcpStream::connect(&port).is_ok());
    assert_eq!(host.get("/healthz").status, 200);
    // Compiling takes far longer than these two requests.
    host.get("/readyz").assert_problem(503, "not-ready");
    host.get("/probe/sleep/0").assert_problem(503, "not-ready");
    eventually("ready", || host.get("/readyz").status == 200);
    assert_eq!(host.get("/probe/sleep/0").status, 200);
    child.kill().unwrap();
    child.wait().unwrap();
}

//! No request can hurt another, or the host.

use std::io::Write as _;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{App, Reply};

const TIMEOUT: &[&str] = &["--request-timeout", "1s"];

#[test]
fn a_trap_harms_no_other_request() {
    let app = App::probe("");
    // Spin's defaults: up to sixteen requests share an instance.
    let host = app.start(&[]);
    thread::scope(|scope| {
        let sleepers: Vec<_> = (0..12).map(|_| scope.spawn(|| host.get("/probe/sleep/700"))).collect();
        thread::sleep(Duration::from_millis(300));
        host.get("/probe/trap").assert_problem(500, "component-failed");
        for sleeper in sleepers {
            assert_eq!(sleeper.join().unwrap().pair(), (200, "slept"));
        }
    });
    assert_eq!(host.post("/probe/echo", "still here").pair(), (200, "still here"));
}

#[test]
fn with_one_request_per_instance_a_trap_harms_no_write_either() {
    let app = App::probe("");
    let host = app.start(&["--max-instance-concurrent-reuse-count", "1"]);
    thread::scope(|scope| {
        let sleepers: Vec<_> = (0..12).map(|_| scope.spawn(|| host.post("/probe/sleep/700", "x"))).collect();
        thread::sleep(Duration::from_millis(300));
        host.post("/probe/trap", "x").assert_problem(500, "component-failed");
        for sleeper in sleepers {
            assert_eq!(sleeper.join().unwrap().pair(), (200, "slept"));
        }
    });
}

#[test]
fn a_guest_that_loops_for_ever_is_stopped_and_others_go_on() {
    // An instance that requests share is stopped with all of them, so "others" are those of other instances.
    // Twice as many loops as cores share the processors with them: they get time to spare.
    let host =
        App::probe("").start(&["--request-timeout", "4s", "--max-instance-concurrent-reuse-count", "1"]);
    thread::scope(|scope| {
        let started = Instant::now();
        let loops: Vec<_> = (0..4).map(|_| scope.spawn(|| host.get("/probe/loop"))).collect();
        thread::sleep(Duration::from_millis(200));
        for _ in 0..5 {
            assert_eq!(host.get("/probe/sleep/1").status, 200);
        }
        for reply in loops {
            reply.join().unwrap().assert_problem(504, "timeout");
        }
        assert!(started.elapsed() < Duration::from_secs(20));
    });
    assert_eq!(host.get("/probe/sleep/1").status, 200);
}

#[test]
fn a_guest_that_waits_too_long_is_not_waited_for() {
    let host = App::probe("").start(TIMEOUT);
    host.get("/probe/sleep/30000").assert_problem(504, "timeout");
    assert_eq!(host.get("/probe/sleep/1").status, 200);
}

#[test]
fn memory_beyond_the_limit_is_refused() {
    let app = App::probe("");
    let host = app.start(&["--max-instance-memory", "16000000"]);
    assert_eq!(host.get("/probe/alloc/8000000").status, 200);
    assert_eq!(host.get("/probe/alloc/20000000").pair(), (507, "out of memory"));
    drop(host);
    assert_eq!(app.start(&[]).get("/probe/alloc/20000000").status, 200);
}

#[test]
fn bodies_beyond_the_limit_are_refused() {
    let host = App::probe("").start(&["--max-request-body", "1000000"]);
    let body = "x".repeat(900_000);
    assert_eq!(host.post("/probe/length", &body).pair(), (200, "900000"));
    // Announced: refused before a byte is read.
    host.post("/probe/echo", "x".repeat(1_000_001)).assert_problem(413, "body-too-large");
    // Not announced: refused when the limit is passed, whether the host buffers it or the guest reads it.
    for path in ["/probe/length", "/probe/ignore-body"] {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
        );
        let mut stream = host.connect();
        stream.write_all(head.as_bytes()).unwrap();
        let chunk = format!("{:x}\r\n{}\r\n", 100_000, "x".repeat(100_000));
        for _ in 0..11 {
            if stream.write_all(chunk.as_bytes()).is_err() {
                break;
            }
        }
        drop(stream.write_all(b"0\r\n\r\n"));
        let reply = Reply::read(stream);
        if path.ends_with("length") {
            reply.assert_problem(413, "body-too-large");
        } else {
            // It never read the body, so it could not notice.
            assert!(reply.status == 200 || reply.status == 413, "{reply:?}");
        }
    }
}

#[test]
fn headers_beyond_the_limit_are_refused() {
    let host = App::probe("").start(&[]);
    let long = "x".repeat(15_000);
    assert_eq!(host.request("GET", "/probe/sleep/0", &[("x-long", &long)], b"").status, 200);
    let longer = "x".repeat(17_000);
    host.request("GET", "/probe/sleep/0", &[("x-long", &longer)], b"")
        .assert_problem(431, "headers-too-large");
    let many: Vec<(String, &str)> = (0..120).map(|i| (format!("x-{i}"), "v")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    host.request("GET", "/probe/sleep/0", &many, b"").assert_problem(431, "headers-too-large");
}

#[test]
fn a_request_without_a_usable_host_is_refused() {
    let host = App::probe("").start(&[]);
    for bytes in [
        "GET /probe/uri HTTP/1.1\r\nconnection: close\r\n\r\n",
        "GET /probe/uri HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n",
        "GET http://one/probe/uri HTTP/1.1\r\nhost: two\r\nconnection: close\r\n\r\n",
    ] {
        assert_eq!(host.raw(bytes.as_bytes()).status, 400, "{bytes}");
    }
}

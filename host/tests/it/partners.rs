//! Calls to partners as functions make them: through the synchronous interfaces, from requests and from timers.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use crate::support::{App, Host, eventually};

/// A partner that does what the path says. It ends with the process.
fn partner() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("the test's own side works");
    let address = listener.local_addr().expect("the test's own side works").to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            std::thread::spawn(move || answer(stream.expect("the test's own side works")));
        }
    });
    address
}

fn answer(mut stream: TcpStream) {
    let mut reader = BufReader::new(stream.try_clone().expect("the test's own side works"));
    let mut head = Vec::new();
    for line in reader.by_ref().lines() {
        let line = line.expect("the test's own side works");
        if line.is_empty() {
            break;
        }
        head.push(line.to_ascii_lowercase());
    }
    let path = head[0].split(' ').nth(1).expect("the test's own side works").to_owned();
    let length = head.iter().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    let whole = |stream: &mut TcpStream, body: &str| {
        let head = format!("content-type: text/plain\r\ncontent-length: {}", body.len());
        write!(stream, "HTTP/1.1 200 OK\r\n{head}\r\nconnection: close\r\n\r\n{body}")
            .expect("the test's own side works");
    };
    match path.as_str() {
        "/hang-up-early" => {}
        // The answer comes before the body is read.
        "/early" => {
            write!(stream, "HTTP/1.1 413 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                .expect("the test's own side works");
            drop(reader.read_exact(&mut body));
        }
        path => {
            reader.read_exact(&mut body).expect("the test's own side works");
            match path {
                "/echo" => {
                    let body = String::from_utf8(body).expect("the test's own side works");
                    let chunked = head.iter().any(|line| line.starts_with("transfer-encoding"));
                    assert!(head.contains(&"x-courier: yes".to_owned()) && !chunked, "{head:?}");
                    whole(
                        &mut stream,
                        &format!("{}:{body}", head[0].split(' ').next().expect("the test's own side works")),
                    );
                }
                "/hang-up" => {}
                "/silent" => std::thread::sleep(Duration::from_secs(20)),
                "/drip" => {
                    write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
                        .expect("the test's own side works");
                    for _ in 0..200 {
                        std::thread::sleep(Duration::from_millis(100));
                        if stream.write_all(b".").is_err() {
                            return;
                        }
                    }
                }
                "/half" => write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")
                    .expect("the test's own side works"),
                "/huge" => {
                    write!(stream, "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")
                        .expect("the test's own side works");
                    let block = vec![b'x'; 1024 * 1024];
                    while stream.write_all(&block).is_ok() {}
                }
                "/large" => whole(&mut stream, &"y".repeat(20_000_000)),
                other => panic!("{other}"),
            }
        }
    }
}

fn courier(partner: &str) -> App {
    App::new(&format!(
        "[[trigger.http]]\nroute = \"/\"\ncomponent = \"courier\"\n\
         [[trigger.http]]\nroute = \"/v1/openapi.json\"\ncomponent = \"courier\"\n\
         [[trigger.cron]]\ncomponent = \"courier\"\ncron_expression = \"* * * * * *\"\n\
         [component.courier]\nsource = \"{{courier}}\"\nsqlite_databases = [\"default\"]\n\
         key_value_stores = [\"default\"]\nallowed_outbound_hosts = [\"http://127.0.0.1:*\"]\n\
         variables = {{ partner = \"http://{partner}/echo\", test_clock = \"forbidden\" }}\n"
    ))
}

fn carry(host: &Host, timeout_ms: u32, url: &str, body: &[u8]) -> String {
    let reply = host.post(&format!("/?{timeout_ms},{url}"), body);
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.body
}

#[test]
fn answers_faults_and_deadlines_are_told_apart() {
    let partner = partner();
    let host = courier(&partner).start(&[]);
    let at = |path: &str| format!("http://{partner}{path}");
    let carry = |timeout, url: &str, body: &[u8]| carry(&host, timeout, url, body);

    assert_eq!(carry(5_000, &at("/echo"), b"hello"), "200 text/plain 10 post:hello");
    assert_eq!(carry(5_000, &at("/echo"), b""), "200 text/plain 4 get:");
    let long = "z".repeat(3_000_000);
    assert!(carry(5_000, &at("/echo"), long.as_bytes()).starts_with("200 text/plain 3000005 post:zzz"));
    assert!(carry(20_000, &at("/large"), b"x").starts_with("200 text/plain 20000000 yyy"));
    assert!(carry(5_000, &at("/early"), long.as_bytes()).starts_with("413 "));

    let free = TcpListener::bind("127.0.0.1:0")
        .expect("the test's own side works")
        .local_addr()
        .expect("the test's own side works");
    for unreachable in [
        format!("http://{free}/"),
        "http://localhost:1/".to_owned(),
        "http://203.0.113.1/".to_owned(),
        "ftp://127.0.0.1/".to_owned(),
        "nonsense".to_owned(),
    ] {
        let outcome = carry(5_000, &unreachable, b"x");
        assert!(outcome.starts_with("not sent: "), "{unreachable}: {outcome}");
    }
    for path in ["/hang-up-early", "/hang-up", "/half", "/huge"] {
        let outcome = carry(20_000, &at(path), b"x");
        assert!(outcome.starts_with("no answer: "), "{path}: {outcome}");
    }
    for path in ["/silent", "/drip"] {
        let started = Instant::now();
        let outcome = carry(700, &at(path), b"x");
        assert!(outcome.starts_with("no answer: "), "{path}: {outcome}");
        let waited = started.elapsed();
        assert!(
            waited > Duration::from_millis(600) && waited < Duration::from_secs(10),
            "{path}: {waited:?}"
        );
    }
}

#[test]
fn a_timer_calls_partners_and_keeps_values() {
    let partner = partner();
    let app = courier(&partner);
    let host = app.start(&[]);
    let answers = || -> Vec<String> {
        let Ok(database) = rusqlite::Connection::open(app.path(".spin/sqlite_db.db")) else {
            return Vec::new();
        };
        let Ok(mut statement) = database.prepare("select answer from answers order by at") else {
            return Vec::new();
        };
        statement
            .query_map([], |row| row.get(0))
            .expect("the test's own side works")
            .map(Result::unwrap)
            .collect()
    };
    eventually("two events", || answers().len() >= 2);
    host.stop();
    let answers = answers();
    assert_eq!(answers[0], "200 text/plain 4 get:");
    assert_eq!(answers[1], "200 text/plain 26 post:200 text/plain 4 get:");
}

//! Server-sent events as functions send them.

use std::io::{BufRead as _, BufReader, Write as _};
use std::time::{Duration, Instant};

use crate::support::{App, Host};

fn app() -> App {
    App::new(
        "[[trigger.http]]\nroute = \"/v1/openapi.json\"\ncomponent = \"courier\"\n\
         [component.courier]\nsource = \"{courier}\"\nsqlite_databases = [\"default\"]\n\
         variables = { test_clock = \"forbidden\" }\n",
    )
}

/// A started application whose database has the table, and a connection to write news with.
fn started(app: &App) -> (Host, rusqlite::Connection) {
    let host = app.start(&["--sqlite", "create table news (id integer primary key, text text not null)"]);
    (host, rusqlite::Connection::open(app.path(".spin/sqlite_db.db")).expect("the test's own side works"))
}

fn write(database: &rusqlite::Connection, text: &str) {
    database.busy_timeout(Duration::from_secs(20)).expect("the test's own side works");
    database.execute("insert into news (text) values (?1)", [text]).expect("the test's own side works");
}

/// The stream's lines after the head, with the framing of chunks left out.
fn lines(host: &Host, last: Option<&str>) -> impl Iterator<Item = String> {
    let mut stream = host.connect();
    let resume = last.map_or(String::new(), |id| format!("last-event-id: {id}\r\n"));
    write!(
        stream,
        "GET /v1/openapi.json HTTP/1.1\r\nhost: {}\r\naccept: text/event-stream\r\nconnection: close\r\n{resume}\r\n",
        host.address
    )
    .expect("the test's own side works");
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    let head: Vec<String> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
    assert_eq!(head[0], "HTTP/1.1 200 OK", "{head:?}");
    assert!(head.contains(&"content-type: text/event-stream".to_owned()), "{head:?}");
    assert!(!head.iter().any(|line| line.starts_with("content-length")), "{head:?}");
    lines.filter(|line| line.contains(':'))
}

#[test]
fn news_arrive_as_they_happen_and_a_reader_resumes() {
    let app = app();
    let (host, database) = started(&app);
    write(&database, "one");
    let mut reader = lines(&host, None);
    let mut next = || reader.next().expect("the stream goes on");
    assert_eq!([next(), next(), next(), next()], ["retry: 1000", "id: 1", "event: news", "data: one"]);
    // While one reader waits, another is served, and news reach the first without its asking.
    let mut other = lines(&host, Some("1"));
    assert_eq!(other.next().expect("the test's own side works"), "retry: 1000");
    write(&database, "two");
    assert_eq!([next(), next(), next()], ["id: 2", "event: news", "data: two"]);
    assert_eq!(other.next().expect("the test's own side works"), "id: 2", "what it saw is not repeated");
    write(&database, "end");
    assert_eq!([next(), next(), next()], ["id: 3", "event: news", "data: end"]);
    assert_eq!(reader.next(), None, "the last event ends the stream");
    let missed: Vec<String> = lines(&host, Some("1")).collect();
    assert_eq!(missed[1], "id: 2");
    assert_eq!(missed.last().expect("the test's own side works"), "data: end");
}

#[test]
fn a_silent_stream_is_kept_awake_and_ends_before_the_host_ends_it() {
    let app = app();
    let (host, _) = started(&app);
    let begun = Instant::now();
    let said: Vec<String> = lines(&host, None).collect();
    let lasted = begun.elapsed();
    assert_eq!(said, ["retry: 1000", ": ", ": "]);
    assert!(lasted > Duration::from_secs(24) && lasted < Duration::from_secs(30), "{lasted:?}");
    // The instance survived it.
    assert_eq!(lines(&host, None).next().as_deref(), Some("retry: 1000"));
}

#[test]
fn readers_beyond_the_limit_get_what_is_new_and_come_back() {
    let app = app();
    let (host, database) = started(&app);
    write(&database, "one");
    let mut open = Vec::new();
    let rest = loop {
        let mut reader = lines(&host, None);
        if reader.next().as_deref() == Some("retry: 5000") {
            break reader.collect::<Vec<String>>();
        }
        open.push(reader);
        assert!(open.len() < 1_000, "there is no limit");
    };
    assert_eq!(rest, ["id: 1", "event: news", "data: one"]);
    assert!(open.len() >= 64, "{}", open.len());
}

//! Does what the path says, so that the host's tests can see what a guest sees.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use spin_sdk::http::{IntoResponse, Request, get};
use spin_sdk::http_service;
use spin_sdk::key_value::Store;
use spin_sdk::sqlite::wit::sqlite as sql;
use spin_sdk::sqlite::{Connection, Value};
use spin_sdk::variables;

type Reply = (u16, String);

#[http_service]
async fn probe(request: Request) -> impl IntoResponse {
    let bodiless = request.uri().path().ends_with("/bodiless");
    let (status, body) = act(request).await;
    let length = if bodiless { 5 } else { body.len() };
    http::Response::builder().status(status).header("content-length", length).body(body)
}

async fn act(request: Request) -> Reply {
    let headers = request.headers().clone();
    let uri = request.uri().clone();
    let info = headers.get("spin-path-info").and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let mut parts = info.trim_start_matches('/').splitn(2, '/');
    let (verb, rest) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let body = async {
        let bytes = request.into_body().collect().await.map(|b| b.to_bytes());
        bytes.map_or_else(
            |error| format!("body error: {error:?}"),
            |b| String::from_utf8_lossy(&b).into_owned(),
        )
    };
    match verb {
        "headers" => (200, lines(headers.iter().map(|(k, v)| format!("{k}: {}", v.to_str().unwrap_or("?"))))),
        "uri" => (200, uri.to_string()),
        "echo" => (200, body.await),
        "bodiless" => (200, String::new()),
        "length" => (200, body.await.len().to_string()),
        "ignore-body" => (200, "ignored".to_owned()),
        "kv" => key_value(rest).await,
        "sql" => sql_async(rest, &body.await).await,
        "sql-sync" => sql_sync(rest, &body.await),
        "sql-die" => sql_die(&body.await),
        "var" => outcome(variables::get(rest).await),
        "env" => (200, lines(std::env::vars().map(|(k, v)| format!("{k}={v}")))),
        "file" => outcome(std::fs::read_to_string(format!("/{rest}"))),
        "write" => outcome(std::fs::write(format!("/{rest}"), "x").map(|()| "written".to_owned())),
        "fetch" => fetch(uri.query().unwrap_or_default()).await,
        "sleep" => {
            spin_sdk::time::sleep(Duration::from_millis(rest.parse().unwrap_or(0))).await;
            (200, "slept".to_owned())
        }
        "trap" => panic!("asked to"),
        "loop" => loop {
            std::hint::black_box(());
        },
        "alloc" => {
            let size = rest.parse().unwrap_or(0);
            let mut memory: Vec<u8> = Vec::new();
            match memory.try_reserve_exact(size) {
                Ok(()) => (200, format!("{}", memory.capacity())),
                Err(_) => (507, "out of memory".to_owned()),
            }
        }
        "print" => {
            println!("out: {rest}");
            eprintln!("err: {rest}");
            (200, "printed".to_owned())
        }
        _ => (404, format!("the probe knows no {verb:?}")),
    }
}

fn lines(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join("\n")
}

fn outcome<E: std::fmt::Debug>(result: Result<String, E>) -> Reply {
    match result {
        Ok(text) => (200, text),
        Err(error) => (422, format!("{error:?}")),
    }
}

/// `store/get/key`, `store/set/key=value`, `store/delete/key`, `store/exists/key`, `store/keys`.
async fn key_value(path: &str) -> Reply {
    let parts: Vec<&str> = path.splitn(3, '/').collect();
    let store = match Store::open(parts[0]).await {
        Ok(store) => store,
        Err(error) => return (403, format!("{error:?}")),
    };
    let argument = parts.get(2).copied().unwrap_or_default();
    match parts.get(1).copied().unwrap_or_default() {
        "get" => match store.get(argument).await {
            Ok(Some(value)) => (200, String::from_utf8_lossy(&value).into_owned()),
            Ok(None) => (404, "none".to_owned()),
            Err(error) => (500, format!("{error:?}")),
        },
        "set" => {
            let (key, value) = argument.split_once('=').unwrap_or((argument, ""));
            outcome(store.set(key, value).await.map(|()| "set".to_owned()))
        }
        "delete" => outcome(store.delete(argument).await.map(|()| "deleted".to_owned())),
        "exists" => outcome(store.exists(argument).await.map(|yes| yes.to_string())),
        _ => {
            let keys = store.get_keys().await.collect().await.map(|mut keys| {
                keys.sort();
                keys.join(",")
            });
            outcome(keys)
        }
    }
}

/// Runs the statements of the body, one a line, through the asynchronous calls.
async fn sql_async(database: &str, script: &str) -> Reply {
    let connection = match Connection::open(database).await {
        Ok(connection) => connection,
        Err(error) => return (403, format!("{error:?}")),
    };
    let mut out = String::new();
    for statement in script.lines() {
        let rows = match connection.execute(statement, []).await {
            Ok(result) => result.collect().await,
            Err(error) => return (422, format!("{error:?}")),
        };
        match rows {
            Ok(rows) => rows.iter().for_each(|row| out += &format!("{}\n", show(&row.values))),
            Err(error) => return (422, format!("{error:?}")),
        }
    }
    out += &format!("changes={} rowid={}", connection.changes().await, connection.last_insert_rowid().await);
    (200, out)
}

/// Runs the statements of the body, one a line, through the synchronous calls.
fn sql_sync(database: &str, script: &str) -> Reply {
    let connection = match sql::Connection::open(database) {
        Ok(connection) => connection,
        Err(error) => return (403, format!("{error:?}")),
    };
    let mut out = String::new();
    for statement in script.lines() {
        match connection.execute(statement, &[]) {
            Ok(result) => {
                result.rows.iter().for_each(|row| out += &format!("{}\n", show(&row.values)));
            }
            Err(error) => return (422, format!("{error:?}")),
        }
    }
    (200, out)
}

/// Runs the statements of the body, then dies without ending the transaction.
fn sql_die(script: &str) -> Reply {
    let connection = sql::Connection::open("default").expect("granted");
    for statement in script.lines() {
        connection.execute(statement, &[]).expect("valid");
    }
    panic!("in the middle of a transaction");
}

fn show(values: &[Value]) -> String {
    let one = |value: &Value| match value {
        Value::Integer(i) => i.to_string(),
        Value::Real(r) => r.to_string(),
        Value::Text(t) => t.clone(),
        Value::Blob(b) => format!("{b:02x?}"),
        Value::Null => "null".to_owned(),
    };
    values.iter().map(one).collect::<Vec<_>>().join("|")
}

async fn fetch(url: &str) -> Reply {
    match get(url).await {
        Ok(response) => {
            let status = response.status().as_u16();
            let body = response.into_body().collect().await.map(|b| b.to_bytes()).unwrap_or(Bytes::new());
            (200, format!("{status} {}", String::from_utf8_lossy(&body)))
        }
        Err(error) => (502, format!("{error:?}")),
    }
}

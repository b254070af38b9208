//! `GET /probe`: a key-value read and one select, nothing else. `bench load` holds it against stock Spin's figure for
//! the same two calls, and against the same calls made natively.

use std::cell::RefCell;

use bytes::Bytes;
use http_body_util::Full;
use spin_sdk::http::{Request, Response};
use spin_sdk::http_service;
use spin_sdk::key_value::Store;
use spin_sdk::sqlite::wit::sqlite as sql;

const SELECT: &str = "select count(*) from brands where code <> ?1";

thread_local! {
    /// Open for as long as the instance lives, as in the product's functions.
    static CONNECTION: RefCell<Option<sql::Connection>> = const { RefCell::new(None) };
}

#[http_service]
async fn handle(_: Request) -> Response<Full<Bytes>> {
    let (status, text) = match probe().await {
        Ok(text) => (http::StatusCode::OK, text),
        Err(text) => (http::StatusCode::INTERNAL_SERVER_ERROR, text),
    };
    let length = http::HeaderValue::from(text.len());
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert(http::header::CONTENT_LENGTH, length);
    response
}

async fn probe() -> Result<String, String> {
    let store = Store::open_default().await.map_err(|error| format!("{error:?}"))?;
    let value = store.get("probe").await.map_err(|error| format!("{error:?}"))?.unwrap_or_default();
    let rows = select().map_err(|error| format!("{error:?}"))?;
    Ok(format!("{} {rows}", value.len()))
}

fn select() -> Result<usize, sql::Error> {
    CONNECTION.with_borrow_mut(|slot| {
        let connection = match slot {
            Some(open) => open,
            None => slot.insert(sql::Connection::open("default")?),
        };
        Ok(connection.execute(SELECT, &[sql::Value::Text(String::new())])?.rows.len())
    })
}

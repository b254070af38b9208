//! Has both triggers: cron writes a row through the synchronous calls, HTTP counts the rows.

use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;
use spin_sdk::sqlite::wit::sqlite::{Connection, Value};

mod cron {
    spin_sdk::wit_bindgen::generate!({
        path: "../../../wit/deps/fermyon-spin-cron@2.0.0",
        world: "spin-cron",
        runtime_path: "::spin_sdk::wit_bindgen::rt",
    });
    pub struct Tick;
    export!(Tick);
}

impl cron::Guest for cron::Tick {
    fn handle_cron_event(metadata: cron::Metadata) -> Result<(), cron::Error> {
        let timestamp = i64::try_from(metadata.timestamp).map_err(|e| cron::Error::Other(e.to_string()))?;
        let run = || {
            let connection = Connection::open("default")?;
            connection.execute("CREATE TABLE IF NOT EXISTS tick (at INTEGER)", &[])?;
            connection.execute("BEGIN IMMEDIATE", &[])?;
            connection.execute("INSERT INTO tick VALUES (?)", &[Value::Integer(timestamp)])?;
            connection.execute("COMMIT", &[])
        };
        run().map(drop).map_err(|error| cron::Error::Other(format!("{error:?}")))
    }
}

#[http_service]
async fn count(_: Request) -> impl IntoResponse {
    let connection = Connection::open("default").expect("granted");
    let rows = connection.execute("SELECT count(*) FROM tick", &[]).map(|result| result.rows);
    let body = match rows.as_ref().map(|rows| &rows[0].values[0]) {
        Ok(Value::Integer(count)) => count.to_string(),
        _ => "0".to_owned(),
    };
    http::Response::builder().header("content-length", body.len()).body(body)
}

//! A component of the older kind: WASI 0.2 and `fermyon:spin@2.0.0`.

use wasi::http::types::{Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam};

mod spin {
    wit_bindgen::generate!({
        inline: "
            package test:p2;
            world old {
                import fermyon:spin/key-value@2.0.0;
                import fermyon:spin/sqlite@2.0.0;
                import fermyon:spin/variables@2.0.0;
            }
        ",
        path: "../../../wit/deps/fermyon-spin@2.0.0",
        world: "test:p2/old",
        generate_all,
    });
}
use spin::fermyon::spin::{key_value, sqlite, variables};

struct Component;
wasi::http::proxy::export!(Component);

impl wasi::exports::http::incoming_handler::Guest for Component {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let path = request.path_with_query().unwrap_or_default();
        let text = match path.rsplit('/').next().unwrap_or_default() {
            "trap" => panic!("asked to"),
            "state" => format!("{:?} {:?} {:?}", key_value(), sqlite(), variables::get("greeting")),
            _ => format!("p2 {path}"),
        };
        let response = OutgoingResponse::new(Fields::new());
        let body = response.body().expect("a fresh response has a body");
        ResponseOutparam::set(out, Ok(response));
        let stream = body.write().expect("a fresh body has a stream");
        stream.blocking_write_and_flush(text.as_bytes()).expect("the host takes it");
        drop(stream);
        OutgoingBody::finish(body, None).expect("the body is whole");
    }
}

fn key_value() -> Result<Vec<String>, key_value::Error> {
    let store = key_value::Store::open("default")?;
    store.set("old", b"value")?;
    assert_eq!(store.get("old")?.as_deref(), Some(b"value".as_slice()));
    assert!(store.exists("old")?);
    store.get_keys()
}

fn sqlite() -> Result<usize, sqlite::Error> {
    let connection = sqlite::Connection::open("default")?;
    connection.execute("CREATE TABLE IF NOT EXISTS old (a, b)", &[])?;
    connection.execute("INSERT INTO old VALUES (?, ?)", &[sqlite::Value::Integer(1), sqlite::Value::Null])?;
    Ok(connection.execute("SELECT * FROM old", &[])?.rows.len())
}

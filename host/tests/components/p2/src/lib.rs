//! A component of the WASI 0.2 kind.

use wasi::http::types::{Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam};

struct Component;
wasi::http::proxy::export!(Component);

impl wasi::exports::http::incoming_handler::Guest for Component {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let text = format!("p2 {}", request.path_with_query().unwrap_or_default());
        if text.ends_with("trap") {
            panic!("asked to");
        }
        let response = OutgoingResponse::new(Fields::new());
        let body = response.body().expect("a fresh response has a body");
        ResponseOutparam::set(out, Ok(response));
        let stream = body.write().expect("a fresh body has a stream");
        stream.blocking_write_and_flush(text.as_bytes()).expect("the host takes it");
        drop(stream);
        OutgoingBody::finish(body, None).expect("the body is whole");
    }
}

//! The smallest function: a plain reply.

use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

#[http_service]
async fn hello(_: Request) -> impl IntoResponse {
    http::Response::builder().header("content-length", "6").body("hello\n".to_owned())
}

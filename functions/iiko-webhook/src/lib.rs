//! `POST /v1/hooks/iiko`: events that iikoCloud posts, a list at a time.
//!
//! The account is known by the token in `Authorization`, bare or after `Bearer`, whose hash is stored. Events may come
//! twice, late and in any order: an order never goes back, and what is unknown is passed over. Changes of stop lists and
//! menus make `menu-sync` read them. Grants: the database.

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("iiko-webhook", &[], request, run::run).await
}

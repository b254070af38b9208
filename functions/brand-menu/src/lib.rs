//! The brand's menu and what becomes of it in chains: categories, items, gaps (`/v1/brands/:brand/menu/…`), accounts at
//! iiko and matches (`/v1/brands/:brand/iiko-accounts…`), an outlet's till (`/v1/outlets/:code/till`).
//!
//! Callers: the back office; marketers write items and confirm matches, administrators write accounts and tills. Grants:
//! the database, the key-value store (sessions), the master secret (credentials are stored sealed). Refused: what does not
//! fit together, each fault with its pointer.

mod accounts;
mod items;
mod matches;
mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("brand-menu", &[web::till::MASTER_SECRET], request, run::run).await
}

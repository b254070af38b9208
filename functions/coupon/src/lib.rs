//! `/v1/coupon-batches…`, `/v1/referral-code`: coupons and referral codes.
//!
//! Caller: marketers and administrators; guests for their own referral code. Grants: the database, the key-value store
//! (sessions). Codes are random and carry a check character; a used one is counted in the database, not here.

mod reward;
mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("coupon", &[], request, run::run).await
}

//! Reply.

use web::{Call, Problem, Reply};

/// Written by `cargo xtask gen`.
const DESCRIPTION: &str = include_str!("../../../docs/openapi.json");
/// How long a client may keep it, in seconds.
const KEEP_SECONDS: u32 = 300;

/// Answers with the description.
///
/// # Errors
/// None.
pub async fn run(_: &mut Call<'_>) -> Result<Reply, Problem> {
    let reply = Reply::bytes(200, "application/json", DESCRIPTION.as_bytes().to_vec());
    Ok(reply.header("cache-control", format!("public, max-age={KEEP_SECONDS}")))
}

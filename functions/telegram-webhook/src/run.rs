//! Which operation it is.

use web::till::MASTER_SECRET;
use web::{Call, Problem, Reply};

use crate::{bots, hook};

/// Where Telegram's Bot API is: scheme and host.
pub const TELEGRAM_URL: &str = "telegram_url";
/// What the component reads.
pub const VARIABLES: &[&str] = &[MASTER_SECRET, TELEGRAM_URL];

/// Serves the operations on bots and their updates.
///
/// # Errors
/// What the operation is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    match call.operation.id {
        "notify_telegram" => hook::take(call).await,
        "set_telegram_bot" => bots::set(call),
        "read_telegram_bot" => bots::read(call),
        "delete_telegram_bot" => bots::delete(call),
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    }
}

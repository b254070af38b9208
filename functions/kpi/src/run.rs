//! Which operation.

use web::events::Outcome;
use web::{Call, Problem};

use crate::{administration, awards, progress};

/// Serves the operations on goals.
///
/// # Errors
/// What the operation is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Outcome, Problem> {
    let reply = match call.operation.id {
        "read_progress" => return progress::read(call),
        "list_goals" => administration::list(call),
        "publish_goal" => administration::publish(call),
        "end_goal" => administration::end(call),
        "set_outlet_group" => administration::set_group(call),
        "set_revenue_plan" => administration::set_plan(call),
        "list_awards" => awards::list(call),
        "export_awards" => awards::export(call),
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    };
    reply.map(Outcome::Reply)
}

//! Which operation it is, and what both sides share.

use api::problem as p;
use feedback::answer::{TEXT_LEN_MAX, is_text};
use web::events::Outcome;
use web::fields::Fields;
use web::{Call, Problem};

use crate::{follow, guest, staff};

/// Tickets on a page unless `limit` says otherwise, and at most.
pub const PAGE_DEFAULT: i64 = 20;
pub const PAGE_MAX: i64 = 100;

/// Serves the operations on tickets.
///
/// # Errors
/// What the operation is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Outcome, Problem> {
    let reply = match call.operation.id {
        "follow_tickets" => return follow::read(call),
        "list_tickets" => staff::list(call),
        "read_ticket" => staff::read(call),
        "assign_ticket" => staff::assign(call),
        "comment_ticket" => staff::comment(call),
        "answer_ticket" => staff::answer(call),
        "compensate_ticket" => staff::compensate(call),
        "close_ticket" => staff::close(call),
        "reopen_ticket" => staff::reopen(call),
        "list_own_tickets" => guest::list(call),
        "open_own_ticket" => guest::open(call),
        "read_own_ticket" => guest::read(call),
        "write_own_ticket" => guest::write(call),
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    };
    reply.map(Outcome::Reply)
}

/// Refuses words that are empty, too long or control a terminal.
///
/// # Errors
/// 422 with a pointer to them.
pub fn words(text: &str) -> Result<(), Problem> {
    let mut fields = Fields::new();
    if !is_text(text) {
        let why = format!("must have 1 to {TEXT_LEN_MAX} characters, of control characters line feeds alone");
        fields.fault(&p::INVALID_FIELD, "/text", why);
    }
    fields.finish()
}

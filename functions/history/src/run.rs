//! Page, reply.

use api::wire::history::{HistoryItem, HistoryReceipt, HistoryReply};
use kernel::{EntryId, Money, ParseError, Points, Timestamp, Zone};
use membership::profile::Language;
use store::history::{self, Movement};
use web::{Call, Problem, Reply};

use crate::reason;

/// Items on a page unless `limit` says otherwise, and at most.
const PAGE_DEFAULT: i64 = 50;
const PAGE_MAX: i64 = 200;

/// Answers with one page of the caller's history.
///
/// # Errors
/// 422 for a cursor, limit or time that cannot be read.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let member = call.guest()?.member;
    let before = call.query("cursor", EntryId::parse)?.unwrap_or(EntryId::from_raw(i64::MAX));
    let since = call.query("since", Timestamp::parse)?.unwrap_or(Timestamp::from_millis(0));
    let limit = call.query("limit", parse_limit)?.unwrap_or(PAGE_DEFAULT);
    // One more than asked for tells whether there is another page.
    let mut movements = history::list(call.sql, member, before, since, limit + 1)?;
    let more = movements.len() as i64 > limit;
    movements.truncate(limit as usize);
    let next_cursor = movements.last().filter(|_| more).map(|last| last.id.to_string());
    let items = movements.iter().map(|movement| item(movement, call.language)).collect();
    Reply::json(200, &HistoryReply { items, next_cursor })
}

fn parse_limit(text: &str) -> Result<i64, ParseError> {
    let limit = text.parse().ok().filter(|limit| (1..=PAGE_MAX).contains(limit));
    limit.ok_or(ParseError("limit must be a whole number from 1 to 200"))
}

fn item(movement: &Movement, language: Language) -> HistoryItem {
    // A stored zone was checked when the outlet was made; UTC stands in where a movement has no outlet.
    let zone = movement.zone.as_deref().and_then(|name| Zone::parse(name).ok()).unwrap_or(Zone::UTC);
    HistoryItem {
        id: movement.id.to_string(),
        kind: movement.kind.code().to_owned(),
        at: movement.effective_at.rfc3339_in(&zone),
        recorded_at: movement.recorded_at.rfc3339_in(&zone),
        available: signed(movement.available),
        pending: signed(movement.pending),
        held: signed(movement.held),
        reason: reason::of(movement, language),
        receipt: movement.receipt.as_ref().map(|receipt| HistoryReceipt {
            id: receipt.id.to_string(),
            outlet: receipt.outlet_code.clone(),
            outlet_name: receipt.outlet_name.clone(),
            business_date: receipt.business_date.clone(),
            number: receipt.number.clone(),
            total: Money::new(receipt.total_minor, receipt.currency).into(),
        }),
    }
}

fn signed(points: Points) -> String {
    if points.is_positive() { format!("+{points}") } else { points.to_string() }
}

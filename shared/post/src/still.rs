//! Whether what a message tells of is so still. Between its end and a person who has it told again weeks may pass.

use kernel::id::parse_id;
use kernel::{MemberId, Timestamp};
use messaging::Topic;
use store::fraud::{delays, inline};
use store::notifications::Intent;
use store::{Sql, StoreError, tickets};

/// What ids of tickets begin with. Crate `care` writes them.
const TICKET: &str = "tkt";
/// What may hold against a member, as stored: the card's number alone spends nothing.
const CHALLENGE: &str = "challenge";
/// Spending is stopped until somebody has looked.
const STOPPED: [&str; 2] = ["hold", "block"];

/// Whether an intent is true at `now`. Of topics that tell of something that happened it always is.
///
/// # Errors
/// A failure of storage.
pub fn is_so(sql: &dyn Sql, intent: &Intent, now: Timestamp) -> Result<bool, StoreError> {
    let member = intent.member;
    let is_over = |until: Option<Timestamp>| until.is_some_and(|until| until <= now);
    match intent.topic {
        Topic::AccountHeld => {
            let standing = inline::load_standing(sql, member)?;
            Ok(standing.is_some_and(|standing| STOPPED.iter().any(|stopped| standing.is(stopped, now))))
        }
        Topic::AccountChallenged => {
            let standing = inline::load_standing(sql, member)?;
            Ok(standing.is_some_and(|standing| standing.is(CHALLENGE, now)) && !is_over(until(intent)))
        }
        Topic::PointsDelayed => {
            let waiting = delays::load_waiting(sql, member, now)?;
            Ok(waiting.points.is_positive() && !is_over(until(intent)))
        }
        Topic::AppealDecided => Ok(is_free(sql, member, now)? == flag(&intent.data, "upheld")),
        Topic::TicketClosed => is_closed(sql, intent),
        Topic::TierEnding
        | Topic::FeedbackRequest
        | Topic::TicketAnswer
        | Topic::AwardGiven
        | Topic::ReferralRewarded
        | Topic::BirthdayGift
        | Topic::OrderCancelled
        | Topic::EmailConfirm => Ok(true),
    }
}

/// Until when what an intent's data tell of lasts; `None` where they name no end.
#[must_use]
pub fn until(intent: &Intent) -> Option<Timestamp> {
    match intent.topic {
        Topic::PointsDelayed | Topic::AccountChallenged => {
            Timestamp::parse(read(&intent.data)?.get("until")?.as_str()?).ok()
        }
        _ => None,
    }
}

/// Nothing holds against a member, and no points of theirs are kept back: what an appeal that was upheld tells.
fn is_free(sql: &dyn Sql, member: MemberId, now: Timestamp) -> Result<bool, StoreError> {
    let standing = inline::load_standing(sql, member)?;
    let is_against = |standing: &inline::Standing| {
        STOPPED.iter().chain([&CHALLENGE]).any(|against| standing.is(against, now))
    };
    let waiting = delays::load_waiting(sql, member, now)?;
    let is_kept = waiting.points.is_positive() || waiting.withheld.is_positive();
    Ok(!standing.as_ref().is_some_and(is_against) && !is_kept)
}

/// Whether the ticket is closed as it was then: one that was opened again is not, and a second end is told by itself.
fn is_closed(sql: &dyn Sql, intent: &Intent) -> Result<bool, StoreError> {
    let named = read(&intent.data).and_then(|data| parse_id(TICKET, data.get("ticket")?.as_str()?).ok());
    let Some(id) = named else { return Ok(false) };
    let ticket = tickets::load(sql, id)?;
    Ok(ticket.and_then(|ticket| ticket.closed_at).is_some_and(|at| at <= intent.created_at))
}

fn flag(data: &str, name: &str) -> bool {
    read(data).and_then(|data| data.get(name)?.as_bool()).unwrap_or_default()
}

fn read(data: &str) -> Option<serde_json::Value> {
    serde_json::from_str(data).ok()
}

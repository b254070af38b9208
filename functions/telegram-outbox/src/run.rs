//! The lane of this outbox.

use messaging::channel::Lane;
use platform::scheduled::Run;
use post::outbox::Bounds;
use web::outbox::{self, Means};
use web::{Call, Problem, Reply};

const LANE: Lane = Lane::Telegram;

/// Tells what is due at an administrator's wish.
///
/// # Errors
/// A failure of storage.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    outbox::by_hand(call, LANE)
}

/// Tells what is due at the timer's tick.
///
/// # Errors
/// What failed, for the host's log.
pub fn tick(resources: Run) -> Result<(), String> {
    let Run { now, clock, mut ids, random, sql, partners, settings, .. } = resources;
    let means =
        Means { sql, partners, settings: settings.as_ref(), random, now, clock: &clock, ids: &mut ids };
    let fault = |problem: Problem| problem.cause().unwrap_or_default().to_owned();
    outbox::run(means, LANE, Bounds::STANDARD).map(drop).map_err(fault)
}

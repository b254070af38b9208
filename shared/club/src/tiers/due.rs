//! The tier that is due between a boundary and the job that judges it.
//!
//! A period begins at midnight, and the job comes by within a minute, goes over everybody in turn, or comes late because no
//! host ran. What is sold meanwhile earns at the tier that its guest is about to be judged to have: the judgement is worked
//! out as the job will work it out, and nothing of it is written. So the job finds everything as if nobody had asked.

use kernel::time::HOUR_MS;
use kernel::{MemberId, Timestamp, Zone};
use store::Sql;
use store::tiers::passes::{self, COMPLETE, Pass};
use store::tiers::people;

use crate::Moment;
use crate::programme::InForce;
use crate::refusal::Refusal;
use crate::tiers::member::{Batch, Ground, settle};
use crate::tiers::versions::Versions;

/// First days of a month, by the calendar of the zone that is furthest ahead, on which anybody asks whether the job has come
/// by. A job that was not there for longer is an incident, and then the tier of before holds.
pub const EDGE_DAYS: i8 = 4;
/// By so much the clocks of the furthest zone are ahead of UTC.
const AHEAD_MS: i64 = 14 * HOUR_MS;

/// The tier that `member` is due at `sold_at` and that no job has given them yet; `None`: what is written holds. Asks nothing
/// but on the first days of a month, and then once, unless the job has not come by.
///
/// # Errors
/// A failure of storage. A member who cannot be judged has what is written: no sale fails for it.
pub(crate) fn tier(
    tx: &dyn Sql,
    member: MemberId,
    brand: &str,
    in_force: &InForce,
    sold_at: Timestamp,
    moment: &mut Moment<'_>,
) -> Result<Option<String>, Refusal> {
    let (_, _, latest) = sold_at.plus_millis(AHEAD_MS).date_in(&Zone::UTC).parts();
    if latest > EDGE_DAYS {
        return Ok(None);
    }
    let window = in_force.rules.tier_rules().window;
    let waits = |pass: &Pass, zone: &Zone| {
        let begun = window.period_start(sold_at.date_in(zone));
        pass.judged_on < begun || (pass.cursor != COMPLETE && pass.cursor < member.raw())
    };
    let mut waiting = passes::list(tx, brand)?;
    waiting.retain(|pass| Zone::parse(&pass.zone).is_ok_and(|zone| waits(pass, &zone)));
    if waiting.is_empty() {
        return Ok(None);
    }
    let Some(person) = people::load(tx, member)? else { return Ok(None) };
    let home = person.home.as_ref().map_or(in_force.rules.zone.as_str(), |(zone, _)| zone);
    let Some(pass) = waiting.into_iter().find(|pass| pass.zone == home) else { return Ok(None) };
    let Ok(zone) = Zone::parse(home) else { return Ok(None) };
    let (versions, today) = (Versions::new(tx, brand), sold_at.date_in(&zone));
    let mut due = Pass { cursor: COMPLETE, ..pass };
    while let Some((on, _)) = versions.next_boundary(|_| &zone, due.judged_on, today)? {
        due.judged_on = on;
    }
    let mut batch = Batch::default();
    let ground = Ground { brand, pass: &due, versions: &versions };
    match settle(tx, &person, None, &ground, moment, &mut batch) {
        Ok(_) => {}
        Err(Refusal::Store(error)) => return Err(error.into()),
        Err(_) => return Ok(None),
    }
    let event = batch.events.pop().filter(|event| event.effective_at <= sold_at);
    Ok(event.map(|event| event.after))
}

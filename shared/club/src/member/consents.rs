//! What a guest agreed to: every yes and no is kept, the latest of a kind holds.

use kernel::time::DAY_MS;
use kernel::{ConsentId, MemberId, Timestamp};
use membership::allowance::Allowance;
use membership::profile::{Consent, ConsentKind};
use store::{Sql, consents};

use super::{Refusal, active};
use crate::{Moment, limit};

/// How often a guest may change what they agreed to: each time adds rows that are never deleted.
pub const CHANGES: Allowance = Allowance { max: 20, window_ms: DAY_MS };
const COUNTER: &str = "consent.change";

/// Everything a member ever said, oldest first.
///
/// # Errors
/// [`crate::Refusal::MemberInactive`]; a failure of storage.
pub fn list(sql: &dyn Sql, member: MemberId) -> Result<Vec<Consent>, Refusal> {
    active(sql, member)?;
    Ok(consents::list(sql, member)?)
}

/// Records what a member says now, as far as it is news, and answers with everything they ever said.
///
/// # Errors
/// [`Refusal::ConsentTwice`], [`Refusal::ConsentRequired`], [`Refusal::Limited`],
/// [`crate::Refusal::MemberInactive`]; a failure of storage.
pub fn record(
    tx: &dyn Sql,
    member: MemberId,
    given: Vec<Consent>,
    moment: &mut Moment<'_>,
) -> Result<Vec<Consent>, Refusal> {
    check(&given)?;
    active(tx, member)?;
    let mut all = consents::list(tx, member)?;
    let news = news(&all, given);
    if news.is_empty() {
        return Ok(all);
    }
    if let Some(retry_after_seconds) =
        limit::hit(tx, COUNTER, &member.raw().to_be_bytes(), CHANGES, moment.now)?
    {
        return Err(Refusal::Limited { retry_after_seconds });
    }
    for consent in news {
        consents::insert(tx, ConsentId::new(moment.ids, moment.now), member, &consent)?;
        all.push(consent);
    }
    Ok(all)
}

/// What of `given` says something that is not in force already.
pub(crate) fn news(all: &[Consent], given: Vec<Consent>) -> Vec<Consent> {
    let in_force = Consent::in_force(all);
    let known = |consent: &Consent| {
        in_force.iter().any(|known| {
            known.kind == consent.kind
                && known.granted == consent.granted
                && known.text_version == consent.text_version
        })
    };
    given.into_iter().filter(|consent| !known(consent)).collect()
}

/// A no to every yes in force, for a membership that ends.
pub(crate) fn withdrawals(
    all: &[Consent],
    source: &membership::profile::ConsentWord,
    at: Timestamp,
) -> Vec<Consent> {
    Consent::in_force(all)
        .into_iter()
        .filter(|consent| consent.granted)
        .map(|consent| Consent { granted: false, at, source: source.clone(), ..consent.clone() })
        .collect()
}

fn check(given: &[Consent]) -> Result<(), Refusal> {
    let mut seen: Vec<ConsentKind> = Vec::with_capacity(given.len());
    for consent in given {
        if seen.contains(&consent.kind) {
            return Err(Refusal::ConsentTwice);
        }
        if consent.kind.is_required() && !consent.granted {
            return Err(Refusal::ConsentRequired(consent.kind));
        }
        seen.push(consent.kind);
    }
    Ok(())
}

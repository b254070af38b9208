//! Making promotions, changing them, switching them on and off.
//!
//! Rules are immutable versions; the promotion says which version holds and when. Time needs no help: a promotion that is
//! switched on begins and ends by its times, and is shown as scheduled, active or ended accordingly.

use kernel::time::MINUTE_MS;
use kernel::{PromotionId, StaffId, Timestamp};
use pricing::fault::Problem;
use pricing::promotion::Promotion;
use store::promotions::{self, Status, Stored, Version};
use store::{Sql, StoreError, brands};

use super::write_rules;
use club::Moment;

/// Promotions of a brand that are switched on at once.
pub const LIVE_MAX: i64 = super::snapshot::LIVE_MAX;
/// How far in the past a promotion may begin: the clocks of two machines, and the time a request takes.
pub const EARLY_MS: i64 = 5 * MINUTE_MS;

/// Why a promotion was not made or changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("no such promotion")]
    Unknown,
    #[error("no such brand")]
    UnknownBrand,
    /// The rules do not make sense; each problem has its pointer.
    #[error("the rules do not make sense")]
    Rules(Vec<Problem>),
    /// A promotion stays in its brand.
    #[error("the promotion is of another brand")]
    OtherBrand,
    #[error("a promotion that is {state} cannot be {asked}")]
    State { state: Shown, asked: &'static str },
    /// Orders were priced without it then.
    #[error("a promotion cannot begin in the past")]
    InPast,
    #[error("a promotion ends after it begins")]
    EndsBeforeStart,
    #[error("at most {LIVE_MAX} promotions of a brand are switched on at once")]
    TooMany,
}

/// How a promotion stands at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    Draft,
    Scheduled,
    Active,
    Paused,
    Ended,
}

impl Shown {
    /// How a stored promotion stands at `now`.
    #[must_use]
    pub fn of(stored: &Stored, now: Timestamp) -> Self {
        let over = stored.ends_at.is_some_and(|end| now >= end);
        match stored.status {
            Status::Draft => Self::Draft,
            Status::Ended => Self::Ended,
            Status::Live | Status::Paused if over => Self::Ended,
            Status::Paused => Self::Paused,
            Status::Live if stored.starts_at.is_some_and(|start| now < start) => Self::Scheduled,
            Status::Live => Self::Active,
        }
    }

    /// The name on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Scheduled => "scheduled",
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Ended => "ended",
        }
    }
}

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

/// Everything that would keep these rules from being stored.
///
/// # Errors
/// See [`Refused`].
pub fn check(sql: &dyn Sql, rules: &Promotion) -> Result<(), Refused> {
    let problems = rules.check();
    if !problems.is_empty() {
        return Err(Refused::Rules(problems));
    }
    if brands::load(sql, &rules.brand)?.is_none() {
        return Err(Refused::UnknownBrand);
    }
    Ok(())
}

/// Makes a draft with its first version.
///
/// # Errors
/// See [`Refused`].
pub fn create(
    tx: &dyn Sql,
    rules: &Promotion,
    note: &str,
    by: Option<StaffId>,
    moment: &mut Moment<'_>,
) -> Result<(Stored, Version), Refused> {
    check(tx, rules)?;
    let stored = Stored {
        id: PromotionId::new(moment.ids, moment.now),
        brand: rules.brand.clone(),
        status: Status::Draft,
        version: 1,
        starts_at: None,
        ends_at: None,
        created_by: by,
        created_at: moment.now,
        changed_at: moment.now,
    };
    promotions::insert(tx, &stored)?;
    let version = new_version(tx, stored.id, 1, rules, note, by, moment.now)?;
    Ok((stored, version))
}

/// Gives a promotion its next version, which holds at once. Quotes made before keep theirs.
///
/// # Errors
/// See [`Refused`]; what has ended stays as it was.
pub fn revise(
    tx: &dyn Sql,
    id: PromotionId,
    rules: &Promotion,
    note: &str,
    by: Option<StaffId>,
    moment: &Moment<'_>,
) -> Result<(Stored, Version), Refused> {
    let stored = known(tx, id)?;
    check(tx, rules)?;
    if stored.brand != rules.brand {
        return Err(Refused::OtherBrand);
    }
    refuse_if(&stored, moment.now, &[Shown::Ended], "changed")?;
    let newest = promotions::list_versions(tx, id, i64::MAX, 1)?;
    let next = newest.first().map_or(0, |newest| newest.version) + 1;
    let version = new_version(tx, id, next, rules, note, by, moment.now)?;
    let stored = save(tx, Stored { version: next, ..stored }, moment.now)?;
    Ok((stored, version))
}

/// Switches a promotion on, from a time (now where absent) and until a time (open where absent); also moves the times of
/// one that is switched on. One that has begun keeps its beginning.
///
/// # Errors
/// See [`Refused`].
pub fn schedule(
    tx: &dyn Sql,
    id: PromotionId,
    starts_at: Option<Timestamp>,
    ends_at: Option<Timestamp>,
    moment: &Moment<'_>,
) -> Result<Stored, Refused> {
    let stored = known(tx, id)?;
    let now = moment.now;
    refuse_if(&stored, now, &[Shown::Ended, Shown::Paused], "scheduled")?;
    let starts_at = match Shown::of(&stored, now) {
        Shown::Active => stored.starts_at.unwrap_or(now),
        _ => starts_at.unwrap_or(now),
    };
    if Shown::of(&stored, now) != Shown::Active && starts_at < now.plus_millis(-EARLY_MS) {
        return Err(Refused::InPast);
    }
    if ends_at.is_some_and(|end| end <= starts_at || end <= now) {
        return Err(Refused::EndsBeforeStart);
    }
    if stored.status != Status::Live
        && promotions::list_live(tx, &stored.brand, now, LIVE_MAX)?.len() as i64 >= LIVE_MAX
    {
        return Err(Refused::TooMany);
    }
    let changed = Stored { status: Status::Live, starts_at: Some(starts_at), ends_at, ..stored };
    save(tx, changed, now)
}

/// Takes a promotion out of prices until it is resumed.
///
/// # Errors
/// See [`Refused`].
pub fn pause(tx: &dyn Sql, id: PromotionId, moment: &Moment<'_>) -> Result<Stored, Refused> {
    let stored = known(tx, id)?;
    refuse_if(&stored, moment.now, &[Shown::Draft, Shown::Ended], "paused")?;
    save(tx, Stored { status: Status::Paused, ..stored }, moment.now)
}

/// Puts a paused promotion back.
///
/// # Errors
/// See [`Refused`].
pub fn resume(tx: &dyn Sql, id: PromotionId, moment: &Moment<'_>) -> Result<Stored, Refused> {
    let stored = known(tx, id)?;
    refuse_if(&stored, moment.now, &[Shown::Draft, Shown::Ended], "resumed")?;
    save(tx, Stored { status: Status::Live, ..stored }, moment.now)
}

/// Ends a promotion for good. Quotes that name it are honoured.
///
/// # Errors
/// See [`Refused`]; ending it again does nothing.
pub fn end(tx: &dyn Sql, id: PromotionId, moment: &Moment<'_>) -> Result<Stored, Refused> {
    let stored = known(tx, id)?;
    if stored.status == Status::Ended {
        return Ok(stored);
    }
    let starts_at = Some(stored.starts_at.unwrap_or(moment.now));
    save(tx, Stored { status: Status::Ended, starts_at, ..stored }, moment.now)
}

fn known(tx: &dyn Sql, id: PromotionId) -> Result<Stored, Refused> {
    promotions::load(tx, id)?.ok_or(Refused::Unknown)
}

fn refuse_if(stored: &Stored, now: Timestamp, states: &[Shown], asked: &'static str) -> Result<(), Refused> {
    let state = Shown::of(stored, now);
    if states.contains(&state) { Err(Refused::State { state, asked }) } else { Ok(()) }
}

fn new_version(
    tx: &dyn Sql,
    promotion: PromotionId,
    version: u32,
    rules: &Promotion,
    note: &str,
    created_by: Option<StaffId>,
    created_at: Timestamp,
) -> Result<Version, StoreError> {
    let rules = write_rules(rules)?;
    let version = Version { promotion, version, rules, note: note.to_owned(), created_by, created_at };
    promotions::insert_version(tx, &version)?;
    Ok(version)
}

fn save(tx: &dyn Sql, changed: Stored, now: Timestamp) -> Result<Stored, Refused> {
    let changed = Stored { changed_at: now, ..changed };
    promotions::update(tx, &changed)?;
    promotions::raise_revision(tx, &changed.brand)?;
    Ok(changed)
}

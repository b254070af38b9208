//! Shifts: opened and closed at a till or by a manager, or brought in from elsewhere.

use kernel::id::{format_id, parse_id};
use kernel::time::{DAY_MS, MINUTE_MS};
use kernel::{ParseError, StaffId, Timestamp};
use store::kpi::sites;
use store::outlets::Outlet;
use store::shifts::{self, Shift, Source};
use store::{Sql, StoreError};

use club::Moment;

use crate::refusal::{BadTime, Refused};

/// What a shift's id begins with.
const PREFIX: &str = "shf";
/// Longest shift.
pub const LENGTH_MS_MAX: i64 = DAY_MS;
/// How long ago a shift may have begun when it becomes known.
const LATE_MS_MAX: i64 = 90 * DAY_MS;
/// How far a till's clock may be ahead.
const AHEAD_MS_MAX: i64 = 5 * MINUTE_MS;
/// Shifts in one import.
pub const IMPORT_MAX: usize = 500;

/// The id as text.
#[must_use]
pub fn text_of(id: i64) -> String {
    format_id(PREFIX, id)
}

/// Reads the id.
///
/// # Errors
/// When the text is not one.
pub fn parse(text: &str) -> Result<i64, ParseError> {
    parse_id(PREFIX, text)
}

/// A shift that begins, or that is known from beginning to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewShift<'a> {
    pub staff_code: &'a str,
    pub opened_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    pub source: Source,
}

/// Records a shift at an outlet; the same again is answered with the one there is, and `false`.
///
/// # Errors
/// See [`Refused`].
pub fn open(
    tx: &dyn Sql,
    outlet: &Outlet,
    new: &NewShift<'_>,
    moment: &mut Moment<'_>,
) -> Result<(Shift, bool), Refused> {
    check_time(new.opened_at, moment.now)?;
    if let Some(closed_at) = new.closed_at {
        check_length(new.opened_at, closed_at, moment.now)?;
    }
    let person = sites::load_colleague(tx, new.staff_code)?
        .filter(|person| person.is_active)
        .ok_or(Refused::UnknownStaff)?;
    let until = new.closed_at.unwrap_or(Timestamp::from_millis(i64::MAX));
    if let Some(known) = shifts::load_overlapping(tx, person.id, new.opened_at, until)? {
        let same = known.outlet == outlet.id && known.opened_at == new.opened_at;
        if same && (new.closed_at.is_none() || known.closed_at == new.closed_at) {
            return Ok((known, false));
        }
        if known.closed_at.is_none() && new.closed_at.is_none() {
            return Err(Refused::ShiftOpen { id: known.id, since: known.opened_at });
        }
        return Err(Refused::ShiftOverlap);
    }
    let shift = Shift {
        id: moment.ids.next(moment.now),
        staff: person.id,
        staff_code: person.code,
        outlet: outlet.id,
        business_date: new.opened_at.date_in(&outlet.zone),
        opened_at: new.opened_at,
        closed_at: new.closed_at,
        source: new.source,
    };
    match shifts::insert(tx, &shift, moment.now) {
        Ok(()) => Ok((shift, true)),
        Err(error) if error.is_unique() => Err(Refused::ShiftOverlap),
        Err(error) => Err(error.into()),
    }
}

/// Ends a shift; ended at the same moment before, it is answered again.
///
/// # Errors
/// See [`Refused`].
pub fn close(tx: &dyn Sql, id: i64, at: Timestamp, now: Timestamp) -> Result<Shift, Refused> {
    let shift = shifts::load(tx, id)?.ok_or(Refused::UnknownShift)?;
    match shift.closed_at {
        Some(closed) if closed == at => return Ok(shift),
        Some(_) => return Err(Refused::ShiftEnded),
        None => check_length(shift.opened_at, at, now)?,
    }
    if !shifts::close(tx, id, at)? {
        return Err(Refused::ShiftEnded);
    }
    Ok(Shift { closed_at: Some(at), ..shift })
}

/// The shift that the person with a code is on.
///
/// # Errors
/// [`Refused::UnknownStaff`], [`Refused::UnknownShift`].
pub fn load_open(sql: &dyn Sql, staff_code: &str) -> Result<Shift, Refused> {
    let person = sites::load_colleague(sql, staff_code)?.ok_or(Refused::UnknownStaff)?;
    open_of(sql, person.id)?.ok_or(Refused::UnknownShift)
}

fn open_of(sql: &dyn Sql, staff: StaffId) -> Result<Option<Shift>, StoreError> {
    shifts::load_open(sql, staff)
}

fn check_time(at: Timestamp, now: Timestamp) -> Result<(), Refused> {
    if at > now.plus_millis(AHEAD_MS_MAX) {
        return Err(BadTime::Ahead.into());
    }
    if at < now.plus_millis(-LATE_MS_MAX) {
        return Err(BadTime::Long.into());
    }
    Ok(())
}

fn check_length(opened_at: Timestamp, closed_at: Timestamp, now: Timestamp) -> Result<(), Refused> {
    check_time(closed_at, now)?;
    let length = closed_at.millis() - opened_at.millis();
    if length <= 0 {
        return Err(BadTime::Backwards.into());
    }
    if length > LENGTH_MS_MAX {
        return Err(BadTime::Endless.into());
    }
    Ok(())
}

//! Tiers: how far members were judged, what was counted, what they were judged to be, what was granted, where they were
//! at home.

use kernel::{Currency, Date};

use crate::error::StoreError;
use crate::statement::Row;

pub mod counted;
pub mod grants;
pub mod homes;
pub mod passes;
pub mod people;
pub mod preview;
pub mod records;
pub mod warnings;

/// What a decision stands on: the version of the rules, the days that were measured, and what was counted in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arithmetic {
    pub programme: kernel::ProgrammeVersionId,
    /// `None`: since ever.
    pub window_from: Option<Date>,
    /// First day that did not count.
    pub window_until: Date,
    pub currency: Currency,
    pub spend_minor: i64,
    pub points: kernel::Points,
    pub visits: u32,
    /// The highest tier that this was enough for.
    pub earned: String,
}

/// What a member was judged to be, by codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    pub tier: String,
    /// First day on which the tier is no longer good; `None` where nothing ends.
    pub valid_until: Option<Date>,
    /// The day on which grace ends.
    pub falls_on: Option<Date>,
    /// The highest tier ever held that is never lost.
    pub floor: String,
}

fn date_or_null(row: &mut Row) -> Result<Option<Date>, StoreError> {
    let text = row.text_or_null()?;
    text.map(|text| Date::parse(&text).map_err(|_| row.inconsistent("not a date"))).transpose()
}

fn text_of(date: Option<Date>) -> crate::port::Value {
    date.map(|date| date.to_string()).into()
}

fn read_judged(row: &mut Row) -> Result<Judged, StoreError> {
    Ok(Judged {
        tier: row.text()?,
        valid_until: date_or_null(row)?,
        falls_on: date_or_null(row)?,
        floor: row.text()?,
    })
}

fn read_arithmetic(row: &mut Row) -> Result<Arithmetic, StoreError> {
    Ok(Arithmetic {
        programme: kernel::ProgrammeVersionId::from_raw(row.integer()?),
        window_from: date_or_null(row)?,
        window_until: row.parsed(Date::parse)?,
        currency: row.parsed(Currency::parse)?,
        spend_minor: row.integer()?,
        points: kernel::Points::from_hundredths(row.integer()?),
        visits: visits(row)?,
        earned: row.text()?,
    })
}

fn visits(row: &mut Row) -> Result<u32, StoreError> {
    let count = row.integer()?;
    u32::try_from(count).map_err(|_| row.inconsistent("not a count"))
}

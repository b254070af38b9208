//! Who is asked, and when.

use kernel::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use kernel::{Timestamp, Zone};

use crate::rules::{AskedWith, Quiet, RequestRules};

/// A receipt that may be asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale<'a> {
    /// The receipt's number in the database.
    pub receipt: i64,
    pub sold_at: Timestamp,
    pub channel: &'a str,
    /// Where the guest is at home, or else where they bought.
    pub zone: &'a Zone,
}

/// Why a receipt is not asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Skip {
    /// The draw by the receipt's number left it out.
    NotSampled,
    /// We learned of it too late.
    Late,
    /// Sold through a channel that is not asked about.
    Channel,
    /// Something of it was given back.
    Returned,
    /// The buyer is of the staff that the question would be about.
    Staff,
    /// The guest's account is blocked or erased.
    Inactive,
    /// The guest has not agreed to it.
    NoConsent,
    /// The guest was asked often enough.
    Capped,
    /// Its moment has passed, because no run came by in time.
    Missed,
}

impl Skip {
    /// The name in the database and in logs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotSampled => "not_sampled",
            Self::Late => "late",
            Self::Channel => "channel",
            Self::Returned => "returned",
            Self::Staff => "staff",
            Self::Inactive => "inactive",
            Self::NoConsent => "no_consent",
            Self::Capped => "capped",
            Self::Missed => "missed",
        }
    }
}

/// When to ask, and until when an answer is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    pub ask_at: Timestamp,
    pub until: Timestamp,
}

/// What is known of a guest at the moment of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    pub active: bool,
    /// The yes in force to the handling of personal data.
    pub personal_data: bool,
    /// A yes in force to advertising by any means.
    pub marketing: bool,
    /// Questions within the cap's days.
    pub asked: u32,
    pub returned: bool,
    /// The guest served themselves, works there, or bought with a colleague's discount.
    pub of_staff: bool,
}

/// Whether and when a receipt is asked about, by what never changes about it (F1). `salt` is the number of the rules'
/// version, so that another version draws anew.
///
/// # Errors
/// Why not.
pub fn plan(rules: &RequestRules, sale: &Sale<'_>, salt: i64, now: Timestamp) -> Result<Plan, Skip> {
    if !is_sampled(sale.receipt, salt, rules.sample_per_mille) {
        return Err(Skip::NotSampled);
    }
    if !rules.channels.is_empty() && !rules.channels.iter().any(|channel| channel == sale.channel) {
        return Err(Skip::Channel);
    }
    if now.millis() - sale.sold_at.millis() > i64::from(rules.late_hours_max) * HOUR_MS {
        return Err(Skip::Late);
    }
    let earliest = sale.sold_at.plus_millis(i64::from(rules.delay_minutes) * MINUTE_MS);
    let ask_at = awake(rules.quiet, earliest, sale.zone);
    Ok(Plan { ask_at, until: ask_at.plus_millis(i64::from(rules.valid_hours) * HOUR_MS) })
}

/// Whether a guest is asked now.
///
/// # Errors
/// Why not.
pub fn ask(rules: &RequestRules, person: Person, until: Timestamp, now: Timestamp) -> Result<(), Skip> {
    let agreed = match rules.consent {
        AskedWith::PersonalData => person.personal_data,
        AskedWith::Marketing => person.personal_data && person.marketing,
    };
    if !person.active {
        Err(Skip::Inactive)
    } else if person.returned {
        Err(Skip::Returned)
    } else if person.of_staff {
        Err(Skip::Staff)
    } else if !agreed {
        Err(Skip::NoConsent)
    } else if person.asked >= rules.cap {
        Err(Skip::Capped)
    } else if now >= until {
        Err(Skip::Missed)
    } else {
        Ok(())
    }
}

/// The beginning of the days in which questions to a guest are counted.
#[must_use]
pub fn cap_since(rules: &RequestRules, now: Timestamp) -> Timestamp {
    now.plus_millis(-i64::from(rules.cap_days) * DAY_MS)
}

/// The first moment from `at` on that is outside of the quiet hours.
#[must_use]
pub fn awake(quiet: Option<Quiet>, at: Timestamp, zone: &Zone) -> Timestamp {
    let Some(quiet) = quiet else { return at };
    let hour = at.hour_in(zone);
    let over_midnight = quiet.until_hour <= quiet.from_hour;
    let is_quiet = if over_midnight {
        hour >= quiet.from_hour || hour < quiet.until_hour
    } else {
        (quiet.from_hour..quiet.until_hour).contains(&hour)
    };
    if !is_quiet {
        return at;
    }
    let today = at.date_in(zone);
    let day = if over_midnight && hour >= quiet.from_hour { today.plus_days(1) } else { today };
    // A zone that jumps over the end of the hours is met after the jump, never before `at`.
    day.hour_in(quiet.until_hour, zone).max(at)
}

/// Whether the draw by number takes a receipt: about so many of a thousand, evenly, the same at every look.
#[must_use]
pub const fn is_sampled(receipt: i64, salt: i64, per_mille: u32) -> bool {
    // The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every bit of the number decides.
    let mut z = (receipt as u64) ^ (salt as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    (z >> 32) % 1_000 < per_mille as u64
}

/// The part of the day at a local hour: as much as the time of a visit is told to others.
#[must_use]
pub const fn part_of_day(hour: u8) -> &'static str {
    match hour {
        5..=11 => "morning",
        12..=16 => "day",
        17..=22 => "evening",
        _ => "night",
    }
}

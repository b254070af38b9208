//! When a category is served.

use ::menu::schedule::{DAY_MINUTES, Span};
use serde_json::Value;

use super::external_wire as wire;

/// Spans of a schedule; one that cannot be read restricts nothing.
pub fn spans(schedules: &[wire::Schedule]) -> Vec<Span> {
    schedules
        .iter()
        .filter_map(|schedule| {
            span(schedule.begin.as_deref()?, schedule.end.as_deref()?, &schedule.days_of_week)
        })
        .collect()
}

/// From one time of day to another on these days; none where they cannot be read.
pub fn span(begin: &str, end: &str, on: &Value) -> Option<Span> {
    let (begin, end, days) = (minute(begin)?, minute(end)?, days(on));
    // Midnight at the end is the end of the day, and so is one minute before it.
    let end = if end == 0 || end == DAY_MINUTES - 1 { DAY_MINUTES } else { end };
    (!days.is_empty()).then_some(Span { days, begin, end })
}

/// `09:30` or `09:30:00`, perhaps after a date.
fn minute(text: &str) -> Option<u16> {
    let clock = text.rsplit(['T', ' ']).next()?;
    let mut parts = clock.split(':');
    let (hour, minute) = (parts.next()?.parse::<u16>().ok()?, parts.next()?.parse::<u16>().ok()?);
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

/// Days by their English names or by number from Monday = 1; none named means all.
fn days(value: &Value) -> Vec<u8> {
    const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let by_name = |name: &str| {
        let name = name.to_ascii_lowercase();
        (1_u8..).zip(NAMES).find(|(_, day)| name.starts_with(day)).map(|(number, _)| number)
    };
    let mut days: Vec<u8> = match value {
        Value::Array(all) => all
            .iter()
            .filter_map(|day| {
                day.as_str()
                    .and_then(by_name)
                    .or_else(|| u8::try_from(day.as_u64()?).ok().filter(|day| (1..=7).contains(day)))
            })
            .collect(),
        Value::Object(all) => all
            .iter()
            .filter(|(_, on)| on.as_bool() == Some(true))
            .filter_map(|(name, _)| by_name(name))
            .collect(),
        _ => (1..=7).collect(),
    };
    days.sort_unstable();
    days.dedup();
    days
}

//! Opening hours: spans of each weekday, and exceptions by date.
//!
//! Stored and sent as `{"mon":[["08:00","22:00"]],…,"exceptions":{"2027-01-01":[]}}`. A span whose end is not after
//! its beginning goes on past midnight; `["00:00","24:00"]` is the whole day. A weekday left out is closed, an
//! exception replaces its day. Times are the outlet's own.

use std::collections::BTreeMap;

use kernel::time::MINUTE_MS;
use kernel::{Date, Timestamp, Zone};
use serde_json::{Map, Value, json};

/// Spans in one day.
pub const SPANS_MAX: usize = 6;
/// Dates with other hours.
pub const EXCEPTIONS_MAX: usize = 100;
/// Minutes in a day.
const DAY: u16 = 24 * 60;
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const EXCEPTIONS: &str = "exceptions";

/// From one minute of a day to another; when it is not later, on the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    opens: u16,
    closes: u16,
}

/// Opening hours, checked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hours {
    days: [Vec<Span>; 7],
    exceptions: BTreeMap<Date, Vec<Span>>,
}

/// What is wrong, and where: a JSON pointer and words.
pub type Faults = Vec<(String, &'static str)>;

impl Hours {
    /// Reads the JSON form.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn from_json(text: &str) -> Result<Self, Faults> {
        let value: Value =
            serde_json::from_str(text).map_err(|_| vec![(String::new(), "not JSON of opening hours")])?;
        let Value::Object(members) = value else {
            return Err(vec![(String::new(), "opening hours are an object with a member for each weekday")]);
        };
        let mut hours = Self::default();
        let mut faults = Faults::new();
        for (name, value) in &members {
            let at = format!("/{name}");
            match (WEEKDAYS.iter().position(|day| day == name), value) {
                (Some(day), value) => hours.days[day] = spans(&at, value, &mut faults),
                (None, Value::Object(dates)) if name == EXCEPTIONS => {
                    hours.exceptions = exceptions(&at, dates, &mut faults);
                }
                _ => faults.push((at, "use mon, tue, wed, thu, fri, sat, sun and exceptions")),
            }
        }
        if faults.is_empty() { Ok(hours) } else { Err(faults) }
    }

    /// The same hours every day, written `08:00-22:00`.
    #[must_use]
    pub fn every_day(text: &str) -> Option<Self> {
        let (opens, closes) = text.split_once('-')?;
        let span = Span { opens: minute(opens.trim())?, closes: minute(closes.trim())? };
        (span.opens < DAY).then(|| Self { days: std::array::from_fn(|_| vec![span]), ..Self::default() })
    }

    /// The JSON form, one text for equal hours.
    #[must_use]
    pub fn to_json(&self) -> String {
        let list = |spans: &Vec<Span>| -> Vec<[String; 2]> {
            spans.iter().map(|span| [clock(span.opens), clock(span.closes)]).collect()
        };
        let mut members = Map::new();
        for (name, spans) in WEEKDAYS.iter().zip(&self.days) {
            members.insert((*name).to_owned(), json!(list(spans)));
        }
        if !self.exceptions.is_empty() {
            let dates = self.exceptions.iter().map(|(date, spans)| (date.to_string(), json!(list(spans))));
            members.insert(EXCEPTIONS.to_owned(), Value::Object(dates.collect()));
        }
        Value::Object(members).to_string()
    }

    /// Whether an outlet in `zone` is open at `now`.
    #[must_use]
    pub fn is_open(&self, now: Timestamp, zone: &Zone) -> bool {
        let today = now.date_in(zone);
        // The wall clock, also on a day with a change of the clocks: `2026-11-21T09:30:00+05:00`.
        let local = now.rfc3339_in(zone);
        let Some(at) = local.get(11..16).and_then(minute) else { return false };
        let now_in = |span: &Span| {
            if span.closes > span.opens { (span.opens..span.closes).contains(&at) } else { at >= span.opens }
        };
        let still_in = |span: &Span| span.closes <= span.opens && at < span.closes;
        self.on(today).iter().any(now_in) || self.on(today.plus_days(-1)).iter().any(still_in)
    }

    /// When an outlet in `zone` that is closed at `now` opens next, within a week.
    #[must_use]
    pub fn opens_next(&self, now: Timestamp, zone: &Zone) -> Option<Timestamp> {
        let today = now.date_in(zone);
        (0..=WEEKDAYS.len() as i32).find_map(|ahead| {
            let date = today.plus_days(ahead);
            let begins = self.on(date).iter().map(|span| instant(date, span.opens, zone));
            begins.filter(|at| *at > now && self.is_open(*at, zone)).min()
        })
    }

    fn on(&self, date: Date) -> &[Span] {
        let weekday = usize::from(date.weekday().unsigned_abs()) - 1;
        self.exceptions.get(&date).unwrap_or(&self.days[weekday])
    }
}

/// The instant of a minute of a day: the clocks may change in between.
fn instant(date: Date, at: u16, zone: &Zone) -> Timestamp {
    let steady = date.start_in(zone).plus_millis(i64::from(at) * MINUTE_MS);
    let shown = steady.rfc3339_in(zone).get(11..16).and_then(minute).unwrap_or(at);
    // Whole days apart means the clocks took it past midnight.
    let off = (i64::from(at) - i64::from(shown) + i64::from(DAY / 2)).rem_euclid(i64::from(DAY));
    steady.plus_millis((off - i64::from(DAY / 2)) * MINUTE_MS)
}

fn exceptions(at: &str, dates: &Map<String, Value>, faults: &mut Faults) -> BTreeMap<Date, Vec<Span>> {
    if dates.len() > EXCEPTIONS_MAX {
        faults.push((at.to_owned(), "at most 100 dates"));
    }
    let mut read = BTreeMap::new();
    for (date, value) in dates.iter().take(EXCEPTIONS_MAX) {
        let at = format!("{at}/{date}");
        match Date::parse(date) {
            Ok(date) => drop(read.insert(date, spans(&at, value, faults))),
            Err(_) => faults.push((at, "not a date such as 2026-11-21")),
        }
    }
    read
}

fn spans(at: &str, value: &Value, faults: &mut Faults) -> Vec<Span> {
    let Value::Array(items) = value else {
        faults.push((at.to_owned(), "a list of spans such as [[\"08:00\",\"22:00\"]]"));
        return Vec::new();
    };
    if items.len() > SPANS_MAX {
        faults.push((at.to_owned(), "at most 6 spans in a day"));
    }
    let mut spans: Vec<Span> = Vec::with_capacity(items.len().min(SPANS_MAX));
    for (index, item) in items.iter().take(SPANS_MAX).enumerate() {
        let at = format!("{at}/{index}");
        let pair = item.as_array().map(Vec::as_slice);
        let Some([Value::String(opens), Value::String(closes)]) = pair else {
            faults.push((at, "two times such as [\"08:00\",\"22:00\"]"));
            continue;
        };
        let (Some(opens), Some(closes)) = (minute(opens).filter(|&minute| minute < DAY), minute(closes))
        else {
            faults.push((at, "times from 00:00 to 23:59; a day may end at 24:00"));
            continue;
        };
        let follows = spans.last().is_none_or(|last| last.opens < last.closes && last.closes <= opens);
        if !follows {
            faults.push((at, "spans of a day follow one another; only the last may go past midnight"));
            continue;
        }
        spans.push(Span { opens, closes });
    }
    spans
}

/// `08:30` as minutes since midnight; `24:00` is the end of the day.
fn minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |part: &str| {
        (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse::<u16>().ok())
            .flatten()
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let lawful = (hours < 24 && minutes < 60) || (hours == 24 && minutes == 0);
    lawful.then_some(hours * 60 + minutes)
}

fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_and_closes_on_the_outlets_clock() {
        let hours = Hours::from_json(
            r#"{"mon":[["08:00","12:00"],["13:00","22:00"]],"fri":[["18:00","03:00"]],"sun":[["00:00","24:00"]],
                "exceptions":{"2026-12-31":[["08:00","18:00"]],"2026-11-29":[]}}"#,
        )
        .expect("lawful");
        let zone = Zone::parse("Asia/Almaty").expect("a zone");
        let rows = [
            ("2026-11-23T07:59:00+05:00", false), // Monday
            ("2026-11-23T08:00:00+05:00", true),
            ("2026-11-23T12:00:00+05:00", false),
            ("2026-11-23T21:59:59+05:00", true),
            ("2026-11-23T03:00:00Z", true),       // 08:00 in Almaty
            ("2026-11-24T10:00:00+05:00", false), // Tuesday: left out
            ("2026-11-27T23:30:00+05:00", true),  // Friday
            ("2026-11-28T02:59:00+05:00", true),  // still Friday's span
            ("2026-11-28T03:00:00+05:00", false),
            ("2026-11-22T23:59:00+05:00", true),  // Sunday
            ("2026-11-29T12:00:00+05:00", false), // a Sunday closed by exception
            ("2026-12-31T17:59:00+05:00", true),  // a Thursday open by exception
        ];
        for (at, expected) in rows {
            let now = Timestamp::parse(at).expect("a time");
            assert_eq!(hours.is_open(now, &zone), expected, "{at}");
        }
        assert_eq!(Hours::from_json(&hours.to_json()), Ok(hours));
    }

    #[test]
    fn a_closed_outlet_says_when_it_opens() {
        let hours = Hours::from_json(
            r#"{"mon":[["08:00","12:00"],["13:00","22:00"]],"fri":[["18:00","03:00"]],"sun":[["05:00","09:00"]],
                "exceptions":{"2026-11-27":[]}}"#,
        )
        .expect("lawful");
        let rows = [
            ("Asia/Almaty", "2026-11-23T07:00:00+05:00", Some("2026-11-23T08:00:00+05:00")),
            ("Asia/Almaty", "2026-11-23T12:30:00+05:00", Some("2026-11-23T13:00:00+05:00")),
            // Friday is an exception: Sunday.
            ("Asia/Almaty", "2026-11-23T22:00:00+05:00", Some("2026-11-29T05:00:00+05:00")),
            // The clocks go forward at two.
            ("Europe/Berlin", "2026-03-29T00:30:00+01:00", Some("2026-03-29T05:00:00+02:00")),
        ];
        for (zone, at, expected) in rows {
            let now = Timestamp::parse(at).expect("a time");
            let expected = expected.map(|text| Timestamp::parse(text).expect("a time"));
            assert_eq!(hours.opens_next(now, &Zone::parse(zone).expect("a zone")), expected, "{at}");
        }
        assert_eq!(Hours::default().opens_next(Timestamp::from_millis(0), &Zone::UTC), None);
    }

    #[test]
    fn every_fault_has_its_place() {
        let rows = [
            (r#"[]"#, ""),
            (r#"{"mon":"08:00-22:00"}"#, "/mon"),
            (r#"{"mon":[["08:00"]]}"#, "/mon/0"),
            (r#"{"mon":[["8:00","22:00"]]}"#, "/mon/0"),
            (r#"{"mon":[["24:00","08:00"]]}"#, "/mon/0"),
            (r#"{"mon":[["08:00","13:00"],["12:00","14:00"]]}"#, "/mon/1"),
            (r#"{"mon":[["20:00","02:00"],["22:00","23:00"]]}"#, "/mon/1"),
            (r#"{"monday":[]}"#, "/monday"),
            (r#"{"exceptions":{"2026-02-30":[]}}"#, "/exceptions/2026-02-30"),
        ];
        for (text, pointer) in rows {
            let faults = Hours::from_json(text).expect_err(text);
            assert_eq!(faults[0].0, pointer, "{text}");
        }
        assert!(Hours::every_day("08:00-22:00").is_some() && Hours::every_day("08:00").is_none());
    }
}

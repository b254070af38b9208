//! When points begin and end, by the outlet's calendar.

use loyalty::programme::{Expiry, PendingDelay};

use crate::samples::{date, time, zone};

#[test]
fn pending_points_become_spendable_at_local_midnight_or_after_hours() {
    let rows = [
        (PendingDelay::None {}, "Asia/Almaty", None),
        (PendingDelay::Hours { hours: 36 }, "Asia/Almaty", Some("2026-11-22T22:30:00Z")),
        (PendingDelay::NextBusinessDay { days: 1 }, "Asia/Almaty", Some("2026-11-21T19:00:00Z")),
        (PendingDelay::NextBusinessDay { days: 2 }, "Europe/Moscow", Some("2026-11-22T21:00:00Z")),
    ];
    for (delay, name, expected) in rows {
        // Half past two at night in Almaty on the 22nd; the bar's business day is still the 21st.
        let sold_at = time("2026-11-21T10:30:00Z");
        let got = delay.activates_at(sold_at, date("2026-11-21"), &zone(name));
        assert_eq!(got, expected.map(time), "{delay:?} in {name}");
    }
}

#[test]
fn points_are_good_through_the_end_of_a_local_day() {
    let rows = [
        (Expiry::Never {}, "2026-11-21", None),
        (Expiry::Days { days: 1 }, "2026-11-21", Some("2026-11-23T00:00:00+05:00")),
        (Expiry::Days { days: 30 }, "2026-11-21", Some("2026-12-22T00:00:00+05:00")),
        (Expiry::MonthEnd { months: 0 }, "2026-11-21", Some("2026-12-01T00:00:00+05:00")),
        (Expiry::MonthEnd { months: 1 }, "2026-11-30", Some("2027-01-01T00:00:00+05:00")),
        (Expiry::MonthEnd { months: 3 }, "2027-11-30", Some("2028-03-01T00:00:00+05:00")),
        (Expiry::YearEnd { years: 0 }, "2026-11-21", Some("2027-01-01T00:00:00+05:00")),
        (Expiry::YearEnd { years: 2 }, "2026-01-01", Some("2029-01-01T00:00:00+05:00")),
        // The country's clocks moved from UTC+6 to UTC+5 on 2024-03-01.
        (Expiry::Days { days: 1 }, "2024-02-26", Some("2024-02-28T00:00:00+06:00")),
        (Expiry::Days { days: 5 }, "2024-02-26", Some("2024-03-03T00:00:00+05:00")),
    ];
    for (expiry, from, expected) in rows {
        let got = expiry.expires_at(date(from), &zone("Asia/Almaty"));
        assert_eq!(got, expected.map(time), "{expiry:?} from {from}");
    }
}

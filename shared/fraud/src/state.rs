//! What is known of a subject: counts, who was seen with it, where it was last.

use kernel::Timestamp;
use kernel::time::HOUR_MS;
use serde::{Deserialize, Serialize};

use crate::facts::Position;
use crate::ring::SHARED_BY_MAX;
use crate::subject::Subject;
use crate::window::{Span, Window};

/// Most others that are remembered of one subject; of more the longest unseen are forgotten. One more than may share what is
/// somebody's own, so that a crowd is known for one.
pub const SEEN_MAX: usize = SHARED_BY_MAX + 1;
/// Hours in the month of a window.
const MONTH_HOURS: i64 = 30 * 24;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Measure {
    /// Receipts with a member: of the member, the outlet, the cashier, the device.
    #[serde(rename = "r")]
    Receipts,
    /// Returns of receipts that were paid with points.
    #[serde(rename = "b")]
    RefundsOfSpending,
    /// Holds of points.
    #[serde(rename = "s")]
    Spends,
    /// Holds of points by an account of a few days.
    #[serde(rename = "f")]
    FreshSpends,
    /// Members who joined.
    #[serde(rename = "j")]
    SignUps,
    /// Wrong codes.
    #[serde(rename = "w")]
    WrongCodes,
    /// Codes that were used before.
    #[serde(rename = "p")]
    ReplayedCodes,
    /// Journeys faster than by road or rail.
    #[serde(rename = "t")]
    Journeys,
    /// Friends who used the member's code.
    #[serde(rename = "i")]
    Referrals,
}

/// A subject that was seen with another, and the hour in which it was seen last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen(i64, i64);

/// Where a member's card was last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Last {
    #[serde(rename = "t")]
    pub at_ms: i64,
    #[serde(rename = "p")]
    pub position: Position,
}

/// The accounts that a member's belongs together with, as the scheduled look found them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ring {
    /// Accounts that share devices or payment tokens, this one among them.
    #[serde(rename = "m")]
    pub members: i64,
    /// Referrals from one of them to another.
    #[serde(rename = "r")]
    pub referrals: i64,
}

/// What is known of a subject.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    #[serde(rename = "w", default, skip_serializing_if = "Vec::is_empty")]
    windows: Vec<(Measure, Span, Window)>,
    /// Members of a device or a payment token; payment tokens of a member.
    #[serde(rename = "s", default, skip_serializing_if = "Vec::is_empty")]
    seen: Vec<Seen>,
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Last>,
    #[serde(rename = "g", default, skip_serializing_if = "Option::is_none")]
    pub ring: Option<Ring>,
    /// Devices of a member.
    #[serde(rename = "d", default, skip_serializing_if = "Vec::is_empty")]
    devices: Vec<Seen>,
    /// The most members that a device of a member was seen with when the member was, and that hour.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    shared: Option<Seen>,
}

impl State {
    /// Counts an event in windows of these spans; what has slid out of other windows is dropped.
    pub fn count(&mut self, measure: Measure, spans: &[Span], at: Timestamp) {
        for &span in spans {
            let known =
                self.windows.iter_mut().find(|(counted, over, _)| (*counted, *over) == (measure, span));
            if let Some((.., window)) = known {
                window.add(span, at);
            } else {
                let mut window = Window::default();
                window.add(span, at);
                self.windows.push((measure, span, window));
            }
        }
        self.windows.retain(|(_, span, window)| !window.is_over(*span, at));
    }

    /// Events in the window that ends at `at`.
    #[must_use]
    pub fn sum(&self, measure: Measure, span: Span, at: Timestamp) -> i64 {
        let known = self.windows.iter().find(|(counted, over, _)| (*counted, *over) == (measure, span));
        known.map_or(0, |(.., window)| window.sum(span, at))
    }

    /// Notes that `other` was there. True when it was not known.
    pub fn see(&mut self, other: i64, at: Timestamp) -> bool {
        see(&mut self.seen, other, at)
    }

    /// Notes a device of a member.
    pub fn see_device(&mut self, device: i64, at: Timestamp) -> bool {
        see(&mut self.devices, device, at)
    }

    /// Notes that a device of a member was seen with so many members. A crowd's device says nothing of any of them.
    pub fn share(&mut self, members: i64, at: Timestamp) {
        if members <= SHARED_BY_MAX as i64 && members >= self.shared_in_month(at) {
            self.shared = Some(Seen(members, hour(at)));
        }
    }

    /// The most members that a device of this member was seen with within a month; zero when no device is known.
    #[must_use]
    pub fn shared_in_month(&self, at: Timestamp) -> i64 {
        self.shared.filter(|shared| hour(at) - shared.1 < MONTH_HOURS).map_or(0, |shared| shared.0)
    }

    /// How many others were seen within `hours` before `at`.
    #[must_use]
    pub fn seen_within(&self, hours: i64, at: Timestamp) -> i64 {
        let hour = hour(at);
        self.seen.iter().filter(|seen| hour - seen.1 < hours).count() as i64
    }

    /// How many others were seen within a month.
    #[must_use]
    pub fn seen_in_month(&self, at: Timestamp) -> i64 {
        self.seen_within(MONTH_HOURS, at)
    }

    /// Whether more were seen within a month than share what is somebody's own: a kiosk, or an app that calls every device
    /// the same.
    #[must_use]
    pub fn is_of_crowd(&self, at: Timestamp) -> bool {
        self.seen_in_month(at) > SHARED_BY_MAX as i64
    }

    /// Whether this subject and another share a device or a payment token.
    #[must_use]
    pub fn shares_with(&self, other: &Self) -> bool {
        let common = |these: &[Seen], those: &[Seen]| {
            these.iter().any(|seen| those.iter().any(|known| known.0 == seen.0))
        };
        common(&self.seen, &other.seen) || common(&self.devices, &other.devices)
    }
}

fn see(all: &mut Vec<Seen>, other: i64, at: Timestamp) -> bool {
    let hour = hour(at);
    if let Some(seen) = all.iter_mut().find(|seen| seen.0 == other) {
        seen.1 = seen.1.max(hour);
        return false;
    }
    all.push(Seen(other, hour));
    if all.len() > SEEN_MAX
        && let Some(oldest) = (0..all.len()).min_by_key(|&index| all[index].1)
    {
        all.remove(oldest);
    }
    true
}

const fn hour(at: Timestamp) -> i64 {
    at.millis().div_euclid(HOUR_MS)
}

/// The subjects of an event with what is known of each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known(pub Vec<(Subject, State)>);

impl Known {
    /// What is known of a subject.
    #[must_use]
    pub fn of(&self, subject: &Subject) -> Option<&State> {
        self.0.iter().find(|(known, _)| known == subject).map(|(_, state)| state)
    }

    /// The same, to be changed; one of which nothing is known gets a place.
    pub fn entry(&mut self, subject: &Subject) -> &mut State {
        let place = self.0.iter().position(|(known, _)| known == subject);
        let place = place.unwrap_or_else(|| {
            self.0.push((subject.clone(), State::default()));
            self.0.len() - 1
        });
        &mut self.0[place].1
    }
}

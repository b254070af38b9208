//! Where members are at home, and were.
//!
//! A home gives the zone of boundaries and the currency in which spend counts. It follows the member: once their last
//! [`RECEIPTS_TO_MOVE`] receipts are all of one other country, their home is there. Boundaries up to the day of the move
//! stay judged at the home of before, whenever they are judged again. In a window with several homes the currency of each
//! is counted by itself, and the best counts: who moves loses nothing, and nothing is converted.

use kernel::{Currency, Date, MemberId, Timestamp, Zone};
use loyalty::programme::Programme;
use loyalty::tiers::window::Span;
use store::outlets::Outlet;
use store::tiers::homes;
use store::tiers::people::Person;
use store::{Sql, StoreError};

use crate::Moment;

/// Receipts in a row in another country that move a home.
pub const RECEIPTS_TO_MOVE: i64 = 5;

/// Where and in which money a member is at home.
#[derive(Debug, Clone)]
pub(super) struct Home {
    pub zone: Zone,
    pub currency: Currency,
}

impl Home {
    /// Of a member who may have no home yet: the programme's zone and first currency.
    pub(super) fn of(home: Option<&(String, Currency)>, rules: &Programme) -> Self {
        let zone = home.and_then(|(zone, _)| Zone::parse(zone).ok());
        let first = rules.point_values.first().map_or(Currency::Rub, |value| value.currency());
        Self {
            zone: zone.unwrap_or_else(|| rules.home_zone()),
            currency: home.map_or(first, |(_, currency)| *currency),
        }
    }
}

/// A member's home, and those before it.
#[derive(Debug, Clone)]
pub(super) struct Homes {
    pub now: Home,
    /// The last day of each home that was left, the first of them first.
    left: Vec<(Date, Home)>,
}

impl Homes {
    pub(super) fn of(person: &Person, rules: &Programme) -> Self {
        let left = person.left.iter().map(|left| {
            let home = (left.zone.clone(), left.currency);
            (left.on, Home::of(Some(&home), rules))
        });
        Self { now: Home::of(person.home.as_ref(), rules), left: left.collect() }
    }

    /// Of a member who never had another.
    pub(super) const fn only(now: Home) -> Self {
        Self { now, left: Vec::new() }
    }

    pub(super) const fn is_only(&self) -> bool {
        self.left.is_empty()
    }

    /// The home on a day.
    pub(super) fn on(&self, day: Date) -> &Home {
        self.left.iter().find(|(last, _)| day <= *last).map_or(&self.now, |(_, home)| home)
    }

    /// Currencies of the homes within a span, the last home's first. On the day of a move both are.
    pub(super) fn currencies(&self, span: Span) -> Vec<Currency> {
        let (mut found, mut end) = (Vec::new(), None);
        let before = self.left.iter().rev().map(|(on, home)| (Some(*on), home));
        let mut homes = [(None, &self.now)].into_iter().chain(before).peekable();
        while let Some((_, home)) = homes.next() {
            let begin = homes.peek().and_then(|(on, _)| *on);
            let has_begun = begin.is_none_or(|begin| begin < span.until);
            let is_over = end.zip(span.from).is_some_and(|(end, from): (Date, Date)| end < from);
            if has_begun && !is_over && !found.contains(&home.currency) {
                found.push(home.currency);
            }
            end = begin;
        }
        found
    }
}

/// When a home may move between two zones. The one takes up the story of the other where no boundary is over in one of them
/// and yet to come in the other: it would be judged twice, or taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Crossing {
    /// Now. The day is the last of the home before: whatever had begun in either zone stays its own.
    Open(Date),
    /// A month has begun in one zone only; from that time on it has in both.
    Between(Timestamp),
}

/// Whether a home may move from one zone to another now.
pub(super) fn crossing(from: &Zone, to: &Zone, now: Timestamp) -> Crossing {
    let (here, there) = (now.date_in(from), now.date_in(to));
    let later = here.max(there);
    if here.month_start() == there.month_start() {
        return Crossing::Open(later);
    }
    let month = later.month_start();
    Crossing::Between(month.start_in(from).max(month.start_in(to)))
}

/// Lets the home follow its member, after a receipt at `outlet` was recorded. Cheap to ask when the outlet is of the
/// home's country: do not then. Between two months ([`crossing`]) it stays, and follows with a later receipt.
pub(crate) fn follow(
    tx: &dyn Sql,
    member: MemberId,
    outlet: &Outlet,
    moment: &mut Moment<'_>,
) -> Result<(), StoreError> {
    let (id, now) = (moment.ids.next(moment.now), moment.now);
    let Some((_, zone)) = homes::load(tx, member)?.flatten() else { return Ok(()) };
    match crossing(&parsed(&zone)?, &outlet.zone, now) {
        Crossing::Between(_) => Ok(()),
        Crossing::Open(on) => homes::follow(tx, id, (member, outlet.id), (on, now), RECEIPTS_TO_MOVE),
    }
}

/// The zone of an outlet.
pub(super) fn parsed(zone: &str) -> Result<Zone, StoreError> {
    let unreadable = |error: kernel::ParseError| StoreError::Unreadable {
        what: "zone of an outlet",
        problem: error.to_string(),
    };
    Zone::parse(zone).map_err(unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_moves_unless_a_month_has_begun_in_one_zone_only() {
        let [almaty, moscow, tokyo, utc] = ["Asia/Almaty", "Europe/Moscow", "Asia/Tokyo", "UTC"]
            .map(|name| Zone::parse(name).expect("a zone"));
        let open = |day| Ok(day);
        let rows = [
            (&almaty, &moscow, "2026-11-30T23:59:59+05:00", open("2026-11-30")),
            (&almaty, &moscow, "2026-12-01T00:00:00+05:00", Err("2026-12-01T00:00:00+03:00")),
            (&almaty, &moscow, "2026-11-30T23:59:59+03:00", Err("2026-12-01T00:00:00+03:00")),
            (&almaty, &moscow, "2026-12-01T00:00:00+03:00", open("2026-12-01")),
            (&moscow, &almaty, "2026-11-30T23:59:59+05:00", open("2026-11-30")),
            (&moscow, &almaty, "2026-12-01T00:00:00+05:00", Err("2026-12-01T00:00:00+03:00")),
            (&moscow, &almaty, "2026-12-01T00:00:00+03:00", open("2026-12-01")),
            // Within a month the later of the two days is the last of the home before.
            (&almaty, &moscow, "2026-12-15T01:00:00+05:00", open("2026-12-15")),
            (&moscow, &almaty, "2026-12-15T01:00:00+05:00", open("2026-12-15")),
            (&moscow, &moscow, "2026-12-01T00:00:00+03:00", open("2026-12-01")),
            (&tokyo, &utc, "2027-01-01T08:00:00+09:00", Err("2027-01-01T00:00:00Z")),
        ];
        for (from, to, now, expected) in rows {
            let at = |text| Timestamp::parse(text).expect("a time");
            let expected = match expected {
                Ok(day) => Crossing::Open(Date::parse(day).expect("a day")),
                Err(until) => Crossing::Between(at(until)),
            };
            assert_eq!(crossing(from, to, at(now)), expected, "{from:?} {to:?} {now}");
        }
    }
}

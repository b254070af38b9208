//! The books as a whole: sums by plain SQL that shares nothing with the product, and every member's account, lots
//! and number of entries against the reference.

use std::collections::BTreeMap;

use anyhow::Result;
use kernel::Timestamp;
use rusqlite::Connection;

use crate::reference::{Reference, Status};
use crate::target::Target;

/// Queries that find nothing in whole books, by the invariant that they check.
const NOTHING: &[(&str, &str)] = &[
    ("L1", "select count(*) from (select 1 from postings group by entry_id, unit having sum(amount) <> 0)"),
    (
        "L2 postings",
        "select count(*) from balances b join (select 'pending' a union select 'available' union select 'held') k \
         where case k.a when 'pending' then b.pending when 'available' then b.available else b.held end <> \
         coalesce((select sum(p.amount) from entries e join postings p on p.entry_id = e.id and p.account = k.a \
         where e.member_id = b.member_id), 0)",
    ),
    (
        "L2 lots",
        "select count(*) from balances b where (b.pending, max(b.available, 0), b.held) <> \
         (select coalesce(sum(pending), 0), coalesce(sum(available), 0), coalesce(sum(held), 0) from lots l \
         where l.member_id = b.member_id)",
    ),
    (
        "L2 moves",
        "select count(*) from lots l where (l.pending, l.available, l.held) <> \
         (select coalesce(sum(case when bucket = 'pending' then amount end), 0), \
         coalesce(sum(case when bucket = 'available' then amount end), 0), \
         coalesce(sum(case when bucket = 'held' then amount end), 0) from lot_moves m where m.lot_id = l.id)",
    ),
    (
        "L5 held is what open holds reserve",
        "select count(*) from balances b where b.held <> coalesce((select sum(h.points) from holds h \
         where h.member_id = b.member_id and h.status = 'authorised'), 0)",
    ),
];

/// Day totals: receipts, money, part of it paid with points, points earned.
const DAYS: &str = "select o.code, r.business_date, count(*), sum(r.total_minor), sum(r.points_paid_minor), \
    sum(r.points_earned) from receipts r join outlets o on o.id = r.outlet_id group by o.code, r.business_date";
/// Refunds by outlet and day of the return.
const REFUNDS: &str = "select o.code, r.business_date, count(*), sum(r.refund_minor), 0, 0 \
    from returns r join outlets o on o.id = r.outlet_id group by o.code, r.business_date";
const LOTS: &str = "select pending, available, held, activates_at, expires_at from lots \
    where member_id = ?1 and pending + available + held > 0 order by id";
const ENTRIES: &str = "select count(*) from entries where member_id = ?1";
const HOLDS: &str = "select status, count(*), sum(points), sum(captured), 0, 0 from holds group by status";

/// The first difference between the reference and the product's books.
///
/// # Errors
/// When the books cannot be read.
pub fn compare(
    reference: &Reference<'_>,
    target: &mut dyn Target,
    now: Timestamp,
) -> Result<Option<(String, String)>> {
    for (invariant, query) in NOTHING {
        let broken: i64 = target.books().prepare_cached(query)?.query_row([], |row| row.get(0))?;
        if broken != 0 {
            return Ok(Some((
                format!("{invariant} holds"),
                format!("{invariant} is broken in {broken} places"),
            )));
        }
    }
    let pairs = [
        (days(reference), totals(target.books(), DAYS)?),
        (refunds(reference), totals(target.books(), REFUNDS)?),
    ];
    for (expected, found) in pairs {
        if expected != found {
            return Ok(Some(first_difference(&expected, &found)));
        }
    }
    if let Some(pair) = holds(reference, target.books())? {
        return Ok(Some(pair));
    }
    let joined = (0..reference.members.len()).filter(|&member| reference.members[member].joined);
    for member in joined {
        let expected = (reference.account(member, now).map_err(str::to_owned), lots(reference, member));
        let expected = (expected, reference.members[member].wallet.log.len() as i64);
        let stored = stored_lots(target.books(), target.member_id(member))?;
        let entries: i64 = target
            .books()
            .prepare_cached(ENTRIES)?
            .query_row([target.member_id(member)], |row| row.get(0))?;
        let found = ((target.account(member, now)?, stored), entries);
        if expected != found {
            return Ok(Some((
                format!("member {member}: {expected:#?}"),
                format!("member {member}: {found:#?}"),
            )));
        }
    }
    Ok(None)
}

type Totals = BTreeMap<(String, String), [i64; 4]>;

fn days(reference: &Reference<'_>) -> Totals {
    let mut totals = Totals::new();
    for receipt in &reference.receipts {
        let outlet = reference.world.outlets[receipt.sale.outlet].code;
        let key = (outlet.to_owned(), receipt.sale.business_date.to_string());
        add(totals.entry(key).or_default(), [1, receipt.total(), receipt.paid_with_points(), receipt.earned]);
    }
    totals
}

fn refunds(reference: &Reference<'_>) -> Totals {
    let mut totals = Totals::new();
    for record in &reference.returns {
        let outlet = reference.world.outlets[record.sent.outlet].code;
        let key = (outlet.to_owned(), record.sent.business_date.to_string());
        add(totals.entry(key).or_default(), [1, record.refund, 0, 0]);
    }
    totals
}

fn add(to: &mut [i64; 4], more: [i64; 4]) {
    for (to, more) in to.iter_mut().zip(more) {
        *to += more;
    }
}

fn totals(books: &Connection, query: &str) -> Result<Totals> {
    let mut statement = books.prepare_cached(query)?;
    let rows = statement.query_map([], |row| {
        Ok(((row.get(0)?, row.get(1)?), [row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?]))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn first_difference(expected: &Totals, found: &Totals) -> (String, String) {
    let key = expected.keys().chain(found.keys()).find(|key| expected.get(*key) != found.get(*key));
    let of = |totals: &Totals| format!("{key:?}: {:?}", key.and_then(|key| totals.get(key)));
    (of(expected), of(found))
}

fn holds(reference: &Reference<'_>, books: &Connection) -> Result<Option<(String, String)>> {
    let mut expected: BTreeMap<String, [i64; 3]> = BTreeMap::new();
    for hold in &reference.holds {
        let sums = expected.entry(hold.status.code().to_owned()).or_default();
        let captured = if hold.status == Status::Captured { hold.captured } else { 0 };
        for (to, more) in sums.iter_mut().zip([1, hold.points, captured]) {
            *to += more;
        }
    }
    let mut statement = books.prepare_cached(HOLDS)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, [row.get(1)?, row.get(2)?, row.get(3)?])))?;
    let found: BTreeMap<String, [i64; 3]> = rows.collect::<Result<_, _>>()?;
    Ok((expected != found).then(|| (format!("holds {expected:?}"), format!("holds {found:?}"))))
}

/// A lot's buckets and times.
type LotRow = (i64, i64, i64, Option<i64>, Option<i64>);

fn lots(reference: &Reference<'_>, member: usize) -> Vec<LotRow> {
    let mut lots = reference.members[member].wallet.lots.clone();
    lots.sort_by_key(|lot| lot.born);
    let row = |lot: &crate::reference::Lot| {
        let (activates, expires) =
            (lot.activates_at.map(Timestamp::millis), lot.expires_at.map(Timestamp::millis));
        (lot.pending, lot.available, lot.held, activates, expires)
    };
    lots.iter().map(row).collect()
}

fn stored_lots(books: &Connection, member: i64) -> Result<Vec<LotRow>> {
    let mut statement = books.prepare_cached(LOTS)?;
    let rows = statement
        .query_map([member], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

//! The last day: points held, spent, released, given back.

use anyhow::{Context as _, Result, bail};
use club::Moment;
use club::guest::Named;
use club::hold::{self, NewHold};
use club::returning::{self, NewReturnOf, Recorded};
use kernel::{Date, Money, Points, Timestamp};
use ledger::error::Refusal as LedgerRefusal;
use rusqlite::Connection;
use web::till_reply;

use crate::generate::Shares;
use crate::generate::sales::{self, Draft, REPORTED_AFTER_MS, Till};

/// Points that a guest asks to spend, and leaves unspent.
const ASKED: [&str; 4] = ["1", "10", "25", "60"];
/// Events in one transaction.
const CHUNK: usize = 5_000;

/// Records `drafts` as sales, those of guests paid in part with points, then leaves some holds open, releases some,
/// and takes some goods back.
///
/// # Errors
/// When the product refuses what the plan allows.
pub fn write(
    mut till: Till<'_>,
    connection: &Connection,
    drafts: &[Draft],
    receipts: usize,
    shares: &Shares,
    numbers: &mut [u32],
) -> Result<()> {
    let (open, released) = (receipts * shares.open_holds / 1_000, receipts * shares.released_holds / 1_000);
    let (mut opened, mut given_back) = (0, 0);
    connection.execute_batch("begin immediate")?;
    for (index, draft) in drafts.iter().enumerate() {
        if index % CHUNK == CHUNK - 1 {
            connection.execute_batch("commit; begin immediate")?;
        }
        if opened < open && authorise(&mut till, draft, index)?.is_some() {
            opened += 1;
            continue_plain(&mut till, draft, numbers)?;
            continue;
        }
        if given_back < released
            && let Some((hold, _)) = authorise(&mut till, draft, index)?
        {
            let outlet = &till.places[draft.place].outlet;
            let now = Timestamp::from_millis(draft.sold_at_ms).plus_millis(REPORTED_AFTER_MS);
            hold::release(till.sql, outlet, hold, &mut Moment { now, ids: till.ids })?;
            given_back += 1;
            continue_plain(&mut till, draft, numbers)?;
            continue;
        }
        let points = authorise(&mut till, draft, index)?;
        numbers[draft.place] += 1;
        till.record(draft, numbers[draft.place].to_string(), points)?;
    }
    connection.execute_batch("commit")?;
    returns(&mut till, connection, receipts * shares.returns / 1_000)
}

fn continue_plain(till: &mut Till<'_>, draft: &Draft, numbers: &mut [u32]) -> Result<()> {
    numbers[draft.place] += 1;
    till.record(draft, numbers[draft.place].to_string(), None)
}

/// Holds points for a drawn sale; `None` for an anonymous one, and where the guest has too few.
fn authorise(till: &mut Till<'_>, draft: &Draft, index: usize) -> Result<Option<(kernel::HoldId, Money)>> {
    let Some(guest) = draft.guest else { return Ok(None) };
    let outlet = &till.places[draft.place].outlet;
    let new = NewHold {
        named: Named::Card(sales::card_text(till.guests[guest].card)),
        points: Some(Points::parse(ASKED[index % ASKED.len()])?),
        receipt_total: till.total(draft),
    };
    let now = Timestamp::from_millis(draft.sold_at_ms);
    let prepared = hold::prepare(till.sql, outlet, &new, &sales::no_secrets, now);
    let mut moment = Moment { now, ids: till.ids };
    match hold::authorise(till.sql, outlet, &new, prepared, &sales::no_secrets, &mut moment) {
        Ok(standing) => {
            let value = Money::new(standing.hold.value_minor, standing.hold.currency);
            Ok(Some((standing.hold.hold.id, value)))
        }
        Err(club::Refusal::Ledger(LedgerRefusal::InsufficientPoints { .. }) | club::Refusal::Loyalty(_)) => {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Takes receipts back, every second one in full and the others by one piece of the first line.
fn returns(till: &mut Till<'_>, connection: &Connection, count: usize) -> Result<()> {
    let total = crate::state::integer(connection, "select count(*) from receipts")?;
    let every = (total / (count.max(1) as i64)).max(1);
    let mut picked = connection.prepare(
        "select o.id, r.business_date, r.number, r.sold_at, l.line_no, row_number() over (order by r.id) as n \
         from receipts r join outlets o on o.id = r.outlet_id \
         join receipt_lines l on l.receipt_id = r.id and l.line_no = 1 where r.id % ?1 = 0 limit ?2",
    )?;
    type Picked = (i64, String, String, i64, u32, i64);
    let rows: Vec<Picked> = picked
        .query_map((every, count as i64), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
        })?
        .collect::<Result<_, _>>()?;
    connection.execute_batch("begin immediate")?;
    for (outlet_id, date, number, sold_at_ms, line_no, position) in rows {
        let place = till.places.iter().find(|place| place.outlet.id.raw() == outlet_id);
        let outlet = &place.context("a receipt of a generated outlet")?.outlet;
        let returned_at = Timestamp::from_millis(sold_at_ms).plus_millis(kernel::time::HOUR_MS);
        let one = kernel::Quantity::from_thousandths(1_000);
        let new = NewReturnOf {
            business_date: returned_at.date_in(&outlet.zone),
            number: format!("return-{position}"),
            staff_code: None,
            returned_at,
            receipt: (outlet.code.clone(), Date::parse(&date)?, number),
            lines: (position % 2 == 0).then(|| vec![(line_no, one)]),
            request_hash: position.to_be_bytes().repeat(4),
        };
        let mut moment = Moment { now: returned_at.plus_millis(REPORTED_AFTER_MS), ids: till.ids };
        let recorded = returning::record(till.sql, outlet, &new, &mut moment, |outcome| {
            till_reply::text(&till_reply::returned(outcome, &new, outlet))
        });
        match recorded {
            Ok(Recorded::New { .. }) => {}
            other => bail!("return {position}: {other:?}"),
        }
    }
    connection.execute_batch("commit")?;
    Ok(())
}

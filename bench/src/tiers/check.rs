//! What one statement over all receipts says, and receipts that come late.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result, ensure};
use kernel::{Timestamp, Zone};
use loyalty::programme::Programme;
use rusqlite::Connection;

/// Every receipt and every return of a quarter, summed per member: no index, no slice, no stored judgement. The
/// quarter begins and ends at the midnights of each zone, which stand in a temporary table.
const SPENT: &str = "select m.id, m.brand, m.tier, o.currency, 0, \
     coalesce(sum(case when r.currency = o.currency then r.total_minor - r.points_paid_minor \
     - coalesce((select sum(t.refund_minor) from returns t where t.receipt_id = r.id), 0) else 0 end), 0) \
     from members m left join outlets o on o.id = m.home_outlet_id \
     left join quarter q on q.zone = o.zone \
     left join receipts r on r.member_id = m.id and r.sold_at >= q.from_at and r.sold_at < q.until_at \
     where m.status <> 'erased' group by m.id";

/// What is in the window, whatever its zone.
pub struct Window {
    pub members: i64,
    pub receipts: i64,
    pub of_members: i64,
}

/// Noon of the first day after the quarter of `at`: it has begun in every zone.
///
/// # Errors
/// Never: the zone exists.
pub fn after_quarter(at: Timestamp) -> Result<Timestamp> {
    let start = loyalty::tiers::rules::Window::CalendarQuarter {}.period_start(at.date_in(&Zone::UTC));
    Ok(start.plus_months(3).start_in(&Zone::UTC).plus_millis(12 * kernel::time::HOUR_MS))
}

/// Counts members and receipts of the quarter of `at`.
///
/// # Errors
/// When the database refuses.
pub fn window(connection: &Connection, at: Timestamp) -> Result<Window> {
    let start = loyalty::tiers::rules::Window::CalendarQuarter {}.period_start(at.date_in(&Zone::UTC));
    let range = (start.start_in(&Zone::UTC).millis(), after_quarter(at)?.millis());
    let members = connection.query_row("select count(*) from members", [], |row| row.get(0))?;
    let counted =
        "select count(*), sum(member_id is not null) from receipts where sold_at >= ?1 and sold_at < ?2";
    let (receipts, of_members) =
        connection.query_row(counted, range, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(Window { members, receipts, of_members })
}

/// Compares every member's tier with what their receipts of the quarter of `at` say.
///
/// # Errors
/// When one differs.
pub fn tiers(connection: &Connection, at: Timestamp) -> Result<()> {
    let start = loyalty::tiers::rules::Window::CalendarQuarter {}.period_start(at.date_in(&Zone::UTC));
    connection.execute_batch(
        "create temp table if not exists quarter (zone text primary key, from_at integer, until_at integer)",
    )?;
    let mut zones = connection.prepare("select distinct zone from outlets")?;
    let names: Vec<String> = zones.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for name in names {
        let zone = Zone::parse(&name)?;
        let range = (&name, start.start_in(&zone).millis(), start.plus_months(3).start_in(&zone).millis());
        connection.execute("insert or replace into quarter values (?1, ?2, ?3)", range)?;
    }
    let mut rules: HashMap<String, Programme> = HashMap::new();
    let mut versions = connection.prepare("select brand, rules from programme_versions order by version")?;
    let mut rows = versions.query([])?;
    while let Some(row) = rows.next()? {
        rules.insert(row.get(0)?, serde_json::from_str(&row.get::<_, String>(1)?)?);
    }
    let (mut members, mut differ) = (0, 0);
    let mut statement = connection.prepare(SPENT)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (brand, tier): (String, String) = (row.get(1)?, row.get(2)?);
        let (currency, spent): (Option<String>, i64) = (row.get(3)?, row.get(5)?);
        let programme = rules.get(&brand).context("a programme")?;
        let reached = programme.tiers.iter().rev().find(|tier| {
            let mut thresholds = tier.monthly_spend.iter();
            thresholds
                .any(|least| Some(least.currency().code()) == currency.as_deref() && least.minor() <= spent)
        });
        let expected = reached.or(programme.tiers.first()).context("a tier")?;
        members += 1;
        differ += u64::from(expected.code != tier);
    }
    ensure!(differ == 0, "{differ} of {members} members have another tier than their receipts say");
    Ok(())
}

/// Records receipts like some of the last ones again, sold at the same times under other numbers, until `stop`.
///
/// # Errors
/// When the database refuses.
pub fn record_late(path: &Path, count: u32, stop: &AtomicBool) -> Result<u32> {
    let connection = super::second(path)?;
    let first: i64 = connection.query_row("select min(id) from receipts", [], |row| row.get(0))?;
    let last: i64 = connection.query_row("select max(id) from receipts", [], |row| row.get(0))?;
    let step = (last - first) / i64::from(count.max(1));
    let mut recorded = 0;
    for index in 0..count {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let like = first + step * i64::from(index);
        let new_id = last + 1 + i64::from(index);
        recorded += connection.execute(
            "insert into receipts (id, outlet_id, business_date, number, request_hash, sold_at, recorded_at, member_id, \
             card_number, identified_by, staff_code, channel, currency, list_minor, total_minor, points_paid_minor, \
             points_paid, points_earned, programme_version_id, hold_id, reply) select ?2, outlet_id, business_date, \
             'late-' || ?2, request_hash, sold_at, recorded_at, member_id, card_number, identified_by, staff_code, \
             channel, currency, list_minor, 20 * total_minor, points_paid_minor, points_paid, points_earned, \
             programme_version_id, null, reply from receipts where id >= ?1 and member_id is not null order by id limit 1",
            (like, new_id),
        )? as u32;
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    Ok(recorded)
}

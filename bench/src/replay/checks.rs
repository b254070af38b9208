//! Whether the database holds what the mapping promises and what the files say.

use std::collections::{BTreeMap, HashMap};

use anyhow::Result;
use kernel::{Currency, MemberId, Money, Points, Rate};
use rusqlite::{Connection, OptionalExtension as _};

use crate::replay::mapping::Mapping;
use crate::replay::prepare::Chain;
use crate::replay::sales::Sales;
use crate::state;

/// Expectations met and missed.
#[derive(Debug, Default)]
pub struct Report {
    pub met: usize,
    pub missed: usize,
}

impl Report {
    /// Compares and prints one line.
    pub fn expect(&mut self, what: &str, expected: &str, found: &str) {
        if expected == found {
            self.met += 1;
            println!("  ok     {what}: {found}");
        } else {
            self.missed += 1;
            println!("  WRONG  {what}: expected {expected}, found {found}");
        }
    }

    fn integers(&mut self, what: &str, expected: i64, found: i64) {
        self.expect(what, &expected.to_string(), &found.to_string());
    }
}

/// Looks into the database.
struct Books<'c> {
    connection: &'c Connection,
    currency: Currency,
}

impl Books<'_> {
    fn count(&self, sql: &str) -> Result<i64> {
        state::integer(self.connection, sql)
    }

    fn money(&self, sql: &str) -> Result<String> {
        Ok(Money::new(self.count(sql)?, self.currency).amount())
    }

    /// Text keys and integers.
    fn groups(&self, sql: &str) -> Result<BTreeMap<String, i64>> {
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// What the mapping says about the whole file.
///
/// # Errors
/// When a query fails.
pub fn totals(mapping: &Mapping, connection: &Connection, report: &mut Report) -> Result<()> {
    let books = Books { connection, currency: Currency::parse(&mapping.chain.currency)? };
    let expect = &mapping.expect;
    report.integers("receipts", expect.receipts, books.count("select count(*) from receipts")?);
    report.integers("lines", expect.lines, books.count("select count(*) from receipt_lines")?);
    report.expect("total", &expect.total, &books.money("select sum(total_minor) from receipts")?);
    if let Some(members) = &expect.members {
        let with_member = "from receipts where member_id is not null";
        report.integers(
            "member receipts",
            members.receipts,
            books.count(&format!("select count(*) {with_member}"))?,
        );
        report.expect(
            "member receipts' total",
            &members.total,
            &books.money(&format!("select sum(total_minor) {with_member}"))?,
        );
        report.integers(
            "members who bought",
            members.distinct,
            books.count(&format!("select count(distinct member_id) {with_member}"))?,
        );
        let top = "select m.external_code || ' ' || sum(r.total_minor) from receipts r \
             join members m on m.id = r.member_id group by m.id order by sum(r.total_minor) desc limit 1";
        let top: String = connection.query_row(top, [], |row| row.get(0)).optional()?.unwrap_or_default();
        let expected = Money::parse(&members.top_total, books.currency)?.minor();
        report.expect(
            "top member and what they spent, minor units",
            &format!("{} {expected}", members.top),
            &top,
        );
    }
    let joined = "from receipts r join outlets o on o.id = r.outlet_id";
    let outlets = books.groups(&format!("select o.code, sum(r.total_minor) {joined} group by o.code"))?;
    compare_money(report, &books, "outlet", &expect.outlets, &outlets);
    let lines = books.groups(&format!(
        "select o.code, count(*) {joined} join receipt_lines l on l.receipt_id = r.id group by o.code"
    ))?;
    for (code, expected) in &expect.outlet_lines {
        report.integers(&format!("lines of outlet {code}"), *expected, lines.get(code).copied().unwrap_or(0));
    }
    let categories =
        books.groups("select category, sum(amount_minor) from receipt_lines group by category")?;
    compare_money(report, &books, "category", &expect.categories, &categories);
    let staff = books.groups(
        "select staff_code, sum(total_minor) from receipts where staff_code is not null group by staff_code",
    )?;
    compare_money(report, &books, "staff", &expect.staff, &staff);
    let months = books.groups(&format!(
        "select strftime('%Y-%m', business_date, '{} days'), sum(total_minor) from receipts group by 1",
        -mapping.chain.shift_days
    ))?;
    compare_money(report, &books, "month", &expect.months, &months);
    let quantities =
        books.groups("select cast(quantity / 1000 as text), count(*) from receipt_lines group by 1")?;
    for (quantity, expected) in &expect.quantities {
        let found = quantities.get(quantity).copied().unwrap_or(0);
        report.integers(&format!("lines of {quantity}"), *expected, found);
    }
    Ok(())
}

fn compare_money(
    report: &mut Report,
    books: &Books<'_>,
    what: &str,
    expected: &BTreeMap<String, String>,
    found: &BTreeMap<String, i64>,
) {
    for (key, expected) in expected {
        let found = Money::new(found.get(key).copied().unwrap_or(0), books.currency).amount();
        report.expect(&format!("{what} {key}"), expected, &found);
    }
}

/// What the file's rows come to, computed here and compared member by member, outlet by outlet.
///
/// # Errors
/// When a query fails, or an amount overflows.
pub fn against_file(
    mapping: &Mapping,
    chain: &Chain,
    sales: &Sales,
    connection: &Connection,
    report: &mut Report,
) -> Result<()> {
    let books = Books { connection, currency: Currency::parse(&mapping.chain.currency)? };
    report.integers(
        "receipts of the file",
        sales.receipts.len() as i64,
        books.count("select count(*) from receipts")?,
    );
    report.integers("lines of the file", sales.lines, books.count("select count(*) from receipt_lines")?);
    let mut outlets: BTreeMap<String, i64> = BTreeMap::new();
    let mut spent: HashMap<MemberId, i64> = HashMap::new();
    let mut points: HashMap<MemberId, i64> = HashMap::new();
    let rate = Rate::parse(&mapping.chain.earn_rate)?;
    for receipt in &sales.receipts {
        *outlets.entry(receipt.outlet.clone()).or_default() += receipt.total_minor();
        let Some(&member) = receipt.member.as_ref().and_then(|code| chain.members.get(code)) else {
            continue;
        };
        *spent.entry(member).or_default() += receipt.total_minor();
        // A point is worth one unit of the currency, so hundredths of a point count as minor units do.
        let base: i64 = receipt.lines.iter().filter(|line| !line.promo).map(|line| line.amount.minor()).sum();
        *points.entry(member).or_default() += rate.of_floor(base)?;
    }
    let found = books.groups(
        "select o.code, sum(r.total_minor) from receipts r join outlets o on o.id = r.outlet_id group by o.code",
    )?;
    report.expect("outlets' totals as in the file", &format!("{outlets:?}"), &format!("{found:?}"));
    let found = by_member(
        connection,
        "select member_id, sum(total_minor) from receipts where member_id is not null group by 1",
    )?;
    report.integers("members whose spending differs from the file", 0, differing(&spent, &found));
    let found = by_member(connection, "select member_id, available from balances where available <> 0")?;
    report.integers("members whose points differ from the rule", 0, differing(&points, &found));
    let total = Points::from_hundredths(points.values().sum());
    let credited = Points::from_hundredths(books.count("select sum(points_earned) from receipts")?);
    report.expect("points credited", &total.to_string(), &credited.to_string());
    let to_guests = "select count(*) from receipts r where r.member_id is null and (r.points_earned <> 0 or exists \
         (select 1 from entries e where e.receipt_id = r.id))";
    report.integers("anonymous receipts credited to anybody", 0, books.count(to_guests)?);
    Ok(())
}

fn by_member(connection: &Connection, sql: &str) -> Result<HashMap<MemberId, i64>> {
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| Ok((MemberId::from_raw(row.get(0)?), row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Members whose figure is not the same on both sides; nothing and zero are the same.
fn differing(expected: &HashMap<MemberId, i64>, found: &HashMap<MemberId, i64>) -> i64 {
    let one_way = |a: &HashMap<MemberId, i64>, b: &HashMap<MemberId, i64>| {
        a.iter().filter(|(member, value)| **value != b.get(member).copied().unwrap_or(0)).count()
    };
    let missing =
        found.iter().filter(|(member, value)| **value != 0 && !expected.contains_key(member)).count();
    (one_way(expected, found) + missing) as i64
}

/// Everything that a second pass must leave as it is: rows of every table, and sums over what is owed.
///
/// # Errors
/// When a query fails.
pub fn snapshot(connection: &Connection) -> Result<BTreeMap<String, i64>> {
    let mut figures = BTreeMap::new();
    let mut tables = connection
        .prepare("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'")?;
    let names: Vec<String> = tables.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for name in names {
        let rows = state::integer(connection, &format!("select count(*) from \"{name}\""))?;
        figures.insert(format!("rows of {name}"), rows);
    }
    let sums = [
        ("balances", "select sum(available) + 3 * sum(pending) + 7 * sum(held) from balances"),
        ("lots", "select sum(granted) + 3 * sum(pending) + 7 * sum(available) + 11 * sum(held) from lots"),
        ("postings", "select sum(abs(amount)) from postings"),
        ("moves of lots", "select sum(abs(amount)) from lot_moves"),
        ("receipts", "select sum(total_minor) + 3 * sum(points_earned) + 7 * sum(points_paid) from receipts"),
        ("points by member", "select sum(available * (member_id % 1000003)) from balances"),
    ];
    for (name, sql) in sums {
        figures.insert(format!("sum over {name}"), state::integer(connection, sql)?);
    }
    Ok(figures)
}

/// Compares two snapshots and prints what differs.
pub fn unchanged(before: &BTreeMap<String, i64>, after: &BTreeMap<String, i64>, report: &mut Report) {
    let differing = before.iter().filter(|(name, value)| after.get(*name) != Some(*value));
    for (name, value) in differing {
        report.expect(name, &value.to_string(), &format!("{:?}", after.get(name)));
    }
    let figures = before.len();
    if before == after {
        report.met += 1;
        println!(
            "  ok     posting everything again changed none of {figures} figures (rows of every table, sums of the books)"
        );
    }
}

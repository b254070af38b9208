//! The real month: items per receipt by staff and by outlet, through the counters, against SQL over the file itself.

use std::collections::BTreeMap;
use std::path::PathBuf;

use kernel::{Date, OutletId, Timestamp};
use merit::metric::Metric;
use merit::number::Fraction;
use store::kpi::counters::{self, Tally, Whose};
use store::transaction::transaction;

use crate::world::{BRAND, Ring, World, at, day};

/// Outlets of the month.
const OUTLETS: [i64; 3] = [3, 5, 8];

/// One line of the file.
struct FileLine {
    receipt: (String, i64, i64),
    staff: String,
    sold_at: Timestamp,
    product: i64,
    quantity: i64,
    amount_minor: i64,
}

/// The file, where there is one.
#[expect(clippy::disallowed_methods, reason = "a native test finds its data by the environment")]
fn file() -> Option<PathBuf> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let data = std::env::var("CREMA_DATA").unwrap_or_else(|_| format!("{root}/../shared/data"));
    let path = PathBuf::from(data).join("ibm_coffee_shop_2019/sales_receipts_201904.csv.gz");
    path.exists().then_some(path)
}

fn read(path: &PathBuf) -> Vec<FileLine> {
    let file = std::fs::File::open(path).expect("the file");
    let mut reader = csv::Reader::from_reader(flate2::read::GzDecoder::new(file));
    let field = |record: &csv::StringRecord, index: usize| record[index].to_owned();
    reader
        .records()
        .map(|record| {
            let record = record.expect("a row");
            let number = |index: usize| record[index].parse::<i64>().expect("a number");
            let (whole, cents) = record[11].split_once('.').expect("a decimal");
            let date = field(&record, 1);
            FileLine {
                sold_at: at(&format!("{date}T{}Z", &record[2])),
                receipt: (date, number(3), number(0)),
                staff: field(&record, 4),
                product: number(9),
                quantity: number(10),
                amount_minor: whole.parse::<i64>().expect("units") * 100
                    + cents.parse::<i64>().expect("cents"),
            }
        })
        .collect()
}

/// What SQL over the file says: outlet, staff, pieces, receipts.
fn by_sql(lines: &[FileLine]) -> Vec<(i64, String, i64, i64)> {
    let db = rusqlite::Connection::open_in_memory().expect("a database");
    db.execute_batch(
        "create table f (day text, outlet integer, number integer, staff text, quantity integer); begin",
    )
    .expect("a table");
    let mut insert = db.prepare("insert into f values (?1, ?2, ?3, ?4, ?5)").expect("prepares");
    for line in lines {
        let (day, outlet, number) = &line.receipt;
        insert.execute(rusqlite::params![day, outlet, number, line.staff, line.quantity]).expect("a row");
    }
    let mut select = db
        .prepare(
            "select outlet, staff, sum(quantity), count(distinct day || '/' || number) from f \
             group by outlet, staff order by outlet, staff",
        )
        .expect("prepares");
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)));
    rows.expect("reads").map(|row| row.expect("a row")).collect()
}

fn world() -> World {
    let world = World::new(0, 0);
    for outlet in OUTLETS {
        world.run(&format!(
            "insert into outlets (id, code, brand, franchisee_id, name, country, currency, zone, city, address, hours, \
             languages, status, created_at, changed_at) values ({outlet}, '{outlet}', 'crema', 1, 'Outlet', 'US', 'RUB', \
             'UTC', 'New York', 'Street', '{{}}', 'en', 'open', 0, 0)"
        ));
    }
    world
}

fn items_per_receipt(tallies: &[Tally]) -> BTreeMap<(OutletId, String), Fraction> {
    tallies
        .iter()
        .map(|tally| {
            let facts = merit::facts::Facts {
                receipts: tally.receipts,
                items: tally.items,
                ..merit::facts::Facts::default()
            };
            let value = Metric::ItemsPerReceipt {}.value(&facts).expect("receipts");
            ((tally.outlet, tally.staff.clone()), value)
        })
        .collect()
}

#[test]
fn items_per_receipt_of_the_real_month_are_what_sql_over_the_file_says() {
    let Some(path) = file() else {
        eprintln!("SKIPPED: no IBM month; set CREMA_DATA to the data folder");
        return;
    };
    let lines = read(&path);
    assert_eq!(lines.len(), 49_894);
    let mut receipts: BTreeMap<(String, i64, i64), Vec<&FileLine>> = BTreeMap::new();
    for line in &lines {
        receipts.entry(line.receipt.clone()).or_default().push(line);
    }
    assert_eq!(receipts.len(), 39_271);
    let mut world = world();
    record(&mut world, &receipts);

    let (from, until) = (day("2019-04-01"), day("2019-05-01"));
    let people = counters::list(&world.sql, Whose::People(BRAND), from, until).expect("reads");
    let outlets = counters::list(&world.sql, Whose::Outlets(BRAND), from, until).expect("reads");
    let of_people = items_per_receipt(&people);
    let expected = by_sql(&lines);
    assert_eq!(of_people.len(), expected.len());
    let mut totals: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for (outlet, staff, pieces, count) in expected {
        let value = of_people[&(OutletId::from_raw(outlet), staff.clone())];
        let by_file = Fraction::new(i128::from(pieces), i128::from(count)).expect("receipts");
        assert_eq!(value, by_file, "{staff} at {outlet}");
        let total = totals.entry(outlet).or_default();
        *total = (total.0 + pieces, total.1 + count);
    }
    let of_outlets = items_per_receipt(&outlets);
    for (outlet, (pieces, count)) in totals {
        let value = of_outlets[&(OutletId::from_raw(outlet), String::new())];
        assert_eq!(value, Fraction::new(i128::from(pieces), i128::from(count)).expect("receipts"));
    }
    let revenue: i64 = outlets.iter().map(|tally| tally.revenue_minor).sum();
    assert_eq!(revenue, 23_363_595, "the file's published total");
    world.assert_counted();
}

/// Records every receipt as its till would have: by the use case where it is the first day, by what the use case writes
/// for the rest, which is many times faster and passes the same triggers.
fn record(world: &mut World, receipts: &BTreeMap<(String, i64, i64), Vec<&FileLine>>) {
    let categories: Vec<String> = (0..100).map(|product| format!("p{}", product / 10)).collect();
    let mut rest = Vec::new();
    for ((date, outlet, number), lines) in receipts {
        let business_day = day(date);
        if date == "2019-04-01" {
            let ring = Ring {
                outlet: *outlet,
                staff: Some(&lines[0].staff),
                guest: None,
                sold_at: lines[0].sold_at,
                now: lines[0].sold_at,
                lines: lines
                    .iter()
                    .map(|line| {
                        let category = categories[usize::try_from(line.product).expect("a product")].as_str();
                        (category, line.quantity * 1_000, line.amount_minor)
                    })
                    .collect(),
            };
            world.ring_as(&ring, &number.to_string(), business_day).expect("taken");
        } else {
            rest.push((business_day, *outlet, *number, lines));
        }
    }
    // One after another, whatever order the receipts were sold in.
    let mut ids = kernel::IdSource::new(99);
    transaction(&world.sql, |tx| {
        for (day, outlet, number, lines) in rest {
            store::receipts::insert(tx, &row(&mut ids, day, outlet, number, lines))?;
        }
        Ok::<_, store::StoreError>(())
    })
    .expect("recorded");
}

fn row(
    ids: &mut kernel::IdSource,
    business_date: Date,
    outlet: i64,
    number: i64,
    lines: &[&FileLine],
) -> store::receipts::NewReceipt {
    let line = |(index, line): (usize, &&FileLine)| store::receipts::NewLine {
        line_no: index as i64 + 1,
        product_code: line.product.to_string(),
        name: line.product.to_string(),
        category: format!("p{}", line.product / 10),
        is_fractional: false,
        quantity: kernel::Quantity::from_thousandths(line.quantity * 1_000),
        unit_price_minor: line.amount_minor / line.quantity,
        discount_minor: 0,
        amount_minor: line.amount_minor,
        points_paid_minor: 0,
        points_paid: kernel::Points::ZERO,
        points_earned: kernel::Points::ZERO,
    };
    store::receipts::NewReceipt {
        id: kernel::ReceiptId::new(ids, at("2026-12-01T00:00:00Z")),
        outlet: OutletId::from_raw(outlet),
        business_date,
        number: number.to_string(),
        request_hash: vec![0],
        sold_at: lines[0].sold_at,
        recorded_at: lines[0].sold_at,
        member: None,
        card_number: None,
        identified_by: "none",
        staff_code: Some(lines[0].staff.clone()),
        channel: "counter",
        currency: kernel::Currency::Rub,
        programme_version: None,
        hold: None,
        reply: "{}".to_owned(),
        lines: lines.iter().enumerate().map(line).collect(),
        payments: Vec::new(),
    }
}

//! `bench generate`: a database of the size that the chain has, from one seed.
//!
//! A month of plain sales, then a last day on which points are held, spent, released and given back. Everything that
//! moves points is recorded by the product's own use cases over a connection that does not sync; the secondary
//! indexes are put aside meanwhile, and the ledger's invariants are checked at the end.
//!
//! Reading order: [`plan`], [`members`], [`sales`], [`events`].

mod events;
mod members;
pub mod plan;
pub mod sales;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::civil;
use jiff::tz::TimeZone;
use kernel::Timestamp;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rusqlite::Connection;
use store::native::NativeSql;

use crate::audit;
use crate::chain::{ChainWriter, OutletRow};
use crate::generate::sales::{Place, Till};
use crate::load::fixture::{self, Fixture, TillFixture};
use crate::state;

/// Arguments of `bench generate`.
#[derive(Debug, clap::Args)]
pub struct GenerateArgs {
    #[arg(long, default_value_t = 430_000)]
    pub members: usize,
    #[arg(long, default_value_t = 1_500_000)]
    pub receipts: usize,
    /// Days that the receipts are spread over, the last one with everything that can happen to points.
    #[arg(long, default_value_t = 30)]
    pub days: usize,
    /// The last day [default: yesterday]
    #[arg(long)]
    pub until: Option<civil::Date>,
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// State directory to make; what is there is removed.
    #[arg(long, default_value = "target/bench/data")]
    pub out: PathBuf,
}

/// Of a thousand receipts, the share sold on the last day in each of these ways; the rest is plain.
pub struct Shares {
    pub redemptions: usize,
    pub open_holds: usize,
    pub released_holds: usize,
    pub returns: usize,
}

const SHARES: Shares = Shares { redemptions: 12, open_holds: 1, released_holds: 1, returns: 5 };
/// Members with an access token in the fixture.
const SESSIONS: usize = 20_000;
/// What such a member has at least, hundredths of a point: a run of `load` spends one point after another.
const SESSION_POINTS_MIN: i64 = 5_000;
/// For how long the database can be driven after it was made.
const SESSION_DAYS: i64 = 365;
/// The programme is as old as its oldest members.
const PROGRAMME_DAYS: i64 = 400;

/// While loading: nothing is synced, and the file fits into memory.
const LOADING: &str = "pragma journal_mode = memory; pragma synchronous = off; pragma cache_size = -1000000; \
     pragma foreign_keys = off; pragma temp_store = memory;";
const LOADED: &str = "pragma journal_mode = wal; pragma wal_checkpoint(truncate);";

/// Runs the command.
///
/// # Errors
/// When the result breaks an invariant of the ledger.
pub fn run(args: &GenerateArgs) -> Result<()> {
    let started = Instant::now();
    ensure!(args.days >= 2, "--days must be at least 2");
    let sql = state::create(&args.out)?;
    let connection = sql.connection();
    connection.execute_batch(LOADING)?;
    let last = match args.until {
        Some(date) => date,
        None => jiff::Zoned::now().date().yesterday()?,
    };
    let first = last.checked_sub(jiff::Span::new().days(i64::try_from(args.days - 1)?))?;
    let opening = Timestamp::from_millis(first.to_zoned(TimeZone::UTC)?.timestamp().as_millisecond())
        .plus_millis(-kernel::time::DAY_MS);
    let mut writer =
        ChainWriter::new(connection, args.seed, opening.plus_millis(-PROGRAMME_DAYS * kernel::time::DAY_MS))?;
    connection.execute_batch("begin immediate")?;
    let places = places(&sql, &mut writer)?;
    connection.execute_batch("commit")?;
    let indexes = put_indexes_aside(connection)?;
    let guests = members::write(&sql, &mut writer, &places, args.members, opening)?;

    let mut rng = StdRng::seed_from_u64(args.seed);
    let plain = args.receipts - args.receipts * SHARES.redemptions / 1_000;
    let by_brand = by_brand(&places);
    let bar = progress("receipts", args.receipts)?;
    let mut numbers = vec![0_u32; places.len()];
    for day in 0..args.days {
        let count = plain * (day + 1) / args.days - plain * day / args.days;
        let date = first.checked_add(jiff::Span::new().days(i64::try_from(day)?))?;
        let drafts = sales::draw_day(&mut rng, date, count, &places, &by_brand, &guests)?;
        let mut till = Till { sql: &sql, places: &places, guests: &guests, ids: &mut writer.ids };
        connection.execute_batch("begin immediate")?;
        for draft in &drafts {
            numbers[draft.place] += 1;
            till.record(draft, numbers[draft.place].to_string(), None)?;
        }
        connection.execute_batch("commit")?;
        bar.inc(count as u64);
    }
    for index in indexes {
        connection.execute_batch(&index)?;
    }
    let till = Till { sql: &sql, places: &places, guests: &guests, ids: &mut writer.ids };
    let drafts = sales::draw_day(&mut rng, last, args.receipts - plain, &places, &by_brand, &guests)?;
    events::write(till, connection, &drafts, args.receipts, &SHARES, &mut numbers)?;
    bar.finish_and_clear();
    save_fixture(args, connection, &mut writer, &places, &guests)?;
    connection.execute_batch(LOADED)?;
    println!(
        "{} members, {} receipts from {first} to {last} in {:.0} s, {:.0} MB in {}",
        args.members,
        state::integer(connection, "select count(*) from receipts")?,
        started.elapsed().as_secs_f64(),
        std::fs::metadata(state::database_path(&args.out))?.len() as f64 / 1e6,
        args.out.display()
    );
    let broken = audit::audit(connection)?;
    ensure!(broken == 0, "{broken} invariants are broken");
    Ok(())
}

fn progress(what: &str, count: usize) -> Result<ProgressBar> {
    let style = "{msg} [{wide_bar}] {human_pos}/{human_len}, {per_sec}, {eta} left";
    let bar = ProgressBar::new(count as u64).with_message(what.to_owned());
    Ok(bar.with_style(ProgressStyle::with_template(style)?.progress_chars("=> ")))
}

/// Brands, programmes, products, franchisees, outlets, staff, tills.
fn places(sql: &NativeSql, writer: &mut ChainWriter<'_>) -> Result<Vec<Place>> {
    for (code, name, prefix) in plan::BRANDS {
        writer.brand(code, name, plan::COUNTRIES[0].code, prefix)?;
        writer.programme(&plan::programme(code)?, writer.now())?;
        for product in 0..plan::PRODUCTS {
            let name = format!("Product {}", product + 1);
            writer.product(code, &sales::product_code(product), &name, plan::category(product))?;
        }
    }
    let administrator = writer.staff("admin", "Administrator", "administrator", None)?;
    let mut franchisees = Vec::with_capacity(plan::FRANCHISEES);
    for number in 1..=plan::FRANCHISEES {
        franchisees.push(writer.franchisee(&format!("f{number:03}"), &format!("Franchisee {number}"))?);
    }
    let mut places = Vec::with_capacity(plan::OUTLETS);
    for index in 0..plan::OUTLETS {
        let (country, brand, zone) = (plan::country(index), plan::brand(index), sales::plan_zone(index));
        let (code, name) = (format!("{:04}", index + 1), format!("Outlet {}", index + 1));
        let row = OutletRow {
            code: &code,
            brand: plan::BRANDS[brand].0,
            franchisee: franchisees[index % franchisees.len()],
            name: &name,
            country: country.code,
            currency: country.currency.code(),
            zone,
            city: &format!("City {}", index % 90 + 1),
            address: &format!("Street {}, {}", index % 40 + 1, index % 120 + 1),
            phone: None,
            position: Some((41_000_000 + index as i64 * 15_000, 37_000_000 + index as i64 * 30_000)),
            languages: country.languages,
        };
        let id = writer.outlet(&row)?;
        let staff = format!("s{:04}", index + 1);
        writer.staff(&staff, &format!("Barista {}", index + 1), "barista", Some(id))?;
        let till = writer.till_key(id, administrator)?;
        let outlet = store::outlets::load(sql, id)?.context("an outlet just written")?;
        places.push(Place { outlet, country, zone, brand, till, staff });
    }
    Ok(places)
}

fn by_brand(places: &[Place]) -> Vec<Vec<usize>> {
    let of = |brand| (0..places.len()).filter(|&index| places[index].brand == brand).collect();
    (0..plan::BRANDS.len()).map(of).collect()
}

/// Recording a receipt looks for the guest's others: without this one, at all there are.
const KEPT_INDEX: &str = "receipts_by_member";

/// Drops the secondary indexes but one, and returns the statements that make them again.
fn put_indexes_aside(connection: &Connection) -> Result<Vec<String>> {
    let mut statement = connection.prepare(
        "select name, sql from sqlite_schema where type = 'index' and sql is not null and name <> ?1",
    )?;
    let indexes: Vec<(String, String)> =
        statement.query_map([KEPT_INDEX], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    for (name, _) in &indexes {
        connection.execute_batch(&format!("drop index {name}"))?;
    }
    Ok(indexes.into_iter().map(|(_, sql)| sql).collect())
}

/// Signs guests with points in, and writes down for whom `load` may speak.
fn save_fixture(
    args: &GenerateArgs,
    connection: &Connection,
    writer: &mut ChainWriter<'_>,
    places: &[Place],
    guests: &[sales::Guest],
) -> Result<()> {
    let rich: std::collections::HashSet<i64> = connection
        .prepare("select member_id from balances where available >= ?1")?
        .query_map([SESSION_POINTS_MIN], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let kv = state::key_value(&args.out)?;
    state::set_key(&kv, "probe", b"a value of some thirty-two bytes")?;
    kv.execute_batch("begin")?;
    let expires_at = Timestamp::from_millis(jiff::Timestamp::now().as_millisecond())
        .plus_millis(SESSION_DAYS * kernel::time::DAY_MS);
    let step = (guests.len() / SESSIONS).max(1);
    let mut signed_in = Vec::with_capacity(SESSIONS);
    for guest in guests.iter().step_by(step).filter(|guest| rich.contains(&guest.id.raw())) {
        let brand = &places[guest.home].outlet.brand;
        let token = writer.guest_session(&kv, brand, guest.id, expires_at)?;
        signed_in.push(fixture::GuestFixture { token, card: sales::card_text(guest.card), till: guest.home });
    }
    kv.execute_batch("commit; pragma wal_checkpoint(truncate)")?;
    let tills = places.iter().map(|place| TillFixture {
        token: place.till.clone(),
        outlet: place.outlet.code.clone(),
        brand: place.outlet.brand.clone(),
        currency: place.country.currency.code().to_owned(),
        zone: place.zone.to_owned(),
    });
    let fixture = Fixture {
        master_secret: writer.secret().to_owned(),
        members: args.members as u64,
        receipts: args.receipts as u64,
        tills: tills.collect(),
        guests: signed_in,
    };
    fixture::save(&args.out, &fixture)
}

//! `bench feedback`: a database with a year of answers and tickets, made here; then the product's own use cases over it.
//!
//! Timed are the reports in every grouping, the job that asks about a day's receipts, and answering what it asked: it fails
//! when nobody was asked. Plans of the reports' statements are checked: answers are summed from an index and never from rows.

mod generate;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use care::ask::{self, Bounds, Links, Outcome};
use care::{report, submit};
use club::Moment;
use club::personal::Personal;
use feedback::answer::Answer;
use feedback::ticket::Desk;
use kernel::{Date, IdSource, StaffId, Timestamp};
use membership::secrets::Secrets;
use rusqlite::Connection;
use store::feedback::report::{self as sums, Asked, By};
use store::native::NativeSql;
use store::tickets::report as tickets;
use store::transaction::transaction;

use crate::meter::{self, Spent, Times};
use crate::{host, state};

/// Arguments of `bench feedback`.
#[derive(Debug, clap::Args)]
pub struct FeedbackArgs {
    /// Where the database goes; what is there is removed.
    #[arg(long, default_value = "target/bench/feedback")]
    pub work: PathBuf,
    #[arg(long, default_value_t = 365_000)]
    pub answers: i64,
    #[arg(long, default_value_t = 24_000)]
    pub tickets: i64,
    /// Receipts of the day that is asked about.
    #[arg(long, default_value_t = 50_000)]
    pub receipts: i64,
    /// Most that any report may take, in milliseconds.
    #[arg(long, default_value_t = 1_000)]
    pub report_ms_max: u128,
}

/// Times a report is read.
const READS: usize = 5;
/// Questions that are answered, at most.
const ANSWERS_MAX: i64 = 2_000;
/// Every such answer is a bad one.
const LOW_EVERY: usize = 15;
const SECRET: &str = "1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// Runs the command.
///
/// # Errors
/// When a report takes too long or reads rows, or the job asks nobody, or twice.
pub fn run(args: &FeedbackArgs) -> Result<()> {
    let work = host::workspace_root()?.join(&args.work);
    let started = Instant::now();
    let sql = state::create(&work)?;
    sql.connection().execute_batch("pragma synchronous = normal; pragma temp_store = memory")?;
    let now = Timestamp::parse("2026-11-25T09:00:00Z")?;
    generate::fill(&sql, args, now)?;
    println!(
        "{} answers, {} tickets, {} receipts to ask about: made in {:.1} s",
        args.answers,
        args.tickets,
        args.receipts,
        started.elapsed().as_secs_f64()
    );
    sql.connection().execute_batch("pragma synchronous = full")?;
    plans(sql.connection())?;
    let mut slowest = Duration::ZERO;
    for (who, staff) in [("the whole chain", generate::ADMINISTRATOR), ("one outlet", generate::MANAGER)] {
        slowest = slowest.max(reports(&sql, who, staff, now)?);
    }
    asking(&sql, args.receipts, now)?;
    ensure!(slowest.as_millis() <= args.report_ms_max, "a report took {} ms", slowest.as_millis());
    Ok(())
}

/// Plans of the statements that sum answers.
fn plans(connection: &Connection) -> Result<()> {
    for by in [By::Brand, By::Outlet, By::Franchisee, By::City, By::Staff, By::Hour, By::Product] {
        let text = format!("explain query plan {}", sums::statement(by).text);
        let mut statement = connection.prepare(&text)?;
        let values = rusqlite::params![1, "2025-11-25", "2026-11-26", None::<&str>, None::<&str>];
        let steps = statement.query_map(values, |row| row.get::<_, String>(3))?;
        let plan = steps.collect::<Result<Vec<_>, _>>()?.join("; ");
        let wanted = match by {
            By::Product => "SEARCH a USING PRIMARY KEY (outlet_id=? AND business_date>? AND business_date<?)",
            _ => {
                "USING COVERING INDEX feedback_answers_report (outlet_id=? AND business_date>? AND business_date<?)"
            }
        };
        ensure!(plan.contains(wanted), "{by:?}: {plan}");
    }
    println!("plans: answers are summed from indexes alone, outlet by outlet");
    Ok(())
}

fn reports(sql: &NativeSql, who: &str, staff: StaffId, now: Timestamp) -> Result<Duration> {
    let until = now.date_in(&kernel::Zone::UTC).plus_days(1);
    let days = (until.plus_days(-366), until);
    let asked = Asked { staff, days, brand: None, outlet: None };
    let mut slowest = Duration::ZERO;
    for by in [By::Brand, By::Outlet, By::Franchisee, By::City, By::Staff, By::Hour, By::Product] {
        let (took, rows) = fastest(|| Ok(report::ratings(sql, by, &asked)?))?;
        let answers: u64 = rows.iter().map(|row| row.answers).sum();
        println!("  {who}, ratings by {by:?}: {} rows of {answers} answers, {took:.1?}", rows.len());
        slowest = slowest.max(took);
    }
    let (took, rows) = fastest(|| Ok(report::tags(sql, &asked)?))?;
    println!("  {who}, tags: {} rows, {took:.1?}", rows.len());
    slowest = slowest.max(took);
    let asked =
        tickets::Asked { staff, desk: Desk::Support, opened: bounds(days), now, brand: None, outlet: None };
    for by in [tickets::By::Outlet, tickets::By::Franchisee, tickets::By::Topic] {
        let (took, rows) = fastest(|| Ok(report::of_tickets(sql, by, &asked)?))?;
        let count: i64 = rows.iter().map(|row| row.tickets).sum();
        println!("  {who}, tickets by {by:?}: {} rows of {count} tickets, {took:.1?}", rows.len());
        slowest = slowest.max(took);
    }
    let filter = store::tickets::Filter { overdue_at: Some(now), ..Default::default() };
    let (took, rows) = fastest(|| Ok(store::tickets::list(sql, asked.viewer(), &filter, i64::MAX, 21)?))?;
    println!("  {who}, list of overdue tickets: {} rows, {took:.1?}", rows.len());
    Ok(slowest.max(took))
}

fn bounds((from, until): (Date, Date)) -> (Timestamp, Timestamp) {
    (from.start_in(&kernel::Zone::UTC), until.start_in(&kernel::Zone::UTC))
}

/// The median of a few readings, and what was read.
fn fastest<T>(mut read: impl FnMut() -> Result<T>) -> Result<(Duration, T)> {
    let mut times = Vec::new();
    loop {
        let started = Instant::now();
        let found = read()?;
        times.push(started.elapsed());
        if times.len() == READS {
            times.sort_unstable();
            return Ok((times[READS / 2], found));
        }
    }
}

/// The job over a day's receipts, once more over the same, and answers to what was asked.
fn asking(sql: &NativeSql, receipts: i64, now: Timestamp) -> Result<()> {
    let secrets = Secrets::parse(SECRET).map_err(|error| anyhow!("{error}"))?;
    let links = Links { signer: care::signer(&secrets), url: format!("https://club.example/{}", ask::TOKEN) };
    let mut ids = IdSource::new(9);
    // Before the first question's moment receipts are only looked at, so that both halves are timed apart.
    let early = now.plus_millis(-generate::SOLD_BEFORE_MS + generate::SOLD_WITHIN_MS);
    let (planned, took) = job(sql, &mut ids, &links, &secrets, early)?;
    ensure!(planned.asked == 0 && planned.skipped == 0, "asked before its moment: {planned:?}");
    ensure!(planned.looked_at == receipts, "{} of {receipts} receipts were looked at", planned.looked_at);
    println!(
        "planning: {} receipts looked at and {} questions planned in {:.2} s, {:.0} receipts a second, {:.1} us of a \
         processor each",
        planned.looked_at,
        planned.planned,
        took.wall.as_secs_f64(),
        planned.looked_at as f64 / took.wall.as_secs_f64(),
        took.micros_each(planned.looked_at as usize)
    );
    let (done, took) = job(sql, &mut ids, &links, &secrets, now)?;
    let judged = done.asked + done.skipped;
    println!(
        "asking: {} questions asked and {} not, of {judged} whose moment came, in {:.2} s: {:.0} questions a second, \
         {:.1} us of a processor each",
        done.asked,
        done.skipped,
        took.wall.as_secs_f64(),
        judged as f64 / took.wall.as_secs_f64(),
        took.micros_each(judged as usize)
    );
    ensure!(done.asked > 0, "nobody was asked: nothing was measured");
    ensure!(judged == planned.planned, "{} were planned and {judged} judged", planned.planned);
    let told = state::integer(sql.connection(), "select count(*) from notifications")?;
    ensure!(told == done.asked, "{} questions asked, and {told} intents to tell them", done.asked);

    let (again, took) = job(sql, &mut ids, &links, &secrets, now)?;
    println!("  once more: {} receipts looked at, {} asked, {:.1?}", again.looked_at, again.asked, took.wall);
    ensure!(again.asked + again.skipped == 0, "a second run asked again: {again:?}");
    answering(sql, &secrets, &mut ids, now)
}

/// Answers to what was asked, each in a transaction of its own.
fn answering(sql: &NativeSql, secrets: &Secrets, ids: &mut IdSource, now: Timestamp) -> Result<()> {
    let open: Vec<i64> = sql
        .connection()
        .prepare("select id from feedback_requests where status = 'asked' order by id limit ?1")?
        .query_map([ANSWERS_MAX], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let tickets = || state::integer(sql.connection(), "select count(*) from tickets");
    let before = tickets()?;
    let bytes = |count: usize| vec![7; count];
    let (mut times, mut opened, mut low) = (Times::default(), 0, 0);
    let started = meter::start()?;
    for (index, id) in open.iter().enumerate() {
        let is_low = index % LOW_EVERY == 0;
        let text = Some("Всё хорошо".to_owned());
        let stars = if is_low { 1 } else { 5 };
        let answer = Answer { stars, tags: Vec::new(), nps: Some(9), text, photo: None };
        let personal = Personal { secrets, random: &bytes };
        let mut moment = Moment { now, ids: &mut *ids };
        let began = Instant::now();
        let done = transaction(sql, |tx| submit::submit(tx, *id, &answer, personal, &mut moment))?;
        times.push(began.elapsed());
        opened += i64::from(done.ticket.is_some());
        low += i64::from(is_low);
    }
    let took = Spent::since(&started)?;
    println!(
        "answering: {} answers, {opened} of them tickets in the same transaction: {:.0} a second, {:.2?} (median), {:.2?} \
         (p99), synced; {:.1} us of a processor each",
        times.len(),
        times.len() as f64 / took.wall.as_secs_f64(),
        times.percentile(50),
        times.percentile(99),
        took.micros_each(times.len())
    );
    ensure!(times.len() > 0, "nobody answered: nothing was measured");
    ensure!(opened == low, "{low} answers were low, and {opened} opened tickets");
    ensure!(tickets()? - before == opened, "other tickets were opened than were said");
    Ok(())
}

/// The job, as often as it says that there is more.
fn job(
    sql: &NativeSql,
    ids: &mut IdSource,
    links: &Links,
    secrets: &Secrets,
    now: Timestamp,
) -> Result<(ask::Done, Spent)> {
    let bytes = |count: usize| vec![7; count];
    let personal = Personal { secrets, random: &bytes };
    let mut all = ask::Done::default();
    let started = meter::start()?;
    loop {
        let done = match ask::run(sql, &mut Moment { now, ids }, links, personal, Bounds::STANDARD)? {
            Outcome::Ran(done) => done,
            Outcome::Busy => anyhow::bail!("another run holds the lease"),
        };
        ensure!(done.failed == 0, "{done:?}");
        all.looked_at += done.looked_at;
        all.planned += done.planned;
        all.asked += done.asked;
        all.skipped += done.skipped;
        if !done.more {
            return Ok((all, Spent::since(&started)?));
        }
    }
}

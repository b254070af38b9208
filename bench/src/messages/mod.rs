//! `bench messages`: the outbox over everybody's addresses, against carriers that answer at once.
//!
//! The product's own use cases decide and send, tick after tick of a clock of their own, because carriers' limits are per
//! second: what is timed is the work, not the waiting. The baseline is the bare writing of the same rows in transactions of
//! the same size: what a message costs beyond that is reading, deciding, sealing, wording and the wire. At the end every
//! intent has had exactly the effect that its person's addresses and wishes allow, whatever the carriers did.

mod baseline;
mod crowd;
mod double;
mod fill;
mod office;

use std::ops::Range;
use std::path::PathBuf;

use anyhow::{Result, anyhow, ensure};
use club::Moment;
use club::personal::Personal;
use kernel::time::{HOUR_MS, MINUTE_MS};
use kernel::{IdSource, NotificationId, Timestamp};
use membership::secrets::Secrets;
use messaging::Channel;
use store::deliveries::{self, Status};

use self::crowd::Person;
use self::double::{Double, Weather};
use self::fill::Spread;
use self::office::{Office, Told};
use crate::meter::{self, Spent};
use crate::{host, state};

/// Arguments of `bench messages`.
#[derive(Debug, clap::Args)]
pub struct MessagesArgs {
    /// Where the database goes; what is there is removed.
    #[arg(long, default_value = "target/bench/messages")]
    pub work: PathBuf,
    #[arg(long, default_value_t = 430_000)]
    pub members: usize,
    /// Intents of the measurement.
    #[arg(long, default_value_t = 50_000)]
    pub intents: usize,
    /// Intents of each of four smaller ones: the baseline, fair and rough weather, a carrier that is down.
    #[arg(long, default_value_t = 4_000)]
    pub few: usize,
    /// Most that a message may cost in processor time, in bare writings of its rows.
    #[arg(long, default_value_t = 15.0)]
    pub ratio_max: f64,
    /// Most that others may wait while a carrier is down, in times of what they wait while none is.
    #[arg(long, default_value_t = 1.5)]
    pub slowed_max: f64,
}

const SECRET: &str = "1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
/// How long the carrier is down.
const DOWN_MS: i64 = 5 * MINUTE_MS;
/// The carrier that is.
const DOWN: Channel = Channel::PushRustore;

/// Runs the command.
///
/// # Errors
/// When an intent had another effect than its own, or something costs too much.
pub fn run(args: &MessagesArgs) -> Result<()> {
    let people = args.intents + 4 * args.few;
    ensure!(people > 0 && people <= args.members, "{people} people are told something, of {}", args.members);
    let spread = Spread {
        members: args.members as i64,
        stride: (args.members / people) as i64,
        people: people as i64,
    };
    let work = host::workspace_root()?.join(&args.work);
    let double = Double::new(SECRET)?;
    let secrets = Secrets::parse(SECRET).map_err(|error| anyhow!("{error}"))?;
    let now = Timestamp::parse("2026-11-26T10:00:00+05:00")?;
    let mut ids = IdSource::new(5);
    let personal = Personal { secrets: &secrets, random: &random };
    let started = meter::start()?;
    let sql = state::create(&work)?;
    sql.connection()
        .execute_batch("pragma synchronous = off; pragma cache_size = -65536; pragma temp_store = memory")?;
    fill::members(&sql, spread, now)?;
    fill::bot(&sql, &double.bot_token(), personal, now)?;
    fill::addresses(&sql, spread, personal, &mut Moment { now: now.plus_millis(-HOUR_MS), ids: &mut ids })?;
    for person in (0..people).map(Person).filter(|person| person.reached() == crowd::Reached::Moved) {
        double.uninstall(&person.address(Channel::PushFcm));
    }
    sql.connection().execute_batch("analyze; pragma synchronous = full; pragma cache_size = -16384")?;
    println!(
        "{} members, {people} of them to be told something: made in {:.1} s",
        args.members,
        Spent::since(&started)?.wall.as_secs_f64()
    );
    let mut office = Office::new(sql, double, personal, ids, now)?;
    let mut sets = (0..5).scan(0, |from, set| {
        let count = if set == 0 { args.intents } else { args.few };
        *from += count;
        Some(*from - count..*from)
    });
    let mut set = || sets.next().unwrap_or_default();

    let many = set();
    let all = measured(&mut office, spread, &many)?;
    nothing_more(&mut office, spread, &many)?;
    let bare = baseline::run(&mut office, spread, set())?;
    let fair = weather(&mut office, spread, &set(), Weather::Fair)?;
    let rough = weather(&mut office, spread, &set(), Weather::Rough)?;
    let down = weather(&mut office, spread, &set(), Weather::Down(DOWN))?;
    let ratio = all / bare;
    println!("a message costs {ratio:.1} times the bare writing of its rows ({all:.0} us, {bare:.1} us)");
    println!("  in rough weather {:.2} times what it costs in fair", rough.micros_each / fair.micros_each);
    let slowed = down.others_ms as f64 / fair.others_ms.max(1) as f64;
    println!("  with {} down others were told within {slowed:.2} times the time", DOWN.code());
    let violations = office.double.violations();
    ensure!(violations.is_empty(), "carriers would not take it: {:?}", violations.first());
    ensure!(ratio <= args.ratio_max, "a message costs {ratio:.1} times its rows");
    ensure!(slowed <= args.slowed_max, "a carrier that is down slowed others {slowed:.2} times");
    Ok(())
}

/// Bytes that stand for a cryptographic source: no two calls get the same.
fn random(count: usize) -> Vec<u8> {
    std::iter::repeat_with(rand::random).take(count).collect()
}

/// Decides and tells the first set. Microseconds of a processor for an intent, all in all.
fn measured(office: &mut Office<'_>, spread: Spread, people: &Range<usize>) -> Result<f64> {
    let made = office.intend(spread, people)?;
    let planned = office.plan()?;
    println!(
        "planning: {} intents in {:.1} s, {:.0} a second, {:.1} us of a processor each",
        people.len(),
        planned.wall.as_secs_f64(),
        people.len() as f64 / planned.wall.as_secs_f64(),
        planned.micros_each(people.len())
    );
    let told = office.tell(|_, _| Ok(()))?;
    report("telling", &told);
    let sent = check(office, spread, people, &made)?;
    for (channel, count) in Channel::ALL.into_iter().zip(sent) {
        println!("  {}: {count}", channel.code());
    }
    ensure!(sent.iter().sum::<usize>() > 0, "nobody was told anything: nothing was measured");
    let both = planned.micros_each(people.len()) + told.spent.micros_each(people.len());
    println!("  both: {both:.0} us of a processor for an intent, {:.0} intents a second of it", 1e6 / both);
    Ok(both)
}

fn report(name: &str, told: &Told) {
    println!(
        "{name}: {} messages sent with {} calls in {:.1} s of work, {:.0} a second; {:.0} us of a processor each, {:.0} a \
         second of it",
        told.sent,
        told.called,
        told.spent.wall.as_secs_f64(),
        told.sent as f64 / told.spent.wall.as_secs_f64(),
        told.spent.micros_each(told.sent),
        told.spent.per_second(told.sent),
    );
    println!(
        "  by the carriers' limits most within {:.1} minutes and the last after {:.1}, in {} ticks; {:.1} looks at a delivery \
         for each message sent, {:.1} statements",
        told.most_ms as f64 / MINUTE_MS as f64,
        told.took_ms as f64 / MINUTE_MS as f64,
        told.ticks,
        told.looks as f64 / told.sent.max(1) as f64,
        told.statements as f64 / told.sent.max(1) as f64,
    );
}

/// A second pass, at once and an hour later, and the same causes once more.
fn nothing_more(office: &mut Office<'_>, spread: Spread, people: &Range<usize>) -> Result<()> {
    let calls = office.double.calls();
    office.intend(spread, people)?;
    let took = office.plan()?;
    let told = office.tell(|_, _| Ok(()))?;
    office.wait(HOUR_MS);
    let later = office.tell(|_, _| Ok(()))?;
    println!("once more: {} calls, {:.1?}", told.called + later.called, took.wall + told.spent.wall);
    ensure!(office.double.calls() == calls, "a second pass called a carrier");
    Ok(())
}

/// How a smaller set went.
struct Went {
    /// Of a processor for an intent.
    micros_each: f64,
    /// Until everybody was told who is not told by the carrier that may be down, by the clock.
    others_ms: i64,
}

fn weather(office: &mut Office<'_>, spread: Spread, people: &Range<usize>, weather: Weather) -> Result<Went> {
    let made = office.intend(spread, people)?;
    office.double.weather.set(weather);
    let (calls, failed) = office.double.calls();
    let (began, mut others_ms) = (office.now(), None);
    let planned = office.plan()?;
    let told = office.tell(|office, now| {
        if now.millis() - began.millis() >= DOWN_MS && matches!(weather, Weather::Down(_)) {
            office.double.weather.set(Weather::Fair);
        }
        if others_ms.is_none() && office.waiting_except(DOWN)? == 0 {
            others_ms = Some(now.millis() - began.millis());
        }
        Ok(())
    })?;
    office.double.weather.set(Weather::Fair);
    let (calls_after, failed_after) = office.double.calls();
    report(&format!("{weather:?}"), &told);
    println!("  {} of {} calls came to nothing", failed_after - failed, calls_after - calls);
    check(office, spread, people, &made)?;
    let micros_each = planned.micros_each(people.len()) + told.spent.micros_each(people.len());
    Ok(Went { micros_each, others_ms: others_ms.unwrap_or(told.took_ms) })
}

/// Every intent had exactly the effect that it must have: one message on one channel, or none. How many on each.
fn check(office: &Office<'_>, spread: Spread, people: &Range<usize>, made: &[i64]) -> Result<[usize; 5]> {
    let mut sent = [0; 5];
    ensure!(made.len() == people.len(), "{} intents for {} people", made.len(), people.len());
    for (number, id) in people.clone().zip(made) {
        let person = Person(number);
        let name = NotificationId::from_raw(*id).to_string();
        let Some(delivery) = deliveries::load(&office.sql, *id)? else {
            anyhow::bail!("{name} was never decided about");
        };
        ensure!(delivery.member == spread.member(person), "{name} is somebody else's");
        let mut seen = office.double.seen(&name);
        seen.extend(office.double.seen(&person.address(Channel::Telegram)));
        let expected: Vec<Channel> = person.expected().into_iter().collect();
        ensure!(seen == expected, "{name} was seen on {seen:?}, not on {expected:?}: {delivery:?}");
        let is_right = match person.expected() {
            // That the answer was lost does not make it told less, nor twice.
            Some(channel) => {
                matches!(delivery.status, Status::Sent | Status::Unconfirmed)
                    && delivery.channel == Some(channel)
            }
            None => delivery.status == Status::Withheld,
        };
        ensure!(is_right, "{name}: {delivery:?}");
        for (channel, count) in Channel::ALL.into_iter().zip(&mut sent) {
            *count += usize::from(person.expected() == Some(channel));
        }
    }
    Ok(sent)
}

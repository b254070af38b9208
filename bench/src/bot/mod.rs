//! `bench bot`: what an update of the Telegram bot costs.
//!
//! The webhook's own code, compiled natively, over a chain's database on a disk: guests join through it, then do what
//! members do, and everything is posted once more as if Telegram had seen no answer. A repetition is the baseline: the
//! secret, the reading and the look-up that every update pays, and nothing else. What the bot answers is carried out by a
//! simulated Telegram, which fails the run over what Telegram would refuse.

mod chain;
mod guest;
mod telegram_double;

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow, ensure};
use futures::executor::block_on;
use http::{HeaderMap, HeaderValue, Method, header};
use kernel::{IdSource, SessionId, StaffId, Timestamp};
use membership::profile::Language;
use membership::staff_auth::{Grant, Role, Scope};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value as Json, json};
use store::native::{NativeKv, NativeSql};
use web::auth::{Principal, Staff};
use web::{Call, Problem, Reply, Request};

use self::chain::BRAND;
use self::guest::{Act, Guest};
use self::telegram_double::Telegram;
use crate::meter::{self, Spent, Times};
use crate::{host, state};

/// Arguments of `bench bot`.
#[derive(Debug, clap::Args)]
pub struct BotArgs {
    /// Where the database goes; what is there is removed.
    #[arg(long, default_value = "target/bench/bot")]
    pub work: PathBuf,
    /// Members beside those who write.
    #[arg(long, default_value_t = 430_000)]
    pub members: i64,
    /// Guests who join through the bot, and write to it afterwards.
    #[arg(long, default_value_t = 2_000)]
    pub guests: u32,
    /// Updates of the measurement.
    #[arg(long, default_value_t = 30_000)]
    pub updates: usize,
    /// Most that an update may cost in processor time, in repetitions of it.
    #[arg(long, default_value_t = 8.0)]
    pub ratio_max: f64,
}

const SECRET: &str = "1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
/// Between two updates: no guest sends more than the bot's limit.
const PACE_MS: i64 = 120;
/// Updates of one guest's joining.
const JOINING: usize = 5;
/// Numbers of updates begin behind those of the others.
const FIRST_UPDATE: i64 = 1_000_000_000;
/// Answers to these show a picture that changes with time.
const PICTURES: &str = "multipart/form-data";

/// Runs the command.
///
/// # Errors
/// When an update has no effect, or two, or costs too much.
pub fn run(args: &BotArgs) -> Result<()> {
    ensure!(args.guests > 0, "somebody has to write");
    let started = meter::start()?;
    let mut bench = Bench::new(args)?;
    println!("{} other members: made in {:.1} s", args.members, Spent::since(&started)?.wall.as_secs_f64());
    let joining = bench.join(args.guests)?;
    joining.report("joining");
    let before = bench.counts()?;
    let taken = bench.talk(args)?;
    taken.report("members' updates");
    bench.check(&before, &taken)?;
    let repeated = bench.repeat()?;
    repeated.report("everything once more");
    let ratio = taken.micros_each() / repeated.micros_each();
    println!("an update costs {ratio:.1} times what its repetition does");
    println!("  {:.1} us of a processor to read one and see what it means", bench.reading()?);
    let violations = bench.telegram.violations();
    ensure!(violations.is_empty(), "Telegram would not take it: {:?}", violations.first());
    ensure!(ratio <= args.ratio_max, "an update costs {ratio:.1} times its repetition");
    Ok(())
}

/// An update that was posted, and what the bot answered.
struct Posted {
    body: Vec<u8>,
    reply: Vec<u8>,
    content_type: String,
    act: Act,
    update: i64,
}

/// What some updates came to.
#[derive(Default)]
struct Went {
    by_act: BTreeMap<Act, Times>,
    all: Times,
    spent: Spent,
    repetitions: usize,
    answered: usize,
}

impl Went {
    fn micros_each(&self) -> f64 {
        self.spent.micros_each(self.all.len())
    }

    fn report(&self, name: &str) {
        println!(
            "{name}: {} updates in {:.1} s of work, {:.0} a second; {:.0} us of a processor each, {:.0} a second of it; \
             {:.2?} (median), {:.2?} (p99), synced; {} answered, {} repetitions",
            self.all.len(),
            self.spent.wall.as_secs_f64(),
            self.all.len() as f64 / self.spent.wall.as_secs_f64(),
            self.micros_each(),
            self.spent.per_second(self.all.len()),
            self.all.percentile(50),
            self.all.percentile(99),
            self.answered,
            self.repetitions,
        );
        for (act, times) in &self.by_act {
            let (median, slow) = (times.percentile(50), times.percentile(99));
            println!("  {act:?}: {} updates, {median:.2?} (median), {slow:.2?} (p99)", times.len());
        }
    }
}

struct Bench {
    sql: NativeSql,
    kv: NativeKv,
    telegram: Telegram,
    secret: String,
    random: StdRng,
    now: Timestamp,
    next_update: i64,
    seed: u64,
    posted: Vec<Posted>,
}

impl Bench {
    fn new(args: &BotArgs) -> Result<Self> {
        let work = host::workspace_root()?.join(&args.work);
        let sql = state::create(&work)?;
        let now = Timestamp::parse("2026-11-26T10:00:00+05:00")?;
        sql.connection().execute_batch(
            "pragma synchronous = off; pragma cache_size = -65536; pragma temp_store = memory",
        )?;
        chain::fill(&sql, args.members, now, &mut IdSource::new(3))?;
        sql.connection().execute_batch("pragma synchronous = full; pragma cache_size = -16384")?;
        let mut bench = Self {
            sql,
            kv: NativeKv::default(),
            telegram: Telegram::new()?,
            secret: String::new(),
            random: StdRng::seed_from_u64(6),
            now,
            next_update: FIRST_UPDATE,
            seed: 100,
            posted: Vec::new(),
        };
        let path = format!("/v1/telegram/bots/{BRAND}");
        let set = bench.call(Method::PUT, &path, Telegram::settings().to_string().into_bytes())?;
        ensure!(set.status == 200, "the bot was not set: {}", String::from_utf8_lossy(&set.body));
        bench.secret = bench.telegram.secret();
        Ok(bench)
    }

    /// Everybody joins; the first question is answered by the last word.
    fn join(&mut self, guests: u32) -> Result<Went> {
        let mut went = Went::default();
        for guest in (0..guests).map(Guest) {
            for step in 0..JOINING {
                let (act, event) = guest.joining(&self.telegram, step);
                self.update(act, event, &mut went)?;
            }
        }
        let joined = state::integer(
            self.sql.connection(),
            &format!("select count(*) from telegram_links where linked_at >= {}", self.now.millis() / 2),
        )?;
        ensure!(joined == i64::from(guests), "{joined} of {guests} guests joined");
        Ok(went)
    }

    fn talk(&mut self, args: &BotArgs) -> Result<Went> {
        let mut went = Went::default();
        let first = self.posted.len();
        let mut asked_for_words = Vec::new();
        for _ in 0..args.updates {
            let mut guest = Guest(self.random.random_range(0..args.guests));
            let act = guest::draw(&mut self.random);
            match act {
                Act::Write => asked_for_words.push(guest),
                // Whoever wanted to write something does so next; others write without being asked.
                Act::Words => guest = asked_for_words.pop().unwrap_or(guest),
                _ => {}
            }
            match act {
                Act::Duplicate if self.posted.len() > first => {
                    let index = self.random.random_range(first..self.posted.len());
                    self.again(index, &mut went)?;
                }
                _ => {
                    let event = guest.does(act, &self.telegram, &mut self.random);
                    self.update(act, event, &mut went)?;
                }
            }
        }
        Ok(went)
    }

    /// Everything that was posted, once more.
    fn repeat(&mut self) -> Result<Went> {
        let before = self.counts()?;
        let mut went = Went::default();
        for index in 0..self.posted.len() {
            self.again(index, &mut went)?;
        }
        let after = self.counts()?;
        ensure!(before == after, "repetitions had effects: {before:?} became {after:?}");
        Ok(went)
    }

    /// Reading alone. Microseconds of a processor for an update.
    fn reading(&self) -> Result<f64> {
        let started = meter::start()?;
        for posted in &self.posted {
            let read = telegram::update::read(&posted.body).map_err(|error| anyhow!("{error:?}"))?;
            std::hint::black_box(::bot::input::meaning(read));
        }
        Ok(Spent::since(&started)?.micros_each(self.posted.len()))
    }

    fn update(&mut self, act: Act, mut event: Json, went: &mut Went) -> Result<()> {
        let update = self.next_update;
        self.next_update += 1;
        event["update_id"] = json!(update);
        let body = event.to_string().into_bytes();
        let reply = self.post(body.clone(), act, went)?;
        self.telegram.hear(&reply).with_context(|| format!("{act:?}: {event}"))?;
        let content_type = content_type(&reply).to_owned();
        self.posted.push(Posted { body, reply: reply.body, content_type, act, update });
        Ok(())
    }

    fn again(&mut self, index: usize, went: &mut Went) -> Result<()> {
        let body = self.posted[index].body.clone();
        let reply = self.post(body, Act::Duplicate, went)?;
        went.repetitions += 1;
        let known = &self.posted[index];
        let same = reply.body == known.reply || content_type(&reply).starts_with(PICTURES);
        ensure!(same, "update {} ({:?}) was answered otherwise the second time", known.update, known.act);
        ensure!(
            content_type(&reply).split(';').next() == known.content_type.split(';').next(),
            "another answer"
        );
        Ok(())
    }

    fn post(&mut self, body: Vec<u8>, act: Act, went: &mut Went) -> Result<Reply> {
        self.now = self.now.plus_millis(PACE_MS);
        let by_telegram = self.telegram.spent();
        let started = meter::start()?;
        let reply = self.call(Method::POST, &format!("/v1/hooks/telegram/{BRAND}"), body)?;
        let spent = Spent::since(&started)? - (self.telegram.spent() - by_telegram);
        ensure!(reply.status == 200, "{act:?}: {} {}", reply.status, String::from_utf8_lossy(&reply.body));
        went.answered += usize::from(!reply.body.is_empty());
        went.all.push(spent.wall);
        went.by_act.entry(act).or_default().push(spent.wall);
        went.spent += spent;
        Ok(reply)
    }

    /// One call of the function, as `platform` makes it.
    fn call(&mut self, method: Method, path: &str, body: Vec<u8>) -> Result<Reply> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(telegram::secret::HEADER, HeaderValue::from_str(&self.secret)?);
        let request = Request {
            method,
            path: path.to_owned(),
            query: String::new(),
            headers,
            body,
            client_address: "149.154.167.220".to_owned(),
        };
        let refused = |problem: Problem| anyhow!("{:?}", problem.cause());
        let (operation, parameters) = web::dispatch::find("telegram-webhook", &request).map_err(refused)?;
        self.seed += 1;
        let grant = Grant::new(Role::Administrator, Scope::Everything).context("a grant")?;
        let mut call = Call {
            request,
            operation,
            parameters,
            principal: Principal::Staff(Staff {
                id: StaffId::from_raw(1),
                grant,
                session: SessionId::from_raw(1),
            }),
            language: Language::Ru,
            now: self.now,
            ids: IdSource::new(self.seed),
            random: |count| std::iter::repeat_with(rand::random).take(count).collect(),
            sql: &self.sql,
            kv: &self.kv,
            settings: &self.telegram,
            partners: &self.telegram,
        };
        let reply = block_on(crate::run::run(&mut call));
        Ok(reply.unwrap_or_else(|problem| problem.into_reply(Language::Ru)))
    }

    /// Rows that updates make.
    fn counts(&self) -> Result<[i64; 5]> {
        let count =
            |table: &str| state::integer(self.sql.connection(), &format!("select count(*) from {table}"));
        Ok([
            count(&format!("telegram_updates where update_id >= {FIRST_UPDATE}"))?,
            count("members")?,
            count("tickets")?,
            count("cards")?,
            count("consents")?,
        ])
    }

    /// Every update is recorded once, and did what it was for.
    fn check(&self, before: &[i64; 5], went: &Went) -> Result<()> {
        let after = self.counts()?;
        let new = went.all.len() - went.repetitions;
        let count = |act| went.by_act.get(&act).map_or(0, Times::len);
        println!("  {} tickets, {} cards, {} consents", after[2] - before[2], after[3], after[4] - before[4]);
        ensure!(after[0] - before[0] == new as i64, "{new} updates, and {} recorded", after[0] - before[0]);
        ensure!(after[1] == before[1], "members became {} out of {}", after[1], before[1]);
        ensure!(
            after[2] > before[2] && after[2] - before[2] <= count(Act::Words) as i64,
            "tickets: {after:?}"
        );
        ensure!(after[3] > 0, "nobody was shown a card");
        ensure!(went.answered > 0, "nothing was answered: nothing was measured");
        ensure!(self.telegram.calls() > 0, "no press was acknowledged");
        Ok(())
    }
}

fn content_type(reply: &Reply) -> &str {
    let found = reply.headers.iter().find(|(name, _)| *name == "content-type");
    found.map_or("", |(_, value)| value.as_str())
}

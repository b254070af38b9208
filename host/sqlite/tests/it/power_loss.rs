//! Kill the writer, lose what was not synced, and find everything that was acknowledged.
//!
//! A child process writes under load and prints a number only when its transaction is acknowledged. Its [`Syncer`]
//! keeps, at each sync, a copy of what the disk is then known to hold. The parent kills it at a random moment and
//! judges two survivors: the files as they are (the machine stayed up), and the last copy plus a random part of
//! what was appended since, possibly damaged (the power failed). With [`Durability::Lazy`] the same harness must
//! find acknowledged transactions missing, or it could not tell.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use crema_sqlite::{Database, Durability, Options, Syncer, Value};

use crate::support::{child, child_folder, create_table, folder};

/// More for a long run.
const ROUNDS_VARIABLE: &str = "CREMA_SQLITE_POWER_LOSS_ROUNDS";
const ROUNDS: u64 = 6;
const DURABILITY_VARIABLE: &str = "CREMA_SQLITE_TEST_DURABILITY";
const WRITERS: usize = 8;
/// Small, so that checkpoints and restarts of the WAL happen all the time.
const CHECKPOINT_WAL_BYTES: u64 = 96 * 1024;
const WAL_HEADER_BYTES: usize = 32;

/// Copies the database file and the WAL at each sync, as the state that a power failure leaves behind.
struct Recorder {
    folder: PathBuf,
    // Never closed: closing any descriptor of a database file drops the process's locks on it.
    database: Option<File>,
}

impl Syncer for Recorder {
    fn sync(&mut self, wal: &File) -> io::Result<()> {
        if self.database.is_none() {
            self.database = Some(File::open(self.folder.join("db.sqlite"))?);
        }
        let database = self.database.as_ref().unwrap();
        let (database, log) = loop {
            // The database first: whatever a checkpoint has copied into it so far is then in the WAL read next,
            // unless the WAL was started over in between.
            let header = head(&whole(wal)?);
            let (database, log) = (whole(database)?, whole(wal)?);
            if head(&log) == header {
                break (database, log);
            }
        };
        wal.sync_data()?;
        let mut copy = (database.len() as u64).to_le_bytes().to_vec();
        copy.extend_from_slice(&database);
        copy.extend_from_slice(&log);
        fs::write(self.folder.join("disk.new"), copy)?;
        fs::rename(self.folder.join("disk.new"), self.folder.join("disk"))
    }
}

fn whole(file: &File) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(file.metadata()?.len()).unwrap()];
    let mut filled = 0;
    while filled < bytes.len() {
        match file.read_at(&mut bytes[filled..], filled as u64)? {
            0 => break,
            n => filled += n,
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

fn head(wal: &[u8]) -> Vec<u8> {
    wal[..wal.len().min(WAL_HEADER_BYTES)].to_vec()
}

/// The child: each transaction writes its number in two rows, and its number is printed when acknowledged.
#[test]
#[ignore = "run as a child process"]
fn writer() {
    let Some(folder) = child_folder() else { return };
    let durability = match std::env::var(DURABILITY_VARIABLE).unwrap().as_str() {
        "Lazy" => Durability::Lazy,
        _ => Durability::Grouped,
    };
    let options = Options {
        durability,
        checkpoint_wal_bytes: CHECKPOINT_WAL_BYTES,
        ..Options::new(folder.join("db.sqlite"))
    };
    let recorder = Recorder { folder, database: None };
    let db = Database::open_with_syncer(options, Box::new(recorder)).unwrap();
    create_table(&db);
    let next = Arc::new(AtomicI64::new(0));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let writers: Vec<_> =
            (0..WRITERS).map(|_| tokio::spawn(write(db.clone(), Arc::clone(&next)))).collect();
        for writer in writers {
            writer.await.unwrap();
        }
    });
}

async fn write(db: Database, next: Arc<AtomicI64>) {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let row = [Value::Integer(number), Value::Blob(vec![0; 200])];
        let mut connection = db.connect().await.unwrap();
        connection.execute("begin immediate", &[]).await.unwrap();
        connection.execute("insert into t (id, v) values (?1 * 2, ?2)", &row).await.unwrap();
        connection.execute("insert into t (id, v) values (?1 * 2 + 1, ?2)", &row).await.unwrap();
        connection.execute("commit", &[]).await.unwrap();
        io::stdout().write_all(format!("\nack {number}\n").as_bytes()).unwrap();
    }
}

/// Runs the child for a random while, kills it, and returns what it acknowledged.
fn run_and_kill(folder: &Path, durability: Durability, random: &mut Random) -> BTreeSet<i64> {
    let mut command = child("power_loss::writer", folder);
    let mut process = command.env(DURABILITY_VARIABLE, format!("{durability:?}")).spawn().unwrap();
    let output = BufReader::new(process.stdout.take().unwrap());
    let (first, started) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        let mut acknowledged = BTreeSet::new();
        for line in output.lines().map_while(Result::ok) {
            // A line is written in one piece: a kill cannot cut a number short.
            if let Some(number) = line.strip_prefix("ack ") {
                acknowledged.insert(number.parse::<i64>().unwrap());
                first.send(()).ok();
            }
        }
        acknowledged
    });
    started.recv_timeout(Duration::from_secs(30)).expect("the writer gets going");
    std::thread::sleep(Duration::from_millis(50 + random.below(250)));
    process.kill().unwrap();
    process.wait().unwrap();
    reader.join().unwrap()
}

/// Lays out in `after` what a power failure would have left of `before`.
fn lose_power(before: &Path, after: &Path, random: &mut Random) {
    let copy = fs::read(before.join("disk")).unwrap();
    let (length, copy) = copy.split_at(8);
    let (database, synced) =
        copy.split_at(usize::try_from(u64::from_le_bytes(length.try_into().unwrap())).unwrap());
    let written = fs::read(before.join("db.sqlite-wal")).unwrap();
    let mut wal = synced.to_vec();
    if head(&written) == head(synced) && written.len() > synced.len() {
        let appended = &written[synced.len()..];
        let survives = usize::try_from(random.below(appended.len() as u64 + 1)).unwrap();
        wal.extend_from_slice(&appended[..survives]);
        if survives > 0 && random.below(2) == 0 {
            let damaged = synced.len() + usize::try_from(random.below(survives as u64)).unwrap();
            wal[damaged] ^= 0x55;
        }
    }
    fs::write(after.join("db.sqlite"), database).unwrap();
    fs::write(after.join("db.sqlite-wal"), wal).unwrap();
}

/// The acknowledged transactions that are missing; panics at half a transaction or a damaged database.
fn missing(folder: &Path, acknowledged: &BTreeSet<i64>) -> usize {
    let db = Database::open(Options::new(folder.join("db.sqlite"))).unwrap();
    let mut connection = db.connect_blocking().unwrap();
    let check = connection.execute_blocking("pragma integrity_check", &[]).unwrap();
    assert_eq!(check.rows, [[Value::Text("ok".into())]]);
    let tables = connection.execute_blocking("select name from sqlite_schema where name = 't'", &[]).unwrap();
    if tables.rows.is_empty() {
        return acknowledged.len();
    }
    let mut found = BTreeMap::new();
    for row in connection.execute_blocking("select id / 2 from t", &[]).unwrap().rows {
        let [Value::Integer(number)] = row[..] else { panic!("{row:?}") };
        *found.entry(number).or_insert(0) += 1;
    }
    assert!(found.values().all(|&rows| rows == 2), "half a transaction");
    acknowledged.iter().filter(|number| !found.contains_key(number)).count()
}

#[test]
fn what_was_acknowledged_survives_kill_and_power_loss() {
    let mut random = Random::new();
    let rounds = std::env::var(ROUNDS_VARIABLE).map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    let mut total = 0;
    for round in 0..rounds {
        let before = folder(&format!("power_loss_{round}"));
        let after = folder(&format!("power_loss_{round}_after"));
        let acknowledged = run_and_kill(&before, Durability::Grouped, &mut random);
        lose_power(&before, &after, &mut random);
        assert_eq!(missing(&after, &acknowledged), 0, "of {} after power loss", acknowledged.len());
        assert_eq!(missing(&before, &acknowledged), 0, "of {} after kill", acknowledged.len());
        total += acknowledged.len();
    }
    println!("{total} acknowledged transactions over {rounds} kills, none missing");
}

/// The control: the harness notices what is lost.
#[test]
fn lazy_commits_are_lost_with_the_power_but_not_by_a_kill() {
    let mut random = Random::new();
    let (before, after) = (folder("power_loss_lazy"), folder("power_loss_lazy_after"));
    let acknowledged = run_and_kill(&before, Durability::Lazy, &mut random);
    lose_power(&before, &after, &mut random);
    let lost = missing(&after, &acknowledged);
    println!("lazy: {lost} of {} acknowledged transactions lost", acknowledged.len());
    assert!(lost > 0, "the harness loses nothing, so it proves nothing");
    assert_eq!(missing(&before, &acknowledged), 0);
}

/// The moment of a kill cannot be replayed, so neither need these numbers be.
struct Random(std::collections::hash_map::RandomState, u64);

impl Random {
    fn new() -> Self {
        Self(std::collections::hash_map::RandomState::new(), 0)
    }

    fn below(&mut self, limit: u64) -> u64 {
        use std::hash::BuildHasher;
        self.1 += 1;
        self.0.hash_one(self.1) % limit
    }
}

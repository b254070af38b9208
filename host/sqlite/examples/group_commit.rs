//! Durable commits a second, one sync each against one sync for all that wait.
//!
//! `cargo run --release -p crema-sqlite --example group_commit`. Each transaction is `begin immediate`, two
//! inserts and an update, `commit`, as async calls on a two-thread runtime. The last block repeats `Grouped` with
//! a sync that takes [`SLOW_SYNC`] longer, as on a slower disk. The databases are beside the program, under
//! `target`, and removed in the end.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crema_sqlite::{Database, Durability, Error, Fdatasync, Options, Syncer, Value};

/// How long each figure is measured.
const MEASURED: Duration = Duration::from_secs(4);
/// A network disk's or a cheap SSD's fsync.
const SLOW_SYNC: Duration = Duration::from_millis(4);
const WRITERS: [usize; 3] = [1, 16, 64];

fn main() -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime needs threads, which a bench machine has");
    println!(
        "{:<12}{:>8}{:>12}{:>10}{:>10}{:>10}{:>8}{:>11}",
        "durability", "writers", "commits/s", "p50 ms", "p99 ms", "max ms", "syncs", "batch mean"
    );
    for durability in [Durability::EachCommit, Durability::Grouped, Durability::Lazy] {
        for writers in WRITERS {
            runtime.block_on(measure(durability, writers, false))?;
        }
    }
    println!("with {} ms added to each sync:", SLOW_SYNC.as_millis());
    for writers in WRITERS {
        runtime.block_on(measure(Durability::Grouped, writers, true))?;
    }
    std::fs::remove_dir_all(folder()).expect("the folder is ours");
    Ok(())
}

/// `fdatasync`, and a wait.
struct SlowDisk;

impl Syncer for SlowDisk {
    fn sync(&mut self, wal: &File) -> io::Result<()> {
        std::thread::sleep(SLOW_SYNC);
        Fdatasync.sync(wal)
    }
}

async fn measure(durability: Durability, writers: usize, slow_disk: bool) -> Result<(), Error> {
    let path = folder().join(format!("{durability:?}-{writers}-{slow_disk}.sqlite"));
    let syncer: Box<dyn Syncer> = if slow_disk { Box::new(SlowDisk) } else { Box::new(Fdatasync) };
    let db = Database::open_with_syncer(Options { durability, ..Options::new(&path) }, syncer)?;
    let mut setup = db.connect().await?;
    setup
        .execute("create table entry (id integer primary key, account integer, amount integer)", &[])
        .await?;
    setup.execute("create index entry_by_account on entry (account)", &[]).await?;
    setup.execute("create table balance (account integer primary key, amount integer)", &[]).await?;
    drop(setup);
    let started = Instant::now();
    let tasks: Vec<_> =
        (0..writers).map(|writer| tokio::spawn(write(db.clone(), writer as i64, started))).collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.expect("a writer does not panic")?);
    }
    let seconds = started.elapsed().as_secs_f64();
    times.sort_unstable();
    let ms = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    let metrics = db.metrics();
    println!(
        "{:<12}{:>8}{:>12.0}{:>10.2}{:>10.2}{:>10.2}{:>8}{:>11.1}",
        format!("{durability:?}"),
        writers,
        times.len() as f64 / seconds,
        ms(0.5),
        ms(0.99),
        ms(1.0),
        metrics.syncs,
        metrics.batch_sum as f64 / metrics.syncs.max(1) as f64,
    );
    db.shutdown().await
}

async fn write(db: Database, writer: i64, started: Instant) -> Result<Vec<Duration>, Error> {
    let mut times = Vec::new();
    let account = [Value::Integer(writer)];
    while started.elapsed() < MEASURED {
        let begun = Instant::now();
        let mut tx = db.connect().await?;
        tx.execute("begin immediate", &[]).await?;
        tx.execute("insert into entry (account, amount) values (?1, 1)", &account).await?;
        tx.execute("insert into entry (account, amount) values (?1, -1)", &account).await?;
        tx.execute(
            "insert into balance values (?1, 1) on conflict do update set amount = amount + 1",
            &account,
        )
        .await?;
        tx.execute("commit", &[]).await?;
        times.push(begun.elapsed());
    }
    Ok(times)
}

/// A fresh folder beside the program, so on the disk that holds `target`.
fn folder() -> PathBuf {
    static FOLDER: std::sync::LazyLock<PathBuf> = std::sync::LazyLock::new(|| {
        let program = std::env::current_exe().expect("a running program has a path");
        let folder = program.with_file_name(format!("group_commit-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("the folder of the program can be written");
        folder
    });
    FOLDER.clone()
}

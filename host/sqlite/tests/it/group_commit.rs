//! Many commits, few syncs; a failed sync, no more answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crema_sqlite::{Database, Durability, Error, Options, Value};

use crate::support::{SlowSyncer, Switch, SyncMode, count, create_table, folder_of, options};

const WRITERS: i64 = 32;
const COMMITS_EACH: i64 = 8;
const SYNC: Duration = Duration::from_millis(4);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commits_share_syncs() {
    let db = Database::open_with_syncer(options("share"), Box::new(SlowSyncer(SYNC))).unwrap();
    create_table(&db);
    let before = db.metrics();
    let tasks = (0..WRITERS).map(|writer| {
        let db = db.clone();
        tokio::spawn(async move {
            let mut connection = db.connect().await.unwrap();
            for n in 0..COMMITS_EACH {
                let id = [Value::Integer(writer * COMMITS_EACH + n)];
                connection.execute("insert into t (id) values (?)", &id).await.unwrap();
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    let after = db.metrics();
    let (commits, syncs) = (after.commits - before.commits, after.syncs - before.syncs);
    println!("{commits} commits in {syncs} syncs, at most {} in one", after.batch_max);
    assert_eq!(commits, (WRITERS * COMMITS_EACH).unsigned_abs());
    assert!(syncs * 4 < commits, "{commits} commits took {syncs} syncs");
    assert!(after.batch_max <= WRITERS.unsigned_abs(), "nobody commits again before his sync");
    assert_eq!(after.wal_synced_bytes, after.wal_bytes, "every answer was given, so everything is synced");
    assert_eq!(count(&db), WRITERS * COMMITS_EACH);
}

#[tokio::test]
async fn each_commit_and_lazy_do_not_wait_for_the_sync_thread() {
    for durability in [Durability::EachCommit, Durability::Lazy] {
        let test = format!("mode_{durability:?}");
        let db = Database::open(Options { durability, ..options(&test) }).unwrap();
        create_table(&db);
        db.connect().await.unwrap().execute("insert into t (id) values (1)", &[]).await.unwrap();
        assert_eq!((db.metrics().commits, db.metrics().syncs), (2, 0));
        db.shutdown().await.unwrap();
    }
}

/// After the failure the "disk" works again, as after a failed fsync on Linux, where the next one reports success
/// because the pages that could not be written are simply gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_failed_sync_nothing_is_acknowledged() {
    for failure in [SyncMode::Fails, SyncMode::Panics] {
        let switch = Switch::default();
        let db = Database::open_with_syncer(options("failed"), Box::new(switch.clone())).unwrap();
        create_table(&db);
        let failed = Arc::new(AtomicBool::new(false));
        let tasks = (0..8).map(|_| {
            let (db, failed) = (db.clone(), Arc::clone(&failed));
            tokio::spawn(async move {
                let mut connection = db.connect().await.unwrap();
                loop {
                    // Read before: an answer to what was sent later is an answer after the failure.
                    let was_failed = failed.load(Ordering::SeqCst);
                    match connection.execute("insert into t (v) values (1)", &[]).await {
                        Ok(_) => assert!(!was_failed, "acknowledged after a failed sync"),
                        Err(error) => return error,
                    }
                }
            })
        });
        let tasks: Vec<_> = tasks.collect();
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(db.healthy());
        switch.set(failure);
        let deadline = Instant::now() + Duration::from_secs(10);
        while db.healthy() {
            assert!(Instant::now() < deadline, "a failed sync went unnoticed");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        failed.store(true, Ordering::SeqCst);
        switch.set(SyncMode::Works);
        for task in tasks {
            let error = task.await.unwrap();
            assert!(matches!(error, Error::Poisoned { .. }), "{error:?}");
        }
        let mut connection = db.connect().await.unwrap();
        let refused = connection.execute("insert into t (v) values (2)", &[]).await.unwrap_err();
        assert!(matches!(refused, Error::Poisoned { .. }), "{refused:?}");
        assert!(connection.execute("select count(*) from t", &[]).await.is_ok(), "reads go on");
        assert!(matches!(db.shutdown().await, Err(Error::Poisoned { .. })));
        drop(connection);
        drop(db);
        let wal = std::fs::metadata(folder_of("failed").join("db.sqlite-wal")).unwrap().len();
        assert!(wal > 0, "closing did not pass the WAL off as written");
    }
}

#[tokio::test]
async fn a_wal_removed_under_us_is_a_failed_sync() {
    let db = Database::open(options("removed")).unwrap();
    create_table(&db);
    std::fs::remove_file(folder_of("removed").join("db.sqlite-wal")).unwrap();
    let error = db.connect().await.unwrap().execute("insert into t (id) values (1)", &[]).await.unwrap_err();
    assert!(matches!(error, Error::Poisoned { .. }), "{error:?}");
    assert!(!db.healthy());
}

/// Writers never pause, so no passive checkpoint ever catches up; the WAL must stay small all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_wal_stays_bounded_under_load() {
    const WAL_BYTES: u64 = 128 * 1024;
    let mut small = options("bounded");
    small.checkpoint_wal_bytes = WAL_BYTES;
    small.durability = Durability::Lazy;
    let db = Database::open(small).unwrap();
    create_table(&db);
    let tasks = (0..8).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            for _ in 0..500 {
                let mut connection = db.connect().await.unwrap();
                connection.execute("insert into t (v) values (zeroblob(8000))", &[]).await.unwrap();
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    let wal = std::fs::metadata(folder_of("bounded").join("db.sqlite-wal")).unwrap().len();
    let metrics = db.metrics();
    println!("48 MB appended, WAL {wal} bytes, {} checkpoint passes", metrics.checkpoints);
    assert!(wal < 16 * 1024 * 1024, "WAL of {wal} bytes");
}

#[tokio::test]
async fn a_long_reader_holds_the_wal_back_only_while_it_reads() {
    const WAL_BYTES: u64 = 64 * 1024;
    let mut small = options("long_reader");
    (small.checkpoint_wal_bytes, small.truncate_wal_bytes) = (WAL_BYTES, 4 * WAL_BYTES);
    let db = Database::open(small).unwrap();
    create_table(&db);
    let mut reader = db.connect().await.unwrap();
    reader.execute("begin", &[]).await.unwrap();
    reader.execute("select * from t", &[]).await.unwrap();
    let mut writer = db.connect().await.unwrap();
    let insert = "insert into t (v) values (zeroblob(8000))";
    while db.metrics().wal_bytes < 8 * WAL_BYTES || db.metrics().checkpoints_blocked == 0 {
        writer.execute(insert, &[]).await.unwrap();
    }
    assert_eq!(reader.execute("select * from t", &[]).await.unwrap().rows.len(), 0, "its snapshot holds");
    drop(reader);
    let wal = || std::fs::metadata(folder_of("long_reader").join("db.sqlite-wal")).unwrap().len();
    for _ in 0..200 {
        writer.execute("insert into t (v) values (1)", &[]).await.unwrap();
        if wal() < 4 * WAL_BYTES {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the WAL still has {} bytes", wal());
}

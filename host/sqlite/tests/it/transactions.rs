//! Transactions that end badly: dropped, cancelled, panicked.

use std::time::Duration;

use crema_sqlite::{Database, Error, Value};
use tokio::time::timeout;

use crate::support::{Switch, SyncMode, begin, count, create_table, database, options};

const SOON: Duration = Duration::from_secs(2);
const A_WHILE: Duration = Duration::from_millis(50);

#[tokio::test]
async fn dropping_a_connection_rolls_back_and_passes_the_turn_on() {
    let db = database(options("drop"));
    let mut first = db.connect().await.unwrap();
    begin(&mut first, 1).await;
    let mut second = db.connect().await.unwrap();
    let waiting = tokio::spawn(async move { second.execute("insert into t (id) values (2)", &[]).await });
    tokio::time::sleep(A_WHILE).await;
    assert!(!waiting.is_finished(), "the second writer waits");
    drop(first);
    timeout(SOON, waiting).await.unwrap().unwrap().unwrap();
    assert_eq!(count(&db), 1);
    let mut reused = db.connect().await.unwrap();
    assert!(!reused.in_transaction());
    begin(&mut reused, 1).await;
    reused.execute("commit", &[]).await.unwrap();
    assert_eq!(count(&db), 2);
}

#[tokio::test]
async fn a_panic_rolls_back_too() {
    let db = database(options("panic"));
    let mut connection = db.connect().await.unwrap();
    let task = tokio::spawn(async move {
        begin(&mut connection, 1).await;
        panic!("as the test wants");
    });
    assert!(task.await.unwrap_err().is_panic());
    timeout(SOON, db.connect().await.unwrap().execute("insert into t (id) values (2)", &[]))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(count(&db), 1);
}

#[tokio::test]
async fn leaving_the_queue_costs_the_others_nothing() {
    let db = database(options("leave_queue"));
    let mut first = db.connect().await.unwrap();
    begin(&mut first, 1).await;
    let mut second = db.connect().await.unwrap();
    let mut third = db.connect().await.unwrap();
    let given_up = timeout(A_WHILE, second.execute("insert into t (id) values (2)", &[])).await;
    assert!(given_up.is_err(), "still waiting when its time was up");
    let waiting = tokio::spawn(async move { third.execute("insert into t (id) values (3)", &[]).await });
    tokio::time::sleep(A_WHILE).await;
    first.execute("commit", &[]).await.unwrap();
    timeout(SOON, waiting).await.unwrap().unwrap().unwrap();
    // The one that gave up is as good as before.
    timeout(SOON, second.execute("insert into t (id) values (2)", &[])).await.unwrap().unwrap();
    assert_eq!(count(&db), 3);
}

#[tokio::test]
async fn leaving_while_another_process_has_the_lock_gives_the_turn_back() {
    let db = database(options("leave_busy"));
    let folder = crate::support::folder_of("leave_busy");
    let foreign = rusqlite::Connection::open(folder.join("db.sqlite")).unwrap();
    foreign.execute_batch("begin immediate").unwrap();
    let mut first = db.connect().await.unwrap();
    // It has the turn and sleeps between attempts when it is dropped; the connection lives on, idle.
    assert!(timeout(A_WHILE, first.execute("insert into t (id) values (1)", &[])).await.is_err());
    foreign.execute_batch("rollback").unwrap();
    let mut second = db.connect().await.unwrap();
    timeout(SOON, second.execute("insert into t (id) values (2)", &[])).await.unwrap().unwrap();
    assert_eq!(count(&db), 1);
}

#[tokio::test]
async fn leaving_while_the_sync_runs_keeps_the_commit() {
    let switch = Switch::default();
    let db = Database::open_with_syncer(options("leave_sync"), Box::new(switch.clone())).unwrap();
    create_table(&db);
    switch.set(SyncMode::Hangs);
    let mut first = db.connect().await.unwrap();
    assert!(timeout(A_WHILE, first.execute("insert into t (id) values (1)", &[])).await.is_err());
    // The turn is free although nothing is durable; the answer is what waits.
    let mut second = db.connect().await.unwrap();
    assert!(timeout(A_WHILE, second.execute("insert into t (id) values (2)", &[])).await.is_err());
    switch.set(SyncMode::Works);
    timeout(SOON, first.execute("insert into t (id) values (3)", &[])).await.unwrap().unwrap();
    assert_eq!(count(&db), 3);
}

#[tokio::test]
async fn a_deferred_transaction_takes_the_turn_when_it_first_writes() {
    let db = database(options("deferred"));
    let mut first = db.connect().await.unwrap();
    let mut second = db.connect().await.unwrap();
    first.execute("begin", &[]).await.unwrap();
    first.execute("select count(*) from t", &[]).await.unwrap();
    second.execute("insert into t (id) values (2)", &[]).await.unwrap();
    // The snapshot of the first is stale now: no waiting can help, and SQLite says so.
    let stale = first.execute("insert into t (id) values (1)", &[]).await.unwrap_err();
    assert!(matches!(stale, Error::Sqlite { code: rusqlite::ffi::SQLITE_BUSY_SNAPSHOT, .. }), "{stale:?}");
    timeout(SOON, second.execute("insert into t (id) values (3)", &[])).await.unwrap().unwrap();
    first.execute("rollback", &[]).await.unwrap();
    first.execute("savepoint s", &[]).await.unwrap();
    first.execute("insert into t (id) values (4)", &[]).await.unwrap();
    let waits = timeout(A_WHILE, second.execute("insert into t (id) values (5)", &[])).await;
    assert!(waits.is_err(), "the savepoint's writer has the turn");
    first.execute("release s", &[]).await.unwrap();
    timeout(SOON, second.execute("insert into t (id) values (5)", &[])).await.unwrap().unwrap();
    assert_eq!(count(&db), 4);
}

#[tokio::test]
async fn an_answer_never_rests_on_a_commit_that_can_still_vanish() {
    let switch = Switch::default();
    let db = Database::open_with_syncer(options("rests_on"), Box::new(switch.clone())).unwrap();
    create_table(&db);
    switch.set(SyncMode::Hangs);
    let mut writer = db.connect().await.unwrap();
    assert!(timeout(A_WHILE, writer.execute("insert into t (id) values (1)", &[])).await.is_err());

    // A replay: takes the turn, finds the stored reply, writes nothing.
    let mut replay = db.connect().await.unwrap();
    replay.execute("begin immediate", &[]).await.unwrap();
    let found = replay.execute("select id from t", &[]).await.unwrap();
    assert_eq!(found.rows, [[Value::Integer(1)]], "the commit can be seen before it is durable");
    let replay = tokio::spawn(async move { replay.execute("commit", &[]).await });
    // A refusal: "there is one already".
    let mut refused = db.connect().await.unwrap();
    let refused = tokio::spawn(async move { refused.execute("insert into t (id) values (1)", &[]).await });
    tokio::time::sleep(A_WHILE).await;
    assert!(!replay.is_finished() && !refused.is_finished(), "both wait for the first commit's sync");
    let syncs = db.metrics().syncs;
    switch.set(SyncMode::Works);
    timeout(SOON, replay).await.unwrap().unwrap().unwrap();
    timeout(SOON, refused).await.unwrap().unwrap().unwrap_err();
    assert_eq!(db.metrics().syncs, syncs + 1, "and cost no sync of their own");
}

#[tokio::test]
async fn connections_are_limited_and_reused() {
    let mut limited = options("limit");
    limited.connections_max = 2;
    limited.busy_timeout = A_WHILE;
    let db = database(limited);
    let first = db.connect().await.unwrap();
    let _second = db.connect().await.unwrap();
    assert_eq!(db.connect().await.unwrap_err(), Error::ConnectionLimit { max: 2 });
    drop(first);
    db.connect().await.unwrap();
    assert_eq!((db.metrics().connections_open, db.metrics().connections_idle), (2, 1));
}

#[tokio::test]
async fn a_transaction_that_outstays_the_shutdown_is_not_acknowledged() {
    let mut impatient = options("outstays");
    impatient.busy_timeout = A_WHILE;
    let db = database(impatient);
    let mut connection = db.connect().await.unwrap();
    begin(&mut connection, 1).await;
    assert!(matches!(db.shutdown().await, Err(Error::Busy { .. })));
    assert_eq!(timeout(SOON, connection.execute("commit", &[])).await.unwrap().unwrap_err(), Error::Closed);
}

#[tokio::test]
async fn after_shutdown_nothing_starts_and_the_file_is_whole() {
    let db = database(options("shutdown"));
    let mut reader = db.connect().await.unwrap();
    db.connect().await.unwrap().execute("insert into t (id) values (1)", &[]).await.unwrap();
    db.shutdown().await.unwrap();
    assert!(!db.healthy());
    assert_eq!(db.connect().await.unwrap_err(), Error::Closed);
    assert_eq!(reader.execute("insert into t (id) values (2)", &[]).await.unwrap_err(), Error::Closed);
    assert_eq!(reader.execute("select id from t", &[]).await.unwrap().rows.len(), 1);
    drop(reader);
    db.shutdown().await.unwrap();
    drop(db);
    let folder = crate::support::folder_of("shutdown");
    let wal = std::fs::metadata(folder.join("db.sqlite-wal")).map_or(0, |wal| wal.len());
    assert_eq!(wal, 0, "everything is in the database file");
}

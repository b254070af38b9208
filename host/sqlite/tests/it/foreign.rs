//! Another process has the database open and locked.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

use crema_sqlite::{Error, Value};

use crate::support::{child, child_folder, count, database, folder_of, options};

/// The other process: takes the write lock, says so, and lets go when told.
#[test]
#[ignore = "run as a child process"]
fn lock_holder() {
    let Some(folder) = child_folder() else { return };
    let connection = rusqlite::Connection::open(folder.join("db.sqlite")).unwrap();
    connection.execute_batch("begin immediate; insert into t (id) values (100)").unwrap();
    println!("\nlocked");
    std::io::stdin().lock().read_line(&mut String::new()).unwrap();
    connection.execute_batch("commit").unwrap();
}

fn lock(folder: &Path) -> Child {
    let mut process = child("foreign::lock_holder", folder).spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.as_mut().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == "locked"));
    process
}

/// On one thread: were that blocked, nobody could tell the other process to let go.
#[tokio::test]
async fn a_writer_waits_for_another_process_without_blocking_the_executor() {
    let db = database(options("foreign_wait"));
    let mut process = lock(&folder_of("foreign_wait"));
    let mut connection = db.connect().await.unwrap();
    let started = Instant::now();
    let insert = tokio::spawn(async move { connection.execute("insert into t (id) values (1)", &[]).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!insert.is_finished());
    let read = db.connect().await.unwrap().execute("select count(*) from t", &[]).await.unwrap();
    assert_eq!(read.rows, [[Value::Integer(0)]], "readers do not wait");
    process.stdin.as_mut().unwrap().write_all(b"go\n").unwrap();
    insert.await.unwrap().unwrap();
    assert!(started.elapsed() >= Duration::from_millis(100));
    assert!(process.wait().unwrap().success());
    assert_eq!(count(&db), 2);
}

#[tokio::test]
async fn the_wait_for_another_process_has_an_end() {
    let mut impatient = options("foreign_timeout");
    impatient.busy_timeout = Duration::from_millis(60);
    let db = database(impatient);
    let mut process = lock(&folder_of("foreign_timeout"));
    let mut connection = db.connect().await.unwrap();
    let refused = connection.execute("insert into t (id) values (1)", &[]).await.unwrap_err();
    assert!(matches!(refused, Error::Busy { waited } if waited >= Duration::from_millis(60)), "{refused:?}");
    assert_eq!(refused.to_string(), "database is locked");
    process.stdin.as_mut().unwrap().write_all(b"go\n").unwrap();
    assert!(process.wait().unwrap().success());
    connection.execute("insert into t (id) values (1)", &[]).await.unwrap();
    assert_eq!(count(&db), 2);
}

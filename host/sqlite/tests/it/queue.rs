//! Writers are served in order of arrival, tasks and threads alike.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crema_sqlite::{Database, Error, Value};

use crate::support::{begin, database, folder_of, options};

const WRITERS: i64 = 64;
const TRANSACTIONS: i64 = 20;
/// Long enough that the waits are the queue's and not the scheduler's.
const WORK: Duration = Duration::from_micros(500);
/// The longest wait against the mean. In a fair queue of equal transactions all waits are alike.
const UNFAIRNESS_MAX: f64 = 4.0;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_starves() {
    let mut patient = options("fair");
    patient.busy_timeout = Duration::from_secs(60);
    let db = database(patient);
    let tasks: Vec<_> = (0..WRITERS).map(|writer| tokio::spawn(write(db.clone(), writer))).collect();
    let mut waits = Vec::new();
    for task in tasks {
        waits.extend(task.await.unwrap());
    }
    let (mean, max) = mean_and_max(&waits);
    println!("fair queue:        mean wait {mean:>10.1?}, max {max:>10.1?}");
    let (control_mean, control_max) = tokio::task::spawn_blocking(busy_handler_only).await.unwrap();
    println!("busy handler only: mean wait {control_mean:>10.1?}, max {control_max:>10.1?}");
    assert!(max.as_secs_f64() < mean.as_secs_f64() * UNFAIRNESS_MAX, "mean {mean:?}, max {max:?}");
    assert!(db.metrics().queue_wait_max >= max / 2, "the metrics tell the same");
}

async fn write(db: Database, writer: i64) -> Vec<Duration> {
    let mut waits = Vec::new();
    for n in 0..TRANSACTIONS {
        let mut connection = db.connect().await.unwrap();
        let started = Instant::now();
        connection.execute("begin immediate", &[]).await.unwrap();
        waits.push(started.elapsed());
        tokio::time::sleep(WORK).await;
        let id = [Value::Integer(writer * TRANSACTIONS + n)];
        connection.execute("insert into t (id) values (?)", &id).await.unwrap();
        connection.execute("commit", &[]).await.unwrap();
    }
    // The first round fills the queue: those waits grow from nothing.
    waits.split_off(1)
}

/// The control: the same work by threads that leave the waiting to SQLite.
fn busy_handler_only() -> (Duration, Duration) {
    let path = folder_of("fair").join("control.sqlite");
    let open = || {
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.busy_timeout(Duration::from_secs(60)).unwrap();
        connection.pragma_update(None, "journal_mode", "wal").unwrap();
        connection.pragma_update(None, "synchronous", "normal").unwrap();
        connection
    };
    open().execute_batch("create table t (id integer primary key)").unwrap();
    let waits = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (open, waits) = (&open, &waits);
            scope.spawn(move || {
                let connection = open();
                for n in 0..TRANSACTIONS {
                    let started = Instant::now();
                    connection.execute_batch("begin immediate").unwrap();
                    waits.lock().unwrap().push(started.elapsed());
                    std::thread::sleep(WORK);
                    connection.execute("insert into t values (?)", [writer * TRANSACTIONS + n]).unwrap();
                    connection.execute_batch("commit").unwrap();
                }
            });
        }
    });
    mean_and_max(&waits.into_inner().unwrap())
}

fn mean_and_max(waits: &[Duration]) -> (Duration, Duration) {
    let mean = waits.iter().sum::<Duration>() / u32::try_from(waits.len()).unwrap();
    (mean, *waits.iter().max().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_and_threads_stand_in_one_line() {
    let db = database(options("one_line"));
    let mut first = db.connect().await.unwrap();
    begin(&mut first, -1).await;
    let served = Arc::new(Mutex::new(Vec::new()));
    let (mut tasks, mut threads) = (Vec::new(), Vec::new());
    for n in 0..12 {
        let (db, served) = (db.clone(), Arc::clone(&served));
        if n % 2 == 0 {
            tasks.push(tokio::spawn(async move {
                let mut connection = db.connect().await.unwrap();
                begin(&mut connection, n).await;
                served.lock().unwrap().push(n);
                connection.execute("commit", &[]).await.unwrap();
            }));
        } else {
            threads.push(std::thread::spawn(move || {
                let mut connection = db.connect_blocking().unwrap();
                connection.execute_blocking("begin immediate", &[]).unwrap();
                served.lock().unwrap().push(n);
                connection.execute_blocking("commit", &[]).unwrap();
            }));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    first.execute("commit", &[]).await.unwrap();
    for task in tasks {
        task.await.unwrap();
    }
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(*served.lock().unwrap(), (0..12).collect::<Vec<_>>());
}

#[tokio::test]
async fn waiting_has_an_end() {
    let mut impatient = options("impatient");
    impatient.busy_timeout = Duration::from_millis(50);
    let db = database(impatient);
    let mut first = db.connect().await.unwrap();
    begin(&mut first, 1).await;
    let mut second = db.connect().await.unwrap();
    let refused = second.execute("insert into t (id) values (2)", &[]).await.unwrap_err();
    assert!(matches!(refused, Error::Busy { waited } if waited >= Duration::from_millis(50)), "{refused:?}");
    let db_two = db.clone();
    let thread =
        std::thread::spawn(move || db_two.connect_blocking().unwrap().execute_blocking("delete from t", &[]));
    assert!(matches!(thread.join().unwrap(), Err(Error::Busy { .. })));
    first.execute("commit", &[]).await.unwrap();
    second.execute("insert into t (id) values (2)", &[]).await.unwrap();
}

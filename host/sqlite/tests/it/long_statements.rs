//! A long statement moves off the executor's thread, and can be abandoned there.

use std::time::{Duration, Instant};

use crema_sqlite::{Database, Error, Value};
use tokio::time::timeout;

use crate::support::{begin, count, database, options};

const ENDLESS: &str =
    "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n";
const COUNT_TO: &str =
    "with recursive n(i) as (select 1 union all select i + 1 from n where i < ?) select count(*) from n";
/// Counts for some hundreds of milliseconds.
const LONG: i64 = 1_000_000;
const A_WHILE: Duration = Duration::from_millis(50);
const SOON: Duration = Duration::from_secs(2);

/// On a runtime of one thread, the longest time in which a ticking task did not get to run.
async fn longest_stall<T>(work: impl Future<Output = T>) -> (T, Duration) {
    let ticker = tokio::spawn(async {
        let mut last = Instant::now();
        let mut longest = Duration::ZERO;
        while longest < Duration::from_secs(60) {
            tokio::task::yield_now().await;
            longest = longest.max(last.elapsed());
            last = Instant::now();
            LONGEST.with(|cell| cell.set(longest));
        }
    });
    LONGEST.with(|cell| cell.set(Duration::ZERO));
    let result = work.await;
    tokio::task::yield_now().await;
    ticker.abort();
    (result, LONGEST.with(std::cell::Cell::get))
}

thread_local! {
    static LONGEST: std::cell::Cell<Duration> = const { std::cell::Cell::new(Duration::ZERO) };
}

#[tokio::test]
async fn a_long_statement_does_not_stall_the_others() {
    let db = Database::open(options("stall")).unwrap();
    let mut connection = db.connect().await.unwrap();
    let started = Instant::now();
    let (result, stall) = longest_stall(connection.execute(COUNT_TO, &[Value::Integer(LONG)])).await;
    let took = started.elapsed();
    assert_eq!(result.unwrap().rows, [[Value::Integer(LONG)]]);
    println!("took {took:?}, stalled for {stall:?}");
    assert!(stall < took / 4, "took {took:?}, stalled the executor for {stall:?}");
    // Known as long now: it does not even begin here; but once it is short it stays here again.
    for moved in [2, 2, 2] {
        let result = connection.execute(COUNT_TO, &[Value::Integer(3)]).await;
        assert_eq!(result.unwrap().rows, [[Value::Integer(3)]]);
        assert_eq!(db.metrics().moved, moved);
    }
}

/// As on a computer so busy that the thread loses the processor in every statement.
#[tokio::test]
async fn a_short_statement_is_not_long_only_because_time_went_by() {
    let mut hasty = options("hasty");
    hasty.inline_time_limit = Duration::ZERO;
    let db = database(hasty);
    let mut connection = db.connect().await.unwrap();
    for id in 0..500 {
        connection.execute("insert into t (id) values (?)", &[Value::Integer(id)]).await.unwrap();
        connection.execute("select * from t where id = ?", &[Value::Integer(id)]).await.unwrap();
    }
    assert_eq!(db.metrics().moved, 0);
    connection.execute(COUNT_TO, &[Value::Integer(100_000)]).await.unwrap();
    assert_eq!(db.metrics().moved, 1);
}

#[tokio::test]
async fn a_long_write_outside_a_transaction_moves_too_and_happens_once() {
    let db = database(options("long_write"));
    let mut connection = db.connect().await.unwrap();
    let fill = "insert into t (v) with recursive n(i) as (select 1 union all select i + 1 from n where i < ?)
                select i from n";
    let (result, stall) = longest_stall(connection.execute(fill, &[Value::Integer(LONG / 4)])).await;
    result.unwrap();
    assert_eq!((count(&db), connection.changes()), (LONG / 4, (LONG / 4).unsigned_abs()));
    println!("stalled for {stall:?}");
}

#[tokio::test]
async fn an_abandoned_statement_stops_and_the_connection_lives_on() {
    let db = database(options("abandoned"));
    let mut connection = db.connect().await.unwrap();
    begin(&mut connection, 1).await;
    assert!(timeout(A_WHILE, connection.execute(ENDLESS, &[])).await.is_err());
    // An abandoned read does not end the transaction.
    timeout(SOON, connection.execute("commit", &[])).await.unwrap().unwrap();
    assert_eq!(count(&db), 1);
}

#[tokio::test]
async fn an_abandoned_connection_rolls_back_and_passes_the_turn_on() {
    let db = database(options("abandoned_drop"));
    let mut connection = db.connect().await.unwrap();
    begin(&mut connection, 1).await;
    assert!(timeout(A_WHILE, connection.execute(ENDLESS, &[])).await.is_err());
    drop(connection);
    let mut next = db.connect().await.unwrap();
    timeout(SOON, next.execute("insert into t (id) values (2)", &[])).await.unwrap().unwrap();
    assert_eq!(count(&db), 1);
}

#[tokio::test]
async fn the_time_limit_holds_off_the_executor_too() {
    let mut limited = options("limit_elsewhere");
    limited.statement_time_limit = Duration::from_millis(100);
    let db = Database::open(limited).unwrap();
    let mut connection = db.connect().await.unwrap();
    let error = timeout(SOON, connection.execute(ENDLESS, &[])).await.unwrap().unwrap_err();
    assert_eq!(error, Error::TimeLimit { limit: Duration::from_millis(100) });
}

#[tokio::test]
async fn results_are_limited() {
    let mut limited = options("result_limit");
    limited.result_bytes_max = 100_000;
    let db = database(limited);
    let mut connection = db.connect().await.unwrap();
    let too_large = Err(Error::ResultTooLarge { max: 100_000 });
    assert_eq!(
        connection.execute(COUNT_TO.replace("count(*)", "i").as_str(), &[Value::Integer(50_000)]).await,
        too_large
    );
    assert!(connection.execute("select zeroblob(200000)", &[]).await.is_err());
    let all =
        "insert into t (v) with recursive n(i) as (select 1 union all select i + 1 from n where i < 9000)
               select i from n returning id, v";
    assert_eq!(connection.execute(all, &[]).await, too_large);
    assert_eq!(count(&db), 9000, "a write that says too much has taken effect all the same");
}

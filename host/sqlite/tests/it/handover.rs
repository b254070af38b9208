//! All writers share one SQLite connection; no user may notice.

use crema_sqlite::{Connection, Error, Value};

use crate::support::{begin, count, database, folder, options};

const COUNTS: &str = "select changes(), last_insert_rowid(), total_changes()";

fn run(connection: &mut Connection, sql: &str) -> Result<Vec<Vec<Value>>, Error> {
    Ok(connection.execute_blocking(sql, &[])?.rows)
}

fn integers(rows: &[Vec<Value>]) -> Vec<i64> {
    let integer = |value: &Value| match value {
        Value::Integer(integer) => *integer,
        other => panic!("{other:?}"),
    };
    rows.iter().flatten().map(integer).collect()
}

#[test]
fn everyone_counts_their_own() {
    let db = database(options("counts"));
    let [mut first, mut second] = [(); 2].map(|()| db.connect_blocking().unwrap());
    let counts = |connection: &mut Connection| integers(&run(connection, COUNTS).unwrap());
    assert_eq!(counts(&mut first), [0, 0, 0]);
    run(&mut first, "insert into t (id) values (1), (2)").unwrap();
    assert_eq!(counts(&mut first), [2, 2, 2]);
    assert_eq!((first.changes(), first.last_insert_rowid()), (2, 2));
    assert_eq!(counts(&mut second), [0, 0, 0]);
    run(&mut second, "insert into t (id) values (30), (31), (32)").unwrap();
    assert_eq!(counts(&mut second), [3, 32, 3]);
    assert_eq!(counts(&mut first), [2, 2, 2]);

    // On the writing connection too, before and after its own first write there.
    run(&mut first, "begin immediate").unwrap();
    assert_eq!(counts(&mut first), [2, 2, 2]);
    run(&mut first, "insert into t (id, v) select 3, last_insert_rowid() || ',' || changes()").unwrap();
    assert_eq!(counts(&mut first), [1, 3, 3]);
    run(&mut first, "update t set v = 0 where id > 100").unwrap();
    assert_eq!(counts(&mut first), [0, 3, 3]);
    run(&mut first, "commit").unwrap();
    assert_eq!((first.changes(), first.last_insert_rowid()), (0, 3));
    let seen = run(&mut second, "select v from t where id = 3").unwrap();
    assert_eq!(seen, [[Value::Text("2,2".into())]]);

    drop((first, second));
    let mut next = db.connect_blocking().unwrap();
    assert_eq!(counts(&mut next), [0, 0, 0]);
    run(&mut next, "begin immediate").unwrap();
    assert_eq!(counts(&mut next), [0, 0, 0]);
}

/// Whatever SQLite counts, we count: the same statements on a plain connection and here, where another user writes
/// between any two of them.
#[test]
fn counts_are_as_on_a_connection_of_ones_own() {
    let statements = [
        "create table log (n integer, c integer)",
        "create trigger noted after insert on t begin
           insert into log select new.id, changes(); update log set n = n; insert into log select 0, changes(); end",
        "insert into t (id) values (1001), (1002), (1003)",
        "update t set v = id where id > 1000",
        "insert into t (id) values (1001)",
        "create table other (x)",
        "delete from t where id = 1",
        "begin immediate",
        "insert into other values (last_insert_rowid()), (changes())",
        "savepoint s",
        "delete from other",
        "rollback to s",
        "commit",
        "begin",
        "insert or ignore into t (id) values (1003), (1004)",
        "commit",
    ];
    let plain = rusqlite::Connection::open(folder("plain").join("db.sqlite")).unwrap();
    plain.execute_batch("create table t (id integer primary key, v)").unwrap();
    let db = database(options("alike"));
    let [mut ours, mut another] = [(); 2].map(|()| db.connect_blocking().unwrap());
    run(&mut another, "create table aside (v)").unwrap();
    for sql in statements {
        let expected = plain.execute_batch(sql).is_ok();
        assert_eq!(run(&mut ours, sql).is_ok(), expected, "{sql}");
        let expected = plain.query_row(COUNTS, [], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]));
        assert_eq!(integers(&run(&mut ours, COUNTS).unwrap()), expected.unwrap(), "{sql}");
        if !ours.in_transaction() {
            for elsewhere in
                ["insert into aside values (1), (2), (3)", "delete from aside", "delete from aside"]
            {
                run(&mut another, elsewhere).unwrap();
            }
        }
    }
    let log = "select n, c from log order by rowid";
    let mut expected = plain.prepare(log).unwrap();
    let expected = expected.query_map([], |row| Ok([row.get(0)?, row.get(1)?])).unwrap();
    let expected: Vec<[i64; 2]> = expected.map(Result::unwrap).collect();
    assert!(expected.len() > 6, "the trigger ran");
    assert_eq!(integers(&run(&mut ours, log).unwrap()), expected.concat());
}

#[test]
fn what_a_user_does_to_its_connection_stays_with_it() {
    let db = database(options("stays"));
    let mut first = db.connect_blocking().unwrap();
    let mut second = db.connect_blocking().unwrap();

    // Before the first write: it then writes where its temporary table is.
    run(&mut first, "create temp table basket (v)").unwrap();
    run(&mut first, "insert into basket values (7)").unwrap();
    run(&mut first, "insert into t (id) select v from basket").unwrap();
    assert!(run(&mut second, "select * from basket").is_err());
    run(&mut second, "begin immediate").unwrap();
    assert!(run(&mut second, "select * from basket").is_err());

    // In a write transaction: it keeps the connection, and the next writer has another.
    run(&mut second, "create temp table secret (v)").unwrap();
    run(&mut second, "pragma foreign_keys = off").unwrap();
    run(&mut second, "pragma cache_size = 11").unwrap();
    run(&mut second, "insert into t (id) values (8)").unwrap();
    run(&mut second, "commit").unwrap();
    run(&mut second, "insert into secret values (1)").unwrap();
    run(&mut second, "insert into t (id) select 8 + v from secret").unwrap();
    assert_eq!(integers(&run(&mut second, "pragma cache_size").unwrap()), [11]);
    let mut third = db.connect_blocking().unwrap();
    for begin in ["select 1", "begin immediate"] {
        run(&mut third, begin).unwrap();
        assert!(run(&mut third, "select * from secret").is_err());
        assert_eq!(integers(&run(&mut third, "pragma foreign_keys").unwrap()), [1]);
        assert_ne!(integers(&run(&mut third, "pragma cache_size").unwrap()), [11]);
    }
    run(&mut third, "commit").unwrap();
    drop((first, second, third));
    assert_eq!(count(&db), 3);
    assert_eq!(db.metrics().connections_idle, 1, "only the third's was as good as new");
}

#[test]
fn a_script_may_leave_a_transaction_open() {
    let db = database(options("script_open"));
    let mut first = db.connect_blocking().unwrap();
    let mut second = db.connect_blocking().unwrap();
    first.execute_batch_blocking("insert into t (id) values (1); begin; select * from t").unwrap();
    assert!(first.in_transaction());
    run(&mut second, "insert into t (id) values (2)").unwrap();
    assert_eq!(integers(&run(&mut first, "select count(*) from t").unwrap()), [1], "its snapshot");
    run(&mut first, "rollback").unwrap();
    assert_eq!(integers(&run(&mut first, "select count(*) from t").unwrap()), [2]);
}

#[tokio::test]
async fn a_user_that_dies_while_writing_leaves_nothing_for_the_next_writer() {
    let db = database(options("dies"));
    let mut dying = db.connect().await.unwrap();
    begin(&mut dying, 1).await;
    dying.execute("savepoint deeper", &[]).await.unwrap();
    drop(dying);
    let mut next = db.connect().await.unwrap();
    begin(&mut next, 1).await;
    assert_eq!(integers(&next.execute(COUNTS, &[]).await.unwrap().rows), [1, 1, 1]);
    next.execute("commit", &[]).await.unwrap();
    assert_eq!(count(&db), 1);
}

#[test]
fn an_interrupt_follows_its_user() {
    const ENDLESS: &str =
        "with recursive n (i) as (select 1 union all select i + 1 from n) select count(*) from n";
    let db = database(options("interrupt_follows"));
    let mut first = db.connect_blocking().unwrap();
    let handle = first.interrupt_handle();
    run(&mut first, "begin immediate").unwrap();
    let stopper = handle.clone();
    let thread = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(50));
        stopper.interrupt();
    });
    assert_eq!(run(&mut first, ENDLESS).unwrap_err(), Error::Interrupted);
    thread.join().unwrap();
    run(&mut first, "commit").unwrap();
    let mut second = db.connect_blocking().unwrap();
    run(&mut second, "begin immediate").unwrap();
    let late = std::thread::spawn(move || (0..2_000).for_each(|_| handle.interrupt()));
    for id in 0..200 {
        run(&mut second, &format!("insert into t (id) values ({id})")).unwrap();
    }
    late.join().unwrap();
    run(&mut second, "commit").unwrap();
}

#[test]
fn connections_that_do_nothing_share_their_sessions() {
    let db = database(options("share"));
    let mut connections: Vec<Connection> = (0..10).map(|_| db.connect_blocking().unwrap()).collect();
    for (id, connection) in connections.iter_mut().enumerate() {
        run(connection, "select * from t").unwrap();
        run(connection, &format!("insert into t (id) values ({id})")).unwrap();
    }
    // One reads, one writes.
    assert_eq!((db.metrics().connections_open, db.metrics().connections_idle), (2, 1));
    for connection in &mut connections {
        run(connection, "begin").unwrap();
        assert_eq!(integers(&run(connection, "select count(*) from t").unwrap()), [10]);
    }
    assert_eq!(db.metrics().connections_open, 11, "a transaction has a session to itself");
    drop(connections);
    assert_eq!(db.metrics().connections_idle, 10);
}

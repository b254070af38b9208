//! Single statements: values, errors, limits, what SQL may not touch.

use std::time::{Duration, Instant};

use crema_sqlite::{Connection, Database, Error, Options, Value};

use crate::support::{count, database, options};

const ENDLESS: &str =
    "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n";

fn run(connection: &mut Connection, sql: &str) -> Result<Vec<Vec<Value>>, Error> {
    connection.execute_blocking(sql, &[]).map(|result| result.rows)
}

#[tokio::test]
async fn values_come_back_as_they_went_in() {
    let db = database(options("values"));
    let mut connection = db.connect().await.unwrap();
    let values = [
        Value::Null,
        Value::Integer(i64::MIN),
        Value::Integer(i64::MAX),
        Value::Real(-0.1),
        Value::Text(String::new()),
        Value::Text("капучино ☕ with \0 inside".into()),
        Value::Blob(vec![]),
        Value::Blob(vec![0, 255, 128]),
    ];
    for value in values {
        let sent = [value.clone()];
        let result = connection
            .execute("insert into t (v) values (?) returning v, id as number", &sent)
            .await
            .unwrap();
        assert_eq!(*result.columns, ["v".to_owned(), "number".to_owned()]);
        assert_eq!(result.rows[0][0], value);
        assert_eq!(result.rows[0][1], Value::Integer(connection.last_insert_rowid()));
        assert_eq!(connection.changes(), 1);
    }
    assert_eq!(count(&db), 8);
}

#[test]
fn errors_are_in_sqlites_words() {
    let db = database(options("errors"));
    let mut connection = db.connect_blocking().unwrap();
    run(&mut connection, "insert into t (id) values (1)").unwrap();
    let message = |error: Error| match error {
        Error::Sqlite { message, .. } => message,
        other => panic!("{other:?}"),
    };
    let duplicate = run(&mut connection, "insert into t (id) values (1)").unwrap_err();
    assert_eq!(message(duplicate), "UNIQUE constraint failed: t.id");
    assert_eq!(message(run(&mut connection, "select nope from t").unwrap_err()), "no such column: nope");
    assert!(message(run(&mut connection, "selekt 1").unwrap_err()).contains("syntax error"));
    assert_eq!(run(&mut connection, "select 1; select 2").unwrap_err(), Error::MultipleStatements);
    assert_eq!(
        run(&mut connection, "select ?").unwrap_err(),
        Error::ParameterCount { expected: 1, given: 0 }
    );
    assert!(run(&mut connection, " -- nothing").is_err());
    assert_eq!(run(&mut connection, "select 1; -- and no more").unwrap(), [[Value::Integer(1)]]);
    assert_eq!(
        run(&mut connection, "select cast(x'ff' as text)").unwrap_err(),
        Error::InvalidText { column: 0 }
    );
}

#[test]
fn what_cannot_be_opened_is_named() {
    let mut options = options("open");
    std::fs::write(&options.path, [7; 8192]).unwrap();
    let message = |options: &Options| Database::open(options.clone()).unwrap_err().to_string();
    assert!(message(&options).ends_with("db.sqlite: file is not a database"), "{}", message(&options));
    options.path = options.path.join("nested.sqlite");
    assert!(message(&options).contains("unable to open database file"), "{}", message(&options));
}

#[test]
fn foreign_keys_hold() {
    let db = database(options("foreign_keys"));
    let mut connection = db.connect_blocking().unwrap();
    run(&mut connection, "create table child (t integer references t (id))").unwrap();
    let orphan = run(&mut connection, "insert into child values (7)").unwrap_err();
    assert_eq!(orphan.to_string(), "FOREIGN KEY constraint failed");
}

#[test]
fn column_names_follow_the_schema() {
    let db = database(options("columns"));
    let mut connection = db.connect_blocking().unwrap();
    let columns =
        |connection: &mut Connection| connection.execute_blocking("select * from t", &[]).unwrap().columns;
    assert_eq!(*columns(&mut connection), ["id".to_owned(), "v".to_owned()]);
    run(&mut connection, "alter table t rename column v to value").unwrap();
    assert_eq!(*columns(&mut connection), ["id".to_owned(), "value".to_owned()]);
    run(&mut connection, "insert into t values (1, 2)").unwrap();
    run(&mut connection, "alter table t add column more default 3").unwrap();
    let result = connection.execute_blocking("select * from t", &[]).unwrap();
    assert_eq!((result.columns.len(), result.rows[0].len()), (3, 3));
}

#[test]
fn a_script_runs_to_its_first_error() {
    let db = database(options("script"));
    let mut connection = db.connect_blocking().unwrap();
    connection
        .execute_batch_blocking("insert into t values (1, 'a;b'); -- c\n insert into t values (2, null);")
        .unwrap();
    assert_eq!(count(&db), 2);
    let error =
        connection.execute_batch_blocking("insert into t values (3, 3); bad; insert into t values (4, 4)");
    assert!(error.unwrap_err().to_string().contains("syntax error"));
    assert_eq!(count(&db), 3);
    connection.execute_batch_blocking("begin; insert into t values (5, 5)").unwrap();
    assert!(connection.in_transaction());
    drop(connection);
    assert_eq!(count(&db), 3);
}

#[test]
fn a_statement_cannot_run_for_ever() {
    let mut limited = options("time_limit");
    limited.statement_time_limit = Duration::from_millis(50);
    let db = Database::open(limited).unwrap();
    let mut connection = db.connect_blocking().unwrap();
    let started = Instant::now();
    let error = run(&mut connection, ENDLESS).unwrap_err();
    assert_eq!(error, Error::TimeLimit { limit: Duration::from_millis(50) });
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(run(&mut connection, "select 1").unwrap(), [[Value::Integer(1)]]);
}

#[test]
fn a_statement_can_be_interrupted_and_only_during_its_loan() {
    let db = database(options("interrupt"));
    let mut connection = db.connect_blocking().unwrap();
    let handle = connection.interrupt_handle();
    handle.interrupt();
    assert!(run(&mut connection, "select 1").is_ok(), "an interrupt with nothing running does nothing");
    let stopper = handle.clone();
    let thread = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(50));
        stopper.interrupt();
    });
    assert_eq!(run(&mut connection, ENDLESS).unwrap_err(), Error::Interrupted);
    thread.join().unwrap();
    drop(connection);

    let mut next = db.connect_blocking().unwrap();
    let late = std::thread::spawn(move || (0..200).for_each(|_| handle.interrupt()));
    for _ in 0..200 {
        run(&mut next, "select count(*) from t").unwrap();
    }
    late.join().unwrap();
}

#[test]
fn sql_cannot_undo_what_durability_stands_on() {
    let db = database(options("guard"));
    let mut connection = db.connect_blocking().unwrap();
    for refused in [
        "attach '/etc/passwd' as x",
        "attach 'a' || 'b' as x",
        "attach ':memory:' as x",
        "vacuum into 'copy.db'",
        "vacuum into 'a' || 'b'",
        "pragma hard_heap_limit = 1",
        "pragma synchronous = off",
        "PRAGMA Journal_Mode = delete",
        "pragma locking_mode = exclusive",
        "pragma wal_autocheckpoint = 1",
    ] {
        let refusal = run(&mut connection, refused).expect_err(refused).to_string();
        assert!(["not authorized", "authorization denied"].contains(&&*refusal), "{refused}: {refusal}");
    }
    assert_eq!(run(&mut connection, "pragma journal_mode = WAL").unwrap(), [[Value::Text("wal".into())]]);
    assert_eq!(run(&mut connection, "pragma synchronous").unwrap(), [[Value::Integer(1)]]);
    run(&mut connection, "vacuum").unwrap();
}

#[test]
fn nothing_is_left_behind_for_the_next_user() {
    let db = database(options("taint"));
    let mut connection = db.connect_blocking().unwrap();
    run(&mut connection, "pragma foreign_keys = off").unwrap();
    run(&mut connection, "create temp table secret (v)").unwrap();
    drop(connection);
    let mut next = db.connect_blocking().unwrap();
    assert_eq!(run(&mut next, "pragma foreign_keys").unwrap(), [[Value::Integer(1)]]);
    assert!(run(&mut next, "select * from secret").is_err());
}

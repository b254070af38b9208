//! What outlives a request, and that it lies where Spin looks for it.

use rusqlite::Connection;

use crate::support::App;

const GRANTS: &str = "key_value_stores = [\"default\"]\nsqlite_databases = [\"default\"]";

#[test]
fn what_is_written_is_there_after_a_restart_in_spins_layout() {
    let app = App::probe(GRANTS);
    let host = app.start(&[]);
    assert_eq!(host.get("/probe/kv/default/set/menu=v1").status, 200);
    assert_eq!(host.get("/probe/kv/default/set/menu=v2").status, 200);
    assert_eq!(host.get("/probe/kv/default/set/gone=x").status, 200);
    assert_eq!(host.get("/probe/kv/default/delete/gone").status, 200);
    assert_eq!(host.get("/probe/kv/default/exists/gone").body, "false");
    assert_eq!(host.get("/probe/kv/default/keys").body, "menu");
    let script =
        "CREATE TABLE t (a INTEGER, b TEXT)\nINSERT INTO t VALUES (7, 'x'), (8, NULL)\nSELECT * FROM t";
    assert_eq!(host.post("/probe/sql/default", script).body, "7|x\n8|null\nchanges=2 rowid=2");
    assert_eq!(host.post("/probe/sql-sync/default", "SELECT b, a FROM t").body, "x|7\nnull|8\n");
    assert!(host.post("/probe/sql/default", "SELECT * FROM nowhere").body.contains("no such table: nowhere"));
    host.stop();

    let store = Connection::open(app.path(".spin/sqlite_key_value.db")).unwrap();
    let row: (String, String, Vec<u8>) = store
        .query_row("SELECT store, key, value FROM spin_key_value", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .unwrap();
    assert_eq!(row, ("default".to_owned(), "menu".to_owned(), b"v2".to_vec()));
    let database = Connection::open(app.path(".spin/sqlite_db.db")).unwrap();
    let count: i64 = database.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap();
    assert_eq!(count, 2);
    drop((store, database));

    let host = app.start(&[]);
    assert_eq!(host.get("/probe/kv/default/get/menu").pair(), (200, "v2"));
    assert_eq!(host.post("/probe/sql-sync/default", "SELECT count(*) FROM t").body, "2\n");
}

#[test]
fn files_that_spin_made_are_read() {
    let app = App::probe(GRANTS);
    std::fs::create_dir(app.path(".spin")).unwrap();
    // As stock Spin leaves them: rollback journal, this table.
    let store = Connection::open(app.path(".spin/sqlite_key_value.db")).unwrap();
    store
        .execute_batch(
            "CREATE TABLE spin_key_value (store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,
                 PRIMARY KEY (store, key));
             INSERT INTO spin_key_value VALUES ('default', 'k', x'6869'), ('other', 'k', x'6e6f');",
        )
        .unwrap();
    let database = Connection::open(app.path(".spin/sqlite_db.db")).unwrap();
    database.execute_batch("CREATE TABLE t (a); INSERT INTO t VALUES (5);").unwrap();
    drop((store, database));
    let host = app.start(&[]);
    assert_eq!(host.get("/probe/kv/default/get/k").pair(), (200, "hi"));
    assert_eq!(host.post("/probe/sql-sync/default", "SELECT a FROM t").body, "5\n");
}

#[test]
fn an_instance_that_dies_in_a_transaction_leaves_nothing_behind() {
    let app = App::probe(GRANTS);
    let host = app.start(&["--sqlite", "CREATE TABLE t (a)"]);
    for _ in 0..3 {
        let reply = host
            .post("/probe/sql-die", "BEGIN IMMEDIATE\nINSERT INTO t VALUES (1)\nINSERT INTO t VALUES (2)");
        reply.assert_problem(500, "component-failed");
        assert_eq!(host.post("/probe/sql-sync/default", "SELECT count(*) FROM t").body, "0\n");
        // And the writer's place is free again.
        assert_eq!(host.post("/probe/sql-sync/default", "UPDATE t SET a = 0").status, 200);
    }
}

#[test]
fn a_script_and_keys_can_be_set_before_the_start() {
    let app = App::probe(GRANTS);
    app.write(
        "schema.sql",
        "CREATE TABLE t (a);\n-- a comment; with a semicolon\nINSERT INTO t VALUES (1);\n",
    );
    let host = app.start(&[
        "--sqlite",
        "@schema.sql",
        "--sqlite",
        "INSERT INTO t VALUES (2)",
        "--key-value",
        "k=a=b",
    ]);
    assert_eq!(host.post("/probe/sql-sync/default", "SELECT a FROM t ORDER BY a").body, "1\n2\n");
    assert_eq!(host.get("/probe/kv/default/get/k").body, "a=b");
    assert!(app.refusal(&["--sqlite", "NONSENSE"]).contains("NONSENSE"));
}

#[test]
fn an_empty_state_directory_keeps_nothing() {
    let app = App::probe(GRANTS);
    let host = app.start(&["--state-dir", ""]);
    assert_eq!(host.get("/probe/kv/default/set/a=b").status, 200);
    assert_eq!(host.get("/probe/kv/default/get/a").body, "b");
    host.stop();
    assert!(!app.path(".spin").exists());
}

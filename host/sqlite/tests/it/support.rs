//! Databases in folders of their own, on the disk that holds `target`.

use std::fs;
use std::path::PathBuf;

use crema_sqlite::{Database, Options, Value};

/// A fresh folder, named after the test.
pub fn folder(test: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => panic!("{}: {error}", folder.display()),
        _ => fs::create_dir_all(&folder).unwrap(),
    }
    folder
}

pub fn options(test: &str) -> Options {
    Options::new(folder(test).join("db.sqlite"))
}

/// A database with one table, `t (id integer primary key, v any)`.
pub fn database(options: Options) -> Database {
    let db = Database::open(options).unwrap();
    create_table(&db);
    db
}

pub fn create_table(db: &Database) {
    db.connect_blocking()
        .unwrap()
        .execute_blocking("create table t (id integer primary key, v)", &[])
        .unwrap();
}

/// `select count(*) from t`.
pub fn count(db: &Database) -> i64 {
    let result = db.connect_blocking().unwrap().execute_blocking("select count(*) from t", &[]).unwrap();
    match result.rows[0][0] {
        Value::Integer(count) => count,
        ref other => panic!("{other:?}"),
    }
}

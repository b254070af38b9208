//! Databases in folders of their own, on the disk that holds `target`.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use crema_sqlite::{Connection, Database, Options, Syncer, Value};

/// A fresh folder, named after the test.
pub fn folder(test: &str) -> PathBuf {
    let folder = folder_of(test);
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => panic!("{}: {error}", folder.display()),
        _ => fs::create_dir_all(&folder).unwrap(),
    }
    folder
}

/// The folder of a test that has begun.
pub fn folder_of(test: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test)
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

/// `begin immediate` and one row: a transaction that has the turn.
pub async fn begin(connection: &mut Connection, id: i64) {
    connection.execute("begin immediate", &[]).await.unwrap();
    connection.execute("insert into t (id) values (?)", &[Value::Integer(id)]).await.unwrap();
}

/// `select count(*) from t`.
pub fn count(db: &Database) -> i64 {
    let result = db.connect_blocking().unwrap().execute_blocking("select count(*) from t", &[]).unwrap();
    match result.rows[0][0] {
        Value::Integer(count) => count,
        ref other => panic!("{other:?}"),
    }
}

/// A sync of the WAL, as slow as told.
pub struct SlowSyncer(pub Duration);

impl Syncer for SlowSyncer {
    fn sync(&mut self, wal: &File) -> io::Result<()> {
        std::thread::sleep(self.0);
        wal.sync_data()
    }
}

/// Syncs that are counted, held back and made to fail from the test.
#[derive(Clone, Default)]
pub struct Switch(Arc<SwitchState>);

#[derive(Default)]
struct SwitchState {
    mode: Mutex<SyncMode>,
    changed: Condvar,
}

#[derive(Clone, Copy, Default, PartialEq)]
pub enum SyncMode {
    #[default]
    Works,
    Hangs,
    Fails,
    Panics,
}

const HANG_MAX: Duration = Duration::from_secs(10);

impl Switch {
    pub fn set(&self, mode: SyncMode) {
        *self.0.mode.lock().unwrap() = mode;
        self.0.changed.notify_all();
    }
}

impl Syncer for Switch {
    fn sync(&mut self, wal: &File) -> io::Result<()> {
        let hangs = |mode: &mut SyncMode| *mode == SyncMode::Hangs;
        // With an end: a test that fails while syncs hang must still get to close its database.
        let hung = self.0.changed.wait_timeout_while(self.0.mode.lock().unwrap(), HANG_MAX, hangs);
        let mode = *hung.unwrap().0;
        match mode {
            SyncMode::Fails => Err(io::Error::other("no such luck")),
            SyncMode::Panics => panic!("the syncer panics, as the test wants"),
            SyncMode::Works | SyncMode::Hangs => wal.sync_data(),
        }
    }
}

/// This test binary again, as another process that runs `test` (an ignored one) in `folder`.
pub fn child(test: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--ignored", "--nocapture", "--test-threads=1"]);
    command.env(CHILD_FOLDER, folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

/// In the child: the folder it was given; `None` when somebody runs ignored tests by hand.
pub fn child_folder() -> Option<PathBuf> {
    std::env::var_os(CHILD_FOLDER).map(PathBuf::from)
}

const CHILD_FOLDER: &str = "CREMA_SQLITE_TEST_CHILD_FOLDER";

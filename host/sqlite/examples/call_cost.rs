//! What one statement costs from async code, by where it runs.
//!
//! `cargo run --release -p crema-sqlite --example call_cost`. Three statements (a constant, a row by primary key
//! out of 430,000, ten rows by index) on a two-thread runtime: on the executor's own thread, inside
//! `tokio::task::block_in_place`, and through `tokio::task::spawn_blocking`; alone and by 16 tasks at once. On a
//! machine that does other work too, the processor time is the figure to trust.

use std::time::Instant;

use crema_sqlite::{Connection, Database, Durability, Error, Options, Value};

const ROWS: i64 = 430_000;
const ROWS_PER_OUTLET: i64 = 10;
const CALLS: i64 = 60_000;
const TASKS: [i64; 2] = [1, 16];

const STATEMENTS: [(&str, &str); 3] = [
    ("select 1", "select 1 where ?1 >= 0"),
    ("row by key", "select id, outlet, name from member where id = ?1"),
    ("10 rows by index", "select id, outlet, name from member where outlet = ?1 / 10"),
];

#[derive(Clone, Copy, Debug)]
enum Place {
    Inline,
    /// `block_in_place`.
    Switched,
    /// `spawn_blocking`.
    Spawned,
}

fn main() -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime needs threads, which a bench machine has").block_on(run())
}

async fn run() -> Result<(), Error> {
    let program = std::env::current_exe().expect("a running program has a path");
    let folder = program.with_file_name(format!("call_cost-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the folder of the program can be written");
    let db =
        Database::open(Options { durability: Durability::Lazy, ..Options::new(folder.join("db.sqlite")) })?;
    fill(&db)?;
    println!(
        "{:<18}{:<10}{:>6}{:>10}{:>13}{:>11}",
        "statement", "place", "tasks", "us/call", "cpu us/call", "calls/s"
    );
    for (name, sql) in STATEMENTS {
        for place in [Place::Inline, Place::Switched, Place::Spawned] {
            for tasks in TASKS {
                let cpu_before = cpu_seconds();
                let seconds = measure(&db, sql, place, tasks).await?;
                let [each, cpu] = [seconds, cpu_seconds() - cpu_before].map(|time| time * 1e6 / CALLS as f64);
                let rate = CALLS as f64 / seconds;
                println!(
                    "{name:<18}{:<10}{tasks:>6}{each:>10.2}{cpu:>13.2}{rate:>11.0}",
                    format!("{place:?}")
                );
            }
        }
    }
    let started = Instant::now();
    for _ in 0..CALLS {
        drop(db.connect().await?);
    }
    println!("connect and drop, pooled: {:.2} us", started.elapsed().as_secs_f64() * 1e6 / CALLS as f64);
    db.shutdown().await?;
    std::fs::remove_dir_all(folder).expect("the folder is ours");
    Ok(())
}

/// User and system time of this process so far; Linux counts it in hundredths of a second.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux says how a process is doing");
    let fields = stat.rsplit(')').next().into_iter().flat_map(str::split_whitespace);
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

fn fill(db: &Database) -> Result<(), Error> {
    let mut connection = db.connect_blocking()?;
    connection.execute_batch_blocking(
        "create table member (id integer primary key, outlet integer, name text);
         create index member_by_outlet on member (outlet)",
    )?;
    let fill = "with recursive n(i) as (select 0 union all select i + 1 from n where i + 1 < ?1)
                insert into member select i, i / ?2, 'member number ' || i from n";
    connection.execute_blocking(fill, &[Value::Integer(ROWS), Value::Integer(ROWS_PER_OUTLET)])?;
    Ok(())
}

/// Seconds for all calls, shared out over the tasks.
async fn measure(db: &Database, sql: &'static str, place: Place, tasks: i64) -> Result<f64, Error> {
    let mut connections = Vec::new();
    for _ in 0..tasks {
        connections.push(db.connect().await?);
    }
    let started = Instant::now();
    let running: Vec<_> = connections
        .into_iter()
        .enumerate()
        .map(|(task, connection)| tokio::spawn(call(connection, sql, place, task as i64, CALLS / tasks)))
        .collect();
    for task in running {
        task.await.expect("a caller does not panic")?;
    }
    Ok(started.elapsed().as_secs_f64())
}

async fn call(
    mut connection: Connection,
    sql: &'static str,
    place: Place,
    task: i64,
    calls: i64,
) -> Result<(), Error> {
    for call in 0..calls {
        let params = [Value::Integer((task + call).wrapping_mul(7_919) % ROWS)];
        let result = match place {
            Place::Inline => connection.execute(sql, &params).await?,
            Place::Switched => tokio::task::block_in_place(|| connection.execute_blocking(sql, &params))?,
            Place::Spawned => {
                let blocking = tokio::task::spawn_blocking(move || {
                    let result = connection.execute_blocking(sql, &params);
                    (connection, result)
                });
                let (back, result) = blocking.await.expect("a statement does not panic");
                connection = back;
                result?
            }
        };
        assert!(!result.rows.is_empty(), "every key is there");
        // Lets another task in now and then, as any future that waits for something does.
        tokio::task::consume_budget().await;
    }
    Ok(())
}

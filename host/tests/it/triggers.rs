//! The cron trigger.

use crate::support::{App, eventually};

#[test]
fn cron_events_are_delivered_to_a_component_that_also_answers_http() {
    let app = App::new(
        r#"
        [[trigger.http]]
        route = "/ticks"
        component = "tick"
        [[trigger.cron]]
        component = "tick"
        cron_expression = "* * * * * *"
        [component.tick]
        source = "{tick}"
        sqlite_databases = ["default"]
        "#,
    );
    let host = app.start(&["--metrics-listen", "127.0.0.1:0"]);
    let ticks = || host.get("/ticks").body.parse::<u32>().unwrap();
    eventually("three events", || ticks() >= 3);
    host.stop();
    let database = rusqlite::Connection::open(app.path(".spin/sqlite_db.db")).unwrap();
    let (rows, distinct): (i64, i64) = database
        .query_row("SELECT count(*), count(DISTINCT at) FROM tick", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert_eq!(rows, distinct, "one event a second, no more");
}

#[test]
fn a_failing_event_is_reported_and_the_next_one_comes() {
    // Without the grant every event fails.
    let app = App::new(
        "[[trigger.cron]]\ncomponent = \"tick\"\ncron_expression = \"* * * * * *\"\n\
         [component.tick]\nsource = \"{tick}\"\n",
    );
    let mut command = app.command(&["--log-format", "json"]);
    let log = std::fs::File::create(app.path("log")).unwrap();
    command.stderr(log);
    let host = crate::support::Host::start(command);
    eventually("two failures", || {
        let log = std::fs::read_to_string(app.path("log")).unwrap();
        log.lines().filter(|line| line.contains("cron event failed") && line.contains("AccessDenied")).count()
            >= 2
    });
    host.stop();
}

//! Every timer of the application, ticking for real: what people and monitoring see of each.

use std::time::{Duration, Instant};

use rig::host::{Crema, Server, test_variables, workspace_root};
use rig::small;
use serde_json::Value;
use tokio::runtime::Runtime;

/// The slowest first run compiles a component; builders' machines are slow.
const PATIENCE: Duration = Duration::from_secs(90);
const STEP: Duration = Duration::from_millis(500);
const MONITORING: &str = "monitoring-token-of-the-test";
/// The nightly one among them.
const EVERY: &str = "*/2 * * * * *";
/// Nothing that could be counted waits for them.
const WITHOUT_BACKLOG: [&str; 1] = ["bought-together"];
/// They note runs that found something to do, and find nothing in a chain that sells nothing.
const IDLE: [&str; 5] =
    ["points-lifecycle", "order-dispatch", "promotion-simulate", "message-outbox", "telegram-outbox"];

/// The application with every timer at two seconds; the components of its timers.
fn hurried(dir: &std::path::Path) -> (std::path::PathBuf, Vec<String>) {
    let root = workspace_root().expect("a workspace");
    let text = std::fs::read_to_string(root.join("spin.toml")).expect("spin.toml");
    let mut components = Vec::new();
    let mut lines = Vec::new();
    for line in text.lines() {
        if line.starts_with("cron_expression") {
            let before = lines.iter().rev().find_map(|line: &String| line.strip_prefix("component = "));
            components.push(before.expect("a component").trim_matches('"').to_owned());
            lines.push(format!("cron_expression = \"{EVERY}\""));
        } else {
            let source = line.strip_prefix("source = \"");
            lines.push(
                source
                    .map_or_else(|| line.to_owned(), |path| format!("source = \"{}/{path}", root.display())),
            );
        }
    }
    let manifest = dir.join("hurried.toml");
    std::fs::write(&manifest, lines.join("\n")).expect("a manifest");
    (manifest, components)
}

/// The application in a hurry.
struct Hurried {
    address: std::net::SocketAddr,
    components: Vec<String>,
    administrator: String,
    dir: std::path::PathBuf,
    _server: Server,
    _runtime: Runtime,
}

impl Hurried {
    fn start(name: &str, change: impl FnOnce(&mut Vec<(String, String)>)) -> Self {
        let root = workspace_root().expect("a workspace");
        let dir = root.join("target/it").join(name);
        let chain = small::create(&dir, 1, 1).expect("a state directory");
        let (manifest, components) = hurried(&dir);
        let (_, administrator) = rig::staff::sign_in(&dir, 61, "administrator", &[]).expect("signed in");
        let mut variables = test_variables(&chain.secret);
        variables.push(("monitoring_token".to_owned(), MONITORING.to_owned()));
        change(&mut variables);
        let crema = Crema::find_or(&root, None, Some(&manifest)).expect("a built host");
        let runtime = Runtime::new().expect("a runtime");
        let server = runtime.block_on(crema.start(&dir, &variables, &[])).expect("a running host");
        Self { address: server.address, components, administrator, dir, _server: server, _runtime: runtime }
    }

    /// Has a tick of every job have failed.
    fn break_all(&self, jobs: &[Value]) {
        let database =
            rusqlite::Connection::open(rig::state::database_path(&self.dir)).expect("the database");
        database.busy_timeout(Duration::from_secs(10)).expect("a timeout");
        for job in jobs {
            database
                .execute(
                    "insert into jobs (name, due_at, lease_until, tick_error) values (?1, 0, 0, 'broken') \
                     on conflict (name) do update set tick_error = excluded.tick_error",
                    [name(job)],
                )
                .expect("a note");
        }
    }

    fn read(&self, path: &str, token: Option<&str>) -> (u16, String) {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut request = agent.get(format!("http://{}{path}", self.address));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let mut response = request.call().expect("an answer");
        (response.status().as_u16(), response.body_mut().read_to_string().expect("text"))
    }

    fn jobs(&self) -> Vec<Value> {
        let (status, text) = self.read("/v1/jobs", Some(&self.administrator));
        assert_eq!(status, 200, "{text}");
        let read: Value = serde_json::from_str(&text).expect("JSON");
        read["items"].as_array().expect("jobs").clone()
    }

    fn metrics(&self) -> String {
        let (status, text) = self.read("/v1/jobs/metrics", Some(MONITORING));
        assert_eq!(status, 200, "{text}");
        text
    }
}

/// Waits until something is so, or for too long.
fn wait(is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() && began.elapsed() < PATIENCE {
        std::thread::sleep(STEP);
    }
}

fn name(job: &Value) -> &str {
    job["name"].as_str().expect("a name")
}

#[test]
fn every_timer_shows_its_runs() {
    let hurried = Hurried::start("jobs", |_| {});
    assert!(hurried.components.len() > 10, "{:?}", hurried.components);
    assert_eq!(hurried.read("/v1/jobs", None).0, 401);
    assert_eq!(
        hurried.read("/v1/jobs/metrics", Some(&hurried.administrator)).0,
        401,
        "monitoring has its own"
    );
    let ran = |job: &Value| job["last_finished_at"].is_string() && job["last_ms"].is_i64();
    wait(|| hurried.jobs().iter().all(|job| IDLE.contains(&name(job)) || ran(job)));
    let (jobs, metrics) = (hurried.jobs(), hurried.metrics());
    for component in &hurried.components {
        let of: Vec<&Value> = jobs.iter().filter(|job| job["component"] == **component).collect();
        assert!(!of.is_empty(), "nobody sees {component}");
        for job in of {
            assert!(IDLE.contains(&name(job)) || ran(job), "{component} ran and left no trace: {job}");
            assert_eq!(job["last_error"], Value::Null, "{job}");
            assert!(job["next_run_at"].is_string() && job["every_seconds"].is_i64(), "{job}");
            assert_eq!(job["backlog"].is_i64(), !WITHOUT_BACKLOG.contains(&name(job)), "{job}");
        }
    }
    for job in &jobs {
        let of = |figure: &str| metrics.contains(&format!("{figure}{{job=\"{}\"}}", name(job)));
        for figure in ["crema_job_next_run_timestamp_seconds", "crema_job_due", "crema_job_every_seconds"] {
            assert!(of(figure), "{figure} of {job}\n{metrics}");
        }
        assert!(IDLE.contains(&name(job)) || of("crema_job_last_duration_seconds"), "{job}\n{metrics}");
    }
    // What broke a tick is over with the next that does not fail, also where it finds nothing to do.
    hurried.break_all(&jobs);
    wait(|| hurried.jobs().iter().all(|job| job["last_error"].is_null()));
    let broken: Vec<Value> = hurried
        .jobs()
        .into_iter()
        .filter(|job| !job["last_error"].is_null())
        .map(|mut job| job["name"].take())
        .collect();
    assert!(broken.is_empty(), "{broken:?} go on showing what is over");
}

/// A tick that fails before its job could say so, and a carrier that cannot be used, are seen where people look.
#[test]
fn what_is_wrong_with_the_deployment_is_seen() {
    let hurried = Hurried::start("jobs_failing", |variables| {
        variables.retain(|(name, _)| name != "master_secret");
        variables.push(("master_secret".to_owned(), "no secret at all".to_owned()));
    });
    let failed = |job: &str| hurried.metrics().contains(&format!("crema_job_last_failed{{job=\"{job}\"}} 1"));
    let expected = ["menu-sync", "message-outbox", "telegram-outbox", "promotion-simulate"];
    wait(|| expected.iter().all(|job| failed(job)));
    for job in expected {
        assert!(failed(job), "{job}\n{}", hurried.metrics());
    }
    drop(hurried);
    let hurried = Hurried::start("jobs_carrier", |variables| {
        variables.push(("fcm_service_account".to_owned(), "{ not JSON".to_owned()));
    });
    let complaint = || {
        let jobs = hurried.jobs();
        let job = jobs.iter().find(|job| name(job) == "message-outbox").expect("listed");
        job["last_error"].as_str().map(str::to_owned)
    };
    wait(|| complaint().is_some());
    assert!(complaint().is_some_and(|words| words.starts_with("fcm_service_account:")), "{:?}", complaint());
}

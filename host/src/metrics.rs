//! Counters for Prometheus.

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric as _};
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::state::State;

/// Upper bounds of the latency histogram, seconds.
const LATENCY_BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// Upper bounds of the instantiation histogram, seconds.
const INSTANTIATE_BUCKETS: [f64; 8] = [25e-6, 50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 5e-3, 25e-3];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ComponentLabel {
    component: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    component: Arc<str>,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FailureLabels {
    component: Arc<str>,
    cause: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CronLabels {
    component: Arc<str>,
    outcome: &'static str,
}

/// The process's metrics.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<std::sync::Mutex<Registry>>,
    requests: Family<RequestLabels, Counter>,
    latency: Family<ComponentLabel, Histogram>,
    in_flight: Gauge,
    connections: Gauge,
    instances: Family<ComponentLabel, Gauge>,
    instantiate: Family<ComponentLabel, Histogram>,
    failures: Family<FailureLabels, Counter>,
    timeouts: Family<ComponentLabel, Counter>,
    cron: Family<CronLabels, Counter>,
}

impl Metrics {
    /// Registers every metric.
    pub fn new() -> Self {
        let metrics = Self {
            registry: Arc::default(),
            requests: Family::default(),
            latency: Family::new_with_constructor(|| Histogram::new(LATENCY_BUCKETS)),
            in_flight: Gauge::default(),
            connections: Gauge::default(),
            instances: Family::default(),
            instantiate: Family::new_with_constructor(|| Histogram::new(INSTANTIATE_BUCKETS)),
            failures: Family::default(),
            timeouts: Family::default(),
            cron: Family::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&self) {
        let mut registry = Registry::with_prefix("crema");
        let seconds = || Unit::Seconds;
        registry.register("http_requests", "Requests answered", self.requests.clone());
        registry.register_with_unit(
            "http_request_duration",
            "Time from a request's headers to its reply's head",
            seconds(),
            self.latency.clone(),
        );
        registry.register("http_requests_in_flight", "Requests being answered", self.in_flight.clone());
        registry.register("connections", "Open client connections", self.connections.clone());
        registry.register("instances", "Live component instances", self.instances.clone());
        registry.register_with_unit(
            "instantiate_duration",
            "Time to make an instance",
            seconds(),
            self.instantiate.clone(),
        );
        registry.register(
            "instance_failures",
            "Instances that ended before their time, by cause",
            self.failures.clone(),
        );
        registry.register("request_timeouts", "Requests that hit the request timeout", self.timeouts.clone());
        registry.register("cron_runs", "Cron events delivered", self.cron.clone());
        *self.lock() = registry;
    }

    /// Adds what the databases count by themselves.
    pub fn watch_databases(&self, state: Arc<State>) {
        self.lock().register_collector(Box::new(DatabaseCollector { state }));
    }

    /// Everything in the text format.
    pub fn render(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.lock())?;
        Ok(text)
    }

    /// A request was answered.
    pub fn request(&self, component: &Arc<str>, status: u16, elapsed: Duration) {
        self.requests.get_or_create(&RequestLabels { component: Arc::clone(component), status }).inc();
        let label = ComponentLabel { component: Arc::clone(component) };
        self.latency.get_or_create(&label).observe(elapsed.as_secs_f64());
    }

    /// Counts a request as in flight until dropped.
    pub fn in_flight(&self) -> GaugeGuard {
        GaugeGuard::new(&self.in_flight)
    }

    /// Counts a connection until dropped.
    pub fn connection(&self) -> GaugeGuard {
        GaugeGuard::new(&self.connections)
    }

    /// A cron event was delivered.
    pub fn cron(&self, component: &Arc<str>, outcome: &'static str) {
        self.cron.get_or_create(&CronLabels { component: Arc::clone(component), outcome }).inc();
    }

    /// The metrics of one component.
    pub fn component(&self, id: &Arc<str>) -> ComponentMetrics {
        let label = ComponentLabel { component: Arc::clone(id) };
        ComponentMetrics {
            instances: self.instances.get_or_create(&label).clone(),
            instantiate: self.instantiate.get_or_create(&label).clone(),
            failures: self.failures.clone(),
            timeouts: self.timeouts.get_or_create(&label).clone(),
            component: Arc::clone(id),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Registry> {
        // The registry is consistent whatever panicked.
        self.registry.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

/// The metrics of one component, found once.
#[derive(Clone, Debug)]
pub struct ComponentMetrics {
    instances: Gauge,
    instantiate: Histogram,
    failures: Family<FailureLabels, Counter>,
    timeouts: Counter,
    component: Arc<str>,
}

impl ComponentMetrics {
    /// An instance was made.
    pub fn instantiated(&self, elapsed: Duration) {
        self.instances.inc();
        self.instantiate.observe(elapsed.as_secs_f64());
    }

    /// An instance ended, well or for this cause.
    pub fn instance_ended(&self, failure: Option<&'static str>) {
        self.instances.dec();
        if let Some(cause) = failure {
            let component = Arc::clone(&self.component);
            self.failures.get_or_create(&FailureLabels { component, cause }).inc();
        }
    }

    /// A request hit the timeout.
    pub fn timed_out(&self) {
        self.timeouts.inc();
    }
}

/// Holds a gauge up by one.
pub struct GaugeGuard(Gauge);

impl GaugeGuard {
    fn new(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for GaugeGuard {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Reads the databases' own counters when asked.
struct DatabaseCollector {
    state: Arc<State>,
}

impl std::fmt::Debug for DatabaseCollector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DatabaseCollector")
    }
}

type Read = fn(&crema_sqlite::Metrics) -> f64;

/// Name, help and value of every counter of a database.
const DATABASE_COUNTERS: [(&str, &str, Read); 9] = [
    ("sqlite_commits", "Transactions that wrote", |m| m.commits as f64),
    ("sqlite_syncs", "Syncs of the write-ahead log", |m| m.syncs as f64),
    ("sqlite_synced_commits", "Commits those syncs covered; by syncs, the mean batch", |m| {
        m.batch_sum as f64
    }),
    ("sqlite_sync_seconds", "Time spent in syncs", |m| m.sync_time_sum.as_secs_f64()),
    ("sqlite_writer_turns", "Turns of the writer queue", |m| m.turns as f64),
    ("sqlite_writer_wait_seconds", "Time spent waiting for turns", |m| m.queue_wait_sum.as_secs_f64()),
    ("sqlite_checkpoints", "Checkpoint passes", |m| m.checkpoints as f64),
    ("sqlite_checkpoints_blocked", "Checkpoint passes a reader held up", |m| m.checkpoints_blocked as f64),
    ("sqlite_checkpoint_seconds", "Time spent in checkpoint passes", |m| m.checkpoint_time_sum.as_secs_f64()),
];

/// Name, help and value of every gauge of a database.
const DATABASE_GAUGES: [(&str, &str, Read); 7] = [
    ("sqlite_batch_max", "The most commits one sync covered", |m| m.batch_max as f64),
    ("sqlite_sync_max_seconds", "The longest sync", |m| m.sync_time_max.as_secs_f64()),
    ("sqlite_writer_wait_max_seconds", "The longest wait for a turn", |m| m.queue_wait_max.as_secs_f64()),
    ("sqlite_writers_waiting", "Writers in line for a turn", |m| m.writers_waiting as f64),
    ("sqlite_connections_open", "Open connections", |m| m.connections_open as f64),
    ("sqlite_connections_idle", "Idle connections", |m| m.connections_idle as f64),
    ("sqlite_wal_bytes", "Bytes in use of the write-ahead log", |m| m.wal_bytes as f64),
];

impl Collector for DatabaseCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let snapshots: Vec<_> =
            self.state.databases().iter().map(|(name, db)| (name, db.metrics())).collect();
        for (name, help, read) in DATABASE_COUNTERS {
            let kind = prometheus_client::metrics::MetricType::Counter;
            let mut family = encoder.encode_descriptor(name, help, None, kind)?;
            for (database, metrics) in &snapshots {
                let label = [("database", database.as_str())];
                ConstCounter::new(read(metrics)).encode(family.encode_family(&label)?)?;
            }
        }
        for (name, help, read) in DATABASE_GAUGES {
            let kind = prometheus_client::metrics::MetricType::Gauge;
            let mut family = encoder.encode_descriptor(name, help, None, kind)?;
            for (database, metrics) in &snapshots {
                let label = [("database", database.as_str())];
                ConstGauge::new(read(metrics)).encode(family.encode_family(&label)?)?;
            }
        }
        Ok(())
    }
}

//! `crema up`: from arguments to a served application, and back down.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, bail};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::app::{App, Follow, LoadOptions};
use crate::cache::ModuleCache;
use crate::cli::UpArgs;
use crate::cron;
use crate::manifest::{HttpTarget, Manifest};
use crate::metrics::Metrics;
use crate::runtime_config::RuntimeConfig;
use crate::serve::{Server, serve_metrics};
use crate::state::{DEFAULT_LABEL, State};
use crate::variables::{self, Provider, Variables};

/// The manifest's name in a directory.
const MANIFEST_FILE: &str = "spin.toml";
/// The state directory beside the manifest.
const STATE_DIR: &str = ".spin";
/// Component logs in the state directory.
const LOG_DIR: &str = "logs";

/// Everything that is decided before anything is opened.
struct Plan {
    manifest: Manifest,
    variables: Variables,
    config: RuntimeConfig,
    state_dir: Option<PathBuf>,
    load: LoadOptions,
}

/// Runs an application until a signal ends it.
pub async fn run(args: UpArgs) -> anyhow::Result<()> {
    let started = Instant::now();
    let plan = plan(&args)?;
    let listener = TcpListener::bind(args.listen)
        .await
        .with_context(|| format!("cannot listen on {}: choose another --listen", args.listen))?;
    let metrics = Metrics::new();
    if let Some(address) = args.metrics_listen {
        let listener = TcpListener::bind(address).await.with_context(|| {
            format!("cannot listen for metrics on {address}: choose another --metrics-listen")
        })?;
        tokio::spawn(serve_metrics(listener, metrics.clone()));
    }

    // From here on there are answers, though for now only to health checks.
    let (stop, stopping) = watch::channel(false);
    let address = listener.local_addr()?;
    let server = Server::new(args.server_limits(), metrics.clone(), stopping.clone());
    let serving = tokio::spawn(Arc::clone(&server).serve(listener));

    let with_defaults = !args.sqlite.is_empty() || !args.key_value.is_empty();
    let state =
        Arc::new(State::open(&plan.manifest, &plan.config, plan.state_dir.as_deref(), with_defaults).await?);
    prepare(&state, &args).await?;
    metrics.watch_databases(Arc::clone(&state));
    let app = {
        let (state, metrics) = (Arc::clone(&state), metrics.clone());
        tokio::task::spawn_blocking(move || {
            App::load(&plan.manifest, &plan.variables, state, &metrics, &plan.load)
        })
        .await??
    };
    server.ready(Arc::clone(&app));
    let mut jobs = cron::spawn_all(&app, &metrics, &stopping);
    announce(&app, &format!("http://{address}"));
    tracing::info!(elapsed_ms = started.elapsed().as_millis() as u64, %address, "ready");

    wait_for_signal().await?;
    tracing::info!("stopping: no new connections; requests in flight are finished");
    stop.send_replace(true);
    serving.await?;
    let finish = async { while jobs.join_next().await.is_some() {} };
    if tokio::time::timeout(args.server_limits().shutdown, finish).await.is_err() {
        tracing::warn!("a cron event still running at the shutdown deadline was cut off");
    }
    state.shutdown().await;
    tracing::info!("stopped");
    Ok(())
}

/// Reads every file that says what to do.
fn plan(args: &UpArgs) -> anyhow::Result<Plan> {
    let manifest_path =
        if args.manifest.is_dir() { args.manifest.join(MANIFEST_FILE) } else { args.manifest.clone() };
    let manifest = Manifest::load(&manifest_path)?;
    let manifest_dir = std::path::absolute(&manifest_path)?
        .parent()
        .map(Path::to_owned)
        .context("the manifest has no directory")?;
    let mut config = match &args.runtime_config_file {
        Some(path) => RuntimeConfig::load(path)?,
        None => RuntimeConfig::default(),
    };
    let mut providers = vec![variables::from_arguments(&args.variables)?];
    providers.append(&mut config.variable_providers);
    providers.push(Provider::default_environment()?);
    let variables = Variables::resolve(&manifest, &providers)?;

    let state_dir = match args.state_dir.as_ref().or(config.state_dir.as_ref()) {
        None => Some(manifest_dir.join(STATE_DIR)),
        Some(dir) if dir.is_empty() => None,
        Some(dir) => Some(std::path::absolute(dir)?),
    };
    let log_dir = match args.log_dir.as_ref().or(config.log_dir.as_ref()) {
        None => state_dir.as_ref().map(|dir| dir.join(LOG_DIR)),
        Some(dir) if dir.is_empty() => None,
        Some(dir) => Some(std::path::absolute(dir)?),
    };
    let load = LoadOptions {
        manifest_dir,
        log_dir,
        truncate_logs: args.truncate_logs,
        follow: follow(args, &manifest)?,
        environment: args.environment.clone(),
        cache: ModuleCache::new(cache_dir(args))?,
        limits: args.instance_limits(config.max_instance_memory),
        max_instances: args.max_instances(),
    };
    Ok(Plan { manifest, variables, config, state_dir, load })
}

fn follow(args: &UpArgs, manifest: &Manifest) -> anyhow::Result<Follow> {
    if let Some(unknown) = args.follow.iter().find(|id| !manifest.components.contains_key(*id)) {
        bail!("--follow {unknown}: the manifest has no such component");
    }
    Ok(match (args.quiet, args.follow.is_empty()) {
        (true, _) => Follow::Nobody,
        (false, true) => Follow::All,
        (false, false) => Follow::Only(args.follow.clone()),
    })
}

fn cache_dir(args: &UpArgs) -> Option<PathBuf> {
    if args.disable_cache {
        return None;
    }
    let env_dir = |name: &str| std::env::var_os(name).filter(|dir| !dir.is_empty()).map(PathBuf::from);
    args.cache_dir.clone().or_else(|| {
        let user = env_dir("XDG_CACHE_HOME").or_else(|| env_dir("HOME").map(|home| home.join(".cache")));
        user.map(|dir| dir.join("crema"))
    })
}

/// Runs `--sqlite` and `--key-value`.
async fn prepare(state: &State, args: &UpArgs) -> anyhow::Result<()> {
    for argument in &args.sqlite {
        let (label, script) = match argument.strip_prefix('@') {
            None => (DEFAULT_LABEL, argument.clone()),
            Some(file) => {
                let (file, label) = file.split_once(':').unwrap_or((file, DEFAULT_LABEL));
                let script = std::fs::read_to_string(file.trim());
                (label.trim(), script.with_context(|| format!("--sqlite @{file}"))?)
            }
        };
        let database = state
            .sqlite(label)
            .with_context(|| format!("--sqlite {argument}: no component uses a database {label:?}"))?
            .clone();
        tokio::task::spawn_blocking(move || database.connect_blocking()?.execute_batch_blocking(&script))
            .await?
            .with_context(|| format!("--sqlite {argument}"))?;
    }
    for (key, value) in &args.key_value {
        // `State::open` was told that the defaults are needed.
        let store = state.key_value(DEFAULT_LABEL).context("there is no default store")?;
        store.set(key.clone(), value.clone().into_bytes()).await?;
    }
    Ok(())
}

/// Says where what is, as Spin does. Nobody need be reading.
fn announce(app: &App, base: &str) {
    let mut text = format!("\nServing {base}\nAvailable Routes:\n");
    for (route, target) in app.router.routes() {
        let name = match target {
            HttpTarget::Component(id) => id.as_str(),
            HttpTarget::Static(_) => "(static)",
        };
        let (path, kind) = match route.strip_suffix("/...") {
            Some(prefix) => (prefix, " (wildcard)"),
            None => (route, ""),
        };
        let path = if path.is_empty() { "/" } else { path };
        text += &format!("  {name}: {base}{path}{kind}\n");
    }
    let mut stdout = std::io::stdout();
    if let Err(error) = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        tracing::debug!(%error, "cannot write to standard output");
    }
}

async fn wait_for_signal() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

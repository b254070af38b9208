//! From a manifest to an application that can answer.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use anyhow::Context as _;
use tempfile::TempDir;
use tokio::sync::Semaphore;
use wasmtime::Engine;
use wasmtime::component::{Component as Wasm, Linker};
use wasmtime_wasi_http::handler::ProxyHandler;

use super::{App, AppHandle, HttpComponent};
use crate::cache::{ModuleCache, Origin};
use crate::component::{self, ComponentContext, Entrances};
use crate::cron::CronJob;
use crate::engine::{self, EpochTicker};
use crate::instance::{HttpInstances, InstanceFactory, InstanceState, Reuse};
use crate::limits::InstanceLimits;
use crate::link::{self, stdio};
use crate::manifest::{HttpTarget, Manifest};
use crate::metrics::Metrics;
use crate::router::Router;
use crate::state::State;
use crate::variables::Variables;

/// How an application is to be run.
pub struct LoadOptions {
    /// The directory of the manifest: relative paths in it count from here.
    pub manifest_dir: PathBuf,
    /// Where component output is logged, if anywhere.
    pub log_dir: Option<PathBuf>,
    /// Empty the log files first.
    pub truncate_logs: bool,
    /// Show component output on the host's own.
    pub follow: Follow,
    /// Environment variables for every component, over those of the manifest.
    pub environment: Vec<(String, String)>,
    /// Where compiled components are cached.
    pub cache: ModuleCache,
    /// What instances live under.
    pub limits: InstanceLimits,
    /// Instances alive at once.
    pub max_instances: u32,
}

/// Whose output is shown.
#[derive(Clone, Debug)]
pub enum Follow {
    /// Every component's.
    All,
    /// Nobody's.
    Nobody,
    /// These components'.
    Only(Vec<String>),
}

impl Follow {
    fn includes(&self, id: &str) -> bool {
        match self {
            Self::All => true,
            Self::Nobody => false,
            Self::Only(ids) => ids.iter().any(|only| only == id),
        }
    }
}

/// Things that must live as long as the application.
pub(super) struct Keep {
    _ticker: EpochTicker,
    _files: TempDir,
}

/// What loading one component needs.
struct Loader<'l> {
    manifest: &'l Manifest,
    variables: &'l Variables,
    options: &'l LoadOptions,
    metrics: &'l Metrics,
    state: Arc<State>,
    app: AppHandle,
    engine: Engine,
    linker: Linker<InstanceState>,
    files: TempDir,
    slots: Arc<Semaphore>,
}

/// A component with its ways in.
struct Loaded {
    factory: Arc<InstanceFactory>,
    entrances: Entrances,
}

impl App {
    /// Compiles (or fetches from the cache) and links every component. Blocks for as long as that takes.
    pub fn load(
        manifest: &Manifest,
        variables: &Variables,
        state: Arc<State>,
        metrics: &Metrics,
        options: &LoadOptions,
    ) -> anyhow::Result<Arc<Self>> {
        let engine = engine::build(options.max_instances)?;
        let linker = link::linker(&engine)?;
        let router = Router::build(&manifest.http)?;
        if let Some(dir) = &options.log_dir {
            std::fs::create_dir_all(dir)
                .with_context(|| format!("cannot make the log directory {}", dir.display()))?;
        }
        let ticker = EpochTicker::start(&engine).context("cannot start the epoch thread")?;
        let files = tempfile::Builder::new().prefix("crema-files-").tempdir()?;
        let slots = Arc::new(Semaphore::new(options.max_instances as usize));
        let app = AppHandle::default();
        let loader =
            Loader { manifest, variables, options, metrics, state, app, engine, linker, files, slots };
        let mut loaded = loader.load_all()?;

        let mut cron = Vec::new();
        for trigger in &manifest.cron {
            cron.push(loader.cron_job(trigger, &mut loaded)?);
        }
        let components = loader.http_components(loaded)?;
        let app = Arc::new(Self {
            name: manifest.name.clone(),
            version: manifest.version.clone(),
            router,
            state: Arc::clone(&loader.state),
            cron,
            components,
            limits: options.limits,
            _keep: Keep { _ticker: ticker, _files: loader.files },
        });
        // Nobody else fills it.
        drop(loader.app.0.set(Arc::downgrade(&app)));
        Ok(app)
    }
}

impl Loader<'_> {
    /// Loads components on as many threads as there are processors.
    fn load_all(&self) -> anyhow::Result<BTreeMap<String, Loaded>> {
        let queue: Mutex<VecDeque<&String>> = Mutex::new(self.manifest.components.keys().collect());
        let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let threads = thread::available_parallelism().map_or(1, usize::from);
        thread::scope(|scope| {
            let workers: Vec<_> = (0..threads)
                .map(|_| {
                    scope.spawn(|| {
                        let mut loaded = Vec::new();
                        while let Some(id) = next() {
                            loaded.push((id.clone(), self.load_one(id)?));
                        }
                        anyhow::Ok(loaded)
                    })
                })
                .collect();
            let mut all = BTreeMap::new();
            for worker in workers {
                match worker.join() {
                    Ok(loaded) => all.extend(loaded?),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            Ok(all)
        })
    }

    fn load_one(&self, id: &str) -> anyhow::Result<Loaded> {
        let started = Instant::now();
        let component = &self.manifest.components[id];
        let at_source = |message: String| component.source_location.error(message);
        // What the manifest says wrongly is found before anything is compiled.
        let context = Arc::new(self.context(id)?);
        let path = self.options.manifest_dir.join(&component.source);
        let bytes = std::fs::read(&path)
            .map_err(|error| at_source(format!("cannot read {}: {error}", path.display())))?;
        let (wasm, origin) =
            self.options.cache.component(&self.engine, &bytes).map_err(|error| {
                at_source(format!("{} is not a usable component: {error:#}", path.display()))
            })?;
        let entrances = self.link(&wasm).map_err(|error| {
            at_source(format!("{} needs what crema does not offer: {error:#}", path.display()))
        })?;
        tracing::debug!(
            component = id,
            cached = origin == Origin::Cached,
            elapsed_ms = started.elapsed().as_millis() as u64,
            "component loaded"
        );
        let factory =
            InstanceFactory::new(&self.engine, context, self.options.limits, Arc::clone(&self.slots));
        Ok(Loaded { factory: Arc::new(factory), entrances })
    }

    fn link(&self, wasm: &Wasm) -> anyhow::Result<Entrances> {
        Entrances::link(&self.linker, wasm)
    }

    fn context(&self, id: &str) -> anyhow::Result<ComponentContext> {
        let component = &self.manifest.components[id];
        let id: Arc<str> = id.into();
        let follow = self.options.follow.includes(&id);
        let output = |channel| {
            let dir = self.options.log_dir.as_deref();
            stdio::ComponentOutput::open(&id, channel, dir, follow, self.options.truncate_logs)
        };
        let copies: &Path = &self.files.path().join(id.as_ref());
        let mut environment = component.environment.clone();
        environment.retain(|(key, _)| self.options.environment.iter().all(|(over, _)| over != key));
        environment.extend(self.options.environment.iter().cloned());
        Ok(ComponentContext {
            grants: component::grants(component, self.variables)?,
            variables: self.variables.of_component(component),
            environment,
            directories: component::directories(component, &self.options.manifest_dir, copies)?,
            stdout: output(stdio::Channel::Stdout)?,
            stderr: output(stdio::Channel::Stderr)?,
            state: Arc::clone(&self.state),
            app: self.app.clone(),
            metrics: self.metrics.component(&id),
            id,
        })
    }

    fn cron_job(
        &self,
        trigger: &crate::manifest::CronTrigger,
        loaded: &mut BTreeMap<String, Loaded>,
    ) -> anyhow::Result<CronJob> {
        let component = &loaded[&trigger.component];
        let Some(entrance) = &component.entrances.cron else {
            let source = &self.manifest.components[&trigger.component].source_location;
            anyhow::bail!(
                source
                    .error("has a cron trigger but does not export fermyon:spin-cron's `handle-cron-event`")
            );
        };
        Ok(CronJob {
            schedule: trigger.schedule.clone(),
            expression: trigger.expression.clone(),
            factory: Arc::clone(&component.factory),
            entrance: entrance.clone(),
        })
    }

    fn http_components(
        &self,
        loaded: BTreeMap<String, Loaded>,
    ) -> anyhow::Result<BTreeMap<String, HttpComponent>> {
        for trigger in &self.manifest.http {
            if let HttpTarget::Component(id) = &trigger.target
                && loaded[id].entrances.http.is_none()
            {
                let source = &self.manifest.components[id].source_location;
                anyhow::bail!(source.error(
                    "has an HTTP trigger but exports neither wasi:http/handler@0.3 nor incoming-handler@0.2"
                ));
            }
        }
        let routed: Vec<&str> = self
            .manifest
            .http
            .iter()
            .filter_map(|trigger| match &trigger.target {
                HttpTarget::Component(id) => Some(id.as_str()),
                HttpTarget::Static(_) => None,
            })
            .collect();
        let mut components = BTreeMap::new();
        for (id, Loaded { factory, entrances }) in loaded {
            // Without a trigger, not even a private one, there is no way to it over HTTP.
            let Some(pre) = entrances.http.filter(|_| routed.contains(&id.as_str())) else { continue };
            let handler =
                |pre, reuse| ProxyHandler::new(HttpInstances::new(Arc::clone(&factory), pre, reuse));
            let component = HttpComponent {
                context: Arc::clone(factory.component()),
                isolated: handler(component::clone_entrance(&pre), Reuse::Never),
                handler: handler(pre, Reuse::Limits),
            };
            components.insert(id, component);
        }
        Ok(components)
    }
}

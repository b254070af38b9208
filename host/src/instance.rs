//! One component instance: its state, and how long it lives.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Sleep;
use wasmtime::component::{GuestTaskId, ResourceTable};
use wasmtime::{Engine, ResourceLimiter, Store, StoreContextMut};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::handler::{
    HandlerState, Instance, Proxy, ProxyPre, ShouldAccept, WorkerExpiration, WorkerState, WorkerStatus,
};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::component::ComponentContext;
use crate::limits::{InstanceLimits, Span};
use crate::link::outbound_http::OutboundHttp;

/// What the host keeps for one instance.
pub struct InstanceState {
    /// The component it is an instance of.
    pub component: Arc<ComponentContext>,
    /// Host resources the guest holds handles to.
    pub table: ResourceTable,
    /// SQLite connections in the table.
    pub sqlite_connections: usize,
    /// Key-value stores in the table.
    pub key_value_stores: usize,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    outbound: OutboundHttp,
    memory: MemoryLimit,
    _permit: OwnedSemaphorePermit,
}

impl WasiView for InstanceState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for InstanceState {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.outbound, table: &mut self.table, ctx: &mut self.http }
    }
}

/// Refuses memory beyond the limit; to the guest that is an allocation failure.
struct MemoryLimit {
    bytes: usize,
}

/// Tables are small and their number is bounded by the pool; this bounds their size.
const MAX_TABLE_ELEMENTS: usize = 100_000;

impl ResourceLimiter for MemoryLimit {
    fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= self.bytes)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= MAX_TABLE_ELEMENTS)
    }
}

/// Makes stores for instances of one component.
pub struct InstanceFactory {
    engine: Engine,
    component: Arc<ComponentContext>,
    limits: InstanceLimits,
    /// As many permits as the pool has slots, shared by all components: a request beyond them waits.
    slots: Arc<Semaphore>,
}

impl InstanceFactory {
    /// A factory for `component`.
    pub fn new(
        engine: &Engine,
        component: Arc<ComponentContext>,
        limits: InstanceLimits,
        slots: Arc<Semaphore>,
    ) -> Self {
        Self { engine: engine.clone(), component, limits, slots }
    }

    /// A store for one instance; waits for a free slot.
    pub async fn store(&self) -> wasmtime::Result<Store<InstanceState>> {
        let permit = Arc::clone(&self.slots).acquire_owned().await?;
        let component = Arc::clone(&self.component);
        let state = InstanceState {
            wasi: component.wasi()?,
            http: WasiHttpCtx::new(),
            outbound: OutboundHttp::new(Arc::clone(&component)),
            memory: MemoryLimit { bytes: self.limits.memory },
            table: ResourceTable::new(),
            sqlite_connections: 0,
            key_value_stores: 0,
            component,
            _permit: permit,
        };
        let mut store = Store::new(&self.engine, state);
        store.limiter(|state| &mut state.memory);
        // Every tick the guest yields to the executor; whoever waits for it then sees the deadline pass.
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        Ok(store)
    }

    /// The component's context.
    pub fn component(&self) -> &Arc<ComponentContext> {
        &self.component
    }

    /// The limits instances live under.
    pub fn limits(&self) -> &InstanceLimits {
        &self.limits
    }
}

/// Instances of one component that answer HTTP requests, reused as the limits say.
pub struct HttpInstances {
    factory: Arc<InstanceFactory>,
    pre: ProxyPre<InstanceState>,
    reuse: Reuse,
}

/// How often an instance is reused.
#[derive(Clone, Copy, Debug)]
pub enum Reuse {
    /// As the limits say.
    Limits,
    /// Never: one request, one instance.
    Never,
}

impl HttpInstances {
    /// Instances made by `factory` from `pre`.
    pub fn new(factory: Arc<InstanceFactory>, pre: ProxyPre<InstanceState>, reuse: Reuse) -> Self {
        Self { factory, pre, reuse }
    }

    async fn make(&self) -> wasmtime::Result<(Store<InstanceState>, Proxy)> {
        let mut store = self.factory.store().await?;
        let started = Instant::now();
        let proxy = self.pre.instantiate_async(&mut store).await?;
        self.factory.component().metrics.instantiated(started.elapsed());
        Ok((store, proxy))
    }

    fn lifetime(&self) -> Lifetime {
        let limits = self.factory.limits();
        let mut rng = rand::rng();
        let (requests, concurrent) = match (&self.pre, self.reuse) {
            (ProxyPre::P3(_), Reuse::Limits) => {
                (limits.reuse_count.pick(&mut rng), limits.concurrent_reuse_count.pick(&mut rng))
            }
            // A 0.2 component cannot take a second request.
            _ => (1, 1),
        };
        Lifetime {
            requests,
            concurrent,
            idle: limits.idle_timeout.pick(&mut rng),
            request: limits.request_timeout.map(|span| span.pick(&mut rng)),
        }
    }
}

/// What one instance was given when it was made.
#[derive(Clone, Copy)]
struct Lifetime {
    requests: usize,
    concurrent: usize,
    idle: Duration,
    request: Option<Duration>,
}

impl HandlerState for HttpInstances {
    type StoreData = InstanceState;
    type WorkerExpiration = Expiration;
    type WorkerState = Worker;

    async fn instantiate(&self) -> wasmtime::Result<Instance<InstanceState, Expiration, Worker>> {
        let lifetime = self.lifetime();
        let (store, proxy) = match lifetime.request {
            None => self.make().await?,
            // Whatever runs while an instance is made is guest code too.
            Some(timeout) => tokio::time::timeout(timeout, self.make()).await??,
        };
        Ok(Instance {
            store,
            proxy,
            view: InstanceState::http,
            expiration: Expiration { lifetime, sleep: Box::pin(tokio::time::sleep(Duration::ZERO)) },
            state: Worker { lifetime, component: Arc::clone(self.factory.component()) },
        })
    }
}

/// Ends an instance that idles, or whose guest does not answer in time whatever it does.
pub struct Expiration {
    lifetime: Lifetime,
    sleep: Pin<Box<Sleep>>,
}

impl WorkerExpiration for Expiration {
    fn poll(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        status: WorkerStatus,
        start: Instant,
    ) -> Poll<()> {
        let timeout = match status {
            WorkerStatus::Idle => Some(self.lifetime.idle),
            WorkerStatus::Requests | WorkerStatus::PostReturn => self.lifetime.request,
        };
        let Some(deadline) = timeout.and_then(|timeout| start.checked_add(timeout)) else {
            return Poll::Pending;
        };
        if self.sleep.deadline().into_std() != deadline {
            self.sleep.as_mut().reset(deadline.into());
        }
        self.sleep.as_mut().poll(cx)
    }
}

/// Decides which requests an instance takes.
pub struct Worker {
    lifetime: Lifetime,
    component: Arc<ComponentContext>,
}

impl WorkerState for Worker {
    type StoreData = InstanceState;
    type RequestData = ();

    fn should_accept_request(&self, concurrent: usize, total: usize) -> ShouldAccept {
        if total >= self.lifetime.requests {
            ShouldAccept::Never
        } else if concurrent >= self.lifetime.concurrent {
            ShouldAccept::No
        } else {
            ShouldAccept::Yes
        }
    }

    fn on_request_start(
        &self,
        _: StoreContextMut<'_, InstanceState>,
        (): (),
        _: GuestTaskId,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + Sync>> {
        match self.lifetime.request {
            Some(timeout) => Box::pin(tokio::time::sleep(timeout)),
            None => Box::pin(std::future::pending()),
        }
    }

    fn drop(&self, store: Store<InstanceState>, result: Result<(), wasmtime::Error>) {
        // An instance that is dropped with the executor, after the application, did not fail.
        let failure = result.err().filter(|_| self.component.app.get().is_some());
        // A guest that had to be stopped is the only failure that is no trap.
        let cause = |error: &wasmtime::Error| if error.is::<wasmtime::Trap>() { "trap" } else { "stopped" };
        self.component.metrics.instance_ended(failure.as_ref().map(cause));
        if let Some(error) = failure {
            let component = self.component.id.as_ref();
            tracing::error!(component, cause = %error.root_cause(), "instance died");
            tracing::debug!(component, error = format!("{error:#}"), "instance died");
        }
        drop(store);
    }
}

impl<T: Copy + PartialOrd + rand::distr::uniform::SampleUniform> Span<T> {
    fn pick(self, rng: &mut impl rand::Rng) -> T {
        match self {
            Self::Exactly(value) => value,
            Self::Between(low, high) => rng.random_range(low..high),
        }
    }
}

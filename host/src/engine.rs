//! The Wasm engine: one per process, shared by every component.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

/// How often a running guest is made to yield, and with it the precision of every timeout.
pub const EPOCH_TICK: Duration = Duration::from_millis(10);
/// Bytes of linear memory that stay resident in a pool slot between two instances. Clearing them by hand is
/// cheaper than giving pages back and faulting them in again; a function of ours dirties well under this.
const MEMORY_KEEP_RESIDENT: usize = 512 * 1024;
/// Likewise for tables.
const TABLE_KEEP_RESIDENT: usize = 64 * 1024;
/// Pool slots that stay warm (and resident) though nothing runs in them.
const MAX_WARM_SLOTS: u32 = 32;
/// Address space of one linear memory. With no more than 4 GiB addressable, bounds checks cost nothing.
const MAX_MEMORY: usize = 4 << 30;
/// Core instances per component instance: the module itself plus its adapter and shim modules.
const CORE_INSTANCES_PER_COMPONENT: u32 = 8;
/// Bytes wasmtime may use for its own records about one (core or component) instance.
const MAX_INSTANCE_SIZE: usize = 10 << 20;
/// Entries of one function table.
const MAX_TABLE_ELEMENTS: usize = 100_000;
/// Fibres per instance: each guest call that is stopped in a host call holds one.
const STACKS_PER_INSTANCE: u32 = 2;

/// Builds the engine. `max_instances` bounds the component instances alive at once.
pub fn build(max_instances: u32) -> wasmtime::Result<Engine> {
    let mut pool = PoolingAllocationConfig::default();
    pool.total_component_instances(max_instances)
        .total_core_instances(max_instances * CORE_INSTANCES_PER_COMPONENT)
        .total_memories(max_instances)
        .total_tables(2 * max_instances)
        .total_stacks(STACKS_PER_INSTANCE * max_instances)
        .max_component_instance_size(MAX_INSTANCE_SIZE)
        .max_core_instance_size(MAX_INSTANCE_SIZE)
        .table_elements(MAX_TABLE_ELEMENTS)
        .max_memory_size(MAX_MEMORY)
        .max_unused_warm_slots(MAX_WARM_SLOTS)
        .linear_memory_keep_resident(MEMORY_KEEP_RESIDENT)
        .table_keep_resident(TABLE_KEEP_RESIDENT)
        .pagemap_scan(Enabled::Auto);

    let mut config = Config::new();
    config
        .wasm_component_model(true)
        .wasm_component_model_async(true)
        .epoch_interruption(true)
        .memory_init_cow(true)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Engine::new(&config)
}

/// The thread that ticks the engine's epoch; it stops when this is dropped.
pub struct EpochTicker {
    stop: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl EpochTicker {
    /// Starts ticking.
    pub fn start(engine: &Engine) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let weak = engine.weak();
        let stopped = Arc::clone(&stop);
        let thread = thread::Builder::new().name("epoch".to_owned()).spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                thread::sleep(EPOCH_TICK);
                match weak.upgrade() {
                    Some(engine) => engine.increment_epoch(),
                    None => return,
                }
            }
        })?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for EpochTicker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It only sleeps and counts: it cannot have panicked.
            drop(thread.join());
        }
    }
}

//! Things that happen later: one thread that does them in the order of their time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

type Task = Box<dyn FnOnce() + Send>;

/// Longest sleep: a timer that is told to stop notices within this.
const NAP: Duration = Duration::from_millis(200);

#[derive(Default)]
struct Shared {
    tasks: Mutex<Vec<(Instant, u64, Task)>>,
    changed: Condvar,
    stopped: AtomicBool,
}

/// A thread with tasks. Tasks left when it is dropped are not done.
pub struct Timer {
    shared: Arc<Shared>,
    worker: Option<JoinHandle<()>>,
}

impl Timer {
    /// Starts the thread.
    #[must_use]
    pub fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let worker = std::thread::spawn(move || work(&theirs));
        Self { shared, worker: Some(worker) }
    }

    /// A way to add tasks that may be kept by the tasks themselves.
    #[must_use]
    pub fn handle(&self) -> TimerHandle {
        TimerHandle(Arc::clone(&self.shared))
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Relaxed);
        self.shared.changed.notify_all();
        if let Some(worker) = self.worker.take() {
            worker.join().ok();
        }
    }
}

/// Adds tasks to a timer.
#[derive(Clone)]
pub struct TimerHandle(Arc<Shared>);

impl TimerHandle {
    /// Does `task` after `delay`; tasks due together are done in the order in which they were added.
    pub fn after(&self, delay: Duration, task: impl FnOnce() + Send + 'static) {
        let mut tasks = self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        let number = tasks.last().map_or(0, |(_, number, _)| number + 1);
        tasks.push((Instant::now() + delay, number, Box::new(task)));
        self.0.changed.notify_all();
    }
}

fn work(shared: &Shared) {
    let mut tasks = shared.tasks.lock().unwrap_or_else(PoisonError::into_inner);
    while !shared.stopped.load(Ordering::Relaxed) {
        let now = Instant::now();
        let due = (0..tasks.len()).min_by_key(|index| (tasks[*index].0, tasks[*index].1));
        match due {
            Some(index) if tasks[index].0 <= now => {
                let (_, _, task) = tasks.remove(index);
                drop(tasks);
                task();
                tasks = shared.tasks.lock().unwrap_or_else(PoisonError::into_inner);
            }
            next => {
                let wait = next.map_or(NAP, |index| tasks[index].0.saturating_duration_since(now).min(NAP));
                tasks = shared.changed.wait_timeout(tasks, wait).unwrap_or_else(PoisonError::into_inner).0;
            }
        }
    }
}

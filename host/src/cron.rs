//! The cron trigger: Spin's plugin, built in.
//!
//! A component's `handle-cron-event` is called at the times its expression names, in UTC, each time in a
//! fresh instance. An event whose predecessor is still running is skipped, with a warning.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use chrono::Utc;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::instance::{InstanceFactory, InstanceState};
use crate::limits::Span;
use crate::link::cron::SpinCronPre;
use crate::link::cron::fermyon::spin_cron::cron_types::Metadata;
use crate::metrics::Metrics;

/// The longest sleep before looking at the clock again: a clock that is set is noticed within it.
const MAX_SLEEP: Duration = Duration::from_secs(30);

/// One `[[trigger.cron]]`, ready to run.
pub struct CronJob {
    /// When.
    pub schedule: cron::Schedule,
    /// The same as written, for logs.
    pub expression: String,
    /// Makes instances.
    pub factory: Arc<InstanceFactory>,
    /// What is called.
    pub entrance: SpinCronPre<InstanceState>,
}

impl CronJob {
    /// Calls the component at its times until `stop` says so; an event under way is finished.
    pub async fn run(&self, metrics: &Metrics, mut stop: watch::Receiver<bool>) {
        let id = &self.factory.component().id;
        let mut next = self.schedule.upcoming(Utc).next();
        while let Some(due) = next {
            while let Ok(wait) = (due - Utc::now()).to_std() {
                tokio::select! {
                    () = tokio::time::sleep(wait.min(MAX_SLEEP)) => {}
                    _ = stop.wait_for(|stop| *stop) => return,
                }
            }
            if *stop.borrow() {
                return;
            }
            match self.deliver().await {
                Ok(()) => metrics.cron(id, "ok"),
                Err(error) => {
                    let error = format!("{error:#}");
                    tracing::error!(component = id.as_ref(), error, "cron event failed");
                    metrics.cron(id, "failed");
                }
            }
            next = self.schedule.upcoming(Utc).next();
            if self.schedule.after(&due).next() < next {
                tracing::warn!(component = id.as_ref(), %due, "cron events after this one were skipped: it took too long");
                metrics.cron(id, "skipped");
            }
        }
    }

    /// Calls the component once.
    async fn deliver(&self) -> anyhow::Result<()> {
        match self.factory.limits().request_timeout {
            None => self.call().await,
            Some(Span::Exactly(timeout) | Span::Between(_, timeout)) => {
                tokio::time::timeout(timeout, self.call()).await.context("did not finish in time")?
            }
        }
    }

    async fn call(&self) -> anyhow::Result<()> {
        let mut store = self.factory.store().await?;
        let instance = self.entrance.instantiate_async(&mut store).await?;
        let timestamp = u64::try_from(Utc::now().timestamp()).context("the clock is before 1970")?;
        let result = instance.call_handle_cron_event(&mut store, Metadata { timestamp }).await?;
        result.map_err(|error| anyhow!("{error:?}"))
    }
}

/// Starts every job; they end when `stop` becomes true.
pub fn spawn_all(app: &Arc<crate::app::App>, metrics: &Metrics, stop: &watch::Receiver<bool>) -> JoinSet<()> {
    let mut jobs = JoinSet::new();
    for index in 0..app.cron.len() {
        let (app, metrics, stop) = (Arc::clone(app), metrics.clone(), stop.clone());
        jobs.spawn(async move { app.cron[index].run(&metrics, stop).await });
    }
    jobs
}

//! Progress: one line per step, alive on a terminal, plain in a log.

use std::time::{Duration, Instant};

use console::style;
use indicatif::{ProgressBar, ProgressStyle};

/// How often the spinner turns.
const TICK: Duration = Duration::from_millis(100);

/// One step under way.
pub struct Step {
    bar: ProgressBar,
    name: String,
    started: Instant,
}

impl Step {
    /// Shows that `name` has begun.
    #[must_use]
    pub fn begin(name: impl Into<String>) -> Self {
        let name = name.into();
        let bar = ProgressBar::new_spinner();
        let template =
            ProgressStyle::with_template("{spinner:.cyan} {prefix} {elapsed:.dim} {wide_msg:.dim}");
        bar.set_style(template.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.set_prefix(name.clone());
        bar.enable_steady_tick(TICK);
        if bar.is_hidden() {
            eprintln!("... {name}");
        }
        Self { bar, name, started: Instant::now() }
    }

    /// Shows what the step is at; only on a terminal.
    pub fn note(&self, text: &str) {
        self.bar.set_message(text.trim().to_owned());
    }

    /// Time since it began.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Ends well.
    pub fn done(self, result: &str) {
        let mark = style("ok").green().for_stderr();
        self.end(&format!("{mark:>3}"), result);
    }

    /// Ends badly.
    pub fn failed(self, result: &str) {
        let mark = style("FAILED").red().bold().for_stderr();
        self.end(&mark.to_string(), result);
    }

    fn end(&self, mark: &str, result: &str) {
        self.bar.finish_and_clear();
        let seconds = self.elapsed().as_secs_f64();
        eprintln!("{mark} {} ({seconds:.1} s) {result}", self.name);
    }
}

/// Runs `work` as a step; the result's text stands behind the step's name.
///
/// # Errors
/// What `work` fails with.
pub fn step<T>(
    name: impl Into<String>,
    work: impl FnOnce(&Step) -> anyhow::Result<(T, String)>,
) -> anyhow::Result<T> {
    let step = Step::begin(name);
    match work(&step) {
        Ok((value, result)) => {
            step.done(&result);
            Ok(value)
        }
        Err(error) => {
            step.failed("");
            Err(error)
        }
    }
}

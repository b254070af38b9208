//! `check` and `test`: steps one after another, a summary, and the counts that CI reads.

mod fuzz;
mod partners;
mod steps;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use console::style;

pub use steps::{CHECK, TEST};

use crate::process::{self, cargo};
use crate::progress::Step;
use crate::{build, workspace};

/// One step of a suite.
pub struct Work {
    /// What the summary calls it.
    pub name: &'static str,
    pub action: Action,
}

/// What a step does.
pub enum Action {
    /// Cargo with these arguments.
    Cargo(&'static [&'static str]),
    /// Clippy over every function, for the target they ship on.
    ClippyFunctions,
    /// Builds functions and host.
    Build(build::Profile),
    /// A step in Rust; returns what to say of it.
    Rust(fn(&Step) -> Result<String>),
}

/// What became of a step.
struct Outcome {
    name: &'static str,
    duration: Duration,
    passed: u64,
    failed: u64,
}

/// Runs the steps whose names contain `only` (all, if empty), and sums up.
///
/// # Errors
/// When a step fails.
pub fn run(suites: &[&[Work]], only: &str) -> Result<()> {
    let all = || suites.iter().copied().flatten();
    let chosen: Vec<&Work> = all().filter(|work| work.name.contains(only)).collect();
    if chosen.is_empty() {
        let names: Vec<&str> = all().map(|work| work.name).collect();
        bail!("no step's name contains {only:?}\n  the steps are: {}", names.join(", "));
    }
    let started = Instant::now();
    let outcomes: Vec<Outcome> = chosen.into_iter().map(perform).collect();
    summarise(&outcomes, started.elapsed());
    let failed: Vec<&str> =
        outcomes.iter().filter(|outcome| outcome.failed > 0).map(|outcome| outcome.name).collect();
    if !failed.is_empty() {
        bail!(
            "failed: {}\n  the output of each step is in {}",
            failed.join(", "),
            workspace::shown(&log_folder())
        );
    }
    Ok(())
}

fn perform(work: &Work) -> Outcome {
    let step = Step::begin(work.name);
    let (success, output) = act(work, &step).unwrap_or_else(|error| (false, format!("{error:#}")));
    let log = log_folder().join(format!("{}.log", work.name.replace(' ', "-")));
    std::fs::create_dir_all(log_folder()).and_then(|()| std::fs::write(&log, &output)).ok();
    let (passed, failed) = count(&output);
    // A step that counts no tests counts as one; one that failed without a failed test, as one failure.
    let (passed, failed) = match (success, passed, failed) {
        (true, 0, 0) => (1, 0),
        (false, passed, 0) => (passed, 1),
        (_, passed, failed) => (passed, failed),
    };
    let duration = step.elapsed();
    if success && failed == 0 {
        step.done(&if passed > 1 { format!("{passed} tests") } else { String::new() });
    } else {
        step.failed(&workspace::shown(&log));
        eprintln!("{}", process::tail(&output));
    }
    Outcome { name: work.name, duration, passed, failed }
}

fn act(work: &Work, step: &Step) -> Result<(bool, String)> {
    match &work.action {
        Action::Cargo(arguments) => process::capture(cargo(arguments), step),
        Action::ClippyFunctions => {
            build::add_target()?;
            let mut command = cargo(&["clippy", "--target", build::TARGET]);
            for name in workspace::functions()? {
                command.arg("-p").arg(name);
            }
            command.args(["--", "-D", "warnings"]);
            process::capture(command, step)
        }
        Action::Build(profile) => build::all(*profile).map(|()| (true, String::new())),
        Action::Rust(work) => work(step).map(|said| (true, said)),
    }
}

/// Passed and failed tests in the output of cargo's test runner (`test result: ok. 3 passed; 0 failed; …`) and of our
/// own programs (`N passed, N failed`, perhaps after a word and a colon).
fn count(output: &str) -> (u64, u64) {
    let mut sum = (0, 0);
    for line in output.lines().map(str::trim) {
        let counts = match line.strip_prefix("test result: ") {
            Some(result) => result.split_once(". ").map_or("", |(_, counts)| counts),
            None => line.split_once(": ").map_or(line, |(_, counts)| counts),
        };
        if !counts.starts_with(|letter: char| letter.is_ascii_digit()) {
            continue;
        }
        if let (Some(passed), Some(failed)) =
            (number_before(counts, " passed"), number_before(counts, " failed"))
        {
            sum = (sum.0 + passed, sum.1 + failed);
        }
    }
    sum
}

/// The number right before `word` in a line of which nothing but counts may come first.
fn number_before(line: &str, word: &str) -> Option<u64> {
    let (before, _) = line.split_once(word)?;
    before.rsplit([' ', ',']).next()?.parse().ok()
}

fn summarise(outcomes: &[Outcome], total: Duration) {
    let width = outcomes.iter().map(|outcome| outcome.name.len()).max().unwrap_or(0);
    println!("\n{:<width$}  {:>9}  {:>7}  {:>6}", "step", "seconds", "passed", "failed");
    for outcome in outcomes {
        let line = format!(
            "{:<width$}  {:>9.1}  {:>7}  {:>6}",
            outcome.name,
            outcome.duration.as_secs_f64(),
            outcome.passed,
            outcome.failed
        );
        println!("{}", if outcome.failed > 0 { style(line).red() } else { style(line) });
    }
    println!("{:<width$}  {:>9.1}", "in all", total.as_secs_f64());
    let passed: u64 = outcomes.iter().map(|outcome| outcome.passed).sum();
    let failed: u64 = outcomes.iter().map(|outcome| outcome.failed).sum();
    println!("\n{passed} passed, {failed} failed");
}

fn log_folder() -> std::path::PathBuf {
    workspace::target().join("steps")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_from_test_runners_only() {
        let output = "running 3 tests\n\
            test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n\
            test result: FAILED. 1 passed; 2 failed; 0 ignored\n\
            simulation: 5 passed, 1 failed\n\
            \u{2705} 18 passed  1 failed\n\
            nothing has passed\n";
        assert_eq!(count(output), (9, 3));
    }
}

//! Running programs: what they print is shown as progress and kept for when they fail.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Command, Stdio};
use std::sync::mpsc;

use anyhow::{Context as _, Result, bail};

use crate::progress::Step;
use crate::workspace;

/// Lines of a failed program's output that are shown.
const LINES_SHOWN_MAX: usize = 60;

/// What `cargo run` tells the program it runs about that program. Handed on to another cargo, build scripts that
/// watch these would run again each time cargo is started from here and not from a shell: the host's dependencies
/// would be rebuilt at every change of hands.
const ABOUT_US: [&str; 4] = ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_BIN_", "CARGO_CRATE_"];

/// `cargo` at the root of the workspace, the one that runs us.
#[must_use]
pub fn cargo(arguments: &[&str]) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(arguments).current_dir(workspace::root());
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| ABOUT_US.iter().any(|prefix| name.starts_with(prefix))) {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a program that talks to the terminal itself.
///
/// # Errors
/// When it cannot be started or fails; `advice` says what to do then.
pub fn run(mut command: Command, advice: &str) -> Result<()> {
    let shown = show(&command);
    let status = command.status().with_context(|| format!("could not start `{shown}`\n  {advice}"))?;
    if !status.success() {
        bail!("`{shown}` failed ({status})\n  {advice}");
    }
    Ok(())
}

/// Runs a program under a step of a progress display; returns all it printed.
///
/// # Errors
/// When it cannot be started or fails: with the end of its output and `advice`.
pub fn watch(command: Command, step: &Step, advice: &str) -> Result<String> {
    let shown = show(&command);
    let (success, output) = capture(command, step).with_context(|| format!("`{shown}`\n  {advice}"))?;
    if !success {
        bail!("`{shown}` failed:\n{}\n  {advice}", tail(&output));
    }
    Ok(output)
}

/// Runs a program under a step; returns whether it succeeded and all it printed on both streams.
///
/// # Errors
/// When it cannot be started.
pub fn capture(mut command: Command, step: &Step) -> Result<(bool, String)> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("could not start the program")?;
    let (sender, lines) = mpsc::channel();
    let readers = [
        child.stdout.take().map(|stream| forward(stream, sender.clone())),
        child.stderr.take().map(|stream| forward(stream, sender)),
    ];
    let mut output = String::new();
    for line in lines {
        step.note(&line);
        output.push_str(&line);
        output.push('\n');
    }
    for reader in readers.into_iter().flatten() {
        reader.join().ok();
    }
    Ok((child.wait()?.success(), output))
}

fn forward(stream: impl Read + Send + 'static, to: mpsc::Sender<String>) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
            if to.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                break;
            }
        }
    })
}

/// The last lines of an output, indented.
#[must_use]
pub fn tail(output: &str) -> String {
    let lines: Vec<&str> = output.lines().collect();
    let shown = &lines[lines.len().saturating_sub(LINES_SHOWN_MAX)..];
    shown.iter().map(|line| format!("  | {line}")).collect::<Vec<_>>().join("\n")
}

/// A command as one would type it.
fn show(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

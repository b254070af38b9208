//! Building functions and host.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::process::{self, cargo};
use crate::progress::{self, Step};
use crate::workspace;

/// The target that functions are built for.
pub const TARGET: &str = "wasm32-wasip2";

/// How functions are compiled; see the profiles in Cargo.toml.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Profile {
    /// As shipped and measured: smallest and fastest.
    #[default]
    Function,
    /// For the edit loop: a tenth more bytes, built in a fraction of the time.
    FunctionFast,
}

impl Profile {
    const fn name(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::FunctionFast => "function-fast",
        }
    }
}

/// Builds every function and the host.
///
/// # Errors
/// With what to do about it.
pub fn all(profile: Profile) -> Result<()> {
    functions(profile)?;
    host()
}

/// Builds every function and puts the components where `spin.toml` expects them.
///
/// # Errors
/// With what to do about it.
pub fn functions(profile: Profile) -> Result<()> {
    add_target()?;
    let names = workspace::functions()?;
    if names.is_empty() {
        bail!("there is nothing in functions/\n  check out the whole repository");
    }
    progress::step(format!("Build {} functions ({})", names.len(), profile.name()), |step| {
        let mut command = cargo(&["build", "--profile", profile.name(), "--target", TARGET]);
        for name in &names {
            command.args(["-p", name]);
        }
        process::watch(command, step, "fix the errors above, then run the command again")?;
        let built = workspace::target().join(TARGET).join(profile.name());
        let bytes = place(&built, &names)?;
        Ok(((), format!("{} KiB in all", bytes / 1024)))
    })
}

/// Builds the host.
///
/// # Errors
/// With what to do about it.
pub fn host() -> Result<()> {
    progress::step("Build the host (the first time takes some minutes: it contains a compiler)", |step| {
        let command = cargo(&["build", "--release", "-p", "crema"]);
        process::watch(command, step, "fix the errors above, then run the command again")?;
        Ok(((), workspace::shown(&workspace::host())))
    })
}

/// Prints the size of every component.
///
/// # Errors
/// When one is missing.
pub fn print_sizes() -> Result<()> {
    let mut total = 0;
    for name in workspace::functions()? {
        let path = workspace::component(&name);
        let bytes = std::fs::metadata(&path).with_context(|| format!("{}", path.display()))?.len();
        total += bytes;
        println!("{:>8.1} KiB  {}", kib(bytes), workspace::shown(&path));
    }
    println!("{:>8.1} KiB  in all", kib(total));
    Ok(())
}

fn kib(bytes: u64) -> f64 {
    bytes as f64 / 1024.0
}

/// Links the components to their stable places; returns their bytes.
fn place(built: &Path, names: &[String]) -> Result<u64> {
    let mut bytes = 0;
    for name in names {
        let source = built.join(format!("{}.wasm", name.replace('-', "_")));
        let Ok(metadata) = source.metadata() else {
            bail!(
                "functions/{name} builds no component\n  its Cargo.toml needs `[lib]` with `crate-type = [\"cdylib\"]`"
            );
        };
        bytes += metadata.len();
        let place = workspace::component(name);
        if let Some(folder) = place.parent() {
            std::fs::create_dir_all(folder)?;
        }
        if place.exists() {
            std::fs::remove_file(&place).with_context(|| format!("replace {}", place.display()))?;
        }
        // A link costs nothing; a copy serves file systems without links.
        std::fs::hard_link(&source, &place)
            .or_else(|_| std::fs::copy(&source, &place).map(drop))
            .with_context(|| format!("put {} to {}", source.display(), place.display()))?;
    }
    Ok(bytes)
}

/// Adds the compilation target through rustup if it is missing.
///
/// # Errors
/// When neither the target nor rustup is there.
pub fn add_target() -> Result<()> {
    if has_target() {
        return Ok(());
    }
    let step = Step::begin(format!("Add the target {TARGET}"));
    let mut command = Command::new("rustup");
    command.args(["target", "add", TARGET]).current_dir(workspace::root());
    let advice = format!(
        "rustc has no standard library for {TARGET}, and rustup could not add it.\n  \
         With rustup (https://rustup.rs): check the network, then `rustup target add {TARGET}`.\n  \
         Without rustup: install your distribution's package of Rust's standard library for {TARGET}."
    );
    process::watch(command, &step, &advice)?;
    step.done("");
    Ok(())
}

/// Whether rustc can build for the target: its standard library is in the toolchain.
fn has_target() -> bool {
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.args(["--print", "target-libdir", "--target", TARGET]).current_dir(workspace::root());
    let Ok(output) = rustc.output() else { return false };
    let folder = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
}

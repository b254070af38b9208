//! The steps of `check` and `test`. To add one, add a line.

use super::{Action, Work, fuzz, partners};
use crate::build::Profile;

/// Before every commit: style, lints, house rules, native unit tests. Nothing here builds or runs the host's wasm.
pub const CHECK: &[Work] = &[
    Work { name: "format", action: Action::Cargo(&["fmt", "--all", "--check"]) },
    Work {
        name: "clippy",
        action: Action::Cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
    },
    Work { name: "clippy functions", action: Action::ClippyFunctions },
    Work { name: "house rules", action: Action::Cargo(&["test", "-p", "tidy"]) },
    // What is excluded has steps of its own below: it takes long, or needs the built functions and host.
    Work {
        name: "unit tests",
        action: Action::Cargo(&[
            "test",
            "--workspace",
            "--no-fail-fast",
            "--exclude=tidy",
            "--exclude=crema",
            "--exclude=crema-sqlite",
            "--exclude=it",
            "--exclude=partners",
            "--exclude=sim",
        ]),
    },
];

/// Everything that CI runs, after the steps of [`CHECK`].
pub const TEST: &[Work] = &[
    Work { name: "build", action: Action::Build(Profile::Function) },
    // In release, as the build above: a debug build of wasmtime would take minutes more and run slowly.
    Work {
        name: "host tests",
        action: Action::Cargo(&["test", "--release", "-p", "crema-sqlite", "-p", "crema"]),
    },
    Work { name: "whole system", action: Action::Cargo(&["test", "-p", "it"]) },
    Work { name: "simulation", action: Action::Cargo(&["test", "-p", "sim"]) },
    Work { name: "simulators", action: Action::Cargo(&["test", "-p", "partners"]) },
    Work { name: "partners", action: Action::Rust(partners::run) },
    Work { name: "demo", action: Action::Rust(fuzz::demo) },
    Work { name: "demo order", action: Action::Rust(fuzz::demo_orders) },
    Work { name: "schemathesis", action: Action::Rust(fuzz::run) },
];

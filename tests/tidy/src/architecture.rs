//! Who may depend on whom. The arrows of ARCHITECTURE.md, in one table.

use crate::tree::{Package, packages, report};

/// In a row of the table: every crate of [`HOST_NEUTRAL`].
const NEUTRAL: &str = "host-neutral";
/// What runs under any host, and natively too.
const HOST_NEUTRAL: &[&str] = &[
    "acquiring",
    "api",
    "bot",
    "care",
    "carriers",
    "club",
    "feedback",
    "crew",
    "fraud",
    "iiko",
    "kernel",
    "merit",
    "ledger",
    "loyalty",
    "membership",
    "menu",
    "messaging",
    "notation",
    "ordering",
    "partner",
    "post",
    "pricing",
    "basket",
    "shop",
    "store",
    "telegram",
    "watch",
    "web",
];

/// A package of ours and the packages of ours that it may depend on, inmost first.
const ALLOWED: &[(&str, &[&str])] = &[
    ("kernel", &[]),
    ("ledger", &["kernel"]),
    ("notation", &["kernel"]),
    ("loyalty", &["kernel", "ledger", "notation"]),
    ("partner", &["kernel"]),
    ("menu", &["kernel", "notation"]),
    ("pricing", &["kernel", "notation"]),
    ("basket", &["kernel", "notation", "pricing"]),
    ("ordering", &["kernel", "notation", "partner", "basket"]),
    ("iiko", &["kernel", "menu", "partner"]),
    ("acquiring", &["kernel", "partner"]),
    ("membership", &["kernel"]),
    ("telegram", &["kernel", "partner"]),
    (
        "bot",
        &[
            "care",
            "club",
            "feedback",
            "kernel",
            "ledger",
            "loyalty",
            "membership",
            "messaging",
            "post",
            "shop",
            "store",
            "telegram",
        ],
    ),
    ("feedback", &["kernel", "notation"]),
    ("care", &["club", "feedback", "kernel", "ledger", "membership", "messaging", "store"]),
    (
        "store",
        &[
            "basket",
            "feedback",
            "kernel",
            "ledger",
            "membership",
            "menu",
            "messaging",
            "ordering",
            "partner",
            "pricing",
        ],
    ),
    (
        "club",
        &[
            "feedback",
            "fraud",
            "kernel",
            "ledger",
            "loyalty",
            "membership",
            "messaging",
            "notation",
            "store",
            "watch",
        ],
    ),
    ("merit", &["kernel"]),
    ("crew", &["club", "kernel", "merit", "membership", "messaging", "store"]),
    ("fraud", &["kernel"]),
    ("watch", &["fraud", "kernel", "messaging", "store"]),
    ("messaging", &["kernel", "partner"]),
    ("carriers", &["kernel", "messaging", "partner"]),
    (
        "post",
        &[
            "carriers",
            "club",
            "kernel",
            "membership",
            "messaging",
            "notation",
            "partner",
            "store",
            "telegram",
        ],
    ),
    (
        "shop",
        &[
            "acquiring",
            "care",
            "club",
            "crew",
            "iiko",
            "kernel",
            "ledger",
            "loyalty",
            "membership",
            "menu",
            "messaging",
            "notation",
            "ordering",
            "partner",
            "post",
            "pricing",
            "basket",
            "store",
            "fraud",
            "watch",
        ],
    ),
    ("api", &["basket", "feedback", "fraud", "kernel", "membership", "menu", "merit", "notation", "pricing"]),
    (
        "web",
        &[
            "acquiring",
            "api",
            "care",
            "carriers",
            "club",
            "feedback",
            "crew",
            "iiko",
            "kernel",
            "merit",
            "ledger",
            "loyalty",
            "membership",
            "menu",
            "messaging",
            "notation",
            "ordering",
            "partner",
            "post",
            "pricing",
            "basket",
            "shop",
            "store",
            "fraud",
            "watch",
        ],
    ),
    ("platform", &["api", "kernel", "membership", "partner", "store", "web"]),
    ("crema-sqlite", &[]),
    ("crema", &["crema-sqlite"]),
    (
        "xtask",
        &[
            // Started by `up`, judged by `test`.
            "partners", NEUTRAL,
        ],
    ),
    (
        "bench",
        &[
            "crema-sqlite",
            // Simulators that answer in the process itself.
            "partners",
            "rig",
            NEUTRAL,
        ],
    ),
    (
        "rig",
        &[
            // Simulators of the outlets that take orders.
            "partners", NEUTRAL,
        ],
    ),
    ("bench-probe", &[]),
    ("tidy", &["api", "xtask"]),
];

/// What a function may depend on: never another function.
const FUNCTION: &[&str] = &["platform", NEUTRAL];

/// What the packages under `tests/` may depend on, besides functions as finished components.
const TEST: &[&str] = &["partners", "rig", "xtask", NEUTRAL];

/// A crate from outside, the packages that may name it among their dependencies, and why nobody else.
const CONFINED: &[(&str, &[&str], &str)] = &[
    (
        "spin-sdk",
        &["platform", "functions/*", "bench-probe"],
        "the platform has one home; functions, and the probe that is measured beside them, need its entry macro only",
    ),
    ("wasmtime", &["crema"], "it takes minutes to build"),
    ("wasmtime-wasi", &["crema"], "it takes minutes to build"),
    ("wasmtime-wasi-http", &["crema"], "it takes minutes to build"),
    ("rusqlite", &["store", "crema-sqlite", "bench", "tests/*"], "storage goes through the ports of `store`"),
    (
        "anyhow",
        &["crema", "xtask", "bench", "tests/*"],
        "domain errors are closed enums; anyhow is for the edges",
    ),
];

#[test]
fn dependencies_follow_the_architecture() {
    let packages = packages();
    let ours: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    let mut complaints = Vec::new();
    for package in &packages {
        let Some(allowed) = allowed(package) else {
            complaints
                .push(format!("{} is not in the table ALLOWED: say what it may depend on", package.folder));
            continue;
        };
        for dependency in package.dependencies("dependencies") {
            if ours.contains(&dependency.as_str()) && !may_name(allowed, &dependency) {
                complaints.push(format!("{} must not depend on {dependency}", package.folder));
            }
        }
    }
    report(
        &complaints,
        "An arrow against the architecture: move the code, or change the table and ARCHITECTURE.md.",
    );
}

#[test]
fn crates_from_outside_stay_where_they_belong() {
    let mut complaints = Vec::new();
    for package in packages() {
        for (confined, homes, reason) in CONFINED {
            let at_home = homes.iter().any(|home| match home.strip_suffix("/*") {
                Some(folder) => package.folder.starts_with(&format!("{folder}/")),
                None => package.name == *home,
            });
            if !at_home && package.dependencies("dependencies").iter().any(|name| name == confined) {
                complaints.push(format!("{} depends on {confined}: {reason}", package.folder));
            }
        }
    }
    report(&complaints, "A dependency outside its home.");
}

#[test]
fn versions_stand_in_the_workspace_only() {
    let mut complaints = Vec::new();
    for package in packages() {
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let table =
                package.manifest.get(section).and_then(toml::Value::as_table).cloned().unwrap_or_default();
            for (name, value) in table {
                let inherited = value.get("workspace").and_then(toml::Value::as_bool) == Some(true);
                if !inherited && value.get("path").is_none() {
                    complaints.push(format!("{}: {name}", package.folder));
                }
            }
        }
        let lints = package.manifest.get("lints").and_then(|lints| lints.get("workspace"));
        if lints.and_then(toml::Value::as_bool) != Some(true) {
            complaints.push(format!("{}: no `[lints] workspace = true`", package.folder));
        }
    }
    report(&complaints, "Say `name.workspace = true`, with the version in the root Cargo.toml.");
}

fn may_name(allowed: &[&str], dependency: &str) -> bool {
    allowed.contains(&dependency) || allowed.contains(&NEUTRAL) && HOST_NEUTRAL.contains(&dependency)
}

fn allowed(package: &Package) -> Option<&'static [&'static str]> {
    if package.folder.starts_with("functions/") {
        return Some(FUNCTION);
    }
    let row = ALLOWED.iter().find(|(name, _)| *name == package.name);
    row.map(|(_, allowed)| *allowed).or_else(|| package.folder.starts_with("tests/").then_some(TEST))
}

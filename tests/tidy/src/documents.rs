//! Rules on documents.

use std::path::Path;

use crate::tree::{files, report, root, toml};

#[test]
fn links_lead_somewhere() {
    let mut complaints = Vec::new();
    for file in files(".", &[".md"]) {
        let folder = root().join(&file.path).parent().map(Path::to_path_buf).expect("a file is in a folder");
        for target in links(&file.text) {
            let (path, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let document = if path.is_empty() { root().join(&file.path) } else { folder.join(path) };
            if !document.exists() {
                complaints.push(format!("{}: {target}", file.path));
            } else if !anchor.is_empty() && !anchors(&document).iter().any(|known| known == anchor) {
                complaints.push(format!("{}: {target} (no such heading)", file.path));
            }
        }
    }
    report(&complaints, "A link leads nowhere.");
}

#[test]
fn generated_files_are_up_to_date() {
    let stale = xtask::generate::stale().expect("the generator runs");
    report(&stale, "Run `cargo xtask gen` and commit what it writes.");
}

#[test]
fn the_changelog_knows_the_version() {
    let version =
        toml("Cargo.toml")["workspace"]["package"]["version"].as_str().expect("a version").to_owned();
    let changelog = std::fs::read_to_string(root().join("CHANGELOG.md")).expect("CHANGELOG.md");
    assert!(changelog.contains(&format!("## {version}")), "CHANGELOG.md has no section for {version}");
    for audience in ["### API", "### Stored data", "### Operations", "### Internals"] {
        assert!(changelog.contains(audience), "CHANGELOG.md speaks to {audience:?} nowhere");
    }
}

/// Targets of links to places in the repository, outside code.
fn links(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut in_code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        for part in line.split("](").skip(1) {
            let target = part.split(')').next().unwrap_or_default();
            let elsewhere =
                ["http://", "https://", "mailto:"].iter().any(|scheme| target.starts_with(scheme));
            if !elsewhere && !target.is_empty() {
                found.push(target.to_owned());
            }
        }
    }
    found
}

/// Anchors of a document: its headings as forges write them, and explicit ones.
fn anchors(document: &Path) -> Vec<String> {
    let Ok(text) = std::fs::read_to_string(document) else { return Vec::new() };
    let headings = text.lines().filter(|line| line.starts_with('#')).map(|line| {
        let title = line.trim_start_matches('#').trim().to_lowercase();
        title
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
            .collect::<String>()
            .replace(' ', "-")
    });
    let explicit =
        text.split("<a id=\"").skip(1).filter_map(|part| part.split('"').next()).map(str::to_owned);
    headings.chain(explicit).collect()
}

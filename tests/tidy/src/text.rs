//! Rules on files as text.

use crate::tree::{files, report};

/// Longest source file.
const LINES_MAX: usize = 400;
/// Longer ones, each with its reason.
const LONGER: &[(&str, usize, &str)] = &[];

/// Left-over notes; the words are split so that this file does not find itself.
const LEFTOVERS: &[&str] =
    &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("X", "XX"), concat!("HA", "CK:")];

#[test]
fn source_files_are_short() {
    let mut complaints = Vec::new();
    for file in files(".", &[".rs"]) {
        let lines = file.text.lines().count();
        let max = LONGER.iter().find(|(path, ..)| *path == file.path).map_or(LINES_MAX, |(_, max, _)| *max);
        if lines > max {
            complaints.push(format!("{}: {lines} lines, at most {max}", file.path));
        }
    }
    report(&complaints, "One story per file: split it, or say in LONGER why not.");
}

#[test]
fn exceptions_are_still_needed() {
    let all = files(".", &[".rs"]);
    let mut complaints = Vec::new();
    for (path, ..) in LONGER {
        if all
            .iter()
            .find(|file| file.path == *path)
            .is_none_or(|file| file.text.lines().count() <= LINES_MAX)
        {
            complaints.push((*path).to_owned());
        }
    }
    report(&complaints, "These need no exception any more.");
}

#[test]
fn nothing_is_left_over() {
    let mut complaints = Vec::new();
    for file in files(".", &[".rs", ".toml", ".sql", ".md"]) {
        for (number, line) in file.text.lines().enumerate() {
            for word in LEFTOVERS.iter().filter(|word| line.contains(**word)) {
                complaints.push(format!("{}:{}: {word}", file.path, number + 1));
            }
            if line.ends_with([' ', '\t']) {
                complaints.push(format!("{}:{}: blanks at the end", file.path, number + 1));
            }
        }
        if !file.text.is_empty() && !file.text.ends_with('\n') {
            complaints.push(format!("{}: no newline at the end", file.path));
        }
    }
    report(&complaints, "Finish it or open an issue; then remove the note.");
}

#[test]
fn tests_are_never_switched_off() {
    let mut complaints = Vec::new();
    // A reason may follow: `= "run as a child process"`.
    let attributes = [concat!("#[", "ignore]"), concat!("#[should", "_panic")];
    for file in files(".", &[".rs"]) {
        for attribute in attributes.iter().filter(|attribute| file.text.contains(**attribute)) {
            complaints.push(format!("{}: {attribute}", file.path));
        }
    }
    report(&complaints, "A test runs always, or says why not, and names what it expects.");
}

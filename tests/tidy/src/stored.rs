//! Stored data outlives the code that wrote it: its shapes change knowingly or not at all.

use sha2::{Digest as _, Sha256};

use crate::tree::{files, report, root};

/// Characters of a digest that documents quote.
const DIGEST_LEN: usize = 16;

/// Released migrations and the digests of their text. A database that has run one never runs it again: to change
/// the schema, add the next file.
const RELEASED_MIGRATIONS: &[(&str, &str)] = &[];

#[test]
fn released_migrations_are_never_edited() {
    let known = files("shared/store/migrations", &[".sql"]);
    let mut complaints = Vec::new();
    for (path, digest) in RELEASED_MIGRATIONS {
        match known.iter().find(|file| file.path.ends_with(path)) {
            None => complaints.push(format!("{path} is gone")),
            Some(file) if digest_of(&file.text) != *digest => complaints.push(format!("{path} was edited")),
            Some(_) => {}
        }
    }
    report(&complaints, "Restore it and add a new migration.");
}

#[test]
fn every_migration_file_is_applied() {
    let list = std::fs::read_to_string(root().join("shared/store/src/dialect.rs")).expect("dialect.rs");
    let files = files("shared/store/migrations", &[".sql"]);
    let missing: Vec<String> = files
        .iter()
        .filter(|file| !list.contains(file.path.trim_start_matches("shared/store/migrations/")))
        .map(|file| file.path.clone())
        .collect();
    report(&missing, "Not in the list of migrations in shared/store/src/dialect.rs.");
}

#[test]
fn the_readme_of_stored_shapes_quotes_their_digests() {
    let readme = std::fs::read_to_string(root().join("kv-schemas/README.md")).expect("kv-schemas/README.md");
    let mut complaints = Vec::new();
    for file in files("kv-schemas", &[".schema.json"]) {
        let name = file.path.trim_start_matches("kv-schemas/").to_owned();
        let digest = digest_of(&file.text);
        let row = readme.lines().find(|line| line.contains(&format!("({name})")));
        if row.is_none_or(|row| !row.contains(&digest)) {
            complaints.push(format!("{name}: its row must say {digest}"));
        }
    }
    report(
        &complaints,
        "A stored shape changed. If old records still read and old code still reads new ones, quote the new digest; \
         otherwise make the next version and keep this one.",
    );
}

fn digest_of(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>()[..DIGEST_LEN].to_owned()
}

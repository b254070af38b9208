//! Rules on what the source says, read as Rust tokens: comments, documentation and tests do not count.

use std::str::FromStr as _;

use proc_macro2::{TokenStream, TokenTree};

use crate::tree::{File, files, report};

/// Beginnings of SQL statements in string literals.
const SQL: &[&str] = &[
    "select ",
    "insert into ",
    "insert or ",
    "update ",
    "delete from ",
    "create table ",
    "create index ",
    "begin immediate",
    "pragma ",
    "with recursive ",
];

/// Names that must not appear, where they may appear all the same, and what to use instead.
const BANNED: &[(&str, &[&str], &str)] = &[
    ("spin_sdk", &["shared/platform/", "functions/*/src/lib.rs"], "go through `platform`"),
    ("SystemTime", &[], "take the time as a parameter: `Call::now`, `Moment::now`"),
    ("Instant", &[], "take the time as a parameter: `Call::now`, `Moment::now`"),
    ("getrandom", &[], "take randomness as a parameter: `Call::random`"),
    ("thread_rng", &[], "take randomness as a parameter: `Call::random`"),
    ("Uuid", &[], "make ids from `IdSource`"),
    ("f32", &[], "no floats: `Money`, `Points`, `Quantity`, `Rate`"),
    ("f64", &["shared/club/src/directory/geo.rs"], "no floats: `Money`, `Points`, `Quantity`, `Rate`"),
];

/// Crates that decide: no I/O, no JSON text, no knowledge of where things are kept.
const PURE: &[&str] = &[
    "kernel",
    "feedback",
    "fraud",
    "ledger",
    "loyalty",
    "membership",
    "menu",
    "merit",
    "pricing",
    "ordering",
];
/// What they must not name.
const IMPURE: &[&str] = &["serde_json", "store", "rusqlite", "http", "platform", "web", "club"];

#[test]
fn only_the_store_speaks_sql() {
    let files = product().into_iter().filter(|file| !file.path.starts_with("shared/store/"));
    let complaints: Vec<String> = files.flat_map(|file| sql_in(&file)).collect();
    report(
        &complaints,
        "SQL outside shared/store: make it a named `Statement` in the file of its domain there.",
    );
}

#[test]
fn banned_names_do_not_appear() {
    let complaints: Vec<String> = product().iter().flat_map(banned_in).collect();
    report(&complaints, "A banned name in shared/ or functions/.");
}

#[test]
fn pure_crates_stay_pure() {
    let sources = PURE.iter().flat_map(|name| files(&format!("shared/{name}/src"), &[".rs"]));
    let complaints: Vec<String> =
        sources.filter(|file| !is_test(&file.path)).flat_map(|file| impure_in(&file)).collect();
    report(&complaints, "A crate that decides must not know about storage, JSON text or HTTP.");
}

fn sql_in(file: &File) -> Vec<String> {
    let strings = Words::of(file).strings.into_iter();
    strings
        .filter(|text| is_sql(&text.to_lowercase()))
        .map(|text| format!("{}: {text:?}", file.path))
        .collect()
}

fn is_sql(text: &str) -> bool {
    SQL.iter().any(|start| text.starts_with(start)) && looks_like_sql(text)
}

fn banned_in(file: &File) -> Vec<String> {
    let words = Words::of(file);
    let mut complaints = Vec::new();
    for (name, homes, instead) in BANNED {
        let at_home = homes.iter().any(|home| is_at(&file.path, home));
        if !at_home && words.names.iter().any(|known| known == name) {
            complaints.push(format!("{} names {name}: {instead}", file.path));
        }
    }
    complaints
}

fn impure_in(file: &File) -> Vec<String> {
    let words = Words::of(file);
    let named = IMPURE.iter().filter(|impure| words.paths.iter().any(|path| path == *impure));
    named.map(|impure| format!("{} names {impure}", file.path)).collect()
}

/// Product code: shared and functions, without test files.
fn product() -> Vec<File> {
    let all = files("shared", &[".rs"]).into_iter().chain(files("functions", &[".rs"]));
    all.filter(|file| !is_test(&file.path)).collect()
}

fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs") || path.contains("/benches/")
}

/// Whether `path` is at `home`: a folder ending in a slash, or a path with `*` for one segment.
fn is_at(path: &str, home: &str) -> bool {
    if home.ends_with('/') {
        return path.starts_with(home);
    }
    let (given, expected): (Vec<&str>, Vec<&str>) = (path.split('/').collect(), home.split('/').collect());
    given.len() == expected.len()
        && given.iter().zip(&expected).all(|(given, expected)| *expected == "*" || given == expected)
}

/// Words that follow in statements and not in sentences.
fn looks_like_sql(text: &str) -> bool {
    [" from ", " values", " set ", " table", " into ", "begin immediate", "journal_mode", "="]
        .iter()
        .any(|word| text.contains(word))
}

/// What a file says, outside comments and tests.
#[derive(Default)]
struct Words {
    strings: Vec<String>,
    /// Every identifier.
    names: Vec<String>,
    /// Identifiers that begin a path (`store::…`) or stand after `use`.
    paths: Vec<String>,
}

impl Words {
    fn of(file: &File) -> Self {
        let tokens =
            TokenStream::from_str(&file.text).unwrap_or_else(|error| panic!("{}: {error}", file.path));
        let mut words = Self::default();
        words.read(tokens);
        words
    }

    fn read(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut index = 0;
        while let Some(token) = tokens.get(index) {
            index += 1;
            match token {
                TokenTree::Punct(mark) if mark.as_char() == '#' => {
                    let Some(attribute) = attribute(&tokens, index) else { continue };
                    index = attribute.after;
                    if attribute.text.starts_with("cfg(test)") || attribute.text.starts_with("cfg (test)") {
                        index = after_item(&tokens, index);
                    }
                }
                TokenTree::Group(group) => self.read(group.stream()),
                TokenTree::Literal(literal) => self.strings.extend(string(&literal.to_string())),
                TokenTree::Ident(name) => {
                    let name = name.to_string();
                    if begins_path(&tokens, index - 1) {
                        self.paths.push(name.clone());
                    }
                    self.names.push(name);
                }
                TokenTree::Punct(_) => {}
            }
        }
    }
}

struct Attribute {
    text: String,
    after: usize,
}

/// The attribute whose `#` stands right before `index`, if it is one.
fn attribute(tokens: &[TokenTree], index: usize) -> Option<Attribute> {
    let inner = matches!(tokens.get(index), Some(TokenTree::Punct(mark)) if mark.as_char() == '!');
    let at = index + usize::from(inner);
    match tokens.get(at) {
        Some(TokenTree::Group(group)) => Some(Attribute { text: group.stream().to_string(), after: at + 1 }),
        _ => None,
    }
}

/// Where the item that begins at `index` ends: after its braces or its semicolon.
fn after_item(tokens: &[TokenTree], index: usize) -> usize {
    let end = tokens[index..].iter().position(|token| match token {
        TokenTree::Group(group) => group.delimiter() == proc_macro2::Delimiter::Brace,
        TokenTree::Punct(mark) => mark.as_char() == ';',
        _ => false,
    });
    end.map_or(tokens.len(), |end| index + end + 1)
}

fn begins_path(tokens: &[TokenTree], index: usize) -> bool {
    let is = |at: usize, mark: char| matches!(tokens.get(at), Some(TokenTree::Punct(found)) if found.as_char() == mark);
    let before = index.checked_sub(1);
    let continues = before
        .is_some_and(|before| is(before, ':') && before.checked_sub(1).is_some_and(|first| is(first, ':')));
    is(index + 1, ':') && is(index + 2, ':') && !continues
}

/// The content of a plain or raw string literal.
fn string(literal: &str) -> Option<String> {
    let from = literal.find('"')?;
    let to = literal.rfind('"')?;
    let plain = literal[..from].chars().all(|letter| matches!(letter, 'r' | '#' | 'b' | 'c'));
    (plain && from < to).then(|| literal[from + 1..to].to_owned())
}

#[test]
fn the_reader_skips_comments_and_tests() {
    let text = r##"
        //! select a from b
        /// update a set b
        fn shown() { run("select a from b"); other::call(); }
        #[cfg(test)]
        mod tests { fn hidden() { let x: f64 = 1.0; run("delete from a") } }
        fn after() { r#"insert into a values (1)"#; }
    "##;
    let words = Words::of(&File { path: "sample.rs".to_owned(), text: text.to_owned() });
    assert_eq!(words.strings, ["select a from b", "insert into a values (1)"]);
    assert!(!words.names.iter().any(|name| name == "f64"));
    assert_eq!(words.paths, ["other"]);
}

#[test]
fn the_rules_find_what_they_forbid() {
    let file = |path: &str, text: &str| File { path: path.to_owned(), text: text.to_owned() };
    let at = "functions/sample/src/run.rs";
    let run = |text: &str| file(at, text);
    assert_eq!(sql_in(&run(r#"fn f() { g("SELECT id FROM receipts") }"#)).len(), 1);
    assert_eq!(sql_in(&run(r#"fn f() { g("select an outlet first") }"#)).len(), 0);
    assert_eq!(banned_in(&run("fn f() { std::time::SystemTime::now(); }")).len(), 1);
    assert_eq!(banned_in(&run("use spin_sdk::http;")).len(), 1);
    assert_eq!(banned_in(&file("functions/sample/src/lib.rs", "use spin_sdk::http;")).len(), 0);
    assert_eq!(banned_in(&run("fn f(share: f64) {}")).len(), 1);
    assert_eq!(impure_in(&run("use store::Sql; fn f() { serde_json::to_string(&1); }")).len(), 2);
    assert_eq!(impure_in(&run("fn f() { self::store::g(); }")).len(), 0);
}

//! The table of endpoints in the READMEs.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use api::openapi::tag;
use api::operations;

const BEGIN: &str = "<!-- endpoints: written by `cargo xtask gen` -->";
const END: &str = "<!-- end of endpoints -->";

/// Words of the table's head.
pub struct Words {
    head: [&'static str; 4],
}

pub const EN: Words = Words { head: ["Endpoint", "Who", "Function", "What"] };
pub const RU: Words = Words { head: ["Вызов", "Кто", "Функция", "Что делает"] };

/// Replaces what is between the markers in a README.
///
/// # Errors
/// When the markers are not there.
pub fn insert(readme: &str, words: Words) -> Result<String> {
    let (before, rest) =
        readme.split_once(BEGIN).with_context(|| format!("a README lost its marker {BEGIN}"))?;
    let (_, after) = rest.split_once(END).with_context(|| format!("a README lost its marker {END}"))?;
    Ok(format!("{before}{BEGIN}\n{}{END}{after}", table(&words)))
}

fn table(words: &Words) -> String {
    let mut table = format!("| {} |\n|---|---|---|---|\n", words.head.join(" | "));
    for operation in operations::all() {
        writeln!(
            table,
            "| `{} {}` | {} | [{component}](functions/{component}) | {} |",
            operation.method.name(),
            operation.path,
            tag(operation.access).to_lowercase(),
            operation.summary,
            component = operation.component,
        )
        .expect("writing to a string does not fail");
    }
    table
}

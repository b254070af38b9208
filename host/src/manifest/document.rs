//! A TOML document whose every value knows its key path and its place in the file.
//!
//! Configuration is read by taking keys out of a [`Section`]; what nobody took is refused by
//! [`Section::finish`], so a key that this host does not know can never be silently ignored.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A complaint about a configuration file: where it is and what is wrong there.
#[derive(Debug, thiserror::Error)]
pub struct ConfigError {
    /// The file, as the user named it.
    pub file: PathBuf,
    /// Line and column, both from 1; `None` when the complaint is about the whole file.
    pub place: Option<(usize, usize)>,
    /// Dotted path of the key, empty when the file as a whole is meant.
    pub key: String,
    /// What is wrong, and what to do about it.
    pub message: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some((line, column)) = self.place {
            write!(f, ":{line}:{column}")?;
        }
        if !self.key.is_empty() {
            write!(f, ": `{}`", self.key)?;
        }
        write!(f, ": {}", self.message)
    }
}

/// The text of one configuration file.
pub struct Document {
    file: PathBuf,
    text: String,
}

impl Document {
    /// Reads `file` whole.
    pub fn read(file: &Path) -> Result<Self, ConfigError> {
        match std::fs::read_to_string(file) {
            Ok(text) => Ok(Self::from_text(file, text)),
            Err(error) => Err(ConfigError {
                file: file.to_owned(),
                place: None,
                key: String::new(),
                message: format!("cannot be read: {error}"),
            }),
        }
    }

    /// Uses `text` as the contents of `file`.
    pub fn from_text(file: &Path, text: String) -> Self {
        Self { file: file.to_owned(), text }
    }

    /// Parses the document; the table borrows from it.
    pub fn parse(&self) -> Result<Spanned<DeTable<'_>>, ConfigError> {
        DeTable::parse(&self.text).map_err(|error| ConfigError {
            file: self.file.clone(),
            place: error.span().map(|span| self.place(&span)),
            key: String::new(),
            message: error.message().to_owned(),
        })
    }

    /// The whole document as a section.
    pub fn root<'d>(&'d self, table: &'d Spanned<DeTable<'d>>) -> Section<'d> {
        Section {
            doc: self,
            path: String::new(),
            span: table.span(),
            table: table.get_ref(),
            taken: BTreeSet::new(),
        }
    }

    fn place(&self, span: &Range<usize>) -> (usize, usize) {
        let before = &self.text[..span.start.min(self.text.len())];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |tail| tail.chars().count()) + 1;
        (line, column)
    }

    fn error(&self, span: &Range<usize>, key: &str, message: impl Into<String>) -> ConfigError {
        ConfigError {
            file: self.file.clone(),
            place: Some(self.place(span)),
            key: key.to_owned(),
            message: message.into(),
        }
    }
}

/// One value with its key path.
#[derive(Clone)]
pub struct Item<'d> {
    doc: &'d Document,
    path: String,
    value: &'d Spanned<DeValue<'d>>,
}

impl<'d> Item<'d> {
    /// An error at this value.
    pub fn error(&self, message: impl Into<String>) -> ConfigError {
        self.doc.error(&self.value.span(), &self.path, message)
    }

    /// Where the value stands; for complaints found after parsing.
    pub fn location(&self) -> Location {
        Location {
            file: self.doc.file.clone(),
            place: self.doc.place(&self.value.span()),
            key: self.path.clone(),
        }
    }

    fn wrong_type(&self, wanted: &str) -> ConfigError {
        self.error(format!("must be {wanted}, not {}", self.value.get_ref().type_str()))
    }

    /// The value as a string.
    pub fn string(&self) -> Result<String, ConfigError> {
        self.value.get_ref().as_str().map(str::to_owned).ok_or_else(|| self.wrong_type("a string"))
    }

    /// The value as a boolean.
    pub fn boolean(&self) -> Result<bool, ConfigError> {
        self.value.get_ref().as_bool().ok_or_else(|| self.wrong_type("true or false"))
    }

    /// The value as an unsigned integer.
    pub fn unsigned(&self) -> Result<u64, ConfigError> {
        let integer = self.value.get_ref().as_integer().ok_or_else(|| self.wrong_type("an integer"))?;
        u64::from_str_radix(&integer.as_str().replace('_', ""), integer.radix())
            .map_err(|_| self.error("must be a whole number from 0"))
    }

    /// The elements of an array.
    pub fn list(&self) -> Result<Vec<Item<'d>>, ConfigError> {
        let array = self.value.get_ref().as_array().ok_or_else(|| self.wrong_type("an array"))?;
        Ok(array
            .iter()
            .enumerate()
            .map(|(index, value)| Item { doc: self.doc, path: format!("{}[{index}]", self.path), value })
            .collect())
    }

    /// The value as a table.
    pub fn section(&self) -> Result<Section<'d>, ConfigError> {
        let table = self.value.get_ref().as_table().ok_or_else(|| self.wrong_type("a table"))?;
        Ok(Section {
            doc: self.doc,
            path: self.path.clone(),
            span: self.value.span(),
            table,
            taken: BTreeSet::new(),
        })
    }

    /// Whether the value is a string (as opposed to, say, an inline table).
    pub fn is_string(&self) -> bool {
        self.value.get_ref().is_str()
    }
}

/// The place of a value, kept for errors that only show after parsing.
#[derive(Clone, Debug)]
pub struct Location {
    file: PathBuf,
    place: (usize, usize),
    key: String,
}

impl Location {
    /// An error at this place.
    pub fn error(&self, message: impl Into<String>) -> ConfigError {
        ConfigError {
            file: self.file.clone(),
            place: Some(self.place),
            key: self.key.clone(),
            message: message.into(),
        }
    }
}

/// A table of which every key must be taken.
pub struct Section<'d> {
    doc: &'d Document,
    path: String,
    span: Range<usize>,
    table: &'d DeTable<'d>,
    taken: BTreeSet<String>,
}

impl<'d> Section<'d> {
    /// An error about the section as a whole.
    pub fn error(&self, message: impl Into<String>) -> ConfigError {
        self.doc.error(&self.span, &self.path, message)
    }

    /// Takes `key` if it is there.
    pub fn take(&mut self, key: &str) -> Option<Item<'d>> {
        let value = self.table.get(key)?;
        self.taken.insert(key.to_owned());
        Some(Item { doc: self.doc, path: self.child_path(key), value })
    }

    /// Takes `key`, which must be there.
    pub fn require(&mut self, key: &str) -> Result<Item<'d>, ConfigError> {
        self.take(key).ok_or_else(|| self.error(format!("`{key}` is missing")))
    }

    /// Takes every key, in the order of their names.
    pub fn take_all(&mut self) -> Vec<(String, Item<'d>)> {
        let keys: Vec<String> = self.table.keys().map(|key| key.get_ref().to_string()).collect();
        keys.into_iter().filter_map(|key| self.take(&key).map(|item| (key, item))).collect()
    }

    /// Takes an optional string.
    pub fn string(&mut self, key: &str) -> Result<Option<String>, ConfigError> {
        self.take(key).map(|item| item.string()).transpose()
    }

    /// Takes an optional boolean.
    pub fn boolean(&mut self, key: &str) -> Result<Option<bool>, ConfigError> {
        self.take(key).map(|item| item.boolean()).transpose()
    }

    /// Takes an optional list of values; empty when the key is absent.
    pub fn list(&mut self, key: &str) -> Result<Vec<Item<'d>>, ConfigError> {
        self.take(key).map_or(Ok(Vec::new()), |item| item.list())
    }

    /// Takes an optional table of strings; empty when the key is absent.
    pub fn strings(&mut self, key: &str) -> Result<Vec<(String, String, Location)>, ConfigError> {
        let Some(item) = self.take(key) else { return Ok(Vec::new()) };
        item.section()?
            .take_all()
            .into_iter()
            .map(|(name, item)| Ok((name, item.string()?, item.location())))
            .collect()
    }

    /// Refuses every key that was not taken.
    pub fn finish(self) -> Result<(), ConfigError> {
        let unknown = self.table.keys().find(|key| !self.taken.contains(key.get_ref().as_ref()));
        match unknown {
            None => Ok(()),
            Some(key) => Err(self.doc.error(
                &key.span(),
                &self.child_path(key.get_ref()),
                "this key is not known to crema, and nothing a manifest asks for is ignored",
            )),
        }
    }

    fn child_path(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complain(text: &str, read: impl Fn(&mut Section<'_>) -> Result<(), ConfigError>) -> String {
        let doc = Document::from_text(Path::new("app.toml"), text.to_owned());
        let table = doc.parse().unwrap();
        let mut root = doc.root(&table);
        let result = read(&mut root).and_then(|()| root.finish());
        result.expect_err("the document is wrong").to_string()
    }

    #[test]
    fn an_unknown_key_is_named_with_its_place() {
        let message = complain("known = 1\n  unknown = 2\n", |root| {
            root.take("known");
            Ok(())
        });
        assert!(message.starts_with("app.toml:2:3: `unknown`: this key is not known"), "{message}");
    }

    #[test]
    fn a_wrong_type_is_named_with_its_path() {
        let message = complain("[a]\nb = 3\n", |root| {
            root.require("a")?.section()?.string("b")?;
            Ok(())
        });
        assert_eq!(message, "app.toml:2:5: `a.b`: must be a string, not integer");
    }

    #[test]
    fn columns_count_characters_not_bytes() {
        let message = complain("k = { \"ёж\" = 1, b = 2 }", |root| {
            let mut section = root.require("k")?.section()?;
            section.take("ёж");
            section.finish()
        });
        assert!(message.starts_with("app.toml:1:17:"), "{message}");
    }
}

//! CSV files, plain or gzipped, read by column name.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context as _, Result};
use csv::StringRecord;
use flate2::read::GzDecoder;

/// A whole file in memory.
#[derive(Debug)]
pub struct Table {
    columns: HashMap<String, usize>,
    file: String,
    rows: Vec<StringRecord>,
}

/// One row.
#[derive(Debug, Clone, Copy)]
pub struct Row<'t> {
    table: &'t Table,
    record: &'t StringRecord,
    /// Line in the file; the heading is line 1.
    pub line: u64,
}

impl Table {
    /// Reads a file; a name that ends in `.gz` is unpacked.
    ///
    /// # Errors
    /// When it cannot be read, or a row has other columns than the heading.
    pub fn read(path: &Path) -> Result<Self> {
        let context = || path.display().to_string();
        let file = File::open(path).with_context(context)?;
        let packed = path.extension().is_some_and(|extension| extension == "gz");
        let reader: Box<dyn Read> = if packed { Box::new(GzDecoder::new(file)) } else { Box::new(file) };
        let mut csv = csv::Reader::from_reader(std::io::BufReader::new(reader));
        let heading = csv.headers().with_context(context)?.clone();
        let columns = heading.iter().enumerate().map(|(index, name)| (name.to_owned(), index)).collect();
        let rows = csv.records().collect::<Result<_, _>>().with_context(context)?;
        Ok(Self { columns, file: context(), rows })
    }

    /// All rows.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|record| {
            let line = record.position().map_or(0, csv::Position::line);
            Row { table: self, record, line }
        })
    }
}

impl<'t> Row<'t> {
    /// The cell in `column`.
    ///
    /// # Errors
    /// When the file has no such column: the mapping is wrong.
    pub fn cell(&self, column: &str) -> Result<&'t str> {
        let index = self.table.columns.get(column);
        let cell = index.and_then(|&index| self.record.get(index));
        cell.with_context(|| format!("{} has no column {column:?}", self.table.file))
    }

    /// The cell in a column that the mapping may leave out; empty counts as absent.
    ///
    /// # Errors
    /// See [`Self::cell`].
    pub fn optional(&self, column: Option<&String>) -> Result<Option<&'t str>> {
        let cell = column.map(|column| self.cell(column)).transpose()?;
        Ok(cell.map(str::trim).filter(|cell| !cell.is_empty()))
    }
}

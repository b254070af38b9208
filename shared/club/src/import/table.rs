//! The file as rows of named cells.

use std::fmt::Display;

use super::{Fault, ROWS_MAX, Refused, fault};

/// A column that a file may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// As in the header.
    pub name: &'static str,
    /// Whether the file must have it; its cells may still be empty where the row allows it.
    pub required: bool,
}

impl Column {
    pub(super) const fn required(name: &'static str) -> Self {
        Self { name, required: true }
    }

    pub(super) const fn optional(name: &'static str) -> Self {
        Self { name, required: false }
    }
}

/// What is wrong with a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderFault {
    Missing(&'static str),
    Unknown(String),
    Twice(String),
    NotUtf8,
}

/// The mark that some programs put before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// Characters of an unknown column's name that are repeated.
const NAME_LEN_MAX: usize = 64;

/// A CSV file being read.
pub(super) struct Table<'a> {
    reader: csv::Reader<&'a [u8]>,
    columns: &'static [Column],
    /// For every column of the file, its place among `columns`.
    places: Vec<usize>,
}

impl<'a> Table<'a> {
    /// Reads the header and counts the rows.
    ///
    /// # Errors
    /// [`Refused::Header`] with everything wrong in it; [`Refused::TooManyRows`].
    pub(super) fn open(file: &'a [u8], columns: &'static [Column]) -> Result<Self, Refused> {
        let file = file.strip_prefix(BYTE_ORDER_MARK).unwrap_or(file);
        let mut counter = reader(file);
        let header = counter.byte_headers().cloned().unwrap_or_default();
        let mut record = csv::ByteRecord::new();
        let mut rows = 0;
        // The reader is flexible and works on bytes in memory: it never fails.
        while counter.read_byte_record(&mut record).unwrap_or(false) {
            rows += 1;
            if rows > ROWS_MAX {
                return Err(Refused::TooManyRows);
            }
        }
        Ok(Self { reader: reader(file), columns, places: places(&header, columns)? })
    }

    /// The next rows, at most `limit`.
    pub(super) fn next(&mut self, limit: usize) -> Vec<Line> {
        let mut lines = Vec::with_capacity(limit);
        let mut record = csv::ByteRecord::new();
        while lines.len() < limit && self.reader.read_byte_record(&mut record).unwrap_or(false) {
            lines.push(self.line(&record));
        }
        lines
    }

    fn line(&self, record: &csv::ByteRecord) -> Line {
        let number = record.position().map_or(0, csv::Position::line);
        let mut line =
            Line { number, columns: self.columns, cells: vec![None; self.columns.len()], faults: Vec::new() };
        if record.len() != self.places.len() {
            let message = format!("has {} cells, the header has {}", record.len(), self.places.len());
            line.faults.push(fault(number, "", "", message));
            return line;
        }
        for (bytes, &place) in record.iter().zip(&self.places) {
            match std::str::from_utf8(bytes) {
                Ok(text) => {
                    let text = text.trim();
                    line.cells[place] = (!text.is_empty()).then(|| text.to_owned());
                }
                Err(_) => {
                    let shown = String::from_utf8_lossy(bytes);
                    line.faults.push(fault(number, self.columns[place].name, &shown, "not UTF-8"));
                }
            }
        }
        line
    }
}

/// Semicolons where the header has more of them than commas: what Excel writes in Russian and Kazakh.
fn reader(file: &[u8]) -> csv::Reader<&[u8]> {
    let header = file.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let count = |delimiter: u8| header.iter().filter(|&&byte| byte == delimiter).count();
    let delimiter = if count(b';') > count(b',') { b';' } else { b',' };
    csv::ReaderBuilder::new().flexible(true).delimiter(delimiter).from_reader(file)
}

fn places(header: &csv::ByteRecord, columns: &'static [Column]) -> Result<Vec<usize>, Refused> {
    let mut faults = Vec::new();
    let mut places = Vec::with_capacity(header.len());
    for name in header {
        let Ok(name) = std::str::from_utf8(name) else {
            faults.push(HeaderFault::NotUtf8);
            continue;
        };
        let name: String = name.trim().to_lowercase().chars().take(NAME_LEN_MAX).collect();
        match columns.iter().position(|column| column.name == name) {
            None => faults.push(HeaderFault::Unknown(name)),
            Some(place) if places.contains(&place) => faults.push(HeaderFault::Twice(name)),
            Some(place) => places.push(place),
        }
    }
    for (place, column) in columns.iter().enumerate() {
        if column.required && !places.contains(&place) {
            faults.push(HeaderFault::Missing(column.name));
        }
    }
    if faults.is_empty() { Ok(places) } else { Err(Refused::Header(faults)) }
}

/// A row of the file: its cells in the order of the kind's columns, trimmed; empty ones are none.
pub(super) struct Line {
    pub(super) number: u64,
    columns: &'static [Column],
    cells: Vec<Option<String>>,
    faults: Vec<Fault>,
}

impl Line {
    /// The cell of a column, unless it is empty.
    pub(super) fn cell(&self, name: &str) -> Option<&str> {
        let place = self.columns.iter().position(|column| column.name == name)?;
        self.cells[place].as_deref()
    }
}

/// The cells of one row, being read.
pub(super) struct Cells<'a> {
    line: &'a mut Line,
}

impl<'a> Cells<'a> {
    pub(super) const fn new(line: &'a mut Line) -> Self {
        Self { line }
    }

    /// The value of a cell that must not be empty.
    pub(super) fn need<T, E: Display>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        if self.line.cell(name).is_none() {
            // A row that could not be cut into cells says so once.
            if self.line.faults.is_empty() {
                self.fault(name, "must not be empty");
            }
            return None;
        }
        self.may(name, read)
    }

    /// The value of a cell that may be empty.
    pub(super) fn may<T, E: Display>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match read(self.line.cell(name)?) {
            Ok(value) => Some(value),
            Err(error) => {
                self.fault(name, error.to_string());
                None
            }
        }
    }

    /// Notes what is wrong with a cell.
    pub(super) fn fault(&mut self, name: &'static str, message: impl Into<String>) {
        let value = self.line.cell(name).unwrap_or_default().to_owned();
        self.line.faults.push(fault(self.line.number, name, &value, message));
    }

    /// What was wrong.
    pub(super) fn finish(self) -> Vec<Fault> {
        std::mem::take(&mut self.line.faults)
    }
}

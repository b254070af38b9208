//! Bringing in files: members, cards, opening balances, outlets, staff, products, segments, tags.
//!
//! A file is CSV in UTF-8 with a header; every row is judged alone, and every bad cell is reported with its line and
//! column. Good rows are applied in transactions of [`ROWS_PER_CHUNK`]; a row that is there already changes nothing,
//! so that a file can be sent again, corrected or after a failure. A dry run does the same and takes it back.

use std::collections::HashMap;

use kernel::{ImportId, ParseError, StaffId};
use membership::secrets::{BlindIndexer, NONCE_LEN, Vault};
use membership::staff_auth::Grant;
use store::transaction::transaction;
use store::{Sql, StoreError, imports};

use crate::Moment;
use crate::refusal::Refusal;

mod balances;
mod cards;
mod groups;
mod members;
mod outlets;
mod products;
mod staff;
mod table;

use table::{Cells, Line, Table};
pub use table::{Column, HeaderFault};

/// Largest file.
pub const FILE_BYTES_MAX: usize = 20 * 1024 * 1024;
/// Most rows in a file.
pub const ROWS_MAX: i64 = 100_000;
/// Rows in one transaction: tills wait for it, some 20 to 50 ms.
pub const ROWS_PER_CHUNK: usize = 256;
/// Bad cells listed; the others are counted.
pub const FAULTS_MAX: usize = 1_000;
/// Characters of a bad cell repeated in the report.
const VALUE_LEN_MAX: usize = 64;

/// What is in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Members,
    Cards,
    Balances,
    Outlets,
    Staff,
    Products,
    Segments,
    Tags,
}

impl Kind {
    /// Every kind, in the order in which a chain is brought in.
    pub const ALL: [Self; 8] = [
        Self::Outlets,
        Self::Staff,
        Self::Products,
        Self::Members,
        Self::Cards,
        Self::Balances,
        Self::Segments,
        Self::Tags,
    ];

    /// The name on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Members => "members",
            Self::Cards => "cards",
            Self::Balances => "balances",
            Self::Outlets => "outlets",
            Self::Staff => "staff",
            Self::Products => "products",
            Self::Segments => "segments",
            Self::Tags => "tags",
        }
    }

    /// Reads a name.
    ///
    /// # Errors
    /// When it is none of ours.
    pub fn parse(code: &str) -> Result<Self, ParseError> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.code() == code)
            .ok_or(ParseError("use members, cards, balances, outlets, staff, products, segments or tags"))
    }

    /// The columns that a file of this kind may have.
    #[must_use]
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Self::Members => members::COLUMNS,
            Self::Cards => cards::COLUMNS,
            Self::Balances => balances::COLUMNS,
            Self::Outlets => outlets::COLUMNS,
            Self::Staff => staff::COLUMNS,
            Self::Products => products::COLUMNS,
            Self::Segments => groups::SEGMENT_COLUMNS,
            Self::Tags => groups::TAG_COLUMNS,
        }
    }
}

/// Why a file was not taken at all.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What the brand's programme or a use case beneath refused.
    #[error(transparent)]
    Refusal(#[from] Refusal),
    /// A sealed field does not open.
    #[error(transparent)]
    Vault(#[from] membership::secrets::VaultError),
    #[error("the header does not fit")]
    Header(Vec<HeaderFault>),
    #[error("more than {ROWS_MAX} rows")]
    TooManyRows,
    #[error("no such brand")]
    UnknownBrand,
}

/// A file and what to do with it.
#[derive(Debug, Clone)]
pub struct Order<'a> {
    pub kind: Kind,
    /// Whose members, cards, balances, outlets, products, segments or tags; staff have none.
    pub brand: &'a str,
    pub file: &'a [u8],
    /// Judge everything and keep nothing.
    pub dry_run: bool,
    pub by: StaffId,
    pub grant: &'a Grant,
    /// Of the file, for the record.
    pub digest: Vec<u8>,
}

/// What sealing personal data takes.
pub struct Means<'a> {
    pub vault: &'a Vault,
    pub indexer: &'a BlindIndexer,
    /// Cryptographically strong random bytes.
    pub random: fn(usize) -> Vec<u8>,
}

impl Means<'_> {
    /// Nonces for `count` fields: one call into the host instead of one for each.
    fn nonces(&self, count: usize) -> std::vec::IntoIter<[u8; NONCE_LEN]> {
        let bytes = (self.random)(count * NONCE_LEN);
        bytes.as_chunks::<NONCE_LEN>().0.to_vec().into_iter()
    }
}

/// A bad cell, or a row that cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Line of the file, the header being 1.
    pub line: u64,
    /// Empty when the row as such is at fault.
    pub column: String,
    /// The cell, shortened.
    pub value: String,
    pub message: String,
}

/// What came of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// `None` after a dry run.
    pub id: Option<ImportId>,
    pub rows: i64,
    pub applied: i64,
    /// There already, as they are.
    pub unchanged: i64,
    pub refused: i64,
    /// The first [`FAULTS_MAX`].
    pub faults: Vec<Fault>,
    pub faults_total: i64,
    /// Keys of access tokens to delete: staff whose rights were changed are signed out.
    pub signed_out: Vec<String>,
}

impl Report {
    /// Notes a row that was not applied for one reason.
    fn refuse(&mut self, line: &Line, column: &'static str, message: impl Into<String>) {
        let value = line.cell(column).unwrap_or_default();
        self.refuse_for(vec![fault(line.number, column, value, message)]);
    }

    /// Notes a row that was not applied.
    fn refuse_for(&mut self, faults: Vec<Fault>) {
        self.refused += 1;
        self.faults_total += faults.len() as i64;
        let room = FAULTS_MAX - self.faults.len();
        self.faults.extend(faults.into_iter().take(room));
    }
}

fn fault(line: u64, column: &str, value: &str, message: impl Into<String>) -> Fault {
    let value = value.chars().take(VALUE_LEN_MAX).collect();
    Fault { line, column: column.to_owned(), value, message: message.into() }
}

/// One kind of file.
trait Importer {
    /// A row whose cells are all lawful.
    type Row;

    /// Reads the cells of a row; `None` when one was faulty.
    fn read(&mut self, cells: &mut Cells<'_>) -> Option<Self::Row>;

    /// Judges rows by what is there already, and applies the good ones.
    fn apply(
        &mut self,
        tx: &dyn Sql,
        rows: Vec<(Line, Self::Row)>,
        report: &mut Report,
        moment: &mut Moment<'_>,
    ) -> Result<(), Refused>;
}

/// Imports a file. Takes the connection, not a transaction: it makes several.
///
/// # Errors
/// See [`Refused`]. After a failure of storage what was applied before it stays; send the file again.
pub fn run(
    sql: &dyn Sql,
    order: &Order<'_>,
    means: &Means<'_>,
    moment: &mut Moment<'_>,
) -> Result<Report, Refused> {
    moment.scatter_ids();
    let mut report = match order.kind {
        Kind::Members => drive(sql, order, members::Members::new(sql, order, means, moment.now)?, moment),
        Kind::Cards => drive(sql, order, cards::Cards::new(order), moment),
        Kind::Balances => drive(sql, order, balances::Balances::new(sql, order, moment.now)?, moment),
        Kind::Outlets => drive(sql, order, outlets::Outlets::new(sql, order)?, moment),
        Kind::Staff => drive(sql, order, staff::Staff::new(order, means), moment),
        Kind::Products => drive(sql, order, products::Products::new(sql, order)?, moment),
        Kind::Segments => drive(sql, order, groups::Segments::new(sql, order)?, moment),
        Kind::Tags => drive(sql, order, groups::Tags::new(sql, order)?, moment),
    }?;
    if order.dry_run {
        report.signed_out.clear();
        return Ok(report);
    }
    let id = ImportId::new(moment.ids, moment.now);
    let record = imports::Run {
        id,
        kind: order.kind.code(),
        request_hash: order.digest.clone(),
        rows: report.rows,
        applied: report.applied,
        unchanged: report.unchanged,
        refused: report.refused,
        by: order.by,
    };
    transaction(sql, |tx| imports::insert_run(tx, &record, moment.now))?;
    report.id = Some(id);
    Ok(report)
}

/// Why a chunk's transaction does not commit.
enum Stop {
    Failed(Refused),
    /// It was a rehearsal.
    Dry,
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

fn drive<I: Importer>(
    sql: &dyn Sql,
    order: &Order<'_>,
    mut importer: I,
    moment: &mut Moment<'_>,
) -> Result<Report, Refused> {
    let mut report = Report::default();
    let mut table = Table::open(order.file, order.kind.columns())?;
    loop {
        let lines = table.next(ROWS_PER_CHUNK);
        if lines.is_empty() {
            return Ok(report);
        }
        let mut rows = Vec::with_capacity(lines.len());
        for mut line in lines {
            report.rows += 1;
            let mut cells = Cells::new(&mut line);
            let row = importer.read(&mut cells);
            let faults = cells.finish();
            match row {
                Some(row) if faults.is_empty() => rows.push((line, row)),
                _ => report.refuse_for(faults),
            }
        }
        let result = transaction(sql, |tx| {
            importer.apply(tx, rows, &mut report, moment).map_err(Stop::Failed)?;
            if order.dry_run { Err(Stop::Dry) } else { Ok(()) }
        });
        match result {
            Ok(()) | Err(Stop::Dry) => {}
            Err(Stop::Failed(refused)) => return Err(refused),
        }
    }
}

/// Keys met so far in a file, with the line of each.
#[derive(Debug, Default)]
struct Seen(HashMap<Vec<u8>, u64>);

impl Seen {
    /// The line where the key stood before; notes it otherwise.
    fn before(&mut self, key: &[u8], line: u64) -> Option<u64> {
        if let Some(&earlier) = self.0.get(key) {
            return Some(earlier);
        }
        self.0.insert(key.to_vec(), line);
        None
    }
}

fn repeats(line: u64) -> String {
    format!("repeats line {line}")
}

/// A lawful short text.
fn text(max: usize) -> impl Fn(&str) -> Result<String, String> {
    move |text: &str| {
        if text.chars().count() > max || text.chars().any(char::is_control) {
            return Err(format!("at most {max} characters, none of them control characters"));
        }
        Ok(text.to_owned())
    }
}

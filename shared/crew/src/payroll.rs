//! Awards in money, for payroll: a table that never changes for a time that is over.

use kernel::{Currency, Money, Timestamp};
use store::Sql;
use store::kpi::awards::{self, Award};

use crate::refusal::Refused;

/// Rows of one export.
pub const ROWS_MAX: usize = 50_000;
/// Rows read at once.
const PAGE: i64 = 1_000;
/// Characters that make a spreadsheet read a cell as a formula.
const FORMULA_STARTS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Awards in money decided from one moment up to and without another, corrections as rows of their own, as CSV.
///
/// # Errors
/// A failure of storage; [`Refused::Inconsistent`] for more rows than an export has.
pub fn export(sql: &dyn Sql, from: Timestamp, until: Timestamp) -> Result<Vec<u8>, Refused> {
    let broken = |_: csv::Error| Refused::Inconsistent("a row of the export could not be written");
    let mut writer = csv::Writer::from_writer(Vec::new());
    let head = [
        "award",
        "staff",
        "goal",
        "version",
        "period_from",
        "period_until",
        "subject",
        "amount",
        "currency",
        "reverses",
        "decided_at",
    ];
    writer.write_record(head).map_err(broken)?;
    let (mut after, mut rows) = (0, 0);
    loop {
        let page = awards::list_money(sql, from, until, after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = last.id;
        rows += page.len();
        if rows > ROWS_MAX {
            return Err(Refused::Inconsistent("more than 50,000 rows: ask for a shorter time"));
        }
        for award in &page {
            writer.write_record(record(award)?).map_err(broken)?;
        }
    }
    writer.into_inner().map_err(|_| Refused::Inconsistent("the export could not be finished"))
}

fn record(award: &Award) -> Result<[String; 11], Refused> {
    let currency = award.prize.strip_prefix("money:").and_then(|code| Currency::parse(code).ok());
    let currency = currency.ok_or(Refused::Inconsistent("an award in money has no currency"))?;
    Ok([
        text_of(award.id),
        cell(&award.staff_code),
        cell(&award.goal_code),
        award.version.to_string(),
        award.from.to_string(),
        award.until.to_string(),
        cell(&award.subject),
        Money::new(award.amount, currency).amount(),
        currency.code().to_owned(),
        award.reverses.map(text_of).unwrap_or_default(),
        award.decided_at.to_string(),
    ])
}

/// A text that no spreadsheet takes for a formula.
fn cell(text: &str) -> String {
    if text.starts_with(FORMULA_STARTS) { format!("'{text}") } else { text.to_owned() }
}

/// The id of an award as text.
#[must_use]
pub fn text_of(id: i64) -> String {
    kernel::id::format_id("awd", id)
}

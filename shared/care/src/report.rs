//! What many answers and tickets come to, with how sure that is.

use feedback::statistics::{self, Nps, Rating};
use store::feedback::report::{self as answers, By, Sums};
use store::tickets::report::{self as tickets, Sums as TicketSums};
use store::{Sql, StoreError};

/// Rows of a report; what is beyond is the worst of the list's end.
pub const ROWS_MAX: usize = 2_000;
/// Tags listed.
pub const TAGS_MAX: i64 = 100;
/// A group with fewer answers shows their number and no more: with two answers, whoever gave one knows the other.
pub const PLACE_ANSWERS_MIN: u64 = 3;
/// The same for groups that cut through one outlet: its staff know who was there.
pub const SLICE_ANSWERS_MIN: u64 = 5;

/// One group of answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub key: String,
    pub name: String,
    pub answers: u64,
    /// `None` where too few answers would show who gave them.
    pub rating: Option<Rating>,
    pub nps: Option<Nps>,
}

/// Groups in the order of the lower end of their rating's interval (F4), those with too few answers last.
///
/// # Errors
/// A failure of storage.
pub fn ratings(sql: &dyn Sql, by: By, asked: &answers::Asked<'_>) -> Result<Vec<Row>, StoreError> {
    let min = match by {
        By::Brand | By::Outlet | By::Franchisee | By::City => PLACE_ANSWERS_MIN,
        By::Staff | By::Hour | By::Product => SLICE_ANSWERS_MIN,
    };
    let mut rows: Vec<Row> = answers::list(sql, by, asked)?.into_iter().map(|sums| row(sums, min)).collect();
    match by {
        // A day is read from its beginning.
        By::Hour => rows.sort_by_key(|row| row.key.parse::<u8>().unwrap_or(u8::MAX)),
        _ => rows.sort_by(|a, b| worth(b).cmp(&worth(a)).then_with(|| a.key.cmp(&b.key))),
    }
    rows.truncate(ROWS_MAX);
    Ok(rows)
}

fn worth(row: &Row) -> (u32, u64) {
    (row.rating.map_or(0, |rating| rating.low), row.answers)
}

fn row(sums: Sums, min: u64) -> Row {
    let Sums { key, name, answers, stars, promoters, passives, detractors } = sums;
    let recommends = promoters + passives + detractors;
    Row {
        key,
        name,
        answers,
        rating: if answers >= min { statistics::rating(answers, stars) } else { None },
        nps: if recommends >= min { statistics::nps(promoters, passives, detractors) } else { None },
    }
}

/// How often tags were tapped, those that were tapped often enough.
///
/// # Errors
/// A failure of storage.
pub fn tags(sql: &dyn Sql, asked: &answers::Asked<'_>) -> Result<Vec<(String, u64)>, StoreError> {
    let mut tags = answers::list_tags(sql, asked, TAGS_MAX)?;
    tags.retain(|(_, count)| *count >= SLICE_ANSWERS_MIN);
    Ok(tags)
}

/// Groups of tickets, those with most tickets first.
///
/// # Errors
/// A failure of storage.
pub fn of_tickets(
    sql: &dyn Sql,
    by: tickets::By,
    asked: &tickets::Asked<'_>,
) -> Result<Vec<TicketSums>, StoreError> {
    let mut rows = tickets::list(sql, by, asked)?;
    rows.sort_by(|a, b| b.tickets.cmp(&a.tickets).then_with(|| a.key.cmp(&b.key)));
    rows.truncate(ROWS_MAX);
    Ok(rows)
}

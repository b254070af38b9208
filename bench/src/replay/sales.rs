//! From rows to receipts, with every bad cell on the way.

use std::collections::HashMap;

use anyhow::{Context as _, Result, bail};
use jiff::civil;
use jiff::tz::TimeZone;
use kernel::{Currency, Money, Quantity};

use crate::replay::mapping::{BadCell, Mapping, Moment};
use crate::replay::table::{Row, Table};

/// A receipt as the file has it.
#[derive(Debug, Clone)]
pub struct Receipt {
    pub outlet: String,
    /// The file's date, moved by the mapping's shift.
    pub business_date: civil::Date,
    pub number: String,
    /// Milliseconds since the Unix epoch, moved as the date.
    pub sold_at_ms: i64,
    pub member: Option<String>,
    pub staff: Option<String>,
    pub lines: Vec<Line>,
}

/// A line of a receipt, in the API's terms.
#[derive(Debug, Clone)]
pub struct Line {
    pub product: String,
    pub quantity: Quantity,
    pub unit_price: Money,
    pub discount: Money,
    pub amount: Money,
    pub promo: bool,
}

/// What a file holds.
#[derive(Debug, Default)]
pub struct Sales {
    pub receipts: Vec<Receipt>,
    pub lines: i64,
    pub bad: Vec<Complaint>,
    pub doubtful: Vec<Complaint>,
    /// Lines whose amount is below quantity times price: sent with a discount.
    pub markdowns: i64,
    /// Lines whose amount is above it: sent with the price that was charged.
    pub markups: i64,
}

/// A cell and what is wrong with it.
#[derive(Debug, Clone)]
pub struct Complaint {
    pub cell: BadCell,
    pub why: String,
}

/// Which cells are read how, where a damaged copy differs from the mapping.
#[derive(Debug, Clone)]
pub struct Formats {
    pub date: Moment,
    pub time: Moment,
}

/// A row, read.
struct Parsed {
    key: (String, civil::Date, String),
    time: civil::Time,
    member: Option<String>,
    staff: Option<String>,
    line: Line,
    listed_minor: i64,
}

impl Receipt {
    /// Sum of the lines, minor units.
    #[must_use]
    pub fn total_minor(&self) -> i64 {
        self.lines.iter().map(|line| line.amount.minor()).sum()
    }
}

/// Reads receipts, skipping rows with a bad cell and the lines in `without`.
///
/// # Errors
/// When the mapping does not fit the file: a missing column, or rows of one key that contradict each other.
pub fn read(
    mapping: &Mapping,
    table: &Table,
    formats: &Formats,
    list_prices: &HashMap<String, Money>,
    without: &[u64],
) -> Result<Sales> {
    let currency = Currency::parse(&mapping.chain.currency)?;
    let zone = TimeZone::get(&mapping.chain.zone)?;
    let mut sales = Sales::default();
    let mut index: HashMap<(String, civil::Date, String), usize> = HashMap::new();
    for row in table.rows().filter(|row| !without.contains(&row.line)) {
        let mut bad = Vec::new();
        let parsed = parse(mapping, formats, currency, &row, &mut bad)?;
        sales.doubtful.extend(doubt(mapping, &row, list_prices, currency)?);
        let (true, Some(parsed)) = (bad.is_empty(), parsed) else {
            sales.bad.append(&mut bad);
            continue;
        };
        sales.lines += 1;
        let difference = parsed.line.amount.minor() - parsed.listed_minor;
        sales.markdowns += i64::from(difference < 0);
        sales.markups += i64::from(difference > 0);
        let fresh = receipt(mapping, &zone, &parsed)?;
        match index.get(&parsed.key) {
            None => {
                index.insert(parsed.key, sales.receipts.len());
                sales.receipts.push(fresh);
            }
            Some(&known) => {
                let known = &mut sales.receipts[known];
                let same = known.sold_at_ms == fresh.sold_at_ms
                    && known.member == fresh.member
                    && known.staff == fresh.staff;
                if !same {
                    bail!("line {} has the key of another receipt: the mapping's key is too short", row.line);
                }
                known.lines.push(parsed.line);
            }
        }
    }
    sales.receipts.sort_by(|a, b| (a.sold_at_ms, &a.number).cmp(&(b.sold_at_ms, &b.number)));
    Ok(sales)
}

fn receipt(mapping: &Mapping, zone: &TimeZone, parsed: &Parsed) -> Result<Receipt> {
    let (outlet, original_date, number) = parsed.key.clone();
    let shift = jiff::Span::new().days(mapping.chain.shift_days);
    let business_date = original_date.checked_add(shift)?;
    let sold_at = business_date.to_datetime(parsed.time).to_zoned(zone.clone())?;
    Ok(Receipt {
        outlet,
        business_date,
        number,
        sold_at_ms: sold_at.timestamp().as_millisecond(),
        member: parsed.member.clone(),
        staff: parsed.staff.clone(),
        lines: vec![parsed.line.clone()],
    })
}

/// Reads a row; every cell that cannot be read goes to `bad`, and then there is no row.
fn parse(
    mapping: &Mapping,
    formats: &Formats,
    currency: Currency,
    row: &Row<'_>,
    bad: &mut Vec<Complaint>,
) -> Result<Option<Parsed>> {
    let columns = &mapping.receipts;
    for column in &columns.whole_numbers {
        let cell = row.cell(column)?;
        if cell.parse::<u64>().is_err() {
            bad.push(complaint(row, column, cell, "not a whole number"));
        }
    }
    let mut cells = Cells { row, bad };
    let date = cells.read(&formats.date.column, |cell| {
        civil::Date::strptime(&formats.date.format, cell).map_err(|_| "not a date in the file's format")
    })?;
    let time = cells.read(&formats.time.column, |cell| {
        civil::Time::strptime(&formats.time.format, cell).map_err(|_| "not a time in the file's format")
    })?;
    let quantity =
        cells.read(&columns.quantity, |cell| Quantity::parse(cell).map_err(|_| "not a quantity"))?;
    let price = cells.read(&columns.unit_price, |cell| money(cell, currency))?;
    let amount = match &columns.amount {
        Some(column) => cells.read(column, |cell| money(cell, currency))?.map(Some),
        None => Some(None),
    };
    let (Some(date), Some(time), Some(quantity), Some(price), Some(amount)) =
        (date, time, quantity, price, amount)
    else {
        return Ok(None);
    };
    let listed_minor = quantity.price(price.minor())?;
    let amount = amount.unwrap_or(Money::new(listed_minor, currency));
    let promo = match &columns.promo {
        Some(flag) => row.cell(&flag.column)? == flag.yes,
        None => false,
    };
    let line = line(row.cell(&columns.product)?, quantity, price, amount, promo)?;
    let number = columns.number.iter().map(|column| row.cell(column)).collect::<Result<Vec<_>>>()?.join("-");
    let member = match &columns.member {
        Some(member) => Some(row.cell(&member.column)?).filter(|cell| *cell != member.guest),
        None => None,
    };
    Ok(Some(Parsed {
        key: (row.cell(&columns.outlet)?.to_owned(), date, number),
        time,
        member: member.map(str::to_owned),
        staff: row.optional(columns.staff.as_ref())?.map(str::to_owned),
        line,
        listed_minor,
    }))
}

/// The line as the API takes it: what was charged below the list price is a discount, and where more was charged the
/// unit price is what was charged.
fn line(product: &str, quantity: Quantity, price: Money, amount: Money, promo: bool) -> Result<Line> {
    let currency = amount.currency();
    let mut unit_price = price;
    if quantity.price(price.minor())? < amount.minor() {
        let thousandths = quantity.thousandths();
        let charged = (amount.minor() * 1_000 + thousandths - 1).checked_div(thousandths);
        unit_price = Money::new(charged.context("a quantity of nothing that costs something")?, currency);
    }
    let discount = Money::new(quantity.price(unit_price.minor())? - amount.minor(), currency);
    Ok(Line { product: product.to_owned(), quantity, unit_price, discount, amount, promo })
}

/// A price that is not what the amount was made with, while the list price is.
fn doubt(
    mapping: &Mapping,
    row: &Row<'_>,
    list_prices: &HashMap<String, Money>,
    currency: Currency,
) -> Result<Option<Complaint>> {
    let columns = &mapping.receipts;
    let Some(amount) = &columns.amount else { return Ok(None) };
    let (price_text, amount, quantity) =
        (row.cell(&columns.unit_price)?, row.cell(amount)?, row.cell(&columns.quantity)?);
    let (Ok(price), Ok(amount), Ok(quantity), Some(listed)) = (
        money(price_text, currency),
        money(amount, currency),
        Quantity::parse(quantity),
        list_prices.get(row.cell(&columns.product)?),
    ) else {
        return Ok(None);
    };
    let of = |price: Money| quantity.price(price.minor()).ok();
    let contradicts = of(price) != Some(amount.minor()) && of(*listed) == Some(amount.minor());
    Ok(contradicts.then(|| {
        let why = format!("the amount was made with the list price {}", listed.amount());
        complaint(row, &columns.unit_price, price_text, &why)
    }))
}

fn money(cell: &str, currency: Currency) -> Result<Money, &'static str> {
    Money::parse(cell, currency).map_err(|_| "not an amount of money")
}

/// Reads cells of a row and notes those that do not read.
struct Cells<'r, 'b> {
    row: &'r Row<'r>,
    bad: &'b mut Vec<Complaint>,
}

impl Cells<'_, '_> {
    fn read<T>(
        &mut self,
        column: &str,
        parse: impl FnOnce(&str) -> Result<T, &'static str>,
    ) -> Result<Option<T>> {
        let cell = self.row.cell(column)?;
        Ok(match parse(cell) {
            Ok(value) => Some(value),
            Err(why) => {
                self.bad.push(complaint(self.row, column, cell, why));
                None
            }
        })
    }
}

fn complaint(row: &Row<'_>, column: &str, value: &str, why: &str) -> Complaint {
    let cell = BadCell { line: row.line, column: column.to_owned(), value: value.to_owned() };
    Complaint { cell, why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(text: &str) -> Money {
        Money::parse(text, Currency::Usd).expect("an amount")
    }

    #[test]
    fn what_was_charged_decides() -> Result<()> {
        // Quantity, price and amount of the file; unit price and discount of the API.
        let rows = [
            ("2", "2.50", "5.00", "2.50", "0.00"),
            ("1", "3.75", "1.00", "3.75", "2.75"),
            ("3", "2.65", "0.00", "2.65", "7.95"),
            ("1", "0.80", "1.60", "1.60", "0.00"),
            // Not divisible: the unit price is rounded up and the rest is a discount.
            ("3", "1.00", "4.00", "1.34", "0.02"),
        ];
        for (quantity, price, amount, unit_price, discount) in rows {
            let quantity = Quantity::parse(quantity)?;
            let line = line("p", quantity, usd(price), usd(amount), false)?;
            assert_eq!(
                (line.unit_price, line.discount),
                (usd(unit_price), usd(discount)),
                "{price} {amount}"
            );
            let list = quantity.price(line.unit_price.minor())?;
            assert_eq!(list - line.discount.minor(), line.amount.minor());
        }
        Ok(())
    }
}

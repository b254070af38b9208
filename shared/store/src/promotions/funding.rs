//! What each promotion gave for each line of a sale, and who bears it; how its goods were made.

use kernel::{PromotionId, ReceiptId};

use crate::error::StoreError;
use crate::port::{Sql, Value};
use crate::promotions::count;
use crate::statement::{ManyRows, Row, Statement};

const INSERT: ManyRows = ManyRows::insert(
    "receipt_discounts.insert",
    "insert into receipt_discounts (receipt_id, line_no, promotion_id, version, amount_minor, points) values ",
    6,
);
const INSERT_FUNDING: ManyRows = ManyRows::insert(
    "receipt_funding.insert",
    "insert into receipt_funding (receipt_id, line_no, promotion_id, funder, party, amount_minor, points) values ",
    7,
);
const INSERT_MODIFIERS: ManyRows = ManyRows::insert(
    "receipt_modifiers.insert",
    "insert into receipt_modifiers (receipt_id, line_no, position, code, charged, unit_price_minor) values ",
    6,
);
const HAS: Statement = Statement::new(
    "receipt_discounts.has",
    "select 1 from receipt_discounts where receipt_id = ?1 union all \
     select 1 from receipt_modifiers where receipt_id = ?1 limit 1",
);
const OF_RECEIPT: Statement = Statement::new(
    "receipt_discounts.of_receipt",
    "select d.line_no, d.promotion_id, d.version, d.amount_minor, d.points, f.funder, f.party, f.amount_minor, f.points \
     from receipt_discounts d left join receipt_funding f on f.receipt_id = d.receipt_id and f.line_no = d.line_no \
     and f.promotion_id = d.promotion_id where d.receipt_id = ?1 \
     order by d.line_no, d.promotion_id, f.funder, f.party",
);
const MODIFIERS_BETWEEN: Statement = Statement::new(
    "receipt_modifiers.between",
    "select receipt_id, line_no, code, charged, unit_price_minor from receipt_modifiers \
     where receipt_id > ?1 and receipt_id <= ?2 order by receipt_id, line_no, position",
);

/// What one promotion gave for one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineGift {
    pub line_no: u32,
    pub promotion: PromotionId,
    pub version: u32,
    /// Taken off the line.
    pub amount_minor: i64,
    /// Given for it, hundredths of points.
    pub points: i64,
    pub funding: Vec<Borne>,
}

/// What one party bears of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Borne {
    /// `brand`, `franchisee` or `partner`.
    pub funder: String,
    /// Code of the brand, of the legal entity, or of the partner.
    pub party: String,
    pub amount_minor: i64,
    pub points: i64,
}

/// A modifier of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Modifier {
    pub line_no: u32,
    /// The brand's code.
    pub code: String,
    pub charged: u32,
    pub unit_price_minor: i64,
}

/// Whether a receipt's gifts are recorded.
///
/// # Errors
/// A failure of storage.
pub fn is_recorded(sql: &dyn Sql, receipt: ReceiptId) -> Result<bool, StoreError> {
    Ok(HAS.query_one(sql, &[receipt.raw().into()])?.is_some())
}

/// Records what promotions gave for a receipt's lines.
///
/// # Errors
/// A failure of storage; the database refuses a party that bears more than was given.
pub fn insert(sql: &dyn Sql, receipt: ReceiptId, gifts: &[LineGift]) -> Result<(), StoreError> {
    let (mut rows, mut funding): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
    for gift in gifts {
        let key = [receipt.raw().into(), i64::from(gift.line_no).into(), gift.promotion.raw().into()];
        rows.extend(key.clone());
        rows.extend([i64::from(gift.version).into(), gift.amount_minor.into(), gift.points.into()]);
        for borne in &gift.funding {
            funding.extend(key.clone());
            funding.extend([borne.funder.as_str().into(), borne.party.as_str().into()]);
            funding.extend([borne.amount_minor.into(), borne.points.into()]);
        }
    }
    INSERT.run(sql, &rows)?;
    INSERT_FUNDING.run(sql, &funding)
}

/// What promotions gave for a receipt's lines, by line and promotion.
///
/// # Errors
/// A failure of storage.
pub fn list(sql: &dyn Sql, receipt: ReceiptId) -> Result<Vec<LineGift>, StoreError> {
    let mut gifts: Vec<LineGift> = Vec::new();
    for mut row in OF_RECEIPT.query(sql, &[receipt.raw().into()])? {
        let gift = LineGift {
            line_no: count(&mut row)?,
            promotion: PromotionId::from_raw(row.integer()?),
            version: count(&mut row)?,
            amount_minor: row.integer()?,
            points: row.integer()?,
            funding: Vec::new(),
        };
        let borne = read_borne(&mut row)?;
        let is_same = |last: &LineGift| (last.line_no, last.promotion) == (gift.line_no, gift.promotion);
        if !gifts.last().is_some_and(is_same) {
            gifts.push(gift);
        }
        if let Some(last) = gifts.last_mut() {
            last.funding.extend(borne);
        }
    }
    Ok(gifts)
}

fn read_borne(row: &mut Row) -> Result<Option<Borne>, StoreError> {
    let Some(funder) = row.text_or_null()? else { return Ok(None) };
    let (party, amount_minor, points) = (row.text()?, row.integer()?, row.integer()?);
    Ok(Some(Borne { funder, party, amount_minor, points }))
}

/// Records how the goods of a receipt were made.
///
/// # Errors
/// A failure of storage.
pub fn insert_modifiers(sql: &dyn Sql, receipt: ReceiptId, modifiers: &[Modifier]) -> Result<(), StoreError> {
    let rows = (1_i64..).zip(modifiers).flat_map(|(position, modifier)| {
        [
            receipt.raw().into(),
            i64::from(modifier.line_no).into(),
            position.into(),
            modifier.code.as_str().into(),
            i64::from(modifier.charged).into(),
            modifier.unit_price_minor.into(),
        ]
    });
    INSERT_MODIFIERS.run(sql, &rows.collect::<Vec<Value>>())
}

/// Modifiers of the receipts after `after` up to `until`, in their order.
///
/// # Errors
/// A failure of storage.
pub fn list_modifiers(
    sql: &dyn Sql,
    after: i64,
    until: i64,
) -> Result<Vec<(ReceiptId, Modifier)>, StoreError> {
    let mut rows = MODIFIERS_BETWEEN.query(sql, &[after.into(), until.into()])?;
    rows.iter_mut()
        .map(|row| {
            let receipt = ReceiptId::from_raw(row.integer()?);
            let line_no = count(row)?;
            let (code, charged) = (row.text()?, count(row)?);
            Ok((receipt, Modifier { line_no, code, charged, unit_price_minor: row.integer()? }))
        })
        .collect()
}

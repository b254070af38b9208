//! Products: names for receipt lines, categories for the programme's exclusions.

use store::products::{self, Product};
use store::{Sql, brands, imports};

use super::{Cells, Column, Importer, Line, Order, Refused, Report, Seen, repeats, text};
use crate::Moment;

pub(super) const COLUMNS: &[Column] = &[
    Column::required("code"),
    Column::required("name"),
    Column::required("category"),
    Column::optional("fractional"),
];

/// Characters of a product's code, name and category.
const CODE_LEN_MAX: usize = 64;
const NAME_LEN_MAX: usize = 256;
const CATEGORY_LEN_MAX: usize = 64;

pub(super) struct Products<'a> {
    brand: &'a str,
    codes: Seen,
}

pub(super) struct Row {
    code: String,
    product: Product,
}

impl<'a> Products<'a> {
    pub(super) fn new(sql: &dyn Sql, order: &Order<'a>) -> Result<Self, Refused> {
        brands::load(sql, order.brand)?.ok_or(Refused::UnknownBrand)?;
        Ok(Self { brand: order.brand, codes: Seen::default() })
    }
}

impl Importer for Products<'_> {
    type Row = Row;

    fn read(&mut self, cells: &mut Cells<'_>) -> Option<Row> {
        let code = cells.need("code", text(CODE_LEN_MAX));
        let name = cells.need("name", text(NAME_LEN_MAX));
        let category = cells.need("category", text(CATEGORY_LEN_MAX));
        let fractional = cells.may("fractional", |text| match text {
            "1" | "true" | "yes" => Ok(true),
            "0" | "false" | "no" => Ok(false),
            _ => Err("use true or false"),
        });
        let product = Product { name: name?, category: category?, fractional: fractional.unwrap_or(false) };
        Some(Row { code: code?, product })
    }

    fn apply(
        &mut self,
        tx: &dyn Sql,
        rows: Vec<(Line, Row)>,
        report: &mut Report,
        moment: &mut Moment<'_>,
    ) -> Result<(), Refused> {
        let known = products::load(tx, self.brand, rows.iter().map(|(_, row)| row.code.as_str()))?;
        for (line, row) in rows {
            if let Some(earlier) = self.codes.before(row.code.as_bytes(), line.number) {
                report.refuse(&line, "code", repeats(earlier));
            } else if known.iter().any(|(code, product)| *code == row.code && *product == row.product) {
                report.unchanged += 1;
            } else {
                imports::upsert_product(tx, self.brand, &row.code, &row.product, moment.now)?;
                report.applied += 1;
            }
        }
        Ok(())
    }
}

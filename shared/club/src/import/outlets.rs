//! Outlets and the legal entities that own them.

use std::collections::HashMap;

use kernel::{Currency, Zone};
use membership::profile::Language;
use membership::staff_auth::Grant;
use store::{Sql, brands};

use super::{Cells, Column, Importer, Line, Order, Refused, Report, Seen, repeats, text};
use crate::Moment;
use crate::directory::geo::Position;
use crate::directory::hours::Hours;
use crate::directory::{
    self, ADDRESS_LEN_MAX, CODE_LEN_MAX, Description, NAME_LEN_MAX, PHONE_LEN_MAX, Status, Written,
};

pub(super) const COLUMNS: &[Column] = &[
    Column::required("code"),
    Column::required("franchisee"),
    Column::optional("franchisee_name"),
    Column::required("name"),
    Column::required("country"),
    Column::required("currency"),
    Column::required("zone"),
    Column::required("city"),
    Column::required("address"),
    Column::optional("phone"),
    Column::optional("latitude"),
    Column::optional("longitude"),
    Column::required("hours"),
    Column::required("languages"),
    Column::optional("status"),
];

pub(super) struct Outlets<'a> {
    brand: &'a str,
    grant: &'a Grant,
    codes: Seen,
    /// Names of franchisees met in this file: one row with the name is enough.
    franchisees: HashMap<String, String>,
}

pub(super) struct Row {
    code: String,
    description: Description,
}

impl<'a> Outlets<'a> {
    pub(super) fn new(sql: &dyn Sql, order: &Order<'a>) -> Result<Self, Refused> {
        brands::load(sql, order.brand)?.ok_or(Refused::UnknownBrand)?;
        Ok(Self {
            brand: order.brand,
            grant: order.grant,
            codes: Seen::default(),
            franchisees: HashMap::new(),
        })
    }
}

/// Two capitals, as ISO 3166 has them.
pub(crate) fn country(code: &str) -> Result<String, &'static str> {
    let lawful = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    lawful.then(|| code.to_owned()).ok_or("two capitals such as KZ")
}

fn hours(text: &str) -> Result<Hours, String> {
    if let Some(hours) = Hours::every_day(text) {
        return Ok(hours);
    }
    let first = |faults: &[(String, &str)]| faults.first().map(|(at, what)| format!("{at} {what}"));
    Hours::from_json(text).map_err(|faults| {
        let words = first(&faults).unwrap_or_default();
        format!("not hours such as 08:00-22:00 or JSON: {}", words.trim())
    })
}

/// `ru kk` or `ru,kk`.
fn languages(text: &str) -> Result<Vec<Language>, &'static str> {
    let codes = text.split([' ', ',']).filter(|code| !code.is_empty());
    let mut languages = Vec::new();
    for code in codes {
        let language = Language::parse(code).map_err(|error| error.0)?;
        if languages.contains(&language) {
            return Err("name a language once");
        }
        languages.push(language);
    }
    Ok(languages)
}

impl Importer for Outlets<'_> {
    type Row = Row;

    fn read(&mut self, cells: &mut Cells<'_>) -> Option<Row> {
        let code = cells.need("code", text(CODE_LEN_MAX));
        let franchisee = cells.need("franchisee", text(CODE_LEN_MAX));
        let franchisee_name = cells.may("franchisee_name", text(NAME_LEN_MAX));
        if let (Some(code), Some(name)) = (&franchisee, franchisee_name) {
            self.franchisees.insert(code.clone(), name);
        }
        let name = cells.need("name", text(NAME_LEN_MAX));
        let country = cells.need("country", country);
        let currency = cells.need("currency", Currency::parse);
        let zone = cells.need("zone", |name| Zone::parse(name).map(|_| name.to_owned()));
        let city = cells.need("city", text(NAME_LEN_MAX));
        let address = cells.need("address", text(ADDRESS_LEN_MAX));
        let phone = cells.may("phone", text(PHONE_LEN_MAX));
        let latitude = cells.may("latitude", text(CODE_LEN_MAX));
        let longitude = cells.may("longitude", text(CODE_LEN_MAX));
        let position = match (&latitude, &longitude) {
            (Some(latitude), Some(longitude)) => {
                cells.may("latitude", |_| Position::parse(latitude, longitude))
            }
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => {
                cells.fault("longitude", "latitude and longitude go together");
                None
            }
        };
        let hours = cells.need("hours", hours);
        let languages = cells.need("languages", languages);
        let status = cells.may("status", Status::parse);
        Some(Row {
            code: code?,
            description: Description {
                brand: self.brand.to_owned(),
                franchisee: franchisee?,
                name: name?,
                country: country?,
                currency: currency?,
                zone: zone?,
                city: city?,
                address: address?,
                phone,
                position,
                hours: hours?,
                languages: languages?,
                status: status.unwrap_or(Status::Open),
            },
        })
    }

    fn apply(
        &mut self,
        tx: &dyn Sql,
        rows: Vec<(Line, Row)>,
        report: &mut Report,
        moment: &mut Moment<'_>,
    ) -> Result<(), Refused> {
        for (line, row) in rows {
            if let Some(earlier) = self.codes.before(row.code.as_bytes(), line.number) {
                report.refuse(&line, "code", repeats(earlier));
                continue;
            }
            if let Some(name) = self.franchisees.get(&row.description.franchisee) {
                directory::write_franchisee(tx, &row.description.franchisee, name, moment)?;
            }
            let written = directory::write_outlet(tx, &row.code, &row.description, self.grant, moment);
            match written {
                Ok((_, Written::Created | Written::Changed)) => report.applied += 1,
                Ok((_, Written::Unchanged)) => report.unchanged += 1,
                Err(directory::Refused::Store(error)) => return Err(error.into()),
                Err(refused @ directory::Refused::UnknownFranchisee(_)) => {
                    report.refuse(&line, "franchisee", format!("{refused}; give its franchisee_name"));
                }
                Err(directory::Refused::Fixed("currency")) => {
                    report.refuse(&line, "currency", "an outlet keeps its currency");
                }
                Err(refused) => report.refuse(&line, "code", refused.to_string()),
            }
        }
        Ok(())
    }
}

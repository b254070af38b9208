//! Members of a predecessor's programme.
//!
//! A member brought in has no consents on record: the app asks for them at the first sign-in, and until then nothing
//! is sent to them. What a member has told us since wins over the file: a row whose code is known changes nothing.

use std::collections::HashMap;

use kernel::{Date, MemberId, OutletId, Timestamp};
use membership::phone::{self, Country, Phone};
use membership::profile::{Birthday, DisplayName, Email, Language};
use membership::secrets::{Indexed, Place};
use store::guests::MemberStatus;
use store::imports::{self, KnownMember, NewMember};
use store::{Sql, brands};

use super::{Cells, Column, Importer, Line, Means, Order, Refused, Report, Seen, repeats, text};
use crate::Moment;
use crate::programme::{self, InForce};

pub(super) const COLUMNS: &[Column] = &[
    Column::required("external_code"),
    Column::optional("phone"),
    Column::optional("name"),
    Column::optional("birthday"),
    Column::optional("email"),
    Column::optional("language"),
    Column::optional("tier"),
    Column::optional("home_outlet"),
    Column::optional("joined_on"),
];

/// Characters of a predecessor's code.
pub(super) const EXTERNAL_CODE_LEN_MAX: usize = 64;
/// Sealed fields of a member.
const SEALED: usize = 4;

pub(super) struct Members<'a> {
    brand: &'a str,
    means: &'a Means<'a>,
    home: Country,
    rules: InForce,
    outlets: HashMap<String, OutletId>,
    today: Date,
    now: Timestamp,
    codes: Seen,
    phones: Seen,
}

pub(super) struct Row {
    code: String,
    phone: Option<Phone>,
    phone_index: Option<Vec<u8>>,
    name: Option<DisplayName>,
    birthday: Option<Birthday>,
    email: Option<Email>,
    language: Language,
    tier: String,
    home_outlet: Option<OutletId>,
    joined_at: Timestamp,
}

impl<'a> Members<'a> {
    pub(super) fn new(
        sql: &dyn Sql,
        order: &Order<'a>,
        means: &'a Means<'a>,
        now: Timestamp,
    ) -> Result<Self, Refused> {
        let brand = brands::load(sql, order.brand)?.ok_or(Refused::UnknownBrand)?;
        let home = Country::parse(&brand.default_region).map_err(|_| Refused::UnknownBrand)?;
        let rules = programme::in_force(sql, order.brand, now)?;
        let outlets = imports::load_outlets(sql)?;
        let own = outlets.into_iter().filter(|(_, _, brand)| brand == order.brand);
        Ok(Self {
            brand: order.brand,
            means,
            home,
            today: now.date_in(&rules.rules.home_zone()),
            rules,
            outlets: own.map(|(code, id, _)| (code, id)).collect(),
            now,
            codes: Seen::default(),
            phones: Seen::default(),
        })
    }

    fn joined_at(&self, text: &str) -> Result<Timestamp, &'static str> {
        let date = Date::parse(text).map_err(|error| error.0)?;
        if date > self.today {
            return Err("not in the future");
        }
        Ok(date.start_in(&self.rules.rules.home_zone()))
    }

    /// What a row means, by who is there already.
    fn judge(
        &mut self,
        line: &Line,
        row: &Row,
        by_code: &HashMap<String, KnownMember>,
        by_phone: &HashMap<Vec<u8>, KnownMember>,
    ) -> Verdict {
        if let Some(earlier) = self.codes.before(row.code.as_bytes(), line.number) {
            return Verdict::Refuse("external_code", repeats(earlier));
        }
        if let Some(known) = by_code.get(&row.code) {
            let same = row.phone_index.is_none() || row.phone_index == known.phone_index;
            if same {
                return Verdict::Unchanged;
            }
            return Verdict::Refuse("phone", "the member with this code has another phone".to_owned());
        }
        let Some(index) = &row.phone_index else { return Verdict::New };
        if let Some(earlier) = self.phones.before(index, line.number) {
            return Verdict::Refuse("phone", repeats(earlier));
        }
        match by_phone.get(index) {
            None => Verdict::New,
            // Signed up by themselves before their old account was brought in.
            Some(known) if known.external_code.is_none() && known.status == MemberStatus::Active => {
                Verdict::Link(known.id)
            }
            Some(_) => Verdict::Refuse("phone", "another member has this phone".to_owned()),
        }
    }

    fn seal(&self, rows: Vec<Row>, moment: &mut Moment<'_>) -> Vec<NewMember> {
        let mut nonces = self.means.nonces(rows.len() * SEALED);
        let mut sealed = |id: MemberId, field: &str, plain: Option<&str>| {
            let nonce = nonces.next()?;
            Some(self.means.vault.seal(Place { table: "members", field, row: id.raw() }, plain?, nonce))
        };
        let sealed_row = |row: Row| {
            let id = MemberId::new(moment.ids, moment.now);
            let birthday = row.birthday.map(Birthday::expose);
            NewMember {
                id,
                phone_sealed: sealed(id, "phone", row.phone.as_ref().map(Phone::expose)),
                name_sealed: sealed(id, "name", row.name.as_ref().map(DisplayName::expose)),
                birthday_sealed: sealed(id, "birthday", birthday.as_deref()),
                email_sealed: sealed(id, "email", row.email.as_ref().map(Email::expose)),
                phone_index: row.phone_index,
                language: row.language.code(),
                tier: row.tier,
                home_outlet: row.home_outlet,
                external_code: row.code,
                joined_at: row.joined_at,
            }
        };
        rows.into_iter().map(sealed_row).collect()
    }
}

enum Verdict {
    New,
    Link(MemberId),
    Unchanged,
    Refuse(&'static str, String),
}

impl Importer for Members<'_> {
    type Row = Row;

    fn read(&mut self, cells: &mut Cells<'_>) -> Option<Row> {
        let code = cells.need("external_code", text(EXTERNAL_CODE_LEN_MAX));
        let phone = cells.may("phone", |text| {
            let read = phone::read(text, self.home).map_err(|error| error.to_string())?;
            read.mobile()
                .map_err(|_| "not a mobile number; leave it empty for a member with a card only".to_owned())
        });
        let name = cells.may("name", DisplayName::parse);
        let birthday = cells.may("birthday", |text| Birthday::parse(text, self.today));
        let email = cells.may("email", Email::parse);
        let language = cells.may("language", Language::parse);
        let tier = cells.may("tier", |code| match self.rules.rules.tier(code) {
            Some(tier) => Ok(tier.code.clone()),
            None => Err("no such tier in the programme in force"),
        });
        let home_outlet =
            cells.may("home_outlet", |code| self.outlets.get(code).copied().ok_or("no such outlet"));
        let joined_at = cells.may("joined_on", |text| self.joined_at(text));
        let entry_tier = || self.rules.rules.tiers.first().map(|tier| tier.code.clone());
        let phone_index = phone
            .as_ref()
            .map(|phone| self.means.indexer.index(Indexed::Phone, phone.expose()).bytes().to_vec());
        Some(Row {
            code: code?,
            phone,
            phone_index,
            name,
            birthday,
            email,
            language: language.unwrap_or_default(),
            tier: tier.or_else(entry_tier)?,
            home_outlet,
            joined_at: joined_at.unwrap_or(self.now),
        })
    }

    fn apply(
        &mut self,
        tx: &dyn Sql,
        rows: Vec<(Line, Row)>,
        report: &mut Report,
        moment: &mut Moment<'_>,
    ) -> Result<(), Refused> {
        let codes: Vec<&str> = rows.iter().map(|(_, row)| row.code.as_str()).collect();
        let by_code = imports::load_members_by_code(tx, self.brand, &codes)?;
        let indexes: Vec<&[u8]> = rows.iter().filter_map(|(_, row)| row.phone_index.as_deref()).collect();
        let by_phone = imports::load_members_by_phone(tx, self.brand, &indexes)?;
        let mut new = Vec::with_capacity(rows.len());
        for (line, row) in rows {
            match self.judge(&line, &row, &by_code, &by_phone) {
                Verdict::New => new.push(row),
                Verdict::Link(member) => {
                    imports::set_code(tx, member, &row.code, moment.now)?;
                    report.applied += 1;
                }
                Verdict::Unchanged => report.unchanged += 1,
                Verdict::Refuse(column, message) => report.refuse(&line, column, message),
            }
        }
        report.applied += new.len() as i64;
        let new = self.seal(new, moment);
        Ok(imports::insert_members(tx, self.brand, &new, moment.now)?)
    }
}

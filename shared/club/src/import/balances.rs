//! Opening balances: what members had in the predecessor's programme, as ledger entries, once.

use kernel::{Date, MemberId, Points, Timestamp, Zone};
use ledger::grant::{self, Grant};
use ledger::model::{Entry, LotSource, Occasion, Wallet};
use loyalty::programme::POINTS_MAX;
use store::imports::{self, Opening};
use store::{Sql, StoreError};

use super::members::EXTERNAL_CODE_LEN_MAX;
use super::{Cells, Column, Importer, Line, Order, Refused, Report, Seen, repeats, text};
use crate::refusal::Refusal;
use crate::{Moment, programme, unit};

pub(super) const COLUMNS: &[Column] =
    &[Column::required("external_code"), Column::required("points"), Column::optional("expires_on")];

pub(super) struct Balances<'a> {
    brand: &'a str,
    zone: Zone,
    today: Date,
    codes: Seen,
}

pub(super) struct Row {
    code: String,
    points: Points,
    /// First instant at which the points are no longer good.
    expires_at: Option<Timestamp>,
}

impl<'a> Balances<'a> {
    pub(super) fn new(sql: &dyn Sql, order: &Order<'a>, now: Timestamp) -> Result<Self, Refused> {
        let zone = programme::in_force(sql, order.brand, now)?.rules.home_zone();
        Ok(Self { brand: order.brand, today: now.date_in(&zone), zone, codes: Seen::default() })
    }

    /// The event that can happen once (L4).
    fn event(&self, code: &str) -> String {
        format!("import:{}:{code}", self.brand)
    }

    fn entry(
        &self,
        row: &Row,
        member: MemberId,
        available: Points,
        moment: &mut Moment<'_>,
    ) -> Result<Option<Entry>, Refused> {
        // What a grant does depends on the debt alone, and a debt exists only while nothing is available: the
        // member's other lots need not be loaded.
        let available = available.min(Points::ZERO);
        let mut wallet =
            Wallet { member, available, held: Points::ZERO, pending: Points::ZERO, lots: Vec::new() };
        let grant = Grant {
            points: row.points,
            source: LotSource::Opening,
            activates_at: None,
            expires_at: row.expires_at,
        };
        let occasion = Occasion {
            event: self.event(&row.code),
            receipt: None,
            outlet: None,
            effective_at: moment.now,
            recorded_at: moment.now,
        };
        Ok(grant::adjust_up(&mut wallet, grant, occasion, moment.ids).map_err(Refusal::from)?)
    }
}

fn is_same(known: &Opening, row: &Row) -> bool {
    known.points == row.points && known.expires_at.is_none_or(|expires_at| expires_at == row.expires_at)
}

impl Importer for Balances<'_> {
    type Row = Row;

    fn read(&mut self, cells: &mut Cells<'_>) -> Option<Row> {
        let code = cells.need("external_code", text(EXTERNAL_CODE_LEN_MAX));
        let points = cells.need("points", |text| match Points::parse(text) {
            Err(error) => Err(error.0),
            Ok(points) if points < Points::ZERO => Err("a balance is not below zero"),
            Ok(points) if points > POINTS_MAX => Err("at most 10000000 points"),
            Ok(points) => Ok(points),
        });
        let expires_at = cells.may("expires_on", |text| match Date::parse(text) {
            Err(error) => Err(error.0),
            Ok(date) if date < self.today => Err("these points have expired"),
            Ok(date) => Ok(date.plus_days(1).start_in(&self.zone)),
        });
        Some(Row { code: code?, points: points?, expires_at })
    }

    fn apply(
        &mut self,
        tx: &dyn Sql,
        rows: Vec<(Line, Row)>,
        report: &mut Report,
        moment: &mut Moment<'_>,
    ) -> Result<(), Refused> {
        let codes: Vec<&str> = rows.iter().map(|(_, row)| row.code.as_str()).collect();
        let members = imports::load_members_by_code(tx, self.brand, &codes)?;
        let events: Vec<String> = codes.iter().map(|code| self.event(code)).collect();
        let unit = unit(self.brand);
        let openings = imports::load_openings(tx, &unit, &events)?;
        let ids: Vec<MemberId> =
            codes.iter().filter_map(|code| members.get(*code)).map(|member| member.id).collect();
        let available = imports::load_available(tx, self.brand, &ids)?;
        let mut entries = Vec::with_capacity(rows.len());
        for (line, row) in rows {
            if let Some(earlier) = self.codes.before(row.code.as_bytes(), line.number) {
                report.refuse(&line, "external_code", repeats(earlier));
                continue;
            }
            let Some(member) = members.get(&row.code) else {
                report.refuse(&line, "external_code", "no member with this code");
                continue;
            };
            match openings.get(&self.event(&row.code)) {
                Some(known) if is_same(known, &row) => {
                    report.unchanged += 1;
                    continue;
                }
                Some(Opening { points, .. }) => {
                    let message = format!("brought in before, as {points}; correct it by an adjustment");
                    report.refuse(&line, "points", message);
                    continue;
                }
                None => {}
            }
            let balance = available.get(&member.id).copied().ok_or(StoreError::Inconsistent {
                statement: "imports.balances",
                column: 0,
                problem: "a member without a balance row",
            })?;
            match self.entry(&row, member.id, balance, moment)? {
                Some(entry) => entries.push(entry),
                None => report.unchanged += 1,
            }
        }
        imports::insert_openings(tx, &unit, &entries)?;
        for entry in &entries {
            let posted = entry.postings.iter().find(|posting| posting.account.is_members());
            let points = posted.map_or(Points::ZERO, |posting| posting.amount);
            let expires_at = entry.lots.iter().filter_map(|lot| lot.expires_at).min();
            imports::add_available(tx, entry.member, points, expires_at)?;
        }
        report.applied += entries.len() as i64;
        Ok(())
    }
}

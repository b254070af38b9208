//! Cards: those of members, and free ones for the pool.

use std::collections::HashMap;

use membership::card_number::CardNumber;
use store::Sql;
use store::cards::{CardKind, CardStatus};
use store::imports::{self, KnownCard, KnownMember, NewCard};

use super::members::EXTERNAL_CODE_LEN_MAX;
use super::{Cells, Column, Importer, Line, Order, Refused, Report, Seen, repeats, text};
use crate::Moment;

pub(super) const COLUMNS: &[Column] = &[
    Column::required("number"),
    Column::optional("kind"),
    Column::optional("member"),
    Column::optional("status"),
];

pub(super) struct Cards<'a> {
    brand: &'a str,
    numbers: Seen,
}

pub(super) struct Row {
    number: String,
    kind: CardKind,
    /// The member's code in the predecessor system; none for a free card.
    member: Option<String>,
    status: CardStatus,
}

impl<'a> Cards<'a> {
    pub(super) fn new(order: &Order<'a>) -> Self {
        Self { brand: order.brand, numbers: Seen::default() }
    }

    /// What a row means: a card to insert, a free card to give, nothing, or what is wrong.
    fn judge(
        &mut self,
        line: &Line,
        row: &Row,
        known: &HashMap<String, KnownCard>,
        members: &HashMap<String, KnownMember>,
    ) -> Verdict {
        if let Some(earlier) = self.numbers.before(row.number.as_bytes(), line.number) {
            return Verdict::Refuse("number", repeats(earlier));
        }
        let member = match &row.member {
            None => None,
            Some(code) => match members.get(code) {
                None => return Verdict::Refuse("member", "no member with this code".to_owned()),
                Some(member) => Some(member.id),
            },
        };
        let card = NewCard { number: row.number.clone(), kind: row.kind, status: row.status, member };
        match known.get(&row.number) {
            None => Verdict::New(card),
            Some(known) if known.kind != row.kind => {
                Verdict::Refuse("kind", format!("the card is there as {}", known.kind.code()))
            }
            Some(known) if known.member == member || member.is_none() => Verdict::Unchanged,
            Some(known) if known.status == CardStatus::Free => Verdict::Give(card),
            Some(_) => Verdict::Refuse("member", "the card is another member's".to_owned()),
        }
    }
}

enum Verdict {
    New(NewCard),
    Give(NewCard),
    Unchanged,
    Refuse(&'static str, String),
}

impl Importer for Cards<'_> {
    type Row = Row;

    fn read(&mut self, cells: &mut Cells<'_>) -> Option<Row> {
        let number = cells.need("number", CardNumber::parse);
        let kind = cells.may("kind", |code| match code {
            "virtual" => Ok(CardKind::Virtual),
            "plastic" => Ok(CardKind::Plastic),
            _ => Err("use virtual or plastic"),
        });
        let member = cells.may("member", text(EXTERNAL_CODE_LEN_MAX));
        let status = cells.may("status", |code| match (code, member.is_some()) {
            ("free", false) => Ok(CardStatus::Free),
            ("active", true) => Ok(CardStatus::Active),
            ("blocked", true) => Ok(CardStatus::Blocked),
            ("free" | "active" | "blocked", _) => {
                Err("a card with a member is active or blocked, one without is free")
            }
            _ => Err("use free, active or blocked"),
        });
        let (number, kind) = (number?, kind.unwrap_or(CardKind::Plastic));
        if kind == CardKind::Virtual && number.ean13().is_none() {
            cells.fault("number", "a virtual card has an in-store EAN-13");
        }
        let usual = if member.is_some() { CardStatus::Active } else { CardStatus::Free };
        Some(Row { number: number.as_str().to_owned(), kind, member, status: status.unwrap_or(usual) })
    }

    fn apply(
        &mut self,
        tx: &dyn Sql,
        rows: Vec<(Line, Row)>,
        report: &mut Report,
        moment: &mut Moment<'_>,
    ) -> Result<(), Refused> {
        let numbers: Vec<&str> = rows.iter().map(|(_, row)| row.number.as_str()).collect();
        let known = imports::load_cards(tx, self.brand, &numbers)?;
        let codes: Vec<&str> = rows.iter().filter_map(|(_, row)| row.member.as_deref()).collect();
        let members = imports::load_members_by_code(tx, self.brand, &codes)?;
        let mut new = Vec::with_capacity(rows.len());
        for (line, row) in rows {
            match self.judge(&line, &row, &known, &members) {
                Verdict::New(card) => new.push(card),
                Verdict::Give(card) => {
                    imports::give_card(tx, self.brand, &card, moment.now)?;
                    report.applied += 1;
                }
                Verdict::Unchanged => report.unchanged += 1,
                Verdict::Refuse(column, message) => report.refuse(&line, column, message),
            }
        }
        report.applied += new.len() as i64;
        Ok(imports::insert_cards(tx, self.brand, &new, moment.now)?)
    }
}

//! Segments' lists and guests' tags: a row puts one guest in, or takes them out.
//!
//! A guest is named by the predecessor's code or by the member id. Segments must be there, and be lists: what a rule
//! decides no file does.

use std::collections::{BTreeSet, HashMap};

use kernel::MemberId;
use store::guests::MemberStatus;
use store::imports::KnownMember;
use store::segments::{self, Groups};
use store::{Sql, brands, imports};

use super::members::EXTERNAL_CODE_LEN_MAX;
use super::{Cells, Column, Importer, Line, Order, Refused, Report, Seen, repeats, text};
use crate::Moment;

pub(super) const SEGMENT_COLUMNS: &[Column] =
    &[Column::required("member"), Column::required("segment"), Column::optional("in")];
pub(super) const TAG_COLUMNS: &[Column] =
    &[Column::required("member"), Column::required("tag"), Column::optional("in")];

/// Characters of a segment's code and of a tag.
pub const CODE_LEN_MAX: usize = 64;
/// Tags on one guest.
pub const TAGS_MAX: usize = 32;
/// Segments of a brand that are looked at.
const SEGMENTS_MAX: i64 = 1_000;
/// What member ids begin with; the predecessor's codes do not.
const ID_PREFIX: &str = "mbr_";

/// Members, and the group that each comes to or leaves.
type Pairs = Vec<(MemberId, String)>;

pub(super) struct Row {
    member: String,
    /// Code of a segment, or a tag.
    group: String,
    is_in: bool,
}

fn read(cells: &mut Cells<'_>, column: &'static str) -> Option<Row> {
    let member = cells.need("member", text(EXTERNAL_CODE_LEN_MAX));
    let group = cells.need(column, text(CODE_LEN_MAX));
    let is_in = cells.may("in", |text| match text {
        "1" | "true" | "yes" => Ok(true),
        "0" | "false" | "no" => Ok(false),
        _ => Err("use true or false"),
    });
    Some(Row { member: member?, group: group?, is_in: is_in.unwrap_or(true) })
}

/// The members of a chunk, by what the file calls them.
fn find(tx: &dyn Sql, brand: &str, rows: &[(Line, Row)]) -> Result<HashMap<String, KnownMember>, Refused> {
    let names = || rows.iter().map(|(_, row)| row.member.as_str());
    let codes: Vec<&str> = names().filter(|name| !name.starts_with(ID_PREFIX)).collect();
    let mut found = imports::load_members_by_code(tx, brand, &codes)?;
    let ids: Vec<MemberId> = names().filter_map(|name| MemberId::parse(name).ok()).collect();
    let by_id = imports::load_members_by_id(tx, brand, &ids)?;
    found.extend(by_id.into_iter().map(|(id, member)| (id.to_string(), member)));
    found.retain(|_, member| member.status != MemberStatus::Erased);
    Ok(found)
}

/// What both kinds of file have in common: which rows say what is so already.
struct Sorter {
    seen: Seen,
}

impl Sorter {
    /// The row's member, unless the row is refused.
    fn member(
        &mut self,
        line: &Line,
        row: &Row,
        found: &HashMap<String, KnownMember>,
        report: &mut Report,
    ) -> Option<MemberId> {
        let Some(member) = found.get(&row.member) else {
            report.refuse(line, "member", "no member with this code or id");
            return None;
        };
        let key = format!("{}\n{}", member.id.raw(), row.group);
        if let Some(earlier) = self.seen.before(key.as_bytes(), line.number) {
            report.refuse(line, "member", repeats(earlier));
            return None;
        }
        Some(member.id)
    }
}

pub(super) struct Segments<'a> {
    brand: &'a str,
    /// Codes of segments that are lists, and of those that are not.
    lists: BTreeSet<String>,
    ruled: BTreeSet<String>,
    sorter: Sorter,
}

impl<'a> Segments<'a> {
    pub(super) fn new(sql: &dyn Sql, order: &Order<'a>) -> Result<Self, Refused> {
        brands::load(sql, order.brand)?.ok_or(Refused::UnknownBrand)?;
        let known = segments::list(sql, order.brand, SEGMENTS_MAX)?;
        let (ruled, lists): (Vec<_>, Vec<_>) = known.into_iter().partition(|segment| segment.rule.is_some());
        let codes =
            |segments: Vec<segments::Segment>| segments.into_iter().map(|segment| segment.code).collect();
        let sorter = Sorter { seen: Seen::default() };
        Ok(Self { brand: order.brand, lists: codes(lists), ruled: codes(ruled), sorter })
    }
}

impl Importer for Segments<'_> {
    type Row = Row;

    fn read(&mut self, cells: &mut Cells<'_>) -> Option<Row> {
        read(cells, "segment")
    }

    fn apply(
        &mut self,
        tx: &dyn Sql,
        rows: Vec<(Line, Row)>,
        report: &mut Report,
        moment: &mut Moment<'_>,
    ) -> Result<(), Refused> {
        let found = find(tx, self.brand, &rows)?;
        let ids: Vec<MemberId> = found.values().map(|member| member.id).collect();
        let before = imports::load_groups(tx, self.brand, &ids)?;
        let (mut came, mut left) = (Pairs::new(), Pairs::new());
        for (line, row) in rows {
            if self.ruled.contains(&row.group) {
                report.refuse(&line, "segment", "a rule decides who is in this segment");
                continue;
            }
            if !self.lists.contains(&row.group) {
                report.refuse(&line, "segment", "no such segment; make it first");
                continue;
            }
            let Some(member) = self.sorter.member(&line, &row, &found, report) else { continue };
            let is_in = before.get(&member).is_some_and(|groups| groups.segments.contains(&row.group));
            match (row.is_in, is_in) {
                (true, false) => came.push((member, row.group)),
                (false, true) => left.push((member, row.group)),
                _ => {
                    report.unchanged += 1;
                    continue;
                }
            }
            report.applied += 1;
        }
        segments::insert_members(tx, &borrowed(&came), moment.now)?;
        segments::delete_members(tx, &borrowed(&left))?;
        for code in &self.lists {
            let of =
                |moved: &[(MemberId, String)]| moved.iter().filter(|(_, group)| group == code).count() as i64;
            let grown = of(&came) - of(&left);
            if grown != 0 {
                segments::grow(tx, self.brand, code, grown)?;
            }
        }
        Ok(())
    }
}

pub(super) struct Tags<'a> {
    brand: &'a str,
    sorter: Sorter,
}

impl<'a> Tags<'a> {
    pub(super) fn new(sql: &dyn Sql, order: &Order<'a>) -> Result<Self, Refused> {
        brands::load(sql, order.brand)?.ok_or(Refused::UnknownBrand)?;
        Ok(Self { brand: order.brand, sorter: Sorter { seen: Seen::default() } })
    }
}

impl Importer for Tags<'_> {
    type Row = Row;

    fn read(&mut self, cells: &mut Cells<'_>) -> Option<Row> {
        read(cells, "tag")
    }

    fn apply(
        &mut self,
        tx: &dyn Sql,
        rows: Vec<(Line, Row)>,
        report: &mut Report,
        moment: &mut Moment<'_>,
    ) -> Result<(), Refused> {
        let found = find(tx, self.brand, &rows)?;
        let ids: Vec<MemberId> = found.values().map(|member| member.id).collect();
        let mut now = imports::load_groups(tx, self.brand, &ids)?;
        let (mut came, mut left) = (Pairs::new(), Pairs::new());
        for (line, row) in rows {
            let Some(member) = self.sorter.member(&line, &row, &found, report) else { continue };
            let Groups { tags, .. } = now.entry(member).or_default();
            let place = tags.iter().position(|tag| *tag == row.group);
            match (row.is_in, place) {
                (true, None) if tags.len() >= TAGS_MAX => {
                    report.refuse(&line, "tag", format!("a guest has at most {TAGS_MAX} tags"));
                    continue;
                }
                (true, None) => {
                    tags.push(row.group.clone());
                    came.push((member, row.group));
                }
                (false, Some(place)) => {
                    tags.remove(place);
                    left.push((member, row.group));
                }
                _ => {
                    report.unchanged += 1;
                    continue;
                }
            }
            report.applied += 1;
        }
        segments::insert_tags(tx, &borrowed(&came), moment.now)?;
        Ok(segments::delete_tags(tx, &borrowed(&left))?)
    }
}

fn borrowed(pairs: &[(MemberId, String)]) -> Vec<(MemberId, &str)> {
    pairs.iter().map(|(member, text)| (*member, text.as_str())).collect()
}

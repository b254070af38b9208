//! The rules in force at many moments, asked once each, and places of tiers in them.

use std::cell::RefCell;

use kernel::{Date, ProgrammeVersionId, Timestamp, Zone};
use loyalty::tiers::judge::Standing;
use store::tiers::Judged;
use store::{Sql, programmes};

use crate::programme::{self, InForce};
use crate::refusal::Refusal;

/// Versions of a brand's rules by the moments at which they were asked for.
pub(super) struct Versions<'a> {
    sql: &'a dyn Sql,
    brand: &'a str,
    known: RefCell<Vec<(Timestamp, Option<InForce>)>>,
    /// Places of tiers that a version does not have.
    heirs: RefCell<Vec<(ProgrammeVersionId, String, usize)>>,
}

/// Moments kept: the boundaries of a few zones and periods. As many places of tiers that rules no longer have.
const KNOWN_MAX: usize = 64;
/// Versions looked at for one that is yet to begin.
const FUTURE_MAX: i64 = 16;

impl<'a> Versions<'a> {
    pub(super) const fn new(sql: &'a dyn Sql, brand: &'a str) -> Self {
        Self { sql, brand, known: RefCell::new(Vec::new()), heirs: RefCell::new(Vec::new()) }
    }

    /// Where versions are read from.
    pub(super) const fn sql(&self) -> &'a dyn Sql {
        self.sql
    }

    /// The rules in force at a time; `None` when there were none yet.
    pub(super) fn at(&self, at: Timestamp) -> Result<Option<InForce>, Refusal> {
        if let Some((_, known)) = self.known.borrow().iter().find(|(known, _)| *known == at) {
            return Ok(known.clone());
        }
        let found = match programme::in_force(self.sql, self.brand, at) {
            Ok(found) => Some(found),
            Err(Refusal::NoProgramme) => None,
            Err(error) => return Err(error),
        };
        let mut known = self.known.borrow_mut();
        if known.len() == KNOWN_MAX {
            known.remove(0);
        }
        known.push((at, found.clone()));
        Ok(found)
    }

    /// Place of a tier in the rules of a version; of one that they do not have, its heir's.
    pub(super) fn place(&self, rules: &InForce, code: &str) -> Result<usize, Refusal> {
        if let Some(place) = rules.rules.tiers.iter().position(|tier| tier.code == code) {
            return Ok(place);
        }
        let known = |(version, tier, _): &&(ProgrammeVersionId, String, usize)| {
            *version == rules.version && tier == code
        };
        if let Some((_, _, place)) = self.heirs.borrow().iter().find(known) {
            return Ok(*place);
        }
        let place = programme::tier_place(self.sql, self.brand, rules, code)?;
        let mut heirs = self.heirs.borrow_mut();
        if heirs.len() == KNOWN_MAX {
            heirs.remove(0);
        }
        heirs.push((rules.version, code.to_owned(), place));
        Ok(place)
    }

    /// What a member was judged to be, as places in the rules of a version.
    pub(super) fn standing(&self, rules: &InForce, judged: &Judged) -> Result<Standing, Refusal> {
        Ok(Standing {
            tier: self.place(rules, &judged.tier)?,
            valid_until: judged.valid_until,
            falls_on: judged.falls_on,
            floor: self.place(rules, &judged.floor)?,
        })
    }

    /// When a version begins.
    pub(super) fn begins(&self, version: ProgrammeVersionId) -> Result<Option<Timestamp>, Refusal> {
        Ok(programmes::load(self.sql, version)?.map(|version| version.effective_from))
    }

    /// When the next version begins; `None` when none is waiting.
    pub(super) fn next_begins(&self, now: Timestamp) -> Result<Option<Timestamp>, Refusal> {
        let newest = programmes::list(self.sql, self.brand, i64::MAX, FUTURE_MAX)?;
        Ok(newest.into_iter().map(|version| version.effective_from).filter(|at| *at > now).min())
    }

    /// The first boundary after `after` and not after `through`, by the rules in force when it begins in the zone of that
    /// day. Periods begin on the first of a month, whatever their length.
    pub(super) fn next_boundary<'z>(
        &self,
        zone_on: impl Fn(Date) -> &'z Zone,
        after: Date,
        through: Date,
    ) -> Result<Option<(Date, InForce)>, Refusal> {
        let mut day = after.month_start().plus_months(1);
        while day <= through {
            if let Some(found) = self.at(day.start_in(zone_on(day)))?
                && found.rules.tier_rules().window.is_boundary(day)
            {
                return Ok(Some((day, found)));
            }
            day = day.plus_months(1);
        }
        Ok(None)
    }
}

//! The rules in force at many moments, asked once each.

use std::cell::RefCell;

use kernel::{Date, Timestamp, Zone};
use store::Sql;

use crate::programme::{self, InForce};
use crate::refusal::Refusal;

/// Versions of a brand's rules by the moments at which they were asked for.
pub(super) struct Versions<'a> {
    sql: &'a dyn Sql,
    brand: &'a str,
    known: RefCell<Vec<(Timestamp, Option<InForce>)>>,
}

/// Moments kept: the boundaries of a few zones and periods.
const KNOWN_MAX: usize = 64;

impl<'a> Versions<'a> {
    pub(super) const fn new(sql: &'a dyn Sql, brand: &'a str) -> Self {
        Self { sql, brand, known: RefCell::new(Vec::new()) }
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

    /// The first boundary after `after` and not after `through`, by the rules in force when it begins. Periods begin on
    /// the first of a month, whatever their length.
    pub(super) fn next_boundary(
        &self,
        zone: &Zone,
        after: Date,
        through: Date,
    ) -> Result<Option<(Date, InForce)>, Refusal> {
        let mut day = after.month_start().plus_months(1);
        while day <= through {
            if let Some(found) = self.at(day.start_in(zone))?
                && found.rules.tier_rules().window.is_boundary(day)
            {
                return Ok(Some((day, found)));
            }
            day = day.plus_months(1);
        }
        Ok(None)
    }
}

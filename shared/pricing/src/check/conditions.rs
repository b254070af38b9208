//! Whether a tree of conditions makes sense.

use super::{BIRTHDAY_DAYS_MAX, CONDITIONS_MAX, COUNT_MAX, Check, DEPTH_MAX};
use crate::condition::Condition;
use crate::fault::Fault;

impl Check {
    pub(super) fn condition(&mut self, at: &str, condition: &Condition, depth: usize) {
        self.conditions += 1;
        if self.conditions == CONDITIONS_MAX + 1 {
            self.fault(at, Fault::TooMany { max: CONDITIONS_MAX });
        }
        if depth > DEPTH_MAX {
            return self.fault(at, Fault::TooDeep { max: DEPTH_MAX });
        }
        match condition {
            Condition::All { of } | Condition::Any { of } => {
                let at = format!("{at}/of");
                self.many(&at, of.len(), CONDITIONS_MAX);
                for (index, part) in of.iter().take(CONDITIONS_MAX).enumerate() {
                    self.condition(&format!("{at}/{index}"), part, depth + 1);
                }
            }
            Condition::Not { condition } => self.condition(&format!("{at}/condition"), condition, depth + 1),
            leaf => self.leaf(at, leaf),
        }
    }

    fn leaf(&mut self, at: &str, condition: &Condition) {
        match condition {
            Condition::Amount { of, at_least } => {
                self.selector(&format!("{at}/of"), of);
                self.amounts(&format!("{at}/at_least"), at_least, 1);
            }
            Condition::Pieces { of, at_least, at_most } => {
                self.selector(&format!("{at}/of"), of);
                self.range(at, *at_least, *at_most);
            }
            Condition::Visits { at_least, at_most, .. } => self.range(at, *at_least, *at_most),
            Condition::EveryVisit { every } => self.count(&format!("{at}/every"), *every, 2, COUNT_MAX),
            Condition::Birthday { days_before, days_after } => {
                self.count(&format!("{at}/days_before"), u32::from(*days_before), 0, BIRTHDAY_DAYS_MAX);
                self.count(&format!("{at}/days_after"), u32::from(*days_after), 0, BIRTHDAY_DAYS_MAX);
            }
            Condition::TimeOfDay { from, until } if from == until => {
                self.fault(&format!("{at}/until"), Fault::Nothing);
            }
            Condition::Weekday { any_of } => {
                self.many(&format!("{at}/any_of"), any_of.len(), 7);
                for (index, day) in any_of.iter().enumerate() {
                    self.count(&format!("{at}/any_of/{index}"), u32::from(*day), 1, 7);
                }
            }
            Condition::Days { from, through } => match (from, through) {
                (None, None) => self.fault(at, Fault::Empty),
                (Some(from), Some(through)) if through < from => {
                    self.fault(&format!("{at}/through"), Fault::Nothing);
                }
                _ => {}
            },
            Condition::Tier { any_of }
            | Condition::Segment { any_of }
            | Condition::Tag { any_of }
            | Condition::Outlet { any_of }
            | Condition::City { any_of }
            | Condition::Franchisee { any_of }
            | Condition::Country { any_of }
            | Condition::Channel { any_of }
            | Condition::Payment { any_of } => self.any_of(at, any_of),
            Condition::All { .. }
            | Condition::Any { .. }
            | Condition::Not { .. }
            | Condition::Member {}
            | Condition::FirstPurchase {}
            | Condition::TimeOfDay { .. }
            | Condition::Coupon {} => {}
        }
    }

    fn range(&mut self, at: &str, at_least: u32, at_most: Option<u32>) {
        self.count(&format!("{at}/at_least"), at_least, 0, COUNT_MAX);
        match at_most {
            Some(most) if most < at_least => self.fault(&format!("{at}/at_most"), Fault::Nothing),
            None if at_least == 0 => self.fault(&format!("{at}/at_least"), Fault::Everything),
            _ => {}
        }
    }
}

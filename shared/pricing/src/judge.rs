//! Whether a promotion's conditions hold, and if not, which one failed.

use kernel::{Date, MemberId, Money, PromotionId};

use crate::condition::{Condition, Selector, VisitWindow};
use crate::facts::{Facts, Guest};
use crate::goods::{Goods, contains};
use crate::index::Live;
use crate::limit::Scope;
use crate::verdict::{Failure, Holds};

/// Everything a condition looks at.
pub(crate) struct Court<'a> {
    pub(crate) goods: &'a Goods<'a>,
    pub(crate) facts: &'a Facts,
}

impl Court<'_> {
    /// Why this promotion cannot apply, whatever the others do; `None` when it can.
    pub(crate) fn failure(&self, live: &Live) -> Option<Failure> {
        if self.facts.now < live.starts_at || live.ends_at.is_some_and(|end| self.facts.now >= end) {
            return Some(Failure::NotNow);
        }
        let condition = live.rules.condition.as_ref();
        condition.and_then(|condition| self.judge(condition, live)).or_else(|| self.barred(live))
    }

    /// Why the guest does not get this promotion even if its conditions hold.
    pub(crate) fn barred(&self, live: &Live) -> Option<Failure> {
        let facts = self.facts;
        let budgets = &live.rules.limits.budgets;
        if facts.guest.is_none() && budgets.iter().any(|budget| budget.scope == Scope::Guest) {
            return Some(Failure::NotSignedIn);
        }
        let allowance = facts.allowances.iter().find(|allowance| allowance.promotion == live.promotion);
        if let Some(scope) = allowance.and_then(|allowance| allowance.exhausted) {
            return Some(Failure::BudgetSpent { scope });
        }
        let member = facts.guest.as_ref().map(|guest| guest.member);
        let held_out =
            member.is_some_and(|member| held_out(live.promotion, member, live.rules.holdout_percent));
        held_out.then_some(Failure::Holdout)
    }

    /// `None` when the condition holds.
    pub(crate) fn judge(&self, condition: &Condition, live: &Live) -> Option<Failure> {
        match condition {
            Condition::All { of } => of.iter().find_map(|part| self.judge(part, live)),
            Condition::Any { of } => {
                let mut failures = Vec::with_capacity(of.len());
                for part in of {
                    failures.push(self.judge(part, live)?);
                }
                Some(Failure::NoneOf(failures))
            }
            Condition::Not { condition } => match self.judge(condition, live) {
                Some(_) => None,
                None => Some(Failure::Unless(Box::new(Holds(condition.name())))),
            },
            Condition::Amount { of, at_least } => self.amount(of, at_least.minor(self.goods.currency), live),
            Condition::Pieces { of, at_least, at_most } => {
                let (_, have) = self.counted(of, live);
                if have < *at_least {
                    return Some(Failure::TooFewPieces { needed: *at_least, have });
                }
                at_most.filter(|most| have > *most).map(|most| Failure::TooManyPieces { most, have })
            }
            Condition::Coupon {} => {
                let own = |coupon: &crate::facts::CouponFact| coupon.promotion == live.promotion;
                fails(!self.facts.coupons.iter().any(own), || Failure::NoCoupon)
            }
            Condition::Member {}
            | Condition::Tier { .. }
            | Condition::Segment { .. }
            | Condition::Tag { .. }
            | Condition::Birthday { .. }
            | Condition::FirstPurchase {}
            | Condition::Visits { .. }
            | Condition::EveryVisit { .. } => match &self.facts.guest {
                None => Some(Failure::NotSignedIn),
                Some(guest) => self.of_guest(condition, guest),
            },
            place => self.of_place(place),
        }
    }

    /// Goods that the promotion counts, at list prices.
    fn counted(&self, of: &Selector, live: &Live) -> (i64, u32) {
        self.goods.listed(|line| of.matches(line) && !live.rules.excluded.excludes(line))
    }

    fn amount(&self, of: &Selector, needed: Option<i64>, live: &Live) -> Option<Failure> {
        let Some(needed) = needed else { return Some(Failure::Currency) };
        let (have, _) = self.counted(of, live);
        let money = |minor| Money::new(minor, self.goods.currency);
        fails(have < needed, || Failure::Amount { needed: money(needed), have: money(have) })
    }

    fn of_guest(&self, condition: &Condition, guest: &Guest) -> Option<Failure> {
        let overlap = |list: &[String], own: &[String]| own.iter().any(|item| contains(list, item));
        match condition {
            Condition::Tier { any_of } => fails(!contains(any_of, &guest.tier), || Failure::Tier {
                any_of: any_of.clone(),
                have: guest.tier.clone(),
            }),
            Condition::Segment { any_of } => {
                fails(!overlap(any_of, &guest.segments), || Failure::Segment { any_of: any_of.clone() })
            }
            Condition::Tag { any_of } => {
                fails(!overlap(any_of, &guest.tags), || Failure::Tag { any_of: any_of.clone() })
            }
            Condition::Birthday { days_before, days_after } => {
                let near = guest.birthday.is_some_and(|birthday| {
                    near_birthday(birthday, self.facts.day, *days_before, *days_after)
                });
                fails(!near, || Failure::Birthday)
            }
            Condition::FirstPurchase {} => fails(guest.visits.ever > 0, || Failure::NotFirstPurchase),
            Condition::Visits { within, at_least, at_most } => {
                let have = match within {
                    VisitWindow::Ever => guest.visits.ever,
                    VisitWindow::Days7 => guest.visits.days_7,
                    VisitWindow::Days30 => guest.visits.days_30,
                    VisitWindow::Days90 => guest.visits.days_90,
                };
                if have < *at_least {
                    return Some(Failure::TooFewVisits { needed: *at_least, have });
                }
                at_most.filter(|most| have > *most).map(|most| Failure::TooManyVisits { most, have })
            }
            Condition::EveryVisit { every } => {
                let this = u64::from(guest.visits.ever) + 1;
                let left = this.next_multiple_of(u64::from((*every).max(1))) - this;
                fails(left > 0, || Failure::VisitsToGo { left: left as u32 })
            }
            _ => None,
        }
    }

    fn of_place(&self, condition: &Condition) -> Option<Failure> {
        let (facts, place) = (self.facts, &self.facts.place);
        match condition {
            Condition::Outlet { any_of } => fails(!contains(any_of, &place.outlet), || Failure::Outlet),
            Condition::City { any_of } => fails(!contains(any_of, &place.city), || Failure::City {
                any_of: any_of.clone(),
                have: place.city.clone(),
            }),
            Condition::Franchisee { any_of } => {
                fails(!contains(any_of, &place.franchisee), || Failure::Franchisee)
            }
            Condition::Country { any_of } => fails(!contains(any_of, &place.country), || Failure::Country {
                any_of: any_of.clone(),
                have: place.country.clone(),
            }),
            Condition::Channel { any_of } => fails(!contains(any_of, &facts.channel), || Failure::Channel {
                any_of: any_of.clone(),
                have: facts.channel.clone(),
            }),
            Condition::TimeOfDay { from, until } => {
                let inside = if from < until {
                    (*from..*until).contains(&facts.time)
                } else {
                    facts.time >= *from || facts.time < *until
                };
                fails(!inside, || Failure::TimeOfDay { from: from.to_string(), until: until.to_string() })
            }
            Condition::Weekday { any_of } => {
                let today = facts.day.weekday().unsigned_abs();
                fails(!any_of.contains(&today), || Failure::Weekday { any_of: any_of.clone() })
            }
            Condition::Days { from, through } => {
                let outside = from.is_some_and(|from| facts.day < from.0)
                    || through.is_some_and(|through| facts.day > through.0);
                let text = |day: &crate::amounts::Day| day.0.to_string();
                fails(outside, || Failure::Days {
                    from: from.as_ref().map(text),
                    through: through.as_ref().map(text),
                })
            }
            Condition::Payment { any_of } => {
                let known = facts.payment.as_ref().is_some_and(|payment| contains(any_of, payment));
                fails(!known, || Failure::Payment { any_of: any_of.clone() })
            }
            _ => None,
        }
    }
}

fn fails(failed: bool, failure: impl FnOnce() -> Failure) -> Option<Failure> {
    failed.then(failure)
}

/// Whether a birthday (month, day) lies at most so many days ahead of `today`, or so many ago. Somebody born on
/// 29 February has their day on the 28th in other years.
fn near_birthday((month, day): (i8, i8), today: Date, before: u16, after: u16) -> bool {
    let (year, _, _) = today.parts();
    (-1..=1).any(|offset| {
        let year = year + offset;
        let date = Date::new(year, month, day).or_else(|_| Date::new(year, 2, 28));
        date.is_ok_and(|date| {
            let ahead = date.days_since(today);
            (-i32::from(after)..=i32::from(before)).contains(&ahead)
        })
    })
}

/// Whether a guest is one of the `percent` of all who never get a promotion. Depends on the two ids only: the same
/// guests in every version, on every machine, and independently of other promotions.
#[must_use]
pub fn held_out(promotion: PromotionId, member: MemberId, percent: u8) -> bool {
    // Two rounds of SplitMix64's finaliser (Steele, Lea, Flood 2014).
    let mix = |mut z: u64| {
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let seed = mix(promotion.raw().cast_unsigned().wrapping_add(0x9e37_79b9_7f4a_7c15));
    mix(seed ^ member.raw().cast_unsigned()) % 100 < u64::from(percent)
}

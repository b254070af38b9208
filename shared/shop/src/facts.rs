//! What promotions may ask about a guest and an outlet, gathered from where it is stored.

use kernel::{Date, MemberId, Points};
use pricing::facts::{Guest, Place, Visits};
use pricing::index::Asks;
use store::directory::Entry;
use store::segments::{self, Groups};
use store::{Sql, StoreError, visits};

/// What is known of a guest besides the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known<'a> {
    pub member: MemberId,
    /// Code of the tier.
    pub tier: &'a str,
    /// Month and day, where the guest has told.
    pub birthday: Option<(i8, i8)>,
    pub points_available: Points,
}

/// A guest on a business day, with the facts that promotions ask for.
///
/// # Errors
/// A failure of storage.
pub fn guest(sql: &dyn Sql, known: Known<'_>, today: Date, asks: Asks) -> Result<Guest, StoreError> {
    let visits =
        if asks.visits { visits::load(sql, known.member, today)? } else { visits::Visits::default() };
    let groups = if asks.groups { segments::load_of_member(sql, known.member)? } else { Groups::default() };
    Ok(Guest {
        member: known.member,
        tier: known.tier.to_owned(),
        segments: groups.segments,
        tags: groups.tags,
        birthday: known.birthday,
        visits: Visits {
            ever: visits.ever,
            days_7: visits.days_7,
            days_30: visits.days_30,
            days_90: visits.days_90,
        },
        points_available: known.points_available,
    })
}

/// An outlet.
#[must_use]
pub fn place(outlet: &Entry) -> Place {
    Place {
        brand: outlet.brand.clone(),
        outlet: outlet.code.clone(),
        city: outlet.city.clone(),
        franchisee: outlet.franchisee_code.clone(),
        country: outlet.country.clone(),
    }
}

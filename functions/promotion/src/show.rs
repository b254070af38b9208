//! Promotions as replies.

use api::wire::MoneyBody;
use api::wire::promotions::{GivenBody, PromotionReply, PromotionVersionReply};
use kernel::{Money, Timestamp};
use shop::promotion::administration::Shown;
use shop::promotion::read_rules;
use store::promotions::uses::Total;
use store::promotions::{self, Stored, Version};
use store::{Sql, StoreError};
use web::Problem;

/// The version of a promotion that holds.
pub fn version(sql: &dyn Sql, stored: &Stored) -> Result<Version, Problem> {
    let version = promotions::load_version(sql, stored.id, stored.version)?;
    version.ok_or_else(|| Problem::internal(format!("{} has no version {}", stored.id, stored.version)))
}

/// A promotion with its rules.
pub fn promotion(stored: &Stored, version: &Version, now: Timestamp) -> Result<PromotionReply, Problem> {
    Ok(PromotionReply {
        id: stored.id.to_string(),
        brand: stored.brand.clone(),
        state: Shown::of(stored, now).code().to_owned(),
        version: stored.version,
        starts_at: stored.starts_at.map(|time| time.to_string()),
        ends_at: stored.ends_at.map(|time| time.to_string()),
        created_at: stored.created_at.to_string(),
        changed_at: stored.changed_at.to_string(),
        created_by: stored.created_by.map(|staff| staff.to_string()),
        note: version.note.clone(),
        rules: read_rules(&version.rules)?,
        given: Vec::new(),
    })
}

/// A version.
pub fn version_reply(version: &Version, holds: bool) -> Result<PromotionVersionReply, StoreError> {
    Ok(PromotionVersionReply {
        version: version.version,
        holds,
        note: version.note.clone(),
        created_at: version.created_at.to_string(),
        created_by: version.created_by.map(|staff| staff.to_string()),
        rules: read_rules(&version.rules)?,
    })
}

/// What a promotion has given in one currency.
pub fn given(total: &Total) -> GivenBody {
    GivenBody {
        uses: total.uses,
        discount: MoneyBody::from(Money::new(total.discount_minor, total.currency)),
        points: total.points.to_string(),
        members: total.members,
    }
}

//! At which tier's rate a sale earns.

use loyalty::accrual::{self, Accrual};
use loyalty::reason::Reason;
use loyalty::redemption::LinePayment;
use loyalty::sale::Sale;
use store::Sql;

use super::Facts;
use crate::programme;
use crate::refusal::Refusal;

/// What the sale earns at the rate of the guest's tier of then. Where the rules of then have no such tier, its heir's rate
/// holds, and the reasons say so: a sale took place, whatever the programme has become.
pub(super) fn earn(
    tx: &dyn Sql,
    brand: &str,
    facts: &Facts<'_>,
    sale: &Sale,
    paid: &[LinePayment],
) -> Result<Accrual, Refusal> {
    let rules = &facts.in_force.rules;
    if let Some(tier) = rules.tier(facts.tier) {
        return Ok(accrual::earn(rules, tier, sale, paid, facts.day)?);
    }
    let heir = programme::tier_place(tx, brand, facts.in_force, facts.tier)?;
    let heir = rules.tiers.get(heir).ok_or(loyalty::error::Refusal::UnknownTier)?;
    let mut accrual = accrual::earn(rules, heir, sale, paid, facts.day)?;
    let absent = Reason::TierAbsent { tier: facts.tier.to_owned(), instead: heir.code.clone() };
    accrual.reasons.insert(0, absent);
    Ok(accrual)
}

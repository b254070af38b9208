//! What owners of referral codes get for a friend: as it is asked for, and as it is shown.

use api::problem as p;
use api::wire::MoneyBody;
use api::wire::coupons::ReferralReward;
use kernel::{Currency, Money, Points};
use store::referrals::Terms;
use web::fields::Fields;

/// Most points for one friend.
const POINTS_MAX: Points = Points::from_hundredths(10_000_000);
/// Currencies with a minimum.
const MINIMUMS_MAX: usize = 10;
/// Most rewards of one owner within the period.
const REWARDS_MAX: u32 = 1_000;
/// Most days of the period, and of the points' life: ten years.
const DAYS_MAX: u32 = 3_660;

/// Reads the terms of a reward; faults are noted in `fields`.
pub fn read(fields: &mut Fields, body: &ReferralReward) -> Option<Terms> {
    let points = fields.read("/reward/points", Points::parse(&body.points));
    if points.is_some_and(|points| !points.is_positive() || points > POINTS_MAX) {
        fields.fault(
            &p::INVALID_FIELD,
            "/reward/points",
            format!("must be above zero, at most {POINTS_MAX}"),
        );
    }
    if body.purchase_min.len() > MINIMUMS_MAX {
        let words = format!("must have at most {MINIMUMS_MAX} items");
        fields.fault(&p::INVALID_FIELD, "/reward/purchase_min", words);
    }
    let mut purchase_min: Vec<Money> = Vec::new();
    for (index, min) in body.purchase_min.iter().take(MINIMUMS_MAX).enumerate() {
        let at = format!("/reward/purchase_min/{index}");
        let currency = fields.read(&format!("{at}/currency"), Currency::parse(&min.currency));
        let Some(money) = currency.and_then(|currency| fields.money(&at, min, currency)) else { continue };
        if money.minor() <= 0 {
            fields.fault(&p::INVALID_FIELD, at, "must be above zero");
        } else if purchase_min.iter().any(|known| known.currency() == money.currency()) {
            fields.fault(&p::INVALID_FIELD, at, "repeats a currency");
        } else {
            purchase_min.push(money);
        }
    }
    let mut range = |pointer: &str, value: u32, most: u32| {
        if !(1..=most).contains(&value) {
            fields.fault(&p::INVALID_FIELD, pointer, format!("must be from 1 to {most}"));
        }
    };
    range("/reward/rewards_max", body.rewards_max, REWARDS_MAX);
    range("/reward/within_days", body.within_days, DAYS_MAX);
    if let Some(days) = body.expires_days {
        range("/reward/expires_days", days, DAYS_MAX);
    }
    Some(Terms {
        points: points?,
        purchase_min,
        rewards_max: body.rewards_max,
        within_days: body.within_days,
        expires_days: body.expires_days,
    })
}

/// The terms of a reward as they are shown.
pub fn show(terms: &Terms) -> ReferralReward {
    ReferralReward {
        points: terms.points.to_string(),
        purchase_min: terms.purchase_min.iter().copied().map(MoneyBody::from).collect(),
        rewards_max: terms.rewards_max,
        within_days: terms.within_days,
        expires_days: terms.expires_days,
    }
}

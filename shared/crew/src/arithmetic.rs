//! An award's arithmetic as it is stored: what was counted, what it was worth, which place it made.

use merit::facts::Facts;
use merit::number::Fraction;
use merit::score::NoScore;
use serde_json::{Value, json};

use crate::judge::Judged;

/// What was counted, as JSON: integers as they stand in the counters.
#[must_use]
pub fn facts(facts: &Facts) -> Value {
    let categories: serde_json::Map<String, Value> = facts
        .categories
        .iter()
        .map(|(code, of)| {
            let counted = json!({
                "receipts": of.receipts, "items_thousandths": of.items, "revenue_minor": of.revenue_minor,
            });
            (code.clone(), counted)
        })
        .collect();
    json!({
        "receipts": facts.receipts, "items_thousandths": facts.items, "revenue_minor": facts.revenue_minor,
        "member_receipts": facts.member_receipts, "sign_ups": facts.sign_ups, "ratings": facts.ratings,
        "stars": facts.stars, "minutes": facts.minutes, "shifts": facts.shifts, "categories": categories,
        "plan_minor": facts.plan_minor.map(exact),
    })
}

/// A fraction, exactly: numerator and denominator as texts, for they may have more digits than JSON numbers keep.
#[must_use]
pub fn exact(fraction: Fraction) -> Value {
    let (numerator, denominator) = fraction.parts();
    json!([numerator.to_string(), denominator.to_string()])
}

/// The whole arithmetic of somebody's result.
#[must_use]
pub fn of(judged: &Judged) -> Value {
    let parts: Vec<Value> = judged
        .standing
        .parts
        .iter()
        .map(|part| json!({ "value": part.value.ok().map(exact), "worth": part.worth.ok().map(exact) }))
        .collect();
    let score = match judged.standing.score {
        Ok(score) => exact(score),
        Err(NoScore::BelowMinimum { index }) => json!({ "below_minimum": index }),
        Err(NoScore::Gap(gap)) => json!({ "gap": gap.code() }),
    };
    json!({
        "facts": facts(&judged.measured.facts), "parts": parts, "score": score, "class": judged.class,
        "place": judged.place, "of": judged.of, "level": judged.won.level,
    })
}

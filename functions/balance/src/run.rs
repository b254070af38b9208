//! Load, reply.

use api::wire::balance::{BalanceReply, ExpiringReply, ProgressReply, TierReply};
use club::balance::{self, Balance, EXPIRING_WITHIN_DAYS};
use kernel::Lang;
use loyalty::tier;
use web::problem::lang;
use web::{Call, Problem, Reply};

/// Answers with the caller's balance.
///
/// # Errors
/// 409 for an erased account or a brand without a programme.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let member = call.guest()?.member;
    let balance = balance::read(call.sql, member, call.now)?;
    let tier = tier_reply(&balance, lang(call.language))?;
    let zone = balance.rules.home_zone();
    Reply::json(
        200,
        &BalanceReply {
            available: balance.available.to_string(),
            held: balance.held.to_string(),
            pending: balance.pending.to_string(),
            expiring: balance.expiring.map(|(points, first_at)| ExpiringReply {
                points: points.to_string(),
                first_at: first_at.rfc3339_in(&zone),
                within_days: EXPIRING_WITHIN_DAYS,
            }),
            tier,
            point_values: balance.rules.point_values.iter().map(|&value| value.into()).collect(),
        },
    )
}

/// The tier, and the way to the next. Without a receipt there is no home outlet, and so no month to measure.
fn tier_reply(balance: &Balance, lang: Lang) -> Result<TierReply, Problem> {
    let unknown = || Problem::internal(format!("tier {} is not in the programme in force", balance.tier));
    let current = balance.rules.tier(&balance.tier).ok_or_else(unknown)?;
    let mut reply = TierReply {
        code: current.code.clone(),
        name: current.name.text(lang).to_owned(),
        earn_rate: current.earn_rate.to_string(),
        progress: None,
    };
    let Some(spent) = balance.spent else { return Ok(reply) };
    let progress = tier::progress(&balance.rules, &balance.tier, spent).map_err(club::Refusal::from)?;
    reply.progress = progress.next.map(|next| ProgressReply {
        next_tier: next.tier.code.clone(),
        next_tier_name: next.tier.name.text(lang).to_owned(),
        spent: progress.spent.into(),
        threshold: next.threshold.into(),
        left: next.left.into(),
    });
    Ok(reply)
}

//! Parse, adjust, reply.

use api::problem as p;
use api::wire::PointsBalance;
use api::wire::adjust::{AdjustmentBody, AdjustmentReply};
use club::Moment;
use club::adjust::{self, Adjustment, EXPIRES_DAYS_MAX};
use kernel::{MemberId, Points};
use membership::staff_auth::Permission;
use web::fields::Fields;
use web::{Call, Problem, Reply, body, idempotency};

/// Characters of a reason.
const REASON_LEN_MIN: usize = 3;
const REASON_LEN_MAX: usize = 200;

/// Corrects a balance.
///
/// # Errors
/// What the correction is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let staff = call.staff(Permission::AdjustPoints)?.clone();
    let member = call.parameter("id", MemberId::parse)?;
    let body: AdjustmentBody = body::json(&call.request)?;
    let points = check(&body)?;
    idempotency::once(call, |call, tx| {
        let asked = Adjustment {
            member,
            points,
            reason: &body.reason,
            expires_in_days: body.expires_in_days,
            by: staff.id,
            role: staff.grant.role(),
        };
        let mut moment = Moment { now: call.now, ids: &mut call.ids };
        let outcome = adjust::adjust(tx, &asked, &mut moment)?;
        let (pending, available, held) = outcome.balance;
        Reply::json(
            201,
            &AdjustmentReply {
                entry: outcome.entry.id.to_string(),
                member: member.to_string(),
                points: points.to_string(),
                balance: PointsBalance::new(pending, available, held),
            },
        )
    })
}

fn check(body: &AdjustmentBody) -> Result<Points, Problem> {
    let mut fields = Fields::new();
    let points = fields.read("/points", Points::parse(&body.points));
    if points.is_some_and(Points::is_zero) {
        fields.fault(&p::INVALID_FIELD, "/points", "must not be zero");
    }
    fields.length("/reason", &body.reason, REASON_LEN_MAX);
    if (1..REASON_LEN_MIN).contains(&body.reason.trim().chars().count()) {
        fields.fault(&p::INVALID_FIELD, "/reason", "say why");
    }
    if let Some(days) = body.expires_in_days {
        if !(1..=EXPIRES_DAYS_MAX).contains(&days) {
            fields.fault(&p::INVALID_FIELD, "/expires_in_days", "1 to 3660 days");
        }
        if points.is_some_and(|points| points < Points::ZERO) {
            fields.fault(&p::INVALID_FIELD, "/expires_in_days", "only points given can expire");
        }
    }
    fields.finish()?;
    points.ok_or_else(|| Problem::internal("points without a value passed the check"))
}

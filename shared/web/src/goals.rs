//! Staff goals: refusals as problems, standings as replies.

use api::problem as p;
use api::wire::goals::{PartReply, StandingReply};
use crew::Refused;
use crew::judge::Judged;
use kernel::ParseError;
use membership::rotating_code::Unproven;
use membership::staff_auth::{Permission, Scope};
use merit::Gap;
use merit::goal::Goal;
use merit::number::Fraction;
use merit::score::NoScore;
use store::Sql;
use store::outlets::Outlet;

use crate::auth::Staff;
use crate::call::Call;
use crate::problem::{Problem, Text};

/// Longest code of an outlet, a brand, a goal.
const CODE_LEN_MAX: usize = 64;
/// Milliseconds in a second.
const SECOND_MS: i64 = 1_000;
const PERCENT: i64 = 100;

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        use Refused as R;
        let words = refused.words().map(Text::Words);
        let told = |kind| match words.clone() {
            Some(words) => Self::of(kind).because(words),
            None => Self::of(kind),
        };
        match refused {
            R::Store(error) => error.into(),
            R::Club(refusal) => refusal.into(),
            R::Inconsistent(_) => Self::internal(refused.to_string()),
            R::UnknownBrand
            | R::UnknownGoal
            | R::UnknownGroup
            | R::UnknownShift
            | R::UnknownCard
            | R::UnknownUse
            | R::NotLinked => Self::of(&p::NOT_FOUND),
            R::UnknownOutlet => told(&p::UNKNOWN_OUTLET),
            R::UnknownStaff => told(&p::UNKNOWN_STAFF),
            R::Rules(problems) => problems.into_iter().fold(Self::of(&p::GOAL_INVALID), |all, one| {
                all.at(format!("/goal{}", one.pointer), Text::Words(one.fault.words()))
            }),
            R::OtherGoal | R::Ended | R::TooManyGoals(_) => told(&p::GOAL_STATE),
            R::EffectiveOn => told(&p::EFFECTIVE_TOO_EARLY),
            R::PlanMonth => told(&p::IMPLAUSIBLE_TIME),
            R::PlanCurrency => match words {
                Some(words) => Self::of(&p::WRONG_CURRENCY).at("/revenue/currency", words),
                None => Self::of(&p::WRONG_CURRENCY),
            },
            R::ShiftOpen { id, since } => told(&p::SHIFT_STATE)
                .with("shift", crew::shift::text_of(id))
                .with("opened_at", since.to_string()),
            R::ShiftEnded | R::ShiftOverlap => told(&p::SHIFT_STATE),
            R::ShiftTime(_) | R::BusinessDate => told(&p::IMPLAUSIBLE_TIME),
            R::CardInactive => Self::of(&p::CARD_INACTIVE),
            R::Code { why: Unproven::NotRotating, .. } => told(&p::ROTATING_CODE_REQUIRED),
            R::Code { .. } => told(&p::CODE_REFUSED),
            R::CodeSpent => Self::of(&p::CODE_SPENT),
            R::TooManyCodes { wait_ms } => told(&p::RATE_LIMITED).retry_after(wait_ms / SECOND_MS + 1),
            R::NoCardRules | R::OwnHand => told(&p::STAFF_DISCOUNT_REFUSED),
            R::CardLimit { day_left, month_left, day_uses_left, month_uses_left } => {
                Self::of(&p::STAFF_DISCOUNT_LIMIT)
                    .with("day_left", day_left.amount())
                    .with("month_left", month_left.amount())
                    .with("day_uses_left", day_uses_left)
                    .with("month_uses_left", month_uses_left)
            }
            R::UseConflict | R::SaleStands => told(&p::RECEIPT_CONFLICT),
            R::Linked => Self::of(&p::STAFF_LINKED),
        }
    }
}

/// Reads a code of a brand, an outlet or a goal in a path or a query.
///
/// # Errors
/// When it cannot be one.
pub fn code(text: &str) -> Result<String, ParseError> {
    let lawful = (1..=CODE_LEN_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    lawful.then(|| text.to_owned()).ok_or(ParseError("not a code"))
}

/// The outlet with a code, if the caller has the permission there.
///
/// # Errors
/// 404 for one that there is not, and for others' alike.
pub fn outlet_of(
    sql: &dyn Sql,
    staff: &Staff,
    permission: Permission,
    code: &str,
) -> Result<Outlet, Problem> {
    let found = match crew::ground::load_outlet(sql, code) {
        Ok(outlet) => Some(outlet),
        Err(Refused::UnknownOutlet) => None,
        Err(other) => return Err(other.into()),
    };
    found
        .filter(|outlet| staff.grant.may_at(permission, outlet.id, outlet.franchisee))
        .ok_or_else(|| Problem::of(&p::NOT_FOUND))
}

/// The outlet that the query names; else where the caller usually works, else the first of their scope.
///
/// # Errors
/// 404 where there is none that the caller may see.
pub fn chosen_outlet(call: &Call<'_>, permission: Permission) -> Result<Outlet, Problem> {
    let staff = call.staff(permission)?;
    if let Some(code) = call.query("outlet", code)? {
        return outlet_of(call.sql, staff, permission, &code);
    }
    let person = store::staff::load(call.sql, staff.id)?;
    let usual = person.and_then(|person| person.outlet);
    let first = match staff.grant.scope() {
        Scope::Outlets(outlets) => {
            usual.filter(|outlet| outlets.contains(outlet)).or_else(|| outlets.first().copied())
        }
        Scope::Everything | Scope::Franchisee(_) => usual,
    };
    let found = first.map(|id| store::outlets::load(call.sql, id)).transpose()?.flatten();
    found
        .filter(|outlet| staff.grant.may_at(permission, outlet.id, outlet.franchisee))
        .ok_or_else(|| Problem::of(&p::NOT_FOUND))
}

/// How somebody stands, for a reply.
#[must_use]
pub fn standing(goal: &Goal, judged: &Judged) -> StandingReply {
    let part = |(component, part): (&merit::goal::Component, &merit::score::Part)| PartReply {
        value: part.value.ok().map(|value| value.to_string()),
        target: component.target.to_string(),
        worth_percent: part.worth.and_then(percent).ok(),
    };
    let no_score = match judged.standing.score {
        Ok(_) => None,
        Err(NoScore::BelowMinimum { .. }) => Some("below_minimum".to_owned()),
        Err(NoScore::Gap(gap)) => Some(gap.code().to_owned()),
    };
    StandingReply {
        parts: goal.components.iter().zip(&judged.standing.parts).map(part).collect(),
        score_percent: judged.standing.score.ok().and_then(|score| percent(score).ok()),
        no_score,
        level_percent: judged.won.level,
        place: judged.place,
        of: judged.of,
        receipts: judged.standing.volume,
    }
}

fn percent(of: Fraction) -> Result<String, Gap> {
    Ok(of.times(Fraction::whole(PERCENT))?.to_string())
}

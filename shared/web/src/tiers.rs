//! Tiers: refusals as problems, standings and grants as replies.

use api::problem as p;
use api::wire::tiers::{
    ArithmeticReply, HomeMoveReply, JudgedReply, MemberHomeReply, NextTierReply, RequirementReply,
    TierEventReply, TierGrantReply, TierStandingReply,
};
use club::tiers::grants::Refused;
use club::tiers::moving::{self, MOVE_DAYS_MIN};
use club::tiers::view::View;
use kernel::id::{format_id, parse_id};
use kernel::{Lang, MemberId, Money, ParseError, Points, Zone};
use loyalty::tiers::rules::{Facts, Requirement};
use store::tiers::Arithmetic;
use store::tiers::grants::Grant;
use store::tiers::records::Event;

use crate::problem::{Problem, Text};

/// What ids of grants and of changes begin with.
const GRANT: &str = "tgr";
const EVENT: &str = "tev";

/// Reads the id of a grant.
///
/// # Errors
/// When the text is not one.
pub fn grant_id(text: &str) -> Result<i64, ParseError> {
    parse_id(GRANT, text)
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        use Refused as R;
        let words = refused.to_string();
        match refused {
            R::Store(error) => error.into(),
            R::Club(refusal) => refusal.into(),
            R::UnknownMember | R::UnknownGrant => Self::of(&p::NOT_FOUND),
            R::MemberInactive => Self::of(&p::MEMBER_INACTIVE),
            R::OwnAccount => Self::of(&p::OWN_ACCOUNT),
            R::UnknownTier => Self::of(&p::INVALID_FIELD).at("/tier", words),
            R::BadTerm => Self::of(&p::INVALID_FIELD).at("/until", words),
            R::TooLong { days_max } => {
                Self::of(&p::ADJUSTMENT_LIMIT).at("/until", words).with("days_max", days_max)
            }
            R::AboveDayLimit { max } => Self::of(&p::ADJUSTMENT_LIMIT).because(words).with("max", max),
            R::TooMany => Self::of(&p::TIER_GRANT_LIMIT).because(words),
            R::HasEnded => Self::of(&p::TIER_GRANT_ENDED),
        }
    }
}

impl From<moving::Refused> for Problem {
    fn from(refused: moving::Refused) -> Self {
        use moving::Refused as R;
        match refused {
            R::Store(error) => error.into(),
            R::UnknownMember => Self::of(&p::NOT_FOUND),
            R::MemberInactive => Self::of(&p::MEMBER_INACTIVE),
            R::UnknownOutlet => Self::of(&p::UNKNOWN_OUTLET).at("/outlet", three(NO_OUTLET)),
            R::NoHome => Self::of(&p::HOME_STATE).because(three(NO_HOME)),
            R::OwnAccount => Self::of(&p::OWN_ACCOUNT),
            R::MovedLately => {
                Self::of(&p::HOME_STATE).because(three(MOVED_LATELY)).with("days", MOVE_DAYS_MIN)
            }
            R::BetweenMonths { until } => Self::of(&p::HOME_STATE)
                .because(three(BETWEEN_MONTHS))
                .with("from", until.rfc3339_in(&Zone::UTC)),
            R::AboveDayLimit { max } => Self::of(&p::ADJUSTMENT_LIMIT).with("max", max),
        }
    }
}

const NO_OUTLET: [&str; 3] = [
    "у бренда нет такой действующей точки",
    "брендте мұндай жұмыс істейтін нүкте жоқ",
    "the brand has no such outlet",
];
const NO_HOME: [&str; 3] = [
    "дома ещё нет: его даст первый чек",
    "үй әлі жоқ: оны бірінші чек береді",
    "the member has no home yet: their first receipt gives them one",
];
const MOVED_LATELY: [&str; 3] = [
    "дом недавно уже переносили вручную",
    "үй жақында қолмен ауыстырылған",
    "the home was moved by hand lately",
];

const BETWEEN_MONTHS: [&str; 3] = [
    "в одном из двух мест уже новый месяц, в другом ещё нет: перенести можно, когда он начнётся в обоих",
    "екі орынның бірінде жаңа ай басталған, екіншісінде әлі жоқ: екеуінде де басталғанда ауыстыруға болады",
    "a month has begun at one of the two homes and not yet at the other: move it once it has at both",
];

fn three(words: [&str; 3]) -> Text {
    Text::Words(words.map(str::to_owned))
}

/// Where a member is at home, for a reply.
#[must_use]
pub fn home(member: MemberId, view: moving::View) -> MemberHomeReply {
    let (outlet, zone) = view.home.unzip();
    let shown = zone.as_deref().and_then(|zone| Zone::parse(zone).ok()).unwrap_or(Zone::UTC);
    let moves = view.moves.into_iter().map(|moved| HomeMoveReply {
        from: moved.before,
        to: moved.after,
        on: moved.on.to_string(),
        at: moved.at.rfc3339_in(&shown),
        by: moved.by.map(|staff| staff.to_string()),
        reason: moved.reason,
    });
    MemberHomeReply { member: member.to_string(), outlet, zone, moves: moves.collect() }
}

/// How a member stands, for a reply.
#[must_use]
pub fn standing(member: MemberId, view: &View, lang: Lang) -> TierStandingReply {
    let rules = &*view.rules;
    let name = |code: &str| rules.tier(code).map_or(code, |tier| tier.name.text(lang)).to_owned();
    let next = rules.tiers.get(rules.tier_place(&view.tier) + 1);
    let next_tier = next.and_then(|tier| {
        let requirement = requirement(&tier.requirement()?, &view.facts);
        Some(NextTierReply { tier: tier.code.clone(), name: tier.name.text(lang).to_owned(), requirement })
    });
    TierStandingReply {
        member: member.to_string(),
        tier: view.tier.clone(),
        name: name(&view.tier),
        judged: view.judged.as_ref().map(|judged| JudgedReply {
            tier: judged.tier.clone(),
            valid_until: judged.valid_until.map(|on| on.to_string()),
            grace_until: judged.falls_on.map(|on| on.to_string()),
            floor: judged.floor.clone(),
        }),
        next_on: view.next_on.to_string(),
        so_far: arithmetic(&view.so_far),
        next_tier,
        grants: view.grants.iter().map(|grant| granted(grant, &view.zone)).collect(),
        events: view.events.iter().map(|event| changed(event, &view.zone)).collect(),
    }
}

/// A grant for a reply, its times in `zone`.
#[must_use]
pub fn granted(grant: &Grant, zone: &Zone) -> TierGrantReply {
    TierGrantReply {
        id: format_id(GRANT, grant.id),
        member: grant.member.to_string(),
        tier: grant.tier.clone(),
        from: grant.from_at.rfc3339_in(zone),
        until: grant.until_at.map(|at| at.rfc3339_in(zone)),
        reason: grant.reason.clone(),
        revoked_at: grant.revoked.map(|(at, _)| at.rfc3339_in(zone)),
    }
}

fn changed(event: &Event, zone: &Zone) -> TierEventReply {
    TierEventReply {
        id: format_id(EVENT, event.id),
        cause: event.cause.clone(),
        from: event.before.clone(),
        to: event.after.clone(),
        at: event.effective_at.rfc3339_in(zone),
        recorded_at: event.recorded_at.rfc3339_in(zone),
        arithmetic: arithmetic(&event.arithmetic),
        grant: event.grant.map(|id| format_id(GRANT, id)),
    }
}

fn arithmetic(arithmetic: &Arithmetic) -> ArithmeticReply {
    ArithmeticReply {
        from: arithmetic.window_from.map(|on| on.to_string()),
        until: arithmetic.window_until.to_string(),
        spend: Money::new(arithmetic.spend_minor, arithmetic.currency).into(),
        points: arithmetic.points.to_string(),
        visits: arithmetic.visits,
        earned: arithmetic.earned.clone(),
        programme: arithmetic.programme.to_string(),
    }
}

fn requirement(tree: &Requirement, facts: &Facts) -> RequirementReply {
    let mut reply = RequirementReply {
        kind: String::new(),
        met: tree.is_met(facts),
        need: None,
        have: None,
        left: None,
        currency: None,
        of: Vec::new(),
    };
    let parts = |of: &[Requirement]| of.iter().map(|part| requirement(part, facts)).collect();
    match tree {
        Requirement::Spend { .. } => {
            let currency = facts.spend.currency();
            reply.kind = "spend".to_owned();
            reply.have = Some(facts.spend.amount());
            reply.currency = Some(currency.code().to_owned());
            if let Some(need) = tree.amount_in(currency) {
                let left = need.checked_sub(facts.spend).filter(|left| !left.is_negative());
                reply.need = Some(need.amount());
                reply.left = Some(left.unwrap_or(Money::zero(currency)).amount());
            }
        }
        Requirement::Points { points } => {
            let left = points.checked_sub(facts.points).unwrap_or(Points::ZERO).max(Points::ZERO);
            reply.kind = "points".to_owned();
            reply.need = Some(points.to_string());
            reply.have = Some(facts.points.to_string());
            reply.left = Some(left.to_string());
        }
        Requirement::Visits { visits } => {
            reply.kind = "visits".to_owned();
            reply.need = Some(visits.to_string());
            reply.have = Some(facts.visits.to_string());
            reply.left = Some(visits.saturating_sub(facts.visits).to_string());
        }
        Requirement::All { of } => {
            reply.kind = "all".to_owned();
            reply.of = parts(of);
        }
        Requirement::Any { of } => {
            reply.kind = "any".to_owned();
            reply.of = parts(of);
        }
    }
    reply
}

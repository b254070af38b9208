//! Fraud control: refusals as problems, rules, trials and cases as replies.

use api::problem as p;
use api::wire::fraud::{
    AccountStandingReply, AppealReply, FraudCaseReply, FraudCaseView, FraudDecisionReply, FraudDelayReply,
    FraudReasonReply, FraudRulesReply, FraudSubjectReply, NamedCount, RulesModeBody, TrialMember, TrialReply,
};
use club::watching::ruling;
use fraud::advice::Advice;
use fraud::{Reason, Subject};
use kernel::id::{format_id, parse_id};
use kernel::{HoldId, Lang, MemberId, ParseError, ReceiptId, ReturnId, StaffId};
use membership::secrets::{Place, Secrets};
use store::fraud::appeals::Appeal;
use store::fraud::cases::Case;
use store::fraud::decisions::Decision;
use store::fraud::delays::Waiting;
use store::fraud::rules::Version;
use store::fraud::trials::{self, Trial};
use store::{Sql, StoreError};
use watch::review::{Account, View};
use watch::{appeal, inline, review, rules, trial};

use crate::problem::{Problem, Text};

const CASE: &str = "fcs";
const DECISION: &str = "fdc";
const RULES: &str = "frv";
const TRIAL: &str = "ftr";
const APPEAL: &str = "apl";

/// Reads the id of a case.
///
/// # Errors
/// When the text is not one.
pub fn case_id(text: &str) -> Result<i64, ParseError> {
    parse_id(CASE, text)
}

/// Reads the id of a trial.
///
/// # Errors
/// When the text is not one.
pub fn trial_id(text: &str) -> Result<i64, ParseError> {
    parse_id(TRIAL, text)
}

/// Where an appeal's text is sealed.
#[must_use]
pub const fn appeal_place(id: i64) -> Place<'static> {
    Place { table: "fraud_appeals", field: "text", row: id }
}

impl From<rules::Refused> for Problem {
    fn from(refused: rules::Refused) -> Self {
        match refused {
            rules::Refused::Store(error) => error.into(),
            rules::Refused::UnknownBrand => Self::of(&p::NOT_FOUND),
            rules::Refused::Rules(problems) => faults(problems),
        }
    }
}

impl From<trial::Refused> for Problem {
    fn from(refused: trial::Refused) -> Self {
        let words = refused.to_string();
        match refused {
            trial::Refused::Store(error) => error.into(),
            trial::Refused::UnknownBrand => Self::of(&p::UNKNOWN_BRAND).at("/brand", words),
            trial::Refused::Unknown => Self::of(&p::NOT_FOUND),
            trial::Refused::Span => Self::of(&p::INVALID_FIELD).at("/until", words),
            trial::Refused::Rules(problems) => faults(problems),
        }
    }
}

impl From<review::Refused> for Problem {
    fn from(refused: review::Refused) -> Self {
        match refused {
            review::Refused::Store(error) => error.into(),
            review::Refused::Unknown | review::Refused::UnknownMember => Self::of(&p::NOT_FOUND),
            review::Refused::MemberInactive => Self::of(&p::MEMBER_INACTIVE),
            review::Refused::Decided => Self::of(&p::CASE_OVERTURNED),
            review::Refused::OtherOpen => Self::of(&p::OTHER_CASE_OPEN),
            review::Refused::NothingToStop => {
                let words = refused.to_string();
                Self::of(&p::INVALID_FIELD).at("/action", words)
            }
        }
    }
}

impl From<ruling::Refused> for Problem {
    fn from(refused: ruling::Refused) -> Self {
        match refused {
            ruling::Refused::Review(refused) => refused.into(),
            ruling::Refused::Club(refusal) => refusal.into(),
        }
    }
}

impl From<appeal::Refused> for Problem {
    fn from(refused: appeal::Refused) -> Self {
        match refused {
            appeal::Refused::Store(error) => error.into(),
            appeal::Refused::Nothing => Self::of(&p::NOTHING_TO_APPEAL),
            appeal::Refused::Enough => Self::of(&p::APPEAL_LIMIT),
        }
    }
}

fn faults(problems: Vec<fraud::rules::Problem>) -> Problem {
    problems.into_iter().fold(Problem::of(&p::FRAUD_RULES_INVALID), |problem, (pointer, fault)| {
        problem.at(format!("/rules{pointer}"), Text::Words(fault.words()))
    })
}

/// A version for a reply.
///
/// # Errors
/// When the stored rules cannot be read.
pub fn version(version: &Version) -> Result<FraudRulesReply, StoreError> {
    Ok(FraudRulesReply {
        id: Some(format_id(RULES, version.id)),
        brand: version.brand.clone(),
        version: version.version,
        mode: if version.is_live { RulesModeBody::Live } else { RulesModeBody::Shadow },
        rules: rules::read(&version.rules)?,
        note: version.note.clone(),
        created_by: version.created_by.map(|staff| staff.to_string()),
        created_at: Some(version.created_at.to_string()),
    })
}

/// The rules of a brand that never published any.
#[must_use]
pub fn standard(brand: &str) -> FraudRulesReply {
    FraudRulesReply {
        id: None,
        brand: brand.to_owned(),
        version: 0,
        mode: RulesModeBody::Shadow,
        rules: fraud::standard::rules(),
        note: "standard".to_owned(),
        created_by: None,
        created_at: None,
    }
}

/// A trial for a reply.
///
/// # Errors
/// A failure of storage.
pub fn trial(sql: &dyn Sql, trial: &Trial) -> Result<TrialReply, StoreError> {
    let counts = trials::list_counts(sql, trial.id)?;
    let of = |kind: &str| {
        let named = counts.iter().filter(|(counted, ..)| counted == kind);
        named.map(|(_, name, count)| NamedCount { name: name.clone(), count: *count }).collect()
    };
    let members = trials::count_members(sql, trial.id)?;
    let top = trials::list_top(sql, trial.id, trial::TOP_MAX)?;
    Ok(TrialReply {
        id: format_id(TRIAL, trial.id),
        brand: trial.brand.clone(),
        done: trial.done,
        events: trial.events,
        actions: of("action"),
        rules: of("rule"),
        members: members.into_iter().map(|(name, count)| NamedCount { name, count }).collect(),
        top: top
            .into_iter()
            .map(|(member, score, action)| TrialMember { member: member.to_string(), score, action })
            .collect(),
        changed_at: trial.changed_at.to_string(),
    })
}

/// A decision for a reply.
///
/// # Errors
/// When the stored reasons cannot be read.
pub fn decision(decision: &Decision, lang: Lang) -> Result<FraudDecisionReply, StoreError> {
    let reasons: Vec<Reason> = serde_json::from_str(&decision.reasons)
        .map_err(|error| StoreError::Unreadable { what: "fraud reasons", problem: error.to_string() })?;
    Ok(FraudDecisionReply {
        id: format_id(DECISION, decision.id),
        event: decision.event.clone(),
        reference: decision.reference.as_deref().map(reference),
        member: decision.member.map(|member| member.to_string()),
        outlet: decision.outlet_code.clone(),
        staff: decision.staff.clone(),
        rules: decision.rules.map(|rules| format_id(RULES, rules)),
        decided_by: decision.by.map(|staff| staff.to_string()),
        note: decision.note.clone(),
        mode: decision.mode.clone(),
        score: decision.score,
        action: decision.action.clone(),
        reasons: reasons
            .iter()
            .map(|reason| FraudReasonReply {
                rule: reason.rule.clone(),
                weight: reason.weight,
                text: reason.text(lang),
            })
            .collect(),
        at: decision.effective_at.to_string(),
        recorded_at: decision.recorded_at.to_string(),
    })
}

/// The ledger's event of a receipt, hold or return as its id on the wire.
fn reference(event: &str) -> String {
    let Some((kind, raw)) = event.split_once(':') else { return event.to_owned() };
    let Ok(raw) = raw.parse::<i64>() else { return event.to_owned() };
    match kind {
        "receipt" => ReceiptId::from_raw(raw).to_string(),
        "hold" => HoldId::from_raw(raw).to_string(),
        "return" => ReturnId::from_raw(raw).to_string(),
        "case" => format_id(CASE, raw),
        _ => event.to_owned(),
    }
}

/// A case for a reply.
#[must_use]
pub fn case(case: &Case) -> FraudCaseReply {
    FraudCaseReply {
        id: format_id(CASE, case.id),
        brand: case.brand.clone(),
        member: case.member.map(|member| member.to_string()),
        outlet: case.outlet_code.clone(),
        subject: case.subject.as_deref().map(subject),
        status: case.status.clone(),
        score: case.score,
        action: case.action.clone(),
        decisions: case.decisions,
        has_appeal: case.has_appeal,
        opened_at: case.opened_at.to_string(),
        decided_at: case.decided.map(|(at, _)| at.to_string()),
        decided_by: case.decided.and_then(|(_, by)| by).map(|staff: StaffId| staff.to_string()),
        note: case.note.clone(),
        until: case.until.map(|until| until.to_string()),
    }
}

/// What is known of a device, a phone or a block of numbers: enough to tell it from others.
fn subject(key: &str) -> FraudSubjectReply {
    let Some(subject) = Subject::parse(key) else {
        return FraudSubjectReply { kind: "unknown".to_owned(), label: key.to_owned() };
    };
    let label = match &subject {
        Subject::Device(trace) | Subject::Phone(trace) | Subject::Network(trace) => {
            format!("{:016x}", trace.raw())
        }
        _ => key.split_once(':').map_or(key, |(_, what)| what).to_owned(),
    };
    FraudSubjectReply { kind: subject.kind().to_owned(), label }
}

/// A case with everything for a reply. `secrets` open what guests wrote.
///
/// # Errors
/// When something stored cannot be read.
pub fn view(view: &View, secrets: &Secrets, lang: Lang) -> Result<FraudCaseView, StoreError> {
    let decisions = view.decisions.iter().map(|made| decision(made, lang));
    let appeals = view.appeals.iter().map(|made| {
        let text = made.text_sealed.as_deref().map(|sealed| open(secrets, made.id, sealed)).transpose()?;
        Ok(appeal(made, text))
    });
    Ok(FraudCaseView {
        case: case(&view.case),
        standing: view.standing.as_ref().map(|standing| standing.standing.clone()),
        decisions: decisions.collect::<Result<_, StoreError>>()?,
        delayed: view
            .delays
            .iter()
            .map(|delay| FraudDelayReply {
                points: delay.points.to_string(),
                until: delay.until.to_string(),
                ended: delay.ended.clone(),
                taken: delay.taken.to_string(),
            })
            .collect(),
        appeals: appeals.collect::<Result<_, StoreError>>()?,
    })
}

fn open(secrets: &Secrets, id: i64, sealed: &[u8]) -> Result<String, StoreError> {
    let opened = secrets.vault().open(appeal_place(id), sealed);
    opened
        .map(|text| text.to_string())
        .map_err(|error| StoreError::Unreadable { what: "appeal", problem: error.to_string() })
}

fn appeal(made: &Appeal, text: Option<String>) -> AppealReply {
    AppealReply {
        id: format_id(APPEAL, made.id),
        text,
        at: made.created_at.to_string(),
        answered_at: made.answered.map(|(at, _)| at.to_string()),
        upheld: made.answered.map(|(_, upheld)| upheld),
    }
}

/// How an account stands, for its guest.
#[must_use]
pub fn account(account: &Account, lang: Lang) -> AccountStandingReply {
    let Waiting { points, until, withheld } = account.waiting;
    let until = until.filter(|until| points.is_positive() && *until < inline::WITHHELD_UNTIL);
    let standing = account.standing.as_ref();
    AccountStandingReply {
        standing: standing.map(|standing| standing.standing.clone()),
        standing_until: standing.and_then(|standing| standing.until).map(|until| until.to_string()),
        points_waiting: points.to_string(),
        points_withheld: withheld.to_string(),
        until: until.map(|until| until.to_string()),
        appeals: account.appeals.iter().map(|made| appeal(made, None)).collect(),
        advice: advice(account).map(|advice| advice.text(lang).to_owned()),
        can_appeal: account.can_appeal,
        appeal_url: account.page.clone(),
    }
}

/// What a guest is told to do, if there is anything.
fn advice(account: &Account) -> Option<Advice> {
    match account.standing.as_ref().map(|standing| standing.standing.as_str()) {
        Some(inline::HOLD | inline::BLOCK) => Some(Advice::Appeal),
        Some(inline::CHALLENGE) => Some(Advice::ShowCode),
        _ => {
            let Waiting { points, withheld, .. } = account.waiting;
            (points.is_positive() || withheld.is_positive()).then_some(Advice::Wait)
        }
    }
}

/// What is said where spending is stopped: to the guest of an order, or to the cashier at a till.
pub(crate) fn stopped(is_till: bool, needs_code: bool) -> Text {
    let advice = match (is_till, needs_code) {
        (true, true) => Advice::AskForCode,
        (true, false) => Advice::SendToApp,
        (false, true) => Advice::ShowCode,
        (false, false) => Advice::Appeal,
    };
    Text::Words(advice.words().map(str::to_owned))
}

/// What a guest is told whose account cannot be erased while it is held.
pub(crate) fn appeal_first() -> Text {
    Text::Words(Advice::Appeal.words().map(str::to_owned))
}

/// A member's id in a path.
///
/// # Errors
/// When the text is not one.
pub fn member_id(text: &str) -> Result<MemberId, ParseError> {
    MemberId::parse(text)
}

//! A chat becomes a member's: by the guest's own number, for which Telegram vouches.

use club::signup::vouched::{self, Admitted, Vouched};
use club::{Moment, balance, limit};
use kernel::time::DAY_MS;
use membership::allowance::Allowance;
use membership::profile::{Consent, ConsentKind};
use shop::coupon;
use store::StoreError;
use store::telegram::links::{self, Link};

use crate::Refusal;
use crate::perform::{Ground, Outcome, Said, said_here};
use crate::reach;
use crate::state::{Marks, StepV1};

/// Numbers that one chat may share in a day: it has one, and changes it rarely.
pub const JOINS: Allowance = Allowance { max: 10, window_ms: DAY_MS };
const COUNTER: &str = "telegram.join";

/// Links the chat to the member with the shared number; makes one of whoever is none.
///
/// # Errors
/// [`Refusal::BadNumber`], [`Refusal::Blocked`], [`Refusal::Limited`]; a failure of storage. Consents that are missing
/// are no refusal: they are asked for.
pub(crate) fn join(
    ground: &Ground<'_>,
    marks: Marks,
    referral: Option<String>,
    moment: &mut Moment<'_>,
) -> Result<Outcome, Refusal> {
    let phone = ground.phone.ok_or(Refusal::BadNumber)?;
    if let Some(retry_after_seconds) = limit::hit(ground.tx, COUNTER, ground.chat_index, JOINS, moment.now)? {
        return Err(Refusal::Limited { retry_after_seconds });
    }
    let vouched = Vouched {
        brand: ground.brand,
        phone,
        language: ground.language,
        consents: given(ground, marks, moment)?,
        // One chat that brings many numbers is looked at as one device would be.
        device: ground.chat_index.try_into().unwrap_or_default(),
    };
    let admitted = match vouched::admit(ground.tx, vouched, ground.personal, moment)? {
        Admitted::ConsentsMissing => return Ok(ask(ground, marks, referral)),
        Admitted::Blocked => return Err(Refusal::Blocked),
        Admitted::Member { member, is_new } => (member, is_new),
    };
    let (member, is_new) = admitted;
    let code = match &referral {
        Some(code) if is_new => usable(ground, code, member, moment)?,
        _ => None,
    };
    link(ground, member, referral.filter(|_| is_new), moment)?;
    let points = balance::read(ground.tx, member, moment.now)?.available;
    Ok(Outcome {
        said: Said::Joined { is_new, points, coupon: code },
        step: Some(StepV1::Idle),
        language: None,
        is_member: true,
        stale_keys: Vec::new(),
    })
}

/// Nobody is made a member, and nobody is told whether the number is one's, before the consents are there.
fn ask(ground: &Ground<'_>, marks: Marks, referral: Option<String>) -> Outcome {
    Outcome {
        said: Said::AskConsents(marks),
        step: Some(StepV1::Joining { marks, referral }),
        language: None,
        is_member: ground.link.is_some(),
        stale_keys: Vec::new(),
    }
}

fn given(ground: &Ground<'_>, marks: Marks, moment: &Moment<'_>) -> Result<Vec<Consent>, StoreError> {
    [
        (ConsentKind::Terms, marks.terms),
        (ConsentKind::PersonalData, marks.personal_data),
        (ConsentKind::MarketingPush, marks.marketing),
    ]
    .into_iter()
    .filter(|(_, granted)| *granted)
    .map(|(kind, granted)| said_here(ground.account, kind, granted, moment.now))
    .collect()
}

/// A friend's code, if the new member can use it.
fn usable(
    ground: &Ground<'_>,
    code: &str,
    member: kernel::MemberId,
    moment: &Moment<'_>,
) -> Result<Option<String>, StoreError> {
    let typed = [code.to_owned()];
    let (good, _) = coupon::check(ground.tx, &ground.brand.code, Some(member), &typed, moment.now)?;
    Ok(good.into_iter().next().map(|fact| fact.code))
}

/// One chat for a member, one member for a chat: what was linked before is no longer.
fn link(
    ground: &Ground<'_>,
    member: kernel::MemberId,
    referral: Option<String>,
    moment: &mut Moment<'_>,
) -> Result<(), Refusal> {
    let (tx, brand) = (ground.tx, &ground.brand.code);
    if let Some(known) = links::load(tx, brand, ground.chat_index)? {
        if known.member == member {
            links::set_blocked(tx, brand, ground.chat_index, None)?;
            return reach::open(tx, member, ground.chat, ground.personal, moment);
        }
        reach::close(tx, known.member, moment.now)?;
        links::delete_of_member(tx, known.member)?;
    }
    links::delete_of_member(tx, member)?;
    let id = moment.ids.next(moment.now);
    let link = Link {
        id,
        brand: brand.clone(),
        chat_index: ground.chat_index.to_vec(),
        chat_sealed: ground.personal.seal(links::chat_place(id), &ground.chat.to_string()),
        member,
        referral,
        linked_at: moment.now,
        blocked_at: None,
    };
    links::insert(tx, &link)?;
    reach::open(tx, member, ground.chat, ground.personal, moment)
}

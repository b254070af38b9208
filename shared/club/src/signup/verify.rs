//! Answering a code: the right one lets in, and makes a member of whoever is none.

use fraud::facts::Trace;
use fraud::told::Origin;
use kernel::{ChallengeId, ConsentId, MemberId, Timestamp};
use ledger::grant;
use ledger::model::{Occasion, Wallet};
use loyalty::accrual;
use loyalty::programme::{Programme, WelcomeTrigger};
use membership::one_time_code::{self, Challenge, Code, Limit, Policy, Verdict};
use membership::profile::{Consent, Language};
use membership::secrets::{Indexed, Purpose};
use store::challenges::{self, ChallengeConsent, StoredChallenge};
use store::guests::MemberStatus;
use store::ledger::Due;
use store::members::{self, NewMember};
use store::{Sql, StoreError, consents, ledger as books};

use super::send::phone_place;
use super::{Refusal, check_consents, granted_at, missing};
use crate::personal::Personal;
use crate::receipt::welcome_event;
use crate::session::{self, KeyOf, Opened};
use crate::watching::{self, Watched};
use crate::{Moment, member, programme, unit};

/// When a stopped device is told to come again, in seconds: a person may have looked by then.
const STOPPED_SECONDS: i64 = 3_600;

/// An answer to a challenge.
#[derive(Debug, Clone)]
pub struct Answer {
    pub challenge: ChallengeId,
    pub code: Code,
    /// What the guest calls the device.
    pub label: Option<String>,
    /// Added to what came with the challenge: asked for once the code was right and something was missing.
    pub consents: Vec<ChallengeConsent>,
}

/// What an answer came to. Every outcome must be committed: a wrong answer has used up a try.
#[derive(Debug, Clone)]
pub enum Outcome {
    SignedIn {
        session: Box<Opened>,
        is_new: bool,
    },
    Wrong {
        tries_left: u32,
    },
    /// The code is right, the account is blocked.
    Blocked,
}

/// Judges an answer and signs in.
///
/// # Errors
/// [`Refusal::UnknownChallenge`], [`Refusal::ChallengeEnded`], [`Refusal::Consents`] (the challenge stays open, so
/// that the same code can be sent again with them), [`Refusal::ConsentTwice`]; a failure of storage.
pub fn verify(
    tx: &dyn Sql,
    policy: &Policy,
    answer: &Answer,
    personal: Personal<'_>,
    key_of: KeyOf,
    moment: &mut Moment<'_>,
) -> Result<Outcome, Refusal> {
    verify_from(tx, Whence::default(), policy, answer, personal, key_of, moment)
}

/// From where an answer comes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Whence<'a> {
    /// What the app runs on, if it says so.
    pub device: Option<Trace>,
    /// The client's network, as [`super::send::network`] gives it; empty where nobody knows.
    pub network: &'a str,
}

/// As [`verify`], from where it is known.
///
/// # Errors
/// As [`verify`].
pub fn verify_from(
    tx: &dyn Sql,
    whence: Whence<'_>,
    policy: &Policy,
    answer: &Answer,
    personal: Personal<'_>,
    key_of: KeyOf,
    moment: &mut Moment<'_>,
) -> Result<Outcome, Refusal> {
    check_consents(&answer.consents)?;
    if let Some(device) = whence.device {
        refuse_stopped(tx, answer.challenge, device, moment.now)?;
    }
    let Some(stored) = challenges::take_try(tx, answer.challenge, moment.now)? else {
        return Err(match challenges::load(tx, answer.challenge)? {
            None => Refusal::UnknownChallenge,
            Some(_) => Refusal::ChallengeEnded { challenge: answer.challenge },
        });
    };
    let key = personal.secrets.key(Purpose::OneTimeCodes);
    match policy.check(&key, &as_answered(policy, &stored), &answer.code, moment.now) {
        Verdict::Right => {}
        Verdict::Wrong { .. } => {
            note_wrong(tx, &stored, whence, personal, moment)?;
            return Ok(Outcome::Wrong { tries_left: stored.tries_left });
        }
        Verdict::Used | Verdict::Expired | Verdict::Exhausted => {
            return Err(Refusal::ChallengeEnded { challenge: stored.id });
        }
    }
    let given = given(tx, &stored, answer, moment.now)?;
    let known = members::load_by_phone(tx, &stored.brand, &stored.phone_index)?;
    let (member, is_new) = match known {
        Some(member) if member.status == MemberStatus::Blocked => {
            challenges::end(tx, stored.id, moment.now)?;
            return Ok(Outcome::Blocked);
        }
        Some(member) => {
            let signed = watching::signed_in(tx, &stored.brand, member.id, whence.device, moment);
            signed.map_err(Refusal::Club)?;
            (member.id, false)
        }
        None => {
            let phone = personal.open(phone_place(stored.id), stored.phone_sealed.as_deref())?;
            let phone = phone.ok_or(Refusal::ChallengeEnded { challenge: stored.id })?;
            let newcomer = Newcomer {
                brand: &stored.brand,
                phone_index: &stored.phone_index,
                phone: &phone,
                language: stored.language,
                device: whence.device,
            };
            (join(tx, &newcomer, personal, moment)?, true)
        }
    };
    agree(tx, member, given, moment)?;
    challenges::end(tx, stored.id, moment.now)?;
    let label = answer.label.as_deref();
    let session = session::open(tx, member, &stored.brand, label, personal, key_of, moment)?;
    watching::opened_on(tx, session.id, whence.device)?;
    Ok(Outcome::SignedIn { session: Box::new(session), is_new })
}

/// Counts a wrong answer, and ends a challenge of which it was the last.
fn note_wrong(
    tx: &dyn Sql,
    stored: &StoredChallenge,
    Whence { device, network }: Whence<'_>,
    personal: Personal<'_>,
    moment: &mut Moment<'_>,
) -> Result<(), StoreError> {
    if stored.tries_left == 0 {
        challenges::end(tx, stored.id, moment.now)?;
    }
    let phone = personal.open(phone_place(stored.id), stored.phone_sealed.as_deref())?;
    let phone = (stored.phone_index.as_slice(), phone.as_deref());
    let indexer = personal.secrets.blind_indexer();
    let network = Some(network).filter(|network| !network.is_empty());
    let network = network.map(|text| Trace::from_digest(indexer.index(Indexed::Address, text).bytes()));
    watching::wrong_code(tx, &stored.brand, phone, Origin { device, network }, moment)
}

/// A device that codes were tried out from has its codes looked at no more, except those for phones of guests who were on it
/// before; and this before a try is taken, so that the phone's owner keeps theirs. What it is told is what everybody is told who tries too much.
fn refuse_stopped(
    tx: &dyn Sql,
    challenge: ChallengeId,
    device: Trace,
    now: Timestamp,
) -> Result<(), Refusal> {
    let Some(stored) = challenges::load(tx, challenge)? else { return Ok(()) };
    let member = members::load_by_phone(tx, &stored.brand, &stored.phone_index)?.map(|member| member.id);
    if watch::inline::is_stopped(tx, &stored.brand, device, member, now)? {
        let limited = one_time_code::Refusal { limit: Limit::Address, retry_after_seconds: STOPPED_SECONDS };
        return Err(limited.into());
    }
    Ok(())
}

/// The challenge as the policy judges it: the try that this answer takes is not yet counted.
fn as_answered(policy: &Policy, stored: &StoredChallenge) -> Challenge {
    Challenge {
        id: stored.id,
        code_hash: stored.code_hash,
        expires_at: stored.expires_at,
        tries: policy.tries_max.saturating_sub(stored.tries_left.saturating_add(1)),
        answered: stored.ended_at.is_some(),
    }
}

/// What came with the challenge and with the answer; of one kind the answer's.
fn given(
    tx: &dyn Sql,
    stored: &StoredChallenge,
    answer: &Answer,
    now: Timestamp,
) -> Result<Vec<Consent>, StoreError> {
    let mut given = challenges::list_consents(tx, stored.id)?;
    given.retain(|earlier| answer.consents.iter().all(|later| later.kind != earlier.kind));
    given.extend(answer.consents.iter().cloned());
    given.iter().map(|consent| granted_at(consent, now)).collect()
}

/// Records what is news among the consents, and checks that nothing required is missing.
pub(super) fn agree(
    tx: &dyn Sql,
    member: MemberId,
    given: Vec<Consent>,
    moment: &mut Moment<'_>,
) -> Result<(), Refusal> {
    let mut all = consents::list(tx, member)?;
    for consent in member::consents::news(&all, given) {
        consents::insert(tx, ConsentId::new(moment.ids, moment.now), member, &consent)?;
        all.push(consent);
    }
    let missing = missing(&all);
    if missing.is_empty() { Ok(()) } else { Err(Refusal::Consents(missing)) }
}

/// Somebody whose phone is proven and who is no member yet.
pub(super) struct Newcomer<'a> {
    pub brand: &'a str,
    pub phone_index: &'a [u8],
    /// In clear, E.164.
    pub phone: &'a str,
    pub language: Language,
    pub device: Option<Trace>,
}

/// Makes a member: the record, the account, what is remembered of the phone, the welcome bonus if there is one.
pub(super) fn join(
    tx: &dyn Sql,
    newcomer: &Newcomer<'_>,
    personal: Personal<'_>,
    moment: &mut Moment<'_>,
) -> Result<MemberId, Refusal> {
    let brand = newcomer.brand;
    let rules = programme::in_force(tx, brand, moment.now)?.rules;
    let id = MemberId::new(moment.ids, moment.now);
    members::insert(
        tx,
        &NewMember {
            id,
            brand,
            phone_index: newcomer.phone_index,
            phone_sealed: &personal.seal(member::place(id, member::Field::Phone), newcomer.phone),
            language: newcomer.language,
            tier: entry_tier(&rules)?,
            joined_at: moment.now,
        },
    )?;
    books::insert_account(tx, id)?;
    let phone = (brand, newcomer.phone_index);
    let mut rejoining = watch::Moment { now: moment.now, ids: &mut *moment.ids };
    let is_welcome = watch::leaver::rejoin(tx, id, phone, &mut rejoining)?;
    let told = watching::of_sign_up(id, newcomer.phone, newcomer.device, moment.now);
    let prepared = watch::inline::prepare(tx, brand, None)?;
    let mut watched = Watched::judge(tx, &prepared, told, moment.now).map_err(Refusal::Club)?;
    if is_welcome {
        welcome(tx, id, brand, &rules, &mut watched, moment)?;
    }
    watched.conclude(tx, brand, None, moment).map_err(Refusal::Club)?;
    Ok(id)
}

/// The tier that every member begins in.
fn entry_tier(rules: &Programme) -> Result<&str, StoreError> {
    let entry = rules.tiers.first().ok_or_else(|| StoreError::Unreadable {
        what: "programme rules",
        problem: "there is no tier".to_owned(),
    })?;
    Ok(&entry.code)
}

fn welcome(
    tx: &dyn Sql,
    member: MemberId,
    brand: &str,
    rules: &Programme,
    watched: &mut Watched,
    moment: &mut Moment<'_>,
) -> Result<(), Refusal> {
    let zone = rules.home_zone();
    let day = moment.now.date_in(&zone);
    let Some(mut bonus) = accrual::welcome(rules, WelcomeTrigger::SignUp, day, &zone) else { return Ok(()) };
    bonus.activates_at = watched.postpone(&welcome_event(member), bonus.points, bonus.activates_at);
    let mut wallet = Wallet {
        member,
        available: kernel::Points::ZERO,
        held: kernel::Points::ZERO,
        pending: kernel::Points::ZERO,
        lots: Vec::new(),
    };
    let occasion = Occasion {
        event: welcome_event(member),
        receipt: None,
        outlet: None,
        effective_at: moment.now,
        recorded_at: moment.now,
    };
    if let Some(entry) = grant::accrue(&mut wallet, bonus, occasion, moment.ids)? {
        let due = Due::By(wallet.next_due(moment.now));
        books::insert_entries(tx, member, std::slice::from_ref(&entry), &unit(brand), None, due)?;
    }
    Ok(())
}

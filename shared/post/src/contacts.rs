//! Where a guest can be written to: devices, chats, mailboxes.

use club::Moment;
use club::limit;
use club::personal::Personal;
use kernel::time::{DAY_MS, MINUTE_MS};
use kernel::{ChallengeId, ContactId, MemberId, Timestamp};
use membership::allowance::Allowance;
use membership::one_time_code::{Challenge, Code, Policy, Verdict};
use membership::profile::Email;
use membership::secrets::{Indexed, Purpose};
use messaging::{Channel, Kind, Topic};
use store::contacts::{self, Contact, Form, NewContact, Status, address_place};
use store::guests::MemberStatus;
use store::members::{self, Member};
use store::notifications::{self, NewIntent, body_place};
use store::{Sql, StoreError};

use crate::refusal::Refusal;

/// Devices that a member is reached on; of more the one seen longest ago is forgotten.
pub const DEVICES_MAX: usize = 5;
/// Mailboxes of a member, confirmed or not.
pub const MAILBOXES_MAX: usize = 2;
/// Life of a code that was mailed.
pub const CODE_LIFETIME_MS: i64 = 30 * MINUTE_MS;
/// Codes that a member may have mailed.
const CODES_PER_MEMBER: Allowance = Allowance { max: 5, window_ms: DAY_MS };
/// Codes mailed to one address, whoever asks: nobody's mailbox is to be flooded through us.
const CODES_PER_ADDRESS: Allowance = Allowance { max: 3, window_ms: DAY_MS };
const PER_MEMBER: &str = "contact.code";
const PER_ADDRESS: &str = "contact.address";
/// Longest push token or installation id that is kept.
pub const ADDRESS_LEN_MAX: usize = 1_024;

/// Why an address is not used any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    /// The member took it back.
    Removed,
    /// Another member of the brand uses the device or chat now.
    Moved,
    /// There were too many; it was seen longest ago.
    Outnumbered,
    /// The provider does not know it any more.
    Dead,
}

impl Gone {
    /// The name in the database and on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::Moved => "moved",
            Self::Outnumbered => "outnumbered",
            Self::Dead => "dead",
        }
    }
}

/// How a device or a chat is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address<'a> {
    pub channel: Channel,
    pub form: Form,
    /// In clear.
    pub text: &'a str,
}

/// An address as its index finds it.
fn index(personal: Personal<'_>, channel: Channel, text: &str) -> Vec<u8> {
    let framed = format!("{}:{text}", channel.code());
    personal.secrets.blind_indexer().index(Indexed::Contact, &framed).bytes().to_vec()
}

/// Has a member reached on a device or in a chat from now on. The same address again is the same contact; it is taken
/// from another member of the brand, who has handed the device on.
///
/// # Errors
/// [`club::Refusal::MemberInactive`]; a failure of storage.
pub fn link(
    tx: &dyn Sql,
    member: MemberId,
    address: Address<'_>,
    personal: Personal<'_>,
    moment: &mut Moment<'_>,
) -> Result<ContactId, Refusal> {
    let record = active(tx, member)?;
    let address_index = index(personal, address.channel, address.text);
    if let Some(known) = contacts::load_in_use(tx, &record.brand, address.channel, &address_index)? {
        if known.member == member {
            contacts::touch(tx, known.id, moment.now)?;
            return Ok(ContactId::from_raw(known.id));
        }
        contacts::forget(tx, known.id, Gone::Moved.code(), moment.now)?;
    }
    make_room(tx, member, address.channel.kind(), None, moment.now)?;
    let id = moment.ids.next(moment.now);
    let new = NewContact {
        id,
        member,
        brand: &record.brand,
        channel: address.channel,
        form: address.form,
        address_sealed: &personal.seal(address_place(id), address.text),
        address_index: &address_index,
        status: Status::Active,
        now: moment.now,
    };
    contacts::insert(tx, &new)?;
    Ok(ContactId::from_raw(id))
}

/// Forgets mailboxes that were never proven, so that one more fits. Proven ones make room for a proven one only.
fn make_room_for_unproven(tx: &dyn Sql, member: MemberId, now: Timestamp) -> Result<(), StoreError> {
    let mut known = contacts::list(tx, member)?;
    known.retain(|contact| contact.channel == Channel::Email);
    let surplus = (known.len() + 1).saturating_sub(MAILBOXES_MAX);
    known.retain(|contact| contact.status == Status::Unconfirmed);
    known.sort_by_key(|contact| (contact.changed_at, contact.id));
    for contact in known.iter().take(surplus) {
        contacts::forget(tx, contact.id, Gone::Outnumbered.code(), now)?;
    }
    Ok(())
}

/// Forgets those seen longest ago, so that one more fits: `newcomer`, where it is among them already.
fn make_room(
    tx: &dyn Sql,
    member: MemberId,
    kind: Kind,
    newcomer: Option<i64>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let most = match kind {
        Kind::Email => MAILBOXES_MAX,
        Kind::Push | Kind::Telegram | Kind::Sms => DEVICES_MAX,
    };
    let mut known = contacts::list(tx, member)?;
    known.retain(|contact| contact.channel.kind() == kind && Some(contact.id) != newcomer);
    known.sort_by_key(|contact| (contact.changed_at, contact.id));
    let surplus = (known.len() + 1).saturating_sub(most);
    for contact in &known[..surplus] {
        contacts::forget(tx, contact.id, Gone::Outnumbered.code(), now)?;
    }
    Ok(())
}

/// The member whom a brand reaches by a device or chat.
///
/// # Errors
/// A failure of storage.
pub fn holder(
    sql: &dyn Sql,
    brand: &str,
    channel: Channel,
    address: &str,
    personal: Personal<'_>,
) -> Result<Option<Contact>, StoreError> {
    contacts::load_in_use(sql, brand, channel, &index(personal, channel, address))
}

/// Removes a contact at its member's wish.
///
/// # Errors
/// [`Refusal::Unknown`] for one that is not theirs, or gone already; a failure of storage.
pub fn remove(tx: &dyn Sql, member: MemberId, id: ContactId, now: Timestamp) -> Result<(), Refusal> {
    let contact = own(tx, member, id)?;
    contacts::forget(tx, contact.id, Gone::Removed.code(), now)?;
    Ok(())
}

fn own(sql: &dyn Sql, member: MemberId, id: ContactId) -> Result<Contact, Refusal> {
    let contact = contacts::load(sql, id.raw())?;
    let is_theirs = |contact: &Contact| {
        contact.member == member && matches!(contact.status, Status::Active | Status::Unconfirmed)
    };
    contact.filter(is_theirs).ok_or(Refusal::Unknown)
}

/// A contact as its member may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub contact: Contact,
    /// A mailbox in clear; nothing of a device or a chat.
    pub address: Option<String>,
}

/// A member's contacts, the oldest first.
///
/// # Errors
/// A failure of storage.
pub fn list(sql: &dyn Sql, member: MemberId, personal: Personal<'_>) -> Result<Vec<Shown>, StoreError> {
    contacts::list(sql, member)?
        .into_iter()
        .map(|contact| {
            let place = address_place(contact.id);
            let address = match contact.channel {
                Channel::Email => personal.open(place, contact.address_sealed.as_deref())?,
                _ => None,
            };
            Ok(Shown { contact, address })
        })
        .collect()
}

/// Mails a code to an address that a member gives. A code mailed to it before is worthless.
///
/// # Errors
/// [`club::Refusal::MemberInactive`], [`Refusal::Limited`]; a failure of storage.
pub fn offer_mailbox(
    tx: &dyn Sql,
    member: MemberId,
    email: &Email,
    personal: Personal<'_>,
    moment: &mut Moment<'_>,
) -> Result<ContactId, Refusal> {
    let record = active(tx, member)?;
    let address_index = index(personal, Channel::Email, email.expose());
    let subject = member.raw().to_be_bytes();
    for (name, subject, allowance) in
        [(PER_MEMBER, &subject[..], CODES_PER_MEMBER), (PER_ADDRESS, &address_index, CODES_PER_ADDRESS)]
    {
        if let Some(retry_after_seconds) = limit::hit(tx, name, subject, allowance, moment.now)? {
            return Err(Refusal::Limited { retry_after_seconds });
        }
    }
    let known = contacts::list(tx, member)?.into_iter().find(|contact| {
        contact.channel == Channel::Email && contact.address_index.as_deref() == Some(&address_index)
    });
    let id = match known {
        Some(contact) if contact.status == Status::Active => return Ok(ContactId::from_raw(contact.id)),
        Some(contact) => contact.id,
        None => {
            make_room_for_unproven(tx, member, moment.now)?;
            let id = moment.ids.next(moment.now);
            let new = NewContact {
                id,
                member,
                brand: &record.brand,
                channel: Channel::Email,
                form: Form::Address,
                address_sealed: &personal.seal(address_place(id), email.expose()),
                address_index: &address_index,
                status: Status::Unconfirmed,
                now: moment.now,
            };
            contacts::insert(tx, &new)?;
            id
        }
    };
    mail_code(tx, member, id, personal, moment)?;
    Ok(ContactId::from_raw(id))
}

fn mail_code(
    tx: &dyn Sql,
    member: MemberId,
    contact: i64,
    personal: Personal<'_>,
    moment: &mut Moment<'_>,
) -> Result<(), Refusal> {
    let code = Code::draw(personal.bytes())
        .ok_or_else(|| club::Refusal::Secrets("the random source is biased".to_owned()))?;
    let challenge =
        policy().challenge(&personal.secrets.key(Purpose::OneTimeCodes), named(contact), &code, moment.now);
    contacts::offer_proof(tx, contact, &challenge.code_hash, challenge.expires_at, moment.now)?;
    let id = moment.ids.next(moment.now);
    let topic = Topic::EmailConfirm;
    let intent = NewIntent {
        id,
        member,
        topic,
        dedupe: &format!("{}:{id}", topic.code()),
        data: &format!("{{\"contact\":\"{}\"}}", ContactId::from_raw(contact)),
        body_sealed: Some(&personal.seal(body_place(id), &code.expose())),
        created_at: moment.now,
        expires_at: challenge.expires_at,
    };
    notifications::insert(tx, &intent)?;
    Ok(())
}

/// What an answer came to. Both must be committed: a wrong one has used up a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    Confirmed,
    Wrong { tries_left: u32 },
}

/// Judges the code that a member read in a mailbox.
///
/// # Errors
/// [`Refusal::Unknown`], [`Refusal::CodeEnded`]; a failure of storage.
pub fn confirm_mailbox(
    tx: &dyn Sql,
    member: MemberId,
    id: ContactId,
    code: &Code,
    personal: Personal<'_>,
    now: Timestamp,
) -> Result<Answered, Refusal> {
    let contact = own(tx, member, id)?;
    if contact.status == Status::Active {
        return Ok(Answered::Confirmed);
    }
    let proof = contacts::load_proof(tx, contact.id)?.ok_or(Refusal::CodeEnded)?;
    let code_hash = proof.hash.try_into().map_err(|_| StoreError::Unreadable {
        what: "code of a contact",
        problem: "not 32 bytes".to_owned(),
    })?;
    let challenge = Challenge {
        id: named(contact.id),
        code_hash,
        expires_at: proof.expires_at,
        tries: proof.tries,
        answered: false,
    };
    match policy().check(&personal.secrets.key(Purpose::OneTimeCodes), &challenge, code, now) {
        Verdict::Right => {
            make_room(tx, member, Kind::Email, Some(contact.id), now)?;
            contacts::set_status(tx, contact.id, Status::Active, None, now)?;
            contacts::end_proof(tx, contact.id)?;
            Ok(Answered::Confirmed)
        }
        Verdict::Wrong { tries_left } => {
            contacts::count_try(tx, contact.id)?;
            Ok(Answered::Wrong { tries_left })
        }
        Verdict::Used | Verdict::Expired | Verdict::Exhausted => Err(Refusal::CodeEnded),
    }
}

const fn policy() -> Policy {
    Policy { lifetime_ms: CODE_LIFETIME_MS, ..Policy::DEFAULT }
}

/// A code is bound to its contact by the contact's number: those of challenges by phone are others, made elsewhere.
fn named(contact: i64) -> ChallengeId {
    ChallengeId::from_raw(contact)
}

/// The member behind a valid token.
pub(crate) fn active(sql: &dyn Sql, id: MemberId) -> Result<Member, Refusal> {
    let member = members::load(sql, id)?.filter(|member| member.status == MemberStatus::Active);
    member.ok_or(Refusal::Club(club::Refusal::MemberInactive))
}

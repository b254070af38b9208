//! Sending a code: limits, challenge, message.

use kernel::{ChallengeId, MessageId, Timestamp};
use membership::one_time_code::{Challenge, Code, History, Policy};
use membership::phone::{self, Country, Phone};
use membership::profile::Language;
use membership::secrets::{Indexed, Place, Purpose};
use store::brands::{self, Brand};
use store::challenges::{self, ChallengeConsent, StoredChallenge};
use store::messages::{self, NewMessage};
use store::{Sql, StoreError, counters};

use super::{Refusal, check_consents, text};
use crate::personal::Personal;
use crate::{Moment, programme};

const PER_PHONE: &str = "otp.phone";
const PER_ADDRESS: &str = "otp.address";
const OVERALL: &str = "otp.all";
/// The only subject of what is counted for the whole deployment.
const EVERYBODY: &[u8] = &[];

/// Asks for a code.
#[derive(Debug, Clone)]
pub struct Start {
    pub brand: Brand,
    pub phone: Phone,
    pub language: Language,
    /// May be incomplete: a member signing in has said it all before.
    pub consents: Vec<ChallengeConsent>,
    /// The client's network, as [`network`] gives it.
    pub network: String,
}

/// A code on its way. The caller commits first, then hands the message to the gateway, then notes what came of it.
#[derive(Debug, Clone)]
pub struct Sent {
    pub challenge: ChallengeId,
    pub expires_at: Timestamp,
    /// From then on another code may be asked for.
    pub resend_after: Timestamp,
    pub message: Outgoing,
}

/// A text message in clear.
#[derive(Debug, Clone)]
pub struct Outgoing {
    pub id: MessageId,
    pub to: Phone,
    pub text: String,
    /// Seconds after which the text is of no use.
    pub ttl_seconds: i64,
    sent_at: Timestamp,
    phone_index: Vec<u8>,
}

/// The brand and the phone of a request. Reads only: the numbering plans are not consulted inside a transaction.
/// `served` are the countries to which messages go; empty means all. Message pumping lives on dear destinations.
///
/// # Errors
/// [`Refusal::UnknownBrand`], [`Refusal::Phone`], [`Refusal::NotMobile`], [`Refusal::NotServed`]; a failure of storage.
pub fn addressee(
    sql: &dyn Sql,
    brand: &str,
    phone: &str,
    served: &[Country],
) -> Result<(Brand, Phone), Refusal> {
    let brand = brands::load(sql, brand)?.ok_or(Refusal::UnknownBrand)?;
    let home = Country::parse(&brand.default_region)
        .map_err(|error| StoreError::Unreadable { what: "region of a brand", problem: error.to_string() })?;
    let read = phone::read(phone, home)?;
    let country = read.country;
    let phone = read.mobile()?;
    if served.is_empty() || country.is_some_and(|country| served.contains(&country)) {
        Ok((brand, phone))
    } else {
        Err(Refusal::NotServed)
    }
}

/// What of a client's address is counted: the whole of IPv4, the network half of IPv6, since one subscriber has all
/// the addresses behind it.
#[must_use]
pub fn network(address: &str) -> String {
    match address.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V6(v6)) => match v6.to_ipv4_mapped() {
            Some(v4) => v4.to_string(),
            None => {
                let [a, b, c, d, ..] = v6.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        },
        _ => address.to_owned(),
    }
}

/// Starts a challenge; earlier ones of the phone end. Known and unknown phones are treated alike.
///
/// # Errors
/// [`Refusal::Consents`], [`Refusal::ConsentTwice`], [`Refusal::Limited`]; [`Refusal::Club`] when the brand has no
/// programme; a failure of storage.
pub fn start(
    tx: &dyn Sql,
    policy: &Policy,
    start: &Start,
    personal: Personal<'_>,
    moment: &mut Moment<'_>,
) -> Result<Sent, Refusal> {
    check_consents(&start.consents)?;
    programme::in_force(tx, &start.brand.code, moment.now)?;
    let phone_index = personal.phone_index(&start.phone).bytes().to_vec();
    count(tx, policy, &phone_index, &start.network, personal, moment.now)?;
    challenges::supersede(tx, &start.brand.code, &phone_index, moment.now)?;
    let id = ChallengeId::new(moment.ids, moment.now);
    let (code, challenge) = draw(policy, id, personal, moment.now)?;
    let stored = StoredChallenge {
        id,
        brand: start.brand.code.clone(),
        phone_index: phone_index.clone(),
        phone_sealed: Some(personal.seal(phone_place(id), start.phone.expose())),
        code_hash: challenge.code_hash,
        tries_left: policy.tries_max,
        language: start.language,
        expires_at: challenge.expires_at,
        ended_at: None,
    };
    challenges::insert(tx, &stored, &start.consents, moment.now)?;
    let text = text::message(&start.brand.name, &code, start.language);
    let message = queue(tx, policy, start.phone.clone(), phone_index, text, personal, moment)?;
    Ok(sent(policy, id, challenge.expires_at, message, moment.now))
}

/// Sends a new code for an open challenge. The tries left stay as they are: more codes are not more guesses.
///
/// # Errors
/// [`Refusal::UnknownChallenge`], [`Refusal::ChallengeEnded`], [`Refusal::Limited`]; a failure of storage.
pub fn resend(
    tx: &dyn Sql,
    policy: &Policy,
    id: ChallengeId,
    network: &str,
    personal: Personal<'_>,
    moment: &mut Moment<'_>,
) -> Result<Sent, Refusal> {
    let stored = challenges::load(tx, id)?.ok_or(Refusal::UnknownChallenge)?;
    let phone = personal.open(phone_place(id), stored.phone_sealed.as_deref())?;
    let Some(phone) = phone.filter(|_| stored.ended_at.is_none() && stored.expires_at > moment.now) else {
        return Err(Refusal::ChallengeEnded { challenge: id });
    };
    let phone = Phone::from_e164(&phone).map_err(|error| StoreError::Unreadable {
        what: "phone of a challenge",
        problem: error.to_string(),
    })?;
    let brand = brands::load(tx, &stored.brand)?.ok_or(Refusal::UnknownBrand)?;
    count(tx, policy, &stored.phone_index, network, personal, moment.now)?;
    let (code, challenge) = draw(policy, id, personal, moment.now)?;
    challenges::renew(tx, id, &challenge.code_hash, moment.now, challenge.expires_at)?;
    let text = text::message(&brand.name, &code, stored.language);
    let message = queue(tx, policy, phone, stored.phone_index, text, personal, moment)?;
    Ok(sent(policy, id, challenge.expires_at, message, moment.now))
}

/// Notes that the gateway took the message.
///
/// # Errors
/// A failure of storage.
pub fn delivered(tx: &dyn Sql, sent: &Sent, provider_id: Option<&str>) -> Result<(), StoreError> {
    messages::mark_accepted(tx, sent.message.id, provider_id)
}

/// Notes that the gateway did not take the message: the guest may ask again at once, and it does not count against
/// their phone. It still counts against the network and the whole, which protect the gateway.
///
/// # Errors
/// A failure of storage.
pub fn undelivered(tx: &dyn Sql, sent: &Sent, error: &str) -> Result<(), StoreError> {
    messages::mark_failed(tx, sent.message.id, error)?;
    challenges::mark_not_sent(tx, sent.challenge, sent.message.sent_at)?;
    counters::give_back(tx, PER_PHONE, &sent.message.phone_index)
}

/// Checks the limits and counts one message.
fn count(
    tx: &dyn Sql,
    policy: &Policy,
    phone: &[u8],
    network: &str,
    personal: Personal<'_>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let address = personal.secrets.blind_indexer().index(Indexed::Address, network);
    let history = History {
        last_sent: challenges::load_last_sent(tx, phone)?,
        phone: counters::load(tx, PER_PHONE, phone)?,
        address: counters::load(tx, PER_ADDRESS, address.bytes())?,
        overall: counters::load(tx, OVERALL, EVERYBODY)?,
    };
    policy.may_send(&history, now)?;
    let after = policy.after_send(history, now);
    counters::save(tx, PER_PHONE, phone, after.phone)?;
    counters::save(tx, PER_ADDRESS, address.bytes(), after.address)?;
    counters::save(tx, OVERALL, EVERYBODY, after.overall)?;
    Ok(())
}

fn draw(
    policy: &Policy,
    id: ChallengeId,
    personal: Personal<'_>,
    now: Timestamp,
) -> Result<(Code, Challenge), Refusal> {
    let code = Code::draw(personal.bytes())
        .ok_or_else(|| crate::Refusal::Secrets("the random source is biased".to_owned()))?;
    let key = personal.secrets.key(Purpose::OneTimeCodes);
    let challenge = policy.challenge(&key, id, &code, now);
    Ok((code, challenge))
}

/// Records the message that the caller will send.
fn queue(
    tx: &dyn Sql,
    policy: &Policy,
    to: Phone,
    phone_index: Vec<u8>,
    text: String,
    personal: Personal<'_>,
    moment: &mut Moment<'_>,
) -> Result<Outgoing, StoreError> {
    let id = MessageId::new(moment.ids, moment.now);
    let place = |field| Place { table: "messages", field, row: id.raw() };
    let message = NewMessage {
        id,
        kind: "otp",
        recipient_sealed: &personal.seal(place("recipient"), to.expose()),
        body_sealed: &personal.seal(place("body"), &text),
        created_at: moment.now,
        expires_at: moment.now.plus_millis(policy.lifetime_ms),
    };
    messages::insert(tx, &message)?;
    let ttl_seconds = policy.lifetime_ms / kernel::time::SECOND_MS;
    Ok(Outgoing { id, to, text, ttl_seconds, sent_at: moment.now, phone_index })
}

fn sent(
    policy: &Policy,
    challenge: ChallengeId,
    expires_at: Timestamp,
    message: Outgoing,
    now: Timestamp,
) -> Sent {
    Sent { challenge, expires_at, resend_after: now.plus_millis(policy.pause_ms), message }
}

/// Where a challenge's phone is sealed.
pub(super) const fn phone_place(id: ChallengeId) -> Place<'static> {
    Place { table: "challenges", field: "phone", row: id.raw() }
}

#[cfg(test)]
mod tests {
    use super::network;

    #[test]
    fn one_subscriber_is_one_network() {
        for (address, counted) in [
            ("203.0.113.7", "203.0.113.7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
            ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
            ("", ""),
        ] {
            assert_eq!(network(address), counted);
        }
    }
}

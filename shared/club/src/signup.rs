//! Sign-up and sign-in are one: whoever proves a phone is let in, and becomes a member if they are none yet.
//!
//! [`send`] a code (start, resend), then [`verify`] it. Nothing in between tells whether the phone is known: a
//! stranger learns nothing from it. Codes, limits and tries are judged by `membership::one_time_code`; everything is
//! counted in the transaction that sends or answers.

pub mod send;
pub mod text;
pub mod verify;
pub mod vouched;

use kernel::{ChallengeId, Timestamp};
use membership::one_time_code;
use membership::phone::{NotMobile, PhoneError};
use membership::profile::{Consent, ConsentKind, ConsentWord};
use store::StoreError;
use store::challenges::ChallengeConsent;

/// Where a consent was given, when it came with a sign-up.
const SOURCE: &str = "signup";

/// Why a sign-up does not go on.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A failure or refusal of the club's other parts.
    #[error(transparent)]
    Club(#[from] crate::Refusal),
    #[error("there is no such brand")]
    UnknownBrand,
    #[error(transparent)]
    Phone(#[from] PhoneError),
    #[error(transparent)]
    NotMobile(#[from] NotMobile),
    /// No messages go to the phone's country.
    #[error("no messages are sent to this country")]
    NotServed,
    /// What nobody can be a member without was not granted.
    #[error("the consents {} are required", names(.0))]
    Consents(Vec<ConsentKind>),
    /// One kind of consent twice.
    #[error("each kind of consent at most once")]
    ConsentTwice,
    #[error(transparent)]
    Limited(#[from] one_time_code::Refusal),
    #[error("there is no such challenge")]
    UnknownChallenge,
    /// Verified, exhausted, superseded or expired.
    #[error("the challenge has ended; start again")]
    ChallengeEnded { challenge: ChallengeId },
}

impl From<ledger::error::Refusal> for Refusal {
    fn from(refusal: ledger::error::Refusal) -> Self {
        Self::Club(refusal.into())
    }
}

fn names(kinds: &[ConsentKind]) -> String {
    kinds.iter().map(|kind| kind.code()).collect::<Vec<_>>().join(", ")
}

/// Refuses a list with one kind twice, or with a no to what is required: whoever says no does not sign up.
fn check_consents(consents: &[ChallengeConsent]) -> Result<(), Refusal> {
    for (index, consent) in consents.iter().enumerate() {
        if consents[..index].iter().any(|earlier| earlier.kind == consent.kind) {
            return Err(Refusal::ConsentTwice);
        }
    }
    let refused: Vec<ConsentKind> = consents
        .iter()
        .filter(|consent| consent.kind.is_required() && !consent.granted)
        .map(|consent| consent.kind)
        .collect();
    if refused.is_empty() { Ok(()) } else { Err(Refusal::Consents(refused)) }
}

/// What is required and not granted.
fn missing(in_force: &[Consent]) -> Vec<ConsentKind> {
    let granted = Consent::in_force(in_force);
    ConsentKind::ALL
        .into_iter()
        .filter(|kind| kind.is_required())
        .filter(|&kind| !granted.iter().any(|consent| consent.kind == kind && consent.granted))
        .collect()
}

/// A challenge's consent as a member's.
fn granted_at(given: &ChallengeConsent, at: Timestamp) -> Result<Consent, StoreError> {
    let word = |text: &str| {
        ConsentWord::parse(text).map_err(|error| StoreError::Unreadable {
            what: "consent of a challenge",
            problem: error.to_string(),
        })
    };
    Ok(Consent {
        kind: given.kind,
        granted: given.granted,
        text_version: word(&given.text_version)?,
        at,
        source: word(SOURCE)?,
    })
}

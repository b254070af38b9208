//! What the guests' functions share: secrets, tokens in the key-value store, consents, cards.

use api::wire::cards::{CardKindBody, CardReply, CardStatusBody};
use api::wire::signup::ConsentBody;
use club::session::Opened;
use kernel::Timestamp;
use membership::profile::{Consent, ConsentWord};
use membership::secrets::Secrets;
use store::cards::{Card, CardKind, CardStatus};
use store::challenges::ChallengeConsent;
use store::{Kv, StoreError};

use crate::call::Settings;
use crate::fields::Fields;
use crate::problem::Problem;
use crate::session::{self, SessionV1, SubjectV1};
use crate::till;

/// Most consents in a body: one of each kind.
const CONSENTS_MAX: usize = 4;
/// Where a signed-in guest says yes or no.
const SOURCE: &str = "app";

/// The deployment's master secret.
///
/// # Errors
/// An internal error: the deployment's configuration is wrong.
pub fn secrets(settings: &dyn Settings) -> Result<Secrets, Problem> {
    Ok(till::secrets(settings)()?)
}

/// Makes a session's access token valid and removes what it replaces. Called after the commit, and without an error:
/// the session exists, and a client whose access token is not known yet exchanges its refresh token.
pub async fn publish(kv: &dyn Kv, opened: &Opened) {
    let record = SessionV1 {
        subject: SubjectV1::Member { id: opened.member.to_string(), brand: opened.brand.clone() },
        session: opened.id.to_string(),
        expires_at: opened.access_expires_at.millis(),
    };
    if let Err(problem) = session::save(kv, &opened.access_key, &record).await {
        log(opened, &problem);
    }
    if let Err(problem) = revoke(kv, &opened.stale_keys).await {
        log(opened, &problem);
    }
}

/// Makes access tokens worthless.
///
/// # Errors
/// 503 when the store fails; the tokens then live until they expire, and signing out can be repeated.
pub async fn revoke(kv: &dyn Kv, keys: &[String]) -> Result<(), Problem> {
    for key in keys {
        kv.delete(key).await.map_err(StoreError::from)?;
    }
    Ok(())
}

fn log(opened: &Opened, problem: &Problem) {
    eprintln!("session.publish failed session={} cause={:?}", opened.id, problem.cause());
}

/// Consents that come with a sign-up, as the challenge keeps them.
///
/// # Errors
/// 422 with a pointer to what is not lawful.
pub fn consents(bodies: &[ConsentBody]) -> Result<Vec<ChallengeConsent>, Problem> {
    let versions = versions(bodies)?;
    let pairs = bodies.iter().zip(versions);
    Ok(pairs
        .map(|(body, version)| ChallengeConsent {
            kind: body.kind.into(),
            granted: body.granted,
            text_version: version.as_str().to_owned(),
        })
        .collect())
}

/// What a signed-in guest says now.
///
/// # Errors
/// As [`consents`].
pub fn said(bodies: &[ConsentBody], at: Timestamp) -> Result<Vec<Consent>, Problem> {
    let source = ConsentWord::parse(SOURCE).map_err(|error| Problem::internal(error.0))?;
    let versions = versions(bodies)?;
    let pairs = bodies.iter().zip(versions);
    Ok(pairs
        .map(|(body, text_version)| Consent {
            kind: body.kind.into(),
            granted: body.granted,
            text_version,
            at,
            source: source.clone(),
        })
        .collect())
}

fn versions(bodies: &[ConsentBody]) -> Result<Vec<ConsentWord>, Problem> {
    let mut fields = Fields::new();
    if bodies.len() > CONSENTS_MAX {
        let words = format!("at most {CONSENTS_MAX}: one of each kind");
        fields.fault(&api::problem::INVALID_FIELD, "/consents", words);
        fields.finish()?;
        return Ok(Vec::new());
    }
    let mut versions = Vec::with_capacity(bodies.len());
    for (index, body) in bodies.iter().enumerate() {
        let pointer = format!("/consents/{index}/text_version");
        versions.extend(fields.read(&pointer, ConsentWord::parse(&body.text_version)));
    }
    fields.finish()?;
    Ok(versions)
}

/// A card as its holder reads it.
///
/// # Errors
/// An internal error for a card that nobody holds.
pub fn card(card: Card) -> Result<CardReply, Problem> {
    let status = match card.status {
        CardStatus::Active => CardStatusBody::Active,
        CardStatus::Blocked => CardStatusBody::Blocked,
        CardStatus::Replaced => CardStatusBody::Replaced,
        CardStatus::Free => return Err(Problem::internal("a guest was shown a free card")),
    };
    Ok(CardReply {
        number: card.number,
        kind: match card.kind {
            CardKind::Virtual => CardKindBody::Virtual,
            CardKind::Plastic => CardKindBody::Plastic,
        },
        status,
        issued_at: card.issued_at.map(|at| at.to_string()),
        reason: card.reason,
        replaced_by: card.replaced_by,
    })
}

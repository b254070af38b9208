//! Where quotes are kept until they expire: in the key-value store, sealed.
//!
//! A guest has a few places, and a new quote takes the place of an older one: what is kept is bounded by the number of
//! guests, and nobody has to clean up. The newest quote is always there.

use basket::Quote;
use kernel::{MemberId, QuoteId, Timestamp};
use membership::secrets::{Purpose, Sealer, Secrets};
use store::{Kv, StoreError};

use super::Refusal;

/// Version and prefix of the keys.
const PREFIX: &str = "quote/v1/";
/// Quotes kept for one guest: several devices, and a cart that changes while it is paid.
const PLACES: i64 = 4;

/// The sealer of quotes.
#[must_use]
pub fn sealer(secrets: &Secrets) -> Sealer {
    Sealer::new(secrets.key(Purpose::Quotes))
}

fn key(member: MemberId, id: QuoteId) -> String {
    format!("{PREFIX}{member}/{}", id.raw() % PLACES)
}

/// Keeps a guest's quote. `id` is the quote's own.
///
/// # Errors
/// When the store fails.
pub async fn keep(
    kv: &dyn Kv,
    sealer: &Sealer,
    member: MemberId,
    id: QuoteId,
    quote: &Quote,
) -> Result<(), StoreError> {
    let content = serde_json::to_vec(quote)
        .map_err(|error| StoreError::Unreadable { what: "quote", problem: error.to_string() })?;
    let key = key(member, id);
    kv.set(&key, &sealer.seal(&key, &content)).await?;
    Ok(())
}

/// A guest's quote, as long as it is good. A record that was not written by this service, or was changed, is none.
///
/// # Errors
/// [`Refusal::Unknown`], [`Refusal::Expired`]; a failure of storage.
pub async fn open(
    kv: &dyn Kv,
    sealer: &Sealer,
    member: MemberId,
    id: QuoteId,
    now: Timestamp,
) -> Result<Quote, Refusal> {
    let key = key(member, id);
    let stored = kv.get(&key).await.map_err(StoreError::from)?.ok_or(Refusal::Unknown)?;
    let content = sealer.open(&key, &stored).ok_or(Refusal::Unknown)?;
    // Sealed by another version of this service: as good as forgotten, and the guest asks for another.
    let quote: Quote = serde_json::from_slice(content).map_err(|_| Refusal::Unknown)?;
    if quote.id != id.to_string() || quote.member.as_deref() != Some(member.to_string().as_str()) {
        return Err(Refusal::Unknown);
    }
    if now.millis() >= quote.expires_at {
        return Err(Refusal::Expired);
    }
    Ok(quote)
}

//! Who opened a Mini App: `initData`, which Telegram signs.
//!
//! Two proofs exist. With the bot's token, [`verify`] checks the HMAC that Telegram documents for the bot's own back end.
//! Without it, [`verify_for`] checks Telegram's Ed25519 signature, with the bot's number and Telegram's public key: for
//! a service that must not hold the token.

use std::fmt::Write as _;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use ed25519_compact::{PublicKey, Signature};
use kernel::Timestamp;
use serde::Deserialize;

use crate::hash::{hmac_sha256, same};
use crate::update::User;

/// Most bytes of a text that is looked at. A user with a long name and picture is some 600.
pub const LEN_MAX: usize = 4_096;
/// Most fields.
const FIELDS_MAX: usize = 32;
/// How far ahead of ours Telegram's clock may be, in milliseconds.
pub const AHEAD_MS_MAX: i64 = 30_000;
/// The name under which the token becomes a key.
const KEY_NAME: &[u8] = b"WebAppData";
/// Telegram's public key for production, as its documentation gives it.
pub const PUBLIC_KEY: &str = "e7bf03a2fa4602af4580703d88dda5bb59f32ed8b02a56c187fe7d34caed242d";
/// The same for its test environment.
pub const PUBLIC_KEY_TEST: &str = "40055058a4ee38156a06562e52eece92a771bcd8346a8c4615cb7376eddf72ec";

/// What Telegram vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitData {
    pub user: User,
    /// When the Mini App was opened.
    pub auth_date: Timestamp,
    /// What followed `startapp=` in the link.
    pub start_param: Option<String>,
    /// The proof itself: the same opening has the same one, for whoever refuses to take it twice.
    pub proof: [u8; 32],
}

/// Why a text proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    #[error("not the initData of a Mini App")]
    Shape,
    #[error("not signed for this bot")]
    Signature,
    #[error("opened too long ago")]
    Stale,
    #[error("opened in the future")]
    Future,
}

/// Checks the HMAC under the bot's token, and that the app was opened at most `age_ms_max` ago.
///
/// # Errors
/// See [`Unproven`].
pub fn verify(text: &str, token: &str, now: Timestamp, age_ms_max: i64) -> Result<InitData, Unproven> {
    let fields = Fields::read(text)?;
    let claimed = HEXLOWER.decode(fields.get("hash").ok_or(Unproven::Shape)?.as_bytes());
    let claimed = claimed.map_err(|_| Unproven::Shape)?;
    let key = hmac_sha256(KEY_NAME, token.as_bytes());
    let right = hmac_sha256(&key, fields.checked(&["hash"]).as_bytes());
    if !same(&claimed, &right) {
        return Err(Unproven::Signature);
    }
    fields.proven(right, now, age_ms_max)
}

/// Checks Telegram's own signature for the bot with this number.
///
/// # Errors
/// See [`Unproven`].
pub fn verify_for(
    text: &str,
    bot: i64,
    public_key: &str,
    now: Timestamp,
    age_ms_max: i64,
) -> Result<InitData, Unproven> {
    let fields = Fields::read(text)?;
    let signature = fields.get("signature").ok_or(Unproven::Shape)?;
    let signature = BASE64URL_NOPAD.decode(signature.trim_end_matches('=').as_bytes());
    let signature = signature.ok().and_then(|bytes| Signature::from_slice(&bytes).ok());
    let key =
        HEXLOWER.decode(public_key.as_bytes()).ok().and_then(|bytes| PublicKey::from_slice(&bytes).ok());
    let (Some(signature), Some(key)) = (signature, key) else { return Err(Unproven::Shape) };
    let message = format!("{bot}:WebAppData\n{}", fields.checked(&["hash", "signature"]));
    key.verify(message.as_bytes(), &signature).map_err(|_| Unproven::Signature)?;
    let proof = <sha2::Sha256 as sha2::Digest>::digest(message.as_bytes()).into();
    fields.proven(proof, now, age_ms_max)
}

/// The pairs, decoded, by name.
struct Fields(Vec<(String, String)>);

impl Fields {
    /// A name that stands twice is refused: two readers might take different ones.
    fn read(text: &str) -> Result<Self, Unproven> {
        if text.len() > LEN_MAX {
            return Err(Unproven::Shape);
        }
        let mut pairs: Vec<(String, String)> =
            form_urlencoded::parse(text.as_bytes()).into_owned().take(FIELDS_MAX + 1).collect();
        pairs.sort();
        let twice = pairs.windows(2).any(|pair| pair[0].0 == pair[1].0);
        if pairs.len() > FIELDS_MAX || twice { Err(Unproven::Shape) } else { Ok(Self(pairs)) }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// What is signed: `name=value` in the order of the names, a line each, without these.
    fn checked(&self, without: &[&str]) -> String {
        let mut checked = String::new();
        for (name, value) in self.0.iter().filter(|(name, _)| !without.contains(&name.as_str())) {
            let line_break = if checked.is_empty() { "" } else { "\n" };
            write!(checked, "{line_break}{name}={value}").expect("a String takes everything");
        }
        checked
    }

    /// Reads what is proven, and how old it is.
    fn proven(&self, proof: [u8; 32], now: Timestamp, age_ms_max: i64) -> Result<InitData, Unproven> {
        let seconds: i64 = self.get("auth_date").and_then(|text| text.parse().ok()).ok_or(Unproven::Shape)?;
        let auth_date = Timestamp::from_millis(seconds.checked_mul(1_000).ok_or(Unproven::Shape)?);
        if auth_date > now.plus_millis(AHEAD_MS_MAX) {
            return Err(Unproven::Future);
        }
        if auth_date.plus_millis(age_ms_max) < now {
            return Err(Unproven::Stale);
        }
        let user: UserWire =
            self.get("user").and_then(|text| serde_json::from_str(text).ok()).ok_or(Unproven::Shape)?;
        Ok(InitData {
            user: User { id: user.id, is_bot: user.is_bot, language_code: user.language_code },
            auth_date,
            start_param: self.get("start_param").map(str::to_owned),
            proof,
        })
    }
}

#[derive(Deserialize)]
struct UserWire {
    id: i64,
    #[serde(default)]
    is_bot: bool,
    language_code: Option<String>,
}

//! What is kept of a dialogue (key-value store, `dialogue/v1/<keyed hash of the chat>`).
//!
//! Losing it costs the guest a repetition: they are back at the menu, and asked again for what they were about to say.
//! Nothing is kept here that they said.

use data_encoding::HEXLOWER;
use kernel::Timestamp;
use kernel::time::{DAY_MS, MINUTE_MS};
use membership::profile::Language;
use serde::{Deserialize, Serialize};
use store::{Kv, StoreError};

/// Version and prefix of the key.
const PREFIX: &str = "dialogue/v1/";
/// How long a language that was chosen without an account is remembered.
pub const LANGUAGE_KEPT_MS: i64 = 90 * DAY_MS;
/// How long a guest may take over a step, such as writing a text.
pub const STEP_KEPT_MS: i64 = DAY_MS;
/// How long a question whether to erase everything is open.
pub const ERASE_KEPT_MS: i64 = 10 * MINUTE_MS;

/// The record of one chat.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DialogueV1 {
    /// Chosen in this chat: `ru`, `kk` or `en`. A member's own language goes before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    #[serde(default)]
    pub step: StepV1,
    /// When the step lapses, in milliseconds since the Unix epoch.
    #[serde(default)]
    pub step_until: i64,
    /// When the record is of no use any more, likewise.
    #[serde(default)]
    pub expires_at: i64,
}

/// What the bot waits for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum StepV1 {
    /// Nothing in particular.
    #[default]
    Idle,
    /// Consents, then the guest's own contact.
    Joining {
        #[serde(default)]
        marks: Marks,
        /// The friend's code with which the chat was opened.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        referral: Option<String>,
    },
    /// Words about the visit of this feedback token.
    Comment { token: String },
    /// A question, or an answer about a ticket.
    Writing {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ticket: Option<String>,
    },
    /// A yes to erasing the account.
    Erasing,
}

/// What was agreed to so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Marks {
    #[serde(default)]
    pub terms: bool,
    #[serde(default)]
    pub personal_data: bool,
    #[serde(default)]
    pub marketing: bool,
}

impl Marks {
    /// Whether nothing required is missing.
    #[must_use]
    pub const fn suffice(self) -> bool {
        self.terms && self.personal_data
    }
}

impl DialogueV1 {
    /// The record as it counts at `now`: what has lapsed is gone.
    #[must_use]
    pub fn at(mut self, now: Timestamp) -> Self {
        if self.expires_at <= now.millis() {
            return Self::default();
        }
        if self.step_until <= now.millis() {
            self.step = StepV1::Idle;
        }
        self
    }

    /// The record after a turn at `now`.
    #[must_use]
    pub fn after(&self, step: StepV1, language: Option<Language>, now: Timestamp) -> Self {
        let kept_ms = match step {
            StepV1::Idle => 0,
            StepV1::Erasing => ERASE_KEPT_MS,
            _ => STEP_KEPT_MS,
        };
        Self {
            language: language.map(|language| language.code().to_owned()).or_else(|| self.language.clone()),
            step,
            step_until: now.plus_millis(kept_ms).millis(),
            expires_at: now.plus_millis(LANGUAGE_KEPT_MS).millis(),
        }
    }

    /// The language chosen in the chat.
    #[must_use]
    pub fn language(&self) -> Option<Language> {
        self.language.as_deref().and_then(|code| Language::parse(code).ok())
    }
}

/// The key of a chat's record.
#[must_use]
pub fn key(chat_index: &[u8]) -> String {
    format!("{PREFIX}{}", HEXLOWER.encode(chat_index))
}

/// The record of a chat as it counts at `now`. One of an unknown shape counts as absent.
///
/// # Errors
/// When the store fails.
pub async fn load(kv: &dyn Kv, chat_index: &[u8], now: Timestamp) -> Result<DialogueV1, StoreError> {
    let stored = kv.get(&key(chat_index)).await?;
    let read: Option<DialogueV1> = stored.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    Ok(read.unwrap_or_default().at(now))
}

/// Keeps the record of a chat; one that says nothing is removed.
///
/// # Errors
/// When the store fails.
pub async fn save(kv: &dyn Kv, chat_index: &[u8], record: &DialogueV1) -> Result<(), StoreError> {
    let key = key(chat_index);
    if record.language.is_none() && record.step == StepV1::Idle {
        return Ok(kv.delete(&key).await?);
    }
    let bytes = serde_json::to_vec(record).expect("plain structs with text keys are JSON");
    Ok(kv.set(&key, &bytes).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_lapses_before_the_language_does() {
        let at = |ms| Timestamp::from_millis(ms);
        let step = StepV1::Writing { ticket: None };
        let record = DialogueV1::default().after(step.clone(), Some(Language::Kk), at(0));
        assert_eq!(record.clone().at(at(STEP_KEPT_MS - 1)).step, step);
        let later = record.clone().at(at(STEP_KEPT_MS));
        assert_eq!((later.step.clone(), later.language()), (StepV1::Idle, Some(Language::Kk)));
        assert_eq!(record.clone().at(at(LANGUAGE_KEPT_MS)), DialogueV1::default());
        let erasing = record.after(StepV1::Erasing, None, at(0));
        assert_eq!(erasing.clone().at(at(ERASE_KEPT_MS)).step, StepV1::Idle);
        assert_eq!(erasing.language(), Some(Language::Kk), "a choice stays");
    }

    /// Records of this version must go on being read.
    #[test]
    fn stored_records_are_read() {
        for (text, step) in [
            (r#"{"step":{"kind":"idle"},"step_until":1,"expires_at":2}"#, StepV1::Idle),
            (
                r#"{"language":"kk","step":{"kind":"joining","marks":{"terms":true},"referral":"ABCD"},"step_until":1,"expires_at":2}"#,
                StepV1::Joining {
                    marks: Marks { terms: true, ..Marks::default() },
                    referral: Some("ABCD".to_owned()),
                },
            ),
            (
                r#"{"step":{"kind":"comment","token":"t"},"step_until":1,"expires_at":2}"#,
                StepV1::Comment { token: "t".to_owned() },
            ),
            (
                r#"{"step":{"kind":"writing"},"step_until":1,"expires_at":2}"#,
                StepV1::Writing { ticket: None },
            ),
            (r#"{"step":{"kind":"erasing"},"step_until":1,"expires_at":2}"#, StepV1::Erasing),
        ] {
            let read: DialogueV1 = serde_json::from_str(text).expect("a record");
            assert_eq!(read.step, step, "{text}");
        }
    }
}

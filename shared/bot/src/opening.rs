//! Signing in from the bot's Mini App.
//!
//! Telegram signs who opened it; the chat of that user must belong to a member. An opening signs in once and while it is
//! fresh: what is stolen later is worthless, and the app goes on with the tokens it got.

use club::personal::Personal;
use club::session::{self, KeyOf, Opened};
use club::{Moment, watching};
use kernel::time::MINUTE_MS;
use store::guests::{self, MemberStatus};
use store::telegram::{links, updates};
use store::{Sql, StoreError};
use telegram::init_data::{self, InitData, Unproven};

use crate::account::Account;
use crate::take::chat_index;

/// How long after its opening a Mini App may sign in.
pub const FRESH_MS: i64 = 10 * MINUTE_MS;
/// Openings forgotten with each new one.
const FORGOTTEN_AT_ONCE: i64 = 20;
/// What the session is called in the list of the guest's devices.
const LABEL: &str = "Telegram";

/// Why nobody is signed in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Unproven(#[from] Unproven),
    /// This opening has signed in before.
    #[error("this opening has signed in before; open the app again")]
    Used,
    /// The chat belongs to no member: the guest shares their number with the bot first.
    #[error("the chat belongs to no member")]
    NotLinked,
    #[error("the account is not active")]
    Blocked,
}

/// Checks the proof of an opening for a brand's bot.
///
/// # Errors
/// [`Unproven`].
pub fn prove(text: &str, account: &Account, moment: &Moment<'_>) -> Result<InitData, Unproven> {
    init_data::verify(text, &account.token, moment.now, FRESH_MS)
}

/// Opens a session for the member whose chat it is.
///
/// # Errors
/// [`Refusal::Used`], [`Refusal::NotLinked`], [`Refusal::Blocked`]; a failure of storage.
pub fn sign_in(
    tx: &dyn Sql,
    brand: &str,
    data: &InitData,
    personal: Personal<'_>,
    key_of: KeyOf,
    moment: &mut Moment<'_>,
) -> Result<Opened, Refusal> {
    if !updates::insert_opening(tx, brand, &data.proof, data.auth_date)? {
        return Err(Refusal::Used);
    }
    let over = moment.now.plus_millis(-FRESH_MS - init_data::AHEAD_MS_MAX);
    updates::delete_openings_before(tx, over, FORGOTTEN_AT_ONCE)?;
    let chat = chat_index(brand, data.user.id, personal);
    let link = links::load(tx, brand, &chat)?.ok_or(Refusal::NotLinked)?;
    let guest = guests::load(tx, link.member)?.filter(|guest| guest.status == MemberStatus::Active);
    let guest = guest.ok_or(Refusal::Blocked)?;
    let opened = session::open(tx, guest.member, brand, Some(LABEL), personal, key_of, moment)?;
    // A chat is the device that its member joined on.
    watching::opened_in_chat(tx, opened.id, &chat)?;
    Ok(opened)
}

//! One update, exactly once: what it does, what was said, and that it was taken are recorded in one transaction.
//!
//! An update that comes again gets what was said the first time, and nothing happens: Telegram sends it again when it has
//! not seen our answer, and has not shown it then.

use club::personal::Personal;
use club::signup::send;
use club::{Moment, limit};
use kernel::Timestamp;
use kernel::time::{DAY_MS, MINUTE_MS};
use membership::allowance::Allowance;
use membership::phone::Phone;
use membership::profile::Language;
use store::brands::Brand;
use store::guests::MemberStatus;
use store::members;
use store::telegram::links::{self, Link};
use store::telegram::sayings::{self, Said};
use store::telegram::{threads, updates};
use store::transaction::{nested, transaction};
use store::{Sql, StoreError};
use telegram::ChatId;
use telegram::press::word;

use crate::Refusal;
use crate::account::Account;
use crate::desk::Desk;
use crate::dialogue::{Facts, decide};
use crate::input::{Heard, Input};
use crate::perform::{Ground, Outcome, perform};
use crate::reach;
use crate::say::SayV1;
use crate::show::{Shown, show};
use crate::state::{DialogueV1, StepV1};
use crate::words::{guess, trouble};

/// Updates of one chat that are acted on.
pub const PER_CHAT: Allowance = Allowance { max: 30, window_ms: MINUTE_MS };
/// How often a chat that sends more is told so; other updates of it stay without an answer.
pub const WARNINGS: Allowance = Allowance { max: 1, window_ms: MINUTE_MS };
const COUNTER: &str = "telegram.chat";
const WARNED: &str = "telegram.warned";
/// How long an update is remembered: twice as long as Telegram goes on sending it.
pub const REMEMBERED_MS: i64 = 2 * telegram::limit::UPDATES_KEPT_MS;
/// Updates forgotten with each new one: more than come in.
const FORGOTTEN_AT_ONCE: i64 = 20;
/// How long a guest's words go to the question that was talked about last.
pub const THREAD_MS: i64 = 7 * DAY_MS;

/// What is known of an update before its transaction.
pub struct Incoming<'a> {
    pub account: &'a Account,
    pub brand: &'a Brand,
    pub update: i64,
    pub heard: Heard,
    pub dialogue: &'a DialogueV1,
}

/// What an update came to.
#[derive(Debug, Clone)]
pub struct Taken {
    pub answer: Option<SayV1>,
    /// A word over the chat, in answer to a press.
    pub notice: Option<String>,
    /// The dialogue's next record; `None` when the update was taken before.
    pub dialogue: Option<DialogueV1>,
    /// Keys to remove from the key-value store.
    pub stale_keys: Vec<String>,
}

/// The index of a chat with a brand's bot.
#[must_use]
pub fn chat_index(brand: &str, chat: ChatId, personal: Personal<'_>) -> Vec<u8> {
    post::chat::index(brand, &chat.to_string(), personal)
}

/// The number in a contact, if it can be a guest's. Telegram writes it in full, with or without a plus. Consults the
/// numbering plans: call it before the transaction.
///
/// # Errors
/// A failure of storage.
pub fn shared_phone(sql: &dyn Sql, brand: &str, input: &Input) -> Result<Option<Phone>, StoreError> {
    let Input::OwnContact(shared) = input else { return Ok(None) };
    let full = format!("+{}", shared.trim_start_matches('+'));
    match send::addressee(sql, brand, &full, &[]) {
        Ok((_, phone)) => Ok(Some(phone)),
        Err(club::signup::Refusal::Store(error)) => Err(error),
        Err(_) => Ok(None),
    }
}

/// Takes an update.
///
/// # Errors
/// A failure of storage: nothing has happened, and Telegram sends the update again.
pub fn take(
    sql: &dyn Sql,
    incoming: Incoming<'_>,
    personal: Personal<'_>,
    desk: &dyn Desk,
    moment: &mut Moment<'_>,
) -> Result<Taken, Refusal> {
    let (brand, update) = (incoming.brand.code.as_str(), incoming.update);
    if let Some(known) = updates::load(sql, brand, update)? {
        return again(known, update, personal);
    }
    let phone = shared_phone(sql, brand, &incoming.heard.input)?;
    transaction(sql, |tx| {
        if let Some(known) = updates::load(tx, brand, update)? {
            return again(known, update, personal);
        }
        let taken = once(tx, incoming, phone.as_ref(), personal, desk, moment)?;
        let sealed = match &taken.answer {
            None => None,
            Some(say) => Some(personal.seal(updates::answer_place(update), &text_of(say)?)),
        };
        updates::insert(tx, brand, update, sealed.as_deref(), moment.now)?;
        updates::delete_before(tx, moment.now.plus_millis(-REMEMBERED_MS), FORGOTTEN_AT_ONCE)?;
        Ok(taken)
    })
}

/// Notes that a guest blocked the bot or let it in again.
///
/// # Errors
/// A failure of storage.
pub fn reachable(
    tx: &dyn Sql,
    brand: &str,
    chat: ChatId,
    reachable: bool,
    personal: Personal<'_>,
    moment: &mut Moment<'_>,
) -> Result<(), Refusal> {
    let index = chat_index(brand, chat, personal);
    links::set_blocked(tx, brand, &index, (!reachable).then_some(moment.now))?;
    if !reachable {
        return Ok(reach::blocked(tx, brand, chat, personal, moment.now)?);
    }
    match linked(tx, brand, &index)?.0 {
        Some(link) => reach::open(tx, link.member, chat, personal, moment),
        None => Ok(()),
    }
}

fn again(known: Option<Vec<u8>>, update: i64, personal: Personal<'_>) -> Result<Taken, Refusal> {
    let text = personal.open(updates::answer_place(update), known.as_deref())?;
    let answer = text.map(|text| serde_json::from_str(&text)).transpose().map_err(unreadable)?;
    Ok(Taken { answer, notice: None, dialogue: None, stale_keys: Vec::new() })
}

fn text_of(say: &SayV1) -> Result<String, StoreError> {
    serde_json::to_string(say).map_err(unreadable)
}

fn unreadable(error: serde_json::Error) -> StoreError {
    StoreError::Unreadable { what: "answer to an update", problem: error.to_string() }
}

fn once(
    tx: &dyn Sql,
    incoming: Incoming<'_>,
    phone: Option<&Phone>,
    personal: Personal<'_>,
    desk: &dyn Desk,
    moment: &mut Moment<'_>,
) -> Result<Taken, Refusal> {
    let Incoming { account, brand, heard, dialogue, .. } = incoming;
    let index = chat_index(&brand.code, heard.chat, personal);
    let (link, spoken) = linked(tx, &brand.code, &index)?;
    let language =
        spoken.or_else(|| dialogue.language()).unwrap_or_else(|| guess(heard.language_code.as_deref()));
    // Whoever writes lets messages in, whatever was noted before: of another bot of the brand, perhaps.
    if let Some(link) = link.as_ref().filter(|link| link.blocked_at.is_some()) {
        links::set_blocked(tx, &brand.code, &index, None)?;
        reach::open(tx, link.member, heard.chat, personal, moment)?;
    }
    if let Some(taken) = too_fast(tx, &index, dialogue, language, moment.now)? {
        return Ok(taken);
    }
    let since = moment.now.plus_millis(-THREAD_MS);
    let replied = replied(tx, account, &index, heard.reply_to, moment.now)?;
    let facts = Facts {
        is_member: link.is_some(),
        ticket: threads::load_newest(tx, &brand.code, &index, since)?,
        replies_to_unknown: heard.reply_to.is_some() && replied.is_none(),
        replied,
    };
    let turn = decide(&dialogue.step, &facts, heard.input);
    let ground = Ground {
        tx,
        account,
        brand,
        chat: heard.chat,
        chat_index: &index,
        link: link.as_ref(),
        phone,
        language,
        personal,
        desk,
    };
    let outcome = match nested(tx, || perform(&ground, turn.act, moment)) {
        Ok(outcome) => outcome,
        Err(refusal) => return refused(&refusal, dialogue, language, moment.now),
    };
    let step = outcome.step.clone().unwrap_or(turn.step);
    let shown = show(&ground, &outcome, turn.edit, moment.now);
    Ok(taken(shown, step, outcome, dialogue, moment.now))
}

fn taken(shown: Shown, step: StepV1, outcome: Outcome, dialogue: &DialogueV1, now: Timestamp) -> Taken {
    let (answer, notice) = match shown {
        Shown::Say(say) => (Some(say), None),
        Shown::Notice(notice) => (None, Some(notice)),
    };
    let dialogue = Some(dialogue.after(step, outcome.language, now));
    Taken { answer, notice, dialogue, stale_keys: outcome.stale_keys }
}

/// What the club refuses is told; what storage could not do is not: the update comes again.
fn refused(
    refusal: &Refusal,
    dialogue: &DialogueV1,
    language: Language,
    now: Timestamp,
) -> Result<Taken, Refusal> {
    if refusal.store().is_some() {
        return Err(refusal.clone());
    }
    // Whoever was about to join still is.
    let step = match &dialogue.step {
        StepV1::Joining { .. } => dialogue.step.clone(),
        _ => StepV1::Idle,
    };
    Ok(Taken {
        answer: Some(SayV1::plain(trouble::of_refusal(refusal, language))),
        notice: None,
        dialogue: Some(dialogue.after(step, None, now)),
        stale_keys: Vec::new(),
    })
}

/// The ticket whose answer is in the message of this bot that is replied to. What was said in the chat goes with its link,
/// so whose ticket it is need not be asked here.
fn replied(
    tx: &dyn Sql,
    account: &Account,
    chat_index: &[u8],
    message: Option<i64>,
    now: Timestamp,
) -> Result<Option<String>, StoreError> {
    let Some(message) = message else { return Ok(None) };
    let said = Said { bot: account.stored.bot_id, chat_index, message };
    let ticket = sayings::load(tx, said, now)?;
    Ok(ticket.as_deref().and_then(word))
}

/// The chat's link, if its member takes part, and the member's language.
fn linked(
    tx: &dyn Sql,
    brand: &str,
    chat_index: &[u8],
) -> Result<(Option<Link>, Option<Language>), StoreError> {
    let Some(link) = links::load(tx, brand, chat_index)? else { return Ok((None, None)) };
    let member = members::load(tx, link.member)?.filter(|member| member.status == MemberStatus::Active);
    Ok(match member {
        Some(member) => (Some(link), Some(member.language)),
        None => (None, None),
    })
}

/// Counts an update; what is beyond the limit is recorded without an effect.
fn too_fast(
    tx: &dyn Sql,
    chat_index: &[u8],
    dialogue: &DialogueV1,
    language: Language,
    now: Timestamp,
) -> Result<Option<Taken>, StoreError> {
    let Some(wait) = limit::hit(tx, COUNTER, chat_index, PER_CHAT, now)? else { return Ok(None) };
    let is_told = limit::hit(tx, WARNED, chat_index, WARNINGS, now)?.is_none();
    Ok(Some(Taken {
        answer: is_told.then(|| SayV1::plain(trouble::too_fast(wait, language))),
        notice: None,
        dialogue: Some(dialogue.clone()),
        stale_keys: Vec::new(),
    }))
}

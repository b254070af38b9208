//! Check the secret, take the update, answer.

use api::problem as p;
use bot::account::{self, Account};
use bot::input::{Heard, Meaning, meaning};
use bot::state;
use bot::take::{self, Incoming, Taken, chat_index};
use club::Moment;
use club::personal::Personal;
use membership::secrets::Secrets;
use store::brands;
use store::transaction::transaction;
use telegram::method::{Bot, Method, in_reply};
use telegram::{answer, secret, update};
use web::{Call, Problem, Reply, guest};

use crate::run::TELEGRAM_URL;

/// Larger than any update of a private chat.
const BYTES_MAX: usize = 256 * 1024;
/// How long the end of a button's waiting sign may take: the guest waits for the answer behind it.
const ACKNOWLEDGE_MS: u32 = 3_000;

/// Takes an update. Whatever it says, it is answered with success unless it may succeed later: Telegram sends again what
/// was not.
///
/// # Errors
/// 401 without the right secret; a failure of storage.
pub async fn take(call: &mut Call<'_>) -> Result<Reply, Problem> {
    if call.request.body.len() > BYTES_MAX {
        return Err(Problem::of(&p::TOO_LARGE).with("bytes_max", BYTES_MAX));
    }
    let secrets = guest::secrets(call.settings)?;
    let random = call.random;
    let random = move |count| random(count);
    let personal = Personal { secrets: &secrets, random: &random };
    let account = account(call, personal)?;
    let read = match update::read(&call.request.body) {
        Ok(read) => read,
        Err(why) => {
            eprintln!("telegram.update unreadable brand={} cause={why}", account.stored.brand);
            return Ok(Reply::empty(200));
        }
    };
    let id = read.id;
    match meaning(read) {
        Meaning::Nothing => Ok(Reply::empty(200)),
        Meaning::Reachable { chat, reachable } => {
            let brand = account.stored.brand.as_str();
            let mut moment = Moment { now: call.now, ids: &mut call.ids };
            transaction(call.sql, |tx| take::reachable(tx, brand, chat, reachable, personal, &mut moment))
                .map_err(problem)?;
            Ok(Reply::empty(200))
        }
        Meaning::Heard(heard) => hear(call, &account, id, *heard, personal, &secrets).await,
    }
}

/// The bot whose secret the update carries. That there is none for a brand is not told.
fn account(call: &Call<'_>, personal: Personal<'_>) -> Result<Account, Problem> {
    let brand = call.parameter("brand", |text| Ok(text.to_owned()))?;
    let account = account::load(call.sql, &brand, personal)?;
    let header = call.request.header(secret::HEADER);
    let known = account.filter(|account| secret::is_right(header, &account.secret));
    known.ok_or_else(|| Problem::of(&p::UNAUTHENTICATED))
}

async fn hear(
    call: &mut Call<'_>,
    account: &Account,
    update: i64,
    heard: Heard,
    personal: Personal<'_>,
    secrets: &Secrets,
) -> Result<Reply, Problem> {
    let brand = brands::load(call.sql, &account.stored.brand)?;
    let brand = brand.ok_or_else(|| Problem::internal("a bot of a brand that is none"))?;
    let (chat, callback) = (heard.chat, heard.callback.clone());
    let index = chat_index(&brand.code, chat, personal);
    let dialogue = state::load(call.kv, &index, call.now).await?;
    let incoming = Incoming { account, brand: &brand, update, heard, dialogue: &dialogue };
    let mut moment = Moment { now: call.now, ids: &mut call.ids };
    let taken =
        take::take(call.sql, incoming, personal, &bot::desk_care::Care, &mut moment).map_err(problem)?;
    keep(call, &index, &taken).await;
    if let Some(callback) = callback {
        acknowledge(call, account, callback, taken.notice)?;
    }
    let Some(say) = taken.answer else { return Ok(Reply::empty(200)) };
    let method = say.method(chat, secrets, call.now).map_err(problem)?;
    let (content_type, body) = in_reply(&method);
    Ok(Reply::bytes(200, &content_type, body).header("cache-control", "no-store"))
}

/// Keeps the dialogue, and removes what no longer counts. The update is taken: that a record was not kept costs the guest
/// a repetition, and a token that outlives its account for minutes finds nobody.
async fn keep(call: &Call<'_>, index: &[u8], taken: &Taken) {
    if let Some(dialogue) = &taken.dialogue
        && let Err(error) = state::save(call.kv, index, dialogue).await
    {
        eprintln!("telegram.dialogue not kept cause={error}");
    }
    if let Err(problem) = guest::revoke(call.kv, &taken.stale_keys).await {
        eprintln!("telegram.erase tokens not removed cause={:?}", problem.cause());
    }
}

/// Ends the waiting sign on a button. Telegram ends it by itself after a while.
fn acknowledge(
    call: &Call<'_>,
    account: &Account,
    callback: String,
    notice: Option<String>,
) -> Result<(), Problem> {
    let base_url = call.settings.get(TELEGRAM_URL)?;
    let bot = Bot { base_url: &base_url, token: &account.token };
    let mut request = bot.call(&Method::AnswerCallbackQuery { callback, notice });
    request.timeout_ms = ACKNOWLEDGE_MS;
    match call.partners.exchange(&request) {
        Ok(said) => {
            if let Err(failure) = answer::done(&said) {
                eprintln!("telegram.acknowledge refused cause={failure}");
            }
        }
        Err(fault) => eprintln!("telegram.acknowledge failed cause={fault}"),
    }
    Ok(())
}

/// What is left here is storage, or a defect of what it holds.
fn problem(refusal: bot::Refusal) -> Problem {
    match refusal.store() {
        Some(error) => error.clone().into(),
        None => Problem::internal(refusal.to_string()),
    }
}

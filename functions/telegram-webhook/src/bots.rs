//! A brand's bot: told to Telegram first, then recorded.

use api::problem as p;
use api::wire::telegram::{TelegramBotBody, TelegramBotReply, TelegramWebhookReply};
use bot::account::{self, Account};
use bot::words::menu;
use club::personal::Personal;
use data_encoding::HEXLOWER;
use kernel::{ParseError, Timestamp};
use membership::profile::{ConsentWord, Language};
use store::brands;
use store::telegram::{self as stored, StoredBot};
use store::transaction::transaction;
use telegram::answer::{self, Failure, Me, WebhookInfo};
use telegram::method::{Bot, MenuApp, Method};
use web::fields::Fields;
use web::{Call, Problem, Reply, body, guest};

use crate::run::TELEGRAM_URL;

/// Most characters of an address.
const URL_LEN_MAX: usize = 256;
/// Most bytes of a token.
const TOKEN_LEN_MAX: usize = 150;
/// Random bytes of the webhook's secret.
const SECRET_LEN: usize = 32;
/// When asking Telegram again makes sense after it did not answer, in seconds.
const RETRY_SECONDS: i64 = 5;
/// Updates that Telegram may send at once.
const CONNECTIONS: u8 = 20;

/// Sets the bot of a brand: asks Telegram who it is, says where its updates go, under a new secret, lists its commands,
/// and puts the Mini App behind the menu button where there is one. The record comes last; what Telegram was told without it
/// is told again with the repetition. A bot that is replaced gets no updates any more.
///
/// # Errors
/// What the operation is refused for.
pub fn set(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let brand = brand(call)?;
    let body: TelegramBotBody = body::json(&call.request)?;
    check(&body)?;
    let Some(chain) = brands::load(call.sql, &brand)? else {
        return Err(Problem::of(&p::UNKNOWN_BRAND));
    };
    let me: Me = ask(call, &body.token, &Method::GetMe)?;
    if stored::load_brand_of(call.sql, me.id)?.is_some_and(|owner| owner != brand) {
        return Err(Problem::of(&p::BOT_TAKEN));
    }
    let secret = HEXLOWER.encode(&(call.random)(SECRET_LEN));
    let webhook_url = format!("{}/v1/hooks/telegram/{brand}", body.public_url.trim_end_matches('/'));
    let webhook =
        Method::SetWebhook { url: webhook_url.clone(), secret: secret.clone(), connections: CONNECTIONS };
    let _: bool = ask(call, &body.token, &webhook)?;
    for language in Language::ALL {
        let code = (language != Language::En).then(|| language.code());
        let commands = Method::SetMyCommands { commands: menu::commands(language), language: code };
        let _: bool = ask(call, &body.token, &commands)?;
    }
    let app = body.app_url.clone().map(|url| MenuApp { text: chain.name, url });
    let _: bool = ask(call, &body.token, &Method::SetMenuButton { app })?;
    let secrets = guest::secrets(call.settings)?;
    let random = call.random;
    let random = move |count| random(count);
    let personal = Personal { secrets: &secrets, random: &random };
    // One that cannot be opened any more must not keep its brand from having another.
    let before = account::load(call.sql, &brand, personal).unwrap_or_else(|error| {
        eprintln!("telegram.bot unreadable brand={brand} cause={error}");
        None
    });
    let bot = StoredBot {
        brand,
        bot_id: me.id,
        username: me.username,
        token_sealed: personal.seal(stored::token_place(me.id), &body.token),
        secret_sealed: personal.seal(stored::secret_place(me.id), &secret),
        webhook_url,
        app_url: body.app_url,
        terms_url: body.terms_url,
        privacy_url: body.privacy_url,
        texts_version: body.texts_version,
    };
    transaction(call.sql, |tx| stored::save_bot(tx, &bot, call.now))?;
    if let Some(before) = before.filter(|before| before.stored.bot_id != me.id) {
        fall_silent(call, &before.token)?;
    }
    reply(call, &Account { stored: bot, token: body.token, secret })
}

/// Switches the bot of a brand off: its record goes, and Telegram is told to send no updates. Whose chat was whose stays,
/// for a bot that is set later.
///
/// # Errors
/// 404 where there is none.
pub fn delete(call: &Call<'_>) -> Result<Reply, Problem> {
    let secrets = guest::secrets(call.settings)?;
    let random = call.random;
    let random = move |count| random(count);
    let personal = Personal { secrets: &secrets, random: &random };
    let brand = brand(call)?;
    let account = account::load(call.sql, &brand, personal)?.ok_or_else(|| Problem::of(&p::NOT_FOUND))?;
    transaction(call.sql, |tx| stored::delete_bot(tx, &brand))?;
    fall_silent(call, &account.token)?;
    Ok(Reply::empty(204))
}

/// Has Telegram send a bot's updates nowhere. One that was revoked says no to this as well: updates that come all the
/// same carry no secret that is known here.
fn fall_silent(call: &Call<'_>, token: &str) -> Result<(), Problem> {
    let base_url = call.settings.get(TELEGRAM_URL)?;
    let request = Bot { base_url: &base_url, token }.call(&Method::DeleteWebhook);
    match call.partners.exchange(&request) {
        Ok(said) => {
            if let Err(failure) = answer::read::<bool>(&said) {
                eprintln!("telegram.silence refused cause={failure}");
            }
        }
        Err(fault) => eprintln!("telegram.silence failed cause={fault}"),
    }
    Ok(())
}

/// Shows the bot of a brand.
///
/// # Errors
/// 404 where there is none; 409 when Telegram does not know it any more.
pub fn read(call: &Call<'_>) -> Result<Reply, Problem> {
    let secrets = guest::secrets(call.settings)?;
    let random = call.random;
    let random = move |count| random(count);
    let personal = Personal { secrets: &secrets, random: &random };
    let account = account::load(call.sql, &brand(call)?, personal)?;
    reply(call, &account.ok_or_else(|| Problem::of(&p::NOT_FOUND))?)
}

fn brand(call: &Call<'_>) -> Result<String, Problem> {
    call.parameter("brand", |text| {
        let lawful = text.len() <= 64
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        lawful.then(|| text.to_owned()).ok_or(ParseError("no brand"))
    })
}

fn check(body: &TelegramBotBody) -> Result<(), Problem> {
    let mut fields = Fields::new();
    fields.read("/token", token(&body.token));
    let urls = [
        ("/public_url", Some(&body.public_url)),
        ("/app_url", body.app_url.as_ref()),
        ("/terms_url", Some(&body.terms_url)),
        ("/privacy_url", Some(&body.privacy_url)),
    ];
    for (pointer, url) in urls {
        if let Some(url) = url {
            fields.read(pointer, https(url));
        }
    }
    fields.read("/texts_version", ConsentWord::parse(&body.texts_version));
    fields.finish()
}

/// Part of an address: nothing else may be in it.
fn token(text: &str) -> Result<(), ParseError> {
    let lawful = text.len() <= TOKEN_LEN_MAX
        && text.split_once(':').is_some_and(|(id, secret)| {
            id.parse::<i64>().is_ok_and(|id| id > 0)
                && !secret.is_empty()
                && secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
        });
    lawful.then_some(()).ok_or(ParseError("not a bot's token"))
}

/// Telegram opens and calls such addresses only.
fn https(text: &str) -> Result<(), ParseError> {
    let lawful = text.len() <= URL_LEN_MAX
        && text.strip_prefix("https://").is_some_and(|rest| !rest.is_empty())
        && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
    lawful.then_some(()).ok_or(ParseError("an address that begins with https://"))
}

/// Calls Telegram, and reads what it answers.
fn ask<T: serde::de::DeserializeOwned>(call: &Call<'_>, token: &str, method: &Method) -> Result<T, Problem> {
    let base_url = call.settings.get(TELEGRAM_URL)?;
    let request = Bot { base_url: &base_url, token }.call(method);
    let said = call.partners.exchange(&request).map_err(|fault| unavailable(method, &fault.to_string()))?;
    answer::read(&said).map_err(|failure| match failure {
        Failure::TooMany { retry_after_seconds } => {
            Problem::of(&p::UNAVAILABLE).retry_after(i64::from(retry_after_seconds))
        }
        Failure::Unavailable { .. } | Failure::Unreadable(_) => unavailable(method, &failure.to_string()),
        _ => Problem::of(&p::BOT_REFUSED).because(format!("{}: {failure}", method.name())),
    })
}

/// Telegram does not answer: nothing of ours is wrong.
fn unavailable(method: &Method, cause: &str) -> Problem {
    eprintln!("telegram.call failed method={} cause={cause}", method.name());
    Problem::of(&p::UNAVAILABLE).retry_after(RETRY_SECONDS)
}

fn reply(call: &Call<'_>, account: &Account) -> Result<Reply, Problem> {
    let info: WebhookInfo = ask(call, &account.token, &Method::GetWebhookInfo)?;
    let bot = &account.stored;
    Reply::json(
        200,
        &TelegramBotReply {
            brand: bot.brand.clone(),
            bot_id: bot.bot_id.to_string(),
            username: bot.username.clone(),
            webhook_url: bot.webhook_url.clone(),
            app_url: bot.app_url.clone(),
            terms_url: bot.terms_url.clone(),
            privacy_url: bot.privacy_url.clone(),
            texts_version: bot.texts_version.clone(),
            webhook: TelegramWebhookReply {
                is_ours: info.url == bot.webhook_url,
                pending: info.pending_update_count,
                last_error_at: info
                    .last_error_date
                    .map(|seconds| Timestamp::from_millis(seconds.saturating_mul(1_000)).to_string()),
                last_error: info.last_error_message,
            },
        },
    )
}

//! Have iiko post its events to us.

use api::problem as p;
use api::wire::iiko_accounts::{EventsBody, EventsFailure, EventsReply};
use club::personal::Personal;
use kernel::IikoAccountId;
use shop::iiko_account::{Line, URL_LEN_MAX};
use shop::iiko_events::{self, Receiver};
use web::fields::Fields;
use web::{Call, Problem, Reply, body, guest};

/// Characters of a token: it must not be guessed.
const TOKEN_LEN_MIN: usize = 16;
const TOKEN_LEN_MAX: usize = 200;
/// Most characters of an id at iiko.
const ID_LEN_MAX: usize = 64;

/// Tells iiko where an account's events go.
///
/// # Errors
/// 404 for an unknown account; 409 for another account's token; a failure of storage.
pub fn register(call: &Call<'_>) -> Result<Reply, Problem> {
    let body: EventsBody = body::json(&call.request)?;
    let mut fields = Fields::new();
    let account = fields.read("/account", IikoAccountId::parse(&body.account));
    fields.length("/url", &body.url, URL_LEN_MAX);
    if !body.url.starts_with("https://") && !body.url.starts_with("http://") {
        fields.fault(&p::INVALID_FIELD, "/url", "must begin with https:// or http://");
    }
    fields.length("/token", &body.token, TOKEN_LEN_MAX);
    if body.token.chars().count() < TOKEN_LEN_MIN {
        fields.fault(&p::INVALID_FIELD, "/token", "must have at least 16 characters");
    }
    if let Some(after) = &body.after {
        fields.length("/after", after, ID_LEN_MAX);
    }
    fields.finish()?;
    let Some(account) = account else { return Err(Problem::of(&p::NOT_FOUND)) };
    let secrets = guest::secrets(call.settings)?;
    let personal = Personal { secrets: &secrets, random: &call.random };
    let line = Line { sql: call.sql, partners: call.partners, personal, now: call.now };
    let receiver = Receiver { url: &body.url, token: &body.token };
    let done = iiko_events::register(&line, account, receiver, body.after.as_deref())?;
    let failed = done.failed.into_iter();
    Reply::json(
        200,
        &EventsReply {
            organizations: done.organizations,
            failed: failed.map(|(organization, error)| EventsFailure { organization, error }).collect(),
            next: done.next,
        },
    )
}

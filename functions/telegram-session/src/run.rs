//! Prove, sign in, reply.

use api::problem as p;
use api::wire::signup::SignedInReply;
use api::wire::telegram::TelegramSessionBody;
use bot::account;
use bot::opening::{self, Refusal};
use club::Moment;
use club::personal::Personal;
use web::session::key;
use web::{Call, Problem, Reply, body, guest, idempotency};

/// Signs a Mini App in.
///
/// # Errors
/// What the operation is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let body: TelegramSessionBody = body::json(&call.request)?;
    let (secrets, random) = (guest::secrets(call.settings)?, call.random);
    let random = move |count| random(count);
    let personal = Personal { secrets: &secrets, random: &random };
    let account = account::load(call.sql, &body.brand, personal)?;
    let account =
        account.ok_or_else(|| Problem::of(&p::UNKNOWN_BRAND).at("/brand", "no bot of this brand"))?;
    let opened = idempotency::in_transaction(call, |call, tx| {
        let mut moment = Moment { now: call.now, ids: &mut call.ids };
        let data =
            opening::prove(&body.init_data, &account, &moment).map_err(Refusal::from).map_err(problem)?;
        opening::sign_in(tx, &account.stored.brand, &data, personal, key, &mut moment).map_err(problem)
    })?;
    guest::publish(call.kv, &opened).await;
    Reply::json(
        200,
        &SignedInReply {
            member: opened.member.to_string(),
            is_new: false,
            session: opened.id.to_string(),
            access_token: opened.access.expose(),
            access_expires_at: opened.access_expires_at.to_string(),
            refresh_token: opened.refresh.expose(),
            refresh_expires_at: opened.refresh_expires_at.to_string(),
        },
    )
}

fn problem(refusal: Refusal) -> Problem {
    let words = refusal.to_string();
    match refusal {
        Refusal::Store(error) => error.into(),
        Refusal::Unproven(_) | Refusal::Used => Problem::of(&p::INIT_DATA_REFUSED).because(words),
        Refusal::NotLinked => Problem::of(&p::CHAT_NOT_LINKED),
        Refusal::Blocked => Problem::of(&p::ACCOUNT_BLOCKED),
    }
}

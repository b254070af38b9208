//! Parse, exchange or end, reply.

use api::problem as p;
use api::wire::session::{RefreshBody, TokensReply};
use club::personal::Personal;
use club::session::{self, Opened, Renewal};
use membership::secrets::{Token, TokenKind};
use web::session::key;
use web::{Call, Problem, Reply, body, guest, idempotency};

/// Serves the operations on sessions.
///
/// # Errors
/// What the operation is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    match call.operation.id {
        "refresh_session" => refresh(call).await,
        "end_session" => end(call).await,
        "end_sessions" => end_all(call).await,
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    }
}

async fn refresh(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let body: RefreshBody = body::json(&call.request)?;
    let token =
        Token::parse(&body.refresh_token).ok().filter(|token| token.kind() == TokenKind::GuestRefresh);
    let token = token.ok_or_else(|| Problem::of(&p::SESSION_ENDED))?;
    let (secrets, random) = (guest::secrets(call.settings)?, call.random);
    let renewal = idempotency::in_transaction(call, |call, tx| {
        let personal = Personal { secrets: &secrets, random: &random };
        Ok(session::renew(tx, &token, personal, key, call.now)?)
    })?;
    match renewal {
        Renewal::Renewed(opened) => {
            guest::publish(call.kv, &opened).await;
            Reply::json(200, &reply(&opened))
        }
        Renewal::Reused { stale_keys } => {
            eprintln!("session.reused refresh token exchanged twice: the session is ended");
            guest::revoke(call.kv, &stale_keys).await?;
            Err(Problem::of(&p::REFRESH_REUSED))
        }
        Renewal::MemberInactive { stale_keys } => {
            guest::revoke(call.kv, &stale_keys).await?;
            Err(Problem::of(&p::ACCOUNT_BLOCKED))
        }
    }
}

async fn end(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let guest = call.guest()?.clone();
    let keys = idempotency::in_transaction(call, |call, tx| {
        Ok(session::sign_out(tx, guest.member, guest.session, call.now)?)
    })?;
    guest::revoke(call.kv, &keys).await?;
    Ok(Reply::empty(204))
}

async fn end_all(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let member = call.guest()?.member;
    let keys = idempotency::in_transaction(call, |call, tx| {
        Ok(session::sign_out_everywhere(tx, member, call.now)?)
    })?;
    guest::revoke(call.kv, &keys).await?;
    Ok(Reply::empty(204))
}

fn reply(opened: &Opened) -> TokensReply {
    TokensReply {
        session: opened.id.to_string(),
        access_token: opened.access.expose(),
        access_expires_at: opened.access_expires_at.to_string(),
        refresh_token: opened.refresh.expose(),
        refresh_expires_at: opened.refresh_expires_at.to_string(),
    }
}

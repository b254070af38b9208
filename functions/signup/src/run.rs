//! Parse, send or verify, reply.

use api::problem as p;
use api::wire::signup::{SignedInReply, SignupBody, VerifyBody};
use club::Moment;
use club::personal::Personal;
use club::session::Opened;
use club::signup::send::{self, Start};
use club::signup::verify::{self, Answer, Outcome, Whence};
use kernel::ChallengeId;
use membership::one_time_code::Code;
use web::fields::Fields;
use web::{Call, Problem, Reply, body, guest, idempotency, session, traces};

use crate::deliver::deliver;
use crate::policy::{countries, policy};

/// Most characters of a device's name.
const DEVICE_CHARS_MAX: usize = 64;

/// Serves the operations of sign-up.
///
/// # Errors
/// What the operation is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    match call.operation.id {
        "start_signup" => start(call),
        "resend_code" => resend(call),
        "verify_code" => verify(call).await,
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    }
}

fn start(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let body: SignupBody = body::json(&call.request)?;
    let consents = guest::consents(&body.consents)?;
    let (brand, phone) = send::addressee(call.sql, &body.brand, &body.phone, &countries(call.settings)?)?;
    let network = send::network(&call.request.client_address);
    let start = Start { brand, phone, language: body.language.into(), consents, network };
    let (policy, secrets, random) = (policy(call.settings)?, guest::secrets(call.settings)?, call.random);
    let sent = idempotency::in_transaction(call, |call, tx| {
        let personal = Personal { secrets: &secrets, random: &random };
        let mut moment = Moment { now: call.now, ids: &mut call.ids };
        Ok(send::start(tx, &policy, &start, personal, &mut moment)?)
    })?;
    deliver(call, &sent)
}

fn resend(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let id = call.parameter("challenge", ChallengeId::parse)?;
    let network = send::network(&call.request.client_address);
    let (policy, secrets, random) = (policy(call.settings)?, guest::secrets(call.settings)?, call.random);
    let sent = idempotency::in_transaction(call, |call, tx| {
        let personal = Personal { secrets: &secrets, random: &random };
        let mut moment = Moment { now: call.now, ids: &mut call.ids };
        Ok(send::resend(tx, &policy, id, &network, personal, &mut moment)?)
    })?;
    deliver(call, &sent)
}

async fn verify(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let answer = answer(call)?;
    let device = traces::of_device(&call.request, call.settings)?;
    let network = send::network(&call.request.client_address);
    let (policy, secrets, random) = (policy(call.settings)?, guest::secrets(call.settings)?, call.random);
    let outcome = idempotency::in_transaction(call, |call, tx| {
        let personal = Personal { secrets: &secrets, random: &random };
        let mut moment = Moment { now: call.now, ids: &mut call.ids };
        let whence = Whence { device, network: &network };
        Ok(verify::verify_from(tx, whence, &policy, &answer, personal, session::key, &mut moment)?)
    })?;
    match outcome {
        Outcome::SignedIn { session, is_new } => {
            guest::publish(call.kv, &session).await;
            Reply::json(if is_new { 201 } else { 200 }, &reply(&session, is_new))
        }
        Outcome::Wrong { tries_left } => Err(Problem::of(&p::CODE_WRONG).with("tries_left", tries_left)),
        Outcome::Blocked => Err(Problem::of(&p::ACCOUNT_BLOCKED)),
    }
}

fn answer(call: &Call<'_>) -> Result<Answer, Problem> {
    let challenge = call.parameter("challenge", ChallengeId::parse)?;
    let body: VerifyBody = body::json(&call.request)?;
    let consents = guest::consents(&body.consents)?;
    let code = Code::parse(&body.code)
        .map_err(|error| Problem::of(&p::INVALID_FIELD).at("/code", error.to_string()))?;
    let mut fields = Fields::new();
    if let Some(device) = &body.device {
        fields.length("/device", device, DEVICE_CHARS_MAX);
    }
    fields.finish()?;
    Ok(Answer { challenge, code, label: body.device, consents })
}

fn reply(session: &Opened, is_new: bool) -> SignedInReply {
    SignedInReply {
        member: session.member.to_string(),
        is_new,
        session: session.id.to_string(),
        access_token: session.access.expose(),
        access_expires_at: session.access_expires_at.to_string(),
        refresh_token: session.refresh.expose(),
        refresh_expires_at: session.refresh_expires_at.to_string(),
    }
}

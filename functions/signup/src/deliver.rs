//! Handing a code to the gateway, after the commit that made it.

use api::wire::signup::ChallengeReply;
use carriers::sms::{Kind, Message};
use club::signup::send::{self, Sent};
use membership::one_time_code::DIGITS;
use web::sms::Gateway;
use web::{Call, Problem, Reply, idempotency};

/// Sends the message and notes what came of it.
///
/// # Errors
/// 503 when the gateway did not take it. The challenge stays, and another code may be asked for at once.
pub fn deliver(call: &mut Call<'_>, sent: &Sent) -> Result<Reply, Problem> {
    let gateway = Gateway::from_settings(call.settings)?;
    let id = sent.message.id.to_string();
    let message = Message {
        id: &id,
        to: sent.message.to.expose(),
        text: &sent.message.text,
        ttl_seconds: sent.message.ttl_seconds,
        kind: Kind::Otp,
    };
    match gateway.send(call.partners, message, call.now) {
        Ok(provider_id) => {
            let noted = idempotency::in_transaction(call, |_, tx| {
                Ok(send::delivered(tx, sent, provider_id.as_deref())?)
            });
            // The message is out; that its row does not say so yet is no reason to tell the guest otherwise.
            if let Err(problem) = noted {
                eprintln!("sms.accepted not noted message={id} cause={:?}", problem.cause());
            }
            Reply::json(202, &reply(sent))
        }
        Err(words) => {
            eprintln!("sms.send failed message={id} cause={words:?}");
            idempotency::in_transaction(call, |_, tx| Ok(send::undelivered(tx, sent, &words)?))?;
            Err(Problem::of(&api::problem::SMS_UNAVAILABLE)
                .with("challenge", sent.challenge.to_string())
                .retry_after(RETRY_SECONDS))
        }
    }
}

/// When asking for another code makes sense after the gateway failed.
const RETRY_SECONDS: i64 = 5;

fn reply(sent: &Sent) -> ChallengeReply {
    ChallengeReply {
        challenge: sent.challenge.to_string(),
        expires_at: sent.expires_at.to_string(),
        resend_after: sent.resend_after.to_string(),
        digits: DIGITS,
    }
}

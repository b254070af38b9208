//! Check where it comes from, read the payment, reply.

use acquiring::yookassa::Subject;
use acquiring::{nets, tbank, yookassa};
use api::problem as p;
use club::Moment;
use club::personal::Personal;
use kernel::OrderId;
use ordering::StepKind;
use shop::order::run::{self as outbox, Scope};
use shop::order::{money, news};
use store::acquirers;
use store::transaction::transaction;
use web::orders::{AFTER_PAYMENT, TBANK_NOTIFICATIONS, TBANK_URL, YOOKASSA_URL, refused, urls};
use web::till::MASTER_SECRET;
use web::{Call, Problem, Reply, guest};

/// Networks from which YooKassa's notifications are believed.
const YOOKASSA_NETS: &str = "yookassa_nets";
/// What the component reads.
pub const VARIABLES: &[&str] =
    &[MASTER_SECRET, YOOKASSA_URL, TBANK_URL, TBANK_NOTIFICATIONS, AFTER_PAYMENT, YOOKASSA_NETS];
/// A notification is a payment with its receipt.
const BYTES_MAX: usize = 64 * 1024;
/// What a notification sets off: reading, and nothing that changes anything at the partner.
const READING: &[StepKind] = &[StepKind::WatchPayment, StepKind::WatchRefund];
/// Payments and refunds of one order read at once.
const STEPS_MAX: usize = 4;

/// Takes a notification.
///
/// # Errors
/// 403 when it does not come from the acquirer; 400 when it is none. The acquirer sends it again then.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    if call.request.body.len() > BYTES_MAX {
        return Err(Problem::of(&p::TOO_LARGE).with("bytes_max", BYTES_MAX));
    }
    match call.operation.id {
        "notify_yookassa" => {
            from_yookassa(call)?;
            Ok(Reply::empty(200))
        }
        "notify_tbank" => {
            from_tbank(call)?;
            Ok(Reply::bytes(200, "text/plain", tbank::NOTIFICATION_REPLY.as_bytes().to_vec()))
        }
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    }
}

fn from_yookassa(call: &mut Call<'_>) -> Result<(), Problem> {
    let trusted = call.settings.get(YOOKASSA_NETS)?;
    let trusted = if trusted.is_empty() { nets::YOOKASSA.to_owned() } else { trusted };
    if !nets::is_within(&call.request.client_address, &trusted) {
        return Err(Problem::of(&p::FORBIDDEN));
    }
    let subject = yookassa::notification(&call.request.body).ok_or_else(|| Problem::of(&p::MALFORMED))?;
    match subject {
        Subject::Payment(payment) | Subject::Refund { payment, .. } => read(call, "yookassa", &payment),
        Subject::Other => Ok(()),
    }
}

fn from_tbank(call: &mut Call<'_>) -> Result<(), Problem> {
    let malformed = || Problem::of(&p::MALFORMED);
    let terminal = tbank::terminal_of(&call.request.body).ok_or_else(malformed)?;
    let account = acquirers::load_named(call.sql, "tbank", &terminal)?;
    let account = account.ok_or_else(|| Problem::of(&p::FORBIDDEN))?;
    let secrets = guest::secrets(call.settings)?;
    let random = call.random;
    let random = move |count| random(count);
    let personal = Personal { secrets: &secrets, random: &random };
    let password = personal.open(money::secret_place(account.id), Some(&account.secret_sealed))?;
    let signed = password.and_then(|password| tbank::notification(&call.request.body, &password));
    let notified = signed.ok_or_else(|| Problem::of(&p::FORBIDDEN))?;
    read(call, "tbank", &notified.payment)
}

/// Reads the payment that a notification names. Whoever sends it again finds nothing new.
fn read(call: &mut Call<'_>, kind: &str, payment: &str) -> Result<(), Problem> {
    let refused = refused(call);
    let mut moment = Moment { now: call.now, ids: &mut call.ids };
    let found: Option<OrderId> =
        transaction(call.sql, |tx| news::from_acquirer(tx, kind, payment, &moment)).map_err(&refused)?;
    // Not ours, or so new that its opening is not recorded yet: the timer reads it in any case.
    let Some(order) = found else { return Ok(()) };
    let (secrets, urls) = (guest::secrets(call.settings)?, urls(call.settings)?);
    let random = call.random;
    let random = move |count| random(count);
    let ground = shop::order::Ground {
        sql: call.sql,
        partners: call.partners,
        personal: Personal { secrets: &secrets, random: &random },
        urls: &urls,
    };
    let scope = Scope { order: Some(order), kinds: READING, steps_max: STEPS_MAX };
    outbox::run(&ground, &mut moment, scope).map_err(&refused)?;
    Ok(())
}

//! What the functions of messages share: carriers out of variables, replies.

use api::problem as p;
use api::wire::messages::{
    ChannelReason, ContactReply, MessageItem, MessageReply, MessageTry, OutboxRunReply,
};
use carriers::oauth::ServiceAccount;
use carriers::{email, sms};
use kernel::time::HOUR_MS;
use kernel::{ContactId, NotificationId, Timestamp};
use messaging::missed::Missed;
use messaging::{Channel, Topic};
use post::Refusal;
use post::carry::{Carriers, Fcm, Rustore};
use post::contacts::Shown;
use post::outbox::Done;
use store::deliveries::{Delivery, Status, tries::Try};
use zeroize::Zeroizing;

use crate::call::Settings;
use crate::problem::Problem;
use crate::sms::{SENDER as SMS_SENDER, TOKEN as SMS_TOKEN, URL as SMS_URL};
use crate::till::MASTER_SECRET;

/// The service account's JSON; empty: no Firebase.
pub const FCM_ACCOUNT: &str = "fcm_service_account";
/// Firebase Cloud Messaging, without a path.
pub const FCM_URL: &str = "fcm_url";
/// Where Google exchanges keys for tokens, without a path.
pub const FCM_TOKEN_URL: &str = "fcm_token_url";
/// RuStore's push service, without a path.
pub const RUSTORE_URL: &str = "rustore_url";
/// The project at RuStore; empty: no RuStore.
pub const RUSTORE_PROJECT: &str = "rustore_project";
/// Its service token.
pub const RUSTORE_TOKEN: &str = "rustore_token";
/// The e-mail gateway's base address.
pub const EMAIL_URL: &str = "email_gateway_url";
/// Its key.
pub const EMAIL_TOKEN: &str = "email_gateway_token";
/// `Name <address>`; empty: no e-mail.
pub const EMAIL_SENDER: &str = "email_sender";
/// The Bot API, without a path.
pub const TELEGRAM_URL: &str = "telegram_url";

/// What an outbox reads.
pub const VARIABLES: &[&str] = &[
    MASTER_SECRET,
    FCM_ACCOUNT,
    FCM_URL,
    FCM_TOKEN_URL,
    RUSTORE_URL,
    RUSTORE_PROJECT,
    RUSTORE_TOKEN,
    EMAIL_URL,
    EMAIL_TOKEN,
    EMAIL_SENDER,
    SMS_URL,
    SMS_TOKEN,
    SMS_SENDER,
    TELEGRAM_URL,
];

/// The carriers that the variables name.
///
/// # Errors
/// When a variable is not granted: a deployment fault. One that cannot be read is complained about, and its carrier is none.
pub fn carriers(settings: &dyn Settings) -> Result<Carriers, Problem> {
    let url = |name| settings.get(name).map(|url: String| url.trim_end_matches('/').to_owned());
    let account = settings.get(FCM_ACCOUNT)?;
    let mut complaints = Vec::new();
    let fcm = match ServiceAccount::parse(&account) {
        _ if account.trim().is_empty() => None,
        Ok(account) => Some(Fcm { url: url(FCM_URL)?, token_url: url(FCM_TOKEN_URL)?, account }),
        Err(error) => {
            complaints.push(format!("{FCM_ACCOUNT}: {error}"));
            None
        }
    };
    let project = settings.get(RUSTORE_PROJECT)?;
    let rustore = if project.is_empty() {
        None
    } else {
        let token = Zeroizing::new(settings.get(RUSTORE_TOKEN)?);
        Some(Rustore { url: url(RUSTORE_URL)?, project, token })
    };
    let sender = settings.get(EMAIL_SENDER)?;
    let email = if sender.is_empty() {
        None
    } else {
        Some(email::Gateway { url: url(EMAIL_URL)?, token: settings.get(EMAIL_TOKEN)?, sender })
    };
    let sms = sms::Gateway {
        url: url(SMS_URL)?,
        token: settings.get(SMS_TOKEN)?,
        sender: settings.get(SMS_SENDER)?,
    };
    Ok(Carriers { fcm, rustore, email, sms: Some(sms), telegram: Some(url(TELEGRAM_URL)?), complaints })
}

/// A contact as its member reads it.
#[must_use]
pub fn contact(shown: Shown) -> ContactReply {
    let Shown { contact, address } = shown;
    ContactReply {
        id: ContactId::from_raw(contact.id).to_string(),
        channel: contact.channel.kind().code().to_owned(),
        status: contact.status.code().to_owned(),
        address,
        created_at: contact.created_at.to_string(),
        seen_at: contact.changed_at.to_string(),
    }
}

fn is_about_ticket(delivery: &Delivery) -> bool {
    matches!(delivery.topic, Topic::TicketAnswer | Topic::TicketClosed)
}

/// The whole hour in which a moment is.
#[must_use]
pub fn hour(at: Timestamp) -> Timestamp {
    at.plus_millis(-at.millis().rem_euclid(HOUR_MS))
}

/// The first whole hour that is not before a moment.
#[must_use]
pub fn hour_after(at: Timestamp) -> Timestamp {
    let whole = hour(at);
    if whole == at { at } else { whole.plus_millis(HOUR_MS) }
}

/// A moment of a message, to the hour where it is about a ticket.
fn shown(delivery: &Delivery, at: Timestamp) -> String {
    let shown = if is_about_ticket(delivery) { hour(at) } else { at };
    shown.to_string()
}

/// A message as the desk reads it. Whose ticket was answered is not said, and when only to the hour: guests complain about
/// staff, who must not find out from here who it was.
#[must_use]
pub fn item(delivery: &Delivery) -> MessageItem {
    let is_queued = delivery.status == Status::Queued;
    let is_about_ticket = is_about_ticket(delivery);
    let shown = |at: Timestamp| shown(delivery, at);
    MessageItem {
        id: NotificationId::from_raw(delivery.id).to_string(),
        member: (!is_about_ticket).then(|| delivery.member.to_string()),
        topic: delivery.topic.code().to_owned(),
        status: delivery.status.code().to_owned(),
        code: delivery.code.clone(),
        channel: delivery.channel.map(|channel| channel.code().to_owned()),
        created_at: shown(delivery.created_at),
        expires_at: shown(delivery.expires_at),
        due_at: is_queued.then(|| shown(delivery.due_at)),
        settled_at: delivery.settled_at.map(shown),
        reasons: delivery.reasons.0.iter().map(reason).collect(),
    }
}

fn reason(&(channel, missed): &(Channel, Missed)) -> ChannelReason {
    ChannelReason { channel: channel.code().to_owned(), reason: missed.code().to_owned() }
}

/// A message with its calls.
#[must_use]
pub fn message(delivery: &Delivery, tries: Vec<Try>) -> MessageReply {
    // A guest's contact stands beside the guest in their other messages.
    let contact = |id: i64| (!is_about_ticket(delivery)).then(|| ContactId::from_raw(id).to_string());
    let tries = tries.into_iter().map(|call| MessageTry {
        at: shown(delivery, call.at),
        channel: call.way.channel.code().to_owned(),
        contact: call.way.contact.and_then(contact),
        outcome: call.outcome,
        given_up: call.given_up,
        detail: call.detail,
    });
    MessageReply { message: item(delivery), tries: tries.collect() }
}

/// What a run did.
#[must_use]
pub fn run(done: &Done, next: Option<Timestamp>) -> OutboxRunReply {
    OutboxRunReply {
        planned: done.planned,
        called: done.called,
        sent: done.sent,
        failed: done.failed,
        ended: done.ended,
        more: done.more,
        next_due_at: next.map(|at| at.to_string()),
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let words = refusal.to_string();
        match refusal {
            Refusal::Store(error) => error.into(),
            Refusal::Club(refusal) => refusal.into(),
            Refusal::Unknown => Self::of(&p::NOT_FOUND),
            Refusal::CodeEnded => Self::of(&p::CHALLENGE_ENDED),
            Refusal::Limited { retry_after_seconds } => {
                Self::of(&p::RATE_LIMITED).because(words).retry_after(retry_after_seconds)
            }
            Refusal::NotFailed => Self::of(&p::MESSAGE_NOT_FAILED),
            Refusal::Outdated(why) => Self::of(&p::MESSAGE_OUTDATED).with("reason", why),
            Refusal::NoWay(why) => Self::of(&p::MESSAGE_NO_WAY).with("reason", why),
        }
    }
}

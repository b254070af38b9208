//! Carriers: which there are, and the calls to them.

use carriers::oauth::{self, NoToken, ServiceAccount, Token};
use carriers::{Parcel, email, fcm, rustore, sms};
use club::personal::Personal;
use kernel::{Lang, MemberId, NotificationId, Timestamp};
use messaging::Channel;
use messaging::outcome::Outcome;
use messaging::plan::Way;
use messaging::topic::{Class, Topic};
use messaging::words::Words;
use partner::{Answer, Exchange, Fault, Request};
use store::contacts::Form;
use store::message_providers::{self, token_place};
use store::{Sql, StoreError};
use zeroize::Zeroizing;

use crate::chat::Ask;
use crate::standing::Carrier;

/// Firebase Cloud Messaging.
pub struct Fcm {
    /// Without a path.
    pub url: String,
    /// Where keys are exchanged for tokens, without a path.
    pub token_url: String,
    pub account: ServiceAccount,
}

/// RuStore's push service.
pub struct Rustore {
    /// Without a path.
    pub url: String,
    pub project: String,
    pub token: Zeroizing<String>,
}

/// The carriers of a deployment; those it has not are never chosen.
#[derive(Default)]
pub struct Carriers {
    pub fcm: Option<Fcm>,
    pub rustore: Option<Rustore>,
    pub email: Option<email::Gateway>,
    pub sms: Option<sms::Gateway>,
    /// Address of the Bot API, without a path; the bots are the brands'.
    pub telegram: Option<String>,
    /// What is wrong with the deployment's carriers, for people: one that cannot be used is none, and stops no other.
    pub complaints: Vec<String>,
}

impl Carriers {
    /// Whether the deployment has a channel.
    #[must_use]
    pub const fn have(&self, channel: Channel) -> bool {
        match channel {
            Channel::PushFcm => self.fcm.is_some(),
            Channel::PushRustore => self.rustore.is_some(),
            Channel::Telegram => self.telegram.is_some(),
            Channel::Email => self.email.is_some(),
            Channel::Sms => self.sms.is_some(),
        }
    }
}

/// A message that was leased and is to be carried now.
pub struct Call {
    pub id: i64,
    pub member: MemberId,
    pub topic: Topic,
    pub brand: String,
    pub way: Way,
    pub form: Option<Form>,
    pub address: String,
    pub words: Words,
    pub lang: Lang,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// Not zero after a person had it told again: what gateways know by its key was another message.
    pub round: i64,
    /// What it asks of its reader where they can answer in the chat.
    pub ask: Option<Ask>,
    /// Where a bot sends it.
    pub bot: Option<Speaker>,
}

/// A bot that sends messages.
pub struct Speaker {
    /// Telegram's number of it.
    pub id: i64,
    pub token: Zeroizing<String>,
}

impl Call {
    /// Who is asked to carry it.
    #[must_use]
    pub fn carrier(&self) -> Carrier {
        Carrier { channel: self.way.channel, bot: self.bot.as_ref().map(|bot| bot.id) }
    }

    /// Ours, the same for every try of a round: by it a gateway knows a repetition.
    fn key(&self) -> String {
        let id = NotificationId::from_raw(self.id);
        if self.round == 0 { id.to_string() } else { format!("{id}.{:x}", self.round) }
    }
}

/// FCM's token: known, or exchanged now.
pub enum Pass {
    Known(Zeroizing<String>),
    Fresh(Token),
    None(NoToken),
}

impl Pass {
    fn secret(&self) -> Result<&str, &NoToken> {
        match self {
            Self::Known(secret) => Ok(secret),
            Self::Fresh(token) => Ok(&token.secret),
            Self::None(why) => Err(why),
        }
    }
}

/// The token for FCM, from the database or by an exchange. Not in a transaction: it may call.
///
/// # Errors
/// A failure of storage.
pub fn pass(
    sql: &dyn Sql,
    fcm: &Fcm,
    partners: &dyn Exchange,
    personal: Personal<'_>,
    now: Timestamp,
) -> Result<Pass, StoreError> {
    let name = Channel::PushFcm.code();
    let stored = message_providers::load(sql, name)?;
    if stored.token_until > now
        && let Some(secret) = personal.open(token_place(name), stored.token_sealed.as_deref())?
    {
        return Ok(Pass::Known(Zeroizing::new(secret)));
    }
    let exchanged = fcm.account.request(&fcm.token_url, now);
    let token = exchanged.and_then(|request| oauth::read(&partners.exchange(&request), now));
    Ok(token.map_or_else(Pass::None, Pass::Fresh))
}

/// Keeps a token that was exchanged; forgets one that FCM does not know any more.
///
/// # Errors
/// A failure of storage.
pub fn keep(tx: &dyn Sql, pass: &Pass, is_refused: bool, personal: Personal<'_>) -> Result<(), StoreError> {
    let name = Channel::PushFcm.code();
    let never = Timestamp::from_millis(0);
    match pass {
        Pass::Fresh(token) if !is_refused => {
            let sealed = personal.seal(token_place(name), &token.secret);
            message_providers::save_token(tx, name, &sealed, token.renew_at)
        }
        Pass::Known(_) if is_refused => message_providers::save_token(tx, name, &[], never),
        Pass::Known(_) | Pass::Fresh(_) | Pass::None(_) => Ok(()),
    }
}

/// What a call asks of its carrier, or why it cannot be asked.
pub fn request(
    call: &Call,
    carriers: &Carriers,
    pass: Option<&Pass>,
    now: Timestamp,
) -> Result<Request, Outcome> {
    let (id, key) = (NotificationId::from_raw(call.id).to_string(), call.key());
    let parcel = Parcel {
        id: &id,
        address: &call.address,
        words: &call.words,
        topic: call.topic.code(),
        is_urgent: call.topic.class() == Class::Service,
        expires_at: call.expires_at,
        now,
    };
    let missing = || Outcome::Misconfigured("the deployment has no such carrier any more".to_owned());
    match call.way.channel {
        Channel::PushFcm => {
            let fcm = carriers.fcm.as_ref().ok_or_else(missing)?;
            let secret = pass.ok_or_else(missing)?.secret().map_err(no_token)?;
            let target = match call.form {
                Some(Form::Installation) => fcm::Target::Installation,
                _ => fcm::Target::Token,
            };
            Ok(fcm::request(&fcm.url, &fcm.account.project, secret, target, &parcel))
        }
        Channel::PushRustore => {
            let rustore = carriers.rustore.as_ref().ok_or_else(missing)?;
            Ok(rustore::request(&rustore.url, &rustore.project, &rustore.token, &parcel))
        }
        Channel::Email => {
            let gateway = carriers.email.as_ref().ok_or_else(missing)?;
            Ok(gateway.request(&Parcel { id: &key, ..parcel }))
        }
        Channel::Sms => {
            let gateway = carriers.sms.as_ref().ok_or_else(missing)?;
            let kind = match call.topic.class() {
                Class::Advertising => sms::Kind::Promo,
                Class::Service | Class::Request => sms::Kind::Service,
            };
            let message = sms::Message {
                id: &key,
                to: &call.address,
                text: &sms::text(&call.words),
                // The same for every try: under a known id another body would be refused.
                ttl_seconds: call.expires_at.seconds().saturating_sub(call.created_at.seconds()).max(1),
                kind,
            };
            Ok(gateway.request(message))
        }
        Channel::Telegram => {
            let url = carriers.telegram.as_ref().ok_or_else(missing)?;
            let bot = call.bot.as_ref().ok_or_else(no_bot)?;
            crate::chat::request(url, &bot.token, call)
        }
    }
}

fn no_bot() -> Outcome {
    // Switched off by a person: another way, at once.
    Outcome::Refused("the brand has no bot".to_owned())
}

fn no_token(why: &NoToken) -> Outcome {
    match why {
        NoToken::Failed(_) => Outcome::Failed { wanted: None, detail: why.to_string() },
        NoToken::Account(_) | NoToken::Key | NoToken::Refused(_) => Outcome::Misconfigured(why.to_string()),
    }
}

/// What an answer means.
#[must_use]
pub fn outcome(channel: Channel, answer: &Result<Answer, Fault>, now: Timestamp) -> Outcome {
    match channel {
        Channel::PushFcm => fcm::outcome(answer, now),
        Channel::PushRustore => rustore::outcome(answer, now),
        Channel::Email => email::outcome(answer, now),
        Channel::Sms => sms::outcome(answer, now),
        Channel::Telegram => crate::chat::outcome(answer, now),
    }
}

//! Parse, record, reply.

use api::problem as p;
use api::wire::messages::{
    ContactsReply, DeviceBody, MailboxBody, MailboxCodeBody, MessageSettings as Wire, PushForm, PushProvider,
    QuietHours,
};
use club::Moment;
use club::personal::Personal;
use kernel::{ContactId, Zone};
use membership::one_time_code::Code;
use membership::profile::Email;
use messaging::quiet::Quiet;
use messaging::{Channel, Kind};
use post::contacts::{self, ADDRESS_LEN_MAX, Address, Answered};
use post::settings;
use store::contacts::Form;
use store::message_settings::MessageSettings;
use web::fields::Fields;
use web::{Call, Problem, Reply, body, guest, idempotency, messages};

/// Serves the operations on contacts and settings.
///
/// # Errors
/// What the operation is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    match call.operation.id {
        "list_contacts" => list(call),
        "register_device" => register(call),
        "remove_contact" => remove(call),
        "offer_mailbox" => offer(call),
        "confirm_mailbox" => confirm(call),
        "read_message_settings" => Reply::json(200, &wire(&settings::read(call.sql, call.guest()?.member)?)),
        "replace_message_settings" => replace(call),
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    }
}

fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let (secrets, random) = (guest::secrets(call.settings)?, call.random);
    let personal = Personal { secrets: &secrets, random: &random };
    let shown = contacts::list(call.sql, call.guest()?.member, personal)?;
    Reply::json(200, &ContactsReply { items: shown.into_iter().map(messages::contact).collect() })
}

/// One of the caller's contacts.
fn shown(call: &Call<'_>, status: u16, id: ContactId) -> Result<Reply, Problem> {
    let (secrets, random) = (guest::secrets(call.settings)?, call.random);
    let personal = Personal { secrets: &secrets, random: &random };
    let all = contacts::list(call.sql, call.guest()?.member, personal)?;
    let found = all.into_iter().find(|each| each.contact.id == id.raw());
    let found = found.ok_or_else(|| Problem::of(&p::NOT_FOUND))?;
    Reply::json(status, &messages::contact(found))
}

fn register(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let member = call.guest()?.member;
    let body: DeviceBody = body::json(&call.request)?;
    let is_token = !body.token.is_empty()
        && body.token.len() <= ADDRESS_LEN_MAX
        && body.token.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_token {
        let words = format!("1 to {ADDRESS_LEN_MAX} printable characters of ASCII");
        return Err(Problem::of(&p::INVALID_FIELD).at("/token", words));
    }
    let channel = match body.provider {
        PushProvider::Fcm => Channel::PushFcm,
        PushProvider::Rustore => Channel::PushRustore,
    };
    let form = match (body.form, channel) {
        (PushForm::Token, _) => Form::Token,
        (PushForm::Installation, Channel::PushFcm) => Form::Installation,
        (PushForm::Installation, _) => {
            return Err(Problem::of(&p::INVALID_FIELD).at("/form", "RuStore knows tokens only"));
        }
    };
    let (secrets, random) = (guest::secrets(call.settings)?, call.random);
    let id = idempotency::in_transaction(call, |call, tx| {
        let personal = Personal { secrets: &secrets, random: &random };
        let mut moment = Moment { now: call.now, ids: &mut call.ids };
        let address = Address { channel, form, text: &body.token };
        Ok(contacts::link(tx, member, address, personal, &mut moment)?)
    })?;
    shown(call, 200, id)
}

fn remove(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let (member, id) = (call.guest()?.member, call.parameter("id", ContactId::parse)?);
    idempotency::in_transaction(call, |call, tx| Ok(contacts::remove(tx, member, id, call.now)?))?;
    Ok(Reply::empty(204))
}

fn offer(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let member = call.guest()?.member;
    let body: MailboxBody = body::json(&call.request)?;
    let email =
        Email::parse(&body.email).map_err(|error| Problem::of(&p::INVALID_FIELD).at("/email", error.0))?;
    let (secrets, random) = (guest::secrets(call.settings)?, call.random);
    idempotency::once(call, |call, tx| {
        let personal = Personal { secrets: &secrets, random: &random };
        let mut moment = Moment { now: call.now, ids: &mut call.ids };
        let id = contacts::offer_mailbox(tx, member, &email, personal, &mut moment)?;
        shown(call, 202, id)
    })
}

fn confirm(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let (member, id) = (call.guest()?.member, call.parameter("id", ContactId::parse)?);
    let body: MailboxCodeBody = body::json(&call.request)?;
    let code = Code::parse(&body.code)
        .map_err(|error| Problem::of(&p::INVALID_FIELD).at("/code", error.to_string()))?;
    let (secrets, random) = (guest::secrets(call.settings)?, call.random);
    let answered = idempotency::in_transaction(call, |call, tx| {
        let personal = Personal { secrets: &secrets, random: &random };
        Ok(contacts::confirm_mailbox(tx, member, id, &code, personal, call.now)?)
    })?;
    match answered {
        Answered::Confirmed => shown(call, 200, id),
        Answered::Wrong { tries_left } => Err(Problem::of(&p::CODE_WRONG).with("tries_left", tries_left)),
    }
}

fn replace(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let member = call.guest()?.member;
    let body: Wire = body::json(&call.request)?;
    let wanted = parse(&body)?;
    idempotency::in_transaction(call, |call, tx| Ok(settings::replace(tx, member, &wanted, call.now)?))?;
    Reply::json(200, &wire(&wanted))
}

fn parse(body: &Wire) -> Result<MessageSettings, Problem> {
    let mut fields = Fields::new();
    let preferred = body.preferred.as_deref().and_then(|text| fields.read("/preferred", Kind::parse(text)));
    let mut off = Vec::new();
    for (index, text) in body.off.iter().enumerate() {
        off.extend(fields.read(&format!("/off/{index}"), Kind::parse(text)));
    }
    off.sort_unstable();
    off.dedup();
    if preferred.is_some_and(|kind| off.contains(&kind)) {
        fields.fault(&p::INVALID_FIELD, "/preferred", "it is off".to_owned());
    }
    let hours = body.quiet.as_ref();
    let quiet = hours.and_then(|hours| fields.read("/quiet", Quiet::parse(&hours.from, &hours.until)));
    if let Some(zone) = &body.zone {
        fields.read("/zone", Zone::parse(zone));
    }
    fields.finish()?;
    Ok(MessageSettings { zone: body.zone.clone(), quiet, preferred, off })
}

fn wire(settings: &MessageSettings) -> Wire {
    let hours = |quiet: Quiet| {
        let (from, until) = quiet.times();
        QuietHours { from, until }
    };
    Wire {
        preferred: settings.preferred.map(|kind| kind.code().to_owned()),
        off: settings.off.iter().map(|kind| kind.code().to_owned()).collect(),
        quiet: settings.quiet.map(hours),
        zone: settings.zone.clone(),
    }
}

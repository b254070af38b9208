//! Parse, read or change, reply.

use api::problem as p;
use api::wire::member::{
    ConsentRecord, ConsentsBody, ConsentsReply, EraseBody, EraseReply, MemberChange, MemberReply,
};
use club::Moment;
use club::member::profile::{Change, Edit, Profile};
use club::member::{consents, erase, profile};
use club::personal::Personal;
use kernel::{Date, ParseError, Zone};
use membership::profile::{Birthday, Consent, DisplayName, Email};
use web::fields::Fields;
use web::{Call, Problem, Reply, body, guest, idempotency};

use crate::export;

/// Serves the operations on a guest's own record.
///
/// # Errors
/// What the operation is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    match call.operation.id {
        "read_member" => read(call),
        "change_member" => change(call),
        "read_consents" => read_consents(call),
        "record_consents" => record_consents(call),
        "export_member" => export::page(call),
        "erase_member" => erase(call).await,
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    }
}

fn read(call: &Call<'_>) -> Result<Reply, Problem> {
    let (secrets, random) = (guest::secrets(call.settings)?, call.random);
    let personal = Personal { secrets: &secrets, random: &random };
    Reply::json(200, &reply(profile::read(call.sql, call.guest()?.member, personal)?))
}

fn change(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let member = call.guest()?.member;
    // In the far east of a zone tomorrow has begun: nobody's birthday is refused for being there.
    let today = call.now.date_in(&Zone::UTC).plus_days(1);
    let change = changes(body::json(&call.request)?, today)?;
    let (secrets, random) = (guest::secrets(call.settings)?, call.random);
    let changed = idempotency::in_transaction(call, |call, tx| {
        let personal = Personal { secrets: &secrets, random: &random };
        Ok(profile::change(tx, member, change, personal, call.now)?)
    })?;
    Reply::json(200, &reply(changed))
}

fn changes(body: MemberChange, today: Date) -> Result<Change, Problem> {
    let mut fields = Fields::new();
    let change = Change {
        name: edit(&mut fields, "/name", body.name, DisplayName::parse),
        birthday: edit(&mut fields, "/birthday", body.birthday, |text| Birthday::parse(text, today)),
        email: edit(&mut fields, "/email", body.email, Email::parse),
        language: body.language.map(Into::into),
    };
    fields.finish()?;
    Ok(change)
}

/// An absent field stays, a null one is cleared, any other must be lawful.
fn edit<T>(
    fields: &mut Fields,
    pointer: &str,
    sent: Option<Option<String>>,
    parse: impl FnOnce(&str) -> Result<T, ParseError>,
) -> Edit<T> {
    match sent {
        None => Edit::Keep,
        Some(None) => Edit::Clear,
        Some(Some(text)) => fields.read(pointer, parse(&text)).map_or(Edit::Keep, Edit::Set),
    }
}

fn read_consents(call: &Call<'_>) -> Result<Reply, Problem> {
    let all = consents::list(call.sql, call.guest()?.member)?;
    Reply::json(200, &consents_reply(&all))
}

fn record_consents(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let member = call.guest()?.member;
    let body: ConsentsBody = body::json(&call.request)?;
    let said = guest::said(&body.consents, call.now)?;
    let all = idempotency::in_transaction(call, |call, tx| {
        let mut moment = Moment { now: call.now, ids: &mut call.ids };
        Ok(consents::record(tx, member, said, &mut moment)?)
    })?;
    Reply::json(200, &consents_reply(&all))
}

async fn erase(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let member = call.guest()?.member;
    let body: EraseBody = body::json(&call.request)?;
    if !body.confirm {
        return Err(
            Problem::of(&p::INVALID_FIELD).at("/confirm", "must be true: nothing brings the account back")
        );
    }
    let keys = idempotency::in_transaction(call, |call, tx| {
        let mut moment = Moment { now: call.now, ids: &mut call.ids };
        Ok(erase::erase(tx, member, erase::Through::Themselves, &mut moment)?)
    })?;
    // The account is erased; a token that outlives it for minutes finds nobody.
    if let Err(problem) = guest::revoke(call.kv, &keys).await {
        eprintln!("member.erase tokens not removed member={member} cause={:?}", problem.cause());
    }
    Reply::json(200, &EraseReply { member: member.to_string(), erased_at: call.now.to_string() })
}

/// A profile as the guest reads it.
pub fn reply(profile: Profile) -> MemberReply {
    MemberReply {
        id: profile.id.to_string(),
        brand: profile.brand,
        phone: profile.phone,
        name: profile.name,
        birthday: profile.birthday,
        email: profile.email,
        language: profile.language.into(),
        tier: profile.tier,
        home_outlet: profile.home_outlet,
        joined_at: profile.joined_at.to_string(),
    }
}

fn consents_reply(all: &[Consent]) -> ConsentsReply {
    ConsentsReply {
        in_force: Consent::in_force(all).into_iter().map(consent).collect(),
        history: all.iter().map(consent).collect(),
    }
}

/// A consent as the guest reads it.
pub fn consent(consent: &Consent) -> ConsentRecord {
    ConsentRecord {
        kind: consent.kind.into(),
        granted: consent.granted,
        text_version: consent.text_version.as_str().to_owned(),
        source: consent.source.as_str().to_owned(),
        at: consent.at.to_string(),
    }
}

//! What members want of our messages.

use kernel::{MemberId, Timestamp, Zone};
use messaging::Kind;
use messaging::quiet::Quiet;

use crate::error::StoreError;
use crate::port::{Sql, Value};
use crate::statement::Statement;

const SETTINGS: Statement = Statement::new(
    "message_settings.of_member",
    "select zone, quiet_from, quiet_until from message_settings where member_id = ?1",
);
const SAVE: Statement = Statement::new(
    "message_settings.save",
    "insert into message_settings (member_id, zone, quiet_from, quiet_until, changed_at) values (?1, ?2, ?3, ?4, ?5) \
     on conflict (member_id) do update set zone = excluded.zone, quiet_from = excluded.quiet_from, \
     quiet_until = excluded.quiet_until, changed_at = excluded.changed_at",
);
const ERASE: Statement =
    Statement::new("message_settings.erase", "delete from message_settings where member_id = ?1");
const PREFERENCES: Statement = Statement::new(
    "message_preferences.of_member",
    "select channel, choice from message_preferences where member_id = ?1 order by channel",
);
const CLEAR: Statement =
    Statement::new("message_preferences.clear", "delete from message_preferences where member_id = ?1");
const INSERT: Statement = Statement::new(
    "message_preferences.insert",
    "insert into message_preferences (member_id, channel, choice) values (?1, ?2, ?3)",
);

const PREFERRED: &str = "preferred";
const OFF: &str = "off";

/// What a member wants.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MessageSettings {
    /// IANA name, as the member's device tells; `None`: the home outlet's.
    pub zone: Option<String>,
    /// `None`: the service's own.
    pub quiet: Option<Quiet>,
    /// Comes first.
    pub preferred: Option<Kind>,
    /// Never.
    pub off: Vec<Kind>,
}

/// What a member wants; the default of one who said nothing.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, member: MemberId) -> Result<MessageSettings, StoreError> {
    let mut settings = MessageSettings::default();
    let key: [Value; 1] = [member.raw().into()];
    if let Some(mut row) = SETTINGS.query_one(sql, &key)? {
        settings.zone = row.text_or_null()?;
        if let Some(zone) = &settings.zone {
            Zone::parse(zone).map_err(|_| row.inconsistent("no time zone"))?;
        }
        let (from, until) = (row.integer_or_null()?, row.integer_or_null()?);
        if let (Some(from), Some(until)) = (from, until) {
            let minute =
                |value: i64| u16::try_from(value).map_err(|_| row.inconsistent("no minute of a day"));
            let quiet = Quiet::new(minute(from)?, minute(until)?);
            settings.quiet = Some(quiet.map_err(|_| row.inconsistent("no minute of a day"))?);
        }
    }
    for mut row in PREFERENCES.query(sql, &key)? {
        let kind = row.parsed(Kind::parse)?;
        match row.text()?.as_str() {
            PREFERRED => settings.preferred = Some(kind),
            OFF => settings.off.push(kind),
            _ => return Err(row.inconsistent("text outside its closed set")),
        }
    }
    settings.off.sort_unstable();
    Ok(settings)
}

/// Stores what a member wants from now on.
///
/// # Errors
/// A failure of storage.
pub fn save(
    tx: &dyn Sql,
    member: MemberId,
    settings: &MessageSettings,
    now: Timestamp,
) -> Result<(), StoreError> {
    let minutes = settings.quiet.map(Quiet::minutes);
    SAVE.run(
        tx,
        &[
            member.raw().into(),
            settings.zone.as_deref().into(),
            minutes.map(|(from, _)| i64::from(from)).into(),
            minutes.map(|(_, until)| i64::from(until)).into(),
            now.millis().into(),
        ],
    )?;
    CLEAR.run(tx, &[member.raw().into()])?;
    let preferred = settings.preferred.map(|kind| (kind, PREFERRED));
    for (kind, choice) in settings.off.iter().map(|kind| (*kind, OFF)).chain(preferred) {
        INSERT.run(tx, &[member.raw().into(), kind.code().into(), choice.into()])?;
    }
    Ok(())
}

/// Forgets what a member wanted.
///
/// # Errors
/// A failure of storage.
pub fn erase(tx: &dyn Sql, member: MemberId) -> Result<(), StoreError> {
    ERASE.run(tx, &[member.raw().into()])?;
    CLEAR.run(tx, &[member.raw().into()])
}

//! What a guest told about themselves.

use kernel::{MemberId, Timestamp};
use membership::profile::{Birthday, DisplayName, Email, Language};
use store::members::{self, Member};
use store::outlets;
use store::{Sql, StoreError};

use super::{Field, Refusal, active, place};
use crate::personal::Personal;

/// A member's record in clear, for the member.
#[derive(Clone, PartialEq, Eq)]
pub struct Profile {
    pub id: MemberId,
    pub brand: String,
    pub phone: Option<String>,
    pub name: Option<String>,
    pub birthday: Option<String>,
    pub email: Option<String>,
    pub language: Language,
    pub tier: String,
    /// The chain's code of the home outlet.
    pub home_outlet: Option<String>,
    pub joined_at: Timestamp,
}

/// What to do with one field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Edit<T> {
    #[default]
    Keep,
    Clear,
    Set(T),
}

/// Changes to a profile.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Change {
    pub name: Edit<DisplayName>,
    pub birthday: Edit<Birthday>,
    pub email: Edit<Email>,
    pub language: Option<Language>,
}

/// A member's record.
///
/// # Errors
/// [`crate::Refusal::MemberInactive`]; a failure of storage.
pub fn read(sql: &dyn Sql, member: MemberId, personal: Personal<'_>) -> Result<Profile, Refusal> {
    Ok(open(sql, active(sql, member)?, personal)?)
}

/// Changes a member's record and answers with it.
///
/// # Errors
/// [`crate::Refusal::MemberInactive`]; a failure of storage.
pub fn change(
    tx: &dyn Sql,
    member: MemberId,
    change: Change,
    personal: Personal<'_>,
    now: Timestamp,
) -> Result<Profile, Refusal> {
    let mut member = active(tx, member)?;
    let seal = |field, text: &str| personal.seal(place(member.id, field), text);
    let name = edited(change.name, |name| seal(Field::Name, name.expose()));
    let birthday = edited(change.birthday, |birthday| seal(Field::Birthday, &birthday.expose()));
    let email = edited(change.email, |email| seal(Field::Email, email.expose()));
    name.apply(&mut member.name_sealed);
    birthday.apply(&mut member.birthday_sealed);
    email.apply(&mut member.email_sealed);
    member.language = change.language.unwrap_or(member.language);
    members::update_profile(tx, &member, now)?;
    Ok(open(tx, member, personal)?)
}

fn edited<T>(edit: Edit<T>, seal: impl FnOnce(&T) -> Vec<u8>) -> Edit<Vec<u8>> {
    match edit {
        Edit::Keep => Edit::Keep,
        Edit::Clear => Edit::Clear,
        Edit::Set(value) => Edit::Set(seal(&value)),
    }
}

impl<T> Edit<T> {
    fn apply(self, field: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *field = None,
            Self::Set(value) => *field = Some(value),
        }
    }
}

fn open(sql: &dyn Sql, member: Member, personal: Personal<'_>) -> Result<Profile, StoreError> {
    let field = |field, sealed: &Option<Vec<u8>>| personal.open(place(member.id, field), sealed.as_deref());
    let home = member.home_outlet.map(|home| outlets::load(sql, home)).transpose()?.flatten();
    Ok(Profile {
        phone: field(Field::Phone, &member.phone_sealed)?,
        name: field(Field::Name, &member.name_sealed)?,
        birthday: field(Field::Birthday, &member.birthday_sealed)?,
        email: field(Field::Email, &member.email_sealed)?,
        id: member.id,
        brand: member.brand,
        language: member.language,
        tier: member.tier,
        home_outlet: home.map(|home| home.code),
        joined_at: member.joined_at,
    })
}

/// The id only.
impl std::fmt::Debug for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Profile({})", self.id)
    }
}

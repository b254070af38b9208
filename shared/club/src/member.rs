//! A guest's own record: what they told, what they agreed to, a copy of everything, and being forgotten.

pub mod consents;
pub mod erase;
pub mod export;
pub mod profile;
pub mod words;

use kernel::MemberId;
use membership::profile::ConsentKind;
use membership::secrets::Place;
use store::guests::MemberStatus;
use store::members::{self, Member};
use store::{Sql, StoreError};

/// Why a guest's request about their own record is refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A failure or refusal of the club's other parts.
    #[error(transparent)]
    Club(#[from] crate::Refusal),
    #[error("no such member")]
    UnknownMember,
    /// One kind of consent twice.
    #[error("each kind of consent at most once")]
    ConsentTwice,
    /// A consent that membership stands on: it ends with the membership.
    #[error("the consent {} ends only with the account", .0.code())]
    ConsentRequired(ConsentKind),
    /// Something is held against the account: it is erased once people have decided.
    #[error("the account is under review")]
    UnderReview,
    /// Too many of these in a day.
    #[error("too often; try again in {retry_after_seconds} s")]
    Limited { retry_after_seconds: i64 },
}

/// A personal field of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    Phone,
    Name,
    Birthday,
    Email,
}

/// Where a member's field is sealed. Part of the stored data's meaning: whoever writes members must use it.
#[must_use]
pub const fn place(member: MemberId, field: Field) -> Place<'static> {
    let field = match field {
        Field::Phone => "phone",
        Field::Name => "name",
        Field::Birthday => "birthday",
        Field::Email => "email",
    };
    Place { table: "members", field, row: member.raw() }
}

/// The member behind a valid token; an account erased or blocked since then may do nothing more.
fn active(sql: &dyn Sql, id: MemberId) -> Result<Member, Refusal> {
    let member = members::load(sql, id)?.filter(|member| member.status == MemberStatus::Active);
    member.ok_or(Refusal::Club(crate::Refusal::MemberInactive))
}

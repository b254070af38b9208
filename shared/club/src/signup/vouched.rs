//! Sign-up without a code: another service, which knows the phone of its user, vouches for it.

use fraud::facts::Trace;
use kernel::MemberId;
use membership::phone::Phone;
use membership::profile::{Consent, Language};
use store::Sql;
use store::brands::Brand;
use store::guests::MemberStatus;
use store::members;
use store::transaction::nested;

use super::Refusal;
use super::verify::{Newcomer, agree, join};
use crate::Moment;
use crate::personal::Personal;
use crate::watching;

/// A guest whose phone is proven elsewhere.
#[derive(Debug, Clone)]
pub struct Vouched<'a> {
    pub brand: &'a Brand,
    pub phone: &'a Phone,
    /// Of a member who is made.
    pub language: Language,
    /// What the guest said where they were asked.
    pub consents: Vec<Consent>,
    /// Keyed hash of what the guest is at, as a device is told apart from others.
    pub device: [u8; 32],
}

/// What became of a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admitted {
    Member {
        member: MemberId,
        is_new: bool,
    },
    /// The account with this phone is blocked.
    Blocked,
    /// Something required was never agreed to. Nothing was recorded.
    ConsentsMissing,
}

/// Finds the member with a phone, or makes one.
///
/// # Errors
/// [`Refusal::Club`] when the brand has no programme; a failure of storage.
pub fn admit(
    tx: &dyn Sql,
    vouched: Vouched<'_>,
    personal: Personal<'_>,
    moment: &mut Moment<'_>,
) -> Result<Admitted, Refusal> {
    let (brand, index) = (vouched.brand.code.as_str(), personal.phone_index(vouched.phone));
    let known = members::load_by_phone(tx, brand, index.bytes())?;
    if known.as_ref().is_some_and(|member| member.status == MemberStatus::Blocked) {
        return Ok(Admitted::Blocked);
    }
    let device = Some(Trace::from_hash(&vouched.device));
    let admitted = nested(tx, || {
        let (member, is_new) = match known {
            Some(member) => {
                watching::signed_in(tx, brand, member.id, device, moment).map_err(Refusal::Club)?;
                (member.id, false)
            }
            None => {
                let newcomer = Newcomer {
                    brand,
                    phone_index: index.bytes(),
                    phone: vouched.phone.expose(),
                    language: vouched.language,
                    device,
                };
                (join(tx, &newcomer, personal, moment)?, true)
            }
        };
        agree(tx, member, vouched.consents, moment)?;
        Ok(Admitted::Member { member, is_new })
    });
    match admitted {
        Err(Refusal::Consents(_)) => Ok(Admitted::ConsentsMissing),
        other => other,
    }
}

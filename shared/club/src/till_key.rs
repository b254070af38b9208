//! API keys of tills.

use kernel::{StaffId, TillKeyId};
use membership::staff_auth::{Grant, Permission};
use store::tills::{self, TillKey};
use store::{Sql, StoreError, directory};

use crate::Moment;

/// Why a use case of this module did not happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Not there, or not the caller's to see.
    #[error("no such outlet")]
    UnknownOutlet,
    #[error("no such key")]
    UnknownKey,
}

/// A key to make.
#[derive(Debug, Clone)]
pub struct NewKey<'a> {
    pub outlet: &'a str,
    /// Tells the tills of an outlet apart.
    pub label: &'a str,
    /// The key itself is never stored.
    pub hash: &'a [u8],
    pub by: StaffId,
}

/// Makes a key for an outlet that the caller may manage.
///
/// # Errors
/// See [`Refused`].
pub fn create(
    tx: &dyn Sql,
    new: &NewKey<'_>,
    grant: &Grant,
    moment: &mut Moment<'_>,
) -> Result<TillKey, Refused> {
    let outlet = directory::load(tx, new.outlet)?
        .filter(|outlet| grant.may_at(Permission::ManageTillKeys, outlet.id, outlet.franchisee))
        .ok_or(Refused::UnknownOutlet)?;
    let key = TillKey {
        id: TillKeyId::new(moment.ids, moment.now),
        outlet_code: outlet.code,
        label: new.label.to_owned(),
        created_at: moment.now,
        revoked_at: None,
    };
    tills::insert(tx, &key, outlet.id, new.hash, new.by)?;
    Ok(key)
}

/// Ends a key at once; a key that has ended stays so.
///
/// # Errors
/// See [`Refused`].
pub fn revoke(tx: &dyn Sql, id: TillKeyId, grant: &Grant, moment: &Moment<'_>) -> Result<(), Refused> {
    let outlet = tills::load_outlet_of(tx, id)?.ok_or(Refused::UnknownKey)?;
    if !grant.may_at(Permission::ManageTillKeys, outlet.id, outlet.franchisee) {
        return Err(Refused::UnknownKey);
    }
    Ok(tills::revoke(tx, id, moment.now)?)
}

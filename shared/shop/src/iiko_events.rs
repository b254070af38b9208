//! Has iikoCloud post an account's events to us: an organisation has one receiver, which this makes us.
//!
//! Only the token's hash is kept, so whoever asks brings the token. The hash is stored first: what iiko posts with the
//! new token is taken at once. What it posts with the one before until it has been told is refused; iiko repeats that,
//! and what changed of orders is read from the account anyway.

use iiko::orders::{Read, answer};
use kernel::IikoAccountId;
use store::menus::{accounts, directory};
use store::transaction::transaction;

use crate::iiko_account::{Line, Refused, Trouble, webhook_hash};

/// Organisations told in one go: a person waits, and iiko takes its time.
pub const ORGANIZATIONS_MAX: usize = 10;

/// Where events are to go.
#[derive(Debug, Clone, Copy)]
pub struct Receiver<'a> {
    /// Our address as iiko reaches it.
    pub url: &'a str,
    /// What iiko sends with every event.
    pub token: &'a str,
}

/// What was arranged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Registered {
    /// Organisations that post to us now.
    pub organizations: Vec<String>,
    /// Organisations that do not, and why.
    pub failed: Vec<(String, String)>,
    /// The last organisation told, when there are more.
    pub next: Option<String>,
}

/// Tells iiko where an account's events go, for each organisation with outlets after `after`. May be repeated.
///
/// # Errors
/// [`Refused::Unknown`], [`Refused::Taken`]; a failure of storage.
pub fn register(
    line: &Line<'_>,
    account: IikoAccountId,
    receiver: Receiver<'_>,
    after: Option<&str>,
) -> Result<Registered, Refused> {
    let sql = line.sql;
    accounts::load(sql, account)?.ok_or(Refused::Unknown)?;
    let hash = webhook_hash(receiver.token);
    let stored = transaction(sql, |tx| accounts::set_webhook(tx, account, &hash, line.now));
    stored.map_err(|error| if error.is_unique() { Refused::Taken } else { error.into() })?;
    let known = directory::list_organizations(sql, account)?.into_iter();
    let sells = known.filter(|organization| organization.outlets > 0).map(|organization| organization.id);
    let mut ids: Vec<String> = sells.filter(|id| after.is_none_or(|after| id.as_str() > after)).collect();
    ids.sort();
    let more = ids.len() > ORGANIZATIONS_MAX;
    ids.truncate(ORGANIZATIONS_MAX);
    let mut registered = Registered { next: ids.last().filter(|_| more).cloned(), ..Registered::default() };
    for id in ids {
        let asked = line.call(account, &|access| access.subscribe(&id, receiver.url, receiver.token));
        let problem = match asked.map(|answer| answer::accepted(&Ok(answer))) {
            Ok(Read::Known(())) => None,
            Ok(Read::Refused { reason } | Read::Unknown { reason }) => Some(reason),
            Ok(other) => Some(format!("{other:?}")),
            Err(Trouble::Store(error)) => return Err(error.into()),
            Err(trouble) => Some(trouble.to_string()),
        };
        match problem {
            None => registered.organizations.push(id),
            Some(problem) => registered.failed.push((id, problem)),
        }
    }
    Ok(registered)
}

//! What iiko's events failed to tell: changes of orders are read account by account.
//!
//! Every order under way is looked up by itself as well, ever more rarely; this finds news of all of them with one call
//! a minute, and goes on for a while after the last of them is over: a till may undo what it closed. A reading that dies
//! half way is read again from where the last one ended, and what is known already changes nothing. Orders of the house
//! have no such list: all of an account's are read by their ids, with one call for two hundred.

use club::Moment;
use iiko::call::Access;
use iiko::orders::{IDS_MAX, OrderInfo, Read, answer};
use kernel::IikoAccountId;
use kernel::time::{HOUR_MS, MINUTE_MS};
use partner::{Answer, Fault, Request};
use store::menus::directory;
use store::orders::readings;
use store::transaction::{nested, transaction};

use super::guard::Account;
use super::news::{self, Heard};
use super::{Ground, Refusal};
use crate::iiko_account::{Line, Trouble};

/// How often an account with orders under way is read.
pub const EVERY_MS: i64 = MINUTE_MS;
/// Accounts read in one run: a call may take seconds, and payments wait for the same timer.
pub const ACCOUNTS_MAX: i64 = 2;
/// Organisations of one call.
const ORGANIZATIONS_PER_CALL: usize = 50;
/// Organisations of one account that are read.
const ORGANIZATIONS_MAX: usize = 500;
/// For how long an account is read after its last order was over: as far back as iiko looks.
pub const WATCHED_MS: i64 = 3 * HOUR_MS;
/// Orders of the house that are read of one account at once; the others come by themselves.
const HOUSES_MAX: i64 = 1_000;
/// Orders taken in one transaction.
const ORDERS_PER_TRANSACTION: usize = 32;

/// What a run found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// Accounts read whole.
    pub accounts: usize,
    /// Orders of which there was news.
    pub news: usize,
    /// Accounts that could not be read, and orders that could not be moved, with the reason.
    pub failures: Vec<String>,
}

/// Reads what changed at accounts that are due.
///
/// # Errors
/// A failure of storage. What was recorded before it stays.
pub fn run(ground: &Ground<'_>, moment: &mut Moment<'_>) -> Result<Found, Refusal> {
    let mut found = Found::default();
    for account in readings::list_due(ground.sql, moment.now, ACCOUNTS_MAX)? {
        let now = moment.now;
        let taken = transaction(ground.sql, |tx| -> Result<Option<i64>, Refusal> {
            let watched = now.plus_millis(WATCHED_MS);
            let Some(revision) = readings::take(tx, account, now, now.plus_millis(EVERY_MS), watched)? else {
                return Ok(None);
            };
            Ok(Account::Till(account).admit(tx, now)?.is_ok().then_some(revision))
        })?;
        if let Some(revision) = taken {
            read(ground, account, revision, moment, &mut found)?;
            houses(ground, account, moment, &mut found)?;
        }
    }
    Ok(found)
}

/// Reads one account from a revision on.
fn read(
    ground: &Ground<'_>,
    account: IikoAccountId,
    since: i64,
    moment: &mut Moment<'_>,
    found: &mut Found,
) -> Result<(), Refusal> {
    let organizations = directory::list_organizations(ground.sql, account)?.into_iter();
    let ids =
        organizations.filter(|organization| organization.outlets > 0).map(|organization| organization.id);
    let ids: Vec<String> = ids.take(ORGANIZATIONS_MAX).collect();
    let mut newest: Option<i64> = None;
    for some in ids.chunks(ORGANIZATIONS_PER_CALL) {
        let answer = ask(ground, account, &|access| access.by_revision(some, since), moment)?;
        let (revision, orders) = match answer::changes(&answer) {
            Read::Known(changes) => changes,
            Read::Refused { reason } => {
                // Older than iiko looks back, perhaps: begin anew.
                found.failures.push(format!("{account}: {reason}"));
                transaction(ground.sql, |tx| readings::set_revision(tx, account, 0))?;
                return Ok(());
            }
            other => {
                found.failures.push(format!("{account}: {other:?}"));
                return Ok(());
            }
        };
        for orders in orders.chunks(ORDERS_PER_TRANSACTION) {
            take(ground, account, orders, moment, found)?;
        }
        // What changed in the first organisations while the others were read is read again.
        newest = Some(newest.map_or(revision, |known| known.min(revision)));
    }
    if let Some(revision) = newest {
        transaction(ground.sql, |tx| readings::set_revision(tx, account, revision.max(since)))?;
        found.accounts += 1;
    }
    Ok(())
}

/// Reads an account's orders of the house.
fn houses(
    ground: &Ground<'_>,
    account: IikoAccountId,
    moment: &mut Moment<'_>,
    found: &mut Found,
) -> Result<(), Refusal> {
    let since = moment.now.plus_millis(-WATCHED_MS);
    let watched = readings::list_of_houses(ground.sql, account, since, HOUSES_MAX)?;
    for some in watched.chunks(IDS_MAX) {
        let mut organizations: Vec<String> =
            some.iter().map(|(organization, _)| organization.clone()).collect();
        organizations.dedup();
        let ids: Vec<String> = some.iter().map(|(_, id)| id.clone()).collect();
        let answer = ask(ground, account, &|access| access.of_houses(&organizations, &ids), moment)?;
        match answer::orders(&answer) {
            Read::Known(orders) => {
                for orders in orders.chunks(ORDERS_PER_TRANSACTION) {
                    take(ground, account, orders, moment, found)?;
                }
            }
            other => {
                found.failures.push(format!("{account}: orders of houses: {other:?}"));
                return Ok(());
            }
        }
    }
    Ok(())
}

/// One call.
fn ask(
    ground: &Ground<'_>,
    account: IikoAccountId,
    make: &dyn Fn(&Access<'_>) -> Request,
    moment: &Moment<'_>,
) -> Result<Result<Answer, Fault>, Refusal> {
    let Ground { sql, partners, personal, .. } = *ground;
    let line = Line { sql, partners, personal, now: moment.now };
    let answer = match line.call(account, make) {
        Err(Trouble::Store(error)) => return Err(error.into()),
        Err(Trouble::Fault(fault)) => Err(fault),
        Err(trouble) => Err(Fault::NotSent(trouble.to_string())),
        Ok(answer) => Ok(answer),
    };
    let random = u64::from_le_bytes(personal.bytes());
    transaction(sql, |tx| Account::Till(account).note(tx, &answer, moment.now, random))?;
    Ok(answer)
}

fn take(
    ground: &Ground<'_>,
    account: IikoAccountId,
    orders: &[OrderInfo],
    moment: &mut Moment<'_>,
    found: &mut Found,
) -> Result<(), Refusal> {
    let (mut news, mut failures) = (0, Vec::new());
    transaction(ground.sql, |tx| {
        for info in orders {
            match nested(tx, || news::from_till(tx, account, info, moment)) {
                Ok(Heard::News(_)) => news += 1,
                Ok(Heard::Known(_) | Heard::Foreign) => {}
                Err(Refusal::Store(error)) => return Err(Refusal::Store(error)),
                // One order that cannot be moved must not hold up the others; it is looked up by itself, too.
                Err(refusal) => failures.push(format!("{}: {refusal}", info.id)),
            }
        }
        Ok(())
    })?;
    found.news += news;
    found.failures.extend(failures);
    Ok(())
}

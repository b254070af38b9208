//! A member's points at a moment, whether or not the timer has come by.
//!
//! Balances and lots are stored as time had left them when they were written last, with the moment before which time
//! changes nothing more. Whoever decides something brings them to the present first ([`settle`]); whoever only looks
//! does so in memory ([`look`]). The timer is then a matter of tidiness: it changes nothing that anybody sees.

use kernel::{IdSource, MemberId, Points, Timestamp};
use ledger::age::{Aged, OpenHold, age};
use ledger::model::{Lot, Wallet};
use store::holds::{self, HoldStatus};
use store::ledger::{Account, Due};
use store::{Sql, ledger as books};

use crate::refusal::Refusal;
use crate::{Moment, unit};

/// Brings a member's books to the present and answers with the whole wallet.
///
/// # Errors
/// A failure of storage; an inconsistent ledger.
pub(crate) fn settle(
    tx: &dyn Sql,
    member: MemberId,
    brand: &str,
    account: Account,
    moment: &mut Moment<'_>,
) -> Result<Wallet, Refusal> {
    if account.is_due(moment.now) {
        return Ok(bring(tx, member, brand, account, moment)?.0);
    }
    Ok(account.wallet(member, books::load_lots(tx, member)?))
}

/// As [`settle`], where only the balances matter: the lots are read only if something is due.
///
/// # Errors
/// As [`settle`].
pub(crate) fn settle_balance(
    tx: &dyn Sql,
    member: MemberId,
    brand: &str,
    account: Account,
    moment: &mut Moment<'_>,
) -> Result<Account, Refusal> {
    if !account.is_due(moment.now) {
        return Ok(account);
    }
    let (wallet, _) = bring(tx, member, brand, account, moment)?;
    let Wallet { pending, available, held, .. } = wallet;
    Ok(Account { pending, available, held, due_at: wallet.next_due(moment.now) })
}

/// Records what time did to a member by now.
///
/// # Errors
/// As [`settle`].
pub(crate) fn bring(
    tx: &dyn Sql,
    member: MemberId,
    brand: &str,
    account: Account,
    moment: &mut Moment<'_>,
) -> Result<(Wallet, Aged), Refusal> {
    let (mut wallet, open) = load(tx, member, account)?;
    let aged = age(&mut wallet, &open, moment.now, moment.ids)?;
    for &(id, at) in &aged.lapsed {
        holds::end(tx, id, HoldStatus::Lapsed, Points::ZERO, None, at)?;
    }
    let still_open = open.iter().map(|open| open.expires_at).filter(|end| *end > moment.now);
    let first = wallet.next_due(moment.now).into_iter().chain(still_open).min();
    books::insert_entries(tx, member, &aged.entries, &unit(brand), None, Due::First(first))?;
    Ok((wallet, aged))
}

/// A member's wallet at a time, without writing anything.
///
/// # Errors
/// As [`settle`].
pub(crate) fn look(
    sql: &dyn Sql,
    member: MemberId,
    account: Account,
    now: Timestamp,
) -> Result<Wallet, Refusal> {
    let (mut wallet, open) = load(sql, member, account)?;
    // The entries are not kept, so that their ids need not be anybody's.
    age(&mut wallet, &open, now, &mut IdSource::new(0))?;
    Ok(wallet)
}

/// Pending, available and held points at a time.
///
/// # Errors
/// As [`settle`].
pub(crate) fn balance_at(
    sql: &dyn Sql,
    member: MemberId,
    now: Timestamp,
) -> Result<(Points, Points, Points), Refusal> {
    let account = books::load_account(sql, member)?;
    if !account.is_due(now) {
        return Ok((account.pending, account.available, account.held));
    }
    let wallet = look(sql, member, account, now)?;
    Ok((wallet.pending, wallet.available, wallet.held))
}

fn load(sql: &dyn Sql, member: MemberId, account: Account) -> Result<(Wallet, Vec<OpenHold>), Refusal> {
    let wallet = account.wallet(member, books::load_lots(sql, member)?);
    Ok((wallet, holds::list_open(sql, member)?))
}

/// A wallet of some of a member's lots: enough for what touches no other. Grants depend on the debt alone, the end of
/// a hold on the debt and on the hold's own lots; and a debt exists only while nothing is available. So a regular's
/// hundreds of lots need not be read for every cup of coffee.
pub(crate) fn part(member: MemberId, account: &Account, lots: Vec<Lot>) -> Result<Wallet, Refusal> {
    let sum = |bucket: fn(&Lot) -> Points| {
        let sum = lots.iter().map(bucket).try_fold(Points::ZERO, Points::checked_add);
        sum.ok_or(ledger::error::Refusal::Overflow)
    };
    let debt = account.available.min(Points::ZERO);
    let available = sum(|lot| lot.available)?.checked_add(debt).ok_or(ledger::error::Refusal::Overflow)?;
    let (held, pending) = (sum(|lot| lot.held)?, sum(|lot| lot.pending)?);
    Ok(Wallet { member, available, held, pending, lots })
}

//! The checks find what they are for: each row breaks one thing in a sound wallet or entry.

use kernel::{IdSource, Points};
use ledger::error::{Refusal, Violation};
use ledger::grant::{Grant, accrue};
use ledger::model::{Account, Entry, EntryKind, LotMove, LotSource, Posting, Wallet};

use crate::audit::{empty_wallet, occasion};
use crate::table::{day, points};

fn sound() -> (Wallet, Entry) {
    let mut wallet = empty_wallet();
    let mut ids = IdSource::new(1);
    let grant =
        Grant { points: points(10), source: LotSource::Receipt, activates_at: None, expires_at: None };
    let entry = accrue(&mut wallet, grant, occasion("a", None, day(1)), &mut ids).expect("an accrual");
    (wallet, entry.expect("an entry"))
}

#[test]
fn a_broken_wallet_is_found() {
    let (wallet, _) = sound();
    assert_eq!(wallet.verify(), Ok(()));
    let lot = wallet.lots[0].id;
    let check = |break_it: fn(&mut Wallet), expected: Violation| {
        let mut broken = wallet.clone();
        break_it(&mut broken);
        assert_eq!(broken.verify(), Err(expected));
    };
    let differs = |account, balance, lots| Violation::BalanceDiffers {
        account,
        balance: points(balance),
        lots: points(lots),
    };
    check(|wallet| wallet.available = points(9), differs(Account::Available, 9, 10));
    check(|wallet| wallet.available = points(-1), differs(Account::Available, -1, 10));
    check(|wallet| wallet.held = points(1), differs(Account::Held, 1, 0));
    check(|wallet| wallet.pending = points(-1), differs(Account::Pending, -1, 0));
    check(|wallet| wallet.lots[0].granted = points(9), Violation::AboveGrant { lot, granted: points(9) });
    check(
        |wallet| wallet.lots[0].held = points(-1),
        Violation::NegativeBucket { lot, bucket: Account::Held, amount: points(-1) },
    );
    check(|wallet| wallet.lots.push(wallet.lots[0].clone()), Violation::TwinLots { lot });
    check(
        |wallet| {
            wallet.lots[0].pending = points(10);
            wallet.lots[0].available = Points::ZERO;
        },
        Violation::NeverActive { lot },
    );
}

#[test]
fn no_entry_is_made_on_a_broken_wallet() {
    let (mut wallet, _) = sound();
    wallet.available = points(11);
    let before = wallet.clone();
    let grant = Grant { points: points(1), source: LotSource::Receipt, activates_at: None, expires_at: None };
    let refused = accrue(&mut wallet, grant, occasion("b", None, day(1)), &mut IdSource::new(2));
    let violation =
        Violation::BalanceDiffers { account: Account::Available, balance: points(12), lots: points(11) };
    assert_eq!(refused, Err(Refusal::Inconsistent(violation)));
    assert_eq!(wallet, before);
}

#[test]
fn a_broken_entry_is_found() {
    let (_, entry) = sound();
    let lot = entry.moves[0].lot;
    let check = |break_it: fn(&mut Entry), expected: Violation| {
        let mut broken = entry.clone();
        break_it(&mut broken);
        assert_eq!(broken.verify(), Err(expected));
    };
    check(|entry| entry.postings[0].amount = points(9), Violation::Unbalanced { sum: points(-1) });
    check(
        |entry| entry.postings[1].account = Account::Redeemed,
        Violation::OddPosting { kind: EntryKind::Accrual, account: Account::Redeemed },
    );
    check(
        |entry| entry.postings.push(Posting { account: Account::Pending, amount: Points::ZERO }),
        Violation::OddPosting { kind: EntryKind::Accrual, account: Account::Pending },
    );
    check(
        |entry| entry.moves[0].amount = points(11),
        Violation::MovesDiffer { account: Account::Available, posted: points(10), moved: points(11) },
    );
    check(
        |entry| entry.moves[0].bucket = Account::Issued,
        Violation::OddMove { lot, bucket: Account::Issued },
    );
    check(
        |entry| entry.moves.push(LotMove { ..entry.moves[0] }),
        Violation::OddMove { lot, bucket: Account::Available },
    );
    check(
        |entry| entry.lots[0].available = points(9),
        Violation::BirthDiffers { lot, bucket: Account::Available },
    );
}

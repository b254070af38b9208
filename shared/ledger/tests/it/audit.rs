//! An auditor that knows nothing but the entries: it keeps its own books and compares the wallet with them.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{EntryId, LotId, MemberId, Points, ReceiptId, Timestamp};
use ledger::model::{Account, Entry, EntryKind, Occasion, Wallet};

pub const MEMBERS: [Account; 3] = [Account::Pending, Account::Available, Account::Held];

/// A wallet that owns nothing.
pub fn empty_wallet() -> Wallet {
    Wallet {
        member: MemberId::from_raw(1),
        available: Points::ZERO,
        held: Points::ZERO,
        pending: Points::ZERO,
        lots: Vec::new(),
    }
}

/// An occasion that is learned of as it happens.
pub fn occasion(event: impl Into<String>, receipt: Option<ReceiptId>, at: Timestamp) -> Occasion {
    Occasion { event: event.into(), receipt, outlet: None, effective_at: at, recorded_at: at }
}

/// Books kept from entries alone.
#[derive(Default)]
pub struct Audit {
    accounts: BTreeMap<Account, i128>,
    buckets: BTreeMap<(LotId, Account), i128>,
    events: BTreeSet<(EntryKind, String)>,
    ids: BTreeSet<EntryId>,
}

impl Audit {
    pub fn balance(&self, account: Account) -> i128 {
        self.accounts.get(&account).copied().unwrap_or(0)
    }

    /// Posts an entry; fails on L1, on an event seen before (L4) and on a reused id.
    pub fn post(&mut self, entry: &Entry) {
        let sum: i128 = entry.postings.iter().map(|posting| i128::from(posting.amount.hundredths())).sum();
        assert_eq!(sum, 0, "L1: {entry:?}");
        assert_eq!(entry.verify(), Ok(()), "{entry:?}");
        for posting in &entry.postings {
            *self.accounts.entry(posting.account).or_default() += i128::from(posting.amount.hundredths());
        }
        for step in &entry.moves {
            *self.buckets.entry((step.lot, step.bucket)).or_default() += i128::from(step.amount.hundredths());
        }
        let activation = entry.kind == EntryKind::Activation;
        assert_eq!(activation, !entry.activated.is_empty(), "activated lots go with activations: {entry:?}");
        let event = (entry.kind, entry.occasion.event.clone());
        assert!(self.events.insert(event), "L4: {entry:?}");
        assert!(self.ids.insert(entry.id), "{entry:?}");
    }

    /// Compares the wallet with the books: L2, L9.
    pub fn check(&self, wallet: &Wallet) {
        assert_eq!(wallet.verify(), Ok(()), "{wallet:?}");
        for account in MEMBERS {
            let balance = i128::from(wallet.balance(account).hundredths());
            assert_eq!(balance, self.balance(account), "L2: postings of {}", account.code());
            let lots: i128 = wallet.lots.iter().map(|lot| i128::from(lot.bucket(account).hundredths())).sum();
            let debt = if account == Account::Available { balance.min(0) } else { 0 };
            assert_eq!(balance, lots + debt, "L2: lots of {}", account.code());
            assert!(debt == 0 || lots == 0, "L9: a debt beside {lots} in lots");
            for lot in &wallet.lots {
                let moved = self.buckets.get(&(lot.id, account)).copied().unwrap_or(0);
                assert_eq!(
                    i128::from(lot.bucket(account).hundredths()),
                    moved,
                    "L2: moves of {}",
                    account.code()
                );
                assert!(moved >= 0, "L9: {} of {}", account.code(), lot.id);
            }
        }
    }
}

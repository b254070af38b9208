//! The invariants as code: L1, L2 and L9 for one entry and one wallet.

use kernel::{LotId, Points};

use crate::error::Violation;
use crate::model::{Account, Entry, EntryKind, Lot, Wallet};

impl EntryKind {
    /// The accounts an entry of this kind may touch.
    #[must_use]
    pub const fn accounts(self) -> &'static [Account] {
        use Account::{Adjusted, Available, Expired, Held, Issued, Pending, Redeemed};
        match self {
            Self::Accrual | Self::Clawback => &[Pending, Available, Issued],
            Self::Activation => &[Pending, Available],
            Self::Hold | Self::Release => &[Available, Held],
            Self::Capture => &[Held, Redeemed],
            Self::Expiry => &[Pending, Available, Expired],
            Self::Reinstatement => &[Available, Redeemed],
            Self::Adjustment => &[Available, Adjusted],
        }
    }

    /// The programme's side of an entry of this kind; `None` when points only move inside the wallet.
    pub(crate) const fn counter(self) -> Option<Account> {
        match self {
            Self::Accrual | Self::Clawback => Some(Account::Issued),
            Self::Activation | Self::Hold | Self::Release => None,
            Self::Capture | Self::Reinstatement => Some(Account::Redeemed),
            Self::Expiry => Some(Account::Expired),
            Self::Adjustment => Some(Account::Adjusted),
        }
    }
}

impl Lot {
    /// What the lot holds in the bucket of `account`; nothing for the programme's accounts.
    #[must_use]
    pub const fn bucket(&self, account: Account) -> Points {
        match account {
            Account::Pending => self.pending,
            Account::Available => self.available,
            Account::Held => self.held,
            Account::Issued | Account::Redeemed | Account::Expired | Account::Adjusted => Points::ZERO,
        }
    }
}

impl Wallet {
    /// The balance of one of the member's accounts; nothing for the programme's accounts.
    #[must_use]
    pub const fn balance(&self, account: Account) -> Points {
        match account {
            Account::Pending => self.pending,
            Account::Available => self.available,
            Account::Held => self.held,
            Account::Issued | Account::Redeemed | Account::Expired | Account::Adjusted => Points::ZERO,
        }
    }

    /// Checks L2 and L9: every balance is the sum of its lots' buckets (less the debt), nothing is below zero but
    /// an available balance in debt, and there is no debt while a lot has available points.
    ///
    /// # Errors
    /// The first violation found.
    pub fn verify(&self) -> Result<(), Violation> {
        let mut ids: Vec<LotId> = self.lots.iter().map(|lot| lot.id).collect();
        ids.sort_unstable();
        if let Some(twins) = ids.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(Violation::TwinLots { lot: twins[0] });
        }
        for lot in &self.lots {
            lot.verify()?;
        }
        for account in MEMBERS {
            let lots = sum(self.lots.iter().map(|lot| lot.bucket(account)))?;
            let balance = self.balance(account);
            let in_debt = account == Account::Available && balance < Points::ZERO && lots.is_zero();
            if balance != lots && !in_debt {
                return Err(Violation::BalanceDiffers { account, balance, lots });
            }
        }
        Ok(())
    }
}

impl Lot {
    fn verify(&self) -> Result<(), Violation> {
        for bucket in MEMBERS {
            let amount = self.bucket(bucket);
            if amount < Points::ZERO {
                return Err(Violation::NegativeBucket { lot: self.id, bucket, amount });
            }
        }
        if sum([self.pending, self.available, self.held].into_iter())? > self.granted {
            return Err(Violation::AboveGrant { lot: self.id, granted: self.granted });
        }
        if self.pending.is_positive() && self.activates_at.is_none() {
            return Err(Violation::NeverActive { lot: self.id });
        }
        Ok(())
    }
}

impl Entry {
    /// Checks L1 (postings sum to zero) and the entry's half of L2 (the lots' moves make up the postings; for
    /// available points the difference is debt repaid or, in a clawback only, debt made).
    ///
    /// # Errors
    /// The first violation found.
    pub fn verify(&self) -> Result<(), Violation> {
        let total = sum(self.postings.iter().map(|posting| posting.amount))?;
        if !total.is_zero() {
            return Err(Violation::Unbalanced { sum: total });
        }
        for (index, posting) in self.postings.iter().enumerate() {
            let account = posting.account;
            let twice = self.postings[..index].iter().any(|other| other.account == account);
            if twice || posting.amount.is_zero() || !self.kind.accounts().contains(&account) {
                return Err(Violation::OddPosting { kind: self.kind, account });
            }
        }
        self.verify_moves()
    }

    fn verify_moves(&self) -> Result<(), Violation> {
        for (index, step) in self.moves.iter().enumerate() {
            let same = |lot: LotId, bucket: Account| lot == step.lot && bucket == step.bucket;
            let twice = self.moves[..index].iter().any(|other| same(other.lot, other.bucket));
            if twice || step.amount.is_zero() || !step.bucket.is_members() {
                return Err(Violation::OddMove { lot: step.lot, bucket: step.bucket });
            }
        }
        for account in MEMBERS {
            let of = |wanted: Account| move |(bucket, amount)| (bucket == wanted).then_some(amount);
            let posted =
                sum(self.postings.iter().map(|one| (one.account, one.amount)).filter_map(of(account)))?;
            let moved = sum(self.moves.iter().map(|one| (one.bucket, one.amount)).filter_map(of(account)))?;
            let debt_changed =
                account == Account::Available && (posted > moved || self.kind == EntryKind::Clawback);
            if posted != moved && !debt_changed {
                return Err(Violation::MovesDiffer { account, posted, moved });
            }
        }
        for (lot, bucket) in self.lots.iter().flat_map(|lot| MEMBERS.map(|bucket| (lot, bucket))) {
            let steps = self.moves.iter().filter(|step| step.lot == lot.id && step.bucket == bucket);
            if sum(steps.map(|step| step.amount))? != lot.bucket(bucket) {
                return Err(Violation::BirthDiffers { lot: lot.id, bucket });
            }
        }
        Ok(())
    }
}

/// The accounts that make up a balance, in the order in which entries list them.
pub(crate) const MEMBERS: [Account; 3] = [Account::Pending, Account::Available, Account::Held];

fn sum(mut amounts: impl Iterator<Item = Points>) -> Result<Points, Violation> {
    amounts.try_fold(Points::ZERO, Points::checked_add).ok_or(Violation::Overflow)
}

//! Reading a wallet, and the two ways points enter and leave its available balance.

use kernel::{LotId, Points, Timestamp};

use crate::error::{Refusal, Violation, add, sub};
use crate::model::{Lot, Wallet};

impl Wallet {
    /// What the member owes after a clawback of points already spent; zero without a debt (L9).
    ///
    /// # Errors
    /// [`Refusal::Overflow`] for the one amount that has no opposite.
    pub fn debt(&self) -> Result<Points, Refusal> {
        sub(Points::ZERO, self.available.min(Points::ZERO))
    }

    /// Points that can be held at `at`: available, and not past their expiry.
    ///
    /// # Errors
    /// [`Refusal::Overflow`].
    pub fn spendable(&self, at: Timestamp) -> Result<Points, Refusal> {
        self.lots
            .iter()
            .filter(|lot| !lot.is_past(at))
            .try_fold(Points::ZERO, |sum, lot| add(sum, lot.available))
    }

    /// Indexes of the lots in the order in which points leave them (L6): earliest-expiring first,
    /// never-expiring last, ties by lot id.
    pub(crate) fn spend_order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.lots.len()).collect();
        order.sort_by_key(|&index| {
            let lot = &self.lots[index];
            (lot.expires_at.is_none(), lot.expires_at, lot.id)
        });
        order
    }

    /// The lot `id`, which a hold or an earlier step of the same operation says is here.
    pub(crate) fn lot_mut(&mut self, id: LotId) -> Result<&mut Lot, Violation> {
        self.lots.iter_mut().find(|lot| lot.id == id).ok_or(Violation::HoldDiffers { lot: id })
    }

    /// Makes `amount` of the lot at `index` available; a debt is repaid with it first (L9).
    pub(crate) fn credit(&mut self, index: usize, amount: Points) -> Result<(), Refusal> {
        let repaid = self.debt()?.min(amount);
        let lot = &mut self.lots[index];
        lot.available = add(lot.available, sub(amount, repaid)?)?;
        self.available = add(self.available, amount)?;
        Ok(())
    }

    /// Takes up to `wanted` out of the available buckets of the lots at `order`; returns how much was there.
    pub(crate) fn draw(&mut self, order: &[usize], wanted: Points) -> Result<Points, Refusal> {
        let mut left = wanted;
        for &index in order {
            let lot = &mut self.lots[index];
            let taken = lot.available.min(left);
            lot.available = sub(lot.available, taken)?;
            left = sub(left, taken)?;
        }
        let drawn = sub(wanted, left)?;
        self.available = sub(self.available, drawn)?;
        Ok(drawn)
    }
}

impl Lot {
    /// True from the first instant at which its points are no longer good.
    #[must_use]
    pub fn is_past(&self, at: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= at)
    }
}

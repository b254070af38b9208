//! What bringing a friend is worth: whether a friend's purchase earns its referrer a reward, and whether it still does
//! after some of it came back.

use kernel::{Money, Points};

/// The terms of a batch of referral codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// What the referrer gets for one friend.
    pub points: Points,
    /// What the friend's purchase costs at least, after discounts, by currency; in others there is no minimum.
    pub purchase_min: Vec<Money>,
    /// Rewards that one referrer gets within `within_days`.
    pub rewards_max: u32,
    pub within_days: u32,
    /// How long the points are good; none for ever.
    pub expires_days: Option<u32>,
}

/// A friend's purchase with a referrer's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purchase {
    /// Friend and referrer are one member.
    pub is_own_code: bool,
    /// The friend had bought nothing before.
    pub is_first: bool,
    /// What it cost after discounts, points included.
    pub amount: Money,
    /// The referrer takes part in the programme.
    pub referrer_is_active: bool,
    /// Rewards that the referrer has had within the terms' days.
    pub rewards_before: u32,
}

/// Why a referrer gets nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotRewarded {
    #[error("nobody brings themselves")]
    OwnCode,
    #[error("the friend had bought before")]
    NotFirstPurchase,
    #[error("the purchase is below the minimum")]
    PurchaseTooSmall,
    #[error("the referrer is blocked or has left")]
    ReferrerInactive,
    #[error("the referrer has had as many rewards as the period allows")]
    TooManyRewards,
}

impl NotRewarded {
    /// The name in the database and on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::OwnCode => "own_code",
            Self::NotFirstPurchase => "not_first_purchase",
            Self::PurchaseTooSmall => "purchase_too_small",
            Self::ReferrerInactive => "referrer_inactive",
            Self::TooManyRewards => "too_many_rewards",
        }
    }
}

impl Terms {
    /// What the referrer gets for this purchase.
    ///
    /// # Errors
    /// The first reason why they get nothing.
    pub fn reward(&self, purchase: &Purchase) -> Result<Points, NotRewarded> {
        if purchase.is_own_code {
            Err(NotRewarded::OwnCode)
        } else if !purchase.is_first {
            Err(NotRewarded::NotFirstPurchase)
        } else if !self.qualifies(purchase.amount) {
            Err(NotRewarded::PurchaseTooSmall)
        } else if !purchase.referrer_is_active {
            Err(NotRewarded::ReferrerInactive)
        } else if purchase.rewards_before >= self.rewards_max {
            Err(NotRewarded::TooManyRewards)
        } else {
            Ok(self.points)
        }
    }

    /// Whether a purchase of so much is worth a reward: before it comes back, and after some of it did.
    #[must_use]
    pub fn qualifies(&self, amount: Money) -> bool {
        let min = self.purchase_min.iter().find(|min| min.currency() == amount.currency());
        amount.minor() > 0 && min.is_none_or(|min| amount.minor() >= min.minor())
    }
}

#[cfg(test)]
mod tests {
    use kernel::Currency;

    use super::*;

    fn terms() -> Terms {
        Terms {
            points: Points::from_hundredths(20_000),
            purchase_min: vec![Money::new(30_000, Currency::Rub)],
            rewards_max: 2,
            within_days: 30,
            expires_days: None,
        }
    }

    const GOOD: Purchase = Purchase {
        is_own_code: false,
        is_first: true,
        amount: Money::new(30_000, Currency::Rub),
        referrer_is_active: true,
        rewards_before: 1,
    };

    #[test]
    fn a_reward_has_all_its_conditions() {
        assert_eq!(terms().reward(&GOOD), Ok(Points::from_hundredths(20_000)));
        let small = Money::new(29_999, Currency::Rub);
        let rows = [
            (Purchase { is_own_code: true, ..GOOD }, NotRewarded::OwnCode),
            (Purchase { is_first: false, ..GOOD }, NotRewarded::NotFirstPurchase),
            (Purchase { amount: small, ..GOOD }, NotRewarded::PurchaseTooSmall),
            (Purchase { referrer_is_active: false, ..GOOD }, NotRewarded::ReferrerInactive),
            (Purchase { rewards_before: 2, ..GOOD }, NotRewarded::TooManyRewards),
        ];
        for (purchase, why) in rows {
            assert_eq!(terms().reward(&purchase), Err(why));
        }
    }

    #[test]
    fn a_purchase_without_minimum_has_to_be_one() {
        assert!(terms().qualifies(Money::new(1, Currency::Kzt)), "no minimum in this currency");
        assert!(!terms().qualifies(Money::zero(Currency::Kzt)), "nothing is left of it");
    }
}

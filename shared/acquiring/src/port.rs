//! What an acquirer is asked, and what it answers.

use kernel::{Money, Timestamp};
use partner::{Answer, Fault, Request};

use crate::receipt::Receipt;
use crate::tbank::Terminal;
use crate::yookassa::Shop;

/// How long an acquirer may take.
pub(crate) const TIMEOUT_MS: u32 = 10_000;

/// An account with an acquirer.
#[derive(Debug, Clone)]
pub enum Acquirer {
    YooKassa(Shop),
    TBank(Terminal),
}

/// A payment to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPayment<'a> {
    /// Ours: the same for every repetition.
    pub key: &'a str,
    /// The order that it pays for, for the acquirer's statements.
    pub order: &'a str,
    pub amount: Money,
    /// For the payer's bank statement, at most [`DESCRIPTION_LEN_MAX`] characters of it.
    pub description: &'a str,
    /// Where the payer's bank app leads back to.
    pub return_url: &'a str,
    /// Until when it can be paid, where that is said per payment: YooKassa gives an hour whatever we say.
    pub pay_until: Option<Timestamp>,
    /// Where the acquirer sends its notifications, where that is said per payment.
    pub notification_url: Option<&'a str>,
    pub receipt: Option<&'a Receipt>,
}

/// Characters of a description that every acquirer takes.
pub const DESCRIPTION_LEN_MAX: usize = 128;

/// Money to give back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRefund<'a> {
    /// Ours: the same for every repetition.
    pub key: &'a str,
    /// The acquirer's id of the payment.
    pub payment: &'a str,
    pub amount: Money,
    pub description: &'a str,
    /// What is returned; none lets the acquirer return the whole receipt.
    pub receipt: Option<&'a Receipt>,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading<T> {
    Known(T),
    /// Nobody can say yet: repeat the same request, not before that many milliseconds.
    Again {
        after_ms: Option<i64>,
    },
    /// It will never be, in the acquirer's words.
    Refused {
        reason: String,
    },
    /// The account's credentials or rights are wrong. Nothing happened; the office must look.
    Misconfigured {
        reason: String,
    },
}

/// A payment as the acquirer has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentState {
    /// The acquirer's id.
    pub id: String,
    pub amount: Money,
    pub state: State,
    /// How the guest pays, while it can be paid.
    pub confirmation: Option<Confirmation>,
}

/// A refund as the acquirer has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundState {
    /// The acquirer's id.
    pub id: String,
    pub state: State,
}

/// Where a payment or refund stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    Pending,
    Succeeded,
    /// For good, in the acquirer's words.
    Cancelled {
        reason: String,
    },
}

/// How a guest pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirmation {
    /// A link to open.
    Redirect(String),
    /// A text to draw as a QR code, or to open on a phone.
    Qr(String),
}

/// Why there is no request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsupported {
    #[error("the acquirer does not take this currency")]
    Currency,
    #[error("the acquirer does not take so small or large an amount")]
    Amount,
    #[error("a receipt cannot carry this tax rate")]
    Tax,
    #[error("a receipt must have 1 to 80 lines")]
    Lines,
}

impl Acquirer {
    /// Whether an amount can be taken at all, so that an order is not made in vain.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, amount: Money) -> Result<(), Unsupported> {
        match self {
            Self::YooKassa(_) | Self::TBank(_) => sbp(amount),
        }
    }

    /// Opens a payment.
    ///
    /// # Errors
    /// When the acquirer could not take it.
    pub fn open(&self, new: &NewPayment<'_>) -> Result<Request, Unsupported> {
        self.check(new.amount)?;
        match self {
            Self::YooKassa(shop) => shop.open(new),
            Self::TBank(terminal) => terminal.open(new),
        }
    }

    /// Reads a payment.
    #[must_use]
    pub fn get(&self, payment: &str) -> Request {
        match self {
            Self::YooKassa(shop) => shop.get(payment),
            Self::TBank(terminal) => terminal.get(payment),
        }
    }

    /// Asks what there is under a payment's key, at an acquirer that does not know a repetition by itself: there a
    /// second request could make a second payment. None where [`Acquirer::open`] may simply be repeated.
    #[must_use]
    pub fn lookup(&self, key: &str) -> Option<Request> {
        match self {
            Self::YooKassa(_) => None,
            Self::TBank(terminal) => Some(terminal.lookup(key)),
        }
    }

    /// The answer to [`Acquirer::lookup`]: none under that key, or one.
    #[must_use]
    pub fn read_lookup(&self, answer: &Result<Answer, Fault>) -> Reading<Option<PaymentState>> {
        let Ok(answer) = answer else { return Reading::Again { after_ms: None } };
        crate::tbank::found(answer)
    }

    /// The answer to [`Acquirer::open`] or [`Acquirer::get`].
    #[must_use]
    pub fn payment(&self, answer: &Result<Answer, Fault>) -> Reading<PaymentState> {
        let Ok(answer) = answer else { return Reading::Again { after_ms: None } };
        match self {
            Self::YooKassa(_) => crate::yookassa::payment(answer),
            Self::TBank(_) => crate::tbank::payment(answer),
        }
    }

    /// Asks for the code of an open payment, where opening it does not bring one.
    #[must_use]
    pub fn code(&self, payment: &PaymentState) -> Option<Request> {
        match (self, &payment.state) {
            (Self::TBank(terminal), State::Pending) => Some(terminal.code(&payment.id)),
            _ => None,
        }
    }

    /// The answer to [`Acquirer::code`]; without one the link serves.
    #[must_use]
    pub fn read_code(&self, answer: &Result<Answer, Fault>) -> Option<Confirmation> {
        answer.as_ref().ok().and_then(crate::tbank::code)
    }

    /// Gives money back.
    ///
    /// # Errors
    /// When the receipt cannot be written.
    pub fn refund(&self, new: &NewRefund<'_>) -> Result<Request, Unsupported> {
        match self {
            Self::YooKassa(shop) => shop.refund(new),
            Self::TBank(terminal) => terminal.refund(new),
        }
    }

    /// The answer to [`Acquirer::refund`] or [`Acquirer::get_refund`].
    #[must_use]
    pub fn read_refund(&self, answer: &Result<Answer, Fault>) -> Reading<RefundState> {
        let Ok(answer) = answer else { return Reading::Again { after_ms: None } };
        match self {
            Self::YooKassa(_) => crate::yookassa::refund(answer),
            Self::TBank(_) => crate::tbank::refund(answer),
        }
    }

    /// Reads a refund by the id that the acquirer gave it.
    #[must_use]
    pub fn get_refund(&self, refund: &str) -> Request {
        match self {
            Self::YooKassa(shop) => shop.get_refund(refund),
            Self::TBank(terminal) => terminal.get(refund),
        }
    }
}

/// What the fast payment system takes: 1 to 700,000 roubles.
fn sbp(amount: Money) -> Result<(), Unsupported> {
    const MIN_MINOR: i64 = 100;
    const MAX_MINOR: i64 = 70_000_000;
    if amount.currency() != kernel::Currency::Rub {
        return Err(Unsupported::Currency);
    }
    if !(MIN_MINOR..=MAX_MINOR).contains(&amount.minor()) {
        return Err(Unsupported::Amount);
    }
    Ok(())
}

//! What an operation is answered: the same shape from the reference and from the product.

use anyhow::{Context as _, Result, ensure};
use api::wire::PointsBalance;
use api::wire::adjust::AdjustmentReply;
use api::wire::holds::HoldReply;
use api::wire::receipts::{BatchItemReply, BatchOutcome, ReceiptReply};
use api::wire::returns::ReturnReply;
use kernel::{Currency, Money, Points, Timestamp};
use serde_json::Value;

/// Taken with these effects, or refused with the problem's slug.
pub type Answer<T> = Result<Taken<T>, &'static str>;

/// How something was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken<T> {
    New(T),
    /// Known before; answered as the operation with this id was.
    Again(u32),
}

/// Pending, available and held points, in hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Points3 {
    pub pending: i64,
    pub available: i64,
    pub held: i64,
}

/// What a sale did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sold {
    pub total: i64,
    /// `None` for an anonymous sale.
    pub guest: Option<SoldGuest>,
}

/// What a sale did for its guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoldGuest {
    pub tier: String,
    pub earned: i64,
    pub activates_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    /// Line number, points and why.
    pub lines: Vec<(u32, i64, String)>,
    /// Why the receipt earned what it did.
    pub reasons: Vec<String>,
    pub welcome: i64,
    pub redeemed: Option<Redeemed>,
    pub balance: Points3,
}

/// What a receipt spent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redeemed {
    pub points: i64,
    pub value: i64,
    pub released: i64,
    /// Line number, points and their worth.
    pub lines: Vec<(u32, i64, i64)>,
}

/// What a return did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    pub refund: i64,
    pub currency: Currency,
    pub points_back: i64,
    pub points_back_value: i64,
    pub clawed: i64,
    pub expired: i64,
    pub forgiven: i64,
    /// Line number, quantity in thousandths, refund, points back, points taken back.
    pub lines: Vec<(u32, i64, i64, i64, i64)>,
    pub balance: Option<Points3>,
}

/// How a hold stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub status: &'static str,
    pub points: i64,
    pub value: i64,
    pub captured: i64,
    pub expires_at: Timestamp,
    pub limit: Option<String>,
    pub balance: Points3,
}

/// What a correction did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjusted {
    pub points: i64,
    pub balance: Points3,
}

/// How a line of a batch was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Taken, with the points that it granted or gave back.
    New(i64),
    Again,
    /// The problem's slug.
    Refused(String),
}

impl Line {
    /// What a line's answer comes to in a batch.
    pub fn of<T>(answer: &Answer<T>, points: impl FnOnce(&T) -> i64) -> Self {
        match answer {
            Ok(Taken::New(taken)) => Self::New(points(taken)),
            Ok(Taken::Again(_)) => Self::Again,
            Err(slug) => Self::Refused((*slug).to_owned()),
        }
    }

    /// Reads a line of a reply.
    ///
    /// # Errors
    /// When its parts do not fit together.
    pub fn read(reply: &BatchItemReply) -> Result<Self> {
        Ok(match reply.outcome {
            BatchOutcome::Recorded => Self::New(points(reply.points.as_deref().context("points")?)?),
            BatchOutcome::Replayed => Self::Again,
            BatchOutcome::Refused => {
                let problem = reply.problem.as_ref().and_then(|problem| problem["type"].as_str());
                let slug = problem.and_then(|kind| kind.strip_prefix("/problems/"));
                Self::Refused(slug.context("a problem")?.to_owned())
            }
        })
    }
}

/// A line of a guest's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    pub kind: String,
    pub at: Timestamp,
    pub change: Points3,
}

/// What a guest sees of their account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub points: Points3,
    /// What runs out soon, and when the first of it does.
    pub expiring: Option<(i64, Timestamp)>,
    pub tier: String,
    /// Spent in money this month; `None` where it is not shown.
    pub spent: Option<(i64, Currency)>,
}

impl Sold {
    /// Reads a reply.
    ///
    /// # Errors
    /// When it has another shape, or its texts are no numbers.
    pub fn read(reply: &Value) -> Result<Self> {
        let reply: ReceiptReply = serde_json::from_value(reply.clone())?;
        let total = minor(&reply.total)?;
        let Some(guest) = reply.guest else {
            let bare = reply.accrual.is_none() && reply.redemption.is_none() && reply.balance.is_none();
            ensure!(bare, "an anonymous sale with effects");
            return Ok(Self { total, guest: None });
        };
        let accrual = reply.accrual.context("a guest without accrual")?;
        let lines = accrual
            .lines
            .iter()
            .map(|line| Ok((line.line_no, points(&line.points)?, line.reason.code.clone())));
        let redeemed = match &reply.redemption {
            None => None,
            Some(spent) => Some(Redeemed {
                points: points(&spent.points)?,
                value: minor(&spent.value)?,
                released: points(&spent.released)?,
                lines: spent
                    .lines
                    .iter()
                    .map(|line| Ok((line.line_no, points(&line.points)?, minor(&line.value)?)))
                    .collect::<Result<_>>()?,
            }),
        };
        Ok(Self {
            total,
            guest: Some(SoldGuest {
                tier: guest.tier,
                earned: points(&accrual.points)?,
                activates_at: accrual.activates_at.as_deref().map(time).transpose()?,
                expires_at: accrual.expires_at.as_deref().map(time).transpose()?,
                lines: lines.collect::<Result<_>>()?,
                reasons: accrual.reasons.iter().map(|reason| reason.code.clone()).collect(),
                welcome: accrual.welcome.as_deref().map_or(Ok(0), points)?,
                redeemed,
                balance: points3(&reply.balance.context("a guest without balance")?)?,
            }),
        })
    }
}

impl Returned {
    /// Reads a reply.
    ///
    /// # Errors
    /// As [`Sold::read`].
    pub fn read(reply: &Value) -> Result<Self> {
        let reply: ReturnReply = serde_json::from_value(reply.clone())?;
        let lines = reply.lines.iter().map(|line| {
            let quantity = kernel::Quantity::parse(&line.quantity).map_err(anyhow::Error::msg)?.thousandths();
            let (back, clawed) = (points(&line.points_back)?, points(&line.points_clawed)?);
            Ok((line.line_no, quantity, minor(&line.refund)?, back, clawed))
        });
        Ok(Self {
            refund: minor(&reply.refund)?,
            currency: currency(&reply.refund.currency)?,
            points_back: points(&reply.points_back)?,
            points_back_value: minor(&reply.points_back_value)?,
            clawed: points(&reply.points_clawed)?,
            expired: points(&reply.points_expired)?,
            forgiven: points(&reply.points_forgiven)?,
            lines: lines.collect::<Result<_>>()?,
            balance: reply.balance.as_ref().map(points3).transpose()?,
        })
    }
}

impl Held {
    /// Reads a reply.
    ///
    /// # Errors
    /// As [`Sold::read`].
    pub fn read(reply: &Value) -> Result<Self> {
        use api::wire::holds::HoldStatusBody as Status;
        let reply: HoldReply = serde_json::from_value(reply.clone())?;
        Ok(Self {
            status: match reply.status {
                Status::Authorised => "authorised",
                Status::Captured => "captured",
                Status::Released => "released",
                Status::Lapsed => "lapsed",
            },
            points: points(&reply.points)?,
            value: minor(&reply.value)?,
            captured: points(&reply.captured)?,
            expires_at: time(&reply.expires_at)?,
            limit: reply.limit.map(|limit| limit.code),
            balance: points3(&reply.balance)?,
        })
    }
}

impl Adjusted {
    /// Reads a reply.
    ///
    /// # Errors
    /// As [`Sold::read`].
    pub fn read(reply: &Value) -> Result<Self> {
        let reply: AdjustmentReply = serde_json::from_value(reply.clone())?;
        Ok(Self { points: points(&reply.points)?, balance: points3(&reply.balance)? })
    }
}

/// Points as hundredths.
pub(crate) fn points(text: &str) -> Result<i64> {
    Points::parse(text).map(Points::hundredths).map_err(anyhow::Error::msg)
}

/// Money as minor units.
pub(crate) fn minor(body: &api::wire::MoneyBody) -> Result<i64> {
    Money::parse(&body.amount, currency(&body.currency)?).map(Money::minor).map_err(anyhow::Error::msg)
}

pub(crate) fn currency(code: &str) -> Result<Currency> {
    Currency::parse(code).map_err(anyhow::Error::msg)
}

pub(crate) fn time(text: &str) -> Result<Timestamp> {
    Timestamp::parse(text).map_err(anyhow::Error::msg)
}

fn points3(body: &PointsBalance) -> Result<Points3> {
    Ok(Points3 {
        pending: points(&body.pending)?,
        available: points(&body.available)?,
        held: points(&body.held)?,
    })
}

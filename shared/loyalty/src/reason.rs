//! Why a receipt earned what it did: a closed list with data, stored beside the accrual, and its words.

use kernel::{Money, Points, Rate};
use serde::{Deserialize, Serialize};

use kernel::Lang;
#[cfg(feature = "schema")]
use notation::{MoneyText, PointsText, RateText};
use notation::{money, points, rate};

/// One reason for what a receipt or one of its lines earned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "code", rename_all = "snake_case", deny_unknown_fields)]
pub enum Reason {
    /// Points are this share of the money that earns, by the member's tier.
    TierRate {
        tier: String,
        #[serde(with = "rate")]
        #[cfg_attr(feature = "schema", schemars(with = "RateText"))]
        rate: Rate,
        #[serde(with = "money")]
        #[cfg_attr(feature = "schema", schemars(with = "MoneyText"))]
        base: Money,
    },
    /// The rules no longer have the tier that the member had: its heir's rate holds.
    TierAbsent { tier: String, instead: String },
    /// A receipt can earn only so much.
    ReceiptCap {
        #[serde(with = "points")]
        #[cfg_attr(feature = "schema", schemars(with = "PointsText"))]
        wanted: Points,
        #[serde(with = "points")]
        #[cfg_attr(feature = "schema", schemars(with = "PointsText"))]
        given: Points,
    },
    /// A member can earn only so much in a business day.
    DayCap {
        #[serde(with = "points")]
        #[cfg_attr(feature = "schema", schemars(with = "PointsText"))]
        wanted: Points,
        #[serde(with = "points")]
        #[cfg_attr(feature = "schema", schemars(with = "PointsText"))]
        given: Points,
    },
    /// Only so many receipts of a business day earn.
    ReceiptsPerDay { limit: u32 },
    /// The product's category earns nothing.
    ExcludedCategory { category: String },
    /// The product earns nothing.
    ExcludedProduct { product: String },
    /// A promotional price earns nothing.
    PromoLine {},
    /// So much was paid with points and earns nothing.
    PaidWithPoints {
        #[serde(with = "money")]
        #[cfg_attr(feature = "schema", schemars(with = "MoneyText"))]
        amount: Money,
    },
    /// The line cost nothing.
    ZeroAmount {},
    /// The share is less than the smallest amount of points.
    RoundedDown {},
}

impl Reason {
    /// Stable name on the wire: the tag of the stored form.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TierRate { .. } => "tier_rate",
            Self::TierAbsent { .. } => "tier_absent",
            Self::ReceiptCap { .. } => "receipt_cap",
            Self::DayCap { .. } => "day_cap",
            Self::ReceiptsPerDay { .. } => "receipts_per_day",
            Self::ExcludedCategory { .. } => "excluded_category",
            Self::ExcludedProduct { .. } => "excluded_product",
            Self::PromoLine {} => "promo_line",
            Self::PaidWithPoints { .. } => "paid_with_points",
            Self::ZeroAmount {} => "zero_amount",
            Self::RoundedDown {} => "rounded_down",
        }
    }

    /// The reason in words.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        match lang {
            Lang::Ru => self.ru(),
            Lang::Kk => self.kk(),
            Lang::En => self.en(),
        }
    }

    fn ru(&self) -> String {
        match self {
            Self::TierRate { rate, base, .. } => format!("{} от {base}", percent(*rate)),
            Self::TierAbsent { tier, instead } => {
                format!("уровня «{tier}» в программе больше нет, действует «{instead}»")
            }
            Self::ReceiptCap { wanted, given } => {
                format!("предел баллов за один чек: {given} вместо {wanted}")
            }
            Self::DayCap { wanted, given } => format!("предел баллов за день: {given} вместо {wanted}"),
            Self::ReceiptsPerDay { limit } => {
                format!("баллы начисляются не больше чем за {limit} чек. в день")
            }
            Self::ExcludedCategory { category } => format!("за категорию «{category}» баллы не начисляются"),
            Self::ExcludedProduct { product } => format!("за товар «{product}» баллы не начисляются"),
            Self::PromoLine {} => "за товар по акции баллы не начисляются".into(),
            Self::PaidWithPoints { amount } => format!("{amount} оплачено баллами"),
            Self::ZeroAmount {} => "строка с нулевой суммой".into(),
            Self::RoundedDown {} => "сумма слишком мала для начисления".into(),
        }
    }

    fn kk(&self) -> String {
        match self {
            Self::TierRate { rate, base, .. } => format!("{base} сомасынан {}", percent(*rate)),
            Self::TierAbsent { tier, instead } => {
                format!("«{tier}» деңгейі бағдарламада енді жоқ, «{instead}» деңгейі қолданылады")
            }
            Self::ReceiptCap { wanted, given } => {
                format!("бір чек үшін балл шегі: {wanted} орнына {given}")
            }
            Self::DayCap { wanted, given } => format!("бір күндік балл шегі: {wanted} орнына {given}"),
            Self::ReceiptsPerDay { limit } => format!("балл есептелетін чектер саны күніне ең көбі {limit}"),
            Self::ExcludedCategory { category } => format!("«{category}» санатына балл есептелмейді"),
            Self::ExcludedProduct { product } => format!("«{product}» тауарына балл есептелмейді"),
            Self::PromoLine {} => "акция бойынша сатылған тауарға балл есептелмейді".into(),
            Self::PaidWithPoints { amount } => format!("{amount} балмен төленді"),
            Self::ZeroAmount {} => "жол сомасы нөлге тең".into(),
            Self::RoundedDown {} => "балл есептеу үшін сома тым аз".into(),
        }
    }

    fn en(&self) -> String {
        match self {
            Self::TierRate { rate, base, .. } => format!("{} of {base}", percent(*rate)),
            Self::TierAbsent { tier, instead } => {
                format!("the programme no longer has the tier \"{tier}\"; \"{instead}\" holds")
            }
            Self::ReceiptCap { wanted, given } => {
                format!("limit of points for one receipt: {given} instead of {wanted}")
            }
            Self::DayCap { wanted, given } => {
                format!("limit of points for a day: {given} instead of {wanted}")
            }
            Self::ReceiptsPerDay { limit } => format!("no more than {limit} receipts a day earn points"),
            Self::ExcludedCategory { category } => format!("the category \"{category}\" earns no points"),
            Self::ExcludedProduct { product } => format!("the product \"{product}\" earns no points"),
            Self::PromoLine {} => "a promotional price earns no points".into(),
            Self::PaidWithPoints { amount } => format!("{amount} was paid with points"),
            Self::ZeroAmount {} => "the line costs nothing".into(),
            Self::RoundedDown {} => "the amount is too small to earn".into(),
        }
    }
}

/// A rate as a percentage: `0.05` is `5%`.
pub(crate) fn percent(rate: Rate) -> String {
    format!("{}%", Rate::from_millionths(rate.millionths().saturating_mul(100)))
}

//! The fiscal receipt (54-FZ, format 1.2) that an acquirer registers with a payment or refund.

use crate::port::Unsupported;

/// Lines of one receipt that every acquirer takes.
pub const ITEMS_MAX: usize = 80;
/// Characters of a line's description.
pub const NAME_LEN_MAX: usize = 128;

/// A receipt. Quantity times price over its items is exactly what is paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// With the leading plus.
    pub phone: String,
    pub items: Vec<Item>,
    pub mode: PaymentMode,
    /// The seller's tax system, 1 to 6 in the order of the tax service; none leaves it to the acquirer's settings.
    pub tax_system: Option<u8>,
}

/// Pieces of one thing at one price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub description: String,
    pub quantity: u32,
    /// What one piece costs, everything taken off.
    pub unit_minor: i64,
    /// Percent in hundredths; none for goods without VAT.
    pub tax_rate: Option<i64>,
}

/// What the payment is to the goods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentMode {
    /// Handed over at once.
    Full,
    /// Paid in full, handed over later with a second receipt.
    Prepaid,
}

/// A VAT rate as both acquirers know it: YooKassa's code and T-Bank's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Vat {
    pub(crate) code: u8,
    pub(crate) name: &'static str,
}

impl Item {
    /// The rate on a receipt of this mode: what is prepaid is taxed by the share that the price contains.
    pub(crate) fn vat(&self, mode: PaymentMode) -> Result<Vat, Unsupported> {
        let (code, name) = match (self.tax_rate, mode) {
            (None, _) => (1, "none"),
            (Some(0), _) => (2, "vat0"),
            (Some(500), PaymentMode::Full) => (7, "vat5"),
            (Some(500), PaymentMode::Prepaid) => (9, "vat105"),
            (Some(700), PaymentMode::Full) => (8, "vat7"),
            (Some(700), PaymentMode::Prepaid) => (10, "vat107"),
            (Some(1_000), PaymentMode::Full) => (3, "vat10"),
            (Some(1_000), PaymentMode::Prepaid) => (5, "vat110"),
            (Some(2_000), PaymentMode::Full) => (4, "vat20"),
            (Some(2_000), PaymentMode::Prepaid) => (6, "vat120"),
            (Some(2_200), PaymentMode::Full) => (11, "vat22"),
            (Some(2_200), PaymentMode::Prepaid) => (12, "vat122"),
            (Some(_), _) => return Err(Unsupported::Tax),
        };
        Ok(Vat { code, name })
    }

    /// The description, no longer than a receipt takes.
    pub(crate) fn name(&self) -> String {
        self.description.chars().take(NAME_LEN_MAX).collect()
    }
}

impl Receipt {
    /// What its items come to.
    #[must_use]
    pub fn total_minor(&self) -> i64 {
        self.items.iter().map(|item| i64::from(item.quantity) * item.unit_minor).sum()
    }

    pub(crate) fn check(&self) -> Result<(), Unsupported> {
        if (1..=ITEMS_MAX).contains(&self.items.len()) { Ok(()) } else { Err(Unsupported::Lines) }
    }
}

impl PaymentMode {
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Full => "full_payment",
            Self::Prepaid => "full_prepayment",
        }
    }
}

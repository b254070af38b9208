//! What is to be priced.

use kernel::Currency;

/// Most pieces of a cart; more is refused, because the search grows with them.
pub const PIECES_MAX: u32 = 500;
/// Most lines of a cart.
pub const LINES_MAX: usize = 200;

/// A cart at list prices. Alike lines are priced together wherever they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cart {
    pub currency: Currency,
    pub lines: Vec<CartLine>,
}

/// So many pieces of one product made one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CartLine {
    /// The caller's number, handed through.
    pub line_no: u32,
    /// Code of the product.
    pub product: String,
    /// Code of the size.
    pub size: Option<String>,
    pub category: String,
    pub tags: Vec<String>,
    pub modifiers: Vec<CartModifier>,
    /// Pieces, at least one.
    pub quantity: u32,
    /// Of one piece with its modifiers, minor units.
    pub unit_list_minor: i64,
    /// No piece may cost less: the law's or the supplier's minimum. Equal to the list price for goods that must not be
    /// discounted at all.
    pub floor_minor: i64,
    /// Percent in hundredths.
    pub tax_rate: Option<i64>,
    /// Whether the goods earn points by the programme.
    pub earns: bool,
    /// How many of the pieces the guest wants for points.
    pub pieces_for_points: u32,
}

/// An addition to each piece of a line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CartModifier {
    pub code: String,
    /// How many of them are charged for, in one piece.
    pub charged: u32,
    /// Of one of them, minor units.
    pub unit_price_minor: i64,
}

impl CartLine {
    /// All pieces at list price, minor units.
    #[must_use]
    pub fn list_minor(&self) -> i64 {
        self.unit_list_minor.saturating_mul(i64::from(self.quantity))
    }
}

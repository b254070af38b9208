//! Why a choice cannot be had, and what could be instead.

use notation::Names;
use serde::{Deserialize, Serialize};

use crate::schedule::Span;

/// How many alternatives are named.
pub const ALTERNATIVES_MAX: usize = 5;

/// Something of the menu by its code and names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Named {
    pub code: String,
    pub names: Names,
}

/// Why a choice cannot be had. Lists of alternatives hold what can be chosen now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Refusal {
    /// Neither this outlet nor the brand has such an item.
    UnknownItem {
        code: String,
    },
    /// The brand has it, this outlet does not sell it.
    NotSoldHere {
        item: Named,
        alternatives: Vec<Named>,
    },
    /// On the stop list in every size.
    OutOfStock {
        item: Named,
        alternatives: Vec<Named>,
    },
    /// Served at other hours.
    NotServedNow {
        item: Named,
        served: Vec<Span>,
        alternatives: Vec<Named>,
    },
    /// It comes in sizes, none is usual, and the choice names none.
    SizeNeeded {
        item: Named,
        sizes: Vec<Named>,
    },
    UnknownSize {
        item: Named,
        size: String,
        sizes: Vec<Named>,
    },
    /// The size is out of stock or not sold here; `sizes` are.
    SizeUnavailable {
        item: Named,
        size: Named,
        sizes: Vec<Named>,
    },
    UnknownModifier {
        item: Named,
        modifier: String,
        modifiers: Vec<Named>,
    },
    /// Several groups offer it: say which is meant.
    GroupNeeded {
        item: Named,
        modifier: Named,
        groups: Vec<Named>,
    },
    /// The modifier is out of stock or not sold here.
    ModifierUnavailable {
        item: Named,
        modifier: Named,
        group: Named,
        alternatives: Vec<Named>,
    },
    TooFewInGroup {
        item: Named,
        group: Named,
        min: u32,
        chosen: u32,
        alternatives: Vec<Named>,
    },
    TooManyInGroup {
        item: Named,
        group: Named,
        max: u32,
        chosen: u32,
    },
    TooFewOfModifier {
        item: Named,
        modifier: Named,
        min: u32,
        chosen: u32,
    },
    TooManyOfModifier {
        item: Named,
        modifier: Named,
        max: u32,
        chosen: u32,
    },
    /// More entries, or more of one, than any drink takes.
    TooManyModifiers {
        item: Named,
        max: u32,
    },
}

impl Refusal {
    /// The stable name, as in `reason`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownItem { .. } => "unknown_item",
            Self::NotSoldHere { .. } => "not_sold_here",
            Self::OutOfStock { .. } => "out_of_stock",
            Self::NotServedNow { .. } => "not_served_now",
            Self::SizeNeeded { .. } => "size_needed",
            Self::UnknownSize { .. } => "unknown_size",
            Self::SizeUnavailable { .. } => "size_unavailable",
            Self::UnknownModifier { .. } => "unknown_modifier",
            Self::GroupNeeded { .. } => "group_needed",
            Self::ModifierUnavailable { .. } => "modifier_unavailable",
            Self::TooFewInGroup { .. } => "too_few_in_group",
            Self::TooManyInGroup { .. } => "too_many_in_group",
            Self::TooFewOfModifier { .. } => "too_few_of_modifier",
            Self::TooManyOfModifier { .. } => "too_many_of_modifier",
            Self::TooManyModifiers { .. } => "too_many_modifiers",
        }
    }

    /// What could be chosen instead.
    #[must_use]
    pub fn alternatives(&self) -> &[Named] {
        match self {
            Self::NotSoldHere { alternatives, .. }
            | Self::OutOfStock { alternatives, .. }
            | Self::NotServedNow { alternatives, .. }
            | Self::ModifierUnavailable { alternatives, .. }
            | Self::TooFewInGroup { alternatives, .. } => alternatives,
            Self::SizeNeeded { sizes, .. }
            | Self::UnknownSize { sizes, .. }
            | Self::SizeUnavailable { sizes, .. } => sizes,
            Self::UnknownModifier { modifiers, .. } => modifiers,
            Self::GroupNeeded { groups, .. } => groups,
            Self::UnknownItem { .. }
            | Self::TooManyInGroup { .. }
            | Self::TooFewOfModifier { .. }
            | Self::TooManyOfModifier { .. }
            | Self::TooManyModifiers { .. } => &[],
        }
    }
}

//! Formulas: a small closed tree over metrics, checked for its units.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::Gap;
use crate::facts::Facts;
use crate::metric::{Metric, Unit};
use crate::number::{Fraction, Number};

/// How deep a formula may be.
pub const DEPTH_MAX: usize = 6;
/// How many nodes a formula may have.
pub const NODES_MAX: usize = 32;
/// How many parts a sum, a product, a least or a greatest may have.
pub const PARTS_MAX: usize = 8;

/// A number worked out from metrics.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum Formula {
    /// A metric's value.
    Metric {
        of: Metric,
    },
    /// A pure number.
    Constant {
        value: Number,
    },
    Sum {
        of: Vec<Self>,
    },
    Product {
        of: Vec<Self>,
    },
    Difference {
        of: Box<Self>,
        less: Box<Self>,
    },
    /// There is no value while `by` is zero.
    Quotient {
        of: Box<Self>,
        by: Box<Self>,
    },
    Least {
        of: Vec<Self>,
    },
    Greatest {
        of: Vec<Self>,
    },
}

/// Why a formula is not lawful.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("the formula is too large: at most 32 nodes, 6 deep, 8 parts")]
    TooLarge,
    #[error("name at least one part")]
    NoParts,
    /// Sums, differences, least and greatest are of like units: money with money, pieces with pieces.
    #[error("the parts are of different units")]
    Units,
    #[error("a category must be named by 1 to 64 characters")]
    Category,
}

/// Characters of a category's code.
const CATEGORY_LEN_MAX: usize = 64;

impl Formula {
    /// A metric by itself.
    #[must_use]
    pub const fn of(metric: Metric) -> Self {
        Self::Metric { of: metric }
    }

    /// Its unit, if it is lawful.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn check(&self) -> Result<Unit, Fault> {
        let mut nodes = 0;
        self.unit(1, &mut nodes)
    }

    fn unit(&self, depth: usize, nodes: &mut usize) -> Result<Unit, Fault> {
        *nodes += 1;
        if depth > DEPTH_MAX || *nodes > NODES_MAX {
            return Err(Fault::TooLarge);
        }
        let mut inner = |part: &Self| part.unit(depth + 1, nodes);
        match self {
            Self::Metric { of } => match of.category() {
                Some(category) if !(1..=CATEGORY_LEN_MAX).contains(&category.chars().count()) => {
                    Err(Fault::Category)
                }
                _ => Ok(of.unit()),
            },
            Self::Constant { .. } => Ok(Unit::NONE),
            Self::Sum { of } | Self::Least { of } | Self::Greatest { of } => {
                check_count(of)?;
                let first = inner(&of[0])?;
                for part in &of[1..] {
                    if inner(part)? != first {
                        return Err(Fault::Units);
                    }
                }
                Ok(first)
            }
            Self::Product { of } => {
                check_count(of)?;
                of.iter()
                    .try_fold(Unit::NONE, |unit, part| unit.combined(inner(part)?, 1).ok_or(Fault::TooLarge))
            }
            Self::Difference { of, less } => {
                let unit = inner(of)?;
                if inner(less)? == unit { Ok(unit) } else { Err(Fault::Units) }
            }
            Self::Quotient { of, by } => {
                let unit = inner(of)?;
                unit.combined(inner(by)?, -1).ok_or(Fault::TooLarge)
            }
        }
    }

    /// Its value.
    ///
    /// # Errors
    /// See [`Gap`].
    pub fn value(&self, facts: &Facts) -> Result<Fraction, Gap> {
        let fold = |of: &[Self], join: fn(Fraction, Fraction) -> Result<Fraction, Gap>| {
            let mut values = of.iter().map(|part| part.value(facts));
            let first = values.next().ok_or(Gap::NothingYet)??;
            values.try_fold(first, |sum, value| join(sum, value?))
        };
        match self {
            Self::Metric { of } => of.value(facts),
            Self::Constant { value } => Ok(value.fraction()),
            Self::Sum { of } => fold(of, Fraction::plus),
            Self::Product { of } => fold(of, Fraction::times),
            Self::Difference { of, less } => of.value(facts)?.minus(less.value(facts)?),
            Self::Quotient { of, by } => of.value(facts)?.over(by.value(facts)?),
            Self::Least { of } => fold(of, |a, b| Ok(a.min(b))),
            Self::Greatest { of } => fold(of, |a, b| Ok(a.max(b))),
        }
    }

    /// Every metric in it.
    pub fn metrics<'f>(&'f self, found: &mut Vec<&'f Metric>) {
        match self {
            Self::Metric { of } => found.push(of),
            Self::Constant { .. } => {}
            Self::Sum { of } | Self::Product { of } | Self::Least { of } | Self::Greatest { of } => {
                of.iter().for_each(|part| part.metrics(found));
            }
            Self::Difference { of: a, less: b } | Self::Quotient { of: a, by: b } => {
                a.metrics(found);
                b.metrics(found);
            }
        }
    }

    /// Categories of goods that it asks for.
    #[must_use]
    pub fn categories(&self) -> BTreeSet<&str> {
        let mut metrics = Vec::new();
        self.metrics(&mut metrics);
        metrics.into_iter().filter_map(Metric::category).collect()
    }
}

fn check_count(parts: &[Formula]) -> Result<(), Fault> {
    match parts.len() {
        0 => Err(Fault::NoParts),
        1..=PARTS_MAX => Ok(()),
        _ => Err(Fault::TooLarge),
    }
}

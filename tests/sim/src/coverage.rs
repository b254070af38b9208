//! How often each operation had each outcome, and each rule something to say.

use std::collections::BTreeMap;
use std::fmt;

/// Counts, by row (operation, or "rule") and outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    cells: BTreeMap<(&'static str, String), u64>,
}

/// Operations after which every cell must have been met.
pub const ENOUGH: u64 = 50_000;

/// What must have happened at least once after [`ENOUGH`] operations.
const REQUIRED: &[(&str, &[&str])] = &[
    (
        "sell",
        &[
            "taken",
            "unknown-outlet",
            "wrong-currency",
            "implausible-time",
            "invalid-lines",
            "invalid-quantity",
            "invalid-field",
            "sums-differ",
            "unknown-guest",
            "card-inactive",
            "member-inactive",
            "code-spent",
            "no-programme",
        ],
    ),
    ("sell again", &["again", "receipt-conflict"]),
    ("sell anonymously", &["taken", "invalid-field"]),
    (
        "pay with points",
        &["taken", "unknown-hold", "hold-ended", "redemption-limit", "sums-differ", "invalid-field"],
    ),
    (
        "return",
        &[
            "taken",
            "unknown-receipt",
            "implausible-time",
            "invalid-lines",
            "invalid-quantity",
            "return-exceeds-receipt",
        ],
    ),
    ("return again", &["again", "return-conflict"]),
    (
        "hold",
        &[
            "taken",
            "unknown-outlet",
            "wrong-currency",
            "invalid-field",
            "unknown-guest",
            "card-inactive",
            "member-inactive",
            "code-spent",
            "insufficient-points",
            "redemption-limit",
            "rotating-code-required",
        ],
    ),
    ("adjust", &["taken", "insufficient-points", "adjustment-limit"]),
    ("batch", &["taken", "again", "refused"]),
    ("history", &["one page", "two pages"]),
    ("join", &["new", "known"]),
    ("erase", &["taken", "member-inactive"]),
    ("release", &["taken", "unknown-hold", "hold-ended"]),
    (
        "rule",
        &[
            "tier_rate",
            "receipt_cap",
            "day_cap",
            "receipts_per_day",
            "excluded_category",
            "excluded_product",
            "promo_line",
            "paid_with_points",
            "zero_amount",
            "rounded_down",
            "welcome bonus",
            "balance",
            "share",
            "eligible",
            "points named",
            "released again",
            "hold lapsed",
            "points activated",
            "points expired",
            "debt made",
            "debt repaid",
            "debt repaid by a hold",
            "points forgiven",
            "points reinstated",
            "grace",
            "expired before the return",
            "welcome at sign-up",
        ],
    ),
];

impl Coverage {
    /// Counts one.
    pub fn count(&mut self, row: &'static str, outcome: &str) {
        self.add(row, outcome, 1);
    }

    /// Counts several.
    pub fn add(&mut self, row: &'static str, outcome: &str, times: u64) {
        *self.cells.entry((row, outcome.to_owned())).or_default() += times;
    }

    /// Adds another's counts.
    pub fn merge(&mut self, other: &Self) {
        for ((row, outcome), times) in &other.cells {
            self.add(row, outcome, *times);
        }
    }

    /// Cells that must not be empty and are.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        let required =
            REQUIRED.iter().flat_map(|(row, outcomes)| outcomes.iter().map(move |outcome| (*row, *outcome)));
        let empty =
            required.filter(|(row, outcome)| !self.cells.contains_key(&(*row, (*outcome).to_owned())));
        empty.map(|(row, outcome)| format!("{row}: {outcome}")).collect()
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut last = "";
        for ((row, outcome), times) in &self.cells {
            if *row != last {
                writeln!(f, "{row}")?;
                last = row;
            }
            writeln!(f, "  {outcome:<26}{times:>10}")?;
        }
        Ok(())
    }
}

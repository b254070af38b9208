//! The job behind suggestions: counts which products recent receipts have together.

use std::collections::{BTreeMap, BTreeSet};

use kernel::time::DAY_MS;
use kernel::{ReceiptId, Timestamp};
use store::jobs::{self, Finished};
use store::together::{self, Pair};
use store::transaction::transaction;
use store::{Sql, StoreError};

/// Name of the job.
pub const JOB: &str = "bought-together";
/// It runs every night.
const EVERY_MS: i64 = DAY_MS;

/// Receipts of a brand that are counted: some days of a chain, enough to see habits.
pub const RECEIPTS_MAX: usize = 20_000;
/// Receipts read at once.
const PAGE: i64 = 500;
/// Products of one receipt that are paired; a banquet says nothing about habits.
const PRODUCTS_MAX: usize = 12;
/// Pairs seen in fewer receipts are chance.
const RECEIPTS_MIN: i64 = 3;
/// Companions kept for one product.
const COMPANIONS_MAX: usize = 8;

/// Counts anew for every brand, and notes how it went; says how many pairs are known now.
///
/// # Errors
/// A failure of storage.
pub fn run(sql: &dyn Sql, now: Timestamp) -> Result<usize, StoreError> {
    let result = recount(sql);
    let error = result.as_ref().err().map(ToString::to_string);
    let done = result.as_ref().map_or(0, |pairs| i64::try_from(*pairs).unwrap_or(i64::MAX));
    let run = Finished { at: now, due_at: now.plus_millis(EVERY_MS), done, error: error.as_deref() };
    transaction(sql, |tx| jobs::note(tx, JOB, &run))?;
    result
}

/// Counts anew for every brand; says how many pairs are known now.
///
/// # Errors
/// A failure of storage.
pub fn recount(sql: &dyn Sql) -> Result<usize, StoreError> {
    let mut known = 0;
    for brand in together::list_brands(sql)? {
        let pairs = best(count(sql, &brand)?);
        transaction(sql, |tx| together::replace(tx, &brand, &pairs))?;
        known += pairs.len();
    }
    Ok(known)
}

/// Receipts by the two products that they have, in both orders.
type Counts = BTreeMap<String, BTreeMap<String, i64>>;

fn count(sql: &dyn Sql, brand: &str) -> Result<Counts, StoreError> {
    let mut counts = Counts::new();
    let mut before = ReceiptId::from_raw(i64::MAX);
    let mut receipts = 0;
    while receipts < RECEIPTS_MAX {
        let lines = together::list_recent(sql, brand, before, PAGE)?;
        for receipt in lines.chunk_by(|a, b| a.0 == b.0) {
            before = receipt[0].0;
            receipts += 1;
            add(&mut counts, receipt.iter().map(|(_, product)| product.as_str()).collect());
        }
        if lines.is_empty() {
            break;
        }
    }
    Ok(counts)
}

fn add(counts: &mut Counts, products: BTreeSet<&str>) {
    let products: Vec<&str> = products.into_iter().take(PRODUCTS_MAX).collect();
    for &product in &products {
        for &other in products.iter().filter(|&&other| other != product) {
            let companions = counts.entry(product.to_owned()).or_default();
            *companions.entry(other.to_owned()).or_default() += 1;
        }
    }
}

/// The companions worth keeping, most often first, in the order of their codes where equal.
fn best(counts: Counts) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (product, companions) in counts {
        let mut companions: Vec<(String, i64)> =
            companions.into_iter().filter(|(_, receipts)| *receipts >= RECEIPTS_MIN).collect();
        companions.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        pairs.extend(companions.into_iter().take(COMPANIONS_MAX).map(|(other, receipts)| Pair {
            product: product.clone(),
            other,
            receipts,
        }));
    }
    pairs
}

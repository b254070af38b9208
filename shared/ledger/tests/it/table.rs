//! Scenarios as tables: one operation a row, and what the wallet holds after it.
//!
//! ```text
//! accrue A 50 until 10        | 50 0 0  | A.available+50
//! hold 1 30                   | 20 30 0 |
//! capture 1 99                | ! 99.00 points asked, 30.00 are held
//! ```
//!
//! The second column is available, held and pending, in whole points; or `!` and the refusal's words. The third
//! column, where it is not empty, is every lot move of the row's entries. Days count from 1; a row happens on the day that
//! the last `day` row set. Lots are named where they are born.

use std::collections::BTreeMap;

use kernel::{HoldId, IdSource, LotId, Points, ReceiptId, Timestamp};
use ledger::age::age;
use ledger::clawback::{Own, claw_back};
use ledger::error::Refusal;
use ledger::grant::{Grant, accrue, adjust_up, reinstate};
use ledger::model::{ClawbackPolicy, Entry, Hold, LotSource, Occasion, Wallet};
use ledger::spend::{adjust_down, capture, hold, release};

use crate::audit::{Audit, empty_wallet, occasion};

/// Runs a table on an empty wallet.
pub fn run(table: &str) {
    let mut run = Run::new();
    for (number, row) in table.lines().enumerate().filter(|(_, row)| !row.trim().is_empty()) {
        let mut columns = row.split('|').map(str::trim);
        let operation = columns.next().expect("an operation");
        let expected = columns.next().unwrap_or_default();
        let before = run.wallet.clone();
        let got = run.apply(operation);
        let shown = match &got {
            Ok(_) => run.balances(),
            Err(refusal) => {
                assert_eq!(run.wallet, before, "row {number}: a refusal changed the wallet");
                format!("! {refusal}")
            }
        };
        if !expected.is_empty() {
            assert_eq!(words(&shown), words(expected), "row {number}: {operation}");
        }
        let entries = got.unwrap_or_default();
        for entry in &entries {
            run.audit.post(entry);
        }
        run.audit.check(&run.wallet);
        if let Some(moves) = columns.next().filter(|moves| !moves.is_empty()) {
            assert_eq!(words(&run.moves(&entries)), words(moves), "row {number}: {operation}");
        }
    }
}

struct Run {
    wallet: Wallet,
    audit: Audit,
    ids: IdSource,
    day: i64,
    row: i64,
    lots: BTreeMap<LotId, String>,
    holds: BTreeMap<i64, Hold>,
}

impl Run {
    fn new() -> Self {
        Self {
            wallet: empty_wallet(),
            audit: Audit::default(),
            ids: IdSource::new(1),
            day: 1,
            row: 0,
            lots: BTreeMap::new(),
            holds: BTreeMap::new(),
        }
    }

    fn apply(&mut self, operation: &str) -> Result<Vec<Entry>, Refusal> {
        let row = Row::parse(operation);
        self.row += 1;
        let now = day(self.day);
        let occasion = occasion(format!("row:{}", self.row), row.receipt(), day(row.at.unwrap_or(self.day)));
        let occasion = Occasion { recorded_at: now, ..occasion };
        let (wallet, ids) = (&mut self.wallet, &mut self.ids);
        let before: Vec<LotId> = wallet.lots.iter().map(|lot| lot.id).collect();
        let entries = match row.verb {
            "day" => {
                self.day = row.number(0);
                Vec::new()
            }
            "accrue" => {
                accrue(wallet, row.grant(1, LotSource::Receipt), occasion, ids)?.into_iter().collect()
            }
            "open" => {
                adjust_up(wallet, row.grant(1, LotSource::Opening), occasion, ids)?.into_iter().collect()
            }
            "reinstate" => {
                let parts = [(points(row.number(1)), row.until.map(day))];
                reinstate(wallet, &parts, occasion, ids)?.into_iter().collect()
            }
            "age" => age(wallet, &[], now, ids)?.entries,
            "hold" => {
                let id = HoldId::from_raw(row.number(0));
                let (entry, made) = hold(wallet, points(row.number(1)), id, occasion, ids)?;
                self.holds.insert(row.number(0), made);
                vec![entry]
            }
            "capture" => {
                let held = self.holds[&row.number(0)].clone();
                let done = capture(wallet, held, points(row.number(1)), occasion, ids)?;
                done.entry.into_iter().chain(done.release).collect()
            }
            "release" => {
                let held = self.holds[&row.number(0)].clone();
                release(wallet, held, occasion, ids)?.into_iter().collect()
            }
            "deduct" => vec![adjust_down(wallet, points(row.number(0)), occasion, ids)?],
            "claw" => {
                let receipt = row.receipt().expect("a receipt");
                let policy = row.policy.expect("a policy");
                let asked = points(row.number(0));
                let done = claw_back(
                    wallet,
                    asked,
                    Own::Receipt(receipt),
                    points(row.expired),
                    policy,
                    occasion,
                    ids,
                )?;
                assert_eq!(done.forgiven, points(row.forgives), "{operation}");
                done.entry.into_iter().collect()
            }
            other => panic!("no such operation: {other}"),
        };
        for lot in self.wallet.lots.iter().filter(|lot| !before.contains(&lot.id)) {
            self.lots.insert(lot.id, row.words[0].to_owned());
        }
        Ok(entries)
    }

    fn balances(&self) -> String {
        let wallet = &self.wallet;
        [wallet.available, wallet.held, wallet.pending].map(whole).join(" ")
    }

    fn moves(&self, entries: &[Entry]) -> String {
        let steps = entries.iter().flat_map(|entry| &entry.moves);
        let shown = steps.map(|step| {
            let sign = if step.amount.is_positive() { "+" } else { "" };
            format!("{}.{}{sign}{}", self.lots[&step.lot], step.bucket.code(), whole(step.amount))
        });
        shown.collect::<Vec<_>>().join(" ")
    }
}

/// An operation's words: `verb positional… keyword value…`.
struct Row<'a> {
    verb: &'a str,
    words: Vec<&'a str>,
    until: Option<i64>,
    from: Option<i64>,
    at: Option<i64>,
    receipt: Option<i64>,
    forgives: i64,
    expired: i64,
    policy: Option<ClawbackPolicy>,
}

impl<'a> Row<'a> {
    fn parse(text: &'a str) -> Self {
        let mut words = text.split_whitespace();
        let verb = words.next().expect("a verb");
        let mut row = Self {
            verb,
            words: Vec::new(),
            until: None,
            from: None,
            at: None,
            receipt: None,
            forgives: 0,
            expired: 0,
            policy: None,
        };
        while let Some(word) = words.next() {
            let mut value = || words.next().and_then(|word| word.parse().ok()).expect("a number");
            match word {
                "until" => row.until = Some(value()),
                "from" => row.from = Some(value()),
                "at" => row.at = Some(value()),
                "receipt" => row.receipt = Some(value()),
                "forgives" => row.forgives = value(),
                "expired" => row.expired = value(),
                "only_pending" => row.policy = Some(ClawbackPolicy::OnlyPending),
                "within_balance" => row.policy = Some(ClawbackPolicy::WithinBalance),
                "unlimited" => row.policy = Some(ClawbackPolicy::Unlimited),
                other => row.words.push(other),
            }
        }
        row
    }

    fn number(&self, index: usize) -> i64 {
        self.words[index].parse().expect("a number")
    }

    fn receipt(&self) -> Option<ReceiptId> {
        self.receipt.map(ReceiptId::from_raw)
    }

    fn grant(&self, index: usize, source: LotSource) -> Grant {
        Grant {
            points: points(self.number(index)),
            source,
            activates_at: self.from.map(day),
            expires_at: self.until.map(day),
        }
    }
}

/// Whole points.
pub fn points(whole: i64) -> Points {
    Points::from_hundredths(whole * 100)
}

/// Midnight at which a day begins.
pub fn day(number: i64) -> Timestamp {
    let first = Timestamp::parse("2026-11-21T00:00:00Z").expect("a time");
    first.plus_millis((number - 1) * kernel::time::DAY_MS)
}

fn whole(points: Points) -> String {
    (points.hundredths() / 100).to_string()
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

//! Re-deriving balances: an auditor who trusts nothing but the postings.

use kernel::{EntryId, HoldId, LotId, MemberId, Points, ReceiptId, ReturnId};
use ledger::model::{Account, EntryKind};
use store::verify::{self as audit, Slice};
use store::{Sql, StoreError};

/// Most members looked at in one call.
pub const MEMBERS_MAX: i64 = 2_000;
/// Members looked at unless the caller says otherwise.
pub const MEMBERS_DEFAULT: i64 = 1_000;
/// Most differences reported of one check; there are then more, and one is too many already.
pub const DIFFERENCES_PER_CHECK_MAX: i64 = 100;

/// Something in the books that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// `None`: the whole database.
    pub member: Option<MemberId>,
    pub invariant: &'static str,
    /// Which rule is broken.
    pub what: String,
    /// Text id of the entry, lot, hold, receipt or return; empty for the member itself.
    pub subject: String,
    pub expected: String,
    pub found: String,
}

/// What a look at a slice of members showed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    pub members: i64,
    pub entries: i64,
    pub findings: Vec<Finding>,
    /// Where the next slice begins; `None` after the last.
    pub next: Option<MemberId>,
    /// Sum of the slice's postings by account: over all slices, and over all accounts, they sum to zero (L1).
    pub totals: Vec<(String, Points)>,
}

/// Looks at up to `limit` members after `after`, on one picture of the database.
///
/// # Errors
/// A failure of storage.
pub fn verify(sql: &dyn Sql, after: MemberId, limit: i64) -> Result<Report, StoreError> {
    audit::snapshot(sql, |sql| {
        let mut report = Report { findings: missing_guards(sql)?, ..Report::default() };
        let limit = limit.clamp(1, MEMBERS_MAX);
        let Some(slice) = audit::load_slice(sql, after, limit)? else { return Ok(report) };
        report.members = slice.members;
        report.next = (slice.members == limit).then_some(slice.last);
        (report.entries, report.totals) = audit::load_totals(sql, slice)?;
        report.findings.extend(odd_postings(sql, slice)?);
        for check in audit::CHECKS {
            let differences = audit::list_differences(sql, check, slice, DIFFERENCES_PER_CHECK_MAX)?;
            report.findings.extend(differences.into_iter().map(|difference| Finding {
                member: Some(difference.member),
                invariant: check.invariant,
                what: check.what.to_owned(),
                subject: subject(check.subject, difference.subject),
                expected: amount(check, difference.expected),
                found: amount(check, difference.found),
            }));
        }
        Ok(report)
    })
}

/// L3: the database refuses to rewrite the ledger only while its triggers are there.
fn missing_guards(sql: &dyn Sql) -> Result<Vec<Finding>, StoreError> {
    let finding = |guard: &str| Finding {
        member: None,
        invariant: "L3",
        what: "the database itself refuses to rewrite the ledger".to_owned(),
        subject: guard.to_owned(),
        expected: "trigger".to_owned(),
        found: "none".to_owned(),
    };
    Ok(audit::list_missing_guards(sql)?.into_iter().map(finding).collect())
}

/// L3: an entry of a kind touches only the accounts that such entries may touch.
fn odd_postings(sql: &dyn Sql, slice: Slice) -> Result<Vec<Finding>, StoreError> {
    let mut findings = Vec::new();
    for shape in audit::list_shapes(sql, slice)? {
        let accounts = shape.kind.map_or(&[] as &[Account], EntryKind::accounts);
        let allowed: Vec<&str> = accounts.iter().map(|account| account.code()).collect();
        if allowed.contains(&shape.account.as_str()) {
            continue;
        }
        findings.push(Finding {
            member: Some(shape.member),
            invariant: "L3",
            what: format!("an entry of kind {} touches only its own accounts", shape.kind_code),
            subject: shape.entry.to_string(),
            expected: allowed.join(", "),
            found: shape.account,
        });
    }
    Ok(findings)
}

fn subject(kind: &str, raw: i64) -> String {
    match kind {
        EntryId::PREFIX => EntryId::from_raw(raw).to_string(),
        LotId::PREFIX => LotId::from_raw(raw).to_string(),
        HoldId::PREFIX => HoldId::from_raw(raw).to_string(),
        ReceiptId::PREFIX => ReceiptId::from_raw(raw).to_string(),
        ReturnId::PREFIX => ReturnId::from_raw(raw).to_string(),
        _ => String::new(),
    }
}

fn amount(check: &audit::Check, value: i64) -> String {
    if check.is_count { value.to_string() } else { Points::from_hundredths(value).to_string() }
}

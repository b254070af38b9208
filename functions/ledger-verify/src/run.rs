//! Verify a slice, reply.

use api::wire::verify::{DifferenceReply, VerifyReply};
use club::verify::{self, MEMBERS_DEFAULT, MEMBERS_MAX};
use kernel::MemberId;
use web::{Call, Problem, Reply, paging};

/// Looks at one slice of members.
///
/// # Errors
/// 422 for a cursor or limit that cannot be read; a failure of storage.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let after = call.query("cursor", MemberId::parse)?.unwrap_or(MemberId::from_raw(0));
    let limit = paging::limit::<MEMBERS_MAX>(call, MEMBERS_DEFAULT)?;
    let report = verify::verify(call.sql, after, limit)?;
    if !report.findings.is_empty() {
        eprintln!("ledger.differs after={after} differences={}", report.findings.len());
    }
    let differences = report.findings.into_iter().map(|finding| DifferenceReply {
        member: finding.member.map(|member| member.to_string()),
        invariant: finding.invariant.to_owned(),
        what: finding.what,
        subject: (!finding.subject.is_empty()).then_some(finding.subject),
        expected: finding.expected,
        found: finding.found,
    });
    Reply::json(
        200,
        &VerifyReply {
            checked: report.members,
            entries: report.entries,
            differences: differences.collect(),
            next_cursor: report.next.map(|member| member.to_string()),
            totals: report
                .totals
                .into_iter()
                .map(|(account, points)| (account, points.to_string()))
                .collect(),
        },
    )
}

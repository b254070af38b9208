//! The ledger's invariants as queries over a whole database. Each query counts what breaks its invariant.
//!
//! Independent of the product's `ledger-verify` on purpose: set-based, over every row, and knowing only the schema.

use anyhow::Result;
use rusqlite::Connection;

use crate::state;

/// An invariant and the query that counts its violations.
struct Rule {
    name: &'static str,
    violations: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        name: "L1 postings of an entry sum to zero",
        violations: "select count(*) from (select 1 from postings group by entry_id, unit having sum(amount) <> 0)",
    },
    Rule {
        name: "L1 every entry has postings",
        violations: "select count(*) from entries e where not exists (select 1 from postings p where p.entry_id = e.id)",
    },
    Rule {
        name: "L2 balances are the sums of their postings",
        violations: "select count(*) from balances b left join (
                select e.member_id as member_id,
                    sum(case when p.account = 'pending' then p.amount else 0 end) as pending,
                    sum(case when p.account = 'available' then p.amount else 0 end) as available,
                    sum(case when p.account = 'held' then p.amount else 0 end) as held
                from entries e join postings p on p.entry_id = e.id group by e.member_id
            ) s on s.member_id = b.member_id
            where b.pending <> coalesce(s.pending, 0) or b.available <> coalesce(s.available, 0)
                or b.held <> coalesce(s.held, 0)",
    },
    Rule {
        name: "L2 balances are the sums of their lots, less a debt",
        violations: "select count(*) from balances b left join (
                select member_id, sum(pending) as pending, sum(available) as available, sum(held) as held
                from lots group by member_id
            ) s on s.member_id = b.member_id
            where b.pending <> coalesce(s.pending, 0) or b.held <> coalesce(s.held, 0)
                or (b.available >= 0 and b.available <> coalesce(s.available, 0))
                or (b.available < 0 and coalesce(s.available, 0) <> 0)",
    },
    Rule {
        name: "L2 lots are the sums of their moves",
        violations: "select count(*) from lots l left join (
                select lot_id,
                    sum(case when bucket = 'pending' then amount else 0 end) as pending,
                    sum(case when bucket = 'available' then amount else 0 end) as available,
                    sum(case when bucket = 'held' then amount else 0 end) as held
                from lot_moves group by lot_id
            ) s on s.lot_id = l.id
            where l.pending <> coalesce(s.pending, 0) or l.available <> coalesce(s.available, 0)
                or l.held <> coalesce(s.held, 0)",
    },
    Rule {
        name: "L2 every member has a balance",
        violations: "select count(*) from members m where not exists
            (select 1 from balances b where b.member_id = m.id)",
    },
    Rule {
        name: "L5 held points belong to open holds",
        violations: "select count(*) from balances b left join
            (select member_id, sum(points) as points from holds where status = 'authorised' group by member_id) h
            on h.member_id = b.member_id where b.held <> coalesce(h.points, 0)",
    },
    Rule {
        name: "L5 the lots of a hold sum to it",
        violations: "select count(*) from holds h where h.points <>
            (select sum(l.points) from hold_lots l where l.hold_id = h.id)",
    },
    Rule {
        name: "L5 a captured hold names its receipt, and no other does",
        violations: "select count(*) from holds where (status = 'captured') <> (receipt_id is not null)
            or (status = 'authorised') <> (ended_at is null)",
    },
    Rule {
        name: "receipts are the sums of their lines",
        violations: "select count(*) from receipts r left join (
                select receipt_id, sum(amount_minor) as total, sum(points_earned) as earned, sum(points_paid) as paid,
                    sum(points_paid_minor) as paid_minor, sum(amount_minor + discount_minor) as list
                from receipt_lines group by receipt_id
            ) s on s.receipt_id = r.id
            where s.total is null or r.total_minor <> s.total or r.points_earned <> s.earned
                or r.points_paid <> s.paid or r.points_paid_minor <> s.paid_minor",
    },
    Rule {
        name: "receipts are the sums of their payments",
        violations: "select count(*) from receipts r left join
            (select receipt_id, sum(amount_minor) as paid from receipt_payments group by receipt_id) p
            on p.receipt_id = r.id where r.total_minor <> coalesce(p.paid, 0)",
    },
    Rule {
        name: "points earned on a receipt are its accrual",
        violations: "select count(*) from receipts r left join (
                select e.receipt_id as receipt_id, -sum(p.amount) as issued
                from entries e join postings p on p.entry_id = e.id
                where e.kind = 'accrual' and e.event like 'receipt:%' and p.account = 'issued' group by e.receipt_id
            ) a on a.receipt_id = r.id where r.points_earned <> coalesce(a.issued, 0)",
    },
    Rule {
        name: "points paid on a receipt are its capture",
        violations: "select count(*) from receipts r left join (
                select e.receipt_id as receipt_id, sum(p.amount) as redeemed
                from entries e join postings p on p.entry_id = e.id
                where e.kind = 'capture' and p.account = 'redeemed' group by e.receipt_id
            ) a on a.receipt_id = r.id where r.points_paid <> coalesce(a.redeemed, 0)",
    },
    Rule {
        name: "no entry of another member's receipt, none of a guest's",
        violations: "select count(*) from entries e join receipts r on r.id = e.receipt_id
            where r.member_id is null or r.member_id <> e.member_id",
    },
    Rule {
        name: "returns take back no more than was sold",
        violations: "select count(*) from receipt_lines l join (
                select receipt_id, line_no, sum(quantity) as quantity, sum(points_clawed) as clawed,
                    sum(points_back) as back, sum(refund_minor + points_back_minor) as worth
                from return_lines group by receipt_id, line_no
            ) t on t.receipt_id = l.receipt_id and t.line_no = l.line_no
            where t.quantity > l.quantity or t.clawed > l.points_earned or t.back > l.points_paid
                or t.worth > l.amount_minor",
    },
    Rule { name: "rows refer to rows", violations: "select count(*) from pragma_foreign_key_check" },
];

/// Runs every rule; prints one line each and returns how many are broken.
///
/// # Errors
/// When a query fails.
pub fn audit(connection: &Connection) -> Result<usize> {
    let mut broken = 0;
    for rule in RULES {
        let violations = state::integer(connection, rule.violations)?;
        let verdict = if violations == 0 { "ok" } else { "BROKEN" };
        println!(
            "  {verdict:<6} {}{}",
            rule.name,
            if violations == 0 { String::new() } else { format!(": {violations} rows") }
        );
        broken += usize::from(violations != 0);
    }
    Ok(broken)
}

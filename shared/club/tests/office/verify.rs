//! The auditor finds every planted corruption, and nothing where there is none.

use kernel::MemberId;
use kernel::time::{DAY_MS, HOUR_MS};
use store::dialect::APPEND_ONLY;

use crate::fixture::{Chain, start};

/// Two members with points in every state.
fn chain() -> Chain {
    let mut chain = Chain::new();
    for code in ["a", "b"] {
        let member = chain.member(code);
        chain.grant(member, "10.00", None, Some(start().plus_millis(DAY_MS)));
        chain.grant(member, "4.00", Some(start().plus_millis(HOUR_MS)), None);
        chain.hold(member, "3.00", start().plus_millis(HOUR_MS));
    }
    chain
}

/// Takes the guards away, so that what they forbid can be done.
fn without_guards() -> Chain {
    let chain = chain();
    for guard in APPEND_ONLY {
        chain.sql.connection().execute_batch(&format!("drop trigger {guard}")).expect("dropped");
    }
    chain.sql.connection().execute_batch("pragma foreign_keys = off").expect("off");
    chain.sql.connection().execute_batch("pragma ignore_check_constraints = on").expect("on");
    chain
}

fn findings(chain: &Chain) -> Vec<(Option<MemberId>, &'static str, String)> {
    let report = club::verify::verify(&chain.sql, MemberId::from_raw(0), 100).expect("verified");
    report.findings.into_iter().map(|found| (found.member, found.invariant, found.what)).collect()
}

#[test]
fn a_sound_ledger_shows_nothing() {
    let chain = chain();
    chain.assert_sound();
    let report = club::verify::verify(&chain.sql, MemberId::from_raw(0), 1).expect("verified");
    assert_eq!((report.members, report.entries), (1, 3));
    let sum: i64 = report.totals.iter().map(|(_, points)| points.hundredths()).sum();
    assert_eq!(sum, 0, "{:?}", report.totals);
    let next = report.next.expect("a second slice");
    let second = club::verify::verify(&chain.sql, next, 1).expect("verified");
    let end = second.next.expect("a full slice may be followed by another");
    let empty = club::verify::verify(&chain.sql, end, 1).expect("verified");
    assert_eq!((second.members, empty.members, empty.next), (1, 0, None));
}

/// What is done to the second member, and a word of each rule that must be found broken.
const CORRUPTIONS: &[(&str, &str, &[&str])] = &[
    (
        "a posting changed",
        "update postings set amount = amount + 1 where account = 'issued' and entry_id = $accrual",
        &["sum to zero"],
    ),
    (
        "both postings doubled",
        "update postings set amount = amount * 2 where entry_id = $accrual",
        &["available balance is the sum of its postings"],
    ),
    (
        "both postings halved",
        "update postings set amount = amount / 2 where entry_id = $accrual",
        &["available balance is the sum of its postings", "moves in available lots"],
    ),
    (
        "a posting deleted",
        "delete from postings where account = 'issued' and entry_id = $accrual",
        &["sum to zero", "at least two"],
    ),
    (
        "an entry without postings",
        "delete from postings where entry_id = $accrual",
        &["at least two", "available balance is the sum"],
    ),
    (
        "a foreign unit",
        "update postings set unit = 'points:other' where entry_id = $accrual",
        &["in the unit"],
    ),
    (
        "an odd account",
        "update postings set account = 'expired' where account = 'issued' and entry_id = $accrual",
        &["only its own accounts"],
    ),
    ("an odd kind", "update entries set kind = 'gift' where id = $accrual", &["only its own accounts"]),
    (
        "available changed",
        "update balances set available = available + 1 where member_id = $member",
        &["available balance is the sum", "available balance is what the lots"],
    ),
    (
        "pending changed",
        "update balances set pending = pending + 1 where member_id = $member",
        &["pending balance is the sum", "pending balance is what the lots"],
    ),
    (
        "held changed",
        "update balances set held = held + 1 where member_id = $member",
        &["held balance is the sum", "held balance is what the lots", "open holds reserve"],
    ),
    ("no balance", "delete from balances where member_id = $member", &["has a balance"]),
    (
        "a lot emptied",
        "update lots set available = 0 where id = $lot",
        &["available balance is what the lots", "available points are the sum of its moves"],
    ),
    (
        "two lots shifted",
        "update lots set available = available - 1 where id = $lot; update lots set pending = pending + 1 where member_id = $member and pending > 0",
        &["available points are the sum of its moves", "pending points are the sum of its moves"],
    ),
    (
        "a held bucket changed",
        "update lots set held = held + 1 where id = $lot",
        &["held points are the sum of its moves", "held balance is what the lots"],
    ),
    (
        "a move changed",
        "update lot_moves set amount = amount + 1 where lot_id = $lot and entry_id = $accrual",
        &["available points are the sum of its moves", "moves in available lots"],
    ),
    (
        "a drained lot that nothing granted",
        "insert into lots (id, member_id, entry_id, source, granted, pending, available, held) \
         values (5, $member, $accrual, 'welcome', 700, 0, 0, 0)",
        &["the lots that an entry grants"],
    ),
    (
        "a drained lot gone",
        "update lots set available = 0, held = 0 where id = $lot; delete from lots where id = $lot",
        &["the lots that an entry grants"],
    ),
    (
        "a moment kept too late",
        "update balances set due_at = due_at + 1 where member_id = $member",
        &["falls due before"],
    ),
    ("no moment kept", "update balances set due_at = null where member_id = $member", &["falls due before"]),
    ("moves deleted", "delete from lot_moves where lot_id = $lot", &["has moves"]),
    (
        "a lot given away",
        "update lots set member_id = $other where id = $lot",
        &["available balance is what the lots", "own member's"],
    ),
    (
        "a debt beside points",
        "update balances set available = -100 where member_id = $member",
        &["available balance is what the lots"],
    ),
    (
        "a hold changed",
        "update holds set points = points + 1 where member_id = $member",
        &["open holds reserve", "open hold's lots"],
    ),
    (
        "a hold ended without an entry",
        "update holds set status = 'released' where member_id = $member",
        &["open holds reserve"],
    ),
    (
        "a hold's lots changed",
        "update hold_lots set points = points + 1 where lot_id = $lot",
        &["open hold's lots"],
    ),
];

#[test]
fn every_planted_corruption_is_found() {
    for (name, statement, rules) in CORRUPTIONS {
        let chain = without_guards();
        let ids = |of: &str| chain.number(&format!("select id from members where external_code = '{of}'"));
        let (member, other) = (ids("b"), ids("a"));
        let lot = chain.number(&format!("select min(id) from lots where member_id = {member}"));
        let accrual = chain.number(&format!("select entry_id from lots where id = {lot}"));
        let statement = statement
            .replace("$member", &member.to_string())
            .replace("$other", &other.to_string())
            .replace("$lot", &lot.to_string())
            .replace("$accrual", &accrual.to_string());
        chain.sql.connection().execute_batch(&statement).expect(name);
        let found = findings(&chain);
        for rule in *rules {
            let hit = found.iter().any(|(whose, _, what)| {
                what.contains(rule) && whose.is_none_or(|whose| [member, other].contains(&whose.raw()))
            });
            assert!(hit, "{name}: {rule:?} is not among {found:#?}");
        }
    }
}

#[test]
fn missing_guards_are_found() {
    let chain = chain();
    chain.sql.connection().execute_batch("drop trigger postings_no_update").expect("dropped");
    let report = club::verify::verify(&chain.sql, MemberId::from_raw(0), 100).expect("verified");
    let found: Vec<_> =
        report.findings.iter().map(|found| (found.invariant, found.subject.as_str())).collect();
    assert_eq!(found, [("L3", "postings_no_update")]);
}

#[test]
fn the_database_refuses_to_rewrite_the_ledger() {
    let chain = chain();
    for statement in [
        "update entries set note = 'x'",
        "delete from entries",
        "update postings set amount = 1",
        "delete from postings",
        "update lot_moves set amount = 1",
        "delete from lot_moves",
        "delete from lots",
        "update lots set granted = 1",
        "update lots set expires_at = null",
    ] {
        let error = chain.sql.connection().execute_batch(statement).expect_err(statement).to_string();
        assert!(error.contains("ledger:"), "{statement}: {error}");
    }
    chain.assert_sound();
}

//! What is told before it happens: previews of rules, and warnings to holders.

use club::tiers::preview;
use club::tiers::recalc::Bounds;
use kernel::{MemberId, Timestamp};
use loyalty::programme::Programme;
use membership::staff_auth::Role;
use serde_json::{Value, json};

use crate::fixture::{BRAND, Chain, at};
use crate::tiers::with_tiers;

/// The rules, with so many tenge for gold.
fn gold_from(tenge: i64, rules: Value) -> Programme {
    let mut body: Value = serde_json::to_value(with_tiers(rules)).expect("JSON");
    body["tiers"][2]["monthly_spend"][0]["amount"] = json!(format!("{tenge}.00"));
    serde_json::from_value(body).expect("a programme")
}

impl Chain {
    /// From, to, members, first and last day of every move.
    fn previewed(&self, draft: Programme, now: &str) -> Vec<String> {
        let found =
            preview::preview(&self.sql, BRAND, draft, MemberId::from_raw(0), at(now)).expect("a preview");
        let say = |((from, to), found): (&(String, String), &preview::Move)| {
            format!("{from}>{to} {} {} {}", found.members, found.first_on, found.last_on)
        };
        found.moves.iter().map(say).collect()
    }

    /// Members told, and the tier, the day and the grace that they were told.
    fn told(&self) -> Vec<String> {
        let mut found = Vec::new();
        let statement = "select member_id, json_extract(data, '$.tier') || ' ' || json_extract(data, '$.ends_on') \
                         || ' ' || json_extract(data, '$.grace_days') from notifications \
                         where topic = 'tier.ending' order by id";
        let mut statement = self.sql.connection().prepare(statement).expect("a statement");
        let mut rows = statement.query([]).expect("rows");
        while let Some(row) = rows.next().expect("a row") {
            let (member, words): (i64, String) = (row.get(0).expect("a member"), row.get(1).expect("words"));
            found.push(format!("{} {words}", self.code_of(MemberId::from_raw(member))));
        }
        found
    }

    fn code_of(&self, member: MemberId) -> String {
        let statement = "select external_code from members where id = ?1";
        self.sql.connection().query_row(statement, [member.raw()], |row| row.get(0)).expect("a member")
    }

    fn imported(&mut self, code: &str, tier: &str) -> MemberId {
        let member = self.regular(code);
        let set = "update members set tier = ?2 where id = ?1";
        self.sql.connection().execute(set, (member.raw(), tier)).expect("a tier");
        member
    }
}

#[test]
fn a_preview_shows_who_falls_after_grace_and_when() {
    let mut chain = Chain::with_tiers(json!({ "grace_days": 10 }));
    let [falls, stays, rises] = ["falls", "stays", "rises"].map(|code| chain.regular(code));
    for (member, tenge) in [(falls, 60_000), (stays, 95_000), (rises, 15_000)] {
        chain.buys(member, tenge, at("2026-11-22T10:00:00+05:00"));
    }
    chain.tick("2026-12-01T00:00:00+05:00");
    // Before: ten days of grace, and nobody seemed to fall.
    let draft = gold_from(90_000, json!({ "grace_days": 10 }));
    let now = "2026-12-05T00:00:00+05:00";
    assert_eq!(chain.previewed(draft, now), ["gold>silver 1 2027-01-11 2027-01-11"]);
    assert_eq!(
        chain.previewed(gold_from(90_000, json!({})), now),
        ["gold>silver 1 2027-01-01 2027-01-01"],
        "without grace at the boundary"
    );
    let quarters = json!({ "window": { "kind": "calendar_quarter" }, "grace_days": 120 });
    // What is good until the first of January is kept for a hundred and twenty days from then.
    assert_eq!(chain.previewed(gold_from(90_000, quarters), now), ["gold>bronze 2 2027-05-01 2027-05-01"]);
    // Somebody in grace already falls on their own day.
    chain.tick("2027-01-01T00:00:00+05:00");
    let draft = gold_from(90_000, json!({ "grace_days": 30 }));
    assert_eq!(chain.previewed(draft, "2027-01-05T00:00:00+05:00"), ["gold>bronze 2 2027-01-11 2027-01-11"]);
}

#[test]
fn holders_who_were_never_judged_are_warned() {
    let mut chain = Chain::with_tiers(json!({ "warn_days": 7 }));
    let imported = chain.imported("imported", "gold");
    let earned = chain.imported("earned", "silver");
    chain.regular("entry");
    chain.buys(earned, 25_000, at("2026-11-22T10:00:00+05:00"));
    assert_eq!(chain.tick("2026-11-23T23:59:00+05:00").warned, 0);
    assert_eq!(chain.tick("2026-11-24T00:00:00+05:00").warned, 1);
    assert_eq!(chain.tick("2026-11-25T00:00:00+05:00").warned, 0);
    assert_eq!(chain.told(), ["imported gold 2026-12-01 0"]);
    chain.tick("2026-12-01T00:00:00+05:00");
    assert_eq!([imported, earned].map(|member| chain.tier(member)), ["bronze", "silver"]);
}

#[test]
fn a_change_from_months_to_quarters_leaves_nobody_unwarned() {
    let mut chain = Chain::with_tiers(json!({ "warn_days": 7 }));
    let member = chain.regular("a");
    chain.buys(member, 60_000, at("2026-11-22T10:00:00+05:00"));
    chain.tick("2026-12-01T00:00:00+05:00");
    chain.buys(member, 60_000, at("2026-12-22T10:00:00+05:00"));
    chain.tick("2027-01-01T00:00:00+05:00");
    let rules = json!({ "warn_days": 7, "window": { "kind": "calendar_quarter" }, "grace_days": 60 });
    let begins = at("2027-01-10T00:00:00+05:00");
    chain.publish(&with_tiers(rules), None, begins).expect("a version");
    // Good until the first of February, and that is no boundary any more: judged on the first of April.
    assert_eq!(chain.tick("2027-02-01T00:00:00+05:00").warned, 0);
    assert_eq!(chain.tick("2027-03-25T00:00:00+05:00").warned, 1);
    assert_eq!(chain.told(), ["a gold 2027-04-01 1"], "grace counts from February");
    chain.tick("2027-04-01T00:00:00+05:00");
    assert_eq!(chain.tier(member), "gold");
    chain.tick("2027-04-02T00:00:00+05:00");
    assert_eq!(chain.tier(member), "bronze");
}

#[test]
fn ends_of_grants_are_told_once_and_lasting_grants_are_not_ends() {
    let mut chain = Chain::with_tiers(json!({ "warn_days": 7 }));
    let [lasting, ending, covered, revoked] =
        ["lasting", "ending", "covered", "revoked"].map(|code| chain.regular(code));
    let now = at("2026-11-22T10:00:00+05:00");
    let until = |text: &str| -> (Timestamp, Timestamp) { (now, at(text)) };
    let mut grant =
        |member, tier, term| chain.grants((member, tier), term, Role::Administrator, now).expect("made");
    grant(lasting, "gold", until("2027-06-01T00:00:00+05:00"));
    grant(ending, "gold", until("2026-12-20T15:00:00+05:00"));
    // Another grant goes on.
    grant(covered, "silver", until("2026-12-20T15:00:00+05:00"));
    grant(covered, "gold", until("2027-06-01T00:00:00+05:00"));
    let mistake = grant(revoked, "gold", until("2026-12-20T15:00:00+05:00"));
    let mut moment = club::Moment { now, ids: &mut chain.ids };
    store::transaction::transaction(&chain.sql, |tx| {
        club::tiers::grants::revoke(tx, mistake.id, crate::fixture::ADMINISTRATOR, &mut moment)
    })
    .expect("revoked");
    // All but one have earned silver besides.
    for member in [lasting, ending, covered] {
        chain.buys(member, 25_000, at("2026-11-23T10:00:00+05:00"));
    }
    assert_eq!(chain.tick("2026-12-13T14:59:00+05:00").warned, 0);
    assert_eq!(chain.tick("2026-12-13T15:00:00+05:00").warned, 1);
    for now in ["2026-12-13T15:01:00+05:00", "2026-12-20T14:59:59+05:00", "2026-12-20T15:00:00+05:00"] {
        assert_eq!(chain.tick(now).warned, 0, "{now}");
    }
    assert_eq!(chain.told(), ["ending gold 2026-12-20 0"]);
    assert_eq!(chain.tier(ending), "silver");
    // Before the boundary: silver ends for the one who has nothing else; who keeps gold is told nothing.
    assert_eq!(chain.tick("2026-12-25T00:00:00+05:00").warned, 1);
    assert_eq!(chain.told()[1..], ["ending silver 2027-01-01 0"]);
    chain.tick("2027-01-01T00:00:00+05:00");
    assert_eq!([lasting, ending, covered].map(|member| chain.tier(member)), ["gold", "bronze", "gold"]);
}

/// However many holders there are: a run that stops at its bound is gone on with by the next, from the same place.
#[test]
fn warnings_go_on_where_a_run_stopped() {
    let mut chain = Chain::with_tiers(json!({ "warn_days": 7 }));
    let codes: Vec<String> = (0..25).map(|number| format!("holder-{number:02}")).collect();
    for code in &codes {
        chain.imported(code, "gold");
        chain.regular(&format!("{code}-entry"));
    }
    // Eight members at a time, four of them holders, and few transactions in a run.
    let bounds = Bounds { members_per_slice: 8, slices_per_run: 4 };
    let now = at("2026-11-24T00:00:00+05:00");
    let mut warned = Vec::new();
    loop {
        let done = chain.run_tiers(now, bounds);
        warned.push(done.warned);
        assert!(warned.len() < 20, "it does not come to an end: {warned:?}");
        if !done.more {
            break;
        }
    }
    assert!(warned.len() >= 3, "{warned:?}");
    assert_eq!(warned.iter().sum::<i64>(), 25, "nobody is looked at twice: {warned:?}");
    assert_eq!(chain.run_tiers(now, bounds).warned, 0);
    let told = chain.told();
    let expected: Vec<String> = codes.iter().map(|code| format!("{code} gold 2026-12-01 0")).collect();
    assert_eq!(told, expected, "everybody, once");
    let left = "select count(*) from tier_warnings";
    let left: i64 = chain.sql.connection().query_row(left, [], |row| row.get(0)).expect("a count");
    assert_eq!(left, 0, "nothing is left of it");
}

//! Tiers and time: what was sold before a change and heard of after it, tiers that the rules drop, those who leave.

use club::Moment;
use club::member::erase::{Through, erase};
use club::receipt::NewSale;
use club::tiers::grants::{self, NewGrant, Refused};
use kernel::time::DAY_MS;
use kernel::{MemberId, Points, Timestamp};
use loyalty::programme::Programme;
use membership::staff_auth::Role;
use serde_json::{Value, json};
use store::jobs::backlog;
use store::tiers::grants::Grant;
use store::transaction::transaction;

use crate::fixture::{ADMINISTRATOR, Chain, at, points};
use crate::tiers::with_tiers;
use crate::till::{line, new_sale, sell};

impl Chain {
    /// A sale of 1,000 tenge to the guest with the card; answers with the points that it earns.
    fn sells(&mut self, number: &str, sold_at: &str, now: &str) -> Points {
        let sale: NewSale = new_sale(number, at(sold_at), vec![line(1, 1_000, 100_000, false)], None);
        sell(self, &sale, at(now)).expect("taken")
    }

    pub fn grants(
        &mut self,
        (member, tier): (MemberId, &str),
        (from, until): (Timestamp, Timestamp),
        role: Role,
        now: Timestamp,
    ) -> Result<Grant, Refused> {
        let new = NewGrant {
            member,
            tier,
            from_at: Some(from),
            until_at: until,
            reason: "won the quiz",
            by: ADMINISTRATOR,
            role,
        };
        let mut moment = Moment { now, ids: &mut self.ids };
        transaction(&self.sql, |tx| grants::grant(tx, &new, &mut moment))
    }
}

/// The rules of [`with_tiers`] without gold.
fn without_gold() -> Programme {
    let mut body: Value = serde_json::to_value(with_tiers(json!({}))).expect("JSON");
    body["tiers"].as_array_mut().expect("tiers").pop();
    serde_json::from_value(body).expect("a programme")
}

#[test]
fn l8_a_late_receipt_earns_at_the_rate_of_the_tier_of_its_time() {
    let mut chain = Chain::with_tiers(json!({}));
    let member = chain.resident();
    chain.buys(member, 60_000, at("2026-11-22T10:00:00+05:00"));
    chain.tick("2026-12-01T00:00:00+05:00");
    assert_eq!(chain.tier(member), "gold");
    // The till was offline on the last evening of November: five percent, as the guest was told there.
    let noon = "2026-12-01T12:00:00+05:00";
    assert_eq!(chain.sells("1", "2026-11-30T23:59:59+05:00", noon), points("50.00"));
    assert_eq!(chain.sells("2", "2026-12-01T00:00:00+05:00", noon), points("100.00"));
    assert_eq!(chain.sells("3", noon, noon), points("100.00"));
    // What is known by then of that time decides: the month was never worth gold.
    let (november, back) = (chain.number("select min(id) from receipts"), at("2026-12-05T10:00:00+05:00"));
    chain.returns(november, 40_000, back);
    chain.tick("2026-12-05T10:01:00+05:00");
    assert_eq!(chain.tier(member), "silver");
    let later = "2026-12-05T12:00:00+05:00";
    assert_eq!(chain.sells("4", "2026-12-03T10:00:00+05:00", later), points("70.00"));
    assert_eq!(chain.sells("5", "2026-11-30T10:00:00+05:00", later), points("50.00"));
    // And after the fall.
    chain.tick("2027-02-01T00:00:00+05:00");
    assert_eq!(chain.tier(member), "bronze");
    assert_eq!(chain.sells("6", "2026-12-20T10:00:00+05:00", "2027-02-01T12:00:00+05:00"), points("70.00"));
}

#[test]
fn a_tier_that_a_version_drops_has_an_heir_and_no_sale_fails() {
    let mut chain = Chain::with_tiers(json!({}));
    let member = chain.resident();
    let granted = chain.regular("granted");
    chain.buys(member, 60_000, at("2026-11-22T10:00:00+05:00"));
    // Nobody has gold when the version is made, and somebody has when it begins.
    let begins = at("2026-12-15T00:00:00+05:00");
    chain.publish(&without_gold(), Some(begins), at("2026-11-25T10:00:00+05:00")).expect("a version");
    chain.tick("2026-12-01T00:00:00+05:00");
    assert_eq!(chain.tier(member), "gold");
    let day = at("2026-12-02T10:00:00+05:00");
    chain
        .grants((granted, "gold"), (day, at("2026-12-20T00:00:00+05:00")), Role::Support, day)
        .expect("granted");
    assert_eq!(club::tiers::recalc::due_at(&chain.sql, day).expect("read"), Some(begins));
    // Before the timer has come by: the rate of silver, the nearest tier below, and not of the entry tier.
    assert_eq!(chain.sells("1", "2026-12-15T00:00:10+05:00", "2026-12-15T00:00:20+05:00"), points("70.00"));
    assert_eq!(
        chain.sells("2", "2026-12-14T23:00:00+05:00", "2026-12-15T00:00:20+05:00"),
        points("100.00"),
        "sold under the rules that had it"
    );
    assert_eq!(chain.tick("2026-12-15T00:01:00+05:00").changed, 2);
    assert_eq!([member, granted].map(|member| chain.tier(member)), ["silver", "silver"]);
    assert_eq!(chain.tick("2026-12-15T00:02:00+05:00").changed, 0);
    let event = "select cause || ' ' || tier_before || '>' || tier_after || ' ' || effective_at from tier_events \
                 where tier_before = 'gold' and cause = 'withdrawn'";
    let expected = format!("withdrawn gold>silver {}", begins.millis());
    assert!(chain.rows(event).iter().all(|row| row.contains(&expected)), "{:?}", chain.rows(event));
    assert_eq!(
        chain.sells("3", "2026-12-14T23:00:00+05:00", "2026-12-15T12:00:00+05:00"),
        points("100.00"),
        "known by its event"
    );
    assert_eq!(chain.sells("4", "2026-12-15T11:00:00+05:00", "2026-12-15T12:00:00+05:00"), points("70.00"));
    // The grant ends, and the next boundary judges as always.
    chain.tick("2026-12-20T00:00:00+05:00");
    assert_eq!(chain.tier(granted), "bronze");
    chain.tick("2027-01-01T00:00:00+05:00");
    assert_eq!(chain.tier(member), "bronze");
}

#[test]
fn a_tier_dropped_while_it_is_valid_keeps_its_term_as_its_heir() {
    let mut chain = Chain::with_tiers(json!({ "validity_periods": 3 }));
    let member = chain.regular("a");
    chain.buys(member, 60_000, at("2026-11-22T10:00:00+05:00"));
    let mut body: Value = serde_json::to_value(without_gold()).expect("JSON");
    body["tier_rules"]["validity_periods"] = json!(3);
    let next: Programme = serde_json::from_value(body).expect("a programme");
    // It begins with a period: the boundary itself is judged by the new rules.
    let begins = at("2027-01-01T00:00:00+05:00");
    chain.publish(&next, Some(begins), at("2026-11-25T10:00:00+05:00")).expect("a version");
    chain.tick("2026-12-01T00:00:00+05:00");
    for (now, tier) in [
        ("2026-12-31T23:59:59+05:00", "gold"),
        ("2027-01-01T00:00:00+05:00", "silver"),
        ("2027-02-01T00:00:00+05:00", "silver"),
        ("2027-03-01T00:00:00+05:00", "bronze"),
    ] {
        chain.tick(now);
        assert_eq!(chain.tier(member), tier, "{now}");
    }
}

#[test]
fn nobody_waits_for_a_member_who_has_left() {
    let mut chain = Chain::with_tiers(json!({}));
    let [one, other] = ["a", "b"].map(|code| chain.regular(code));
    let (now, until) = (at("2026-11-22T10:00:00+05:00"), at("2026-12-10T00:00:00+05:00"));
    for member in [one, other] {
        chain.grants((member, "gold"), (now, until), Role::Support, now).expect("granted");
    }
    chain.write(at("2026-11-23T10:00:00+05:00"), |tx, moment| {
        erase(tx, one, Through::Support, moment).expect("erased");
    });
    assert_eq!(chain.number("select count(*) from tier_standings where next_at is not null"), 1);
    // One who left before that was put right.
    let left = "update members set status = 'erased' where id = ?1";
    chain.sql.connection().execute(left, [other.raw()]).expect("left");
    assert_eq!(backlog::tiers(&chain.sql, until).expect("a count"), 1);
    chain.tick("2026-12-10T00:00:00+05:00");
    assert_eq!(backlog::tiers(&chain.sql, until.plus_millis(365 * DAY_MS)).expect("a count"), 0);
}

#[test]
fn roles_grant_only_so_much() {
    let mut chain = Chain::with_tiers(json!({}));
    let member = chain.regular("a");
    let now = at("2026-11-22T10:00:00+05:00");
    let day = |days: i64| now.plus_millis(days * DAY_MS);
    let mut grant = |from, until, role, now| chain.grants((member, "gold"), (from, until), role, now);
    for (role, days_max) in [(Role::Support, 92), (Role::Administrator, 731), (Role::Marketer, 0)] {
        let until = day(days_max).plus_millis(1);
        assert_eq!(grant(now, until, role, now), Err(Refused::TooLong { days_max }), "{role:?}");
        // Neither by beginning later: the next one would begin where this one ends.
        assert_eq!(grant(day(days_max), until, role, now), Err(Refused::TooLong { days_max }));
    }
    assert_eq!(grant(day(2), day(1), Role::Support, now), Err(Refused::BadTerm));
    for _ in 0..grants::SUPPORT_GRANTS_PER_DAY_MAX {
        grant(now, day(92), Role::Support, now).expect("granted");
    }
    let max = grants::SUPPORT_GRANTS_PER_DAY_MAX;
    assert_eq!(grant(now, day(1), Role::Support, now), Err(Refused::AboveDayLimit { max }));
    let almost = day(1).plus_millis(-1);
    assert_eq!(grant(almost, day(2), Role::Support, almost), Err(Refused::AboveDayLimit { max }));
    grant(day(1), day(2), Role::Support, day(1)).expect("another day");
}

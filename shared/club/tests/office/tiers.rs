//! Tiers move: on boundaries, at once, again after late receipts and returns, by hand.

use club::Moment;
use club::tiers::grants::{self, NewGrant};
use club::tiers::recalc::{self, Bounds, Done, Outcome};
use club::tiers::{preview, view};
use kernel::{MemberId, Timestamp};
use loyalty::programme::Programme;
use membership::staff_auth::Role;
use serde_json::{Value, json};
use store::transaction::transaction;

use crate::fixture::{ADMINISTRATOR, BRAND, Chain, at, rules};

/// The fixture's programme with rules of tiers: bronze, silver from 20,000, gold from 50,000 tenge.
pub fn with_tiers(change: Value) -> Programme {
    let mut body = serde_json::to_value(rules()).expect("JSON");
    let silver = json!({
        "code": "silver", "name": { "ru": "Серебро", "kk": "Күміс", "en": "Silver" }, "earn_rate": "0.07",
        "monthly_spend": [{ "amount": "20000.00", "currency": "KZT" }]
    });
    body["tiers"].as_array_mut().expect("tiers").insert(1, silver);
    let mut tiers = json!({
        "window": { "kind": "calendar_month" }, "effective": "next_period", "validity_periods": 1
    });
    for (field, value) in change.as_object().expect("an object") {
        tiers[field] = value.clone();
    }
    body["tier_rules"] = tiers;
    serde_json::from_value(body).expect("a programme")
}

impl Chain {
    /// A chain whose programme has those rules, and where tiers have been looked after since November.
    pub fn with_tiers(change: Value) -> Self {
        let mut chain = Self::new();
        let rules = with_tiers(change);
        chain.publish(&rules, None, at("2026-11-21T09:00:01+05:00")).expect("a version");
        chain.tick("2026-11-21T09:01:00+05:00");
        chain
    }

    pub fn run_tiers(&mut self, now: Timestamp, bounds: Bounds) -> Done {
        let mut moment = Moment { now, ids: &mut self.ids };
        match recalc::run(&self.sql, &mut moment, bounds).expect("runs") {
            Outcome::Ran(done) => done,
            Outcome::Busy => panic!("nobody else runs"),
        }
    }

    /// The timer comes by.
    pub fn tick(&mut self, now: &str) -> Done {
        let done = self.run_tiers(at(now), Bounds::STANDARD);
        assert_eq!((done.failed, done.more), (0, false), "{:?}", done.failures);
        done
    }

    /// A member at home in Almaty.
    pub fn regular(&mut self, code: &str) -> MemberId {
        let member = self.member(code);
        let home =
            "update members set home_outlet_id = (select id from outlets where code = '101') where id = ?1";
        self.sql.connection().execute(home, [member.raw()]).expect("a home");
        member
    }

    /// A receipt of so many tenge, sold at that time, whenever it is heard of. Answers with its id.
    pub fn buys(&mut self, member: MemberId, tenge: i64, sold_at: Timestamp) -> i64 {
        let id = self.ids.next(sold_at.plus_millis(1));
        let zone = kernel::Zone::parse("Asia/Almaty").expect("a zone");
        self.sql
            .connection()
            .execute(
                "insert into receipts (id, outlet_id, business_date, number, request_hash, sold_at, recorded_at, \
                 member_id, identified_by, channel, currency, list_minor, total_minor, points_paid_minor, points_paid, \
                 points_earned, reply) select ?1, id, ?2, ?1, x'', ?3, ?3, ?4, 'card', 'counter', 'KZT', ?5, ?5, 0, 0, \
                 ?6, '' from outlets where code = '101'",
                (id, sold_at.date_in(&zone).to_string(), sold_at.millis(), member.raw(), tenge * 100, tenge * 100),
            )
            .expect("a receipt");
        id
    }

    /// So many tenge of a receipt go back.
    pub fn returns(&mut self, receipt: i64, tenge: i64, now: Timestamp) {
        let id = self.ids.next(now);
        self.sql
            .connection()
            .execute(
                "insert into returns (id, receipt_id, outlet_id, business_date, number, request_hash, returned_at, \
                 recorded_at, member_id, refund_minor, points_back_minor, points_back, points_clawed, points_expired, \
                 points_forgiven, reply) select ?1, id, outlet_id, business_date, ?1, x'', ?2, ?2, member_id, ?3, 0, 0, \
                 ?4, 0, 0, '' from receipts where id = ?5",
                (id, now.millis(), tenge * 100, tenge * 100, receipt),
            )
            .expect("a return");
    }

    pub fn tier(&self, member: MemberId) -> String {
        let statement = "select tier from members where id = ?1";
        self.sql.connection().query_row(statement, [member.raw()], |row| row.get(0)).expect("a member")
    }

    /// Causes and tiers of a member's changes, oldest first.
    pub fn changes(&self, member: MemberId) -> Vec<String> {
        let mut events = view::read(&self.sql, member, at("2027-12-01T00:00:00Z")).expect("a view").events;
        events.reverse();
        events.iter().map(|event| format!("{} {}>{}", event.cause, event.before, event.after)).collect()
    }
}

#[test]
fn fifty_thousand_tenge_in_a_month_make_gold_from_the_first_of_the_next() {
    let mut chain = Chain::with_tiers(json!({}));
    let [rich, poor, early] = ["a", "b", "c"].map(|code| chain.regular(code));
    chain.buys(rich, 30_000, at("2026-11-22T10:00:00+05:00"));
    chain.buys(rich, 20_000, at("2026-11-30T23:59:59+05:00"));
    chain.buys(poor, 49_999, at("2026-11-30T10:00:00+05:00"));
    chain.buys(early, 50_000, at("2026-12-01T00:00:00+05:00"));
    // The month ends at the guests' midnight, not at Greenwich's.
    assert_eq!(chain.tick("2026-11-30T23:59:59+05:00").changed, 0);
    assert_eq!(chain.tick("2026-12-01T00:00:00+05:00").changed, 2);
    assert_eq!([rich, poor, early].map(|member| chain.tier(member)), ["gold", "silver", "bronze"]);
    let event = &view::read(&chain.sql, rich, at("2026-12-01T00:01:00+05:00")).expect("a view").events[0];
    assert_eq!(
        (event.arithmetic.spend_minor, event.arithmetic.window_until.to_string()),
        (5_000_000, "2026-12-01".into())
    );
    assert_eq!(event.effective_at, at("2026-12-01T00:00:00+05:00"));
    // A month without receipts, and the tier is gone; the other has earned it.
    assert_eq!(chain.tick("2027-01-01T00:00:30+05:00").changed, 3);
    assert_eq!([rich, poor, early].map(|member| chain.tier(member)), ["bronze", "bronze", "gold"]);
    assert_eq!(chain.tick("2027-01-01T00:01:30+05:00"), Done { slices: 2, ..Done::default() });
}

#[test]
fn what_stood_before_the_first_run_is_judged_on_the_next_boundary() {
    let mut chain = Chain::with_tiers(json!({}));
    let member = chain.regular("a");
    chain.sql.connection().execute("update members set tier = 'gold'", []).expect("a tier");
    chain.tick("2026-11-22T00:00:00+05:00");
    assert_eq!(chain.tier(member), "gold", "imported tiers are not taken away by the first run");
    chain.tick("2026-12-01T00:00:00+05:00");
    assert_eq!(chain.changes(member), ["judged gold>bronze"]);
}

#[test]
fn late_receipts_and_returns_judge_again() {
    let mut chain = Chain::with_tiers(json!({}));
    let member = chain.regular("a");
    let receipt = chain.buys(member, 49_000, at("2026-11-22T10:00:00+05:00"));
    chain.tick("2026-12-01T00:00:00+05:00");
    // A till was offline on the 30th.
    chain.buys(member, 1_000, at("2026-11-30T20:00:00+05:00"));
    assert_eq!(chain.tick("2026-12-02T10:00:00+05:00").changed, 1);
    assert_eq!(chain.tier(member), "gold");
    // Goods of November go back in December: the month was never worth gold.
    chain.returns(receipt, 40_000, at("2026-12-05T10:00:00+05:00"));
    chain.tick("2026-12-05T10:01:00+05:00");
    assert_eq!(
        chain.changes(member),
        ["judged bronze>silver", "corrected silver>gold", "corrected gold>bronze"]
    );
    // A receipt of December waits for January.
    chain.buys(member, 60_000, at("2026-12-05T11:00:00+05:00"));
    assert_eq!(chain.tick("2026-12-05T11:01:00+05:00").judged, 0);
    assert_eq!(chain.number("select count(*) from tier_touched"), 0);
}

#[test]
fn at_once_is_at_once_and_a_return_takes_it_back() {
    let mut chain = Chain::with_tiers(json!({ "effective": "at_once" }));
    let member = chain.regular("a");
    chain.buys(member, 15_000, at("2026-11-22T10:00:00+05:00"));
    let receipt = chain.buys(member, 10_000, at("2026-11-23T10:00:00+05:00"));
    chain.tick("2026-11-23T10:01:00+05:00");
    assert_eq!(chain.tier(member), "silver");
    let event = &view::read(&chain.sql, member, at("2026-11-23T10:02:00+05:00")).expect("a view").events[0];
    assert_eq!((event.cause.as_str(), event.effective_at), ("reached", at("2026-11-23T10:00:00+05:00")));
    chain.returns(receipt, 10_000, at("2026-11-24T10:00:00+05:00"));
    chain.tick("2026-11-24T10:01:00+05:00");
    assert_eq!(chain.tier(member), "bronze");
    chain.buys(member, 35_000, at("2026-11-25T10:00:00+05:00"));
    chain.tick("2026-11-25T10:01:00+05:00");
    // Good through the month that follows, by the judgement of its first day.
    chain.tick("2026-12-01T00:00:00+05:00");
    assert_eq!(chain.tier(member), "gold");
    chain.tick("2027-01-01T00:00:00+05:00");
    assert_eq!(
        chain.changes(member),
        ["reached bronze>silver", "withdrawn silver>bronze", "reached bronze>gold", "judged gold>bronze"]
    );
}

#[test]
fn grants_lift_for_their_time() {
    let mut chain = Chain::with_tiers(json!({}));
    let member = chain.regular("a");
    let now = at("2026-11-22T10:00:00+05:00");
    let new = NewGrant {
        member,
        tier: "gold",
        from_at: None,
        until_at: at("2026-12-10T00:00:00+05:00"),
        reason: "won the quiz",
        by: ADMINISTRATOR,
        role: Role::Administrator,
    };
    let mut moment = Moment { now, ids: &mut chain.ids };
    let made = transaction(&chain.sql, |tx| grants::grant(tx, &new, &mut moment)).expect("granted");
    assert_eq!(chain.tier(member), "gold");
    chain.buys(member, 25_000, at("2026-11-23T10:00:00+05:00"));
    chain.tick("2026-12-01T00:00:00+05:00");
    assert_eq!(chain.tier(member), "gold", "earned silver, granted gold");
    chain.tick("2026-12-10T00:00:00+05:00");
    assert_eq!(chain.changes(member), ["granted bronze>gold", "grant_ended gold>silver"]);
    let mut moment = Moment { now: at("2026-12-11T00:00:00+05:00"), ids: &mut chain.ids };
    let refused = transaction(&chain.sql, |tx| grants::revoke(tx, made.id, ADMINISTRATOR, &mut moment));
    assert_eq!(refused.expect_err("ended"), grants::Refused::HasEnded);
    // One that was a mistake.
    let mut moment = Moment { now: at("2026-12-11T00:00:00+05:00"), ids: &mut chain.ids };
    let new = NewGrant { until_at: at("2027-06-01T00:00:00+05:00"), ..new };
    let made = transaction(&chain.sql, |tx| grants::grant(tx, &new, &mut moment)).expect("granted");
    let mut moment = Moment { now: at("2026-12-11T00:01:00+05:00"), ids: &mut chain.ids };
    transaction(&chain.sql, |tx| grants::revoke(tx, made.id, ADMINISTRATOR, &mut moment)).expect("revoked");
    assert_eq!(chain.tier(member), "silver");
    assert!(
        chain.sql.connection().execute("update tier_grants set revoked_at = 1", []).is_err(),
        "revoked once"
    );
    assert!(chain.sql.connection().execute("delete from tier_events", []).is_err(), "append-only");
    assert!(chain.sql.connection().execute("update tier_judgements set spend_minor = 0", []).is_err());
}

#[test]
fn holders_are_warned_once_and_in_time() {
    let mut chain = Chain::with_tiers(json!({ "warn_days": 7 }));
    let [loses, keeps] = ["a", "b"].map(|code| chain.regular(code));
    for member in [loses, keeps] {
        chain.buys(member, 50_000, at("2026-11-22T10:00:00+05:00"));
    }
    chain.tick("2026-12-01T00:00:00+05:00");
    chain.buys(keeps, 50_000, at("2026-12-02T10:00:00+05:00"));
    assert_eq!(chain.tick("2026-12-24T23:59:00+05:00").warned, 0);
    assert_eq!(chain.tick("2026-12-25T00:00:00+05:00").warned, 1);
    assert_eq!(chain.tick("2026-12-26T00:00:00+05:00").warned, 0);
    let told = chain.number("select member_id from notifications where topic = 'tier.ending'");
    assert_eq!(told, loses.raw());
}

#[test]
fn grace_ends_within_a_period_and_late_receipts_still_count() {
    let mut chain = Chain::with_tiers(json!({ "grace_days": 10 }));
    let member = chain.regular("a");
    chain.buys(member, 50_000, at("2026-11-22T10:00:00+05:00"));
    chain.tick("2026-12-01T00:00:00+05:00");
    chain.tick("2027-01-01T00:00:00+05:00");
    assert_eq!(chain.tier(member), "gold", "grace");
    chain.tick("2027-01-11T00:00:00+05:00");
    assert_eq!(chain.tier(member), "bronze");
    // Bought on the ninth, heard of on the twelfth: the tier was earned again during the grace.
    chain.buys(member, 50_000, at("2027-01-09T10:00:00+05:00"));
    chain.tick("2027-01-12T00:00:00+05:00");
    assert_eq!(chain.tier(member), "gold");
}

#[test]
fn a_preview_says_who_would_move_and_moves_nobody() {
    let mut chain = Chain::with_tiers(json!({}));
    let [a, b, c] = ["a", "b", "c"].map(|code| chain.regular(code));
    for (member, tenge) in [(a, 60_000), (b, 30_000), (c, 10_000)] {
        chain.buys(member, tenge, at("2026-11-22T10:00:00+05:00"));
    }
    chain.tick("2026-12-01T00:00:00+05:00");
    assert_eq!([a, b, c].map(|member| chain.tier(member)), ["gold", "silver", "bronze"]);
    let mut draft = serde_json::to_value(with_tiers(json!({}))).expect("JSON");
    draft["tiers"][1]["monthly_spend"][0]["amount"] = json!("10000.00");
    draft["tiers"][2]["monthly_spend"][0]["amount"] = json!("90000.00");
    let draft: Programme = serde_json::from_value(draft).expect("a programme");
    let now = at("2026-12-05T00:00:00+05:00");
    let found = preview::preview(&chain.sql, BRAND, draft, MemberId::from_raw(0), now).expect("a preview");
    let moves: Vec<_> = found
        .moves
        .iter()
        .map(|((from, to), found)| (from.as_str(), to.as_str(), found.members, found.sample.clone()))
        .collect();
    assert_eq!(moves, [("bronze", "silver", 1, vec![c]), ("gold", "silver", 1, vec![a])]);
    assert_eq!((found.next, chain.tier(a)), (None, "gold".into()));
}

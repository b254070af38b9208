//! Between a boundary and the job: receipts earn at the tier that the job is about to give.

use club::tiers::recalc::Bounds;
use kernel::Points;
use serde_json::json;

use crate::fixture::{Chain, at, points};
use crate::till::{Counting, line, new_sale, outlet, record};

impl Chain {
    /// The guest with the card buys for a thousand tenge; what it earns, and how often it asks about tiers.
    fn earns(&mut self, number: &str, sold_at: &str, now: &str) -> (Points, usize) {
        let sale = new_sale(number, at(sold_at), vec![line(1, 1_000, 100_000, false)], None);
        let outlet = outlet(self);
        let mut moment = club::Moment { now: at(now), ids: &mut self.ids };
        let sql = Counting::new(&self.sql);
        let earned = record(&sql, &outlet, &sale, &mut moment).expect("taken");
        let heard = sql.heard.borrow();
        let asks = heard
            .iter()
            .filter(|text| ["tier_passes", "tier_standings"].iter().any(|table| text.contains(table)));
        (earned, asks.count())
    }

    fn judged(&self) -> Vec<String> {
        let all = "select 'j' || count(*) from tier_judgements union all select 'e' || count(*) from tier_events \
                   union all select 's' || count(*) from tier_standings";
        self.rows(all)
    }
}

#[test]
fn who_rises_on_the_first_earns_at_it_from_midnight_on() {
    let mut chain = Chain::with_tiers(json!({}));
    let member = chain.resident();
    chain.buys(member, 60_000, at("2026-11-22T10:00:00+05:00"));
    let before = chain.judged();
    let night = "2026-12-01T00:00:20+05:00";
    assert_eq!(chain.earns("1", "2026-11-30T23:59:59+05:00", night).0, points("50.00"), "sold before");
    assert_eq!(chain.earns("2", "2026-12-01T00:00:00+05:00", night).0, points("100.00"), "gold's");
    assert_eq!(chain.tier(member), "bronze", "the job has not come by");
    assert_eq!(chain.judged(), before, "nothing of it is written");
    chain.tick("2026-12-01T00:00:30+05:00");
    assert_eq!(chain.tier(member), "gold");
    assert_eq!(
        chain.earns("3", "2026-12-01T00:00:40+05:00", "2026-12-01T00:00:40+05:00").0,
        points("100.00")
    );
}

#[test]
fn who_falls_on_the_first_earns_less_from_midnight_on() {
    let mut chain = Chain::with_tiers(json!({}));
    let member = chain.resident();
    chain.buys(member, 60_000, at("2026-11-22T10:00:00+05:00"));
    chain.tick("2026-12-01T00:00:30+05:00");
    assert_eq!(chain.tier(member), "gold");
    let night = "2027-01-01T00:00:05+05:00";
    let earned = chain.earns("1", night, night).0;
    assert_eq!(earned, points("50.00"), "bronze's");
    chain.tick("2027-01-01T00:00:30+05:00");
    assert_eq!(chain.tier(member), "bronze");
}

#[test]
fn a_job_that_is_underway_has_judged_some() {
    let mut chain = Chain::with_tiers(json!({}));
    let member = chain.resident();
    chain.buys(member, 60_000, at("2026-11-22T10:00:00+05:00"));
    let others: Vec<_> = (0..6).map(|number| chain.regular(&format!("other{number}"))).collect();
    assert!(others.iter().all(|other| *other > member));
    // Slices of one member: with none of them done, nobody is judged; with the first, the guest is.
    for slices in [0, 1] {
        let bounds = Bounds { members_per_slice: 1, slices_per_run: slices };
        chain.run_tiers(at("2026-12-01T00:00:30+05:00"), bounds);
        let now = format!("2026-12-01T00:00:4{slices}+05:00");
        let earned = chain.earns(&format!("n{slices}"), &now, &now).0;
        assert_eq!(earned, points("100.00"), "after {slices}");
    }
}

#[test]
fn other_zones_midnights_are_not_the_guests() {
    let mut chain = Chain::abroad(json!({}));
    let member = chain.resident();
    chain.buys(member, 60_000, at("2026-11-22T10:00:00+05:00"));
    // In Moscow it is still November, and at home December: bought there, it is the guest's December.
    chain.sells_abroad("1", 1_000, at("2026-12-01T00:10:00+05:00"));
    let rate = "select points_earned from receipts where number = '1'";
    assert_eq!(chain.number(rate), 10_000, "ten percent: gold's");
}

#[test]
fn it_costs_one_call_on_the_first_days_and_none_on_the_others() {
    let mut chain = Chain::with_tiers(json!({}));
    let member = chain.resident();
    chain.buys(member, 60_000, at("2026-11-22T10:00:00+05:00"));
    chain.tick("2026-12-01T00:00:30+05:00");
    for (day, asks) in [("01", 1), ("02", 1), ("03", 1), ("04", 1), ("05", 0), ("15", 0), ("30", 0)] {
        let now = format!("2026-12-{day}T10:00:00+05:00");
        assert_eq!(chain.earns(day, &now, &now).1, asks, "on day {day}");
    }
    // A job that has not come by for longer is an incident, and the tier of before holds.
    let late = "2027-02-05T10:00:00+05:00";
    let earned = chain.earns("late", late, late).0;
    assert_eq!((earned, chain.tier(member).as_str()), (points("100.00"), "gold"));
}

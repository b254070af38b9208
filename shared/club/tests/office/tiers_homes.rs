//! A member's home follows them, and tiers with it: zones, currencies, what was judged before.

use club::directory;
use kernel::{Currency, MemberId, Money, OutletId, Points, Timestamp, Zone};
use loyalty::programme::Programme;
use loyalty::sale::{self, Payment, PaymentMethod};
use serde_json::{Value, json};
use store::outlets;

use crate::fixture::{Chain, at, described, everything};
use crate::tiers::with_tiers;
use crate::till::{guest, line, new_sale, record};

/// Silver from 20,000 tenge or 4,000 roubles, gold from 50,000 or 10,000.
fn two_countries(rules: Value) -> Programme {
    let mut body: Value = serde_json::to_value(with_tiers(rules)).expect("JSON");
    let roubles = |amount: &str| json!({ "amount": amount, "currency": "RUB" });
    body["point_values"].as_array_mut().expect("values").push(roubles("1.00"));
    for (tier, amount) in [(1, "4000.00"), (2, "10000.00")] {
        body["tiers"][tier]["monthly_spend"].as_array_mut().expect("amounts").push(roubles(amount));
    }
    serde_json::from_value(body).expect("a programme")
}

impl Chain {
    /// The chain of two countries, with an outlet in Moscow.
    pub fn abroad(rules: Value) -> Self {
        let mut chain = Self::with_tiers(json!({}));
        let now = at("2026-11-21T09:02:00+05:00");
        chain.publish(&two_countries(rules), None, now).expect("a version");
        chain.write(now, |tx, moment| {
            let moscow = directory::Description {
                country: "RU".into(),
                currency: Currency::Rub,
                zone: "Europe/Moscow".into(),
                city: "Moscow".into(),
                ..described()
            };
            directory::write_outlet(tx, "201", &moscow, &everything(), moment).expect("an outlet");
        });
        chain.tick("2026-11-21T09:03:00+05:00");
        chain
    }

    /// The guest buys for so many roubles in Moscow.
    pub fn sells_abroad(&mut self, number: &str, roubles: i64, now: Timestamp) -> Points {
        let id = OutletId::from_raw(self.number("select id from outlets where code = '201'"));
        let outlet = outlets::load(&self.sql, id).expect("reads").expect("an outlet");
        let money = |minor| Money::new(minor, Currency::Rub);
        let mut new = new_sale(number, now, vec![line(1, 1_000, roubles * 100, false)], None);
        let zone = Zone::parse("Europe/Moscow").expect("a zone");
        new.sale.business_date = now.date_in(&zone);
        new.sale.outlet = sale::Outlet { id, zone, currency: Currency::Rub, country: "RU".into() };
        for line in &mut new.sale.lines {
            (line.unit_price, line.discount, line.amount) =
                (money(roubles * 100), money(0), money(roubles * 100));
        }
        new.sale.payments = vec![Payment { method: PaymentMethod::Card, amount: money(roubles * 100) }];
        new.sale.rounding = money(0);
        let mut moment = club::Moment { now, ids: &mut self.ids };
        record(&self.sql, &outlet, &new, &mut moment).expect("taken")
    }

    pub fn home(&self, member: MemberId) -> String {
        let statement =
            "select o.code from members m join outlets o on o.id = m.home_outlet_id where m.id = ?1";
        self.sql.connection().query_row(statement, [member.raw()], |row| row.get(0)).expect("a home")
    }

    /// The guest with the card, at home in Almaty.
    pub fn resident(&mut self) -> MemberId {
        let member = guest(self);
        let home =
            "update members set home_outlet_id = (select id from outlets where code = '101') where id = ?1";
        self.sql.connection().execute(home, [member.raw()]).expect("a home");
        member
    }
}

#[test]
fn a_home_follows_five_receipts_in_a_row_abroad() {
    let mut chain = Chain::abroad(json!({}));
    let member = chain.resident();
    for day in 1..=4 {
        chain.sells_abroad(&format!("a{day}"), 100, at(&format!("2026-12-0{day}T10:00:00+03:00")));
        assert_eq!(chain.home(member), "101", "day {day}");
    }
    // Back for a coffee: it begins anew.
    chain.buys(member, 1_000, at("2026-12-05T10:00:00+05:00"));
    for day in 6..=9 {
        chain.sells_abroad(&format!("b{day}"), 100, at(&format!("2026-12-0{day}T10:00:00+03:00")));
    }
    assert_eq!(chain.home(member), "101");
    chain.sells_abroad("b10", 100, at("2026-12-10T10:00:00+03:00"));
    assert_eq!(chain.home(member), "201");
    let moves = "select moved_on from member_homes";
    assert_eq!(chain.rows(moves).len(), 1);
    assert!(chain.rows(moves)[0].contains("2026-12-10"));
    for refused in ["update member_homes set moved_at = 0", "delete from member_homes"] {
        assert!(chain.sql.connection().execute_batch(refused).is_err(), "{refused}");
    }
}

#[test]
fn a_home_does_not_follow_between_two_months() {
    let mut chain = Chain::abroad(json!({}));
    let member = chain.resident();
    chain.buys(member, 60_000, at("2026-11-21T10:00:00+05:00"));
    for day in 22..=25 {
        chain.sells_abroad(&format!("a{day}"), 100, at(&format!("2026-11-{day}T10:00:00+03:00")));
    }
    chain.tick("2026-12-01T00:00:00+05:00");
    assert_eq!(chain.tier(member), "gold");
    // Still November in Moscow: there the boundary is yet to come.
    chain.sells_abroad("night", 100, at("2026-11-30T23:00:00+03:00"));
    chain.tick("2026-11-30T23:01:00+03:00");
    assert_eq!((chain.home(member).as_str(), chain.tier(member).as_str()), ("101", "gold"));
    chain.sells_abroad("morning", 100, at("2026-12-01T08:00:00+03:00"));
    chain.tick("2026-12-01T08:01:00+03:00");
    assert_eq!((chain.home(member).as_str(), chain.tier(member).as_str()), ("201", "gold"));
    assert_eq!(chain.changes(member).len(), 1);
}

#[test]
fn who_moves_loses_no_spend_and_no_judgement() {
    let mut chain = Chain::abroad(json!({}));
    let member = chain.resident();
    // November in Almaty: gold by tenge. December in Moscow.
    chain.buys(member, 60_000, at("2026-11-22T10:00:00+05:00"));
    chain.tick("2026-12-01T00:00:00+05:00");
    assert_eq!(chain.tier(member), "gold");
    chain.buys(member, 25_000, at("2026-12-02T10:00:00+05:00"));
    for day in 5..=9 {
        chain.sells_abroad(&format!("{day}"), 700, at(&format!("2026-12-0{day}T10:00:00+03:00")));
    }
    assert_eq!(chain.home(member), "201");
    assert_eq!(chain.tick("2026-12-09T10:01:00+03:00").changed, 0, "a move alone changes no tier");
    // A late receipt of November judges November again: at the home of then, and nothing of it changes.
    chain.buys(member, 1_000, at("2026-11-30T23:30:00+05:00"));
    chain.tick("2026-12-10T10:00:00+03:00");
    assert_eq!(chain.tier(member), "gold");
    // December has 25,000 tenge and 3,500 roubles: silver by the tenge of the home that was left; at Moscow's midnight.
    chain.tick("2027-01-01T00:00:00+05:00");
    assert_eq!(chain.tier(member), "gold");
    chain.tick("2027-01-01T00:00:00+03:00");
    assert_eq!(chain.tier(member), "silver");
    // January has a home in Moscow only: tenge count no more, roubles do.
    chain.buys(member, 60_000, at("2027-01-05T10:00:00+05:00"));
    chain.sells_abroad("january", 4_000, at("2027-01-06T10:00:00+03:00"));
    chain.tick("2027-02-01T00:00:00+03:00");
    assert_eq!(chain.tier(member), "silver");
    chain.tick("2027-03-01T00:00:00+03:00");
    assert_eq!(chain.tier(member), "bronze");
    // Judging all of it again changes nothing.
    let judgements = chain.number("select count(*) from tier_judgements");
    let again = "insert into tier_touched (member_id, from_at) values (?1, 0)";
    chain.sql.connection().execute(again, [member.raw()]).expect("noted");
    assert_eq!(chain.tick("2027-03-01T00:01:00+03:00").changed, 0);
    assert_eq!(chain.number("select count(*) from tier_judgements"), judgements);
}

#[test]
fn at_once_the_new_currency_counts_with_the_move() {
    let mut chain = Chain::abroad(json!({ "effective": "at_once" }));
    let member = chain.resident();
    for day in 1..=4 {
        chain.sells_abroad(&format!("{day}"), 1_000, at(&format!("2026-12-0{day}T10:00:00+03:00")));
        chain.tick(&format!("2026-12-0{day}T10:01:00+03:00"));
        assert_eq!(chain.tier(member), "bronze", "roubles count nothing at home in Almaty");
    }
    chain.sells_abroad("5", 1_000, at("2026-12-05T10:00:00+03:00"));
    chain.tick("2026-12-05T10:01:00+03:00");
    assert_eq!(chain.tier(member), "silver");
}

#[test]
fn a_newcomer_abroad_is_judged_though_the_home_counts_nothing() {
    let mut chain = Chain::abroad(json!({}));
    let member = chain.resident();
    // Enough tenge for silver, then a move with few roubles: by the currency of the home alone nobody would look.
    chain.buys(member, 25_000, at("2026-11-22T10:00:00+05:00"));
    for day in 23..=27 {
        chain.sells_abroad(&format!("{day}"), 10, at(&format!("2026-11-{day}T10:00:00+03:00")));
    }
    chain.tick("2026-11-28T10:00:00+03:00");
    assert_eq!(chain.home(member), "201");
    chain.tick("2026-12-01T00:00:00+03:00");
    assert_eq!(chain.tier(member), "silver");
}

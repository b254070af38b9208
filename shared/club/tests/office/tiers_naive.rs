//! Tiers under disorder: late receipts, returns, runs that stop after any slice. The judge here knows nothing of passes,
//! notes or stored judgements: it looks at all receipts and walks through the months.

use kernel::{Date, MemberId, Timestamp, Zone};
use loyalty::programme::Programme;
use serde_json::{Value, json};

use crate::fixture::{Chain, at};
use crate::tiers::with_tiers;
use club::tiers::recalc::Bounds;

const TIERS: [&str; 3] = ["bronze", "silver", "gold"];
const MEMBERS: usize = 6;
/// Steps of a story: some four and a half months.
const STEPS: i64 = 140;

/// SplitMix64: a story by its seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }
}

/// What a story draws its rules from.
struct Rules {
    window: &'static str,
    days: i32,
    at_once: bool,
    validity: i32,
    grace: i32,
    one_step: bool,
    floor: bool,
    by_visits: bool,
}

impl Rules {
    fn draw(dice: &mut Dice) -> Self {
        let windows = ["calendar_month", "calendar_quarter", "rolling_days", "lifetime"];
        Self {
            window: windows[dice.below(4) as usize],
            days: 20 + dice.below(40) as i32,
            at_once: dice.below(2) == 0,
            validity: 1 + dice.below(2) as i32,
            grace: [0, 0, 9][dice.below(3) as usize],
            one_step: dice.below(2) == 0,
            floor: dice.below(3) == 0,
            by_visits: dice.below(3) == 0,
        }
    }

    fn programme(&self) -> Programme {
        let mut window = json!({ "kind": self.window });
        if self.window == "rolling_days" {
            window["days"] = json!(self.days);
        }
        let programme = with_tiers(json!({
            "window": window,
            "effective": if self.at_once { "at_once" } else { "next_period" },
            "validity_periods": self.validity,
            "grace_days": self.grace,
            "downgrade": if self.one_step { "one_step" } else { "full" },
        }));
        let mut body: Value = serde_json::to_value(programme).expect("JSON");
        body["tiers"][1]["floor"] = json!(self.floor);
        if self.by_visits {
            body["tiers"][2]["monthly_spend"] = json!([]);
            body["tiers"][2]["qualification"] = json!({ "kind": "any", "of": [
                { "kind": "visits", "visits": 5 },
                { "kind": "all", "of": [
                    { "kind": "points", "points": "30000.00" },
                    { "kind": "spend", "amounts": [{ "amount": "40000.00", "currency": "KZT" }] }] }] });
        }
        serde_json::from_value(body).expect("a programme")
    }

    /// Months in a period.
    fn months(&self) -> i32 {
        if self.window == "calendar_quarter" { 3 } else { 1 }
    }

    fn period(&self, day: Date) -> Date {
        let into = i32::from(day.parts().1 - 1) % self.months();
        day.month_start().plus_months(-into)
    }

    /// First day that counts on `day`.
    fn from(&self, day: Date) -> Date {
        match self.window {
            "rolling_days" => day.plus_days(1 - self.days),
            "lifetime" => date("2000-01-01"),
            _ => self.period(day),
        }
    }
}

fn date(text: &str) -> Date {
    Date::parse(text).expect("a date")
}

/// A receipt as the naive judge keeps it.
#[derive(Debug, Clone, Copy)]
struct Receipt {
    id: i64,
    member: usize,
    at: Timestamp,
    tenge: i64,
    returned: i64,
}

struct Judge<'j> {
    rules: &'j Rules,
    receipts: &'j [Receipt],
    zone: &'j Zone,
}

impl Judge<'_> {
    /// The tier that receipts from `from` up to and without `until`, and by the moment `by`, lead to.
    fn leads(&self, member: usize, from: Date, until: Date, by: Timestamp) -> usize {
        let inside = |receipt: &&Receipt| {
            let day = receipt.at.date_in(self.zone);
            receipt.member == member && day >= from && day < until && receipt.at <= by
        };
        let inside: Vec<&Receipt> = self.receipts.iter().filter(inside).collect();
        let spend: i64 = inside.iter().map(|receipt| receipt.tenge - receipt.returned).sum();
        let mut days: Vec<Date> = inside
            .iter()
            .filter(|receipt| receipt.tenge > receipt.returned)
            .map(|receipt| receipt.at.date_in(self.zone))
            .collect();
        days.sort_unstable();
        days.dedup();
        let gold = if self.rules.by_visits { days.len() >= 5 || spend >= 40_000 } else { spend >= 50_000 };
        if gold { 2 } else { usize::from(spend >= 20_000) }
    }

    /// The best that any moment from the day `since` until `until` led to.
    fn best(&self, member: usize, since: Date, until: Date) -> usize {
        let end = until.start_in(self.zone);
        let moments =
            self.receipts.iter().filter(|receipt| receipt.member == member).map(|receipt| receipt.at);
        let inside = moments.filter(|at| *at < end && at.date_in(self.zone) >= since);
        inside
            .map(|at| self.leads(member, self.rules.from(at.date_in(self.zone)), until, at))
            .max()
            .unwrap_or(0)
    }

    /// What is measured on a boundary.
    fn measured(&self, member: usize, on: Date) -> usize {
        let last = on.plus_days(-1);
        if self.rules.at_once && self.rules.window == "rolling_days" {
            return self.best(member, self.rules.period(last), on);
        }
        self.leads(member, self.rules.from(last), on, Timestamp::from_millis(i64::MAX))
    }

    /// Judged tier and the tier shown at the end of a story.
    fn judge(&self, member: usize, started: Date, now: Timestamp) -> (usize, usize) {
        let today = now.date_in(self.zone);
        let (mut tier, mut until, mut falls, mut floor) = (0_usize, None::<Date>, None::<Date>, 0_usize);
        let mut day = started;
        while day < today {
            day = day.plus_days(1);
            let boundary = self.rules.period(day) == day;
            if !boundary && falls != Some(day) {
                continue;
            }
            let period = self.rules.period(day);
            let good_until = period.plus_months(self.rules.months() * self.rules.validity);
            let mut earned = self.measured(member, period);
            if !boundary {
                let running = self.leads(member, self.rules.from(day.plus_days(-1)), day, now);
                earned = earned.max(running);
                if earned >= tier {
                    falls = None;
                    until = Some(period.plus_months(self.rules.months()));
                    continue;
                }
            }
            earned = earned.max(floor);
            if earned >= tier {
                (tier, until, falls) = (earned, Some(good_until), None);
            } else if boundary && until.is_some_and(|until| until > day) {
                falls = None;
            } else {
                let end = until.unwrap_or(day).plus_days(self.rules.grace);
                if boundary && end > day {
                    falls = Some(end);
                    continue;
                }
                tier = if self.rules.one_step { earned.max(tier - 1) } else { earned };
                (until, falls) = (Some(good_until), None);
            }
            if self.rules.floor && tier >= 1 {
                floor = 1;
            }
            if tier == 0 {
                (until, falls) = (None, None);
            }
        }
        let shown = if self.rules.at_once {
            tier.max(self.best(member, self.rules.period(today), today.plus_days(1)))
        } else {
            tier
        };
        (tier, shown)
    }
}

#[test]
fn whatever_the_order_the_result_is_that_of_a_naive_judge() {
    for seed in 0..40 {
        story(seed);
    }
}

fn story(seed: u64) {
    let mut dice = Dice(seed);
    let rules = Rules::draw(&mut dice);
    let mut chain = Chain::new();
    // Versions are kept by their ids, so that those of two stories must differ.
    chain.ids = kernel::IdSource::new(1_000 + seed);
    chain.publish(&rules.programme(), None, at("2026-11-21T09:00:01+05:00")).expect("a version");
    let members: Vec<MemberId> = (0..MEMBERS).map(|index| chain.regular(&format!("m{index}"))).collect();
    let zone = Zone::parse("Asia/Almaty").expect("a zone");
    let begin = at("2026-11-21T09:01:00+05:00");
    chain.run_tiers(begin, Bounds::STANDARD);
    let mut receipts: Vec<Receipt> = Vec::new();
    let mut now = begin;
    for _ in 0..STEPS {
        now = now.plus_millis(dice.below(46 * 3_600_000) as i64);
        match dice.below(10) {
            0..=4 => {
                let late = if dice.below(4) == 0 { dice.below(45) as i64 * 86_400_000 } else { 0 };
                let sold_at = now.plus_millis(-late).max(at("2026-11-01T00:00:00+05:00"));
                let member = dice.below(MEMBERS as u64) as usize;
                let tenge = 1_000 + 500 * dice.below(50) as i64;
                let id = chain.buys(members[member], tenge, sold_at);
                receipts.push(Receipt { id, member, at: sold_at, tenge, returned: 0 });
            }
            5 if !receipts.is_empty() => {
                let index = dice.below(receipts.len() as u64) as usize;
                let receipt = &mut receipts[index];
                let part = if dice.below(2) == 0 { receipt.tenge - receipt.returned } else { 500 };
                if part > 0 && receipt.returned + part <= receipt.tenge {
                    receipt.returned += part;
                    chain.returns(receipt.id, part, now);
                }
            }
            // A run that may be cut off after any slice.
            6..=8 => {
                let slices_per_run = dice.below(5) as i64;
                chain.run_tiers(now, Bounds { members_per_slice: 1 + dice.below(3) as i64, slices_per_run });
            }
            _ => {
                chain.run_tiers(now, Bounds::STANDARD);
            }
        }
    }
    let done = chain.run_tiers(now, Bounds::STANDARD);
    assert_eq!((done.failed, done.more), (0, false), "seed {seed}: {:?}", done.failures);
    let judge = Judge { rules: &rules, receipts: &receipts, zone: &zone };
    for (index, &member) in members.iter().enumerate() {
        let (judged, shown) = judge.judge(index, date("2026-11-01"), now);
        let stored =
            chain.rows(&format!("select tier from tier_standings where member_id = {}", member.raw()));
        let stored = stored.first().cloned().unwrap_or_else(|| "bronze".into());
        assert!(
            stored.contains(TIERS[judged]),
            "seed {seed}, member {index}: judged {stored}, not {}",
            TIERS[judged]
        );
        assert_eq!(chain.tier(member), TIERS[shown], "seed {seed}, member {index}");
    }
    // Run again: nothing is left to do, and nothing is written.
    let before =
        chain.number("select (select count(*) from tier_events) + (select count(*) from tier_judgements)");
    let again = chain.run_tiers(now, Bounds::STANDARD);
    assert_eq!(again.changed, 0, "seed {seed}");
    let after =
        chain.number("select (select count(*) from tier_events) + (select count(*) from tier_judgements)");
    assert_eq!(before, after, "seed {seed}");
}
